//! What to do about an error: a command to type, or a page to open.

mod refusal;

use crate::{
    auth::{self, ClientFileError, LooksLike, TokenEndpointError, login::LoginError},
    chat, transport,
};

/// Stands for the profile that a command named, where the command to type has to name it too.
pub const PROFILE: &str = "{profile}";

/// Nobody can say what became of it, and a repeat could do it twice.
const LOOK_FIRST: &str = "nobody knows whether it was done: look before you run it again";

/// Signing in again, and what may have ended the last one (Google's OAuth 2.0 page, "Refresh token expiration").
const SIGN_IN_AGAIN: &str = "chatauth login{profile}; sign-ins end when they are revoked (by you or an administrator), unused for six months, replaced by \
     the 100 newer ones of the same client, or after 7 days while the consent screen is in Testing";

pub fn for_auth(error: &auth::Error) -> Option<String> {
    match error {
        auth::Error::SignInDead { answer, .. } => {
            Some(for_refusal(answer).unwrap_or(SIGN_IN_AGAIN).to_owned())
        }
        auth::Error::NoSuchProfile(_) => {
            Some("chatauth profiles list shows those there are; chatauth login adds one".to_owned())
        }
        auth::Error::Refused(answer) if answer.is_passing() => None,
        auth::Error::Refused(answer) => for_refusal(answer)
            .or_else(|| {
                let is_code = answer.code == "invalid_grant";
                is_code.then_some("start the sign-in again: a code is good once and for a few minutes")
            })
            .map(str::to_owned),
        auth::Error::RotationLost { .. } => Some(
            "make room or give it a folder to write to (--data-dir, CHATAUTH_HOME), then chatauth login{profile}".to_owned(),
        ),
        auth::Error::Login(error) => for_login(error),
        _ => None,
    }
}

/// What a refusal of the token or authorization endpoint means, where the code says it.
fn for_refusal(answer: &TokenEndpointError) -> Option<&'static str> {
    Some(match (answer.code.as_str(), answer.subtype.as_deref()) {
        (_, Some("invalid_rapt" | "rapt_required")) => {
            "your administrator's session control wants a new sign-in: chatauth login{profile}"
        }
        ("deleted_client", _) => {
            "the OAuth client was deleted: restore it within 30 days in the Google Cloud console, or create another and run chatauth login{profile}"
        }
        ("disabled_client" | "invalid_client" | "unauthorized_client", _) => {
            "download the OAuth client's JSON again (APIs & Services > Credentials) and run chatauth login{profile} --client-secrets FILE"
        }
        ("admin_policy_enforced", _) => {
            "your Workspace administrator has to trust this OAuth client: Admin console > Security > API controls"
        }
        ("org_internal", _) => {
            "this OAuth client is for accounts of its own organization only: sign in with one of those"
        }
        ("invalid_scope", _) => {
            "one of the scopes cannot be granted by a person, or its API is not turned on in the project"
        }
        ("access_denied", _) => "the account, or its administrator, does not allow this client",
        _ => return None,
    })
}

/// How to come by a file that can be used.
pub fn for_client_file(error: &ClientFileError) -> &'static str {
    const DOWNLOAD: &str =
        "download the client's JSON again from the Google Cloud console (APIs & Services > Credentials)";
    match error {
        ClientFileError::NeitherKey { looks_like: LooksLike::Token } => {
            "this is a stored token, as the guides' samples write it: it was probably saved over the client file. Download the client's JSON again; chatauth keeps its tokens elsewhere"
        }
        ClientFileError::NeitherKey { looks_like: LooksLike::ServiceAccount } => {
            "this is a service account's key, which signs in an app and not a person; for login, create an OAuth client ID of type Desktop app and download its JSON"
        }
        ClientFileError::NeitherKey { looks_like: LooksLike::AuthorizedUser } => {
            "this is a sign-in that another program stored; for login, download the OAuth client's JSON"
        }
        ClientFileError::NoSecret(_) => {
            "create an OAuth client ID of type Desktop app in the Google Cloud console and download its JSON"
        }
        ClientFileError::ForeignEndpoint { .. } => {
            "the file was changed, or is not Google's; download the client's JSON again. For an emulator set CHATAUTH_EMULATOR_HOST"
        }
        ClientFileError::NotUtf8 { .. } => "save it as UTF-8, or download it again",
        _ => DOWNLOAD,
    }
}

fn for_login(error: &LoginError) -> Option<String> {
    Some(match error {
        LoginError::Denied => "chatauth login{profile} starts again; if Google said that the app isn't verified, add yourself under Audience > Test users".to_owned(),
        LoginError::Refused { code, .. } => {
            let answer = TokenEndpointError { status: 0, code: code.clone(), subtype: None, description: None };
            for_refusal(&answer).unwrap_or("chatauth login{profile} starts again").to_owned()
        }
        LoginError::TimedOut(_) => "chatauth login{profile} starts again; if Google showed redirect_uri_mismatch or \"Error 400\", the client is not a Desktop client: create one under APIs & Services > Credentials".to_owned(),
        LoginError::Listen { .. } => "choose another port with --port, or none for a free one".to_owned(),
        LoginError::NoLoopbackRedirect { .. } => "register http://localhost:8085/ as an authorized redirect URI of the client and download its JSON again, or create a Desktop client".to_owned(),
        LoginError::RedirectUri { .. } => return None,
        LoginError::WrongAccount { wanted, .. } => format!("choose {wanted} in the browser, or leave --account out"),
        LoginError::NoRefreshToken => "remove the app under https://myaccount.google.com/connections, then run chatauth login{profile} again".to_owned(),
    })
}

pub fn for_chat(error: &chat::Error) -> Option<String> {
    match error {
        chat::Error::ScopeMissing { needed: Some(scope), .. } => {
            Some(format!("chatauth login{PROFILE} --add-scopes {}", scope.short()))
        }
        chat::Error::MessageTooLarge { .. } => Some("send it in parts".to_owned()),
        chat::Error::Call(error) => for_call(error),
        _ => None,
    }
}

fn for_call(error: &chat::CallError) -> Option<String> {
    let repeat = error
        .request_id
        .as_ref()
        .map(|id| format!("run it again with --request-id {id}, which cannot do it twice"));
    match &error.cause {
        chat::Cause::Refused(refusal) => refusal::hint(error, refusal),
        chat::Cause::NoAnswer(fault) if fault.may_have_acted && fault.fault.is_passing() => {
            Some(unknown(error, repeat))
        }
        chat::Cause::CutShort => Some(unknown(error, repeat)),
        chat::Cause::BadAnswer(_) => match repeat {
            Some(repeat) => Some(format!("it may have been done; {repeat}")),
            None => {
                (!error.repeatable).then(|| "it may have been done: look before you run it again".to_owned())
            }
        },
        chat::Cause::NoAnswer(_) | chat::Cause::RepeatedPage => None,
    }
}

fn unknown(error: &chat::CallError, repeat: Option<String>) -> String {
    match repeat {
        Some(repeat) => format!("nobody knows whether it was done; {repeat}"),
        None if error.repeatable => "try again later".to_owned(),
        None => LOOK_FIRST.to_owned(),
    }
}

pub fn for_transport(error: &transport::Error) -> Option<String> {
    use transport::Fault;
    match &error.fault {
        Fault::Connect(_) if error.host == "127.0.0.1" || error.host == "localhost" => {
            Some("is the emulator running? chatauth emulator start".to_owned())
        }
        Fault::Proxy { credentials: true, .. } => Some(
            "name the proxy with its user and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"
                .to_owned(),
        ),
        Fault::Resolve(_) | Fault::Connect(_) | Fault::ConnectTimeout(_) | Fault::Proxy { .. }
            if error.proxy.is_some() =>
        {
            let proxy = error.proxy.as_deref().unwrap_or_default();
            Some(format!(
                "requests go through the proxy {proxy} (HTTPS_PROXY): is it up? NO_PROXY names hosts to reach without it"
            ))
        }
        Fault::Resolve(_) | Fault::Connect(_) | Fault::ConnectTimeout(_) => {
            Some("is there a network, or a proxy to name in HTTPS_PROXY?".to_owned())
        }
        Fault::Tls { .. } => Some(
            "a proxy that opens TLS needs its certificate in SSL_CERT_FILE; is the clock right?".to_owned(),
        ),
        Fault::Deadline(_) => Some("--timeout SECONDS gives it more time".to_owned()),
        _ => None,
    }
}
