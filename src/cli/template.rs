//! `alertc template render`: notification templates, as `amtool template render` takes them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::disk::Disk;
use super::outcome::{Failure, Outcome};
use super::printer::Printer;
use crate::gotemplate::alertmanager::Templates;
use crate::pipeline;
use crate::source::Loader;

#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    #[command(subcommand)]
    command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    /// Expand a text with the templates of files, and Alertmanager's own, on the data of a notification
    Render(RenderArgs),
}

#[derive(Debug, Args)]
struct RenderArgs {
    /// Files of templates; may be repeated
    #[arg(long = "template.glob", value_name = "GLOB", required = true)]
    glob: Vec<String>,
    /// The text to expand
    #[arg(long = "template.text", value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// How values are escaped
    #[arg(long = "template.type", value_enum, default_value_t = Kind::Text, value_name = "TYPE")]
    kind: Kind,
    /// A notification's data as JSON, as webhooks get it; a sample without it
    #[arg(long = "template.data", value_name = "FILE")]
    data: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Text,
    Html,
}

pub(super) fn run(args: &TemplateArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let TemplateCommand::Render(args) = &args.command;
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut templates = Templates::default();
    for pattern in &args.glob {
        if let Err(message) = pipeline::add_templates(&disk, disk.cwd(), pattern, &mut templates) {
            return fails(printer, &format!("--template.glob={pattern}: {message}"));
        }
    }
    let now = jiff::Timestamp::now();
    let data = match &args.data {
        None => pipeline::sample_data(now),
        Some(path) => {
            let bytes = disk.read(&disk.absolute(path))?;
            match pipeline::template_data(&String::from_utf8_lossy(&bytes)) {
                Ok(data) => data,
                Err(message) => return fails(printer, &format!("{}: {message}", path.display())),
            }
        }
    };
    match pipeline::render_template(&templates, &args.text, &data, args.kind == Kind::Html, now) {
        Ok(text) => {
            printer.stdout(|out| out.write_all(text.as_bytes()))?;
            Ok(Outcome::Clean)
        }
        Err(error) => fails(printer, &error.message),
    }
}

/// What is wrong with a template is no wrong usage.
fn fails(printer: &Printer, message: &str) -> Result<Outcome, Failure> {
    printer.error(message);
    Ok(Outcome::Findings)
}
