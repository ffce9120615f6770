//! The page that asks a person: which account, which scopes, yes or no.

use std::fmt::Write;

use super::{
    super::{
        page::{escape, page},
        reply::Reply,
    },
    accounts::ACCOUNTS,
    authorize::{Asked, preselected},
    clients::APP_NAME,
    scopes,
};

pub fn render(asked: &Asked, transaction: &str) -> Reply {
    let content = format!(
        "<p>It will be able to do what you leave ticked. The answer goes to <code>{}</code>.</p>\n\
         <form method=\"post\" action=\"/emulator/consent\" autocomplete=\"off\">\n\
         <input type=\"hidden\" name=\"transaction\" value=\"{}\">\n{}{}\
         <div class=\"actions\">\n\
         <button name=\"decision\" value=\"cancel\">Cancel</button>\n\
         <button class=\"primary\" name=\"decision\" value=\"allow\">Allow</button>\n\
         </div>\n</form>\n",
        escape(&asked.redirect_uri),
        escape(transaction),
        accounts(asked),
        boxes(asked),
    );
    page(200, &format!("{APP_NAME} wants to access your Google Account"), &content)
}

fn accounts(asked: &Asked) -> String {
    let mut html = "<fieldset>\n<legend>Account</legend>\n".to_owned();
    for account in &ACCOUNTS {
        let checked = if account.email == preselected(asked) { " checked" } else { "" };
        let (name, email) = (escape(account.name), escape(account.email));
        // Writing to a String cannot fail.
        let _ = writeln!(
            html,
            "<label class=\"choice\"><input type=\"radio\" name=\"account\" value=\"{email}\" required{checked}>\
             <span>{name}</span><small>{email}</small></label>"
        );
    }
    html + "</fieldset>\n"
}

fn boxes(asked: &Asked) -> String {
    let (identity, choices): (Vec<&String>, Vec<&String>) =
        asked.scopes.iter().partition(|scope| scopes::is_identity(scope));
    let mut html = String::new();
    if !choices.is_empty() {
        html.push_str("<fieldset>\n<legend>What it may do</legend>\n");
        for scope in choices {
            let _ = writeln!(
                html,
                "<label class=\"choice\"><input type=\"checkbox\" name=\"scope\" value=\"{0}\" checked>\
                 <span>{1}</span><small>{0}</small></label>",
                escape(scope),
                escape(scopes::description(scope)),
            );
        }
        html.push_str("</fieldset>\n");
    }
    if !identity.is_empty() {
        let words: Vec<&str> = identity.into_iter().map(|scope| scopes::description(scope)).collect();
        let _ = writeln!(html, "<p class=\"always\">Always included: {}.</p>", escape(&words.join(" · ")));
    }
    html
}
