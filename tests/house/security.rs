//! SECURITY.md names a test for each threat: it has to be there.

use std::{fs, path::Path};

/// `module::function` in backticks, below the headings of threats.
fn named_tests(text: &str) -> Vec<String> {
    let threats = text.split("## Threats").nth(1).expect("SECURITY.md has threats");
    threats.split('`').skip(1).step_by(2).filter(|code| code.contains("::")).map(str::to_owned).collect()
}

/// The file of a module of the suite.
fn source(module: &[&str]) -> Option<String> {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(module.join("/"));
    [suite.with_extension("rs"), suite.join("mod.rs")].iter().find_map(|path| fs::read_to_string(path).ok())
}

#[test]
fn every_test_that_security_names_exists() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md")).expect("SECURITY.md");
    let tests = named_tests(&text);
    assert!(tests.len() > 50, "{}", tests.len());
    for test in tests {
        let parts: Vec<&str> = test.split("::").collect();
        let (function, module) = parts.split_last().expect("a function");
        let source = source(module).unwrap_or_else(|| panic!("{test}: no such module"));
        assert!(source.contains(&format!("#[test]\nfn {function}()")), "{test}: no such test");
    }
}
