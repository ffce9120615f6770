//! The Chat API: its methods as data, names, calls, pages and errors. Never prints, never reads the environment.

pub mod methods;
pub mod schema;
