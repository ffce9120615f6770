//! The login receiver under attack: strangers come to its port in every way there is, and the honest login goes
//! on as if they weren't there. Each attack has a process to itself.

mod interrupts;
mod requests;
mod sockets;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use url::Url;

use crate::{
    desk::{Desk, get},
    http,
    program::{address_in, program},
};

/// The most that a stranger may keep the honest page waiting.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most memory that a login may ever have taken.
#[cfg(target_os = "linux")]
const MEMORY_KIB: usize = 32 * 1024;

/// A login that waits for its answer, as a process.
struct Waiting {
    child: Child,
    /// The consent page.
    address: Url,
    stderr: thread::JoinHandle<String>,
}

impl Waiting {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut reader = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(reader.read_line(&mut line).unwrap(), 0, "no address: {told}");
            told.push_str(&line);
            if let Some(address) = address_in(&line) {
                break address;
            }
        };
        let stderr = thread::spawn(move || {
            let _ = reader.read_to_string(&mut told);
            told
        });
        Waiting { child, address, stderr }
    }

    /// The honest callback, not yet opened.
    fn consent(&self) -> Url {
        Url::parse(get(&self.address).header("location").unwrap()).unwrap()
    }

    /// How it ended, and all that standard error had.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.stderr.join().unwrap())
    }
}

/// What a stranger has to work with.
#[derive(Clone)]
struct Stranger {
    port: SocketAddr,
    /// What the stranger doesn't know, and a test needs for near misses.
    honest: Url,
    over: Arc<AtomicBool>,
}

impl Stranger {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.port).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// A connection on which this was said, as far as it was listened to.
    fn say(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        stream
    }

    /// All that is answered to this.
    fn ask(&self, bytes: &[u8]) -> String {
        let mut answer = Vec::new();
        let _ = self.say(bytes).read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, target: &str) -> http::Response {
        http::send(self.port, "GET", target, &[], b"").unwrap()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Goes on beside the honest login until that is through.
    fn meanwhile(&self, act: impl FnOnce(&Stranger) + Send + 'static) {
        let stranger = self.clone();
        thread::spawn(move || act(&stranger));
        // It's to be well under way when the honest answer comes.
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs an attack against a login of its own; then, while what it gave is held and what it left goes on, the
/// honest answer comes. The login has to be as quick, as small and as quiet as without it.
fn withstands<T>(attack: impl FnOnce(&Stranger) -> T) {
    let desk = Desk::new();
    let login = Waiting::start(&mut program(&desk, &["login", "--no-browser"]));
    let honest = login.consent();
    let port = honest.socket_addrs(|| None).unwrap()[0];
    let stranger = Stranger { port, honest: honest.clone(), over: Arc::default() };
    let memory = Peak::watch(login.child.id());

    let held = attack(&stranger);
    memory.look();
    let start = Instant::now();
    let page = get(&honest);
    let took = start.elapsed();
    stranger.over.store(true, Ordering::Relaxed);
    drop(held);

    assert_eq!(page.status, 200, "the honest page: {}", page.text());
    let (status, told) = login.end();
    assert_eq!(status.code(), Some(0), "{status}: {told}");
    assert!(took < PATIENCE, "the honest page took {took:?}");
    // Nothing that a stranger does is to be seen, least of all as a bug.
    let lines: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
    assert!(told.ends_with("Consent given.\n") && lines.len() == 5, "{told}");
    assert_eq!(desk.stored("someone@example.com")["account"]["email"], "someone@example.com");
    memory.assert_small();
}

/// The most memory that a process has had.
struct Peak {
    kib: Arc<Mutex<usize>>,
    process: u32,
}

impl Peak {
    fn watch(process: u32) -> Self {
        let kib = Arc::new(Mutex::new(0));
        let peak = Peak { kib: Arc::clone(&kib), process };
        peak.look();
        thread::spawn(move || {
            // The kernel keeps the peak, and forgets it with the process: so it's read until then.
            while (Peak { kib: Arc::clone(&kib), process }).look() {
                thread::sleep(Duration::from_millis(2));
            }
        });
        peak
    }

    /// Whether there was something to see.
    fn look(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        if let Some(kib) = kib {
            *self.kib.lock().unwrap() = kib;
        }
        kib.is_some()
    }

    fn assert_small(&self) {
        #[cfg(target_os = "linux")]
        {
            let kib = *self.kib.lock().unwrap();
            assert!((1..MEMORY_KIB).contains(&kib), "{kib} KiB");
        }
    }
}
