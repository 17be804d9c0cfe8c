//! `alertc explain`: the page of a code, or the list of all.

use super::args::ExplainArgs;
use super::outcome::{Failure, Outcome};
use super::printer::Printer;
use crate::diagnostic::{codes, did_you_mean};

pub(super) fn run(args: &ExplainArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let Some(name) = &args.code else {
        let mut all: Vec<_> = codes::all().collect();
        all.sort_by_key(|code| code.name);
        let width = all.iter().map(|c| c.name.len()).max().unwrap_or(0);
        printer.stdout(|out| {
            for code in all {
                writeln!(out, "{:width$}  {:7}  {}", code.name, code.severity.as_str(), code.summary)?;
            }
            Ok(())
        })?;
        return Ok(Outcome::Clean);
    };
    match codes::find(name) {
        Some(code) => printer.stdout(|out| out.write_all(code.page.as_bytes()))?,
        None => {
            let near = did_you_mean(name, codes::all().map(|c| c.name));
            let help = near.unwrap_or_else(|| "`alertc explain` lists all codes".to_string());
            return Err(Failure::Usage(format!("there is no code `{name}`: {help}")));
        }
    }
    Ok(Outcome::Clean)
}
