//! Ctrl-C at any moment of a login: over at once, with the store as it was or with the new sign-in whole.
