//! Text from outside, made safe for a terminal.

use std::borrow::Cow;

/// Makes control and bidirectional characters visible, so that no text can move the cursor, rewrite lines or
/// turn the reading direction. Line ends and tabs become spaces: the caller lays out the lines.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.push(' '),
            c if is_unsafe(c) => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn is_unsafe(c: char) -> bool {
    // Cc, the bidirectional controls of UAX #9, the line separators, and the tag block.
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn shows_what_would_act() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c\nd\u{9b}"), "a<U+001B>[2Jb<U+202E>c d<U+009B>");
        assert_eq!(visible("grüße 👋🏽 日本"), "grüße 👋🏽 日本");
    }
}
