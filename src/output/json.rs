//! JSON text on one line.

/// Takes the white space between tokens away and leaves every token as it came: no field order, number or
/// escape changes. The text has to be JSON.
pub fn compact(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_white_space_between_tokens_goes() {
        let json = "{\n  \"a b\": \"c \\\" \\\\\",\n  \"n\": [ 1.0e2, 9007199254740993 ]\n}";
        assert_eq!(compact(json), r#"{"a b":"c \" \\","n":[1.0e2,9007199254740993]}"#);
    }
}
