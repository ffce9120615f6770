//! An address as it may be shown.

use url::Url;

/// The query parameters that are ever shown with their values. Anything else may be a key, a token or a
/// code, so what isn't known to be harmless is hidden.
const HARMLESS: &[&str] = &[
    "alt",
    "fields",
    "filter",
    "messageId",
    "messageReplyOption",
    "orderBy",
    "pageSize",
    "requestId",
    "updateMask",
    "useAdminAccess",
    "uploadType",
    "showDeleted",
    "showGroups",
    "showInvited",
    "query",
    "force",
    "allowMissing",
];

/// The address without user, password, fragment and the values of unknown query parameters.
pub fn address(url: &Url) -> String {
    let mut shown = url.clone();
    // These only fail for addresses that can't have a user, which then have none to hide.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_fragment(None);
    if url.query().is_some() {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                let known = HARMLESS.contains(&name.as_ref());
                (name.to_string(), if known { value.to_string() } else { "REDACTED".to_owned() })
            })
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn shows_no_secret() {
        let url = "https://u:p@chat.googleapis.com/v1/spaces/A/messages?key=K&token=T&requestId=R#f"
            .parse()
            .unwrap();
        assert_eq!(
            address(&url),
            "https://chat.googleapis.com/v1/spaces/A/messages?key=REDACTED&token=REDACTED&requestId=R"
        );
    }
}
