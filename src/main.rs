//! The `chatauth` program: the process's edge around `chatauth::run`.

use std::process::ExitCode;

fn main() -> ExitCode {
    keep_memory_private();
    // A panic's own words can hold anything, a token too: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        chatauth::report_bug(&place);
    }));
    ExitCode::from(chatauth::run(std::env::args_os().collect(), chatauth::Host::process()).code())
}

/// A crash must not write tokens to a core file, nor another process of the same user read them. Where it can't
/// be had, the sign-in is as safe as the machine's other programs' are.
#[cfg(target_os = "linux")]
fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
fn keep_memory_private() {}
