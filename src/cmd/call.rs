//! Making one call: shown with `--dry-run`, else sent.

use serde_json::{Map, Value, json};

use super::login;
use crate::{
    auth::{Credential, ScopeSet},
    chat::{Answer, Call, Client, Payload, ResourceName, methods::Method},
    cli::{Context, Failure, Kind},
    output::{Format, visible},
};

/// The row of a method that this program itself names.
pub fn method(id: &'static str) -> Result<&'static Method, Failure> {
    Method::find(id).ok_or_else(|| Failure::usage(format!("the table has no method {id}")))
}

/// The space by flag, else by variable.
pub fn space(context: &Context, flag: Option<&str>) -> Result<ResourceName, Failure> {
    maybe_space(context, flag)?
        .ok_or_else(|| Failure::usage("no space given").hint("name one with --space AAA or CHATAUTH_SPACE"))
}

pub fn maybe_space(context: &Context, flag: Option<&str>) -> Result<Option<ResourceName>, Failure> {
    flag.or(context.settings.space.as_deref()).map(ResourceName::space).transpose().map_err(Failure::from)
}

/// A request id of one's own, or a new one: with it no retry does the work twice.
pub fn request_id(context: &Context, given: Option<String>) -> Result<String, Failure> {
    match given {
        // Google takes an empty one for none: a repeat would then do the work twice.
        Some(id) if id.trim().is_empty() => Err(Failure::usage("--request-id is empty")),
        Some(id) => Ok(id),
        None => Ok(context.random.uuid()),
    }
}

/// Sends a call that changes something; with `dry_run` only shows it, and gives nothing.
pub async fn change(context: &Context, call: &Call, dry_run: bool) -> Result<Option<Answer>, Failure> {
    if dry_run {
        show(context, call)?;
        return Ok(None);
    }
    fetch(context, call).await.map(Some)
}

/// Sends a call as the credential in force.
pub async fn fetch(context: &Context, call: &Call) -> Result<Answer, Failure> {
    let credential = credential_for(context, call).await?;
    let client: Client<'_> = context.chat(&credential);
    Ok(client.call(&with_fields(context, call)).await?)
}

/// Sends a call whose answer may be anything.
pub async fn fetch_any(context: &Context, call: &Call) -> Result<Payload, Failure> {
    let credential = credential_for(context, call).await?;
    Ok(context.chat(&credential).fetch(&with_fields(context, call)).await?)
}

fn with_fields(context: &Context, call: &Call) -> Call {
    let asked = call.parameter("fields").is_some();
    call.clone().maybe_query("fields", context.settings.fields.clone().filter(|_| !asked))
}

/// The credential in force for a call. On a terminal, somebody without a sign-in is offered one.
pub async fn credential_for<'a>(context: &'a Context, call: &Call) -> Result<Credential<'a>, Failure> {
    match context.credential() {
        Err(failure) if failure.kind == Kind::NotSignedIn && context.ui.interactive => {
            context.ui.say(&format!("chatauth: {}.", failure.message));
            if !context.settings.yes && !context.ui.confirm("Sign in now?", true).await {
                return Err(failure);
            }
            login::sign_in(
                context,
                &ScopeSet::sign_in().plus(&call.method().map(Method::sign_in_scopes).unwrap_or_default()),
            )
            .await?;
            context.restart_time();
            context.credential()
        }
        outcome => outcome,
    }
}

/// Shows a call, and sends nothing.
pub fn show(context: &Context, call: &Call) -> Result<(), Failure> {
    let (verb, url) = (call.verb().as_str(), call.url(&context.endpoints).to_string());
    if context.ui.format != Format::Human {
        let mut shown = Map::from_iter([("method".to_owned(), json!(verb)), ("url".to_owned(), json!(url))]);
        if let Some(body) = call.body_value() {
            shown.insert("body".to_owned(), body.clone());
        }
        return Ok(context.ui.json(&Value::Object(shown).to_string())?);
    }
    context.ui.data_line(&format!("{verb} {url}"))?;
    if let Some(body) = call.body_value() {
        for line in format!("{body:#}").lines() {
            context.ui.data_line(&visible(line))?;
        }
    }
    Ok(())
}

/// Shows a call as a curl command line for a POSIX shell. The token isn't in it: whoever runs it asks for one then.
pub fn show_curl(context: &Context, call: &Call) -> Result<(), Failure> {
    let mut words = vec![format!("curl -g -X {}", call.verb().as_str())];
    words.push("-H \"$(chatauth token --header)\"".to_owned());
    if let Some(body) = call.body_text() {
        words.push("-H 'Content-Type: application/json; charset=UTF-8'".to_owned());
        words.push(format!("--data-binary {}", quoted(&body)));
    }
    words.push(quoted(call.url(&context.endpoints).as_str()));
    Ok(context.ui.data_line(&words.join(" "))?)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
