//! `chatauth emulator start | env`

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::input;
use crate::{
    cli::{Context, Failure, Kind},
    emulator::{Consent, Emulator, Options, client_secrets},
    output::Format,
    store,
};

/// Beside the ports of Google's own emulators (8085, 8086, 8432), and free of well-known services.
const PORT: u16 = 8484;

#[derive(Subcommand)]
pub enum Command {
    /// Serve Google's sign-in and Chat on this machine until Ctrl-C
    Start(StartArguments),
    /// Print the lines that point a shell at the emulator
    Env(EnvArguments),
}

#[derive(Args)]
pub struct StartArguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    /// How consent is given: by a page, or at once without anybody
    #[arg(long, value_name = "HOW", default_value = "ask")]
    consent: ConsentName,
    /// Write the lines of `emulator env` to this file once it serves; it is removed at the end
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Where to write the client file [default: in the data folder]
    #[arg(long, value_name = "FILE")]
    client_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct EnvArguments {
    /// The emulator's port
    #[arg(long, value_name = "PORT", default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum ConsentName {
    Ask,
    Auto,
    Deny,
}

pub async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Start(arguments) => start(context, arguments).await,
        Command::Env(arguments) => {
            let file = write_client_file(context, None)?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
            // A shell asks, so JSON only when it's asked for by name.
            match context.settings.format {
                Some(Format::Json | Format::NdJson) => show(context, address, &file),
                _ => Ok(context.ui.data(&exports(address, &file))?),
            }
        }
    }
}

async fn start(context: &Context, arguments: StartArguments) -> Result<(), Failure> {
    let consent = match arguments.consent {
        ConsentName::Ask => Consent::Ask,
        ConsentName::Auto => Consent::Auto,
        ConsentName::Deny => Consent::Deny,
    };
    let options = Options {
        port: arguments.port,
        consent,
        clock: context.clock.clone(),
        random: context.random.clone(),
        access_token_lifetime: Options::ACCESS_TOKEN_LIFETIME,
    };
    let emulator = Emulator::bind(options).await.map_err(|error| {
        Failure::new(Kind::Failed, format!("cannot listen on 127.0.0.1:{}: {error}", arguments.port))
            .hint("choose another port with --port, or --port 0 for a free one")
    })?;
    let file = write_client_file(context, arguments.client_file.as_deref())?;
    let address = emulator.address();
    show(context, address, &file)?;
    let _ready = arguments
        .ready_file
        .map(|path| ReadyFile::write(context.folder.join(path), &exports(address, &file)))
        .transpose()?;
    emulator.serve().await;
    Ok(())
}

fn show(context: &Context, address: SocketAddr, file: &Path) -> Result<(), Failure> {
    let ui = &context.ui;
    if ui.format != Format::Human {
        let shown = json!({
            "host": address.to_string(),
            "url": format!("http://{address}/"),
            "client_secrets": file.display().to_string(),
        });
        return Ok(ui.json(&shown.to_string())?);
    }
    ui.data_line(&format!("Emulator of Google's sign-in and Chat on http://{address}/ (Ctrl-C ends it)"))?;
    ui.data_line("In another terminal:\n")?;
    ui.data(&exports(address, file).lines().map(|line| format!("    {line}\n")).collect::<String>())?;
    ui.data_line("    chatauth login")?;
    Ok(())
}

/// What makes chatauth talk to the emulator, for a POSIX shell to read.
fn exports(address: SocketAddr, file: &Path) -> String {
    let file = file.display().to_string().replace('\'', "'\\''");
    format!("export CHATAUTH_EMULATOR_HOST={address}\nexport CHATAUTH_CLIENT_SECRETS='{file}'\n")
}

/// Writes the emulator's client file, unless it's there. A file with anything else in it is somebody's own.
fn write_client_file(context: &Context, path: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = match path {
        Some(path) => context.folder.join(path),
        None => context.settings.data_folder.join("emulators").join("client_secrets.json"),
    };
    let failed = |error: std::io::Error| {
        Failure::new(Kind::Failed, format!("{} cannot be written: {error}", path.display()))
    };
    let text = client_secrets();
    if path.exists() {
        let there = input::read_file(&path, text.len() as u64);
        if there.is_ok_and(|there| there == text.as_bytes()) {
            return Ok(path);
        }
        return Err(Failure::configuration(format!(
            "{} exists, and is not the emulator's client file",
            path.display()
        ))
        .hint("name another with emulator start --client-file FILE"));
    }
    if let Some(folder) = path.parent() {
        store::create_private_folder(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    Ok(path)
}

/// A file that's there, whole, while the emulator serves.
struct ReadyFile(PathBuf);

impl ReadyFile {
    fn write(path: PathBuf, text: &str) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(Kind::Failed, format!("{} cannot be written: {error}", path.display()))
        };
        // One that an emulator left behind, killed, may be replaced; anybody else's file may not.
        let ours = |there: Result<Vec<u8>, String>| {
            there.is_ok_and(|bytes| bytes.starts_with(b"export CHATAUTH_EMULATOR_HOST="))
        };
        if path.exists() && !ours(input::read_file(&path, 4096)) {
            return Err(Failure::configuration(format!(
                "{} exists, and is no emulator's ready file",
                path.display()
            )));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(ReadyFile(path))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = fs::remove_file(&self.0);
    }
}
