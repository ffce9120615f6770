//! The query of a call, against the table: names, types, once each.

use super::{body::snake_case, error::ApiError, partial::Mask};
use crate::chat::methods::{Method, QueryKind, QueryParameter};

/// What every Google API takes.
const GLOBAL: &[&str] = &[
    "$.xgafv",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
];

/// The parameters given, by the table's names.
pub struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// A value; an empty one counts as unset, as everywhere in proto3.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    pub fn number(&self, name: &str) -> i32 {
        self.text(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// `fields`, or Google's `$fields`.
    pub fn fields(&self, method: &Method) -> Result<Option<Mask>, ApiError> {
        self.text("fields").map(|text| Mask::parse(text, method.response)).transpose()
    }

    pub fn pretty(&self) -> bool {
        self.text("prettyPrint") != Some("false")
    }

    /// What a page token is bound to: all of them but the page's own.
    pub fn without_page(&self) -> String {
        let mut rest: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| !matches!(*name, "pageToken" | "pageSize") && !GLOBAL.contains(name))
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        rest.sort();
        rest.join("&")
    }
}

pub fn read(method: &'static Method, query: Vec<(String, String)>) -> Result<Parameters, ApiError> {
    let mut violations: Vec<(String, String)> = Vec::new();
    let mut parameters = Parameters(Vec::new());
    for (given, value) in query {
        if let Some(name) = global(&given) {
            parameters.0.push((name, value));
            continue;
        }
        let Some(known) = method.query.iter().find(|p| p.name == given || snake_case(p.name) == given) else {
            let text = format!(
                "Invalid JSON payload received. Unknown name \"{given}\": Cannot bind query parameter. Field \
                 '{given}' could not be found in request message."
            );
            violations.push((String::new(), text));
            continue;
        };
        if !known.repeated && parameters.0.iter().any(|(name, _)| *name == known.name) {
            let text = format!(
                "Invalid JSON payload received. Unknown name \"{given}\": Proto field is not repeating, cannot \
                 start list."
            );
            violations.push((String::new(), text));
            continue;
        }
        if let Some(text) = mistyped(method, known, &value) {
            violations.push((snake_case(known.name), text));
        }
        parameters.0.push((known.name, value));
    }
    for missing in method.query.iter().filter(|p| p.required && parameters.text(p.name).is_none()) {
        let name = snake_case(missing.name);
        violations.push((name.clone(), format!("Required parameter is missing: {name}")));
    }
    if violations.is_empty() { Ok(parameters) } else { Err(ApiError::bad_request(&violations)) }
}

fn global(given: &str) -> Option<&'static str> {
    let plain = given.strip_prefix('$').filter(|rest| !rest.starts_with('.')).unwrap_or(given);
    GLOBAL.iter().copied().find(|name| *name == plain)
}

fn mistyped(method: &Method, parameter: &QueryParameter, value: &str) -> Option<String> {
    let (good, kind) = match &parameter.kind {
        QueryKind::String | QueryKind::FieldMask => return None,
        QueryKind::Int32 => (value.parse::<i32>().is_ok(), "TYPE_INT32".to_owned()),
        QueryKind::Boolean => (matches!(value, "true" | "false"), "TYPE_BOOL".to_owned()),
        QueryKind::Enum(allowed) => {
            (allowed.contains(&value) || value.parse::<i32>().is_ok(), enum_type(method, parameter.name))
        }
    };
    (!good).then(|| format!("Invalid value at '{}' ({kind}), \"{value}\"", snake_case(parameter.name)))
}

/// The proto's name for it, by its habit of naming an enum after its field.
fn enum_type(method: &Method, parameter: &str) -> String {
    let field = parameter.rsplit('.').next().unwrap_or(parameter);
    let mut characters = field.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    let name: String = first.into_iter().chain(characters).collect();
    let request = method.rpc.map(|rpc| format!("{rpc}Request.")).unwrap_or_default();
    format!("type.googleapis.com/google.chat.v1.{request}{name}")
}
