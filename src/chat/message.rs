//! What is known of a message before it's sent.

use super::Error;

/// The whole message, text and cards, in bytes (discovery document, messages.create).
pub const LARGEST_MESSAGE: usize = 32_000;

/// What becomes of a message whose thread doesn't exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyOption {
    FallBackToNewThread,
    Fail,
}

impl ReplyOption {
    /// The value of `messageReplyOption`.
    pub fn as_str(self) -> &'static str {
        match self {
            ReplyOption::FallBackToNewThread => "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
            ReplyOption::Fail => "REPLY_MESSAGE_OR_FAIL",
        }
    }
}

/// Refuses a message that Google would refuse for its size: its text, or all of its content.
pub fn check_size(body: &serde_json::Value) -> Result<(), Error> {
    let text = body.get("text").and_then(serde_json::Value::as_str).map_or(0, str::len);
    let cards = body.get("cardsV2").map_or(0, |cards| cards.to_string().len());
    let bytes = text + cards;
    if bytes > LARGEST_MESSAGE { Err(Error::MessageTooLarge { bytes }) } else { Ok(()) }
}
