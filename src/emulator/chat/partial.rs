//! Partial responses: the `fields` parameter, `spaces(name,displayName),nextPageToken`.

use serde_json::{Map, Value};

use super::error::ApiError;
use crate::chat::schema;

/// A tree of the fields wanted; one without children is wanted whole.
#[derive(Debug, Default)]
pub struct Mask(Vec<(String, Mask)>);

/// Nesting of parentheses that anyone could mean.
const MAX_DEPTH: usize = 20;

impl Mask {
    /// Fails on what cannot be read, and on a field that the answer's schema doesn't have.
    pub fn parse(text: &str, schema: &str) -> Result<Mask, ApiError> {
        let mut rest = text;
        let mask = Mask::read(&mut rest, 0).filter(|_| rest.is_empty());
        let mask = mask.ok_or_else(|| ApiError::invalid("Invalid value for the fields parameter."))?;
        match mask.paths().into_iter().find(|path| !schema::has_path(schema, path)) {
            Some(unknown) => {
                let text = format!(
                    "Error expanding 'fields' parameter. Cannot find matching fields for path '{unknown}'."
                );
                Err(ApiError::bad_request(&[(unknown, text)]))
            }
            None => Ok(mask),
        }
    }

    pub fn apply(&self, value: &Value) -> Value {
        if self.0.is_empty() {
            return value.clone();
        }
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.apply(item)).collect()),
            Value::Object(object) => {
                let mut part = Map::new();
                for (name, value) in object {
                    if let Some(below) = self.below(name) {
                        part.insert(name.clone(), below.apply(value));
                    }
                }
                Value::Object(part)
            }
            other => other.clone(),
        }
    }

    fn below(&self, name: &str) -> Option<&Mask> {
        self.0.iter().find(|(wanted, _)| wanted == name || wanted == "*").map(|(_, below)| below)
    }

    /// `a/b(c,d),e`
    fn read(rest: &mut &str, depth: usize) -> Option<Mask> {
        let mut mask = Mask::default();
        loop {
            mask.0.push(Self::read_one(rest, depth)?);
            match rest.strip_prefix(',') {
                Some(after) => *rest = after,
                None => return Some(mask),
            }
        }
    }

    fn read_one(rest: &mut &str, depth: usize) -> Option<(String, Mask)> {
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '*').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() || depth > MAX_DEPTH {
            return None;
        }
        *rest = after;
        let below = if let Some(after) = rest.strip_prefix(['/', '.']) {
            *rest = after;
            Mask(vec![Self::read_one(rest, depth + 1)?])
        } else if let Some(after) = rest.strip_prefix('(') {
            *rest = after;
            let below = Self::read(rest, depth + 1)?;
            *rest = rest.strip_prefix(')')?;
            below
        } else {
            Mask::default()
        };
        Some((name.to_owned(), below))
    }

    fn paths(&self) -> Vec<String> {
        let below = |(name, mask): &(String, Mask)| match mask.paths() {
            paths if paths.is_empty() => vec![name.clone()],
            paths => paths.into_iter().map(|path| format!("{name}.{path}")).collect(),
        };
        self.0.iter().flat_map(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_what_is_asked_for() {
        let value = json!({"spaces": [{"name": "a", "displayName": "A", "spaceDetails": {"description": "d"}}],
            "nextPageToken": "t"});
        let apply = |mask: &str| Mask::parse(mask, "ListSpacesResponse").expect("valid").apply(&value);
        assert_eq!(apply("nextPageToken"), json!({"nextPageToken": "t"}));
        assert_eq!(apply("spaces(name)"), json!({"spaces": [{"name": "a"}]}));
        assert_eq!(
            apply("spaces/spaceDetails/description"),
            json!({"spaces": [{"spaceDetails": {"description": "d"}}]})
        );
        assert_eq!(apply("*"), value);
    }

    #[test]
    fn refuses_nonsense() {
        for bad in ["", "spaces(", "spaces)", "a b", "nothing", "spaces/nothing", ",", &"(".repeat(50)] {
            assert!(Mask::parse(bad, "ListSpacesResponse").is_err(), "{bad:?}");
        }
    }
}
