//! Which part of the emulator answers a path. The Chat routes are those of the method table.

use http::Method as HttpMethod;
use percent::decode;

use super::request::Request;
use crate::chat::methods::{METHODS, Media, Method, Pattern};

pub enum Route {
    Home,
    Authorize,
    Consent,
    Token,
    Revoke,
    TokenInfo,
    UserInfo,
    Discovery,
    Chat(ChatRoute),
    /// Nobody; or a Chat path with a verb it doesn't take.
    Nowhere,
}

/// A method of the Chat API, and the resource name in its path if it has one.
pub struct ChatRoute {
    pub method: &'static Method,
    pub name: Option<String>,
    /// By one of the upload paths, whose bodies are not JSON.
    pub upload: bool,
}

pub fn route(request: &Request) -> Route {
    match request.path.as_str() {
        "/" => Route::Home,
        "/o/oauth2/v2/auth" | "/o/oauth2/auth" => Route::Authorize,
        "/emulator/consent" => Route::Consent,
        "/token" | "/oauth2/v4/token" => Route::Token,
        "/revoke" | "/o/oauth2/revoke" => Route::Revoke,
        "/tokeninfo" | "/oauth2/v3/tokeninfo" => Route::TokenInfo,
        "/v1/userinfo" | "/oauth2/v3/userinfo" => Route::UserInfo,
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => Route::Discovery,
        path => chat(&request.method, path).map_or(Route::Nowhere, Route::Chat),
    }
}

/// The method whose path fits; where several do, the one that says most of it.
fn chat(verb: &HttpMethod, path: &str) -> Option<ChatRoute> {
    let path = path.strip_prefix('/')?;
    METHODS
        .iter()
        .filter(|method| method.verb.as_str() == verb.as_str())
        .flat_map(|method| templates(method).map(move |(template, upload)| (method, template, upload)))
        .filter_map(|(method, template, upload)| {
            let (literal, name) = fit(template, method, path)?;
            Some((literal, ChatRoute { method, name, upload }))
        })
        .max_by_key(|(literal, _)| *literal)
        .map(|(_, route)| route)
}

fn templates(method: &'static Method) -> impl Iterator<Item = (&'static str, bool)> {
    let upload = match &method.media {
        Media::Upload { simple_path, resumable_path, .. } => [Some(*simple_path), Some(*resumable_path)],
        Media::None | Media::Download => [None, None],
    };
    std::iter::once((method.path, false)).chain(upload.into_iter().flatten().map(|path| (path, true)))
}

/// How many characters of the template stand in the path literally, and the name between them.
fn fit(template: &str, method: &Method, path: &str) -> Option<(usize, Option<String>)> {
    let Some((before, rest)) = template.split_once("{+") else {
        return (template == path).then_some((template.len(), None));
    };
    let (_, after) = rest.split_once('}')?;
    let name = path.strip_prefix(before)?.strip_suffix(after)?;
    let pattern = method.path_parameters.first()?.pattern;
    let anything = pattern == Pattern("^.*$");
    // A colon ends a resource name and starts a custom verb (AIP-136).
    if name.is_empty() || (name.contains(':') && !anything) {
        return None;
    }
    let name = decode(name)?;
    pattern.matches(&name).then_some((before.len() + after.len(), Some(name)))
}

mod percent {
    /// A name as sent. An encoded slash stays encoded, as it is not one that parts segments; `None` for what
    /// isn't UTF-8.
    pub fn decode(text: &str) -> Option<String> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            let digits = after.get(..2).filter(|d| first == b'%' && d.iter().all(u8::is_ascii_hexdigit));
            let hex = digits.and_then(|digits| std::str::from_utf8(digits).ok());
            match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) if byte != b'/' => {
                    bytes.push(byte);
                    rest = &after[2..];
                }
                _ => {
                    bytes.push(first);
                    rest = after;
                }
            }
        }
        String::from_utf8(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(verb: HttpMethod, path: &str) -> Option<(&'static str, Option<String>)> {
        chat(&verb, path).map(|route| (route.method.id, route.name))
    }

    #[test]
    fn every_method_is_reached_by_its_own_path() {
        for method in METHODS {
            let name = method.path_parameters.first().map(|parameter| {
                parameter.pattern.example().unwrap_or_else(|| "a/b:c".into()).replace(['{', '}'], "x")
            });
            let path = match &name {
                Some(name) => {
                    let (before, rest) = method.path.split_once("{+").expect("a template");
                    format!("/{before}{name}{}", rest.split_once('}').expect("a template").1)
                }
                None => format!("/{}", method.path),
            };
            let verb: HttpMethod = method.verb.as_str().parse().expect("a verb");
            // PUT and PATCH of one message are two rows, every other pair differs in its path.
            assert_eq!(id(verb, &path), Some((method.id, name)), "{path}");
        }
    }

    #[test]
    fn names_are_decoded_but_slashes_stay() {
        assert_eq!(
            id(HttpMethod::GET, "/v1/spaces/A%41%2dx"),
            Some(("chat.spaces.get", Some("spaces/AA-x".into())))
        );
        assert_eq!(
            id(HttpMethod::GET, "/v1/spaces/a%2Fb"),
            Some(("chat.spaces.get", Some("spaces/a%2Fb".into())))
        );
        for nowhere in
            ["/v1/spaces/A/", "/v1/spaces//messages", "/v1/spaces/%ff", "/v1/spaces/A:b", "/v2/spaces"]
        {
            assert_eq!(id(HttpMethod::GET, nowhere), None, "{nowhere}");
        }
        assert!(id(HttpMethod::PUT, "/v1/spaces").is_none());
    }

    #[test]
    fn uploads_have_paths_of_their_own() {
        for path in
            ["/upload/v1/spaces/A/attachments:upload", "/resumable/upload/v1/spaces/A/attachments:upload"]
        {
            let route = chat(&HttpMethod::POST, path).expect("a route");
            assert!(route.upload && route.method.id == "chat.media.upload");
        }
    }
}
