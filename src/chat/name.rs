//! Resource names as people give them: whole, as a bare id, or as an address copied from the browser.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;
use url::Url;

use super::methods::Pattern;

/// A checked resource name: `spaces/AAA/messages/b.c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName(String);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not the name of a {kind}: write {example}")]
pub struct NameError {
    text: String,
    kind: &'static str,
    example: String,
}

/// What stands for itself in a path (RFC 3986 section 2.3, unreserved), and `@`, which emails have. All else is
/// encoded, as Google's own clients do.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// Far above any name of Google's, and far below what an address may have.
const LONGEST: usize = 2000;

const SPACE: Pattern = Pattern("^spaces/[^/]+$");
const MESSAGE: Pattern = Pattern("^spaces/[^/]+/messages/[^/]+$");
const THREAD: Pattern = Pattern("^spaces/[^/]+/threads/[^/]+$");

impl ResourceName {
    /// `spaces/AAA`, `AAA`, or a space's address in Google Chat or Gmail.
    pub fn space(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError {
            text: text.to_owned(),
            kind: "space",
            example: "spaces/AAA, the id AAA, or the space's address from the browser".to_owned(),
        };
        let name = match space_in_address(text) {
            Some(id) => format!("spaces/{id}"),
            None if !text.contains('/') => format!("spaces/{text}"),
            None => text.to_owned(),
        };
        checked(name, SPACE).ok_or_else(wrong)
    }

    /// `spaces/AAA/messages/b.c`; a bare id where the space is known.
    pub fn message(text: &str, space: Option<&ResourceName>) -> Result<Self, NameError> {
        let name = match space {
            Some(space) if !text.contains('/') => format!("{space}/messages/{text}"),
            _ => text.to_owned(),
        };
        checked(name, MESSAGE).ok_or_else(|| NameError {
            text: text.to_owned(),
            kind: "message",
            example: "spaces/AAA/messages/BBB, or --space AAA and the id BBB".to_owned(),
        })
    }

    /// `spaces/AAA/threads/b`, or a bare id.
    pub fn thread(text: &str, space: &ResourceName) -> Result<Self, NameError> {
        let name = if text.contains('/') { text.to_owned() } else { format!("{space}/threads/{text}") };
        let in_space = name.strip_prefix(&space.0).is_some_and(|rest| rest.starts_with('/'));
        checked(name, THREAD).filter(|_| in_space).ok_or_else(|| NameError {
            text: text.to_owned(),
            kind: "thread of this space",
            example: "spaces/AAA/threads/BBB with the same space, or the id BBB".to_owned(),
        })
    }

    /// A whole name of a method's own pattern.
    pub fn of(pattern: Pattern, text: &str) -> Result<Self, NameError> {
        checked(text.to_owned(), pattern).ok_or_else(|| NameError {
            text: text.to_owned(),
            kind: "resource of this method",
            example: pattern.example().unwrap_or_else(|| "a resource name".to_owned()),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in a path: each segment encoded, so that it can be nothing but a segment.
    pub fn encoded(&self) -> String {
        let segments = self.0.split('/').map(|segment| utf8_percent_encode(segment, &ENCODED).to_string());
        segments.collect::<Vec<_>>().join("/")
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What could end a path, climb out of it or hide something is refused, whatever its encoding would make of it:
/// no id of Google's has it.
fn checked(name: String, pattern: Pattern) -> Option<ResourceName> {
    let sound = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && !segment.contains(|c: char| {
                c.is_control()
                    || c.is_whitespace()
                    || matches!(c, '?' | '#' | '%' | '\\' | '\u{200b}'..='\u{206f}' | '\u{feff}')
            })
    };
    let matches = name.len() <= LONGEST && pattern.matches(&name);
    (matches && name.split('/').all(sound)).then_some(ResourceName(name))
}

/// The id in `https://chat.google.com/room/AAA?cls=11`, `https://chat.google.com/u/0/app/chat/AAA` or
/// `https://mail.google.com/chat/u/0/#chat/space/AAA`.
fn space_in_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https")?;
    let (place, marks): (&str, &[&[&str]]) = match url.host_str()? {
        "chat.google.com" => (url.path(), &[&["room"], &["dm"], &["app", "chat"]]),
        "mail.google.com" => (url.fragment()?, &[&["chat", "space"], &["chat", "dm"]]),
        _ => return None,
    };
    let parts: Vec<&str> = place.split('/').collect();
    marks.iter().find_map(|mark| {
        let at = parts.windows(mark.len()).position(|window| window == *mark)?;
        parts.get(at + mark.len()).map(|id| (*id).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::ResourceName;

    #[test]
    fn takes_names_ids_and_addresses() {
        for text in [
            "spaces/AAQA-x_1",
            "AAQA-x_1",
            "https://chat.google.com/room/AAQA-x_1?cls=11",
            "https://chat.google.com/u/0/app/chat/AAQA-x_1",
            "https://chat.google.com/room/AAQA-x_1/thread/message",
            "https://mail.google.com/chat/u/0/#chat/space/AAQA-x_1",
            "https://mail.google.com/mail/u/0/#chat/space/AAQA-x_1",
        ] {
            assert_eq!(
                ResourceName::space(text).map(|n| n.to_string()).as_deref(),
                Ok("spaces/AAQA-x_1"),
                "{text}"
            );
        }
    }

    #[test]
    fn segments_are_encoded() {
        let emoji = super::Pattern("^customEmojis/[^/]+$");
        let name = ResourceName::of(emoji, "customEmojis/:grüße:").unwrap();
        assert_eq!(name.encoded(), "customEmojis/%3Agr%C3%BC%C3%9Fe%3A");
        let wrong = ResourceName::of(emoji, "spaces/A").unwrap_err().to_string();
        assert_eq!(
            wrong,
            "\"spaces/A\" is not the name of a resource of this method: write customEmojis/{customEmoji}"
        );
    }

    /// A million names made of what matters to a path: each is refused, or stays one path below its parent.
    #[test]
    fn generated_names_go_nowhere_else() {
        const PIECES: [&str; 24] = [
            "a", "Z", "9", "-", "_", ".", "..", "/", "//", "?", "#", "%", "%2f", "%2e%2e", "\\", "@", ":",
            "\r\n", "\0", " ", "ü", "\u{202e}", "client-", "spaces/",
        ];
        let base = url::Url::parse("https://chat.googleapis.com/").unwrap();
        let mut state = 1_u64;
        for _ in 0..1_000_000 {
            let mut text = String::from("spaces/");
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut rest = state >> 20;
            for _ in 0..1 + state % 5 {
                text.push_str(PIECES[(rest % 24) as usize]);
                rest /= 24;
            }
            let Ok(name) = ResourceName::of(super::SPACE, &text) else { continue };
            let mut url = base.clone();
            url.set_path(&format!("v1/{}/messages", name.encoded()));
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            assert_eq!(
                (url.host_str(), url.query(), url.fragment()),
                (Some("chat.googleapis.com"), None, None),
                "{text:?}"
            );
            assert!(matches!(segments[..], ["v1", "spaces", _, "messages"]), "{text:?} {url}");
        }
    }

    #[test]
    fn refuses_what_could_go_elsewhere() {
        for text in [
            "",
            "spaces/",
            "spaces/A/B",
            "spaces/..",
            "..",
            "spaces/../x",
            "spaces/a?b",
            "a#b",
            "a%2fb",
            "a\r\nb",
            "a\0",
            "a b",
            "rooms/A",
            "https://evil.example/room/AAA",
            "http://chat.google.com/room/AAA",
            "https://chat.google.com/",
            "https://mail.google.com/chat/u/0/#chat/home",
            "spaces/A\u{202e}",
            "/spaces/A",
        ] {
            assert!(ResourceName::space(text).is_err(), "{text:?}");
        }
        let space = ResourceName::space("A").unwrap();
        assert!(ResourceName::thread("spaces/B/threads/t", &space).is_err());
        assert!(ResourceName::thread("t", &space).is_ok());
        assert!(ResourceName::message("x", None).is_err());
        assert!(ResourceName::message("client-a", Some(&space)).is_ok());
    }
}
