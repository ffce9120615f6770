//! Request bodies held against the schemas of the Chat API, by the rules of proto JSON.
//!
//! Finds names that don't exist, values of the wrong type and enum values that Google doesn't know, before
//! anything is sent. It does not judge what a valid body means: that is the API's business. The command
//! line uses it for `--json` bodies, the emulator to answer as Google does.

mod document;
mod format;
mod outline;
mod words;

use serde_json::{Map, Value};

use document::{Field, Schema, schema};
pub use format::timestamp;
pub use outline::outline;

/// Nesting that Google's own parser takes (the default of protocol buffers).
const MAX_DEPTH: usize = 100;

/// How much of a wrong value is shown.
const EXCERPT: usize = 120;

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: for an unknown field or a clash the message that holds it, otherwise the value itself.
    pub path: Vec<Step>,
    pub problem: Problem,
}

/// One step down from the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field by its JSON name, however it was spelled.
    Field(String),
    /// The place in a list.
    Index(usize),
    /// The key in a map.
    Key(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The message has no field of this name.
    UnknownField {
        name: String,
        message: &'static str,
    },
    WrongType {
        expected: Expected,
        found: Found,
    },
    BadEnum {
        message: &'static str,
        allowed: &'static [String],
        found: Found,
    },
    /// The right type of JSON, with text that doesn't read as what it should be.
    BadFormat {
        expected: Expected,
        found: Found,
    },
    /// Two fields of which only one may be set.
    Clash {
        oneof: &'static str,
        first: String,
        second: String,
    },
    /// A field given twice, once in each spelling.
    GivenTwice {
        name: String,
    },
    TooDeep,
}

/// What a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// An object of this schema.
    Message(&'static str),
    /// An object of any keys.
    Map,
    /// A list of anything.
    List,
    Text,
    Boolean,
    Int32,
    Int64,
    Float,
    Double,
    /// Base64.
    Bytes,
    /// RFC 3339.
    Timestamp,
    /// Seconds and an `s`.
    Duration,
}

/// A wrong value as JSON, cut to a readable length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub excerpt: String,
    pub is_list: bool,
}

/// What is wrong with a body of this schema; nothing for a schema that isn't known.
pub fn check(schema: &str, body: &Value) -> Vec<Violation> {
    read(schema, body).err().unwrap_or_default()
}

/// The body as Google would read it: JSON names instead of the proto's, enum names instead of numbers, and
/// no nulls.
pub fn read(schema_name: &str, body: &Value) -> Result<Value, Vec<Violation>> {
    let Some((name, schema)) = schema(schema_name) else {
        return Ok(body.clone());
    };
    let mut reader = Reader { path: Vec::new(), violations: Vec::new() };
    let value = reader.message(name, schema, body);
    if reader.violations.is_empty() { Ok(value) } else { Err(reader.violations) }
}

/// The names of the fields that a schema requires.
pub fn required(schema_name: &str) -> Vec<&'static str> {
    schema(schema_name).map(|(_, schema)| schema.required().collect()).unwrap_or_default()
}

/// Whether a field or anything below it exists: `thread.name`, in either spelling. A `*` ends the path.
pub fn has_path(schema_name: &str, path: &str) -> bool {
    let mut at = schema(schema_name);
    for part in path.split('.') {
        let Some((_, here)) = at else { return false };
        if part == "*" {
            return true;
        }
        let Some((_, field)) = here.field(part) else { return false };
        at = field.reference().and_then(schema);
    }
    true
}

impl Violation {
    /// The place for people: `cardsV2[0].card`; empty for the body itself.
    pub fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => place.push_str(&format!("[{index}]")),
                Step::Field(name) | Step::Key(name) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.push_str(name);
                }
            }
        }
        place
    }
}

impl Found {
    fn new(value: &Value) -> Self {
        let text = value.to_string();
        let excerpt = match text.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        };
        Found { excerpt, is_list: value.is_array() }
    }
}

/// Walks a body once: collects what is wrong, and builds the canonical form.
struct Reader {
    path: Vec<Step>,
    violations: Vec<Violation>,
}

impl Reader {
    fn message(&mut self, name: &'static str, schema: &'static Schema, value: &Value) -> Value {
        let Value::Object(object) = value else {
            return self.wrong(Expected::Message(name), value);
        };
        if self.path.len() >= MAX_DEPTH {
            return self.refuse(Problem::TooDeep);
        }
        let mut result = Map::new();
        for (given, value) in object {
            let Some((json_name, field)) = schema.field(given) else {
                self.refuse(Problem::UnknownField { name: given.clone(), message: name });
                continue;
            };
            if value.is_null() {
                continue;
            }
            if result.contains_key(json_name) {
                self.refuse(Problem::GivenTwice { name: given.clone() });
                continue;
            }
            if let Some((oneof, first)) = schema.clash(json_name, &result) {
                self.refuse(Problem::Clash { oneof, first, second: json_name.to_owned() });
                continue;
            }
            let read = self.at(Step::Field(json_name.to_owned()), |reader| reader.field(name, field, value));
            result.insert(json_name.to_owned(), read);
        }
        Value::Object(result)
    }

    fn field(&mut self, message: &'static str, field: &'static Field, value: &Value) -> Value {
        if !field.repeated {
            return self.single(message, field, value);
        }
        let Value::Array(items) = value else {
            let expected = field.reference().and_then(schema).map(|(name, _)| Expected::Message(name));
            return self.wrong(expected.unwrap_or(Expected::List), value);
        };
        let read = items.iter().enumerate();
        Value::Array(
            read.map(|(index, item)| self.at(Step::Index(index), |r| r.single(message, field, item)))
                .collect(),
        )
    }

    fn single(&mut self, message: &'static str, field: &'static Field, value: &Value) -> Value {
        if let Some(reference) = field.reference() {
            return match schema(reference) {
                Some((name, schema)) => self.message(name, schema, value),
                None => value.clone(),
            };
        }
        if let Some(entry) = &field.additional_properties {
            return self.map(message, entry, value);
        }
        if let Some(allowed) = &field.allowed {
            return self.enumeration(message, allowed, value);
        }
        let Some(expected) = field.scalar() else {
            return value.clone();
        };
        match format::read(expected, value) {
            Ok(()) => value.clone(),
            Err(format::Mismatch::Type) => self.wrong(expected, value),
            Err(format::Mismatch::Format) => {
                self.refuse(Problem::BadFormat { expected, found: Found::new(value) })
            }
        }
    }

    fn map(&mut self, message: &'static str, entry: &'static Field, value: &Value) -> Value {
        let Value::Object(object) = value else {
            return self.wrong(Expected::Map, value);
        };
        let entries = object.iter().map(|(key, value)| {
            let read = self.at(Step::Key(key.clone()), |reader| reader.single(message, entry, value));
            (key.clone(), read)
        });
        Value::Object(entries.collect())
    }

    /// By name, or by number: the names are listed in the order of their numbers, which Google's enums start
    /// at 0 with rare gaps. A number without a name is kept, as proto3 keeps it.
    fn enumeration(&mut self, message: &'static str, allowed: &'static [String], value: &Value) -> Value {
        match value {
            Value::String(name) if allowed.contains(name) => value.clone(),
            Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
                let index = number.as_u64().and_then(|n| usize::try_from(n).ok());
                let name = index.and_then(|index| allowed.get(index));
                name.map_or_else(|| value.clone(), |name| Value::String(name.clone()))
            }
            _ => self.refuse(Problem::BadEnum { message, allowed, found: Found::new(value) }),
        }
    }

    fn at(&mut self, step: Step, read: impl FnOnce(&mut Self) -> Value) -> Value {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }

    fn wrong(&mut self, expected: Expected, value: &Value) -> Value {
        self.refuse(Problem::WrongType { expected, found: Found::new(value) })
    }

    fn refuse(&mut self, problem: Problem) -> Value {
        self.violations.push(Violation { path: self.path.clone(), problem });
        Value::Null
    }
}

#[cfg(test)]
mod tests;
