//! The terminal's side of a sign-in: the address, the browser, and a place to paste.

use std::net::SocketAddr;

use tokio::sync::mpsc;
use url::Url;

use super::Context;
use crate::{
    auth::login::Surface,
    output::{Style, visible},
};

/// Shows a sign-in on the terminal.
pub struct SignInSurface<'a> {
    context: &'a Context,
    open_browser: bool,
}

impl<'a> SignInSurface<'a> {
    pub fn new(context: &'a Context, open_browser: bool) -> Self {
        SignInSurface { context, open_browser }
    }
}

impl Surface for SignInSurface<'_> {
    fn address(&self, address: &Url, listening: SocketAddr) {
        let ui = &self.context.ui;
        // The address is printed whatever else happens: it's the only way on for somebody without a browser.
        let automatic = self.context.browser.is_automatic();
        let what = if automatic {
            "Nobody is asked, consent is given at this address:"
        } else if self.open_browser {
            "Your browser opens this address:"
        } else {
            "Open this address in a browser:"
        };
        ui.say(&format!("{what}\n\n    {address}\n"));
        if self.context.settings.over_ssh {
            ui.say(&format!(
                "You are on a remote machine. On your own, run this first, then open the address there:\n\n    ssh -N -L {}:{listening} USER@HOST\n",
                listening.port()
            ));
        }
        if ui.interactive {
            ui.say("If the browser ends on a page that it cannot show, paste that page's address here.");
        }
        if !automatic {
            ui.note(&ui.paint_err(Style::Faint, "Waiting for your consent … (Ctrl-C ends it)"));
        }
        if self.open_browser {
            let ui = ui.clone();
            let failed = move || ui.warn("no browser could be opened here: open the address above yourself");
            self.context.browser.open(address, Box::new(failed));
        }
    }

    fn pasted(&self) -> Option<mpsc::UnboundedReceiver<String>> {
        self.context.ui.interactive.then(|| self.context.ui.typed_lines())
    }

    fn paste_refused(&self) {
        self.context.ui.say(
            "That is not the address with the answer to this sign-in. Paste the whole address, from http:// to the end.",
        );
    }

    fn ignored(&self, issuer: &str) {
        self.context.ui.warn(&format!(
            "an answer that names {} as its server, not Google, was ignored; still waiting",
            visible(issuer)
        ));
    }

    fn consented(&self) {
        self.context.ui.note("Consent given.");
    }
}
