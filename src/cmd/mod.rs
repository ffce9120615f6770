//! One file a verb: translates the command line into calls of the library, and results into output. Does no
//! work itself.

pub mod demo;
pub mod emulator;
pub mod login;
pub mod logout;
pub mod messages;
pub mod profiles;
pub mod refresh;
pub mod spaces;
pub mod status;
pub mod token;

mod call;
mod input;
mod list;
mod show;

use crate::cli::{Command, Context, Failure};

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
        Command::Emulator(command) => emulator::run(context, command).await,
        Command::Demo(arguments) => Box::pin(demo::run(context, arguments)).await,
    }
}
