//! The filters of `spaces.list` and `messages.list`, as far as Google documents them.

use jiff::Timestamp;

use super::error::ApiError;
use crate::chat::schema;

/// `create_time > "…" AND thread.name = spaces/S/threads/T`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
    pub thread: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Operator(char),
}

pub fn messages(filter: &str) -> Result<MessageFilter, ApiError> {
    read_messages(filter).ok_or_else(invalid)
}

/// The space types that may pass.
pub fn spaces(filter: &str) -> Result<Vec<String>, ApiError> {
    read_spaces(filter).ok_or_else(invalid)
}

fn invalid() -> ApiError {
    ApiError::invalid("Invalid filter query.")
}

fn read_messages(filter: &str) -> Option<MessageFilter> {
    let tokens = tokens(filter)?;
    let mut read = MessageFilter::default();
    for term in tokens.split(|token| *token == Token::Word("AND".to_owned())) {
        match term {
            [Token::Word(field), Token::Operator(operator), Token::Text(time)]
                if matches!(field.as_str(), "create_time" | "createTime") =>
            {
                let bound = match operator {
                    '>' => &mut read.after,
                    '<' => &mut read.before,
                    _ => return None,
                };
                if bound.replace(schema::timestamp(time)?).is_some() {
                    return None;
                }
            }
            [Token::Word(field), Token::Operator('='), Token::Word(name) | Token::Text(name)]
                if field == "thread.name" =>
            {
                if read.thread.replace(name.clone()).is_some() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(read)
}

fn read_spaces(filter: &str) -> Option<Vec<String>> {
    let tokens = tokens(filter)?;
    let terms = tokens.split(|token| *token == Token::Word("OR".to_owned()));
    terms
        .map(|term| match term {
            [Token::Word(field), Token::Operator('='), Token::Text(kind)]
                if matches!(field.as_str(), "space_type" | "spaceType")
                    && matches!(kind.as_str(), "SPACE" | "GROUP_CHAT" | "DIRECT_MESSAGE") =>
            {
                Some(kind.clone())
            }
            _ => None,
        })
        .collect()
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '=' | '<' | '>') {
            tokens.push(Token::Operator(first));
            rest = &rest[1..];
        } else if first == '"' {
            let (quoted, after) = rest[1..].split_once('"')?;
            tokens.push(Token::Text(quoted.to_owned()));
            rest = after;
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "=<>\"".contains(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_google_documents() {
        let filter = "create_time > \"2026-01-01T00:00:00Z\" AND create_time<\"2026-02-01T00:00:00+02:00\" AND \
                      thread.name = spaces/A/threads/B";
        let read = read_messages(filter).expect("valid");
        assert_eq!(read.after.map(|time| time.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert!(read.before.is_some());
        assert_eq!(read.thread.as_deref(), Some("spaces/A/threads/B"));
        assert_eq!(
            read_spaces("space_type = \"SPACE\" OR spaceType=\"GROUP_CHAT\""),
            Some(vec!["SPACE".to_owned(), "GROUP_CHAT".to_owned()])
        );
    }

    #[test]
    fn refuses_everything_else() {
        for bad in [
            "create_time >= \"2026-01-01T00:00:00Z\"",
            "create_time > 2026-01-01",
            "create_time > \"yesterday\"",
            "thread.name = a AND thread.name = b",
            "sender = users/1",
            "create_time > \"2026-01-01T00:00:00Z\" OR thread.name = a",
            "thread.name = a AND",
            "\"",
        ] {
            assert_eq!(read_messages(bad), None, "{bad}");
        }
        for bad in
            ["space_type = SPACE", "space_type = \"ROOM\"", "space_type = \"SPACE\" AND x", "name=\"x\""]
        {
            assert_eq!(read_spaces(bad), None, "{bad}");
        }
    }
}
