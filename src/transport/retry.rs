//! When a request is sent again, and after how long.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::{Timestamp, fmt::rfc2822};
use serde_json::Value;

use crate::random::Random;

/// What may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Only where the server cannot have acted: nothing was sent, or it answered 429.
    Unsent,
    /// Also after an unknown outcome: reads, idempotent methods, calls with a request id (AIP-155).
    Safe,
}

/// The statuses after which a repeat may help, when it is safe. 429 always is: the server refused to act.
const PASSING: [u16; 5] = [408, 500, 502, 503, 504];

/// Google's limits page: wait min(2^n s + jitter, maximum), with a maximum of 32 or 64 s.
const LONGEST_BACKOFF: Duration = Duration::from_secs(32);

/// Google's older APIs refuse for a rate with 403 and a reason (Calendar, Gmail, Drive: "Resolve errors").
pub fn is_rate_limit(status: StatusCode, body: &[u8]) -> bool {
    let reason = || -> Option<String> {
        let body: Value = serde_json::from_slice(body).ok()?;
        Some(body["error"]["errors"][0]["reason"].as_str()?.to_owned())
    };
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::FORBIDDEN
            && matches!(reason().as_deref(), Some("rateLimitExceeded" | "userRateLimitExceeded"))
}

impl Repeat {
    pub fn after_status(self, status: StatusCode, body: &[u8]) -> bool {
        is_rate_limit(status, body) || self == Repeat::Safe && PASSING.contains(&status.as_u16())
    }

    pub fn after_failure(self, error: &super::Error) -> bool {
        error.fault.is_passing() && (!error.may_have_acted || self == Repeat::Safe)
    }
}

/// Truncated exponential backoff with full jitter: anywhere from nothing to 2^n seconds.
pub fn backoff(attempt: u32, random: &dyn Random) -> Duration {
    let ceiling = Duration::from_secs(1 << attempt.min(5)).min(LONGEST_BACKOFF);
    ceiling.mul_f64(random.fraction())
}

/// What the server asks for: `Retry-After` (RFC 9110 section 10.2.3), else `google.rpc.RetryInfo` in the
/// body; the longer of the two where both are there.
pub fn retry_delay(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<Duration> {
    let header = headers
        .get(http::header::RETRY_AFTER)
        .and_then(|value| retry_after(value.to_str().ok()?.trim(), now));
    header.max(retry_info(body))
}

fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than a number can hold is longer than anybody waits.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value.replace("GMT", "+0000")).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

fn retry_info(body: &[u8]) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let details = body.get("error")?.get("details")?.as_array()?;
    let info = details.iter().find(|d| d["@type"] == "type.googleapis.com/google.rpc.RetryInfo")?;
    let seconds: f64 = info.get("retryDelay")?.as_str()?.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SequenceRandom;

    #[test]
    fn reads_every_way_to_ask_for_a_wait() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let wait = |header: &str, body: &str| {
            let mut headers = HeaderMap::new();
            if !header.is_empty() {
                headers.insert("retry-after", header.parse().unwrap());
            }
            retry_delay(&headers, body.as_bytes(), now).map(|d| d.as_millis())
        };
        let info = r#"{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}}"#;
        assert_eq!(wait("7", ""), Some(7000));
        assert!(wait("99999999999999999999999", "") > Some(1_000_000));
        assert_eq!(wait("Sun, 22 Nov 2026 10:00:30 GMT", ""), Some(30_000));
        assert_eq!(wait("Sun, 22 Nov 2026 09:00:00 GMT", ""), Some(0));
        assert_eq!(wait("", info), Some(2500));
        assert_eq!(wait("1", info), Some(2500));
        assert_eq!(wait("soon", "<html>"), None);
        assert_eq!(wait("-1", ""), None);
    }

    #[test]
    fn backoff_grows_and_is_capped() {
        let random = SequenceRandom::default();
        for attempt in 0..40 {
            assert!(backoff(attempt, &random) <= Duration::from_secs(1 << attempt.min(5)));
        }
    }
}
