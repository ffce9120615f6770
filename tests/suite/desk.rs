//! Somebody at a desk: a folder, a data folder, a browser, and an emulator for Google. Each command runs in
//! this process through `chatauth::run`, with its streams caught.

use std::{
    fmt,
    io::{Cursor, Read, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, mpsc::Receiver},
    thread,
    time::Duration,
};

use chatauth::{
    Browser, Environment, Host,
    clock::{Clock, ManualClock},
    output::Streams,
    random::SequenceRandom,
};
use serde_json::Value;
use url::Url;

use crate::{http, running::Running};

pub struct Desk {
    pub google: Running,
    pub folder: tempfile::TempDir,
    random: Arc<SequenceRandom>,
}

/// One command to run, and how.
pub struct Run<'a> {
    desk: &'a Desk,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    typed: Box<dyn Read + Send>,
    terminal: bool,
    browser: Arc<dyn Browser>,
    clock: Arc<dyn Clock>,
}

/// What a command left: all three at once, so that a test pins them together.
pub struct Outcome {
    pub code: u8,
    pub stdout: String,
    pub stderr: String,
    redactions: Vec<(String, &'static str)>,
}

impl Desk {
    /// With the emulator's client file in the folder, and nobody signed in.
    pub fn new() -> Self {
        let google = Running::start();
        let folder = folder();
        let client = serde_json::json!({ "installed": google.client });
        std::fs::write(folder.path().join("client_secrets.json"), client.to_string()).unwrap();
        Desk { google, folder, random: Arc::default() }
    }

    /// Somebody signed in with the default scopes.
    pub fn signed_in() -> Self {
        Desk::signed_in_with(&[])
    }

    pub fn signed_in_with(flags: &[&str]) -> Self {
        let desk = Desk::new();
        let login: Vec<&str> = ["login"].iter().chain(flags).copied().collect();
        assert_eq!(desk.run(&login).code, 0);
        desk.google.handle.clear_requests();
        desk
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).run()
    }

    pub fn command(&self, arguments: &[&str]) -> Run<'_> {
        Run {
            desk: self,
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            variables: vec![
                ("CHATAUTH_HOME".to_owned(), self.home().display().to_string()),
                ("CHATAUTH_EMULATOR_HOST".to_owned(), self.google.address.to_string()),
            ],
            typed: Box::new(std::io::empty()),
            terminal: false,
            browser: Arc::new(Visitor),
            clock: Arc::clone(&self.google.clock) as _,
        }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder of this emulator's sign-ins.
    pub fn store(&self) -> PathBuf {
        self.home().join("emulators").join(self.google.address.to_string().replace(':', "_"))
    }

    pub fn profile_file(&self, name: &str) -> PathBuf {
        self.store().join("profiles").join(format!("{name}.json"))
    }

    /// The files of stored sign-ins.
    pub fn profiles(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.store().join("profiles")).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".json")).collect()
    }

    pub fn stored(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.profile_file(name)).unwrap()).unwrap()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Verb and path of each request so far.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.google.handle.requests();
        requests.iter().map(|request| format!("{} {}", request.method, request.path())).collect()
    }

    /// A space that's made without the command line.
    pub fn space(&self) -> String {
        let outcome = self.run(&["spaces", "create", "--name", "Desk"]);
        let name = outcome.json()["name"].as_str().unwrap().to_owned();
        self.google.handle.clear_requests();
        name
    }
}

/// In memory where the system has a place for that: a busy disk takes seconds to sync a file, and what is timed
/// here is the program.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl Run<'_> {
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn typed(mut self, text: &str) -> Self {
        self.typed = Box::new(Cursor::new(text.as_bytes().to_vec()));
        self
    }

    /// Lines typed while the command runs.
    pub fn typing(mut self, lines: Receiver<String>) -> Self {
        self.typed = Box::new(Typing { lines, rest: Cursor::default() });
        self
    }

    /// All three streams are a terminal.
    pub fn at_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    pub fn browser(mut self, browser: impl Browser + 'static) -> Self {
        self.browser = Arc::new(browser);
        self
    }

    /// With another time than the emulator's.
    pub fn clock(mut self, clock: ManualClock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub fn run(self) -> Outcome {
        self.run_into(Caught::default())
    }

    /// With a standard output of the test's own.
    pub fn run_into(self, stdout: impl Write + Send + Readable + Clone + 'static) -> Outcome {
        let stderr = Caught::default();
        let streams = Streams {
            stdin: self.typed,
            stdout: Box::new(stdout.clone()),
            stderr: Box::new(stderr.clone()),
            stdin_is_terminal: self.terminal,
            stdout_is_terminal: self.terminal,
            stderr_is_terminal: self.terminal,
        };
        let host = Host {
            environment: Environment::of(self.variables),
            streams,
            clock: self.clock,
            random: Arc::clone(&self.desk.random) as _,
            browser: self.browser,
            folder: self.desk.folder.path().to_owned(),
            signals: false,
        };
        let arguments =
            std::iter::once("chatauth".to_owned()).chain(self.arguments).map(Into::into).collect();
        let code = chatauth::run(arguments, host).code();
        Outcome {
            code,
            stdout: stdout.read(),
            stderr: stderr.read(),
            redactions: vec![
                (self.desk.google.address.to_string(), "EMULATOR"),
                (self.desk.google.address.to_string().replace(':', "_"), "EMULATOR"),
                (self.desk.folder.path().display().to_string(), "FOLDER"),
            ],
        }
    }
}

impl Outcome {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The error object, which is the last line of standard error.
    pub fn error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {self}"))["error"].clone()
    }
}

/// The exit code and both streams in one text.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr);
        for (found, name) in &self.redactions {
            text = text.replace(found, name);
        }
        f.write_str(&text)
    }
}

/// A stream that is kept.
#[derive(Clone, Default)]
pub struct Caught(Arc<Mutex<Vec<u8>>>);

pub trait Readable {
    fn read(&self) -> String;
}

impl Readable for Caught {
    fn read(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Input that waits for the next line, as a terminal does.
struct Typing {
    lines: Receiver<String>,
    rest: Cursor<Vec<u8>>,
}

impl Read for Typing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.position() == self.rest.get_ref().len() as u64 {
            match self.lines.recv() {
                Ok(line) => self.rest = Cursor::new(format!("{line}\n").into_bytes()),
                Err(_) => return Ok(0),
            }
        }
        self.rest.read(buffer)
    }
}

/// A browser that opens the address and goes where it's sent.
pub struct Visitor;

impl Browser for Visitor {
    fn open(&self, address: &Url, _failed: Box<dyn FnOnce() + Send>) {
        let address = address.clone();
        thread::spawn(move || follow(&address));
    }
}

/// A browser that does something of the test's own with the address.
pub struct Script<F>(pub F);

impl<F: Fn(Url) + Clone + Send + Sync + 'static> Browser for Script<F> {
    fn open(&self, address: &Url, _failed: Box<dyn FnOnce() + Send>) {
        let (act, address) = (self.0.clone(), address.clone());
        thread::spawn(move || act(address));
    }
}

/// Opens an address and all that it redirects to; gives the last page.
pub fn follow(address: &Url) -> http::Response {
    let answer = get(address);
    match answer.header("location") {
        Some(next) => follow(&address.join(next).unwrap()),
        None => answer,
    }
}

/// Opens an address, and goes nowhere else.
pub fn get(address: &Url) -> http::Response {
    let socket: SocketAddr = address.socket_addrs(|| None).unwrap()[0];
    let target = &address[url::Position::BeforePath..];
    let host = address[url::Position::BeforeHost..url::Position::BeforePath].to_owned();
    for _ in 0..50 {
        if let Ok(answer) = http::send(socket, "GET", target, &[("host", &host)], b"") {
            return answer;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("nobody answers at {address}");
}

/// A query parameter.
pub fn parameter(address: &Url, name: &str) -> String {
    address
        .query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(unix)]
pub fn permissions(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
