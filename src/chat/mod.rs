//! The Chat API: its methods as data, names, calls, pages and errors. Never prints, never reads the
//! environment.

pub mod methods;
pub mod schema;

mod call;
mod check;
mod client;
mod error;
mod message;
mod name;
mod pages;
mod preflight;

pub use call::{AddressError, Call};
pub use check::check;
pub use client::{Answer, Client, Payload};
pub use error::{ApiError, CallError, Cause, Error};
pub use message::{LARGEST_MESSAGE, ReplyOption, check_size};
pub use name::{NameError, ResourceName};
pub use pages::{Extent, Page, Pages};
pub use preflight::smallest_scope;
