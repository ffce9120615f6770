//! Lines no wider than a terminal.

use unicode_width::UnicodeWidthStr;

/// Breaks a line at blanks; what follows is indented by two more. A word that is wider stays whole.
pub fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        if !current.trim().is_empty() && current.width() + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut current, format!("  {word}")));
        } else {
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn breaks_at_blanks() {
        assert_eq!(wrap("one two three", 20), ["one two three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "  three"]);
        assert_eq!(wrap("averylongword x", 5), ["averylongword", "  x"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
