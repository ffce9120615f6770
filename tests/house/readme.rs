//! What the README promises is what the code does.

use std::{collections::BTreeSet, process::Command};

use chatauth::EXITS;

use crate::tree;

/// The rows of the table below a heading, as their cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let readme = tree::text("README.md");
    let section = readme.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading:?}")).1;
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    // The names of the columns and the line below them.
    rows.skip(2)
        .map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn the_exit_codes_are_those_of_the_code() {
    let written: Vec<(String, String)> =
        table("### Exit codes").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let codes: Vec<(String, String)> =
        EXITS.iter().map(|(_, code, meaning)| (code.to_string(), (*meaning).to_owned())).collect();
    assert_eq!(written, codes);
}

#[test]
fn the_environment_variables_are_those_that_the_code_knows() {
    let written: BTreeSet<String> =
        table("## Environment variables").iter().flat_map(|row| variables(&row[0])).collect();
    let known: BTreeSet<String> =
        tree::rust_files("src/cli").iter().flat_map(|(_, text)| variables(text)).collect();
    assert_eq!(written, known);
}

/// Every `CHATAUTH_…` in a text.
fn variables(text: &str) -> BTreeSet<String> {
    let name = |c: char| c.is_ascii_uppercase() || c == '_';
    text.match_indices("CHATAUTH_")
        .map(|(at, _)| text[at..].split(|c| !name(c)).next().unwrap_or_default().to_owned())
        .collect()
}

/// Every command in the README is one that the program knows, with the flags that it knows.
#[test]
fn the_commands_exist() {
    let commands = commands(&tree::text("README.md"));
    assert!(commands.len() > 20, "{commands:?}");
    for words in commands {
        let verbs: Vec<&str> = verbs(&words);
        let output =
            Command::new(env!("CARGO_BIN_EXE_chatauth")).args(&verbs).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        for flag in words.iter().filter(|word| word.starts_with("--") && *word != "--") {
            let flag = flag.split('=').next().unwrap_or_default();
            let known = help.split(|c: char| c.is_whitespace() || ",[]".contains(c)).any(|word| word == flag);
            assert!(known, "chatauth {} has no {flag}", verbs.join(" "));
        }
    }
}

/// The words after each `chatauth` of the README's shell blocks, up to the end of that command.
fn commands(readme: &str) -> Vec<Vec<String>> {
    let blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let lines = blocks.flat_map(str::lines).filter_map(|line| {
        let (before, command) = line.split_once("chatauth ")?;
        let is_program = before.is_empty() || before.ends_with(['(', ' ']);
        is_program.then_some(command)
    });
    lines
        .map(|command| {
            let end = command.find(['|', ')', '&', '#']).unwrap_or(command.len());
            command[..end].split_whitespace().map(str::to_owned).collect()
        })
        .collect()
}

/// The leading words that name the command.
fn verbs(words: &[String]) -> Vec<&str> {
    let is_group = |word: &str| ["profiles", "spaces", "messages", "emulator"].contains(&word);
    // `--profile NAME` is the only option that comes before a command.
    let skipped = if words.first().is_some_and(|word| word == "--profile") { 2 } else { 0 };
    let mut words = words.iter().map(String::as_str).skip(skipped);
    match words.next() {
        Some(group) if is_group(group) => std::iter::once(group).chain(words.next()).collect(),
        Some(command) => vec![command],
        None => Vec::new(),
    }
}
