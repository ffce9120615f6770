//! The Chat API v1 as data: one row a method.
//!
//! Scopes, preflight, retry policy, paging, the emulator's routes and the reference all read these
//! rows; nothing about a method is said anywhere else. The rows are in `table`, in the order of
//! Google's discovery document (revision 20261107), and a test holds them against a copy of its facts.

mod pattern;
mod table;

pub use pattern::Pattern;
pub use table::{METHODS, SCOPES};

/// An HTTP verb that the Chat API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }
}

/// One method of the Chat API.
#[derive(Debug)]
pub struct Method {
    /// The id in the discovery document: `chat.spaces.messages.create`.
    pub id: &'static str,
    /// The name in `google.chat.v1.ChatService`; two rows have none in the protos.
    pub rpc: Option<&'static str>,
    pub verb: Verb,
    /// An RFC 6570 template below the host: `v1/{+parent}/messages`.
    pub path: &'static str,
    pub path_parameters: &'static [PathParameter],
    pub query: &'static [QueryParameter],
    /// The schema of the request body, if it has one.
    pub request: Option<&'static str>,
    pub response: &'static str,
    pub auth: Auth,
    pub request_id: Option<RequestId>,
    pub paging: Option<Paging>,
    pub update_mask: Option<UpdateMask>,
    pub media: Media,
    /// Google's reference page marks it as Developer Preview.
    pub preview: bool,
}

#[derive(Debug)]
pub struct PathParameter {
    pub name: &'static str,
    pub pattern: Pattern,
}

#[derive(Debug)]
pub struct QueryParameter {
    pub name: &'static str,
    pub kind: QueryKind,
    pub repeated: bool,
    pub required: bool,
    pub deprecated: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum QueryKind {
    String,
    Int32,
    Boolean,
    FieldMask,
    Enum(&'static [&'static str]),
}

/// Which scopes (short names) each kind of credential may use, least access first.
#[derive(Debug)]
pub struct Auth {
    pub user: &'static [&'static str],
    pub app: &'static [&'static str],
    pub admin: &'static [&'static str],
    /// Takes `useAdminAccess`.
    pub admin_access: bool,
    /// User scopes that count only for spaces in import mode; never asked for unasked.
    pub import_mode_only: &'static [&'static str],
    /// App scopes that need an administrator's approval once.
    pub needs_approval: &'static [&'static str],
    /// In the discovery document's scope list, but not in the method's documentation.
    pub undocumented: &'static [&'static str],
    /// What a kind of credential cannot do with the method, in words.
    pub limits: &'static [(CredentialKind, &'static str)],
    /// Why the row is not certain: preflight warns and lets the call through.
    pub doubts: &'static [&'static str],
}

/// The kinds of credential that Google's documentation tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A person, by consent or by domain-wide delegation.
    User,
    /// The Chat app itself, by its service account.
    App,
    /// A person with administrator privileges and `useAdminAccess`.
    Admin,
}

/// Where `requestId` goes (AIP-155).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestId {
    Query,
    Body,
}

/// AIP-158.
#[derive(Debug)]
pub struct Paging {
    /// `pageToken` and `pageSize` are in the body (`messages.search`), not in the query.
    pub in_body: bool,
    pub items: &'static str,
    /// Items under another name, for another kind of caller (`spaces.search`).
    pub alternative_items: &'static [&'static str],
    pub default_size: Option<u16>,
    pub max_size: Option<u16>,
    /// A lower maximum without `useAdminAccess` (`spaces.search`).
    pub max_size_without_admin: Option<u16>,
}

/// AIP-134.
#[derive(Debug)]
pub struct UpdateMask {
    pub paths: &'static [&'static str],
    /// `*` is taken.
    pub star: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Media {
    None,
    Download,
    Upload { max_size: u64, simple_path: &'static str, resumable_path: &'static str },
}

/// A scope of the Chat API.
#[derive(Debug)]
pub struct ScopeFacts {
    pub name: &'static str,
    pub kind: CredentialKind,
    /// Google's classification on the consent screen; `None` where the page doesn't list it yet.
    pub sensitivity: Option<Sensitivity>,
    pub needs_approval: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    NonSensitive,
    Sensitive,
    Restricted,
}

impl Method {
    /// The row of a method id, with or without the leading `chat.`.
    pub fn find(id: &str) -> Option<&'static Method> {
        METHODS.iter().find(|m| m.id == id || m.id.strip_prefix("chat.") == Some(id))
    }

    /// The scopes that a kind of credential may use.
    pub fn scopes_for(&self, kind: CredentialKind) -> &'static [&'static str] {
        match kind {
            CredentialKind::User => self.auth.user,
            CredentialKind::App => self.auth.app,
            CredentialKind::Admin => self.auth.admin,
        }
    }

    /// Repeating the call cannot do more than doing it once (RFC 9110 section 9.2.2).
    pub fn is_idempotent(&self) -> bool {
        // A list whose parameters are in the body (`messages.search`) is a read all the same.
        let reads = self.paging.is_some();
        // PATCH is not idempotent by the RFC; Chat's take an update mask and set fields to values.
        reads || !matches!(self.verb, Verb::Post)
    }
}
