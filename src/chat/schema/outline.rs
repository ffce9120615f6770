//! A schema for people: the fields that a request may set, and what goes into each.

use super::document::{Field, schema};

/// A line a field: name, what it takes, whether it's required. What only Google sets is left out.
pub fn outline(name: &str) -> Vec<String> {
    let Some((_, found)) = schema(name) else { return Vec::new() };
    let mut lines: Vec<String> = found
        .fields()
        .filter(|(_, field)| !field.is_read_only())
        .map(|(name, field)| {
            let required = if field.is_required() { " (required)" } else { "" };
            format!("{name}: {}{required}", kind(field))
        })
        .collect();
    lines.sort();
    lines
}

fn kind(field: &Field) -> String {
    let one = match (field.reference(), &field.allowed, field.scalar()) {
        (Some(name), ..) => format!("{name} {{{}}}", members(name)),
        (None, Some(values), _) => values.join(" | "),
        (None, None, Some(expected)) => expected.to_string(),
        (None, None, None) => "anything".to_owned(),
    };
    if field.repeated { format!("list of {one}") } else { one }
}

fn members(name: &str) -> String {
    settable(name).join(", ")
}

/// The names of the fields that a request may set, sorted.
pub(super) fn settable(name: &str) -> Vec<&'static str> {
    let Some((_, found)) = schema(name) else { return Vec::new() };
    let mut names: Vec<&str> =
        found.fields().filter(|(_, field)| !field.is_read_only()).map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}
