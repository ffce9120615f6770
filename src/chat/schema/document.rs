//! The schemas themselves, as facts of Google's discovery document and protos. Read once, on first use.

use std::{collections::HashMap, sync::OnceLock};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Expected;

#[derive(Default, Deserialize)]
struct Document {
    schemas: HashMap<String, Schema>,
}

#[derive(Deserialize)]
pub struct Schema {
    #[serde(default)]
    properties: HashMap<String, Field>,
    /// The groups of fields of which only one may be set.
    #[serde(default)]
    oneofs: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    format: Option<String>,
    #[serde(rename = "enum")]
    pub allowed: Option<Vec<String>>,
    pub additional_properties: Option<Box<Field>>,
    #[serde(default)]
    pub repeated: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    read_only: bool,
}

/// A schema, with its name as the document spells it.
pub fn schema(name: &str) -> Option<(&'static str, &'static Schema)> {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        // It is part of the program and a test reads it, so this doesn't fail; if it did, nothing would be checked.
        serde_json::from_str(include_str!("../schemas.json")).unwrap_or_default()
    });
    document.schemas.get_key_value(name).map(|(name, schema)| (name.as_str(), schema))
}

impl Schema {
    /// A field by its JSON name or by its name in the proto, as proto JSON takes both.
    pub fn field(&'static self, name: &str) -> Option<(&'static str, &'static Field)> {
        self.properties
            .get_key_value(name)
            .or_else(|| self.properties.get_key_value(camel_case(name)?.as_str()))
            .map(|(name, field)| (name.as_str(), field))
    }

    /// The group, and its member among those `set`, that forbids setting this field too.
    pub fn clash(&'static self, name: &str, set: &Map<String, Value>) -> Option<(&'static str, String)> {
        let (oneof, members) = self.oneofs.iter().find(|(_, members)| members.iter().any(|m| m == name))?;
        let first = members.iter().find(|member| *member != name && set.contains_key(*member))?;
        Some((oneof, first.clone()))
    }

    pub fn fields(&'static self) -> impl Iterator<Item = (&'static str, &'static Field)> {
        self.properties.iter().map(|(name, field)| (name.as_str(), field))
    }

    pub fn required(&'static self) -> impl Iterator<Item = &'static str> {
        self.properties.iter().filter(|(_, field)| field.required).map(|(name, _)| name.as_str())
    }
}

impl Field {
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Only Google sets it.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// What JSON a plain value has to be; `None` where anything goes.
    pub fn scalar(&self) -> Option<Expected> {
        Some(match (self.kind.as_deref()?, self.format.as_deref()) {
            ("string", Some("int64" | "uint64")) => Expected::Int64,
            ("string", Some("byte")) => Expected::Bytes,
            ("string", Some("google-datetime")) => Expected::Timestamp,
            ("string", Some("google-duration")) => Expected::Duration,
            ("string", _) => Expected::Text,
            ("boolean", _) => Expected::Boolean,
            ("integer", _) => Expected::Int32,
            ("number", Some("float")) => Expected::Float,
            ("number", _) => Expected::Double,
            ("object", _) => Expected::Map,
            _ => return None,
        })
    }
}

/// The JSON name of a proto field; `None` for a name that no proto field has.
fn camel_case(name: &str) -> Option<String> {
    if !name.contains('_') || name.contains(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let mut upper = false;
    let mut result = String::with_capacity(name.len());
    for character in name.chars() {
        if character == '_' {
            upper = true;
        } else {
            result.push(if upper { character.to_ascii_uppercase() } else { character });
            upper = false;
        }
    }
    Some(result)
}
