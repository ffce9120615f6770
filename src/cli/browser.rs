//! Opens the browser: `BROWSER` first, then the desktop's own way.

use std::process::{Command, Stdio};

use url::Url;

use super::Environment;

/// Something that shows an address to a person.
pub trait Browser: Send + Sync {
    /// Returns at once. Whether a page appears is for the person to see; that no program could be run is told to
    /// `failed`.
    fn open(&self, address: &Url, failed: Box<dyn FnOnce() + Send>);

    /// Nobody sits before it: it consents by itself.
    fn is_automatic(&self) -> bool {
        false
    }
}

/// The programs on this machine.
pub struct SystemBrowser {
    named: Vec<Vec<String>>,
}

/// What no child needs to see.
const SECRET_VARIABLES: [&str; 2] = ["CHATAUTH_ACCESS_TOKEN", "CHATAUTH_WEBHOOK_URL"];

impl SystemBrowser {
    pub fn new(environment: &Environment) -> Self {
        // A list, separated as paths are; each command split at blanks, without a shell.
        let separator = if cfg!(windows) { ';' } else { ':' };
        let named = environment.text("BROWSER").unwrap_or_default();
        let commands =
            named.split(separator).map(|command| command.split_whitespace().map(str::to_owned).collect());
        SystemBrowser { named: commands.filter(|words: &Vec<String>| !words.is_empty()).collect() }
    }

    /// What `BROWSER` names, then the desktop's own.
    fn commands(&self, address: &Url) -> Vec<Command> {
        let named = self.named.iter().map(|words| named_command(words, address));
        named.chain(open::commands(address.as_str())).collect()
    }
}

/// `%s` in a word stands for the address; without one it comes last. Either way it's inside one argument.
fn named_command(words: &[String], address: &Url) -> Command {
    let mut command = Command::new(&words[0]);
    let placed = words.iter().skip(1).any(|word| word.contains("%s"));
    command.args(words.iter().skip(1).map(|word| word.replace("%s", address.as_str())));
    if !placed {
        command.arg(address.as_str());
    }
    command
}

impl Browser for SystemBrowser {
    fn open(&self, address: &Url, failed: Box<dyn FnOnce() + Send>) {
        let commands = self.commands(address);
        // Some launchers last as long as the browser.
        std::thread::spawn(move || {
            for mut command in commands {
                for name in SECRET_VARIABLES {
                    command.env_remove(name);
                }
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                if command.status().is_ok_and(|status| status.success()) {
                    return;
                }
            }
            failed();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_one_argument() {
        let address = Url::parse("https://accounts.google.com/?a=b%20c&d=$(x);'").unwrap();
        let arguments = |browser: &str| {
            let browser = SystemBrowser::new(&Environment::of([("BROWSER", browser)]));
            let commands = browser.commands(&address);
            commands
                .iter()
                .map(|command| {
                    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
                    (command.get_program().to_string_lossy().into_owned(), words.collect::<Vec<_>>())
                })
                .collect::<Vec<_>>()
        };
        let url = address.as_str().to_owned();
        assert_eq!(
            arguments("firefox -new-tab")[..1],
            [("firefox".to_owned(), vec!["-new-tab".to_owned(), url.clone()])]
        );
        assert_eq!(arguments("a --url=%s")[..1], [("a".to_owned(), vec![format!("--url={url}")])]);
        assert_eq!(arguments("a;rm")[0].0, "a;rm");
    }
}
