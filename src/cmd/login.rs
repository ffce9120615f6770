//! `chatauth login`

use std::{path::Path, time::Duration};

use clap::Args;
use serde_json::json;

use super::{input, show};
use crate::{
    auth::{
        LARGEST_CLIENT_FILE, Scope, ScopeSet,
        login::{LoginRequest, RedirectChoice, SignedIn, login},
        read_client_file,
    },
    chat::methods::{CredentialKind, SCOPES},
    cli::{Context, Failure, SignInSurface, hint},
    output::{Format, Style, visible},
    store::{self, OAuthClient, Profile},
};

#[derive(Args, Default)]
pub struct Arguments {
    /// Scopes to ask for, instead of the default ones: short names (chat.spaces) or URLs, separated by commas
    #[arg(long, value_name = "SCOPES")]
    scopes: Option<String>,
    /// Scopes to ask for, on top of those already granted
    #[arg(long, value_name = "SCOPES", conflicts_with = "scopes")]
    add_scopes: Option<String>,
    /// The account to sign in with; any other is refused
    #[arg(long, value_name = "EMAIL")]
    account: Option<String>,
    /// Port to listen on for the answer [default: a free one; web clients: of a registered redirect URI]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Redirect URI to use exactly so, such as http://localhost:3000
    #[arg(long, value_name = "URI", conflicts_with = "port")]
    redirect_uri: Option<String>,
    /// Print the address only
    #[arg(long)]
    no_browser: bool,
}

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// Google's documents name the file so, and look for it in the current folder.
const DEFAULT_FILE: &str = "client_secrets.json";

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let signed_in = perform(context, &arguments, None).await?;
    if context.settings.access_token.is_some() {
        context.ui.warn("CHATAUTH_ACCESS_TOKEN is set, and is used before this sign-in");
    }
    if context.ui.format == Format::Human {
        show_human(context, &signed_in)
    } else {
        show_json(context, &signed_in)
    }
}

/// Signs in on the way to another command, and says so.
pub async fn sign_in(context: &Context, scopes: &ScopeSet) -> Result<(), Failure> {
    let signed_in = perform(context, &Arguments::default(), Some(scopes)).await?;
    let who = account_of(&signed_in.profile);
    context.ui.note(&format!("{} Signed in as {who}", context.ui.paint_err(Style::Good, "✓")));
    warn_about(context, &signed_in);
    Ok(())
}

async fn perform(
    context: &Context,
    arguments: &Arguments,
    scopes: Option<&ScopeSet>,
) -> Result<SignedIn, Failure> {
    if let Some(account) = &arguments.account {
        check_email(account)?;
    }
    let stored = stored_profile(context)?;
    let adding = arguments.add_scopes.is_some();
    let client = client(context, stored.as_ref())?;
    let redirect = RedirectChoice::new(&client, arguments.redirect_uri.as_deref(), arguments.port)?;
    warn_if_unregistered(context, &client, arguments.redirect_uri.as_deref());
    let wanted = match scopes {
        Some(scopes) => scopes.clone(),
        None => wanted_scopes(arguments, stored.as_ref())?,
    };
    // Adding to a sign-in is adding to that account's.
    let added_to = stored.as_ref().filter(|_| adding);
    let account = arguments.account.clone().or_else(|| added_to?.account.email.clone());
    let patience = context.settings.timeout.unwrap_or(PATIENCE);
    let request = LoginRequest {
        client,
        scopes: if account.is_some() { wanted.union(&identity_scopes()) } else { wanted },
        redirect,
        account,
        profile: match &context.settings.profile {
            Some((name, _)) => Some(name.clone()),
            None => added_to.map(|profile| profile.name.clone()),
        },
        patience,
    };
    let surface = SignInSurface::new(context, !arguments.no_browser);
    Ok(login(context.reach(), &request, &context.store, &surface).await?)
}

/// Another account is refused only after consent, so what can be no account is refused before.
fn check_email(account: &str) -> Result<(), Failure> {
    let one_at = account
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if one_at && !account.contains(char::is_whitespace) && visible(account) == account {
        return Ok(());
    }
    Err(Failure::usage("--account takes an email: one @, and no blanks or control characters"))
}

/// The sign-in that is named or in use. What cannot be read, a new sign-in mends.
fn stored_profile(context: &Context) -> Result<Option<Profile>, Failure> {
    let read = || -> Result<Option<Profile>, store::Error> {
        let name = match &context.settings.profile {
            Some((name, _)) => Some(name.clone()),
            None => context.store.active()?,
        };
        name.map_or(Ok(None), |name| context.store.read(&name))
    };
    match read() {
        Err(store::Error::Corrupt { .. }) => Ok(None),
        outcome => Ok(outcome?),
    }
}

fn wanted_scopes(arguments: &Arguments, stored: Option<&Profile>) -> Result<ScopeSet, Failure> {
    let parse = |flag: &str, text: &str| {
        let scopes = ScopeSet::parse(text).map_err(|error| Failure::usage(format!("{flag}: {error}")))?;
        if scopes.is_empty() {
            return Err(Failure::usage(format!("{flag} names no scope")));
        }
        if let Some(scope) = scopes.iter().find(|scope| is_for_apps(scope)) {
            return Err(Failure::usage(format!(
                "{flag}: a person cannot grant {}, which is for Chat apps with a service account",
                scope.short()
            )));
        }
        Ok(scopes)
    };
    match (&arguments.scopes, &arguments.add_scopes) {
        (Some(text), _) => parse("--scopes", text),
        (None, Some(text)) => {
            let added = parse("--add-scopes", text)?;
            let granted = stored.map(|profile| ScopeSet::granted(profile.scopes.iter().map(String::as_str)));
            Ok(granted.unwrap_or_else(ScopeSet::sign_in).plus(&added))
        }
        (None, None) => Ok(ScopeSet::sign_in()),
    }
}

/// Google's consent page shows an error for these, and never comes back.
fn is_for_apps(scope: &Scope) -> bool {
    SCOPES.iter().any(|facts| facts.name == scope.short() && facts.kind == CredentialKind::App)
}

/// What is needed to learn which account signed in.
fn identity_scopes() -> ScopeSet {
    ScopeSet::granted(["openid", "email"])
}

/// The client file that was named, or the one in the current folder; without either, the client that the
/// profile was made with.
fn client(context: &Context, stored: Option<&Profile>) -> Result<OAuthClient, Failure> {
    let (path, origin) = match &context.settings.client_secrets {
        Some((path, origin)) => (context.folder.join(path), Some(origin.to_string())),
        None => (context.folder.join(DEFAULT_FILE), None),
    };
    if let (None, Some(profile)) = (&origin, stored)
        && !path.exists()
    {
        context.ui.note(&format!(
            "Using the OAuth client of profile {}: this folder has no {DEFAULT_FILE}.",
            profile.name
        ));
        return Ok(profile.client.clone());
    }
    let below = path.strip_prefix(&context.folder).ok().filter(|below| !below.as_os_str().is_empty());
    let shown = below.unwrap_or(&path).display().to_string();
    let named = origin.map(|origin| format!(" (from {origin})")).unwrap_or_default();
    let failed = |problem: &dyn std::fmt::Display| {
        Failure::configuration(format!("client file {shown}{named}: {problem}"))
    };
    let bytes = input::read_file(&path, LARGEST_CLIENT_FILE as u64)
        .map_err(|problem| failed(&problem).hint(how_to_get_one(&context.folder)))?;
    read_client_file(&bytes, &context.endpoints)
        .map_err(|error| failed(&error).hint(hint::for_client_file(&error)))
}

fn how_to_get_one(folder: &Path) -> String {
    let downloaded = std::fs::read_dir(folder).into_iter().flatten().flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        (name.starts_with("client_secret_") && name.ends_with(".json")).then_some(name)
    });
    match downloaded {
        Some(name) => format!("this folder has another that may be it: chatauth login --client-secrets {name}"),
        None => "in the Google Cloud console under APIs & Services > Credentials, create an OAuth client ID of type Desktop app, \
             download its JSON, and name it with --client-secrets FILE; to try without Google: chatauth demo"
            .to_owned(),
    }
}

/// The file may be older than the console's list, so this is no error.
fn warn_if_unregistered(context: &Context, client: &OAuthClient, redirect_uri: Option<&str>) {
    let Some(uri) = redirect_uri else { return };
    let is_web = client.kind == store::ClientKind::Web;
    if is_web && !client.redirect_uris.iter().any(|registered| registered == uri) {
        context.ui.warn(&format!("the client file does not list {uri}; Google answers redirect_uri_mismatch if the console doesn't either"));
    }
}

fn account_of(profile: &Profile) -> String {
    visible(profile.account.email.as_deref().unwrap_or("an account that was not told")).into_owned()
}

fn warn_about(context: &Context, signed_in: &SignedIn) {
    let ui = &context.ui;
    if !signed_in.missing.is_empty() {
        let missing = signed_in.missing.to_flag();
        ui.warn(&format!("not granted: {missing}; to ask again: chatauth login --add-scopes {missing}"));
    }
    if let Some(email) = &signed_in.replaced_account {
        ui.warn(&format!("profile {} was {}'s until now", signed_in.profile.name, visible(email)));
    }
    if let Some(end) = signed_in.profile.refresh_token_expires_at {
        let days = (end.duration_since(context.clock.now()).as_hours() + 12).div_euclid(24);
        ui.warn(&format!(
            "Google ends this sign-in at {} (in {days} days): the consent screen is in Testing, or access was given for a time",
            show::minute(end)
        ));
    }
}

fn show_human(context: &Context, signed_in: &SignedIn) -> Result<(), Failure> {
    let ui = &context.ui;
    let profile = &signed_in.profile;
    ui.data_line(&format!(
        "{} Signed in as {}",
        ui.paint(Style::Good, "✓"),
        ui.paint(Style::Strong, &account_of(profile))
    ))?;
    ui.data_line(&format!("  Profile: {} (now in use)", profile.name))?;
    let scopes = ScopeSet::granted(profile.scopes.iter().map(String::as_str));
    ui.data_line(&format!("  Scopes: {}", scopes.to_flag().replace(',', ", ")))?;
    warn_about(context, signed_in);
    Ok(())
}

fn show_json(context: &Context, signed_in: &SignedIn) -> Result<(), Failure> {
    let profile = &signed_in.profile;
    warn_about(context, signed_in);
    context.ui.data_line(
        &json!({
            "profile": profile.name.as_str(),
            "email": profile.account.email,
            "client_id": profile.client.client_id,
            "scopes": profile.scopes,
            "missing_scopes": signed_in.missing.iter().map(Scope::as_str).collect::<Vec<_>>(),
            "access_token_expires_at": profile.access_token.as_ref().map(|token| token.expires_at.to_string()),
            "refresh_token_expires_at": profile.refresh_token_expires_at.map(|end| end.to_string()),
        })
        .to_string(),
    )?;
    Ok(())
}
