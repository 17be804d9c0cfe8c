//! The messages of the real Alertmanager, sent to a server of our own on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use alertc::alertmanager::message::Message;
use alertc::alertmanager::simulation::Status;
use serde_json::Value;

use super::{URL, alerts, config, messages, text};

/// The longest wait for a message.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was posted: the first part of the path, and the body.
type Posted = (String, String);

/// A server of HTTP that takes everything and answers as the services do.
fn serve(listener: TcpListener, out: Sender<Posted>) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let out = out.clone();
            std::thread::spawn(move || answer(stream, &out));
        }
    });
}

fn answer(stream: TcpStream, out: &Sender<Posted>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let path = line.split(' ').nth(1)?.to_string();
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let header = header.trim().to_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(given) = header.strip_prefix("content-length:") {
                length = given.trim().parse().ok()?;
            }
            chunked |= header == "transfer-encoding: chunked";
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                let mut size = String::new();
                reader.read_line(&mut size).ok()?;
                let size = usize::from_str_radix(size.trim(), 16).ok()?;
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk).ok()?;
                if size == 0 {
                    break;
                }
                body.extend(&chunk[..size]);
            }
        } else {
            body.resize(length, 0);
            reader.read_exact(&mut body).ok()?;
        }
        let (kind, reply) = match path.as_str() {
            p if p.starts_with("/wechat/gettoken") => ("application/json", r#"{"access_token":"t"}"#),
            p if p.starts_with("/wechat") => ("application/json", r#"{"errcode":0}"#),
            p if p.starts_with("/bot") => {
                ("application/json", r#"{"ok":true,"result":{"message_id":1,"chat":{"id":1}}}"#)
            }
            p if p.starts_with("/rocketchat") => ("application/json", r#"{"success":true}"#),
            p if p.starts_with("/jira") && p.contains("search") => ("application/json", r#"{"issues":[]}"#),
            p if p.starts_with("/jira") => ("application/json", r#"{"key":"OPS-1"}"#),
            p if p.starts_with("/sns") => (
                "text/xml",
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
            ),
            _ => ("text/plain", "ok"),
        };
        let length = reply.len();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{reply}")
            .ok()?;
        let name = path.trim_start_matches('/').split(['/', '?']).next()?.to_string();
        let name = if name.starts_with("bot") { "telegram".to_string() } else { name };
        if !path.contains("search") && !path.contains("gettoken") {
            out.send((name, String::from_utf8_lossy(&body).into_owned())).ok()?;
        }
    }
}

/// A mail server that takes everything.
fn serve_mail(listener: TcpListener, out: Sender<Posted>) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut mail = || -> Option<String> {
                let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
                stream.write_all(b"220 here\r\n").ok()?;
                let mut mail = String::new();
                loop {
                    let line = lines.next()?.ok()?;
                    let reply: &[u8] = match line.get(..4)? {
                        "DATA" => b"354 go on\r\n",
                        "QUIT" => return Some(mail),
                        _ => b"250 ok\r\n",
                    };
                    stream.write_all(reply).ok()?;
                    if line.starts_with("DATA") {
                        loop {
                            let line = lines.next()?.ok()?;
                            if line == "." {
                                break;
                            }
                            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                            mail.push_str("\r\n");
                        }
                        stream.write_all(b"250 ok\r\n").ok()?;
                    }
                }
            };
            if let Some(mail) = mail() {
                let _ = out.send(("email".to_string(), mail));
            }
        }
    });
}

/// Ends Alertmanager with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn post_alerts(port: u16, start: i64, status: Status) -> Option<()> {
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let alerts: Vec<Value> = alerts(start, status)
        .iter()
        .map(|alert| {
            let mut one = serde_json::json!({
                "labels": *alert.labels,
                "annotations": *alert.annotations,
                "startsAt": time(alert.starts_at),
                "generatorURL": alert.generator_url,
            });
            // Far ahead, so that it does not end by itself.
            let end = alert.ends_at.map_or("2099-01-01T00:00:00Z".to_string(), time);
            one["endsAt"] = Value::from(end);
            one
        })
        .collect();
    let body = Value::from(alerts).to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let length = body.len();
    write!(
        stream,
        "POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    reply.starts_with("HTTP/1.1 200").then_some(())
}

/// Waits for a message of every service.
fn collect(posted: &Receiver<Posted>, services: usize) -> BTreeMap<String, String> {
    let end = Instant::now() + PATIENCE;
    let mut found = BTreeMap::new();
    while found.len() < services {
        match posted.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok((name, body)) => found.insert(name, body),
            Err(_) => break,
        };
    }
    found
}

/// Where a field stands in what a service is posted, by the service and the field; the rest is found by its own name.
const PLACES: &[(&str, &str, &str)] = &[
    ("slack", "channel", "/channel"),
    ("slack", "username", "/username"),
    ("slack", "icon_emoji", "/icon_emoji"),
    ("slack", "icon_url", "/icon_url"),
    ("slack", "message_text", "/text"),
    ("slack", "*", "/attachments/0/*"),
    ("pagerduty", "description", "/payload/summary"),
    ("pagerduty", "details*", "/payload/custom_details*"),
    ("pagerduty", "severity", "/payload/severity"),
    ("pagerduty", "source", "/payload/source"),
    ("pagerduty", "class", "/payload/class"),
    ("pagerduty", "component", "/payload/component"),
    ("pagerduty", "group", "/payload/group"),
    ("victorops", "custom_fields*", "*"),
    ("telegram", "message", "/text"),
    ("discord", "title", "/embeds/0/title"),
    ("discord", "message", "/embeds/0/description"),
    ("discord", "color", "/embeds/0/color"),
    ("msteams", "color", "/themeColor"),
    ("msteamsv2", "title", "/attachments/0/content/body/0/text"),
    ("msteamsv2", "color", "/attachments/0/content/body/0/color"),
    ("msteamsv2", "text", "/attachments/0/content/body/1/text"),
    ("jira", "project", "/fields/project/key"),
    ("jira", "issue_type", "/fields/issuetype/name"),
    ("jira", "priority", "/fields/priority/name"),
    ("jira", "*", "/fields/*"),
    ("rocketchat", "channel", "/channel"),
    ("rocketchat", "emoji", "/emoji"),
    ("rocketchat", "icon_url", "/avatar"),
    ("rocketchat", "*", "/attachments/0/*"),
    ("webex", "message", "/markdown"),
    ("webex", "room_id", "/roomId"),
    ("wechat", "message", "/text/content"),
    ("wechat", "to_user", "/touser"),
    ("wechat", "to_party", "/toparty"),
    ("wechat", "to_tag", "/totag"),
    ("wechat", "agent_id", "/agentid"),
    ("wechat", "message_type", "/msgtype"),
    ("mattermost", "channel", "/channel"),
    ("mattermost", "username", "/username"),
    ("mattermost", "icon_url", "/icon_url"),
    ("mattermost", "icon_emoji", "/icon_emoji"),
    ("mattermost", "type", "/type"),
    ("mattermost", "priority*", "/priority*"),
    ("mattermost", "*", "/attachments/0/*"),
];

fn place(service: &str, field: &str) -> String {
    let path = field.replace(['.', '['], "/").replace(']', "");
    for (_, name, place) in PLACES.iter().filter(|(s, ..)| *s == service) {
        match name.strip_suffix('*') {
            Some(prefix) if path.starts_with(prefix) => return place.replace('*', &path[prefix.len()..]),
            None if *name == field => return (*place).to_string(),
            _ => {}
        }
    }
    format!("/{path}")
}

/// What of a message differs from what was posted.
fn differences(service: &str, message: &Message, posted: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |field: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            wrong.push(format!("{service} {field}\n    ours   {ours:?}\n    theirs {theirs:?}"));
        }
    };
    if let Some(body) =
        message.field("body").filter(|_| matches!(service, "webhook" | "payload" | "incidentio"))
    {
        check("body", body, posted);
        return wrong;
    }
    if service == "email" {
        for (field, ours) in message.fields() {
            let theirs = match field.strip_prefix("headers.") {
                Some(name) => {
                    let line = posted.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")));
                    line.unwrap_or("").to_string()
                }
                None if field == "text" => part(posted, "text/plain"),
                None if field == "html" => part(posted, "text/html"),
                None => continue,
            };
            check(field, ours, &theirs);
        }
        return wrong;
    }
    if service == "sns" {
        let form: BTreeMap<String, String> = posted
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (n.to_string(), alertc::gostd::url::query_unescape(v).unwrap()))
            .collect();
        for (field, name) in [("subject", "Subject"), ("message", "Message"), ("topic_arn", "TopicArn")] {
            check(field, message.field(field).unwrap(), form.get(name).map_or("", String::as_str));
        }
        return wrong;
    }
    let posted: Value = serde_json::from_str(posted).unwrap_or_else(|e| panic!("{service}: {e}: {posted}"));
    for (field, ours) in message.fields() {
        let theirs = match posted.pointer(&place(service, field)) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) if matches!(field, "labels" | "tags") => {
                let separator = if field == "tags" { "," } else { ", " };
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(separator)
            }
            Some(other) => other.to_string(),
        };
        // A JSON text among PagerDuty's details is sent as what it says.
        let same = |a: &str, b: &str| {
            let value = |t: &str| serde_json::from_str::<Value>(t).ok();
            let sorted = |t: &str| value(t).map(|v| v.to_string().len());
            a == b || field.starts_with("details.") && sorted(a).is_some() && sorted(a) == sorted(b)
        };
        // What stands in the request's path.
        let elsewhere = ["action", "alias", "routing_key"].contains(&field);
        if !same(ours, &theirs) && !elsewhere {
            check(field, ours, &theirs);
        }
    }
    wrong
}

/// A part of a mail, its quoted-printable taken off.
fn part(mail: &str, kind: &str) -> String {
    let Some((_, part)) = mail.split_once(&format!("Content-Type: {kind}")) else { return String::new() };
    let body = part.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = body.split("\r\n--").next().unwrap_or("").replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let hex: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.extend(u8::from_str_radix(&String::from_utf8_lossy(&hex), 16));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
}

#[test]
#[ignore = "starts the real Alertmanager: .ci/run does it"]
fn the_real_alertmanager_sends_the_same_messages() {
    let Some(binary) = std::env::var_os("ALERTMANAGER") else { panic!("ALERTMANAGER names no binary") };
    let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (http, mail) = (listener(), listener());
    let (port, mail_port) = (http.local_addr().unwrap().port(), mail.local_addr().unwrap().port());
    let own_port = listener().local_addr().unwrap().port();
    let (out, posted) = channel();
    serve(http, out.clone());
    serve_mail(mail, out);

    // Pushover's address can't be set.
    let mut given: Vec<String> = text().lines().map(str::to_string).collect();
    let pushover = given.iter().position(|l| l.contains("pushover_configs")).unwrap();
    given.drain(pushover..pushover + 2);
    let given = given.join("\n").replace("PORT", &port.to_string()).replace("MAIL", &mail_port.to_string());
    let dir = std::env::temp_dir().join(format!("alertc-messages-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("alertmanager.yml"), &given).unwrap();
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let child = Command::new(binary)
        .arg(format!("--config.file={}", dir.join("alertmanager.yml").display()))
        .arg(format!("--storage.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{own_port}"))
        .arg(format!("--web.external-url={URL}"))
        .args(["--cluster.listen-address=", "--web.route-prefix=/"])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let running = Running(child);
    // Alerts that began longer ago than the group waits would not wait for each other.
    let start = jiff::Timestamp::now().as_millisecond();
    let end = Instant::now() + PATIENCE;
    while post_alerts(own_port, start, Status::Firing).is_none() {
        assert!(Instant::now() < end, "Alertmanager does not answer");
        std::thread::yield_now();
    }

    let config = config(&given);
    let mut wrong = Vec::new();
    for (status, reason) in
        [(Status::Firing, "first notification"), (Status::Resolved, "all alerts resolved")]
    {
        if status == Status::Resolved {
            post_alerts(own_port, start, status).unwrap();
        }
        let ours = messages(&config, start, status, reason);
        let sent = |name: &str| !(name == "jira[0]" && status == Status::Resolved);
        let services = ours.iter().filter(|(name, _)| sent(name)).count();
        let theirs = collect(&posted, services);
        for (name, message) in ours.iter().filter(|(name, _)| sent(name)) {
            let service = match name.as_str() {
                "webhook[1]" => "payload",
                name => name.split('[').next().unwrap(),
            };
            match theirs.get(service) {
                Some(posted) => wrong.extend(differences(service, message, posted)),
                None => wrong.push(format!("{service}: nothing was sent")),
            }
        }
    }
    drop(running);
    let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
    let _ = std::fs::remove_dir_all(&dir);
    let log: Vec<&str> = log.lines().filter(|l| l.contains("err")).collect();
    assert!(wrong.is_empty(), "{}\n\n{}", wrong.join("\n"), log.join("\n"));
}
