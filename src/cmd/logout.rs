//! `chatauth logout`

use clap::Args;
use serde_json::{Value, json};

use crate::{
    auth,
    cli::{Context, Failure, Kind},
    output::{Format, Style, visible},
    store::{Profile, ProfileName},
};

#[derive(Args)]
pub struct Arguments {
    /// Sign out of all profiles
    #[arg(long)]
    all: bool,
    /// Forget the sign-in here only; Google keeps it
    #[arg(long)]
    no_revoke: bool,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let leaving = leaving(context, arguments.all)?;
    if !arguments.no_revoke {
        let others = also_ended(context, &leaving)?;
        agree(context, &others).await?;
    }
    let mut failed = Vec::new();
    let mut shown = Vec::new();
    for profile in &leaving {
        let problem = end(context, profile, !arguments.no_revoke).await?;
        let revoked = problem.is_none() && !arguments.no_revoke;
        if context.ui.format == Format::Human {
            let what = if revoked { "Signed out of" } else { "Forgot" };
            let sign = context.ui.paint(Style::Good, "✓");
            context.ui.data_line(&format!("{sign} {what} {}", profile.name))?;
        } else {
            shown.push(json!({ "profile": profile.name.as_str(), "revoked": revoked, "forgotten": true }));
        }
        failed.extend(problem.map(|problem| format!("{}: {problem}", profile.name)));
    }
    if context.ui.format != Format::Human {
        let shown = if arguments.all { Value::Array(shown) } else { shown.pop().unwrap_or_default() };
        context.ui.data_line(&shown.to_string())?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Failed,
        format!("forgotten here, but not revoked at Google: {}", failed.join("; ")),
    )
    .hint("end it at https://myaccount.google.com/connections"))
}

fn leaving(context: &Context, all: bool) -> Result<Vec<Profile>, Failure> {
    if !all {
        return Ok(vec![context.session()?.profile()]);
    }
    let mut profiles = Vec::new();
    for name in context.store.names()? {
        match context.store.read(&name) {
            Ok(profile) => profiles.extend(profile),
            // One that cannot be read must not keep the others signed in.
            Err(error) => context.ui.warn(&format!("left alone: {error}")),
        }
    }
    if profiles.is_empty() { Err(Failure::not_signed_in()) } else { Ok(profiles) }
}

/// Google ends every sign-in of an account to a Cloud project at once: those that stay here would be dead.
fn also_ended(context: &Context, leaving: &[Profile]) -> Result<Vec<ProfileName>, Failure> {
    let mut others = Vec::new();
    for name in context.store.names()? {
        if leaving.iter().any(|profile| profile.name == name) {
            continue;
        }
        // A file that cannot be read is no sign-in that could be ended.
        let Ok(Some(other)) = context.store.read(&name) else { continue };
        if leaving.iter().any(|profile| is_same_grant(profile, &other)) {
            others.push(name);
        }
    }
    Ok(others)
}

fn is_same_grant(one: &Profile, other: &Profile) -> bool {
    // A client id starts with its project's number.
    let project = |profile: &Profile| profile.client.client_id.split('-').next().map(str::to_owned);
    let same_account = match (&one.account.subject, &other.account.subject) {
        (Some(a), Some(b)) => a == b,
        _ => one.account.email.is_some() && one.account.email == other.account.email,
    };
    same_account && project(one) == project(other)
}

async fn agree(context: &Context, others: &[ProfileName]) -> Result<(), Failure> {
    if others.is_empty() || context.settings.yes {
        return Ok(());
    }
    let names: Vec<String> = others.iter().map(ToString::to_string).collect();
    let what = format!(
        "signing out also ends the sign-ins of the same account to the same project: {}",
        names.join(", ")
    );
    if !context.ui.interactive {
        return Err(Failure::usage(what)
            .hint("chatauth logout{profile} --yes does it; --no-revoke only forgets this one here"));
    }
    context.ui.say(&visible(&what));
    if context.ui.confirm("Sign out?", false).await {
        Ok(())
    } else {
        Err(Failure::new(Kind::Failed, "nothing was changed"))
    }
}

/// Revokes, then forgets, also when revoking failed: then says why.
async fn end(context: &Context, profile: &Profile, revoke: bool) -> Result<Option<String>, Failure> {
    let (clock, wait) = (&*context.clock, context.reach().lock_wait());
    let guard = context.store.lock(&profile.name, clock, wait).await?;
    // A refresh may have rotated the token since it was read.
    let token = guard.read()?.map_or_else(|| profile.refresh_token.clone(), |current| current.refresh_token);
    let problem = match revoke {
        true => auth::revoke(context.reach(), &token).await.err().map(|error| error.to_string()),
        false => None,
    };
    guard.remove()?;
    context.store.deactivate(&profile.name, clock, wait).await?;
    drop(guard);
    Ok(problem)
}
