//! Writing lists as they're read, a page at a time.

use clap::Args;
use serde_json::{Value, value::RawValue};

use crate::{
    chat::{Call, Page, Pages},
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
    let Some(mut pages) = Pages::new(&client, call, arguments.limit) else {
        return Err(Failure::usage("this method has no pages"));
    };
    let one_page = arguments.limit.is_none() && !arguments.all;
    let mut writer =
        Writer { context, human, all: arguments.all, items_field, opened: Opened::No, written: 0 };
    let mut next_page_token = None;
    while let Some(page) = pages.next().await? {
        next_page_token.clone_from(&page.next_page_token);
        let last = one_page || pages.is_done();
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
                    ui.data_line(&compact(item.get()))?;
                }
            }
            // The only page: Google's object as it came.
            Format::Json if !self.all && last && self.opened == Opened::No => {
                ui.data_line(page.answer.text())?;
            }
            Format::Json => self.items(&page.items)?,
        }
        self.written += page.items.len() as u64;
        Ok(())
    }

    fn items(&mut self, items: &[Box<RawValue>]) -> Result<(), Failure> {
        let ui = &self.context.ui;
        if self.opened == Opened::No {
            if self.all {
                self.opened = Opened::Array;
                ui.data("[")?;
            } else {
                self.opened = Opened::Object;
                ui.data(&format!("{{\n\"{}\": [", self.items_field))?;
            }
        }
        for (index, item) in items.iter().enumerate() {
            let before = if self.written == 0 && index == 0 { "\n" } else { ",\n" };
            ui.data(&format!("{before}{}", item.get()))?;
        }
        Ok(())
    }

    fn end(&self, next_page_token: Option<&str>) -> Result<(), Failure> {
        let ui = &self.context.ui;
        match (self.opened, next_page_token) {
            (Opened::Array, _) if self.written == 0 => ui.data("]\n")?,
            (Opened::Array, _) => ui.data("\n]\n")?,
            (Opened::Object, None) => ui.data("\n]\n}\n")?,
            (Opened::Object, Some(token)) => {
                ui.data(&format!("\n],\n\"nextPageToken\": {}\n}}\n", Value::from(token)))?;
            }
            (Opened::No, _) => {}
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

fn shell_word(text: &str) -> String {
    format!("'{}'", crate::output::visible(text).replace('\'', "'\\''"))
}
