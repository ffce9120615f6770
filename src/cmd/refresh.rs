//! `chatauth refresh`

use clap::Args;
use serde_json::json;

use super::show;
use crate::{
    cli::{Context, Failure},
    output::{Format, Style},
};

#[derive(Args)]
pub struct Arguments {}

pub async fn run(context: &Context, _arguments: Arguments) -> Result<(), Failure> {
    let session = context.session()?;
    let cached = session.profile().access_token.map(|access| access.token);
    // The token at hand counts as refused, so another is asked for.
    let token = session.token(context.reach(), cached.as_ref()).await?;
    let ui = &context.ui;
    if ui.format == Format::Human {
        let sign = ui.paint(Style::Good, "✓");
        ui.data_line(&format!(
            "{sign} New access token for {}, until {}",
            session.name(),
            show::minute(token.expires_at)
        ))?;
    } else {
        let shown = json!({ "profile": session.name().as_str(), "expires_at": token.expires_at.to_string() });
        ui.data_line(&shown.to_string())?;
    }
    Ok(())
}
