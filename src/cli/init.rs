//! `alertc init`: a project that builds at once.

use std::fs;
use std::io::Write;

use super::args::InitArgs;
use super::disk::Disk;
use super::outcome::{Failure, Outcome};
use super::printer::Printer;
use crate::project::{CONFIG_FILE, dns_name};
use crate::source::Loader;

const CONFIG: &str = include_str!("../../templates/init/alertc.toml");
const ALERTS: &str = include_str!("../../templates/init/alerts.alert");

pub(super) fn run(args: &InitArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let dir = disk.absolute(&args.directory);
    let given = args.name.clone().or_else(|| dir.file_name().map(|n| n.to_string_lossy().into_owned()));
    let name = dns_name(&given.unwrap_or_default());
    let name = if name.is_empty() { "alerts".to_string() } else { name };
    let files = [(dir.join(CONFIG_FILE), CONFIG), (dir.join(format!("{name}.alert")), ALERTS)];
    for (path, _) in &files {
        if path.exists() {
            return Err(Failure::Usage(format!("`{}` is already there", disk.display_name(path))));
        }
    }
    fs::create_dir_all(&dir).map_err(|e| Failure::io(disk.display_name(&dir), &e))?;
    for (path, text) in &files {
        let name_in_messages = disk.display_name(path);
        let mut file = fs::File::create_new(path).map_err(|e| Failure::io(&name_in_messages, &e))?;
        file.write_all(text.replace("PROJECT", &name).as_bytes())
            .map_err(|e| Failure::io(&name_in_messages, &e))?;
        printer.status(&format!("wrote {name_in_messages}"));
    }
    printer.status("now run `alertc build` and `alertc test`");
    Ok(Outcome::Clean)
}
