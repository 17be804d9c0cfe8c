//! `alertc metrics`: declarations of the metrics of an exposition.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::disk::{Disk, replace};
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::import::Metrics;
use crate::import::exposition;
use crate::pipeline;
use crate::project;
use crate::source::{Loader, MAX_FILE_BYTES, Sources};

/// How long a server may take to answer, and each part of its answer.
const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Args)]
pub(super) struct MetricsArgs {
    /// An exposition or an answer of /api/v1/metadata: a file, `-` for standard input, or an http:// URL
    #[arg(required = true, value_name = "FILE|URL")]
    pub(super) inputs: Vec<String>,
    /// Write the declarations to this file, or bring those in it up to date
    #[arg(long, value_name = "FILE")]
    pub(super) into: Option<PathBuf>,
}

pub(super) fn run(args: &MetricsArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut metrics = Metrics::new();
    for input in &args.inputs {
        metrics.extend(read(&disk, input)?);
    }
    let Some(into) = &args.into else {
        let text = pipeline::declarations("", &metrics).map_err(Failure::Usage)?.text;
        printer.stdout(|out| out.write_all(text.as_bytes()))?;
        return Ok(Outcome::Clean);
    };
    let path = disk.absolute(into);
    let name = disk.display_name(&path);
    let before = if path.exists() {
        let bytes = disk.read(&path)?;
        String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("`{name}` is not UTF-8")))?
    } else {
        String::new()
    };
    let refreshed =
        pipeline::declarations(&before, &metrics).map_err(|e| Failure::Usage(format!("`{name}`: {e}")))?;
    if refreshed.text != before {
        replace(&path, &refreshed.text).map_err(|e| Failure::io(&name, &e))?;
    }
    printer.status(&format!(
        "{} added, {} changed, {} as they were in {name}",
        counted(refreshed.added, "metric"),
        refreshed.changed,
        refreshed.same,
    ));
    Ok(Outcome::Clean)
}

/// The metrics of a file, of standard input or of a server.
pub(super) fn read(disk: &Disk, input: &str) -> Result<Metrics, Failure> {
    let text = if input.starts_with("http://") {
        fetch(input)?
    } else if input.starts_with("https://") {
        let advice = "alertc speaks plain http; fetch it with curl and give it as a file or `-`";
        return Err(Failure::Usage(format!("`{input}`: {advice}")));
    } else {
        let mut sources = Sources::new();
        let mut problems = Vec::new();
        let file = if inputs::is_stdin(Path::new(input)) {
            inputs::stdin(&mut sources, &mut problems)?
        } else {
            project::read_source(disk, &disk.absolute(Path::new(input)), &mut sources, &mut problems)?
        };
        let text = file.and_then(|f| sources.get(f)).map(|f| f.text().to_string());
        text.ok_or_else(|| Failure::Usage(format!("`{input}` is not UTF-8")))?
    };
    exposition::read(&text).map_err(|e| Failure::Usage(format!("`{input}`: {e}")))
}

/// What a server answers to a plain GET. HTTP/1.0, so that the body ends with the connection.
fn fetch(url: &str) -> Result<String, Failure> {
    let failed = |e: std::io::Error| Failure::io(url, &e);
    let wrong = |why: &str| Failure::Io(format!("`{url}`: {why}"));
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, p.to_string()));
    let address = if host.contains(':') { host.to_string() } else { format!("{host}:80") };
    let address = address.to_socket_addrs().map_err(failed)?.next().ok_or_else(|| wrong("no such host"))?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).map_err(failed)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
    stream.set_write_timeout(Some(TIMEOUT)).map_err(failed)?;
    let request = format!(
        "GET /{path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain, application/json\r\nUser-Agent: alertc\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(MAX_FILE_BYTES + 1).read_to_end(&mut answer).map_err(failed)?;
    if answer.len() as u64 > MAX_FILE_BYTES {
        return Err(wrong("the answer is too large"));
    }
    let answer = String::from_utf8(answer).map_err(|_| wrong("the answer is not UTF-8"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| wrong("this is no answer of HTTP"))?;
    match head.split_whitespace().nth(1) {
        Some("200") => Ok(body.to_string()),
        Some(status) => Err(wrong(&format!("the server answers {status}"))),
        None => Err(wrong("this is no answer of HTTP")),
    }
}
