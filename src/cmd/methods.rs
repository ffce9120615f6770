//! `chatauth methods list | describe`

use clap::Subcommand;
use serde_json::{Value, json};

use super::api::{find, short};
use crate::{
    chat::{
        methods::{CredentialKind, METHODS, Media, Method, QueryKind, QueryParameter},
        schema,
    },
    cli::{Context, Failure},
    output::{Format, Style, Table, compact, wrap},
};

#[derive(Subcommand)]
pub enum Command {
    /// List the methods of the Chat API
    List {
        /// Only those whose id begins so, such as spaces.messages
        prefix: Option<String>,
    },
    /// Show a method's parameters, body, scopes and limits
    Describe { method: String },
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { prefix } => list(context, prefix.as_deref().unwrap_or_default()),
        Command::Describe { method } => describe(context, find(&method)?),
    }
}

fn list(context: &Context, prefix: &str) -> Result<(), Failure> {
    let prefix = prefix.strip_prefix("chat.").unwrap_or(prefix);
    let found: Vec<&Method> = METHODS.iter().filter(|method| short(method).starts_with(prefix)).collect();
    if found.is_empty() {
        return Err(Failure::usage(format!("no method's id begins with {prefix}")));
    }
    let ui = &context.ui;
    match ui.format {
        Format::Json => ui.json(&Value::Array(found.into_iter().map(facts).collect()).to_string())?,
        Format::NdJson => {
            for method in found {
                ui.json(&facts(method).to_string())?;
            }
        }
        Format::Human => {
            let mut table = Table::default();
            for method in found {
                let kinds = [CredentialKind::User, CredentialKind::App, CredentialKind::Admin].into_iter();
                let open: Vec<&str> =
                    kinds.filter(|kind| !method.scopes_for(*kind).is_empty()).map(word).collect();
                // No path: with it, most lines would be wider than a terminal. `describe` has it.
                table.row([short(method).to_owned(), method.verb.as_str().to_owned(), open.join(", ")]);
            }
            for line in table.lines() {
                ui.data_line(&line)?;
            }
        }
    }
    Ok(())
}

fn describe(context: &Context, method: &Method) -> Result<(), Failure> {
    let ui = &context.ui;
    if ui.format != Format::Human {
        return Ok(ui.json(&compact(&facts(method).to_string()))?);
    }
    ui.data_line(&ui.paint(Style::Strong, short(method)))?;
    ui.data_line(&format!("  {} https://chat.googleapis.com/{}", method.verb.as_str(), method.path))?;
    if method.preview {
        ui.data_line("  Developer Preview")?;
    }
    section(context, "Parameters", &parameters(method))?;
    if let Some(request) = method.request {
        section(context, &format!("Body: {request}"), &schema::outline(request))?;
    }
    section(context, "Scopes", &scopes(method))?;
    let limits = method.auth.limits.iter().map(|(kind, text)| format!("{}: {text}", word(*kind)));
    let doubts = method.auth.doubts.iter().map(|text| format!("not certain: {text}"));
    section(context, "Limits", &limits.chain(doubts).collect::<Vec<_>>())
}

fn section(context: &Context, title: &str, lines: &[String]) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    context.ui.data_line(&format!("\n{}", context.ui.paint(Style::Strong, title)))?;
    for line in lines.iter().flat_map(|line| wrap(line, 76)) {
        context.ui.data_line(&format!("  {line}"))?;
    }
    Ok(())
}

fn parameters(method: &Method) -> Vec<String> {
    let path = method.path_parameters.iter().map(|parameter| {
        let example = parameter.pattern.example().unwrap_or_else(|| "any name".to_owned());
        format!("{}: {example} (path, required)", parameter.name)
    });
    let query = method.query.iter().map(|parameter| {
        let notes = [
            (parameter.required, "required"),
            (parameter.repeated, "repeated"),
            (parameter.deprecated, "deprecated"),
        ];
        let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        format!("{}: {}{notes}", parameter.name, kind(method, parameter))
    });
    path.chain(query).collect()
}

fn kind(method: &Method, parameter: &QueryParameter) -> String {
    match (&parameter.kind, &method.update_mask) {
        (QueryKind::Enum(values), _) => values.join(" | "),
        (QueryKind::FieldMask, Some(mask)) => {
            let star = if mask.star { ", or *" } else { "" };
            format!("{}{star}", mask.paths.join(", "))
        }
        (QueryKind::FieldMask, None) => "a field mask".to_owned(),
        (QueryKind::String, _) => "text".to_owned(),
        (QueryKind::Int32, _) => match method.paging.as_ref().and_then(|paging| paging.max_size) {
            Some(most) if parameter.name == "pageSize" => format!("a number, {most} at most"),
            _ => "a number".to_owned(),
        },
        (QueryKind::Boolean, _) => "true or false".to_owned(),
    }
}

fn scopes(method: &Method) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in [CredentialKind::User, CredentialKind::App, CredentialKind::Admin] {
        let scopes = method.scopes_for(kind);
        if scopes.is_empty() {
            continue;
        }
        let noted = scopes.iter().map(|scope| {
            let note = match () {
                () if method.auth.needs_approval.contains(scope) => " (needs an administrator's approval)",
                () if method.auth.import_mode_only.contains(scope) => " (import mode only)",
                () => "",
            };
            format!("{scope}{note}")
        });
        lines.push(format!("{}: {}", word(kind), noted.collect::<Vec<_>>().join(", ")));
    }
    lines
}

fn word(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::User => "user",
        CredentialKind::App => "app",
        CredentialKind::Admin => "admin",
    }
}

/// A row of the table as JSON.
fn facts(method: &Method) -> Value {
    json!({
        "id": method.id,
        "httpMethod": method.verb.as_str(),
        "path": method.path,
        "parameters": method.path_parameters.iter().map(|parameter| json!({
            "name": parameter.name, "in": "path", "required": true, "pattern": parameter.pattern.0,
        })).chain(method.query.iter().map(|parameter| json!({
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "repeated": parameter.repeated,
            "deprecated": parameter.deprecated,
            "type": match &parameter.kind {
                QueryKind::Int32 => "integer",
                QueryKind::Boolean => "boolean",
                QueryKind::String | QueryKind::FieldMask | QueryKind::Enum(_) => "string",
            },
            "enum": match &parameter.kind {
                QueryKind::Enum(values) => Some(values),
                _ => None,
            },
        }))).collect::<Vec<_>>(),
        "request": method.request,
        "body": method.request.map(schema::outline),
        "response": method.response,
        "scopes": { "user": method.auth.user, "app": method.auth.app, "admin": method.auth.admin },
        "needsAdministratorApproval": method.auth.needs_approval,
        "importModeOnly": method.auth.import_mode_only,
        "useAdminAccess": method.auth.admin_access,
        "limits": method.auth.limits.iter().map(|(kind, text)| json!({ "kind": word(*kind), "limit": text })).collect::<Vec<_>>(),
        "doubts": method.auth.doubts,
        "media": match &method.media {
            Media::None => Value::Null,
            Media::Download => json!("download"),
            Media::Upload { max_size, simple_path, resumable_path } => json!({
                "maxSize": max_size, "simplePath": simple_path, "resumablePath": resumable_path,
            }),
        },
        "requestId": method.request_id.is_some(),
        "pages": method.paging.as_ref().map(|paging| json!({
            "items": paging.items, "defaultSize": paging.default_size, "maxSize": paging.max_size,
            "maxSizeWithoutAdminAccess": paging.max_size_without_admin,
        })),
        "updateMask": method.update_mask.as_ref().map(|mask| json!({ "paths": mask.paths, "star": mask.star })),
        "developerPreview": method.preview,
    })
}
