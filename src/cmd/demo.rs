//! `chatauth demo`: the main job on an emulator in this process, each step a command that could be typed.

use std::{path::Path, sync::Arc};

use clap::{Args, Parser};
use http::{Method, header};
use url::Url;

use crate::{
    chat::Call,
    cli::{Browser, Context, Failure, Kind, Settings},
    clock::Clock,
    cmd::{self, Cli},
    emulator::{Consent, Emulator, Options},
    output::Style,
    random::Random,
    transport::{Config, Deadline, EmulatorAddress, Repeat, Request, Transport},
};

#[derive(Args)]
pub struct Arguments {}

pub async fn run(context: &Context, _arguments: Arguments) -> Result<(), Failure> {
    let by_hand = context.ui.interactive && !context.settings.yes;
    let failed =
        |error: std::io::Error| Failure::new(Kind::Failed, format!("the demo cannot start: {error}"));
    let folder = tempfile::Builder::new().prefix("chatauth-demo-").tempdir().map_err(failed)?;
    let emulator = Emulator::bind(Options {
        port: 0,
        consent: if by_hand { Consent::Ask } else { Consent::Auto },
        clock: context.clock.clone(),
        random: context.random.clone(),
        access_token_lifetime: Options::ACCESS_TOKEN_LIFETIME,
    })
    .await
    .map_err(failed)?;
    let address = emulator.address().to_string();
    std::fs::write(folder.path().join("client_secrets.json"), emulator.client_secrets()).map_err(failed)?;
    let server = tokio::spawn(emulator.serve());
    let outcome = steps(&inner(context, &address, folder.path(), by_hand)?, &address).await;
    server.abort();
    outcome
}

/// The same program, at the emulator, with a data folder of its own.
fn inner(context: &Context, address: &str, folder: &Path, by_hand: bool) -> Result<Context, Failure> {
    let emulator =
        EmulatorAddress::parse(address).map_err(|error| Failure::new(Kind::Failed, error.to_string()))?;
    let settings = Settings {
        emulator: Some(emulator),
        data_folder: folder.join("data"),
        access_token: None,
        profile: None,
        client_secrets: None,
        space: None,
        quota_project: None,
        network: Config::default(),
        ..context.settings.clone()
    };
    let browser: Arc<dyn Browser> = if by_hand {
        context.browser.clone()
    } else {
        Arc::new(Visitor { clock: context.clock.clone(), random: context.random.clone() })
    };
    let (clock, random) = (context.clock.clone(), context.random.clone());
    Ok(Context::new(settings, context.ui.clone(), clock, random, browser, folder.to_owned()))
}

async fn steps(inner: &Context, address: &str) -> Result<(), Failure> {
    let ui = &inner.ui;
    ui.note(&format!(
        "This is chatauth's main job on an emulator at http://{address}/, in this process: no Google account, nothing kept.\n"
    ));
    step(
        inner,
        "1. Sign in, also for reading messages",
        &["login", "--add-scopes", "chat.messages.readonly"],
    )
    .await?;
    step(inner, "2. Create a space", &["spaces", "create", "--name", "API-made"]).await?;
    let space = newest_space(inner).await?;
    let send = ["messages", "send", "--space", &space, "--text", "Hello from chatauth"];
    step(inner, "3. Post a message", &send).await?;
    step(inner, "4. Read it back", &["messages", "list", "--space", &space]).await?;
    ui.note(&format!("{} Signed in, created, posted and read.", ui.paint_err(Style::Good, "✓")));
    ui.note("With Google: save your OAuth client's JSON as client_secrets.json, then run the same commands.");
    Ok(())
}

/// Says a command, and runs it as the command line would.
async fn step(inner: &Context, what: &str, words: &[&str]) -> Result<(), Failure> {
    let typed =
        words.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() });
    let ui = &inner.ui;
    ui.note(&ui.paint_err(Style::Strong, what));
    ui.note(&format!("$ chatauth {}", typed.collect::<Vec<_>>().join(" ")));
    let cli = Cli::try_parse_from(std::iter::once("chatauth").chain(words.iter().copied()))
        .map_err(|error| Failure::usage(error.to_string()))?;
    cmd::run(inner, cli.command).await?;
    ui.note("");
    Ok(())
}

async fn newest_space(inner: &Context) -> Result<String, Failure> {
    let spaces =
        super::call::fetch(inner, &Call::new(super::call::method("chat.spaces.list")?)).await?.value();
    let name =
        spaces["spaces"].as_array().and_then(|spaces| spaces.last()).and_then(|space| space["name"].as_str());
    name.map(str::to_owned).ok_or_else(|| Failure::new(Kind::NotFound, "the emulator lists no space"))
}

/// A browser with nobody before it: opens the address, and follows where it's sent.
struct Visitor {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Browser for Visitor {
    fn is_automatic(&self) -> bool {
        true
    }

    fn open(&self, address: &Url, _failed: Box<dyn FnOnce() + Send>) {
        let transport = Transport::new(Config::default(), 1, self.clock.clone(), self.random.clone());
        let mut address = address.clone();
        tokio::spawn(async move {
            // The consent page, and the redirect back to the receiver.
            for _ in 0..2 {
                let request = Request::new(Method::GET, address.clone());
                let Ok(answer) = transport.send(&request, Repeat::Unsent, Deadline::NONE).await else {
                    return;
                };
                match answer.header(header::LOCATION.as_str()).and_then(|next| address.join(next).ok()) {
                    Some(next) => address = next,
                    None => return,
                }
            }
        });
    }
}
