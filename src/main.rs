//! The `chatauth` program: the process's edge around `chatauth::run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic's own words can hold anything, a token too: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        chatauth::report_bug(&place);
    }));
    ExitCode::from(chatauth::run(std::env::args_os().collect(), chatauth::Host::process()).code())
}
