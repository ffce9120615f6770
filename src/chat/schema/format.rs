//! Whether one plain JSON value reads as a number, a time, bytes and so on, by the rules of proto JSON.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::Timestamp;
use serde_json::Value;

use super::Expected;

pub enum Mismatch {
    /// Not the type of JSON that it should be.
    Type,
    /// Text that cannot be read as what it should be.
    Format,
}

pub fn read(expected: Expected, value: &Value) -> Result<(), Mismatch> {
    match (expected, value) {
        (Expected::Text, Value::String(_))
        | (Expected::Boolean, Value::Bool(_))
        | (Expected::Map | Expected::Message(_), Value::Object(_))
        | (Expected::List, Value::Array(_)) => Ok(()),
        // Proto JSON takes numbers as text too, and must for 64 bits, which JavaScript cannot hold.
        (Expected::Int32 | Expected::Int64, Value::Number(number)) => {
            integer(expected, &number.to_string()).ok_or(Mismatch::Type)
        }
        (Expected::Int32 | Expected::Int64, Value::String(text)) => formatted(integer(expected, text)),
        (Expected::Float | Expected::Double, Value::Number(_)) => Ok(()),
        (Expected::Float | Expected::Double, Value::String(text)) => formatted(decimal(text)),
        (Expected::Bytes, Value::String(text)) => formatted(base64(text)),
        (Expected::Timestamp, Value::String(text)) => formatted(timestamp(text).map(|_| ())),
        (Expected::Duration, Value::String(text)) => formatted(duration(text)),
        _ => Err(Mismatch::Type),
    }
}

/// RFC 3339 with all its parts; jiff alone would also take a blank for the `T`, and a time zone's name.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let shape = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'));
    if !shape || text.contains(['[', ' ', '_']) {
        return None;
    }
    text.parse().ok()
}

fn formatted(read: Option<()>) -> Result<(), Mismatch> {
    read.ok_or(Mismatch::Format)
}

fn integer(expected: Expected, text: &str) -> Option<()> {
    // `1.0` and `1e3` are integers too.
    let value = match text.parse::<i64>() {
        Ok(value) => value,
        Err(_) => whole(text.parse().ok()?)?,
    };
    (expected == Expected::Int64 || i32::try_from(value).is_ok()).then_some(())
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 a float no longer says which integer it is.
    let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked the line above")]
    exact.then_some(number as i64)
}

fn decimal(text: &str) -> Option<()> {
    let named = matches!(text, "NaN" | "Infinity" | "-Infinity");
    let written = text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    (named || written).then_some(())
}

/// Either alphabet, padded or not.
fn base64(text: &str) -> Option<()> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    GeneralPurpose::new(&alphabet, lenient).decode(text).ok().map(|_| ())
}

/// `-3.5s`, with at most nine decimals and some 10,000 years.
fn duration(text: &str) -> Option<()> {
    const MAX_SECONDS: u64 = 315_576_000_000;
    let number = text.strip_suffix('s')?;
    let number = number.strip_prefix('-').unwrap_or(number);
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = digits(seconds) && digits(fraction) && fraction.len() <= 9;
    (shape && seconds.parse::<u64>().ok()? <= MAX_SECONDS).then_some(())
}
