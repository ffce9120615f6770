//! The token endpoint: code exchange and refresh (RFC 6749, RFC 7636). The only file that knows the
//! `oauth2` crate; the requests go over our own transport.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, ErrorResponse, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, StandardRevocableToken,
    StandardTokenIntrospectionResponse, TokenResponse, TokenUrl,
    basic::{BasicRevocationErrorResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};

use super::{Error, Reach, ScopeSet, TokenEndpointError, error::is_passing};
use crate::{
    secret::Secret,
    store::{self, OAuthClient},
    transport::{self, Body, Repeat, Request, Transport},
};

/// What the endpoint granted.
#[derive(Debug)]
pub struct TokenReply {
    pub access_token: store::AccessToken,
    pub refresh_token: Option<Secret>,
    pub refresh_token_expires_at: Option<Timestamp>,
    /// Absent: all that was asked for (RFC 6749 section 5.1).
    pub scopes: Option<ScopeSet>,
    pub id_token: Option<Secret>,
}

/// A PKCE pair (RFC 7636): the verifier stays here, the challenge goes to the authorization endpoint.
pub struct Pkce {
    verifier: Secret,
    pub challenge: String,
}

impl Pkce {
    pub fn new(verifier: String) -> Self {
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        Pkce { challenge: challenge.as_str().to_owned(), verifier: Secret::new(verifier) }
    }
}

/// Exchanges an authorization code. A code is good for one try, so an unknown outcome is not repeated.
pub async fn exchange_code(
    reach: Reach<'_>,
    client: &OAuthClient,
    code: &Secret,
    pkce: &Pkce,
    redirect_uri: &str,
) -> Result<TokenReply, Error> {
    let redirect =
        RedirectUrl::new(redirect_uri.to_owned()).map_err(|error| bad_answer(reach, None, error))?;
    let http = Exchange::new(reach, Repeat::Unsent);
    let reply = configured(reach, client)?
        .set_redirect_uri(redirect)
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(pkce.verifier.expose().to_owned()))
        .request_async(&http)
        .await;
    read(reach, &http, reply).map_err(|error| scrubbed(error, client, &[code, &pkce.verifier]))
}

/// Asks for a new access token. Google's refresh tokens stay the same, so a repeat does no harm.
pub async fn refresh(reach: Reach<'_>, client: &OAuthClient, token: &Secret) -> Result<TokenReply, Error> {
    let http = Exchange::new(reach, Repeat::Safe);
    let sent = RefreshToken::new(token.expose().to_owned());
    let reply = configured(reach, client)?.exchange_refresh_token(&sent).request_async(&http).await;
    read(reach, &http, reply).map_err(|error| scrubbed(error, client, &[token]))
}

/// A server's words may repeat what it was sent.
fn scrubbed(error: Error, client: &OAuthClient, sent: &[&Secret]) -> Error {
    let secrets: Vec<&Secret> = sent.iter().copied().chain(client.client_secret.as_ref()).collect();
    let scrub = |text: String| secrets.iter().fold(text, |text, secret| secret.scrub(&text));
    match error {
        Error::Refused(answer) => Error::Refused(TokenEndpointError {
            code: scrub(answer.code),
            subtype: answer.subtype.map(scrub),
            description: answer.description.map(scrub),
            ..answer
        }),
        Error::BadAnswer { host, status, problem } => {
            Error::BadAnswer { host, status, problem: scrub(problem) }
        }
        other => other,
    }
}

type Client<Token = EndpointSet> = oauth2::Client<
    WireError,
    Reply,
    StandardTokenIntrospectionResponse<NoExtra, BasicTokenType>,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

fn configured(reach: Reach<'_>, client: &OAuthClient) -> Result<Client, Error> {
    let mut configured: Client<EndpointNotSet> = oauth2::Client::new(ClientId::new(client.client_id.clone()));
    if let Some(secret) = &client.client_secret {
        configured = configured.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
    }
    // In the body, as Google's own libraries do (client_secret_post).
    let configured = configured.set_auth_type(AuthType::RequestBody);
    Ok(configured.set_token_uri(TokenUrl::from_url(reach.endpoints.token())))
}

/// A token reply (RFC 6749 section 5.1) with OpenID Connect's and Google's own fields. Lenient where Google has
/// been seen to differ: numbers as text.
#[derive(Deserialize, Serialize)]
struct Reply {
    /// Absent in what Google answers to an assertion with an unknown scope: read as empty, and refused below.
    #[serde(default = "no_token")]
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    refresh_token_expires_in: Option<Seconds>,
}

fn no_token() -> AccessToken {
    AccessToken::new(String::new())
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

impl Seconds {
    fn duration(&self) -> Option<Duration> {
        match self {
            Seconds::Number(seconds) => Some(Duration::from_secs(*seconds)),
            Seconds::Text(text) => text.parse().ok().map(Duration::from_secs),
        }
    }
}

impl TokenResponse for Reply {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.as_ref()?.duration()
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// Read from `scope` as text, where it's needed.
    fn scopes(&self) -> Option<&Vec<oauth2::Scope>> {
        None
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What introspection would add to its answer: it isn't used, but the crate's client has a type for it.
#[derive(Debug, Deserialize, Serialize)]
struct NoExtra {}

impl ExtraTokenFields for NoExtra {}

/// RFC 6749's error, with the subtype that the crate's own type drops.
#[derive(Debug, Deserialize, Serialize)]
struct WireError {
    error: String,
    #[serde(default)]
    error_subtype: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

impl ErrorResponse for WireError {}

/// Google gives some failures of its own the status of a refusal (400); its libraries look for the same words,
/// in the description too.
fn is_passing_refusal(body: &[u8]) -> bool {
    serde_json::from_slice::<WireError>(body).is_ok_and(|error| {
        is_passing(&error.error) || error.error_description.as_deref().is_some_and(is_passing)
    })
}

fn read(
    reach: Reach<'_>,
    http: &Exchange<'_>,
    reply: Result<Reply, RequestTokenError<transport::Error, WireError>>,
) -> Result<TokenReply, Error> {
    let status = http.status.load(Ordering::Relaxed);
    let now = reach.transport.clock().now();
    let reply = match reply {
        Ok(reply) => reply,
        Err(RequestTokenError::Request(error)) => return Err(Error::Transport(error)),
        Err(RequestTokenError::ServerResponse(error)) => {
            return Err(Error::Refused(TokenEndpointError {
                status,
                code: error.error,
                subtype: error.error_subtype,
                description: error.error_description,
            }));
        }
        // The body may hold a token, so only the place of the trouble is told.
        Err(RequestTokenError::Parse(error, _)) => {
            let problem = match (status, error.path().to_string().as_str()) {
                (200, ".") => "it is not a JSON object".to_owned(),
                (200, path) => format!("its field {path} is not as expected"),
                (status, _) => format!("status {status} without an OAuth error"),
            };
            return Err(bad_answer(reach, Some(status), problem));
        }
        Err(RequestTokenError::Other(problem)) => return Err(bad_answer(reach, Some(status), problem)),
    };
    if reply.access_token().secret().trim().is_empty() {
        return Err(bad_answer(reach, Some(status), "its field access_token is missing or empty"));
    }
    // Google always says how long; an hour is what it says (a 401 leads to a refresh in any case).
    let lifetime = reply.expires_in().unwrap_or(Duration::from_secs(3600));
    Ok(TokenReply {
        access_token: store::AccessToken {
            token: Secret::new(reply.access_token().secret()),
            obtained_at: now,
            expires_at: later(now, lifetime),
        },
        refresh_token: reply
            .refresh_token()
            .map(|token| Secret::new(token.secret()))
            .filter(|t| !t.expose().is_empty()),
        refresh_token_expires_at: reply
            .refresh_token_expires_in
            .as_ref()
            .and_then(Seconds::duration)
            .map(|time| later(now, time)),
        scopes: reply
            .scope
            .as_deref()
            .filter(|scope| !scope.is_empty())
            .map(|scope| ScopeSet::granted(scope.split(' '))),
        id_token: reply.id_token.map(Secret::new),
    })
}

fn later(now: Timestamp, time: Duration) -> Timestamp {
    SignedDuration::try_from(time).ok().and_then(|time| now.checked_add(time).ok()).unwrap_or(Timestamp::MAX)
}

fn bad_answer(reach: Reach<'_>, status: Option<u16>, problem: impl fmt::Display) -> Error {
    let host = reach.endpoints.token().host_str().unwrap_or_default().to_owned();
    Error::BadAnswer { host, status, problem: problem.to_string() }
}

/// Our transport in the shape that the crate asks for.
struct Exchange<'a> {
    transport: &'a Transport,
    repeat: Repeat,
    deadline: transport::Deadline,
    /// The crate drops the status of an answer that it can't read.
    status: AtomicU16,
}

impl<'a> Exchange<'a> {
    fn new(reach: Reach<'a>, repeat: Repeat) -> Self {
        Exchange { transport: reach.transport, repeat, deadline: reach.deadline, status: AtomicU16::new(0) }
    }

    async fn send(&self, request: HttpRequest, url: url::Url) -> Result<HttpResponse, transport::Error> {
        let form = String::from_utf8(request.body().clone()).unwrap_or_default();
        let request = Request::new(request.method().clone(), url)
            .body(Body::Form(Secret::new(form)))
            .passing(is_passing_refusal);
        let answer = self.transport.send(&request, self.repeat, self.deadline).await?;
        self.status.store(answer.status.as_u16(), Ordering::Relaxed);
        let mut response = http::Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = transport::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            match url::Url::parse(&request.uri().to_string()) {
                Ok(url) => self.send(request, url).await,
                // The address is `Endpoints::token`, which is a URL.
                Err(error) => Err(transport::Error {
                    host: String::new(),
                    fault: transport::Fault::Setup(error.to_string()),
                    may_have_acted: false,
                    attempts: 0,
                    proxy: None,
                }),
            }
        })
    }
}
