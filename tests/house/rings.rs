//! Arrows point down only: the library's rings don't write, read the environment or exit, and none knows of a
//! ring above it.

use crate::tree;

#[test]
fn the_library_neither_writes_nor_reads_the_environment_nor_exits() {
    for ring in ["src/chat", "src/auth", "src/transport", "src/store"] {
        for (path, text) in tree::rust_files(ring) {
            for forbidden in ["println!", "eprintln!", "print!", "std::env", "process::exit"] {
                assert!(!text.contains(forbidden), "{} has {forbidden}", path.display());
            }
            assert!(!modules(&text, "std::").any(|module| module == "env"), "{}", path.display());
            for module in modules(&text, "crate::") {
                assert!(!["cli", "cmd", "output"].contains(&module), "{} uses {module}", path.display());
            }
        }
    }
}

#[test]
fn transport_and_store_know_nothing_of_sign_ins_and_chat() {
    for ring in ["src/transport", "src/store"] {
        for (path, text) in tree::rust_files(ring) {
            for module in modules(&text, "crate::") {
                assert!(!["auth", "chat"].contains(&module), "{} uses {module}", path.display());
            }
        }
    }
}

/// The modules that a text names right below a root: `b` of `crate::b::c`, `b` and `c` of `crate::{b::x, c}`.
fn modules<'t>(text: &'t str, root: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(root).skip(1).flat_map(|after| match after.strip_prefix('{') {
        None => vec![word(after)],
        Some(group) => top_level(group).map(|part| word(part.trim_start())).collect(),
    })
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The parts of a `{…}` group between its own commas, up to its end.
fn top_level(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let end = group.find(|c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth < 0
    });
    let mut depth = 0_i32;
    group[..end.unwrap_or(group.len())].split(move |c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0 && c == ','
    })
}

#[test]
fn groups_are_read_to_their_end() {
    let text = "use crate::{\n    auth::{Error, Reach},\n    chat,\n};\nuse crate::output::Ui; crate::{x";
    assert_eq!(modules(text, "crate::").collect::<Vec<_>>(), ["auth", "chat", "", "output", "x"]);
}
