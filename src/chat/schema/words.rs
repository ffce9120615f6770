//! A violation in words, for people who wrote the JSON.

use std::fmt;

use super::{Expected, Problem, Violation, outline::settable};

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        match &self.problem {
            Problem::UnknownField { name, message } => {
                write!(f, "{message} has no field `{name}`, but {}", settable(message).join(", "))
            }
            Problem::WrongType { expected, found } => {
                write!(f, "expected {expected}, found {}", found.excerpt)
            }
            Problem::BadFormat { expected, found } => write!(f, "{} is not {expected}", found.excerpt),
            Problem::BadEnum { allowed, found, .. } => {
                write!(f, "{} is none of {}", found.excerpt, allowed.join(", "))
            }
            Problem::Clash { first, second, .. } => {
                write!(f, "only one of `{first}` and `{second}` may be set")
            }
            Problem::GivenTwice { name } => write!(f, "`{name}` is set twice, in two spellings"),
            Problem::TooDeep => f.write_str("nested too deeply"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expected::Message(name) => return write!(f, "an object ({name})"),
            Expected::Map => "an object",
            Expected::List => "a list",
            Expected::Text => "text",
            Expected::Boolean => "true or false",
            Expected::Int32 => "a 32-bit integer",
            Expected::Int64 => "a 64-bit integer",
            Expected::Float | Expected::Double => "a number",
            Expected::Bytes => "base64",
            Expected::Timestamp => "a time such as 2026-01-31T12:00:00Z",
            Expected::Duration => "a duration such as 90s",
        })
    }
}
