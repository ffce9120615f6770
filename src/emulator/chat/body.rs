//! The body of a call: JSON of the method's schema, and what is wrong with it in Google's words.

use serde_json::{Value, json};

use super::{super::request::Request, error::ApiError};
use crate::chat::{
    methods::Method,
    schema::{self, Expected, Problem, Step, Violation},
};

/// The body in canonical form.
pub fn read(method: &Method, request: &Request) -> Result<Value, ApiError> {
    let empty = request.body.is_empty();
    let Some(schema) = method.request else {
        return if empty {
            Ok(json!({}))
        } else {
            Err(ApiError::invalid(
                "Invalid JSON payload received. Unknown name \"\": The method takes no body.",
            ))
        };
    };
    if empty {
        return Ok(json!({}));
    }
    let media_type = request.media_type();
    if media_type != "application/json" {
        return Err(ApiError::invalid(format!(
            "Invalid JSON payload received. The Content-Type has to be application/json, not \"{media_type}\"."
        )));
    }
    let value: Value =
        serde_json::from_slice(&request.body).map_err(|error| unparsable(&error, &request.body))?;
    let root = root(schema);
    if !value.is_object() {
        let text = "Invalid JSON payload received. Unknown name \"\": Root element must be a message.";
        return Err(ApiError::bad_request(&[(root, text.to_owned())]));
    }
    schema::read(schema, &value).map_err(|violations| {
        let told: Vec<(String, String)> = violations.iter().map(|violation| tell(&root, violation)).collect();
        ApiError::bad_request(&told)
    })
}

/// The field of the request message that the body fills; none where the body is the whole request.
fn root(schema: &str) -> String {
    if schema.ends_with("Request") {
        return String::new();
    }
    snake_case(schema.strip_prefix("GoogleChatV1").unwrap_or(schema))
}

/// The line that it stopped at, and a mark under the place.
fn unparsable(error: &serde_json::Error, body: &[u8]) -> ApiError {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let start = error.column().saturating_sub(20);
    let shown: String = line.chars().skip(start).take(40).collect();
    let mark = " ".repeat(error.column().saturating_sub(start).saturating_sub(1));
    let what = if error.is_eof() { "Unexpected end of string" } else { "Unexpected token" };
    ApiError::invalid(format!("Invalid JSON payload received. {what}.\n{shown}\n{mark}^"))
}

/// The field that a violation is listed under, and its description.
fn tell(root: &str, violation: &Violation) -> (String, String) {
    let place = place(root, &violation.path);
    let text = match &violation.problem {
        Problem::UnknownField { name, .. } => unknown(name, &place, "Cannot find field."),
        Problem::GivenTwice { name } => unknown(name, &place, "The field is set already."),
        Problem::TooDeep => format!(
            "Invalid JSON payload received. Message too deep. Max recursion depth reached \
                                     for key '{place}'"
        ),
        Problem::WrongType { found, .. }
            if found.is_list && !matches!(violation.path.last(), Some(Step::Index(_)) | None) =>
        {
            let (last, above) = violation.path.split_last().unwrap_or((&Step::Index(0), &[]));
            let name = match last {
                Step::Field(name) | Step::Key(name) => name.as_str(),
                Step::Index(_) => "",
            };
            unknown(name, &self::place(root, above), "Proto field is not repeating, cannot start list.")
        }
        Problem::WrongType { expected, found } | Problem::BadFormat { expected, found } => {
            format!("Invalid value at '{place}' ({}), {}", kind(*expected), found.excerpt)
        }
        Problem::BadEnum { message, found, .. } => {
            let name = match violation.path.iter().rfind(|step| matches!(step, Step::Field(_))) {
                Some(Step::Field(name)) => pascal_case(name),
                _ => String::new(),
            };
            format!("Invalid value at '{place}' ({}.{name}), {}", proto(message), found.excerpt)
        }
        Problem::Clash { oneof, second, .. } => format!(
            "Invalid value at '{place}' (oneof), oneof field '{oneof}' is already set. Cannot set '{second}'"
        ),
    };
    (place, text)
}

fn unknown(name: &str, place: &str, why: &str) -> String {
    let at = if place.is_empty() { String::new() } else { format!(" at '{place}'") };
    format!("Invalid JSON payload received. Unknown name \"{name}\"{at}: {why}")
}

fn kind(expected: Expected) -> String {
    let name = match expected {
        Expected::Message(name) => return proto(name),
        Expected::Map => "type.googleapis.com/google.protobuf.Struct",
        Expected::List => "type.googleapis.com/google.protobuf.ListValue",
        Expected::Text => "TYPE_STRING",
        Expected::Boolean => "TYPE_BOOL",
        Expected::Int32 => "TYPE_INT32",
        Expected::Int64 => "TYPE_INT64",
        Expected::Float => "TYPE_FLOAT",
        Expected::Double => "TYPE_DOUBLE",
        Expected::Bytes => "TYPE_BYTES",
        Expected::Timestamp => "type.googleapis.com/google.protobuf.Timestamp",
        Expected::Duration => "type.googleapis.com/google.protobuf.Duration",
    };
    name.to_owned()
}

/// The proto's name of a schema, which carries its package in front where it is not Chat's own.
fn proto(schema: &str) -> String {
    let (package, name) = match schema.strip_prefix("GoogleAppsCardV1") {
        Some(name) => ("google.apps.card.v1", name),
        None => ("google.chat.v1", schema.strip_prefix("GoogleChatV1").unwrap_or(schema)),
    };
    format!("type.googleapis.com/{package}.{name}")
}

fn place(root: &str, path: &[Step]) -> String {
    let mut place = root.to_owned();
    for step in path {
        match step {
            Step::Index(index) => place.push_str(&format!("[{index}]")),
            Step::Field(name) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(&snake_case(name));
            }
            Step::Key(key) => place.push_str(&format!("[{key}]")),
        }
    }
    place
}

/// The proto's name of a field.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        // `cardsV2` is `cards_v2`: the capital alone decides.
        if character.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('.') {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn pascal_case(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(schema: &str, body: Value) -> String {
        let violations = schema::check(schema, &body);
        let told: Vec<String> = violations.iter().map(|v| tell(&root(schema), v).1).collect();
        told.join("\n")
    }

    #[test]
    fn googles_words() {
        assert_eq!(
            told("Message", json!({"foo": 1})),
            "Invalid JSON payload received. Unknown name \"foo\" at 'message': Cannot find field."
        );
        assert_eq!(
            told("Message", json!({"cardsV2": [{"crad": {}}]})),
            "Invalid JSON payload received. Unknown name \"crad\" at 'message.cards_v2[0]': Cannot find field."
        );
        assert_eq!(
            told("Space", json!({"spaceType": "X"})),
            "Invalid value at 'space.space_type' (type.googleapis.com/google.chat.v1.Space.SpaceType), \"X\""
        );
        assert_eq!(
            told("Space", json!({"displayName": 5})),
            "Invalid value at 'space.display_name' (TYPE_STRING), 5"
        );
        assert_eq!(
            told("Message", json!({"text": ["a"]})),
            "Invalid JSON payload received. Unknown name \"text\" at 'message': Proto field is not repeating, \
             cannot start list."
        );
        assert_eq!(
            told("SetUpSpaceRequest", json!({"spce": {}, "space": {"x": 1}})),
            "Invalid JSON payload received. Unknown name \"spce\": Cannot find field.\n\
             Invalid JSON payload received. Unknown name \"x\" at 'space': Cannot find field."
        );
    }
}
