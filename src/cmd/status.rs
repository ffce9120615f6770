//! `chatauth status`

use clap::Args;
use serde_json::{Value, json};

use super::show;
use crate::{
    auth::{self, Credential, Scope, ScopeSet, Session},
    chat::methods::{CredentialKind, METHODS},
    cli::{Context, Failure, Kind},
    output::{Format, Style, visible},
    secret::Secret,
};

#[derive(Args)]
pub struct Arguments {}

/// What the common commands need, to say which the grant doesn't cover.
const COMMANDS: [(&str, &str); 4] = [
    ("spaces create", "chat.spaces.create"),
    ("spaces list", "chat.spaces.list"),
    ("messages send", "chat.spaces.messages.create"),
    ("messages list", "chat.spaces.messages.list"),
];

/// Whether Google takes the sign-in.
enum Verdict {
    Works,
    Dead(Failure),
}

struct Report {
    source: String,
    verdict: Verdict,
    token: Option<Secret>,
    scopes: Option<ScopeSet>,
    email: Option<String>,
    client_id: Option<String>,
    expires_at: Option<jiff::Timestamp>,
    /// Why Google could not be asked.
    unchecked: Option<String>,
}

pub async fn run(context: &Context, _arguments: Arguments) -> Result<(), Failure> {
    let report = match context.credential()? {
        Credential::Ready { token, .. } => ready(context, token).await?,
        Credential::Profile(session) => stored(context, &session).await?,
    };
    if context.ui.format == Format::Human {
        show_human(context, &report)?;
    } else {
        show_json(context, &report)?;
    }
    match report.verdict {
        Verdict::Works => Ok(()),
        Verdict::Dead(failure) => Err(failure),
    }
}

async fn ready(context: &Context, token: Secret) -> Result<Report, Failure> {
    let (info, unchecked) = match auth::token_info(context.reach(), &token).await {
        Ok(info) => (info, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let verdict = match (&info, &unchecked) {
        (None, None) => Verdict::Dead(
            Failure::new(Kind::SignInDead, "Google does not take the token in CHATAUTH_ACCESS_TOKEN")
                .hint("unset it, or set a fresh one"),
        ),
        _ => Verdict::Works,
    };
    let expires_in = info.as_ref().and_then(|info| info.expires_in);
    Ok(Report {
        source: "CHATAUTH_ACCESS_TOKEN".to_owned(),
        token: Some(token),
        scopes: info.as_ref().map(|info| info.scopes.clone()),
        email: info.and_then(|info| info.email),
        client_id: None,
        expires_at: expires_in.and_then(|seconds| {
            context
                .clock
                .now()
                .checked_add(jiff::SignedDuration::from_secs(i64::try_from(seconds).ok()?))
                .ok()
        }),
        unchecked,
        verdict,
    })
}

/// A cached token is checked; one that Google has ended is refreshed once. What cannot be asked now may still
/// work.
async fn stored(context: &Context, session: &Session<'_>) -> Result<Report, Failure> {
    let (verdict, unchecked) = match check(context, session).await {
        Ok(true) => (Verdict::Works, None),
        Ok(false) => (
            Verdict::Dead(
                Failure::new(Kind::SignInDead, "Google does not take a fresh token of this sign-in")
                    .hint("chatauth login"),
            ),
            None,
        ),
        Err(error @ auth::Error::SignInDead { .. }) => (Verdict::Dead(error.into()), None),
        Err(error @ (auth::Error::Transport(_) | auth::Error::BadAnswer { .. })) => {
            (Verdict::Works, Some(error.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    let profile = session.profile();
    Ok(Report {
        source: format!("profile {}", profile.name),
        token: profile.access_token.as_ref().map(|access| access.token.clone()),
        scopes: Some(session.scopes()),
        email: profile.account.email,
        client_id: Some(profile.client.client_id),
        expires_at: profile.access_token.map(|access| access.expires_at),
        unchecked,
        verdict,
    })
}

async fn check(context: &Context, session: &Session<'_>) -> Result<bool, auth::Error> {
    let reach = context.reach();
    let token = session.token(reach, None).await?.token;
    if auth::token_info(reach, &token).await?.is_some() {
        return Ok(true);
    }
    let fresh = session.token(reach, Some(&token)).await?.token;
    Ok(auth::token_info(reach, &fresh).await?.is_some())
}

fn host(context: &Context) -> String {
    context.endpoints.emulator_address().map_or_else(|| "chat.googleapis.com".to_owned(), ToString::to_string)
}

fn show_human(context: &Context, report: &Report) -> Result<(), Failure> {
    let ui = &context.ui;
    ui.data_line(&ui.paint(Style::Strong, &host(context)))?;
    let who = visible(report.email.as_deref().unwrap_or("an account that was not told")).into_owned();
    let line = match &report.verdict {
        Verdict::Works => format!("{} Signed in as {who} ({})", ui.paint(Style::Good, "✓"), report.source),
        Verdict::Dead(_) => {
            format!("{} The sign-in of {who} no longer works ({})", ui.paint(Style::Bad, "✕"), report.source)
        }
    };
    ui.data_line(&format!("  {line}"))?;
    if let Some(problem) = &report.unchecked {
        ui.data_line(&format!("  {} Not checked: {}", ui.paint(Style::Warning, "!"), visible(problem)))?;
    }
    if let Some(client) = &report.client_id {
        ui.data_line(&format!("  - Client: {}", visible(client)))?;
    }
    if let (Some(token), Verdict::Works) = (&report.token, &report.verdict) {
        let until =
            report.expires_at.map(|end| format!(" (until {})", show::minute(end))).unwrap_or_default();
        ui.data_line(&format!("  - Access token: {}{until}", masked(token)))?;
    }
    if let Some(scopes) = &report.scopes {
        ui.data_line(&format!("  - Scopes: {}", scopes.to_flag().replace(',', ", ")))?;
        for (command, scope) in gaps(scopes) {
            ui.data_line(&format!("  - Not granted: {command}; chatauth login --add-scopes {scope}"))?;
        }
    }
    let others: Vec<String> = others(context)?;
    if !others.is_empty() {
        ui.data_line(&format!("  - Other profiles: {}", others.join(", ")))?;
    }
    Ok(())
}

fn show_json(context: &Context, report: &Report) -> Result<(), Failure> {
    let gaps = report.scopes.as_ref().map(|scopes| gaps(scopes).collect::<Vec<_>>()).unwrap_or_default();
    let shown = json!({
        "host": host(context),
        "source": report.source,
        "email": report.email,
        "works": matches!(report.verdict, Verdict::Works),
        "checked": report.unchecked.is_none(),
        "problem": report.unchecked,
        "client_id": report.client_id,
        "expires_at": report.expires_at.map(|end| end.to_string()),
        "scopes": report.scopes.as_ref().map(|scopes| scopes.iter().map(Scope::as_str).collect::<Vec<_>>()),
        "not_granted": gaps.iter().map(|(command, scope)| json!({ "command": command, "scope": scope })).collect::<Vec<Value>>(),
        "other_profiles": others(context)?,
    });
    Ok(context.ui.data_line(&shown.to_string())?)
}

/// The common commands that the grant doesn't cover, and the scope for each.
fn gaps(scopes: &ScopeSet) -> impl Iterator<Item = (&'static str, String)> {
    COMMANDS.iter().filter_map(|(command, id)| {
        let method = METHODS.iter().find(|method| method.id == *id)?;
        let accepted = ScopeSet::granted(method.scopes_for(CredentialKind::User).iter().copied());
        let covered = accepted.iter().any(|scope| scopes.covers(scope));
        (!covered).then(|| (*command, method.sign_in_scopes().to_flag()))
    })
}

fn others(context: &Context) -> Result<Vec<String>, Failure> {
    let shown = context.profile_name()?;
    let names = context.store.names()?;
    Ok(names.into_iter().filter(|name| Some(name) != shown.as_ref()).map(|name| name.to_string()).collect())
}

/// The part of a token that tells its kind and nothing else.
fn masked(token: &Secret) -> String {
    let kind = token.expose().split_once('.').map(|(kind, _)| kind).filter(|kind| *kind == "ya29");
    format!("{}****************", kind.map(|kind| format!("{kind}.")).unwrap_or_default())
}
