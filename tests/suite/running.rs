//! An emulator on a thread of its own, and the requests that most tests make.

use std::{net::SocketAddr, sync::Arc, thread};

use chatauth::{
    clock::ManualClock,
    emulator::{Consent, Emulator, Handle, Options},
    random::SequenceRandom,
};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::http::{self, Response};

pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
/// BASE64URL(SHA256(VERIFIER)).
pub const CHALLENGE: &str = "y5UF_tmp_ICTDGza-Ou2vUvx2cu7DBN-Xwf_z0RDfTw";
pub const REDIRECT: &str = "http://127.0.0.1:7777/callback";

pub const CHAT: &str = "https://www.googleapis.com/auth/chat.spaces \
                        https://www.googleapis.com/auth/chat.messages openid email";

pub struct Running {
    pub address: SocketAddr,
    pub handle: Handle,
    pub clock: Arc<ManualClock>,
    pub client: Value,
    pub web_client: Value,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Running {
    pub fn start() -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-07T10:00:00.5Z".parse().expect("a time")));
        let options = Options {
            port: 0,
            consent: Consent::Auto,
            clock: Arc::clone(&clock) as _,
            random: Arc::new(SequenceRandom::default()),
            access_token_lifetime: Options::ACCESS_TOKEN_LIFETIME,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let emulator = runtime.block_on(Emulator::bind(options)).expect("a free port");
        let read = |text: String| -> Value { serde_json::from_str(&text).expect("JSON") };
        let client = read(emulator.client_secrets())["installed"].clone();
        let web_client = read(emulator.web_client_secrets())["web"].clone();
        let (address, handle) = (emulator.address(), emulator.handle());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = emulator.serve() => {}
                    _ = stopped => {}
                }
            });
        });
        Running { address, handle, clock, client, web_client, stop: Some(stop), thread: Some(thread) }
    }

    pub fn get(&self, target: &str) -> Response {
        http::send(self.address, "GET", target, &[], b"").expect("an answer")
    }

    pub fn form(&self, target: &str, fields: &[(&str, &str)]) -> Response {
        let body = form(fields);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        http::send(self.address, "POST", target, &headers, body.as_bytes()).expect("an answer")
    }

    /// The address of the authorization page for the desktop client, with these parameters over the usual ones.
    pub fn authorization(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", self.client["client_id"].as_str().expect("an id")),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", CHAT),
            ("state", "a state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(n, _)| n == name));
        let all: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
        format!("/o/oauth2/v2/auth?{}", form(&all))
    }

    /// A code, consented to without a page.
    pub fn code(&self, changes: &[(&str, &str)]) -> String {
        let reply = self.get(&self.authorization(changes));
        assert_eq!(reply.status, 302, "{}", reply.text());
        reply.parameter("code").unwrap_or_else(|| panic!("{:?}", reply.headers))
    }

    /// The answer of the token endpoint to a code, with these fields over the usual ones.
    pub fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Response {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client["client_id"].as_str().expect("an id")),
            ("client_secret", self.client["client_secret"].as_str().expect("a secret")),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        self.token(&usual, changes)
    }

    pub fn refresh(&self, refresh_token: &str, changes: &[(&str, &str)]) -> Response {
        let usual = [
            ("grant_type", "refresh_token"),
            ("client_id", self.client["client_id"].as_str().expect("an id")),
            ("client_secret", self.client["client_secret"].as_str().expect("a secret")),
            ("refresh_token", refresh_token),
        ];
        self.token(&usual, changes)
    }

    fn token(&self, usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Response {
        let kept = usual.iter().copied().filter(|(name, _)| !changes.iter().any(|(n, _)| n == name));
        let all: Vec<(&str, &str)> = kept.chain(changes.iter().copied().filter(|(_, v)| *v != "-")).collect();
        self.form("/token", &all)
    }

    /// A sign-in of the account with these scopes: the whole token reply.
    pub fn sign_in(&self, account: &str, scope: &str) -> Value {
        let code = self.code(&[("login_hint", account), ("scope", scope)]);
        let reply = self.exchange(&code, &[]);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// An access token of the first account for all that the tests do in Chat.
    pub fn access_token(&self) -> String {
        self.sign_in("someone@example.com", CHAT)["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn call(&self, token: &str, method: &str, target: &str, body: Option<&Value>) -> Response {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str())];
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            headers.push(("content-type", "application/json; charset=UTF-8"));
        }
        http::send(self.address, method, target, &headers, body.as_bytes()).expect("an answer")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
