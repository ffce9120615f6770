use serde_json::json;

use super::*;
use crate::chat::methods::METHODS;

fn only(schema: &str, body: Value) -> Violation {
    let mut violations = check(schema, &body);
    assert_eq!(violations.len(), 1, "{violations:?}");
    violations.remove(0)
}

#[test]
fn every_request_and_response_of_the_table_has_a_schema() {
    for method in METHODS {
        for name in method.request.iter().chain([&method.response]) {
            assert!(schema(name).is_some(), "{}: {name}", method.id);
        }
    }
}

#[test]
fn a_good_message_passes_in_either_spelling() {
    let body = json!({
        "text": "hello",
        "thread": {"threadKey": "k"},
        "cards_v2": [{"card_id": "a", "card": {"header": {"title": "t"}, "sections": []}}],
        "privateMessageViewer": null,
    });
    let read = read("Message", &body).expect("valid");
    assert_eq!(read["cardsV2"][0]["cardId"], "a");
    assert!(read.get("cards_v2").is_none() && read.get("privateMessageViewer").is_none());
}

#[test]
fn an_unknown_field_is_told_with_the_message_that_lacks_it() {
    let violation = only("Message", json!({"cardsV2": [{"card": {}}, {"crad": {}}]}));
    assert_eq!(violation.place(), "cardsV2[1]");
    assert_eq!(violation.problem, Problem::UnknownField { name: "crad".into(), message: "CardWithId" });
    assert_eq!(check("Message", &json!({"Text": "x", "tEXT": 1})).len(), 2);
}

#[test]
fn wrong_types() {
    for (body, place) in [
        (json!({"text": 5}), "text"),
        (json!({"text": ["a"]}), "text"),
        (json!({"thread": "spaces/A/threads/B"}), "thread"),
        (json!({"cardsV2": {}}), "cardsV2"),
        (json!({"cardsV2": [null]}), "cardsV2[0]"),
        (json!({"silent": "true"}), "silent"),
        (json!({"slashCommand": {"commandId": 1.5}}), "slashCommand.commandId"),
        (json!({"annotations": [{"startIndex": 3_000_000_000_u64}]}), "annotations[0].startIndex"),
        (json!([]), ""),
        (json!("text"), ""),
    ] {
        let violation = only("Message", body.clone());
        assert_eq!(violation.place(), place, "{body}");
        assert!(matches!(violation.problem, Problem::WrongType { .. }), "{violation:?}");
    }
}

#[test]
fn numbers_may_be_text_and_enums_numbers() {
    let body = json!({
        "slashCommand": {"commandId": "12"},
        "annotations": [{"startIndex": "3", "length": 2.0, "type": 1}],
    });
    let read = read("Message", &body).expect("valid");
    assert_eq!(read["annotations"][0]["type"], "USER_MENTION");
    assert!(check("Space", &json!({"spaceType": 99})).is_empty());
}

#[test]
fn bad_enums_and_formats() {
    let violation = only("Space", json!({"spaceType": "ROOM"}));
    assert!(matches!(&violation.problem, Problem::BadEnum { allowed, message: "Space", .. }
        if allowed.iter().any(|name| name == "GROUP_CHAT")));
    for (schema, body) in [
        ("Space", json!({"createTime": "yesterday"})),
        ("Space", json!({"createTime": "2026-01-01 00:00:00Z"})),
        ("Space", json!({"createTime": "2026-01-01T00:00:00"})),
        ("CustomStatus", json!({"ttl": "5m"})),
        ("CustomStatus", json!({"ttl": "1.s"})),
        ("CustomEmojiPayload", json!({"fileContent": "a b"})),
    ] {
        let violation = only(schema, body.clone());
        assert!(matches!(violation.problem, Problem::BadFormat { .. }), "{body}: {violation:?}");
    }
    for (schema, body) in [
        ("Space", json!({"createTime": "2026-01-01T00:00:00.123456789-04:00"})),
        ("CustomStatus", json!({"ttl": "3.5s"})),
        ("CustomEmojiPayload", json!({"fileContent": "-_-_AA"})),
        ("CustomEmojiPayload", json!({"fileContent": "+/+/AA=="})),
    ] {
        assert_eq!(check(schema, &body), [], "{body}");
    }
}

#[test]
fn only_one_of_a_group() {
    let violation = only("CustomStatus", json!({"ttl": "5s", "expireTime": "2026-01-01T00:00:00Z"}));
    assert_eq!(
        violation.problem,
        Problem::Clash { oneof: "expiration", first: "ttl".into(), second: "expireTime".into() }
    );
    assert!(check("CustomStatus", &json!({"ttl": "5s", "expireTime": null})).is_empty());
}

#[test]
fn one_field_in_both_spellings_is_refused() {
    let violation = only("Space", json!({"displayName": "a", "display_name": "b"}));
    assert_eq!(violation.problem, Problem::GivenTwice { name: "display_name".into() });
}

#[test]
fn depth_is_limited_and_excerpts_are_short() {
    let mut body = json!({});
    for _ in 0..60 {
        body = json!({"quotedMessageSnapshot": body, "x": 1});
    }
    assert!(!check("QuotedMessageMetadata", &body).is_empty());
    // A card in a click in a button in a widget in a section in a card, for ever.
    let mut card = json!({});
    for _ in 0..30 {
        card = json!({"sections": [{"widgets": [{"image": {"onClick": {"card": card}}}]}]});
    }
    let violation = only("GoogleAppsCardV1Card", card);
    assert_eq!(violation.problem, Problem::TooDeep);
    let violation = only("Message", json!({"thread": "é".repeat(10_000)}));
    assert!(
        matches!(violation.problem, Problem::WrongType { found: Found { excerpt, .. }, .. } if excerpt.len() < 400)
    );
}

#[test]
fn unknown_schemas_and_paths() {
    assert!(check("Nothing", &json!(5)).is_empty());
    assert!(has_path("Message", "thread.name") && has_path("Message", "cards_v2.card"));
    assert!(!has_path("Message", "thread.nme") && !has_path("Message", "text.more"));
    assert_eq!(required("UploadAttachmentRequest"), ["filename"]);
}

#[test]
fn violations_read_well() {
    let told = |schema: &str, body: Value| only(schema, body).to_string();
    assert_eq!(
        told("Message", json!({"cardsV2": [{"crad": {}}]})),
        "cardsV2[0]: CardWithId has no field `crad`, but card, cardId"
    );
    assert_eq!(told("Message", json!({"text": 5})), "text: expected text, found 5");
    assert_eq!(told("Message", json!([])), "expected an object (Message), found []");
    assert_eq!(told("CustomStatus", json!({"ttl": "5m"})), "ttl: \"5m\" is not a duration such as 90s");
    assert_eq!(
        told("Space", json!({"spaceType": "ROOM"})),
        "spaceType: \"ROOM\" is none of SPACE_TYPE_UNSPECIFIED, SPACE, GROUP_CHAT, DIRECT_MESSAGE"
    );
}
