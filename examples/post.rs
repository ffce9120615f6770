//! Posts a message with the stored sign-in in use, by the library alone.
//!
//!     chatauth login
//!     cargo run --example post -- spaces/AAA 'Hello from Rust'
//!
//! The library reads no environment, so this program decides where the sign-ins are and who is asked: as the
//! command does, by CHATAUTH_HOME and CHATAUTH_EMULATOR_HOST.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to the person who runs it")]

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use chatauth::{
    auth::{Credential, Notice, Reach, Session},
    chat::{Call, Client, ResourceName, check_size, methods::Method},
    clock::{Clock, SystemClock},
    random::{Random, SystemRandom},
    store::Store,
    transport::{Config, Deadline, EmulatorAddress, Endpoints, Transport},
};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(space), Some(text)) = (words.next(), words.next()) else {
        return Err("usage: post SPACE TEXT".into());
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let emulator =
        variable("CHATAUTH_EMULATOR_HOST").map(|host| EmulatorAddress::parse(&host)).transpose()?;

    // Who: the profile in use. `notice` hears of what went on without success, such as a token that isn't saved.
    let store = Store::new(&data_folder()?, emulator.as_ref());
    let profile = store.active()?.ok_or("nobody is signed in: chatauth login")?;
    let notice = |notice: Notice| eprintln!("warning: {notice:?}");
    let credential = Credential::Profile(Box::new(Session::open(&store, &profile, &notice)?));

    // How: five tries, two minutes.
    let endpoints = emulator.map_or_else(Endpoints::google, Endpoints::emulator);
    let transport = Transport::new(Config::default(), 5, clock.clone(), random.clone());
    let client = Client {
        reach: Reach {
            endpoints: &endpoints,
            transport: &transport,
            random: &*random,
            deadline: Deadline::after(&*clock, Duration::from_secs(120)),
        },
        credential: &credential,
        quota_project: None,
        preflight: true,
    };

    // What: with a request id, a retry cannot post twice.
    let message = json!({ "text": text });
    check_size(&message)?;
    let method = Method::find("chat.spaces.messages.create").ok_or("the table has no such method")?;
    let call =
        Call::new(method).on(&ResourceName::space(&space)?).query("requestId", random.uuid()).body(message);
    let answer = client.call(&call).await?;
    println!("{}", answer.value()["name"].as_str().unwrap_or_default());
    Ok(())
}

/// Where the command keeps its sign-ins.
fn data_folder() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = variable("CHATAUTH_HOME") {
        return Ok(folder.into());
    }
    let project = directories::ProjectDirs::from("", "", "chatauth").ok_or("there is no home folder")?;
    Ok(project.data_dir().to_owned())
}

#[expect(clippy::disallowed_methods, reason = "only the library leaves the environment to its callers")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
