//! What must hold between the fields of blocks that occur in many places: HTTP clients, TLS, fields of messages.

use super::settings::Block;
use crate::alertmanager::config::{Setting, Settings};
use crate::alertmanager::schema::{Field, field};
use crate::yaml::Decoder;

/// Checks a block by its shape: by the fields that its schema has.
pub(super) fn check(fields: &'static [Field], block: &Block<'_>, service: &str, decoder: &mut Decoder) {
    let has = |name: &str| field(fields, name).is_some();
    if has("follow_redirects") {
        http(block, decoder);
    } else if has("insecure_skip_verify") {
        tls(block, decoder);
    } else if has("role_arn") {
        if block.given("access_key") != block.given("secret_key") {
            let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
            block.missing(message, "", decoder);
        }
    } else if has("dismiss_text") || has("short") && fields.iter().any(|f| f.required) || has("confirm") {
        message_part(fields, block, service, decoder);
    } else if has("brokers")
        || has("sampling_fraction")
        || has("retry_backoff")
        || fields.len() == 1 && has("path")
    {
        for required in fields.iter().filter(|f| f.required && !block.given(f.name)) {
            block.missing(format!("`{}` must be set", required.name), "", decoder);
        }
    }
}

/// Fields and actions of Slack and Mattermost messages.
fn message_part(fields: &'static [Field], block: &Block<'_>, service: &str, decoder: &mut Decoder) {
    let part = if field(fields, "confirm").is_some() {
        "action"
    } else if field(fields, "dismiss_text").is_some() {
        "confirmation"
    } else {
        "field"
    };
    for required in fields.iter().filter(|f| f.required && !block.given(f.name)) {
        block.missing(format!("missing {} in {service} {part} configuration", required.name), "", decoder);
    }
    if part == "action" && !block.given("url") && !block.given("name") {
        block.missing("missing name or url in Slack action configuration", "", decoder);
    }
}

/// HTTPClientConfig Validate.
fn http(block: &Block<'_>, decoder: &mut Decoder) {
    let bearer = ["bearer_token", "bearer_token_file"].into_iter().find(|f| block.given(f));
    block.at_most_one("bearer_token", "bearer_token_file", decoder);
    let other = ["basic_auth", "oauth2"].into_iter().find(|f| block.given(f));
    if let (Some(_), Some(field)) = (other, bearer) {
        let message =
            "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
        block.conflict(field, message, decoder);
    }
    if let Some(auth) = block.settings.block("basic_auth") {
        for part in ["username", "password"] {
            if forms(auth, part) > 1 {
                let message =
                    format!("at most one of basic_auth {part}, {part}_file & {part}_ref must be configured");
                block.conflict("basic_auth", message, decoder);
            }
        }
    }
    if let Some(authorization) = block.settings.block("authorization") {
        if bearer.is_some() {
            let message = "authorization is not compatible with bearer_token & bearer_token_file";
            block.conflict("authorization", message, decoder);
        }
        if forms(authorization, "credentials") > 1 {
            let message = "at most one of authorization credentials & credentials_file must be configured";
            block.conflict("authorization", message, decoder);
        }
        if authorization.text("type").is_some_and(|t| t.trim().eq_ignore_ascii_case("basic")) {
            let message = "authorization type cannot be set to \"basic\", use \"basic_auth\" instead";
            block.conflict("authorization", message, decoder);
        }
    }
    let methods = ["basic_auth", "oauth2", "authorization"].into_iter().filter(|f| block.given(f)).count();
    if methods > 1 {
        let message = "at most one of basic_auth, oauth2 & authorization must be configured";
        block.conflict(
            if block.given("authorization") { "authorization" } else { "oauth2" },
            message,
            decoder,
        );
    }
    if let Some(oauth2) = block.settings.block("oauth2") {
        for required in ["client_id", "token_url"] {
            if oauth2.text(required).unwrap_or("").is_empty() {
                block.conflict("oauth2", format!("oauth2 {required} must be configured"), decoder);
            }
        }
        if forms(oauth2, "client_secret") > 1 {
            let message = "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured";
            block.conflict("oauth2", message, decoder);
        }
    }
    proxy(block, decoder);
    headers(block, decoder);
}

/// How many of a value's three forms are given: itself, its file, its name in a secret manager.
fn forms(settings: &Settings, name: &str) -> usize {
    let given = |field: String| super::settings::given(settings, &field);
    [name.to_string(), format!("{name}_file"), format!("{name}_ref")]
        .into_iter()
        .filter(|f| given(f.clone()))
        .count()
}

fn proxy(block: &Block<'_>, decoder: &mut Decoder) {
    let environment = block.settings.get("proxy_from_environment") == Some(&Setting::Bool(true));
    let url = block.given("proxy_url");
    if block.given("proxy_connect_header") && !url && !environment {
        let message = "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured";
        block.conflict("proxy_connect_header", message, decoder);
    }
    if environment && url {
        let message = "if proxy_from_environment is configured, proxy_url must not be configured";
        block.conflict("proxy_url", message, decoder);
    }
    if environment && block.given("no_proxy") {
        let message = "if proxy_from_environment is configured, no_proxy must not be configured";
        block.conflict("no_proxy", message, decoder);
    }
    if !environment && !url && block.given("no_proxy") {
        block.conflict("no_proxy", "if no_proxy is configured, proxy_url must also be configured", decoder);
    }
}

/// Headers that the client sets itself (prometheus/common config/headers.go).
const RESERVED_HEADERS: [&str; 18] = [
    "authorization",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-prometheus-scrape-timeout-seconds",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

fn headers(block: &Block<'_>, decoder: &mut Decoder) {
    for (name, _) in block.settings.block("http_headers").iter().flat_map(|h| h.iter()) {
        if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            block.conflict("http_headers", format!("setting header {name:?} is not allowed"), decoder);
        }
    }
}

/// TLSConfig Validate.
fn tls(block: &Block<'_>, decoder: &mut Decoder) {
    for (part, message) in [
        ("ca", "at most one of ca, ca_file & ca_ref must be configured"),
        ("cert", "at most one of cert, cert_file & cert_ref must be configured"),
        ("key", "at most one of key and key_file must be configured"),
    ] {
        if forms(block.settings, part) > 1 {
            block.conflict(part, message, decoder);
        }
    }
    let (cert, key) = (forms(block.settings, "cert") > 0, forms(block.settings, "key") > 0);
    if cert && !key {
        let message =
            "exactly one of key or key_file must be configured when a client certificate is configured";
        block.missing(message, "", decoder);
    }
    if key && !cert {
        let message = "exactly one of cert or cert_file must be configured when a client key is configured";
        block.missing(message, "", decoder);
    }
}
