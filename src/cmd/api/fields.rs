//! `-f key=text` and `-F key=value`: a body put together on the command line.

use serde_json::{Map, Value};

use crate::{
    cli::{Context, Failure},
    cmd::input,
};

/// Splits `name=value`.
pub fn split(flag: &str, text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::usage(format!("{flag} {text:?} must be NAME=VALUE"))),
    }
}

/// Sets fields in a body, which begins as an empty object.
pub fn set(
    context: &Context,
    body: &mut Option<Value>,
    raw: &[String],
    typed: &[String],
) -> Result<(), Failure> {
    for text in raw {
        let (key, value) = split("-f", text)?;
        put(body.get_or_insert_with(|| Value::Object(Map::new())), &key, Value::String(value))?;
    }
    for text in typed {
        let (key, value) = split("-F", text)?;
        let value = typed_value(context, &value)?;
        put(body.get_or_insert_with(|| Value::Object(Map::new())), &key, value)?;
    }
    Ok(())
}

/// As gh has it: literals and numbers as such, `@file` its text, anything else text.
fn typed_value(context: &Context, text: &str) -> Result<Value, Failure> {
    if let Some(path) = text.strip_prefix('@') {
        let bytes = input::read_file(&context.folder.join(path), 4 * 1024 * 1024)
            .map_err(|problem| Failure::usage(format!("-F @{path}: {problem}")))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format!("-F @{path}: it is not UTF-8 text")))?;
        return Ok(Value::String(text));
    }
    Ok(match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Null | Value::Number(_))) => value,
        _ => Value::String(text.to_owned()),
    })
}

/// Puts a value at `a.b[].c`: dots go into objects, `[]` appends to a list.
fn put(place: &mut Value, key: &str, value: Value) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::usage(format!("the field {key}: {what}"));
    let mut place = place;
    for step in key.split('.') {
        let (name, appends) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
        if name.is_empty() {
            return Err(wrong("a name is empty"));
        }
        if name.contains(['[', ']']) {
            return Err(wrong("[] appends to a list, and stands at the end of a name"));
        }
        // What isn't there yet becomes what the key makes of it.
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(object) = place else {
            return Err(wrong("it goes into something that is no object"));
        };
        place = object.entry(name).or_insert(Value::Null);
        if appends {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let Value::Array(items) = place else {
                return Err(wrong("it appends to something that is no list"));
            };
            items.push(Value::Null);
            place = items.last_mut().ok_or_else(|| wrong("it has no place"))?;
        }
    }
    *place = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::put;

    #[test]
    fn keys_go_down() {
        let mut body = json!({ "kept": 1 });
        for (key, value) in [
            ("member.name", json!("users/a")),
            ("member.type", json!("HUMAN")),
            ("list[]", json!(1)),
            ("list[]", json!(2)),
            ("deep[].x", json!(true)),
        ] {
            put(&mut body, key, value).unwrap();
        }
        assert_eq!(
            body,
            json!({ "kept": 1, "member": { "name": "users/a", "type": "HUMAN" }, "list": [1, 2], "deep": [{ "x": true }] })
        );
        for bad in ["kept.x", "member[]", "a..b", ".", "[]", "a[0]", "a[][x]"] {
            assert!(put(&mut body, bad, json!(1)).is_err(), "{bad}");
        }
    }
}
