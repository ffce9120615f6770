//! The options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Which stored sign-in [env: CHATAUTH_PROFILE] [default: the one in use]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// OAuth client file for signing in [env: CHATAUTH_CLIENT_SECRETS] [default: client_secrets.json]
    #[arg(long, global = true, value_name = "FILE")]
    pub client_secrets: Option<PathBuf>,
    /// Project to bill and count for, in x-goog-user-project
    #[arg(long, global = true, value_name = "PROJECT")]
    pub quota_project: Option<String>,
    /// How to write data [env: CHATAUTH_FORMAT] [default: auto, human on a terminal and else JSON]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub format: Option<FormatName>,
    /// Filter the JSON with a jq expression: a list's page, with ndjson each resource
    #[arg(long, global = true, value_name = "EXPR")]
    pub jq: Option<String>,
    /// Ask for these fields only, such as name,sender.displayName
    #[arg(long, global = true, value_name = "FIELDS")]
    pub fields: Option<String>,
    /// Say less on standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Trace requests on standard error; twice, with headers and bodies, secrets hidden
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Never ask on the terminal [env: CHATAUTH_NO_INPUT]
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Let Google alone decide what the sign-in may do
    #[arg(long, global = true)]
    pub no_preflight: bool,
    /// Time for the whole command; for login, the time to wait for the browser [default: 120; login: 300]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
    /// How often to try again after a passing failure [default: 4]
    #[arg(long, global = true, value_name = "N")]
    pub retries: Option<u32>,
    /// Where sign-ins are kept [env: CHATAUTH_HOME] [default: the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    Auto,
    Human,
    Json,
    Ndjson,
}
