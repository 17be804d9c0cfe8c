//! Alertmanager configurations and the verdicts of the real amtool.

use alertc::existing::{Kind, Options, check};
use alertc::source::FileId;
use alertc::yaml::{Node, read};

#[test]
fn every_configuration_gets_amtools_verdict_in_its_words() {
    let Some(path) = super::shared("conformance/alertmanager/configs.yml") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let root = read(FileId(0), &text)[0].root.clone().unwrap();
    let configs = root.as_mapping().and_then(|m| m.get("configs")).and_then(Node::as_sequence).unwrap();
    assert!(configs.len() >= 100);
    let options = Options { kind: Some(Kind::AlertmanagerConfig), ..Options::default() };
    let mut wrong = Vec::new();
    for config in configs {
        let field = |name: &str| config.as_mapping().and_then(|m| m.get(name)).and_then(Node::as_text);
        let id = field("id").unwrap();
        let checked = check(FileId(1), field("config").unwrap(), &options);
        let errors: Vec<&str> =
            checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.as_str()).collect();
        let accepted = field("accepted") == Some("true");
        if errors.is_empty() != accepted {
            wrong.push(format!("{id}: accepted {accepted}, but found {errors:?}"));
        }
        // Errors of decoding name Go's types, which tell nobody anything.
        let message = field("error").filter(|m| !m.is_empty() && !m.starts_with("yaml: unmarshal errors"));
        if let Some(message) = message.filter(|m| !errors.iter().any(|e| e.contains(m))) {
            wrong.push(format!("{id}: says {errors:?}, Alertmanager {message:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
