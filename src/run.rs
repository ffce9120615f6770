//! One run of the command line, from the words typed to the exit code.

use std::{ffi::OsString, future::Future, path::PathBuf, sync::Arc};

use clap::Parser;

use crate::{
    cli::{Browser, Context, Environment, Exit, Failure, Kind, Settings, SystemBrowser, report},
    clock::{Clock, SystemClock},
    cmd::{self, Cli},
    output::{self, Streams, Ui},
    random::{Random, SystemRandom},
};

/// All that a run touches outside itself.
pub struct Host {
    pub environment: Environment,
    pub streams: Streams,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub browser: Arc<dyn Browser>,
    /// The current folder.
    pub folder: PathBuf,
    /// End on Ctrl-C and SIGTERM with their exit codes; a test has none.
    pub signals: bool,
}

impl Host {
    /// The process as it is.
    pub fn process() -> Self {
        let environment = Environment::of_process();
        Host {
            browser: Arc::new(SystemBrowser::new(&environment)),
            environment,
            streams: Streams::standard(),
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom),
            folder: std::env::current_dir().unwrap_or_default(),
            signals: true,
        }
    }
}

/// Runs one command line.
pub fn run(arguments: Vec<OsString>, host: Host) -> Exit {
    let parsed = Cli::try_parse_from(&arguments);
    let by_stream = output::Options { format: None, filter: None, quiet: false, no_input: true, color: None };
    let asked =
        |options| output::Options { format: report::asked_format(&arguments, &host.environment), ..options };
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let options = asked(by_stream);
            return report::usage(&Ui::new(host.streams, options), &error);
        }
    };
    let signals = host.signals;
    let settings = match Settings::resolve(&cli.global, &host.environment, &host.folder) {
        Ok(settings) => settings,
        Err(failure) => {
            let options = asked(by_stream);
            return report::failure(&Ui::new(host.streams, options), &failure);
        }
    };
    let ui = Arc::new(Ui::new(host.streams, settings.output()));
    let context = Context::new(settings, ui.clone(), host.clock, host.random, host.browser, host.folder);
    let work = async {
        if cli.command.asks_google() {
            context.announce();
        }
        cmd::run(&context, cli.command).await
    };
    match block_on(until_interrupted(signals, work)) {
        Ok(Ok(())) => Exit::Ok,
        Ok(Err(failure)) => report::failure(&ui, &failure.naming_profile(context.named_profile())),
        Err(error) => report::failure(&ui, &Failure::new(Kind::Failed, format!("no event loop: {error}"))),
    }
}

/// One thread is enough for a command that waits for one answer at a time, and starts fastest.
fn block_on<F: Future>(work: F) -> std::io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    // A name lookup that hangs must not hold up the end.
    runtime.shutdown_background();
    Ok(outcome)
}

/// The work's outcome, or the signal that ended it. The signals are listened for before the work begins.
async fn until_interrupted(
    signals: bool,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let listener = if signals { signals::listen() } else { None };
    let Some(mut listener) = listener else { return work.await };
    tokio::select! {
        biased;
        kind = listener.next() => Err(Failure::new(kind, kind.default_message())),
        outcome = work => outcome,
    }
}

#[cfg(unix)]
mod signals {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::cli::Kind;

    pub struct Listener {
        interrupt: Signal,
        terminate: Signal,
    }

    /// Listens from now on; `None` where that can't be had, and the signals do what they do by themselves.
    pub fn listen() -> Option<Listener> {
        let interrupt = signal(SignalKind::interrupt()).ok()?;
        Some(Listener { interrupt, terminate: signal(SignalKind::terminate()).ok()? })
    }

    impl Listener {
        pub async fn next(&mut self) -> Kind {
            tokio::select! {
                _ = self.interrupt.recv() => Kind::Interrupted,
                _ = self.terminate.recv() => Kind::Terminated,
            }
        }
    }
}

#[cfg(windows)]
mod signals {
    use tokio::signal::windows::{CtrlC, ctrl_c};

    use crate::cli::Kind;

    pub struct Listener(CtrlC);

    /// Listens from now on; `None` where that can't be had.
    pub fn listen() -> Option<Listener> {
        ctrl_c().ok().map(Listener)
    }

    impl Listener {
        pub async fn next(&mut self) -> Kind {
            self.0.recv().await;
            Kind::Interrupted
        }
    }
}
