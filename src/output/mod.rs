//! The only place that writes to the terminal: data on standard output, everything else on standard error.

mod error;
mod filter;
mod json;
mod safe;
mod table;
mod wrap;

use std::{
    io::{BufRead, BufReader, Read, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use error::Error;
pub use filter::{Filter, FilterError};
pub use json::compact;
pub use safe::visible;
pub use table::Table;
pub use wrap::wrap;

/// The process's three streams, or a test's.
pub struct Streams {
    pub stdin: Box<dyn Read + Send>,
    pub stdout: Box<dyn Write + Send>,
    pub stderr: Box<dyn Write + Send>,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
}

impl Streams {
    /// The real ones.
    pub fn standard() -> Self {
        use std::io::{IsTerminal, stderr, stdin, stdout};
        Streams {
            stdin_is_terminal: stdin().is_terminal(),
            stdout_is_terminal: stdout().is_terminal(),
            stderr_is_terminal: stderr().is_terminal(),
            stdin: Box::new(stdin()),
            stdout: Box::new(stdout()),
            stderr: Box::new(stderr()),
        }
    }
}

/// How data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
    /// One resource a line.
    NdJson,
}

/// How a text stands out, where colors are on.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    Good,
    Bad,
    Warning,
    Strong,
    Faint,
}

type Input = BufReader<Box<dyn Read + Send>>;

/// The person, or the script, at the other end.
pub struct Ui {
    stdin: Arc<Mutex<Input>>,
    stdout: Mutex<Box<dyn Write + Send>>,
    stderr: Mutex<Box<dyn Write + Send>>,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    pub format: Format,
    filter: Option<Arc<Filter>>,
    pub quiet: bool,
    /// Questions may be asked.
    pub interactive: bool,
    color_out: bool,
    color_err: bool,
}

/// What of the settings the output needs.
#[derive(Clone)]
pub struct Options {
    /// `None`: human on a terminal, JSON otherwise.
    pub format: Option<Format>,
    /// `--jq`
    pub filter: Option<Arc<Filter>>,
    pub quiet: bool,
    pub no_input: bool,
    /// `NO_COLOR` and `CLICOLOR_FORCE`; `None`: colors on a terminal.
    pub color: Option<bool>,
}

impl Ui {
    pub fn new(streams: Streams, options: Options) -> Self {
        let by_stream = if streams.stdout_is_terminal { Format::Human } else { Format::Json };
        Ui {
            stdin: Arc::new(Mutex::new(BufReader::new(streams.stdin))),
            stdout: Mutex::new(streams.stdout),
            stderr: Mutex::new(streams.stderr),
            stdin_is_terminal: streams.stdin_is_terminal,
            stdout_is_terminal: streams.stdout_is_terminal,
            stderr_is_terminal: streams.stderr_is_terminal,
            format: options.format.unwrap_or(by_stream),
            filter: options.filter,
            quiet: options.quiet,
            interactive: streams.stdin_is_terminal && streams.stderr_is_terminal && !options.no_input,
            color_out: options.color.unwrap_or(streams.stdout_is_terminal),
            color_err: options.color.unwrap_or(streams.stderr_is_terminal),
        }
    }

    /// Writes data as it is.
    pub fn data(&self, text: &str) -> Result<(), Error> {
        self.bytes(text.as_bytes())
    }

    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut stdout = lock(&self.stdout);
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Error::from)
    }

    /// Writes a line of data.
    pub fn data_line(&self, line: &str) -> Result<(), Error> {
        self.data(&format!("{line}\n"))
    }

    /// Writes JSON as it is, or what the filter makes of it.
    pub fn json(&self, text: &str) -> Result<(), Error> {
        match &self.filter {
            None => self.data_line(text),
            Some(filter) => filter.run(text)?.iter().try_for_each(|line| self.data_line(line)),
        }
    }

    pub fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    /// Says something on standard error; `--quiet` leaves it out.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Says something on standard error that is not to be left out.
    pub fn say(&self, line: &str) {
        self.write_err(&format!("{line}\n"));
    }

    fn write_err(&self, text: &str) {
        let mut stderr = lock(&self.stderr);
        // There's nobody left to tell when this fails.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    pub fn warn(&self, text: &str) {
        let label = self.paint_err(Style::Warning, "warning:");
        self.say(&format!("{label} {}", visible(text)));
    }

    /// Asks a yes-or-no question; without an answer it's no.
    pub async fn confirm(&self, question: &str, default: bool) -> bool {
        let choices = if default { "[Y/n]" } else { "[y/N]" };
        self.write_err(&format!("{question} {choices} "));
        let answer = self.reading(|stdin| {
            let mut line = String::new();
            stdin.read_line(&mut line).map(|bytes| (bytes > 0).then_some(line))
        });
        match answer.await {
            Ok(Some(line)) => match line.trim().to_ascii_lowercase().as_str() {
                "" => default,
                "y" | "yes" => true,
                _ => false,
            },
            Ok(None) | Err(_) => {
                self.say("");
                false
            }
        }
    }

    /// All of standard input, up to a size.
    pub async fn read_input(&self, most: u64) -> std::io::Result<Vec<u8>> {
        self.reading(move |stdin| {
            let mut bytes = Vec::new();
            stdin.take(most + 1).read_to_end(&mut bytes).map(|_| bytes)
        })
        .await
    }

    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Input) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let stdin = self.stdin.clone();
        on_a_thread(move || read(&mut lock(&stdin))).await
    }

    /// The lines that a person types from now on, until the other end is dropped. A line that is being typed
    /// then is lost.
    pub fn typed_lines(&self) -> tokio::sync::mpsc::UnboundedReceiver<String> {
        let (sender, lines) = tokio::sync::mpsc::unbounded_channel();
        let stdin = self.stdin.clone();
        std::thread::spawn(move || {
            while !sender.is_closed() {
                let mut line = String::new();
                match lock(&stdin).read_line(&mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) if sender.send(line).is_err() => return,
                    Ok(_) => {}
                }
            }
        });
        lines
    }

    /// A text in a style, for standard output.
    pub fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color_out, style, text)
    }

    /// A text in a style, for standard error.
    pub fn paint_err(&self, style: Style, text: &str) -> String {
        paint(self.color_err, style, text)
    }
}

/// Does something that may block on a thread of its own, so that Ctrl-C and the deadline go on meanwhile.
pub async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    let (sender, outcome) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || sender.send(work()));
    outcome.await.unwrap_or_else(|_| Err(std::io::ErrorKind::UnexpectedEof.into()))
}

fn paint(color: bool, style: Style, text: &str) -> String {
    let code = match style {
        Style::Good => "32",
        Style::Bad => "1;31",
        Style::Warning => "33",
        Style::Strong => "1",
        Style::Faint => "2",
    };
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
