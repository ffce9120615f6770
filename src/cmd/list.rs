//! Writing lists as they're read, a page at a time.

use clap::Args;
use serde_json::{Value, value::RawValue};

use super::show;
use crate::{
    chat::{Call, Extent, Page, Pages},
    cli::{Context, Failure},
    output::{Format, compact},
};

#[derive(Args)]
pub struct ListArguments {
    /// How many to list at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// List all, over all pages
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Go on where an earlier list ended
    #[arg(long, value_name = "TOKEN")]
    page_token: Option<String>,
}

/// Makes the lines for a person out of a page's items.
type Lines<'a> = &'a dyn Fn(&[Value]) -> Vec<String>;

/// Lists with a paged method. Without `--limit` and `--all`: one page, as Google sends it.
pub async fn write(
    context: &Context,
    arguments: &ListArguments,
    call: Call,
    human: Lines<'_>,
) -> Result<(), Failure> {
    let credential = super::call::credential_for(context, &call).await?;
    let client = context.chat(&credential);
    let items_field =
        call.method().and_then(|method| method.paging.as_ref()).map_or("", |paging| paging.items);
    let call = call.maybe_query("pageToken", arguments.page_token.clone());
    let call = with_fields(context, call);
    let extent = match (arguments.all, arguments.limit) {
        (true, _) => Extent::All,
        (false, Some(limit)) => Extent::Limit(limit),
        (false, None) => Extent::Page,
    };
    let Some(mut pages) = Pages::new(&client, call, extent) else {
        return Err(Failure::usage("this method has no pages"));
    };
    let mut writer = Writer {
        context,
        human,
        all: arguments.all,
        items_field,
        opened: Opened::No,
        written: 0,
        kept: context.ui.has_filter().then(String::new),
    };
    let mut next_page_token = None;
    while let Some(page) = pages.next().await? {
        next_page_token.clone_from(&page.next_page_token);
        let last = pages.is_done();
        writer.page(&page, last)?;
        if last {
            break;
        }
    }
    writer.end(next_page_token.as_deref())
}

/// How the JSON of several pages is put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    /// Nothing is written yet, or nothing has to be closed.
    No,
    /// An array of items (`--all`), or an object in Google's shape (`--limit` over several pages).
    Array,
    Object,
}

struct Writer<'a> {
    context: &'a Context,
    human: Lines<'a>,
    all: bool,
    items_field: &'a str,
    opened: Opened,
    written: u64,
    /// What a filter has to see whole.
    kept: Option<String>,
}

impl Writer<'_> {
    fn page(&mut self, page: &Page, last: bool) -> Result<(), Failure> {
        let ui = &self.context.ui;
        match ui.format {
            Format::Human => {
                let items: Vec<Value> =
                    page.items.iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect();
                for line in (self.human)(&items) {
                    ui.data_line(&line)?;
                }
            }
            Format::NdJson => {
                for item in &page.items {
                    ui.json(&compact(item.get()))?;
                }
            }
            // The only page: Google's object as it came.
            Format::Json if !self.all && last && self.opened == Opened::No => {
                ui.json(page.answer.text())?;
            }
            Format::Json => self.items(&page.items)?,
        }
        self.written += page.items.len() as u64;
        Ok(())
    }

    /// Writes a part of the JSON of several pages; a filter gets them all at once.
    fn part(&mut self, text: &str) -> Result<(), Failure> {
        match &mut self.kept {
            Some(kept) => kept.push_str(text),
            None => self.context.ui.data(text)?,
        }
        Ok(())
    }

    fn items(&mut self, items: &[Box<RawValue>]) -> Result<(), Failure> {
        if self.opened == Opened::No {
            if self.all {
                self.opened = Opened::Array;
                self.part("[")?;
            } else {
                self.opened = Opened::Object;
                self.part(&format!("{{\n\"{}\": [", self.items_field))?;
            }
        }
        for (index, item) in items.iter().enumerate() {
            let before = if self.written == 0 && index == 0 { "\n" } else { ",\n" };
            self.part(&format!("{before}{}", item.get()))?;
        }
        Ok(())
    }

    fn end(&mut self, next_page_token: Option<&str>) -> Result<(), Failure> {
        match (self.opened, next_page_token) {
            (Opened::Array, _) if self.written == 0 => self.part("]\n")?,
            (Opened::Array, _) => self.part("\n]\n")?,
            (Opened::Object, None) => self.part("\n]\n}\n")?,
            (Opened::Object, Some(token)) => {
                self.part(&format!("\n],\n\"nextPageToken\": {}\n}}\n", Value::from(token)))?;
            }
            (Opened::No, _) => {}
        }
        let ui = &self.context.ui;
        if let Some(kept) = self.kept.as_ref().filter(|kept| !kept.is_empty()) {
            ui.json(kept)?;
        }
        match next_page_token {
            Some(token) if ui.format != Format::Json => ui.note(&format!(
                "There is more: --all lists everything, --page-token {} goes on from here.",
                shell_word(token)
            )),
            None if ui.format == Format::Human && self.written == 0 => ui.note("Nothing to list."),
            _ => {}
        }
        Ok(())
    }
}

/// `--fields` must not take away what tells of the next page.
fn with_fields(context: &Context, mut call: Call) -> Call {
    let asked = call.parameter("fields").map(str::to_owned).or_else(|| context.settings.fields.clone());
    if let Some(fields) = &asked {
        let has_token = fields.contains("nextPageToken") || fields.trim() == "*";
        call.set_query("fields", if has_token { fields.clone() } else { format!("{fields},nextPageToken") });
    }
    call
}

/// Reads all pages of a method, as JSON.
pub async fn write_all(context: &Context, call: Call) -> Result<(), Failure> {
    let arguments = ListArguments { limit: None, all: true, page_token: None };
    write(context, &arguments, call, &|items| items.iter().flat_map(show::any).collect()).await
}

fn shell_word(text: &str) -> String {
    format!("'{}'", crate::output::visible(text).replace('\'', "'\\''"))
}
