//! Reports as JUnit XML, for continuous integration.

use std::io::{self, Write};

use super::Report;
use crate::diagnostic::{Diagnostic, Picture};

/// Writes reports as one `testsuites` document: a suite a file, a case a test, a failure a finding.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut dyn Write, reports: &[Report]) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, "<testsuites>")?;
    for report in reports {
        let broken: Vec<_> = report.findings.iter().filter(|d| d.is_error()).collect();
        let failures = report.tests.iter().filter(|t| !t.passed()).count();
        let (name, tests) = (escape(&report.title()), report.tests.len() + usize::from(!broken.is_empty()));
        let errors = usize::from(!broken.is_empty());
        writeln!(
            out,
            r#"  <testsuite name="{name}" tests="{tests}" failures="{failures}" errors="{errors}">"#
        )?;
        if !broken.is_empty() {
            writeln!(out, r#"    <testcase name="unknown">"#)?;
            for finding in broken {
                writeln!(out, r#"      <error message="{}"></error>"#, escape(&finding.message))?;
            }
            writeln!(out, "    </testcase>")?;
        }
        for test in &report.tests {
            let name = escape(&test.name);
            let errors: Vec<_> = test.findings.iter().filter(|d| d.is_error()).collect();
            if errors.is_empty() {
                writeln!(out, r#"    <testcase name="{name}"></testcase>"#)?;
                continue;
            }
            writeln!(out, r#"    <testcase name="{name}">"#)?;
            for finding in errors {
                let details = escape(&details(finding));
                let message = escape(&finding.message);
                writeln!(out, r#"      <failure message="{message}">{details}</failure>"#)?;
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Everything beneath the message.
fn details(finding: &Diagnostic) -> String {
    let pictures = finding.pictures.iter().map(Picture::plain);
    finding.notes.iter().cloned().chain(pictures).collect::<Vec<_>>().join("\n")
}

/// Text as XML 1.0 can hold it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\n' => out.push_str("&#xA;"),
            '\t' => out.push_str("&#x9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_can_not_hold_is_replaced() {
        assert_eq!(escape("a<b & \"c\"\u{1}\n"), "a&lt;b &amp; &#34;c&#34;\u{fffd}&#xA;");
    }
}
