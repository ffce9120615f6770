//! The method table says what Google's discovery document says, field by field.
//!
//! Each row is written in the shape of `tests/data/chat-v1.methods.json` and compared whole, so that a fact
//! with no place in the table is found as well as a wrong one.

use std::collections::{BTreeMap, BTreeSet};

use chatauth::chat::methods::{
    CredentialKind, METHODS, Media, Method, Paging, QueryKind, QueryParameter, RequestId, SCOPES, ScopeFacts,
    Sensitivity,
};
use serde_json::{Map, Value, json};

use crate::tree;

fn facts() -> Value {
    serde_json::from_str(&tree::text("tests/data/chat-v1.methods.json")).unwrap()
}

#[test]
fn the_table_has_every_method_as_google_describes_it() {
    let facts = facts();
    let methods = facts["methods"].as_array().unwrap();
    assert_eq!(methods.len(), 55);
    assert_eq!(METHODS.len(), methods.len());
    for (row, fact) in METHODS.iter().zip(methods) {
        let mut fact = fact.as_object().unwrap().clone();
        // The table has no place for what is derived (`flatPath`), the same everywhere, or about the facts.
        fact.remove("flatPath");
        fact.remove("scopes");
        assert_eq!(fact.remove("deprecated"), Some(json!(false)), "{}", row.id);
        fact["auth"].as_object_mut().unwrap().remove("source");
        let (row, fact) = (Value::Object(in_their_shape(row)), Value::Object(fact));
        assert_eq!(format!("{row:#}"), format!("{:#}", ordered_like(&fact, &row)), "{}", row["id"]);
    }
}

/// `user`, `app`, `admin` and `undocumented` split the discovery document's list: they lose and add nothing.
#[test]
fn every_scope_of_a_method_has_its_place() {
    for (row, fact) in METHODS.iter().zip(facts()["methods"].as_array().unwrap()) {
        let listed: BTreeSet<&str> = texts(&fact["scopes"]).collect();
        let auth = &row.auth;
        let split: BTreeSet<&str> =
            [auth.user, auth.app, auth.admin, auth.undocumented].into_iter().flatten().copied().collect();
        assert_eq!(split, listed, "{}", row.id);
    }
}

#[test]
fn the_table_has_every_scope_as_google_describes_it() {
    let facts = facts();
    let scopes = facts["scopes"].as_object().unwrap();
    let expected: BTreeMap<&str, Value> = scopes
        .iter()
        .map(|(name, fact)| {
            let mut fact = fact.as_object().unwrap().clone();
            // Each method says so itself.
            fact.remove("methods");
            (name.as_str(), Value::Object(fact))
        })
        .collect();
    let table: BTreeMap<&str, Value> = SCOPES.iter().map(|scope| (scope.name, scope_facts(scope))).collect();
    assert_eq!(SCOPES.len(), scopes.len());
    assert_eq!(table, expected);
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap())
}

/// The same value with its fields in the other's order, so that a difference is easy to see.
fn ordered_like(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(value), Value::Object(model)) => {
            let mut ordered = Map::new();
            let rest = value.keys().filter(|key| !model.contains_key(*key));
            for key in model.keys().filter(|key| value.contains_key(*key)).chain(rest) {
                let model = model.get(key).unwrap_or(&Value::Null);
                ordered.insert(key.clone(), ordered_like(&value[key], model));
            }
            Value::Object(ordered)
        }
        (Value::Array(value), Value::Array(model)) => {
            let models = model.iter().chain(std::iter::repeat(&Value::Null));
            value.iter().zip(models).map(|(item, model)| ordered_like(item, model)).collect()
        }
        _ => value.clone(),
    }
}

fn in_their_shape(row: &Method) -> Map<String, Value> {
    let path_parameters: Vec<Value> = row
        .path_parameters
        .iter()
        .map(|parameter| json!({ "name": parameter.name, "type": "string", "pattern": parameter.pattern.0 }))
        .collect();
    let mut fact = object(json!({
        "id": row.id,
        "httpMethod": row.verb.as_str(),
        "path": row.path,
        "rpc": row.rpc,
        "pathParams": path_parameters,
        "queryParams": row.query.iter().map(query_parameter).collect::<Vec<_>>(),
        "request": row.request,
        "response": row.response,
        "auth": auth(row),
    }));
    if let Some(place) = row.request_id {
        let place = match place {
            RequestId::Query => "query",
            RequestId::Body => "body",
        };
        fact.insert("requestId".to_owned(), json!(place));
    }
    if let Some(paging) = &row.paging {
        fact.insert("pagination".to_owned(), pagination(paging));
    }
    if let Some(mask) = &row.update_mask {
        // Every mask of the Chat API is required.
        let mask = json!({ "required": true, "paths": mask.paths, "star": mask.star });
        fact.insert("updateMask".to_owned(), mask);
    }
    match row.media {
        Media::None => {}
        Media::Download => {
            fact.insert("supportsMediaDownload".to_owned(), json!(true));
        }
        Media::Upload { max_size, simple_path, resumable_path } => {
            let upload = json!({
                "maxSize": max_size,
                "accept": ["*/*"],
                "simplePath": format!("/{simple_path}"),
                "simpleMultipart": true,
                "resumablePath": format!("/{resumable_path}"),
                "resumableMultipart": true,
            });
            fact.insert("mediaUpload".to_owned(), upload);
        }
    }
    if row.preview {
        fact.insert("developerPreviewOnReferencePage".to_owned(), json!(true));
    }
    fact
}

fn query_parameter(parameter: &QueryParameter) -> Value {
    let mut fact = Map::from_iter([("name".to_owned(), json!(parameter.name))]);
    let (kind, format) = match &parameter.kind {
        QueryKind::String | QueryKind::Enum(_) => ("string", None),
        QueryKind::FieldMask => ("string", Some("google-fieldmask")),
        QueryKind::Int32 => ("integer", Some("int32")),
        QueryKind::Boolean => ("boolean", None),
    };
    fact.insert("type".to_owned(), json!(kind));
    fact.insert("required".to_owned(), json!(parameter.required));
    if let Some(format) = format {
        fact.insert("format".to_owned(), json!(format));
    }
    if let QueryKind::Enum(values) = &parameter.kind {
        fact.insert("enum".to_owned(), json!(values));
    }
    if parameter.repeated {
        fact.insert("repeated".to_owned(), json!(true));
    }
    if parameter.deprecated {
        fact.insert("deprecated".to_owned(), json!(true));
    }
    Value::Object(fact)
}

fn auth(row: &Method) -> Value {
    let auth = &row.auth;
    let mut fact = object(json!({
        "user": auth.user,
        "app": auth.app,
        "admin": auth.admin,
        "useAdminAccess": auth.admin_access,
    }));
    for (name, list) in [
        ("importModeOnly", auth.import_mode_only),
        ("appNeedsAdminApproval", auth.needs_approval),
        ("undocumentedScopes", auth.undocumented),
        ("doubts", auth.doubts),
    ] {
        if !list.is_empty() {
            fact.insert(name.to_owned(), json!(list));
        }
    }
    if !auth.limits.is_empty() {
        let limits: Map<String, Value> =
            auth.limits.iter().map(|(kind, limit)| (kind_name(*kind).to_owned(), json!(limit))).collect();
        fact.insert("limits".to_owned(), Value::Object(limits));
    }
    Value::Object(fact)
}

fn pagination(paging: &Paging) -> Value {
    let largest = match paging.max_size_without_admin {
        Some(without) => json!({ "useAdminAccess=true": paging.max_size, "otherwise": without }),
        None => json!(paging.max_size),
    };
    let mut fact = object(json!({
        "in": if paging.in_body { "body" } else { "query" },
        "pageTokenParam": "pageToken",
        "pageSizeParam": "pageSize",
        "nextPageTokenField": "nextPageToken",
        "itemsField": paging.items,
        "defaultPageSize": paging.default_size,
        "maxPageSize": largest,
    }));
    if !paging.alternative_items.is_empty() {
        fact.insert("altItemsFields".to_owned(), json!(paging.alternative_items));
    }
    Value::Object(fact)
}

fn scope_facts(scope: &ScopeFacts) -> Value {
    let sensitivity = scope.sensitivity.map(|sensitivity| match sensitivity {
        Sensitivity::NonSensitive => "non-sensitive",
        Sensitivity::Sensitive => "sensitive",
        Sensitivity::Restricted => "restricted",
    });
    json!({
        "kind": kind_name(scope.kind),
        "sensitivity": sensitivity,
        "adminApproval": scope.needs_approval,
    })
}

fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::User => "user",
        CredentialKind::App => "app",
        CredentialKind::Admin => "admin",
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}
