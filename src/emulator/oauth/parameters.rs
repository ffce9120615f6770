//! The parameters of an OAuth request, each given once.

pub struct Parameters(Vec<(String, String)>);

/// A parameter given more than once (RFC 6749 section 3.1).
pub struct Repeated(pub String);

impl Parameters {
    /// Fails on a parameter given twice. `scope` on the consent form is read from the pairs instead.
    pub fn new(pairs: Vec<(String, String)>) -> Result<Self, Repeated> {
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(Repeated(name.clone()));
            }
        }
        Ok(Parameters(pairs))
    }

    /// A value; sent without one it counts as not sent (RFC 6749 section 3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }
}
