//! Pages (AIP-158): their sizes, and tokens that are good only for the list they came from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Call, error::ApiError};

/// What page tokens are sealed with; there's nothing to remember of them.
pub struct Pages {
    key: String,
}

/// Something in a list, by its place in the order of all things.
pub struct Item {
    pub sequence: u64,
    pub value: Value,
}

pub struct Page {
    pub items: Vec<Value>,
    pub next: Option<String>,
}

impl Pages {
    pub fn new(key: String) -> Self {
        Pages { key }
    }

    /// The page that a call asks for, of items in ascending order or, if `descending`, in the other.
    pub fn page(
        &self,
        call: &Call,
        items: impl Iterator<Item = Item>,
        descending: bool,
    ) -> Result<Page, ApiError> {
        let size = size(call)?;
        let list = format!(
            "{} {:?} {} {}",
            call.method.id,
            call.caller.identity,
            call.name,
            call.parameters.without_page()
        );
        let after = call.parameters.text("pageToken").map(|token| self.open(token, &list)).transpose()?;
        let mut rest = items.filter(|item| match after {
            Some(after) if descending => item.sequence < after,
            Some(after) => item.sequence > after,
            None => true,
        });
        let mut last = 0;
        let taken: Vec<Value> = rest
            .by_ref()
            .take(size)
            .map(|item| {
                last = item.sequence;
                item.value
            })
            .collect();
        let next = rest.next().is_some().then(|| self.seal(last, &list));
        Ok(Page { items: taken, next })
    }

    fn seal(&self, after: u64, list: &str) -> String {
        let mut token = after.to_be_bytes().to_vec();
        token.extend_from_slice(&self.tag(after, list));
        URL_SAFE_NO_PAD.encode(token)
    }

    fn open(&self, token: &str, list: &str) -> Result<u64, ApiError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let opened = bytes.split_first_chunk::<8>().and_then(|(after, tag)| {
            let after = u64::from_be_bytes(*after);
            (tag == self.tag(after, list).as_slice()).then_some(after)
        });
        opened.ok_or_else(|| ApiError::invalid("Invalid page token, or one of another list."))
    }

    fn tag(&self, after: u64, list: &str) -> Vec<u8> {
        Sha256::digest(format!("{} {after} {list}", self.key))[..12].to_vec()
    }
}

fn size(call: &Call) -> Result<usize, ApiError> {
    let asked = call.parameters.number("pageSize");
    let paging = call.method.paging.as_ref();
    let (default, max) = paging.map_or((None, None), |paging| (paging.default_size, paging.max_size));
    let max = usize::from(max.unwrap_or(1000));
    match usize::try_from(asked) {
        Ok(0) => Ok(usize::from(default.unwrap_or(100))),
        Ok(size) => Ok(size.min(max)),
        Err(_) => Err(ApiError::invalid("page_size must not be negative.")),
    }
}
