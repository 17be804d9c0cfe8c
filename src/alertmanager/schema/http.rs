//! HTTP clients: authentication, TLS, proxies (prometheus/common config/http_config.go).

use super::{Field, Kind};

const PROXY_CONNECT_HEADER: Field =
    Field::new("proxy_connect_header", Kind::SecretListMap, "headers sent to the proxy on CONNECT");

/// `tls_config`
pub static TLS_CONFIG: &[Field] = &[
    Field::new("ca", Kind::Text, "the CA certificate"),
    Field::new("cert", Kind::Text, "the client certificate"),
    Field::new("key", Kind::Secret, "the client's private key"),
    Field::new("ca_file", Kind::File, "a file with the CA certificate"),
    Field::new("cert_file", Kind::File, "a file with the client certificate"),
    Field::new("key_file", Kind::File, "a file with the client's private key"),
    Field::new("ca_ref", Kind::Text, "a secret manager's name for the CA certificate"),
    Field::new("cert_ref", Kind::Text, "a secret manager's name for the client certificate"),
    Field::new("key_ref", Kind::Text, "a secret manager's name for the private key"),
    Field::new("server_name", Kind::Text, "the name that the server's certificate must bear"),
    Field::new("insecure_skip_verify", Kind::Bool, "accept any certificate").or("false"),
    Field::new("min_version", Kind::OneOf(TLS_VERSIONS), "the lowest TLS version"),
    Field::new("max_version", Kind::OneOf(TLS_VERSIONS), "the highest TLS version"),
];

const TLS_VERSIONS: &[&str] = &["TLS10", "TLS11", "TLS12", "TLS13"];

static BASIC_AUTH: &[Field] = &[
    Field::new("username", Kind::Text, "the user"),
    Field::new("username_file", Kind::File, "a file with the user"),
    Field::new("username_ref", Kind::Text, "a secret manager's name for the user"),
    Field::new("password", Kind::Secret, "the password"),
    Field::new("password_file", Kind::File, "a file with the password"),
    Field::new("password_ref", Kind::Text, "a secret manager's name for the password"),
];

static AUTHORIZATION: &[Field] = &[
    Field::new("type", Kind::Text, "the scheme").or("Bearer"),
    Field::new("credentials", Kind::Secret, "the token"),
    Field::new("credentials_file", Kind::File, "a file with the token"),
    Field::new("credentials_ref", Kind::Text, "a secret manager's name for the token"),
];

static OAUTH2: &[Field] = &[
    Field::new("client_id", Kind::Text, "the client's id"),
    Field::new("client_secret", Kind::Secret, "the client's secret"),
    Field::new("client_secret_file", Kind::File, "a file with the client's secret"),
    Field::new("client_secret_ref", Kind::Text, "a secret manager's name for the client's secret"),
    Field::new("client_certificate_key_id", Kind::Text, "the id of the key that signs the JWT"),
    Field::new("client_certificate_key", Kind::Secret, "the private key that signs the JWT"),
    Field::new("client_certificate_key_file", Kind::File, "a file with the private key that signs the JWT"),
    Field::new("client_certificate_key_ref", Kind::Text, "a secret manager's name for the private key"),
    Field::new("grant_type", Kind::Text, "the grant").or("client_credentials"),
    Field::new("signature_algorithm", Kind::Text, "how the JWT is signed"),
    Field::new("iss", Kind::Text, "the JWT's issuer"),
    Field::new("audience", Kind::Text, "the JWT's audience"),
    Field::new("claims", Kind::AnyMap, "further claims of the JWT"),
    Field::new("scopes", Kind::TextList, "the scopes asked for"),
    Field::new("token_url", Kind::Text, "where the token is fetched"),
    Field::new("endpoint_params", Kind::TextMap, "further parameters of the request for the token"),
    Field::new("tls_config", Kind::Block(TLS_CONFIG), "TLS towards the token's server"),
    Field::new("proxy_url", Kind::Text, "the proxy"),
    Field::new("no_proxy", Kind::Text, "hosts reached without the proxy"),
    Field::new("proxy_from_environment", Kind::Bool, "take the proxy from the environment").or("false"),
    PROXY_CONNECT_HEADER,
];

static HEADER: &[Field] = &[
    Field::new("values", Kind::TextList, "values"),
    Field::new("secrets", Kind::SecretList, "values that are secret"),
    Field::new("files", Kind::TextList, "files with values"),
];

/// `http_config`
pub static HTTP_CONFIG: &[Field] = &[
    Field::new("basic_auth", Kind::Block(BASIC_AUTH), "user and password"),
    Field::new("authorization", Kind::Block(AUTHORIZATION), "the Authorization header"),
    Field::new("oauth2", Kind::Block(OAUTH2), "OAuth 2.0 client credentials"),
    Field::new("bearer_token", Kind::Secret, "deprecated: use authorization"),
    Field::new("bearer_token_file", Kind::File, "deprecated: use authorization"),
    Field::new("tls_config", Kind::Block(TLS_CONFIG), "TLS"),
    Field::new("follow_redirects", Kind::Bool, "follow redirects").or("true"),
    Field::new("enable_http2", Kind::Bool, "speak HTTP/2").or("true"),
    Field::new("proxy_url", Kind::Text, "the proxy"),
    Field::new("no_proxy", Kind::Text, "hosts reached without the proxy"),
    Field::new("proxy_from_environment", Kind::Bool, "take the proxy from the environment").or("false"),
    PROXY_CONNECT_HEADER,
    Field::new("http_headers", Kind::BlockMap(HEADER), "further headers"),
];
