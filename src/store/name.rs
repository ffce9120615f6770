//! The name of a profile, and of its file.

use std::fmt;

use thiserror::Error;

use crate::random::Random;

/// What a person calls a stored sign-in: the account's email, or a name of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileName(String);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("{text:?} cannot be a profile's name: {problem}")]
pub struct ProfileNameError {
    text: String,
    problem: &'static str,
}

/// File systems take names of 255 bytes; a name of 80 stays below that with every byte escaped.
const LONGEST: usize = 80;

impl ProfileName {
    pub fn parse(text: &str) -> Result<Self, ProfileNameError> {
        let wrong = |problem| Err(ProfileNameError { text: text.to_owned(), problem });
        if text.is_empty() {
            return wrong("it is empty");
        }
        if text.len() > LONGEST {
            return wrong("it is longer than 80 bytes");
        }
        if text.starts_with('-') {
            return wrong("it starts with a hyphen, like an option");
        }
        if !text.chars().all(|c| c.is_ascii_graphic() || c.is_alphanumeric()) || text.contains(['/', '\\']) {
            return wrong("use letters, digits and signs, without spaces and slashes");
        }
        Ok(ProfileName(text.to_owned()))
    }

    /// A name that nobody has: for a sign-in whose account isn't known.
    pub fn generated(random: &dyn Random) -> Self {
        ProfileName(format!("account-{}", &random.uuid()[..8]))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a file name that no file system folds, reserves or hides: everything but lower-case
    /// letters, digits and `.@+-_` is percent-encoded, a leading dot too.
    pub(super) fn file_stem(&self) -> String {
        let mut stem = String::new();
        for (index, byte) in self.0.bytes().enumerate() {
            let plain = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'@' | b'+' | b'-' | b'_')
                || byte == b'.' && index > 0;
            if plain {
                stem.push(char::from(byte));
            } else {
                stem.push_str(&format!("%{byte:02X}"));
            }
        }
        stem
    }

    pub(super) fn from_file_stem(stem: &str) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut rest = stem.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            if first == b'%' {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &after[2..];
            } else {
                bytes.push(first);
                rest = after;
            }
        }
        let name = ProfileName::parse(&String::from_utf8(bytes).ok()?).ok()?;
        (name.file_stem() == stem).then_some(name)
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ProfileName;

    #[test]
    fn names_and_files_are_one_to_one() {
        for (name, stem) in [
            ("someone@example.com", "someone@example.com"),
            ("Work", "%57ork"),
            (".hidden", "%2Ehidden"),
            ("a%b", "a%25b"),
            ("zoë", "zo%C3%AB"),
            ("con:", "con%3A"),
        ] {
            let parsed = ProfileName::parse(name).unwrap();
            assert_eq!(parsed.file_stem(), stem);
            assert_eq!(ProfileName::from_file_stem(stem), Some(parsed));
        }
        assert_eq!(ProfileName::from_file_stem("Work"), None);
        assert_eq!(ProfileName::from_file_stem("a%2"), None);
    }

    #[test]
    fn refuses_what_could_mislead() {
        for bad in ["", "-x", "a b", "a/b", "..\\x", "a\u{202e}b", "a\nb", &"x".repeat(81)] {
            assert!(ProfileName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
