//! `chatauth token`

use clap::Args;
use serde_json::json;

use crate::{
    auth::Credential,
    cli::{Context, Failure},
    output::Format,
};

#[derive(Args)]
pub struct Arguments {
    /// Print it as an HTTP header
    #[arg(long)]
    header: bool,
}

pub async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let credential = context.credential()?;
    let token = credential.token(context.reach()).await?;
    // A token is asked for by other programs, which want nothing else: JSON only when asked for by name.
    let line = match context.settings.format {
        Some(Format::Json | Format::NdJson) => {
            let stored = match &credential {
                Credential::Ready { .. } => None,
                Credential::Profile(session) => Some(session.profile()),
            };
            let mut shown = json!({ "access_token": token.expose(), "token_type": "Bearer" });
            if let Some(profile) = stored {
                shown["expires_at"] = json!(profile.access_token.map(|token| token.expires_at.to_string()));
                shown["scopes"] = json!(profile.scopes);
                shown["profile"] = json!(profile.name.as_str());
                shown["email"] = json!(profile.account.email);
            }
            shown.to_string()
        }
        _ if arguments.header => format!("Authorization: Bearer {}", token.expose()),
        _ => token.expose().to_owned(),
    };
    Ok(context.ui.data_line(&line)?)
}
