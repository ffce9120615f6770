//! Lists, a page at a time (AIP-158): one page in memory, however long the list is.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{Answer, Call, Cause, Client, Error, methods::Paging};

/// How much of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One page, of the size that Google chooses or the call asks for.
    Page,
    /// So many items.
    Limit(u64),
    All,
}

/// A list that is being read.
pub struct Pages<'a> {
    client: &'a Client<'a>,
    call: Call,
    paging: &'static Paging,
    extent: Extent,
    done: bool,
    cycle: CycleCheck,
}

/// One page of a list.
pub struct Page {
    pub answer: Answer,
    pub items: Vec<Box<RawValue>>,
    pub next_page_token: Option<String>,
}

impl<'a> Pages<'a> {
    /// Reads the list of a paged method. `None` if the method has no pages.
    pub fn new(client: &'a Client<'a>, call: Call, extent: Extent) -> Option<Self> {
        let paging = call.method()?.paging.as_ref()?;
        let done = extent == Extent::Limit(0);
        Some(Pages { client, call, paging, extent, done, cycle: CycleCheck::default() })
    }

    /// Whether the last page that is wanted has been read.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The next page; `None` after the last, or when enough was read.
    pub async fn next(&mut self) -> Result<Option<Page>, Error> {
        if self.done {
            return Ok(None);
        }
        let most = self.largest_page();
        match self.extent {
            Extent::Limit(left) => self.call.set_paging("pageSize", left.min(most).into()),
            // The fewest requests, but for a size that was asked for.
            Extent::All if !self.call.has_paging("pageSize") => {
                self.call.set_paging("pageSize", most.into());
            }
            Extent::All | Extent::Page => {}
        }
        let answer = self.client.call(&self.call).await?;
        let mut page = self.read(answer)?;
        match &mut self.extent {
            Extent::Limit(left) => {
                // A server that sends more than was asked for: the rest would be lost with the next token.
                page.items.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= page.items.len() as u64;
                self.done = *left == 0;
            }
            Extent::Page => self.done = true,
            Extent::All => {}
        }
        match &page.next_page_token {
            Some(token) => {
                if self.cycle.repeats(token) {
                    return Err(self.client.failed(&self.call, Cause::RepeatedPage));
                }
                self.call.set_paging("pageToken", token.clone().into());
            }
            None => self.done = true,
        }
        Ok(Some(page))
    }

    /// What Google gives at most; where the facts don't say it, what every list gives.
    fn largest_page(&self) -> u64 {
        let admin = self.call.parameter("useAdminAccess") == Some("true");
        let without = self.paging.max_size_without_admin.filter(|_| !admin);
        u64::from(without.or(self.paging.max_size).unwrap_or(100))
    }

    fn read(&self, answer: Answer) -> Result<Page, Error> {
        let bad = |problem: String| self.client.failed(&self.call, Cause::BadAnswer(problem));
        let fields: HashMap<&str, &RawValue> =
            serde_json::from_str(answer.text()).map_err(|_| bad("it is not a list".to_owned()))?;
        let names = std::iter::once(&self.paging.items).chain(self.paging.alternative_items);
        let items = match names.filter_map(|name| fields.get(name)).next() {
            None => Vec::new(),
            Some(items) => serde_json::from_str(items.get())
                .map_err(|_| bad(format!("its field {} is not a list", self.paging.items)))?,
        };
        let token: Option<String> = match fields.get("nextPageToken") {
            None => None,
            Some(token) => serde_json::from_str(token.get())
                .map_err(|_| bad("its field nextPageToken is not text".to_owned()))?,
        };
        Ok(Page { items, next_page_token: token.filter(|token| !token.is_empty()), answer })
    }
}

/// Brent's cycle detection: finds any repetition of tokens while holding one of them.
#[derive(Default)]
struct CycleCheck {
    kept: Option<String>,
    since: u64,
    keep_for: u64,
}

impl CycleCheck {
    fn repeats(&mut self, token: &str) -> bool {
        if self.kept.as_deref() == Some(token) {
            return true;
        }
        if self.since >= self.keep_for {
            self.kept = Some(token.to_owned());
            self.keep_for = (self.keep_for * 2).max(1);
            self.since = 0;
        }
        self.since += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CycleCheck;

    #[test]
    fn finds_every_cycle_and_no_other() {
        for cycle in [1, 2, 3, 7, 100] {
            let mut check = CycleCheck::default();
            assert!((0..10_000).any(|page| check.repeats(&(page % cycle).to_string())), "{cycle}");
        }
        let mut check = CycleCheck::default();
        assert!(!(0..10_000).any(|page| check.repeats(&page.to_string())));
    }
}
