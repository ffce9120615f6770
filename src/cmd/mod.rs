//! The command tree, one file a verb: translates the command line into calls of the library, and results
//! into output. Does no work itself.

pub mod api;
pub mod demo;
pub mod emulator;
pub mod login;
pub mod logout;
pub mod messages;
pub mod methods;
pub mod profiles;
pub mod refresh;
pub mod spaces;
pub mod status;
pub mod token;

mod call;
mod input;
mod list;
mod show;

use clap::{Parser, Subcommand};

use crate::cli::{Context, Exit, Failure, Global};

/// Sign people and CI jobs in to Google Chat, and work there for them.
#[derive(Parser)]
#[command(name = "chatauth", version, after_help = Exit::help(), propagate_version = false)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Sign in with a Google account
    Login(login::Arguments),
    /// Sign out: revoke the sign-in at Google and forget it
    Logout(logout::Arguments),
    /// Show who is signed in, and whether Google still takes it
    Status(status::Arguments),
    /// Print an access token
    Token(token::Arguments),
    /// Get a new access token now
    Refresh(refresh::Arguments),
    /// Stored sign-ins
    #[command(subcommand)]
    Profiles(profiles::Command),
    /// Spaces: create, get, list
    #[command(subcommand)]
    Spaces(spaces::Command),
    /// Messages: send, get, list
    #[command(subcommand)]
    Messages(messages::Command),
    /// Call any method of the Chat API, or any Google API
    Api(api::Arguments),
    /// The methods of the Chat API: list, describe
    #[command(subcommand)]
    Methods(methods::Command),
    /// A Google of your own, for trying and testing
    #[command(subcommand)]
    Emulator(emulator::Command),
    /// Show the main job on the emulator, without a Google account
    Demo(demo::Arguments),
}

impl Command {
    /// Whether it has to do with Google, or the emulator in force, at all.
    pub fn asks_google(&self) -> bool {
        !matches!(self, Command::Emulator(_) | Command::Demo(_) | Command::Methods(_))
    }
}

/// Runs a command.
pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Login(arguments) => login::run(context, arguments).await,
        Command::Logout(arguments) => logout::run(context, arguments).await,
        Command::Status(arguments) => status::run(context, arguments).await,
        Command::Token(arguments) => token::run(context, arguments).await,
        Command::Refresh(arguments) => refresh::run(context, arguments).await,
        Command::Profiles(command) => profiles::run(context, command).await,
        Command::Spaces(command) => spaces::run(context, command).await,
        Command::Messages(command) => messages::run(context, command).await,
        Command::Api(arguments) => api::run(context, arguments).await,
        Command::Methods(command) => methods::run(context, command),
        Command::Emulator(command) => emulator::run(context, command).await,
        Command::Demo(arguments) => Box::pin(demo::run(context, arguments)).await,
    }
}
