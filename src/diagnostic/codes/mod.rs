//! The registry: every code is declared once, here, in the file of its area.
//!
//! A code is a kebab-case name that reads as the thing it finds. It is never reused for something else.
//! Its page is `docs/codes/<name>.md`, which `alertc explain <name>` prints.

use super::Severity;

pub mod alertmanager;
pub mod alerts;
pub mod analysis;
pub mod import;
pub mod names;
pub mod promql;
pub mod project;
pub mod routing;
pub mod rules;
pub mod slo;
pub mod syntax;
pub mod templates;
pub mod tester;
pub mod types;
pub mod yaml;

/// What is known of a code.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// The kebab-case name.
    pub name: &'static str,
    /// The severity unless the project says otherwise.
    pub severity: Severity,
    /// One line.
    pub summary: &'static str,
    /// The page that `alertc explain` prints, in Markdown.
    pub page: &'static str,
}

/// A code is a reference to its one declaration.
pub type Code = &'static CodeInfo;

/// Declares the codes of one area and the list `ALL` of them.
macro_rules! codes {
    ($($ident:ident = $name:literal, $severity:ident, $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $ident: $crate::diagnostic::CodeInfo = $crate::diagnostic::CodeInfo {
                name: $name,
                severity: $crate::diagnostic::Severity::$severity,
                summary: $summary,
                page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes/", $name, ".md")),
            };
        )*
        /// Every code of this area.
        pub static ALL: &[$crate::diagnostic::Code] = &[$(&$ident),*];
    };
}
use codes;

/// Every code, area by area.
pub fn all() -> impl Iterator<Item = Code> {
    [
        syntax::ALL,
        promql::ALL,
        yaml::ALL,
        project::ALL,
        names::ALL,
        types::ALL,
        templates::ALL,
        alerts::ALL,
        rules::ALL,
        slo::ALL,
        analysis::ALL,
        routing::ALL,
        alertmanager::ALL,
        tester::ALL,
        import::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The code of that name.
pub fn find(name: &str) -> Option<Code> {
    all().find(|c| c.name == name)
}

/// True for an error about what Prometheus and Alertmanager accept: alertc judges what was meant. A project may
/// make warnings of such errors; those about what can't be read or would be refused stay errors.
pub fn is_judgement(code: Code) -> bool {
    let further = [&templates::UNKNOWN_LABEL, &alerts::RELATIVE_LINK, &alerts::LEVEL_ORDER];
    code.severity == Severity::Error
        && types::ALL.iter().copied().chain(further).any(|known| known.name == code.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_pages_tell_the_story() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.name), "{} is declared twice", code.name);
            assert!(code.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(code.page.starts_with(&format!("# {}\n", code.name)), "the page of {}", code.name);
            assert!(code.page.contains("```"), "the page of {} has no example", code.name);
        }
    }
}
