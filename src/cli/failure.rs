//! Every error of the rings below, as a kind, words, a hint and an exit code: by exhaustive match, so that a
//! new error cannot be forgotten here.

use serde_json::Value;

use super::{Exit, hint};
use crate::{
    auth::{self, login::LoginError},
    chat, output,
    store::{self, ProfileName},
    transport,
};

/// The kinds of failure that a script can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Usage,
    Configuration,
    NotSignedIn,
    SignInDead,
    ConsentRefused,
    ScopeMissing,
    WrongCredential,
    PermissionDenied,
    /// The project's Chat API is off.
    ApiDisabled,
    /// The project's Chat API has no app configured.
    AppNotConfigured,
    NotFound,
    InvalidArgument,
    AlreadyExists,
    RateLimited,
    Unavailable,
    TimedOut,
    OutcomeUnknown,
    Failed,
    /// The reader closed standard output: a silent success.
    ReaderGone,
    Interrupted,
    Terminated,
}

impl Kind {
    pub fn exit(self) -> Exit {
        match self {
            Kind::Usage => Exit::Usage,
            Kind::Configuration => Exit::Configuration,
            Kind::NotSignedIn | Kind::SignInDead | Kind::ConsentRefused => Exit::NotSignedIn,
            Kind::ScopeMissing | Kind::WrongCredential | Kind::PermissionDenied | Kind::ApiDisabled => {
                Exit::Permission
            }
            Kind::NotFound | Kind::AppNotConfigured => Exit::NotFound,
            Kind::RateLimited | Kind::Unavailable | Kind::TimedOut => Exit::TryLater,
            Kind::InvalidArgument | Kind::AlreadyExists | Kind::OutcomeUnknown | Kind::Failed => Exit::Failed,
            Kind::ReaderGone => Exit::Ok,
            Kind::Interrupted => Exit::Interrupted,
            Kind::Terminated => Exit::Terminated,
        }
    }

    /// The word in the JSON error.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Configuration => "configuration",
            Kind::NotSignedIn => "not_signed_in",
            Kind::SignInDead => "sign_in_dead",
            Kind::ConsentRefused => "consent_refused",
            Kind::ScopeMissing => "scope_missing",
            Kind::WrongCredential => "wrong_credential",
            Kind::PermissionDenied => "permission_denied",
            Kind::ApiDisabled => "api_disabled",
            Kind::AppNotConfigured => "app_not_configured",
            Kind::NotFound => "not_found",
            Kind::InvalidArgument => "invalid_argument",
            Kind::AlreadyExists => "already_exists",
            Kind::RateLimited => "rate_limited",
            Kind::Unavailable => "unavailable",
            Kind::TimedOut => "timed_out",
            Kind::OutcomeUnknown => "outcome_unknown",
            Kind::Failed => "failed",
            Kind::ReaderGone => "reader_gone",
            Kind::Interrupted => "interrupted",
            Kind::Terminated => "terminated",
        }
    }

    pub fn default_message(self) -> &'static str {
        match self {
            Kind::Interrupted => "interrupted",
            Kind::Terminated => "terminated",
            other => other.as_str(),
        }
    }
}

/// A command's failure, in words.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
    /// More fields of the JSON error: `http_status`, `reason`, `method`, `request_id`.
    pub fields: Vec<(&'static str, Value)>,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), hint: None, fields: Vec::new() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Kind::Usage, message)
    }

    pub fn configuration(message: impl Into<String>) -> Self {
        Failure::new(Kind::Configuration, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Makes the commands in the hint name the profile that the failed command named.
    pub fn naming_profile(mut self, profile: Option<&ProfileName>) -> Self {
        let flag = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
        self.hint = self.hint.map(|hint| hint.replace(hint::PROFILE, &flag));
        self
    }

    pub fn field(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Nobody is signed in, and nothing was named.
    pub fn not_signed_in() -> Self {
        Failure::new(Kind::NotSignedIn, "you are not signed in").hint("chatauth login{profile}")
    }
}

impl From<chat::Error> for Failure {
    fn from(error: chat::Error) -> Self {
        let message = error.to_string();
        let hint = hint::for_chat(&error);
        let failure = match error {
            chat::Error::Auth(error) => return error.into(),
            chat::Error::ScopeMissing { method, granted, .. } => {
                Failure::new(Kind::ScopeMissing, message).field("method", method).field(
                    "granted_scopes",
                    granted.iter().map(|scope| scope.as_str().to_owned()).collect::<Vec<_>>(),
                )
            }
            chat::Error::WrongKind { method, .. } => {
                Failure::new(Kind::WrongCredential, message).field("method", method)
            }
            chat::Error::MessageTooLarge { .. } => Failure::usage(message),
            chat::Error::Call(error) => call(*error),
        };
        failure.maybe_hint(hint)
    }
}

fn call(error: chat::CallError) -> Failure {
    let mut failure = match error.cause {
        chat::Cause::Refused(refusal) => {
            let failure = refused(&refusal, &error.credential);
            // A server that fails may have acted before.
            let unknown = failure.kind == Kind::Unavailable && !error.repeatable;
            Failure { kind: if unknown { Kind::OutcomeUnknown } else { failure.kind }, ..failure }
        }
        chat::Cause::NoAnswer(fault) => {
            let failure = Failure::from(fault);
            // What can be repeated without harm is just not to be had now.
            let unknown = failure.kind == Kind::OutcomeUnknown && error.repeatable;
            Failure { kind: if unknown { Kind::Unavailable } else { failure.kind }, ..failure }
        }
        cause @ chat::Cause::CutShort => {
            let kind = if error.repeatable { Kind::Unavailable } else { Kind::OutcomeUnknown };
            Failure::new(kind, cause.to_string())
        }
        cause @ (chat::Cause::BadAnswer(_) | chat::Cause::RepeatedPage) => {
            Failure::new(Kind::Failed, cause.to_string())
        }
    };
    failure = failure.field("method", error.method);
    match error.request_id {
        Some(id) => failure.field("request_id", id),
        None => failure,
    }
}

/// By Google's own reason where there's one, else by the HTTP status.
fn refused(error: &chat::ApiError, credential: &str) -> Failure {
    let kind = match (error.http_status, error.reason.as_deref()) {
        (403, Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT")) => Kind::ScopeMissing,
        (403, Some("SERVICE_DISABLED" | "accessNotConfigured")) => Kind::ApiDisabled,
        (404, _) if error.is_app_not_configured() => Kind::AppNotConfigured,
        (403, Some("rateLimitExceeded" | "userRateLimitExceeded")) => Kind::RateLimited,
        (409, _) if error.status == "ABORTED" => Kind::Failed,
        (400 | 411 | 412 | 413 | 416 | 422, _) => Kind::InvalidArgument,
        (401, _) => Kind::SignInDead,
        (403, _) => Kind::PermissionDenied,
        (404 | 410, _) => Kind::NotFound,
        (409, _) => Kind::AlreadyExists,
        (429, _) => Kind::RateLimited,
        (408 | 500 | 502..=504, _) => Kind::Unavailable,
        _ => Kind::Failed,
    };
    let message = match kind {
        Kind::SignInDead => format!("Google does not take the token of {credential}: {}", error.message),
        _ => error.message.clone(),
    };
    let mut failure = Failure::new(kind, message).field("http_status", error.http_status);
    if let Some(reason) = &error.reason {
        failure = failure.field("reason", reason.clone());
    }
    if !error.status.is_empty() {
        failure = failure.field("status", error.status.clone());
    }
    if let Some(wait) = error.retry_after {
        failure = failure.field("retry_after_seconds", wait.as_secs());
    }
    failure
}

impl From<auth::Error> for Failure {
    fn from(error: auth::Error) -> Self {
        let message = error.to_string();
        let hint = hint::for_auth(&error);
        let failure = match error {
            auth::Error::Login(error) => {
                let kind = match &error {
                    LoginError::Denied | LoginError::Refused { .. } => Kind::ConsentRefused,
                    LoginError::TimedOut(_) => Kind::TimedOut,
                    LoginError::RedirectUri { .. } => Kind::Usage,
                    LoginError::NoLoopbackRedirect { .. } => Kind::Configuration,
                    LoginError::Listen { .. } | LoginError::NoRefreshToken => Kind::Failed,
                    LoginError::WrongAccount { .. } => Kind::NotSignedIn,
                };
                Failure::new(kind, message)
            }
            auth::Error::NoSuchProfile(_) => Failure::new(Kind::NotSignedIn, message),
            auth::Error::SignInDead { answer, .. } => Failure::new(Kind::SignInDead, message)
                .field("reason", answer.code)
                .field("http_status", answer.status),
            auth::Error::RotationLost { .. } => Failure::new(Kind::Failed, message),
            auth::Error::Refused(answer) => {
                let kind = match answer.code.as_str() {
                    _ if answer.status == 429 => Kind::RateLimited,
                    _ if answer.is_passing() => Kind::Unavailable,
                    "invalid_client" | "deleted_client" | "disabled_client" | "unauthorized_client" => {
                        Kind::Configuration
                    }
                    "access_denied" | "admin_policy_enforced" | "org_internal" => Kind::ConsentRefused,
                    _ => Kind::Failed,
                };
                Failure::new(kind, message).field("reason", answer.code).field("http_status", answer.status)
            }
            auth::Error::BadAnswer { status, .. } => {
                let kind = match status {
                    Some(429) => Kind::RateLimited,
                    Some(408 | 500..) => Kind::Unavailable,
                    _ => Kind::Failed,
                };
                let failure = Failure::new(kind, message);
                match status {
                    Some(status) => failure.field("http_status", status),
                    None => failure,
                }
            }
            auth::Error::Store(error) => return error.into(),
            // Asking for a token again does no harm.
            auth::Error::Transport(error) => {
                let failure = Failure::from(error);
                let unknown = failure.kind == Kind::OutcomeUnknown;
                Failure { kind: if unknown { Kind::Unavailable } else { failure.kind }, ..failure }
            }
        };
        failure.maybe_hint(hint)
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        auth::Error::Login(error).into()
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let message = error.to_string();
        match error {
            store::Error::Corrupt { .. } => Failure::configuration(message)
                .hint("chatauth login{profile} puts the file aside and signs in anew"),
            store::Error::Newer { .. } => Failure::configuration(message).hint("update chatauth"),
            store::Error::Read { .. } | store::Error::Foreign { .. } => Failure::configuration(message),
            store::Error::Write { .. } => Failure::new(Kind::Failed, message)
                .hint("choose another folder with --data-dir or CHATAUTH_HOME"),
            store::Error::Lock { .. } => Failure::new(Kind::Failed, message)
                .hint("choose a folder whose file system has locks, with --data-dir or CHATAUTH_HOME"),
            store::Error::LockBusy { .. } => Failure::new(Kind::TimedOut, message),
        }
    }
}

impl From<transport::Error> for Failure {
    fn from(error: transport::Error) -> Self {
        use transport::Fault;
        let kind = match &error.fault {
            Fault::Deadline(_) | Fault::Silence(_) | Fault::ConnectTimeout(_) => Kind::TimedOut,
            Fault::Proxy { credentials: true, .. } => Kind::Configuration,
            Fault::Resolve(_) | Fault::Connect(_) | Fault::Proxy { .. } => Kind::Unavailable,
            Fault::Broken(_) if error.may_have_acted => Kind::OutcomeUnknown,
            Fault::Broken(_) => Kind::Unavailable,
            Fault::Setup(_) => Kind::Configuration,
            Fault::Tls { certificate: false, .. } => Kind::Unavailable,
            Fault::Tls { .. } | Fault::TooLarge(_) => Kind::Failed,
        };
        let failure = Failure::new(kind, error.to_string());
        match hint::for_transport(&error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<output::Error> for Failure {
    fn from(error: output::Error) -> Self {
        match error {
            output::Error::Closed => Failure::new(Kind::ReaderGone, error.to_string()),
            output::Error::Write(_) | output::Error::Filter(_) => {
                Failure::new(Kind::Failed, error.to_string())
            }
        }
    }
}

impl From<chat::NameError> for Failure {
    fn from(error: chat::NameError) -> Self {
        Failure::usage(error.to_string())
    }
}
