//! What every command stands on: its settings, what it works with, and how it ends.

pub mod hint;
pub mod report;

mod browser;
mod context;
mod environment;
mod exit;
mod failure;
mod global;
mod settings;
mod sign_in_surface;
mod trace;

pub use browser::{Browser, SystemBrowser};
pub use context::Context;
pub use environment::Environment;
pub use exit::{EXITS, Exit};
pub use failure::{Failure, Kind};
pub use global::{FormatName, Global};
pub use settings::Settings;
pub use sign_in_surface::SignInSurface;
