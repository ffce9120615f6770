//! The sign-in of a person: consent in a browser, the code back on a loopback address, tokens in the store.
//!
//! RFC 8252 (native apps) with PKCE and state. What is shown and typed goes through `Surface`.

mod callback;
mod error;
mod keep;
mod listen;
mod page;
mod receiver;
mod redirect;
mod request;

use std::{net::SocketAddr, time::Duration};

use tokio::sync::mpsc;
use url::Url;

pub use error::LoginError;
pub use redirect::{RedirectChoice, RedirectUri};

use self::{
    callback::{Answer, Expected},
    keep::Grant,
    page::{Browser, Page},
    receiver::Receiver,
};
use super::{Error, Reach, ScopeSet, identity, oauth};
use crate::{
    store::{OAuthClient, Profile, ProfileName, Store},
    transport::Deadline,
};

/// From consent to the stored sign-in. A code lives for minutes, so more would help nobody.
const EXCHANGE_TIME: Duration = Duration::from_secs(60);

/// What a sign-in is to be like.
pub struct LoginRequest {
    pub client: OAuthClient,
    pub scopes: ScopeSet,
    pub redirect: RedirectChoice,
    /// The account that has to be chosen; any other is refused.
    pub account: Option<String>,
    /// The profile's name; without one, the account's email.
    pub profile: Option<ProfileName>,
    /// How long to wait for the person.
    pub patience: Duration,
}

/// The person's side of a sign-in.
pub trait Surface {
    /// The address to open is ready, and an answer is waited for here.
    fn address(&self, address: &Url, listening: SocketAddr);
    /// Lines that a person pastes, if there's a terminal to paste to.
    fn pasted(&self) -> Option<mpsc::UnboundedReceiver<String>>;
    /// A pasted line wasn't the address with the answer.
    fn paste_refused(&self);
    /// An answer to our question came from another server than Google, and was ignored.
    fn ignored(&self, issuer: &str);
    /// The consent is given; the rest takes a moment.
    fn consented(&self);
}

/// A sign-in that is stored.
#[derive(Debug)]
pub struct SignedIn {
    pub profile: Profile,
    /// What was asked for, but not granted.
    pub missing: ScopeSet,
    /// The profile of that name was another account's until now.
    pub replaced_account: Option<String>,
}

/// Signs somebody in, and stores the sign-in as the one in use.
pub async fn login(
    reach: Reach<'_>,
    request: &LoginRequest,
    store: &Store,
    surface: &dyn Surface,
) -> Result<SignedIn, Error> {
    store.prepare(keep::expected_name(request, request.account.as_deref()).as_ref())?;
    let state = reach.random.token();
    let pkce = oauth::Pkce::new(reach.random.token());
    let expected = Expected::new(&state, reach.endpoints.clone());
    let mut receiver = Receiver::start(&request.redirect, &expected)?;
    let address = consent_address(reach, request, receiver.redirect_uri(), &state, &pkce);
    surface.address(&address, receiver.address());
    let mut pasted = surface.pasted();

    let patience = tokio::time::sleep(request.patience);
    tokio::pin!(patience);
    let (code, browser) = loop {
        let (answer, browser) = tokio::select! {
            arrival = receiver.next() => (Some(arrival.answer), Some(arrival.browser)),
            Some(line) = next_line(&mut pasted) => (expected.read_pasted(&line), None),
            () = &mut patience => return Err(LoginError::TimedOut(request.patience.as_secs()).into()),
        };
        match answer {
            Some(Answer::Code(code)) => break (code, browser),
            Some(Answer::Refused(refusal)) => {
                let denied = matches!(refusal, LoginError::Denied);
                show(browser, if denied { Page::Denied } else { Page::Failed }).await;
                return Err(refusal.into());
            }
            Some(Answer::Foreign { issuer }) => {
                surface.ignored(&issuer);
                show(browser, Page::NotFound).await;
            }
            None => surface.paste_refused(),
        }
    };
    // Nobody else is listened to any more, and their connections are given back before others are needed.
    let redirect_uri = receiver.redirect_uri().to_owned();
    drop(receiver);
    surface.consented();
    // The person's time doesn't count against Google's.
    let reach = Reach { deadline: Deadline::after(reach.transport.clock(), EXCHANGE_TIME), ..reach };
    let outcome = async {
        let reply = oauth::exchange_code(reach, &request.client, &code, &pkce, &redirect_uri).await?;
        let granted = reply.scopes.clone().unwrap_or_else(|| request.scopes.clone());
        let account = identity::account(reach, &request.client, &reply, &granted).await;
        keep::store_grant(reach, request, store, Grant { reply, granted, account }).await
    }
    .await;
    // The page says what came of it, so it waits for the store.
    show(browser, if outcome.is_ok() { Page::SignedIn } else { Page::Failed }).await;
    outcome
}

fn consent_address(
    reach: Reach<'_>,
    request: &LoginRequest,
    redirect_uri: &str,
    state: &str,
    pkce: &oauth::Pkce,
) -> Url {
    let mut address = reach.endpoints.authorization();
    address
        .query_pairs_mut()
        .append_pair("client_id", &request.client.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("response_type", "code")
        .append_pair("scope", &request.scopes.to_parameter())
        .append_pair("state", state)
        .append_pair("code_challenge", &pkce.challenge)
        .append_pair("code_challenge_method", "S256")
        // A refresh token, for web clients also after the first consent.
        .append_pair("access_type", "offline")
        .append_pair("prompt", "consent");
    if let Some(account) = &request.account {
        address.query_pairs_mut().append_pair("login_hint", account);
    }
    address
}

/// Shows the page to the browser, if the answer came by one.
async fn show(browser: Option<Browser>, page: Page) {
    if let Some(browser) = browser {
        browser.show(page).await;
    }
}

/// A line, once there is one; never where nothing can be pasted.
async fn next_line(pasted: &mut Option<mpsc::UnboundedReceiver<String>>) -> Option<String> {
    match pasted {
        Some(lines) => match lines.recv().await {
            Some(line) => Some(line),
            // The terminal's input is over; the browser may still answer.
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
