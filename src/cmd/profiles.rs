//! `chatauth profiles list | use | remove`

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    auth,
    cli::{Context, Failure, Kind},
    output::{Format, Style, Table, visible},
    store::ProfileName,
};

#[derive(Subcommand)]
pub enum Command {
    /// List the stored sign-ins
    List,
    /// Choose the sign-in to use from now on
    Use { name: String },
    /// Forget a sign-in here, without revoking it at Google
    Remove { name: String },
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::List => list(context),
        Command::Use { name } => choose(context, &name).await,
        Command::Remove { name } => remove(context, &name).await,
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let ui = &context.ui;
    let active = context.store.active()?;
    let mut shown = Vec::new();
    let mut table = Table::default();
    for name in context.store.names()? {
        let in_use = active.as_ref() == Some(&name);
        let (email, problem) = match context.store.read(&name) {
            Ok(profile) => (profile.and_then(|profile| profile.account.email), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let note = problem.as_deref().or(email.as_deref()).unwrap_or_default();
        table.row([if in_use { "*" } else { "" }.to_owned(), name.to_string(), visible(note).into_owned()]);
        shown.push(json!({ "profile": name.as_str(), "email": email, "in_use": in_use, "problem": problem }));
    }
    match ui.format {
        Format::Json => ui.data_line(&Value::Array(shown).to_string())?,
        Format::NdJson => {
            for profile in shown {
                ui.data_line(&profile.to_string())?;
            }
        }
        Format::Human if table.is_empty() => ui.note("No sign-ins are stored. chatauth login makes one."),
        Format::Human => {
            for line in table.lines() {
                ui.data_line(&line)?;
            }
        }
    }
    Ok(())
}

async fn choose(context: &Context, name: &str) -> Result<(), Failure> {
    let name = existing(context, name)?;
    context.store.set_active(&name, &*context.clock, context.reach().lock_wait()).await?;
    done(context, &name, "is in use now", json!({ "profile": name.as_str(), "in_use": true }))
}

async fn remove(context: &Context, name: &str) -> Result<(), Failure> {
    let name = parse(name)?;
    if !context.store.path(&name).exists() {
        return Err(auth::Error::NoSuchProfile(name).into());
    }
    let (clock, wait) = (&*context.clock, context.reach().lock_wait());
    let guard = context.store.lock(&name, clock, wait).await?;
    // Only what is ours: a file that cannot be read may be somebody's only copy.
    guard.read()?;
    guard.remove()?;
    context.store.deactivate(&name, clock, wait).await?;
    drop(guard);
    done(
        context,
        &name,
        "is forgotten here; Google still knows it",
        json!({ "profile": name.as_str(), "removed": true }),
    )
}

fn done(context: &Context, name: &ProfileName, what: &str, shown: Value) -> Result<(), Failure> {
    let ui = &context.ui;
    if ui.format == Format::Human {
        ui.data_line(&format!("{} {name} {what}", ui.paint(Style::Good, "✓")))?;
    } else {
        ui.data_line(&shown.to_string())?;
    }
    Ok(())
}

fn parse(name: &str) -> Result<ProfileName, Failure> {
    ProfileName::parse(name).map_err(|error| Failure::new(Kind::Usage, error.to_string()))
}

fn existing(context: &Context, name: &str) -> Result<ProfileName, Failure> {
    let name = parse(name)?;
    match context.store.read(&name)? {
        Some(_) => Ok(name),
        None => Err(auth::Error::NoSuchProfile(name).into()),
    }
}
