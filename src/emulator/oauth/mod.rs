//! The OAuth half: `https://accounts.google.com` and `https://oauth2.googleapis.com`, as far as a desktop or web
//! client meets them.

pub mod accounts;
pub mod authorize;
pub mod clients;
mod consent_page;
pub mod discovery;
mod error;
pub mod grants;
mod id_token;
mod parameters;
pub mod revoke;
pub mod scopes;
pub mod token;
pub mod userinfo;
