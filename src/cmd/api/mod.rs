//! `chatauth api METHOD_ID` and `chatauth api VERB URL-OR-PATH`

mod fields;

use clap::Args;

use super::{call, input, list, show};
use crate::{
    chat::{
        Call, Payload, ResourceName, check,
        methods::{METHODS, Method, Verb},
    },
    cli::{Context, Failure},
};

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A method's id, such as spaces.members.create (chatauth methods list), or an HTTP verb
    #[arg(value_name = "METHOD_ID|VERB")]
    method: String,
    /// After a verb: a path of the Chat API, or an https URL of any Google API
    #[arg(value_name = "URL-OR-PATH")]
    address: Option<String>,
    /// A parameter of the path or the query
    #[arg(short, long = "param", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    param: Vec<String>,
    /// A field of the body, as text; dots go into objects, [] appends to lists
    #[arg(short = 'f', long, value_name = "KEY=TEXT", allow_hyphen_values = true)]
    raw_field: Vec<String>,
    /// A field of the body: true, false, null and numbers as such, @FILE a file's text, else text
    #[arg(short = 'F', long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    field: Vec<String>,
    /// The body as JSON, from a file or standard input (-); fields are set in it
    #[arg(long, value_name = "FILE")]
    input: Option<String>,
    /// Read all pages of a list
    #[arg(long)]
    paginate: bool,
    /// Send it as it is, without holding it against Google's schema
    #[arg(long)]
    no_validate: bool,
    /// Idempotency key, where the method takes one: a repeat with the same one does nothing more
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Show the request, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: show it as a curl command line, without the token
    #[arg(long, requires = "dry_run")]
    curl: bool,
}

const EXAMPLES: &str = "\
Examples:
  chatauth api spaces.members.create -p parent=spaces/AAA -f member.name=users/sam@example.com -f member.type=HUMAN
  chatauth api spaces.list -p pageSize=1000 --paginate --format ndjson
  chatauth api GET /v1/spaces/AAA
  chatauth api POST https://www.googleapis.com/calendar/v3/calendars/primary/events --input event.json
  chatauth api POST 'https://sheets.googleapis.com/v4/spreadsheets/ID/values/A1:append?valueInputOption=RAW' --input row.json
  chatauth api POST https://gmail.googleapis.com/gmail/v1/users/me/messages/send -f raw=\"$(base64 -w0 mail.eml)\"

The scopes for those, with chatauth login --add-scopes: calendar.events, spreadsheets, gmail.send";

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let request = build(context, &arguments).await?;
    if !arguments.no_validate {
        let problems = check(&request);
        if !problems.is_empty() {
            let hint = request.method().map(|method| format!("chatauth methods describe {}", short(method)));
            return Err(Failure::usage(problems.join("; "))
                .maybe_hint(hint.map(|hint| hint + "; --no-validate sends it all the same")));
        }
    }
    if arguments.dry_run {
        return if arguments.curl {
            call::show_curl(context, &request)
        } else {
            call::show(context, &request)
        };
    }
    if arguments.paginate {
        return list::write_all(context, request).await;
    }
    // Only a method's own answer is known to be JSON.
    let is_method = request.method().is_some() && request.parameter("alt") != Some("media");
    let answer = match is_method {
        true => call::fetch(context, &request).await?,
        false => match call::fetch_any(context, &request).await? {
            Payload::Json(answer) => answer,
            Payload::Bytes(bytes) => return show::bytes(context, &bytes),
        },
    };
    // There's no form for people that would fit every method.
    show::resource(context, &answer, show::any)
}

async fn build(context: &Context, arguments: &Arguments) -> Result<Call, Failure> {
    let parameters =
        arguments.param.iter().map(|text| fields::split("-p", text)).collect::<Result<Vec<_>, _>>()?;
    let (mut body, written) = match &arguments.input {
        Some(source) => {
            let (value, text) = input::read_json(context, "--input", source).await?;
            (Some(value), Some(text))
        }
        None => (None, None),
    };
    fields::set(context, &mut body, &arguments.raw_field, &arguments.field)?;
    let written = written.filter(|_| arguments.raw_field.is_empty() && arguments.field.is_empty());
    let request = match (verb(&arguments.method), &arguments.address) {
        (Some(verb), Some(address)) => {
            Call::address(verb, address).map_err(|error| Failure::usage(error.to_string()))?
        }
        (Some(_), None) => return Err(Failure::usage("after a verb comes a URL or a path")),
        (None, Some(_)) => return Err(Failure::usage(format!("{} is no HTTP verb", arguments.method))),
        (None, None) => Call::new(find(&arguments.method)?),
    };
    let request = with_parameters(request, parameters)?;
    let request = match (body, written) {
        (Some(body), Some(text)) => request.written_body(body, text),
        (Some(body), None) => request.body(body),
        (None, _) => request,
    };
    let takes_id = request.method().is_some_and(|method| method.request_id.is_some());
    if arguments.request_id.is_some() && !takes_id {
        return Err(Failure::usage(format!(
            "{} takes no request id, so a repeat could do it twice",
            request.label()
        )));
    }
    if let (Some(flag), Some(given)) = (&arguments.request_id, request.request_id())
        && flag != given
    {
        return Err(Failure::usage(format!("--request-id is {flag:?}, but the request has {given:?}")));
    }
    let id = call::request_id(context, arguments.request_id.clone())?;
    Ok(request.identified_by(|| id))
}

fn with_parameters(mut request: Call, parameters: Vec<(String, String)>) -> Result<Call, Failure> {
    for (name, value) in parameters {
        let in_path =
            request.method().and_then(|method| method.path_parameters.iter().find(|p| p.name == name));
        request = match in_path {
            Some(_) if request.resource().is_some() => {
                return Err(Failure::usage(format!("-p {name} is given twice")));
            }
            Some(parameter) => request.on(&ResourceName::of(parameter.pattern, &value)?),
            None => request.query(name, value),
        };
    }
    Ok(request)
}

fn verb(text: &str) -> Option<Verb> {
    [Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete].into_iter().find(|verb| {
        verb.as_str() == text.to_ascii_uppercase() && text.chars().all(|c| c.is_ascii_alphabetic())
    })
}

/// A method by its id, or those that it may have meant.
pub fn find(id: &str) -> Result<&'static Method, Failure> {
    Method::find(id).ok_or_else(|| {
        let wanted = id.to_ascii_lowercase();
        let last = wanted.rsplit('.').next().unwrap_or_default();
        let near: Vec<&str> = METHODS
            .iter()
            .map(short)
            .filter(|known| known.to_ascii_lowercase().rsplit('.').take(2).any(|part| part == last))
            .take(6)
            .collect();
        let hint = if near.is_empty() {
            "chatauth methods list shows all".to_owned()
        } else {
            format!("is it {}?", near.join(", "))
        };
        Failure::usage(format!("the Chat API has no method {id}")).hint(hint)
    })
}

/// A method's id without what all of them begin with.
pub fn short(method: &Method) -> &'static str {
    method.id.strip_prefix("chat.").unwrap_or(method.id)
}
