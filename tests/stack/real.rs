//! The real Prometheus and Alertmanager on loopback: started for one play, ended with it whatever happens.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alertc::gostd::strconv::{format_value, quote};
use alertc::promql::labels::Labels;
use alertc::promql::series_notation::parse_series;
use alertc::source::FileId;
use alertc::yaml::write;
use serde_json::Value;

use super::expected::{RESEND_DELAY, sample};
use super::http::{Server, is_ok};
use super::{FACTOR, Message, Millis, Play};

/// How long a program may take to start.
const START: Duration = Duration::from_secs(20);

/// The two programs.
pub struct Programs {
    prometheus: PathBuf,
    alertmanager: PathBuf,
}

impl Programs {
    /// Those that PROMETHEUS and ALERTMANAGER name, or the first in the PATH.
    pub fn find() -> Option<Programs> {
        let find = |variable: &str, names: &[&str]| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
            let named = std::env::var_os(variable).map(PathBuf::from);
            let in_path = names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
            named.into_iter().chain(in_path).find(|path| path.is_file())
        };
        Some(Programs {
            prometheus: find("PROMETHEUS", &["prometheus"])?,
            alertmanager: find("ALERTMANAGER", &["alertmanager", "prometheus-alertmanager"])?,
        })
    }
}

/// A directory that goes away.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let dir = std::env::temp_dir().join(format!("alertc-stack-{}-{number}-{name}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that ends with its owner.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn start(program: &Path, dir: &Path, args: &[String]) -> Running {
        let name = program.file_name().unwrap().to_string_lossy().into_owned();
        let log = dir.join(format!("{name}.log"));
        let file = fs::File::create(&log).unwrap();
        let child = Command::new(program)
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Running { child, log }
    }

    fn wait_until_ready(&mut self, port: u16) {
        let deadline = Instant::now() + START;
        while !is_ok(port, "GET", "/-/ready") {
            let ended = self.child.try_wait().unwrap();
            let late = Instant::now() > deadline;
            if ended.is_some() || late {
                panic!("{}: {}", self.log.display(), fs::read_to_string(&self.log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the webhooks are told until so many milliseconds after the first scrape.
pub fn told(programs: &Programs, play: &Play, until: Millis) -> Vec<Message> {
    let dir = Scratch::new("run");
    let first_scrape: Arc<Mutex<Option<Instant>>> = Arc::default();
    let told: Arc<Mutex<Vec<Message>>> = Arc::default();

    let (started, messages) = (first_scrape.clone(), told.clone());
    let webhook = Server::start(move |path, body| {
        let at = started.lock().unwrap().map_or(0, |first| first.elapsed().as_millis() as Millis);
        messages.lock().unwrap().extend(message(path, body, at));
        String::new()
    });
    let (scraped, mut slot, series) = (first_scrape.clone(), 0, series(play));
    let exporter = Server::start(move |_, _| {
        scraped.lock().unwrap().get_or_insert_with(Instant::now);
        slot += 1;
        let line = |(name, samples): &(String, Vec<Option<f64>>)| {
            sample(samples, slot - 1).map(|value| format!("{name} {}\n", format_value(value)))
        };
        series.iter().filter_map(line).collect()
    });

    let alertmanager_port = free_port();
    let config = write::to_string(&play.config).unwrap();
    let config = config.replace("http://127.0.0.1:1/", &format!("http://127.0.0.1:{}/", webhook.port));
    fs::write(dir.0.join("alertmanager.yml"), config).unwrap();
    let args = [
        "--config.file=alertmanager.yml".to_string(),
        "--storage.path=alertmanager".to_string(),
        "--cluster.listen-address=".to_string(),
        "--log.level=error".to_string(),
        format!("--web.listen-address=127.0.0.1:{alertmanager_port}"),
    ];
    let mut alertmanager = Running::start(&programs.alertmanager, &dir.0, &args);
    alertmanager.wait_until_ready(alertmanager_port);

    for (number, file) in play.rules.iter().enumerate() {
        fs::write(dir.0.join(format!("rules-{number}.yml")), write::to_string(file).unwrap()).unwrap();
    }
    let configure = |rules: usize| {
        let config = prometheus_config(play, exporter.port, alertmanager_port, rules);
        fs::write(dir.0.join("prometheus.yml"), serde_json::to_string_pretty(&config).unwrap()).unwrap();
    };
    configure(0);
    let prometheus_port = free_port();
    let args = [
        "--config.file=prometheus.yml".to_string(),
        "--storage.tsdb.path=prometheus".to_string(),
        "--log.level=error".to_string(),
        "--web.enable-lifecycle".to_string(),
        format!("--rules.alert.resend-delay={RESEND_DELAY}ms"),
        format!("--query.lookback-delta={}ms", 300_000 / FACTOR),
        format!("--web.listen-address=127.0.0.1:{prometheus_port}"),
    ];
    let mut prometheus = Running::start(&programs.prometheus, &dir.0, &args);
    prometheus.wait_until_ready(prometheus_port);

    let deadline = Instant::now() + START;
    let first = loop {
        if let Some(first) = *first_scrape.lock().unwrap() {
            break first;
        }
        assert!(Instant::now() < deadline, "prometheus does not scrape");
        std::thread::sleep(Duration::from_millis(20));
    };
    // It begins to scrape seconds after it has started; rules would see nothing until then.
    configure(play.rules.len());
    assert!(is_ok(prometheus_port, "POST", "/-/reload"), "prometheus does not take the rules");
    let end = first + Duration::from_millis(until.unsigned_abs());
    std::thread::sleep(end.saturating_duration_since(Instant::now()));
    drop((prometheus, alertmanager, exporter, webhook));
    let told = told.lock().unwrap();
    told.clone()
}

fn prometheus_config(play: &Play, exporter: u16, alertmanager: u16, rules: usize) -> Value {
    let rules: Vec<String> = (0..rules).map(|i| format!("rules-{i}.yml")).collect();
    let interval = format!("{}ms", play.interval);
    serde_json::json!({
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,
            "evaluation_interval": "1s",
            "external_labels": play.external_labels,
        },
        "rule_files": rules,
        "alerting": {"alertmanagers": [
            {"static_configs": [{"targets": [format!("127.0.0.1:{alertmanager}")]}]},
        ]},
        // What is played has the labels that the test gives it, no more.
        "scrape_configs": [{
            "job_name": "play",
            "honor_labels": true,
            "static_configs": [{"targets": [format!("127.0.0.1:{exporter}")]}],
        }],
    })
}

/// The series as they are exposed: an empty label keeps Prometheus from adding the target's.
fn series(play: &Play) -> Vec<(String, Vec<Option<f64>>)> {
    let exposed = play.series.iter().map(|(text, samples)| {
        let (labels, _, _) = parse_series(text, FileId::NONE, 0);
        let labels = Labels::new(labels);
        let mut pairs: Vec<String> = labels
            .iter()
            .filter(|(name, _)| *name != "__name__")
            .map(|(name, value)| format!("{name}={}", quote(value)))
            .collect();
        let lacking = ["instance", "job"].into_iter().filter(|name| !labels.has(name));
        pairs.extend(lacking.map(|name| format!("{name}=\"\"")));
        (format!("{}{{{}}}", labels.metric_name(), pairs.join(",")), samples.clone())
    });
    exposed.collect()
}

/// A webhook's message; nothing for repetitions.
fn message(path: &str, body: &str, at: Millis) -> Option<Message> {
    let body: Value = serde_json::from_str(body).unwrap();
    if body["notification_reason"] == "repeat interval elapsed" {
        return None;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let map = |value: &Value| -> BTreeMap<String, String> {
        value.as_object().into_iter().flatten().map(|(n, v)| (n.clone(), text(v))).collect()
    };
    let alert = |a: &Value| (map(&a["labels"]), text(&a["status"]), map(&a["annotations"]));
    let mut alerts: Vec<_> = body["alerts"].as_array().into_iter().flatten().map(alert).collect();
    alerts.sort();
    let mut numbers = path.split('/').filter_map(|part| part.parse::<usize>().ok());
    Some(Message {
        endpoint: (numbers.next()?, numbers.next()?),
        group_key: text(&body["groupKey"]),
        at,
        status: text(&body["status"]),
        alerts,
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
