//! `--jq`: a jq filter over the JSON that is written.

use jaq_core::{
    Compiler, Ctx, Native, Vars, compile, data,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::{Val, read};
use thiserror::Error;

type Data = data::JustLut<Val>;

/// A filter that can be run.
pub struct Filter(compile::Filter<Native<Data>>);

#[derive(Debug, Error, PartialEq, Eq)]
pub enum FilterError {
    #[error("it is not a jq filter{0}")]
    Syntax(String),
    #[error("{0}")]
    Run(String),
}

impl Filter {
    pub fn parse(code: &str) -> Result<Self, FilterError> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code, path: () })
            .map_err(|_| FilterError::Syntax(String::new()))?;
        let compiled = Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
            let unknown =
                errors.into_iter().flat_map(|(_, errors)| errors).map(|(name, _)| name.to_owned()).next();
            FilterError::Syntax(unknown.map(|name| format!(": it has no {name}")).unwrap_or_default())
        })?;
        Ok(Filter(compiled))
    }

    /// The filter's outputs for a JSON text, a line each: text as it is, anything else as JSON.
    pub fn run(&self, json: &str) -> Result<Vec<String>, FilterError> {
        let input =
            read::parse_single(json.as_bytes()).map_err(|error| FilterError::Run(error.to_string()))?;
        let context = Ctx::<Data>::new(&self.0.lut, Vars::new([]));
        self.0
            .id
            .run((context, input))
            .map(unwrap_valr)
            .map(|output| match output {
                Ok(Val::TStr(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
                Ok(value) => Ok(value.to_string()),
                Err(error) => Err(FilterError::Run(error.to_string())),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str, json: &str) -> Result<Vec<String>, FilterError> {
        Filter::parse(code)?.run(json)
    }

    #[test]
    fn filters() {
        let json = r#"{"messages":[{"name":"a","n":1},{"name":"b","n":2}]}"#;
        assert_eq!(run(".messages[].name", json).unwrap(), ["a", "b"]);
        assert_eq!(run(".messages | map(.n) | add", json).unwrap(), ["3"]);
        assert_eq!(run(".messages[0]", json).unwrap(), [r#"{"name":"a","n":1}"#]);
        assert_eq!(run(".messages[] | select(.name | test(\"^b\")) | .n", json).unwrap(), ["2"]);
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(run(".[", "1").unwrap_err(), FilterError::Syntax(String::new()));
        assert_eq!(run("nonsense", "1").unwrap_err(), FilterError::Syntax(": it has no nonsense".to_owned()));
        assert!(matches!(run(".a.b", "[1]").unwrap_err(), FilterError::Run(_)));
    }
}
