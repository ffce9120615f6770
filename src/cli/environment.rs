//! The one place that reads the environment.

use std::{collections::HashMap, ffi::OsString, path::PathBuf};

/// Variables by name. An empty one counts as unset.
#[derive(Clone, Default)]
pub struct Environment(HashMap<OsString, OsString>);

impl Environment {
    /// The process's own.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Environment(std::env::vars_os().collect())
    }

    pub fn of<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Environment(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// A variable's text. What isn't Unicode is no text that any of our variables can have.
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name)?.to_str().map(str::to_owned)
    }

    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }

    pub fn is_set(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    fn raw(&self, name: &str) -> Option<OsString> {
        self.0.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty()).cloned()
    }
}
