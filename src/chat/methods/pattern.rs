//! The patterns of resource names in the discovery document: `^spaces/[^/]+$`.

/// A resource name's shape: segments that are either literal or any text without a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern(pub &'static str);

impl Pattern {
    /// Whether a name has this shape. `.*` takes anything, slashes too (`media.download`).
    pub fn matches(self, name: &str) -> bool {
        let Some(segments) = self.segments() else {
            return true;
        };
        let mut given = name.split('/');
        for wanted in segments {
            match given.next() {
                Some("") | None => return false,
                Some(found) if wanted != "*" && wanted != found => return false,
                Some(_) => {}
            }
        }
        given.next().is_none()
    }

    /// The shape for people: `spaces/{space}/messages/{message}`; `None` where anything goes.
    pub fn example(self) -> Option<String> {
        let mut last = "";
        let parts: Vec<String> = self
            .segments()?
            .map(|segment| {
                if segment == "*" {
                    format!("{{{}}}", singular(last))
                } else {
                    last = segment;
                    segment.to_owned()
                }
            })
            .collect();
        Some(parts.join("/"))
    }

    fn segments(self) -> Option<impl Iterator<Item = &'static str>> {
        let inner = self.0.strip_prefix('^')?.strip_suffix('$')?;
        if inner == ".*" {
            return None;
        }
        // `[^/]+` holds a slash itself, so it becomes one character before the split.
        let mut rest = inner;
        Some(std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            if let Some(after) = rest.strip_prefix("[^/]+") {
                rest = after.strip_prefix('/').unwrap_or(after);
                return Some("*");
            }
            let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
            rest = after;
            Some(segment)
        }))
    }
}

fn singular(collection: &str) -> &str {
    collection.strip_suffix('s').unwrap_or(collection)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    const MESSAGE: Pattern = Pattern("^spaces/[^/]+/messages/[^/]+$");

    #[test]
    fn matches_whole_names_only() {
        assert!(MESSAGE.matches("spaces/A/messages/b.c"));
        for wrong in
            ["spaces/A", "spaces/A/messages/", "spaces//messages/b", "spaces/A/messages/b/c", "", "/"]
        {
            assert!(!MESSAGE.matches(wrong), "{wrong:?}");
        }
        assert!(Pattern("^.*$").matches("a/b"));
    }

    #[test]
    fn shows_the_shape() {
        assert_eq!(MESSAGE.example().as_deref(), Some("spaces/{space}/messages/{message}"));
        assert_eq!(
            Pattern("^users/[^/]+/availability$").example().as_deref(),
            Some("users/{user}/availability")
        );
    }
}
