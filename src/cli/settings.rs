//! The settings of a run: a flag beats a variable, an empty variable is none, and each knows where it came
//! from.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http::HeaderValue;

use super::{Environment, Failure, FormatName, Global};
use crate::{
    output::{self, Filter, Format},
    secret::Secret,
    store::ProfileName,
    transport::{Config, EmulatorAddress, ProxyAddress},
};

/// Where a setting came from, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Variable(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) | Origin::Variable(name) => f.write_str(name),
        }
    }
}

#[derive(Clone)]
pub struct Settings {
    pub profile: Option<(ProfileName, Origin)>,
    pub access_token: Option<Secret>,
    pub client_secrets: Option<(PathBuf, Origin)>,
    pub space: Option<String>,
    pub quota_project: Option<HeaderValue>,
    pub format: Option<Format>,
    pub filter: Option<Arc<Filter>>,
    pub fields: Option<String>,
    pub quiet: bool,
    pub verbose: u8,
    pub no_input: bool,
    pub yes: bool,
    pub preflight: bool,
    pub timeout: Option<Duration>,
    pub tries: u32,
    pub data_folder: PathBuf,
    pub emulator: Option<EmulatorAddress>,
    pub network: Config,
    pub color: Option<bool>,
    /// `user@host` at the other end of an SSH session, or at least that there's one.
    pub over_ssh: bool,
}

/// Five tries in all.
const RETRIES: u32 = 4;

impl Settings {
    pub fn resolve(flags: &Global, environment: &Environment, folder: &Path) -> Result<Self, Failure> {
        refuse_unknown_credentials(environment)?;
        Ok(Settings {
            profile: profile(flags, environment)?,
            access_token: access_token(environment)?,
            client_secrets: client_secrets(flags, environment),
            space: environment.text("CHATAUTH_SPACE"),
            quota_project: quota_project(flags)?,
            format: format(flags, environment)?,
            filter: filter(flags)?,
            fields: flags.fields.clone(),
            quiet: flags.quiet,
            verbose: flags.verbose,
            no_input: flags.no_input || environment.is_set("CHATAUTH_NO_INPUT"),
            yes: flags.yes,
            preflight: !flags.no_preflight,
            timeout: flags.timeout.map(Duration::from_secs),
            tries: flags.retries.unwrap_or(RETRIES).saturating_add(1),
            data_folder: data_folder(flags, environment, folder)?,
            emulator: emulator(environment)?,
            network: network(environment)?,
            color: color(environment),
            over_ssh: environment.is_set("SSH_CONNECTION"),
        })
    }

    pub fn output(&self) -> output::Options {
        // A filter is for JSON.
        let format = match (self.format, &self.filter) {
            (None | Some(Format::Human), Some(_)) => Some(Format::Json),
            (format, _) => format,
        };
        output::Options {
            format,
            filter: self.filter.clone(),
            quiet: self.quiet,
            no_input: self.no_input,
            color: self.color,
        }
    }
}

/// A credential that was named and cannot be used is an error: nothing falls through to another identity.
fn refuse_unknown_credentials(environment: &Environment) -> Result<(), Failure> {
    match ["CHATAUTH_CREDENTIALS", "CHATAUTH_SUBJECT"].into_iter().find(|name| environment.is_set(name)) {
        Some(name) => Err(Failure::configuration(format!(
            "{name} is set, but this version knows no credential files yet"
        ))
        .hint(format!("unset {name} to use a profile"))),
        None => Ok(()),
    }
}

fn profile(flags: &Global, environment: &Environment) -> Result<Option<(ProfileName, Origin)>, Failure> {
    let by_flag = flags.profile.clone().map(|name| (name, Origin::Flag("--profile")));
    let by_variable = || Some((environment.text("CHATAUTH_PROFILE")?, Origin::Variable("CHATAUTH_PROFILE")));
    let Some((name, origin)) = by_flag.or_else(by_variable) else { return Ok(None) };
    match ProfileName::parse(&name) {
        Ok(name) => Ok(Some((name, origin))),
        Err(error) if matches!(origin, Origin::Flag(_)) => Err(Failure::usage(format!("{origin}: {error}"))),
        Err(error) => Err(Failure::configuration(format!("{origin}: {error}"))),
    }
}

fn access_token(environment: &Environment) -> Result<Option<Secret>, Failure> {
    let Some(token) = environment.text("CHATAUTH_ACCESS_TOKEN") else { return Ok(None) };
    // RFC 6750 section 2.1: b68token. Anything else would break the header.
    if !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Failure::configuration(
            "CHATAUTH_ACCESS_TOKEN holds white space or other signs that no access token has",
        )
        .hint("was a line end or a quote copied along?"));
    }
    Ok(Some(Secret::new(token)))
}

fn client_secrets(flags: &Global, environment: &Environment) -> Option<(PathBuf, Origin)> {
    let by_flag = flags.client_secrets.clone().map(|path| (path, Origin::Flag("--client-secrets")));
    by_flag.or_else(|| {
        Some((environment.path("CHATAUTH_CLIENT_SECRETS")?, Origin::Variable("CHATAUTH_CLIENT_SECRETS")))
    })
}

fn quota_project(flags: &Global) -> Result<Option<HeaderValue>, Failure> {
    let Some(project) = &flags.quota_project else { return Ok(None) };
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
    match HeaderValue::from_str(project) {
        Ok(value) if !project.is_empty() && project.chars().all(sound) => Ok(Some(value)),
        _ => Err(Failure::usage(format!("--quota-project: {project:?} is not a project's id or number"))),
    }
}

fn format(flags: &Global, environment: &Environment) -> Result<Option<Format>, Failure> {
    let name = match (flags.format, environment.text("CHATAUTH_FORMAT")) {
        (Some(name), _) => name,
        (None, None) => FormatName::Auto,
        (None, Some(text)) => <FormatName as clap::ValueEnum>::from_str(&text, false).map_err(|_| {
            Failure::configuration(format!(
                "CHATAUTH_FORMAT is {text:?}, but must be auto, human, json or ndjson"
            ))
        })?,
    };
    Ok(match name {
        FormatName::Auto => None,
        FormatName::Human => Some(Format::Human),
        FormatName::Json => Some(Format::Json),
        FormatName::Ndjson => Some(Format::NdJson),
    })
}

fn filter(flags: &Global) -> Result<Option<Arc<Filter>>, Failure> {
    let Some(code) = &flags.jq else { return Ok(None) };
    Filter::parse(code)
        .map(|filter| Some(Arc::new(filter)))
        .map_err(|error| Failure::usage(format!("--jq {code:?}: {error}")))
}

fn data_folder(flags: &Global, environment: &Environment, folder: &Path) -> Result<PathBuf, Failure> {
    if let Some(path) = flags.data_dir.clone().or_else(|| environment.path("CHATAUTH_HOME")) {
        return Ok(folder.join(path));
    }
    let project = directories::ProjectDirs::from("", "", "chatauth");
    project.map(|project| project.data_dir().to_owned()).ok_or_else(|| {
        Failure::configuration("there is no home folder to keep sign-ins in")
            .hint("set CHATAUTH_HOME to a folder")
    })
}

fn emulator(environment: &Environment) -> Result<Option<EmulatorAddress>, Failure> {
    let Some(text) = environment.text("CHATAUTH_EMULATOR_HOST") else { return Ok(None) };
    EmulatorAddress::parse(&text)
        .map(Some)
        .map_err(|error| Failure::configuration(format!("CHATAUTH_EMULATOR_HOST: {error}")))
}

/// The lower-case names too, as curl has them.
fn network(environment: &Environment) -> Result<Config, Failure> {
    let first =
        |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, environment.text(name)?)));
    let proxy = first(["HTTPS_PROXY", "https_proxy"]).or_else(|| first(["ALL_PROXY", "all_proxy"]));
    let proxy = proxy
        .map(|(name, text)| {
            ProxyAddress::parse(&text).map_err(|error| Failure::configuration(format!("{name}: {error}")))
        })
        .transpose()?;
    Ok(Config {
        proxy,
        no_proxy: first(["NO_PROXY", "no_proxy"]).map(|(_, text)| text),
        ca_file: environment.path("SSL_CERT_FILE"),
        ca_folder: environment.path("SSL_CERT_DIR"),
    })
}

/// `NO_COLOR` (no-color.org) beats `CLICOLOR_FORCE` (bixense.com/clicolors).
fn color(environment: &Environment) -> Option<bool> {
    if environment.is_set("NO_COLOR") {
        return Some(false);
    }
    (environment.text("CLICOLOR_FORCE")? != "0").then_some(true)
}
