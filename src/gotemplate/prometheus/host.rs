//! Hosts, ports and links (`stripPort`, `stripDomain`, `pathPrefix`).

use std::net::IpAddr;

/// Go's `net.SplitHostPort`; nothing where it gives an error.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let colon = text.rfind(':')?;
    let port = &text[colon + 1..];
    if let Some(inside) = text.strip_prefix('[') {
        let (host, after) = inside.split_once(']')?;
        let plain =
            after.strip_prefix(':') == Some(port) && !host.contains('[') && !port.contains(['[', ']']);
        return plain.then_some((host, port));
    }
    let host = &text[..colon];
    (!host.contains([':', '[', ']']) && !port.contains(['[', ']'])).then_some((host, port))
}

/// The host alone; what is no `host:port` comes back as it is.
pub fn strip_port(text: &str) -> &str {
    split_host_port(text).map_or(text, |(host, _)| host)
}

/// The first part of the host's name, with its port; addresses stay whole.
pub fn strip_domain(text: &str) -> String {
    let (host, port) = split_host_port(text).unwrap_or((text, ""));
    if host.parse::<IpAddr>().is_ok() {
        return text.to_string();
    }
    let name = host.split('.').next().unwrap_or(host);
    match port {
        "" => name.to_string(),
        port if name.contains(':') => format!("[{name}]:{port}"),
        port => format!("{name}:{port}"),
    }
}

/// The path of a URL.
pub fn path_of(url: &str) -> &str {
    let after_host = match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]),
        None => url,
    };
    after_host.split(['?', '#']).next().unwrap_or("")
}
