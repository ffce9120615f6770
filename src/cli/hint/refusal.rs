//! What to do when Google refuses a call. By the reason code where there's one; where Google has none, by the words
//! that it has used for years.

use super::PROFILE;
use crate::chat::{ApiError, CallError, methods::Method};

pub fn hint(call: &CallError, error: &ApiError) -> Option<String> {
    by_reason(call, error).or_else(|| by_words(call, error)).or_else(|| by_status(call, error))
}

/// google/api/error_reason.proto
fn by_reason(call: &CallError, error: &ApiError) -> Option<String> {
    Some(match error.reason.as_deref()? {
        "SERVICE_DISABLED" | "accessNotConfigured" => {
            let named = error.metadata.get("activationUrl").or(error.links.first()).filter(|page| is_googles(page));
            let page = named.cloned().unwrap_or_else(|| {
                let api = if is_chat(call) { "/chat.googleapis.com" } else { "" };
                format!("https://console.cloud.google.com/apis/library{api}{}", project(call, error))
            });
            format!("turn the API on in the client's project and wait a few minutes: {page}")
        }
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT" | "insufficientPermissions" => scopes(call, error)?,
        "ACCESS_TOKEN_TYPE_UNSUPPORTED" => {
            "this is no access token: an ID token, an API key or a webhook's token doesn't do".to_owned()
        }
        "ACCOUNT_STATE_INVALID" => "the account is suspended or deleted: ask its administrator".to_owned(),
        "USER_BLOCKED_BY_ADMIN" => {
            "the Workspace administrator has turned Google Chat off for this account: Admin console > Apps > Google Workspace".to_owned()
        }
        "USER_PROJECT_DENIED" | "CONSUMER_INVALID" | "CONSUMER_SUSPENDED" => {
            "the project in --quota-project cannot be used: leave it out, or let the account use it (role Service Usage Consumer)".to_owned()
        }
        "SECURITY_POLICY_VIOLATED" | "ORG_RESTRICTION_VIOLATION" => {
            "a policy of the organization (VPC Service Controls, restrictions) forbids it from here: ask its administrator".to_owned()
        }
        "BILLING_DISABLED" => format!(
            "turn billing on for the project: https://console.cloud.google.com/billing/enable{}",
            project(call, error)
        ),
        "API_KEY_INVALID" | "API_KEY_SERVICE_BLOCKED" | "API_KEY_HTTP_REFERRER_BLOCKED" | "API_KEY_IP_ADDRESS_BLOCKED" => {
            "an API key was sent that Google does not take; chatauth needs none".to_owned()
        }
        "RATE_LIMIT_EXCEEDED" | "RESOURCE_QUOTA_EXCEEDED" | "rateLimitExceeded" | "userRateLimitExceeded"
        | "quotaExceeded" => quota(call, error),
        _ => return None,
    })
}

/// Google gives no code for these: its words are all there is (Troubleshoot Google Chat apps).
fn by_words(call: &CallError, error: &ApiError) -> Option<String> {
    let says = |words: &str| error.message.contains(words);
    Some(match error.http_status {
        _ if error.is_app_not_configured() => format!(
            "give the client's project a Chat app (name, avatar, description) and save it: \
             https://console.cloud.google.com/apis/api/chat.googleapis.com/hangouts-chat{}",
            project(call, error)
        ),
        403 if says("You are not permitted to use this app") => {
            "add the Chat app to the space (Apps & integrations > Add apps); else look at Visibility in the Chat API's configuration and at the administrator's list of allowed apps".to_owned()
        }
        403 if says("The administrator must grant") => {
            let bot = match Method::find(&call.method) {
                Some(method) if method.auth.app.contains(&"chat.bot") => "; or use the scope chat.bot, which this method takes",
                _ => "",
            };
            format!("an administrator approves the app once: https://support.google.com/a?p=chat-app-auth{bot}")
        }
        403 if says("must allow users to install this Chat app") => {
            "an administrator allows the Chat app: https://support.google.com/a/answer/7651360".to_owned()
        }
        403 if says("only available to Google Workspace users") => {
            format!("sign in with a Google Workspace account: chatauth login{PROFILE}")
        }
        403 if says("insufficient authentication scopes") => scopes(call, error)?,
        _ => return None,
    })
}

fn by_status(call: &CallError, error: &ApiError) -> Option<String> {
    let method = call.method.as_str();
    Some(match error.http_status {
        401 if is_profile(call) => format!("chatauth login{PROFILE}"),
        401 => format!("set a fresh token in {}, or unset it to use a profile", call.credential),
        403 if !is_chat(call) => return None,
        403 => "is the account a member of the space, and allowed to do this there? An administrator can use useAdminAccess where the method takes it".to_owned(),
        404 if method == "chat.spaces.findDirectMessage" => "there is no direct message with this person yet".to_owned(),
        404 => "the name is wrong, or this account cannot see it".to_owned(),
        409 if method == "chat.spaces.create" || method == "chat.spaces.setup" => {
            "the name is already used in the organization: choose another".to_owned()
        }
        409 if error.status == "ABORTED" => "somebody changed it meanwhile: read it again, then try again".to_owned(),
        409 => "it exists already: choose another id".to_owned(),
        429 => quota(call, error),
        408 | 500 | 502..=504 => match &call.request_id {
            Some(id) => format!("try again{} with --request-id {id}, which cannot do it twice", when(error)),
            None if call.repeatable => match when(error) {
                when if when.is_empty() => "try again later".to_owned(),
                when => format!("try again{when}"),
            },
            None => super::LOOK_FIRST.to_owned(),
        },
        400 => violations(error)?,
        _ => return None,
    })
}

/// ` in 600 s`, where the server says it.
fn when(error: &ApiError) -> String {
    error.retry_after.map(|wait| format!(" in {} s", wait.as_secs())).unwrap_or_default()
}

/// A method of the Chat API, and not another API's address.
fn is_chat(call: &CallError) -> bool {
    call.method.starts_with("chat.") || call.method.contains(" chat.googleapis.com/")
}

/// A page that a person may be sent to.
fn is_googles(page: &str) -> bool {
    let url = url::Url::parse(page).ok().filter(|url| url.scheme() == "https");
    url.and_then(|url| url.host_str().map(|host| host.ends_with(".google.com"))).unwrap_or(false)
}

fn is_profile(call: &CallError) -> bool {
    call.credential.starts_with("profile ")
}

/// The scope to ask for: what the table says, or for another API the first that Google names.
fn scopes(call: &CallError, error: &ApiError) -> Option<String> {
    let by_table = Method::find(&call.method)
        .map(|method| method.sign_in_scopes().to_flag())
        .filter(|scopes| !scopes.is_empty());
    let scope = by_table.or_else(|| error.accepted_scopes.first().cloned())?;
    Some(match is_profile(call) {
        true => format!("chatauth login{PROFILE} --add-scopes {scope}"),
        false => format!("the token of {} needs the scope {scope}", call.credential),
    })
}

/// `?project=…` for a page of the console: the project that Google names, else the OAuth client's.
fn project(call: &CallError, error: &ApiError) -> String {
    let named = error.metadata.get("consumer").and_then(|consumer| consumer.strip_prefix("projects/"));
    let linked = error.links.iter().find_map(|link| link.split("project=").nth(1)?.split('&').next());
    named
        .or(linked)
        .or(call.project.as_deref())
        .map(|project| format!("?project={project}"))
        .unwrap_or_default()
}

/// Which quota, where Google says it, and when to come again.
fn quota(call: &CallError, error: &ApiError) -> String {
    let known = |name: &str| error.metadata.get(name).filter(|value| !value.is_empty());
    let which = known("quota_limit")
        .or_else(|| known("quota_metric"))
        .map(|quota| format!(" (quota {quota})"))
        .unwrap_or_default();
    match error.retry_after {
        Some(wait) => format!("try again in {} s{which}", wait.as_secs()),
        None if call.method.contains(".messages.") => {
            format!("try again in a minute{which}; a space takes one post a second from all apps together")
        }
        None => format!("try again in a minute{which}"),
    }
}

/// Google's message often has the violations in it already.
fn violations(error: &ApiError) -> Option<String> {
    let new =
        error.violations.iter().filter(|(_, description)| !error.message.contains(description.as_str()));
    let told: Vec<String> = new.map(|(field, description)| format!("{field}: {description}")).collect();
    (!told.is_empty()).then(|| told.join("; "))
}
