//! The HTTP clients, each built at its first use: one-shot commands to an emulator never set up TLS.

use std::{path::PathBuf, sync::Arc, time::Duration};

use reqwest::{Client, NoProxy, Proxy, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use thiserror::Error;
use url::Url;

use super::error::Fault;

/// Each attempt's time to connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Each attempt's longest silence.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// What a person or an administrator sets for every program.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub proxy: Option<ProxyAddress>,
    pub no_proxy: Option<String>,
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR`: instead of the platform's certificates.
    pub ca_file: Option<PathBuf>,
    pub ca_folder: Option<PathBuf>,
}

/// A proxy's address. It can hold a password, so it's never shown whole.
#[derive(Clone)]
pub struct ProxyAddress(Url);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("the proxy address is not one that can be used: {0}")]
pub struct ProxyAddressError(&'static str);

impl ProxyAddress {
    /// Parses `http://user:password@host:port`; without a scheme it's http, as curl has it.
    pub fn parse(text: &str) -> Result<Self, ProxyAddressError> {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&with_scheme).map_err(|_| ProxyAddressError("write http://host:port"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ProxyAddressError("only http:// and https:// proxies are known"));
        }
        if url.host().is_none() {
            return Err(ProxyAddressError("it has no host"));
        }
        Ok(ProxyAddress(url))
    }
}

impl std::fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::redact::address(&self.0))
    }
}

/// For http on loopback: no proxy, no certificates read.
pub fn plain() -> Result<Client, Fault> {
    // reqwest builds a TLS set-up in any case; an empty one costs nothing, and refuses every server.
    let tls = tls_builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let loopback = [([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()];
    // `localhost` is this machine without asking DNS (RFC 6761 section 6.3).
    let builder = base(tls).no_proxy().http1_only().resolve_to_addrs("localhost", &loopback);
    builder.build().map_err(|error| Fault::Setup(error.to_string()))
}

/// For https: the platform's verifier, or the certificates that the environment names; and the proxy.
pub fn secure(config: &Config) -> Result<Client, Fault> {
    let builder = tls_builder()?;
    let mut tls = if config.ca_file.is_some() || config.ca_folder.is_some() {
        builder.with_root_certificates(named_roots(config)?).with_no_client_auth()
    } else {
        let verifier = rustls_platform_verifier::Verifier::new(provider())
            .map_err(|error| Fault::Setup(format!("the platform's certificates: {error}")))?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    };
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut client = base(tls).https_only(true).no_proxy();
    if let Some(ProxyAddress(url)) = &config.proxy {
        let exceptions = config.no_proxy.as_deref().and_then(NoProxy::from_string);
        let proxy = Proxy::https(url.as_str()).map_err(|_| Fault::Setup("the proxy's address".to_owned()))?;
        client = client.proxy(proxy.no_proxy(exceptions));
    }
    client.build().map_err(|error| Fault::Setup(error.to_string()))
}

fn base(tls: ClientConfig) -> reqwest::ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        // No redirect is followed: a token would go along with it.
        .redirect(redirect::Policy::none())
        // Retries are ours alone: they have to know whether the server may have acted.
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(SILENCE_TIMEOUT)
        .user_agent(concat!("chatauth/", env!("CARGO_PKG_VERSION")))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn tls_builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Fault> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Setup(error.to_string()))
}

/// What is named has to be there: nothing falls back on other certificates in silence.
fn named_roots(config: &Config) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    let sources = [
        ("SSL_CERT_FILE", config.ca_file.as_deref(), None),
        ("SSL_CERT_DIR", None, config.ca_folder.as_deref()),
    ];
    for (name, file, folder) in sources {
        let Some(path) = file.or(folder) else { continue };
        let loaded = rustls_native_certs::load_certs_from_paths(file, folder);
        let (added, _) = roots.add_parsable_certificates(loaded.certs);
        if added == 0 {
            let why =
                loaded.errors.first().map_or_else(|| "no certificate in it".to_owned(), ToString::to_string);
            return Err(Fault::Setup(format!("no certificates from {name}={}: {why}", path.display())));
        }
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::ProxyAddress;

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        let proxy = ProxyAddress::parse("sam:hunter2@proxy.example:3128").unwrap();
        assert_eq!(format!("{proxy:?}"), "http://proxy.example:3128/");
        assert!(ProxyAddress::parse("socks5://proxy.example").is_err());
        assert!(ProxyAddress::parse("http://").is_err());
    }
}
