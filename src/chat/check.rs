//! A call held against the table and the schemas, before any request: unknown parameters and fields, wrong
//! types, values that Google doesn't know, and what is missing. What a sound call means is Google's business.

use super::{
    Call,
    methods::{Method, QueryKind, QueryParameter},
    schema,
};

/// The parameters of every method (the discovery document's globals), without those that would put a secret into
/// an address.
const GLOBAL: [&str; 8] =
    ["alt", "fields", "prettyPrint", "quotaUser", "uploadType", "upload_protocol", "callback", "$.xgafv"];

/// What is wrong with a call; nothing where the table doesn't know it.
pub fn check(call: &Call) -> Vec<String> {
    let Some(method) = call.method() else { return Vec::new() };
    let mut problems = Vec::new();
    if let (None, Some(parameter)) = (call.resource(), method.path_parameters.first()) {
        let example = parameter.pattern.example().unwrap_or_else(|| "a resource name".to_owned());
        problems.push(format!("the parameter {} is missing: write {example}", parameter.name));
    }
    for (name, value) in call.parameters() {
        match method.query.iter().find(|parameter| parameter.name == name) {
            Some(parameter) => problems.extend(wrong_value(method, parameter, value)),
            None if GLOBAL.contains(&name) => {}
            None => problems.push(format!("{} has no parameter {name}{}", method.id, known(method))),
        }
    }
    for parameter in method.query.iter().filter(|parameter| !parameter.repeated) {
        if call.parameters().filter(|(name, _)| *name == parameter.name).count() > 1 {
            problems.push(format!("the parameter {} is given twice", parameter.name));
        }
    }
    for parameter in method.query.iter().filter(|parameter| parameter.required) {
        if call.parameter(parameter.name).is_none() {
            problems.push(format!("the parameter {} is missing{}", parameter.name, mask(method, parameter)));
        }
    }
    problems.extend(body(method, call.body_value()));
    problems
}

fn known(method: &Method) -> String {
    let path = method.path_parameters.iter().map(|parameter| parameter.name);
    let names: Vec<&str> = path.chain(method.query.iter().map(|parameter| parameter.name)).collect();
    if names.is_empty() { String::new() } else { format!(", but {}", names.join(", ")) }
}

fn wrong_value(method: &Method, parameter: &QueryParameter, value: &str) -> Option<String> {
    let expected = match &parameter.kind {
        QueryKind::String => return None,
        QueryKind::FieldMask => return wrong_path(method, parameter, value),
        QueryKind::Int32 if value.parse::<i32>().is_ok() => return None,
        QueryKind::Int32 => "a 32-bit integer".to_owned(),
        QueryKind::Boolean if matches!(value, "true" | "false") => return None,
        QueryKind::Boolean => "true or false".to_owned(),
        QueryKind::Enum(values) if values.contains(&value) => return None,
        QueryKind::Enum(values) => format!("one of {}", values.join(", ")),
    };
    Some(format!("the parameter {} is {value:?}, and must be {expected}", parameter.name))
}

/// A path of an update mask that the resource doesn't have, in either spelling.
fn wrong_path(method: &Method, parameter: &QueryParameter, value: &str) -> Option<String> {
    let schema = method.request?;
    let wrong = value.split(',').find(|path| !schema::has_path(schema, path.trim()))?;
    Some(format!(
        "the parameter {} has {wrong:?}, which {schema} has not{}",
        parameter.name,
        mask(method, parameter)
    ))
}

/// The paths of an update mask (AIP-134), where it's what is missing.
fn mask(method: &Method, parameter: &QueryParameter) -> String {
    match &method.update_mask {
        Some(mask) if parameter.kind == QueryKind::FieldMask => {
            let star = if mask.star { ", or *" } else { "" };
            format!(": {}{star}", mask.paths.join(", "))
        }
        _ => String::new(),
    }
}

fn body(method: &Method, body: Option<&serde_json::Value>) -> Vec<String> {
    let (schema, body) = match (method.request, body) {
        (Some(schema), Some(body)) => (schema, body),
        (None, Some(_)) => return vec![format!("{} takes no body", method.id)],
        // Without a body, all that it has to hold is missing.
        (Some(schema), None) => (schema, &serde_json::Value::Null),
        (None, None) => return Vec::new(),
    };
    let given = Some(body).filter(|body| !body.is_null());
    let violations = given
        .map(|body| schema::check(schema, body))
        .unwrap_or_default()
        .into_iter()
        .map(|violation| violation.to_string());
    // An update changes what its mask names, and the rest stays (AIP-134).
    let required = schema::required(schema)
        .into_iter()
        .filter(|field| method.update_mask.is_none() && body.get(*field).is_none());
    violations.chain(required.map(|field| format!("the field {field} is missing"))).collect()
}
