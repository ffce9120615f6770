//! The people who can sign in.

/// A Google account. It is addressed by its place in `ACCOUNTS`.
pub struct Account {
    /// Google's number for the account: `sub` in tokens, and `users/NUMBER` in Chat.
    pub id: &'static str,
    pub email: &'static str,
    pub name: &'static str,
}

pub type AccountIndex = usize;

pub static ACCOUNTS: [Account; 2] = [
    Account { id: "100000000000000000001", email: "someone@example.com", name: "Sam One" },
    Account { id: "100000000000000000002", email: "other@example.com", name: "Olga Other" },
];

impl Account {
    /// By email or number, as `login_hint` names them.
    pub fn find(hint: &str) -> Option<AccountIndex> {
        ACCOUNTS.iter().position(|account| account.email.eq_ignore_ascii_case(hint) || account.id == hint)
    }

    /// Its resource name in Chat.
    pub fn user(&self) -> String {
        format!("users/{}", self.id)
    }
}
