//! The exit codes. One table: the help, the manual and the tests read it.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok,
    Failed,
    Usage,
    Configuration,
    NotSignedIn,
    Permission,
    NotFound,
    TryLater,
    Bug,
    Interrupted,
    Terminated,
}

/// Code and meaning of each.
pub const EXITS: [(Exit, u8, &str); 11] = [
    (Exit::Ok, 0, "ok, also when the reader closed the pipe"),
    (Exit::Failed, 1, "failed"),
    (Exit::Usage, 2, "bad command line"),
    (Exit::Configuration, 3, "bad configuration or credential file"),
    (Exit::NotSignedIn, 4, "no sign-in, or a dead one"),
    (Exit::Permission, 5, "scope, kind of credential or permission"),
    (Exit::NotFound, 6, "not found"),
    (Exit::TryLater, 7, "try again later: rate limit, unavailable, timed out"),
    (Exit::Bug, 70, "a bug in chatauth"),
    (Exit::Interrupted, 130, "interrupted"),
    (Exit::Terminated, 143, "terminated"),
];

impl Exit {
    pub fn code(self) -> u8 {
        EXITS.iter().find(|(exit, ..)| *exit == self).map_or(70, |(_, code, _)| *code)
    }

    /// The table for the end of a help text.
    pub fn help() -> String {
        let lines = EXITS.iter().map(|(_, code, meaning)| format!("  {code:>3}  {meaning}"));
        format!("Exit codes:\n{}", lines.collect::<Vec<_>>().join("\n"))
    }
}
