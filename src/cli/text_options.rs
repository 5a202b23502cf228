//! Options of a sampler as text, for the command line.

use std::collections::BTreeMap;

use crate::checkpoint::scheduler::MethodOptions;
use crate::sampler::catalog::{CATALOG, Domain, Entry, Parameter, Value};
use crate::{Error, Result};

/// Options of a sampler as text, by their names in the [catalog](crate::sampler::catalog).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextOptions(BTreeMap<String, String>);

impl TextOptions {
    /// Parses `eta=0.5,use_clipped_model_output=true`; names may use hyphens instead of underscores.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a part without `=`, for a name that is not an option of any sampler, and for a
    /// duplicate.
    pub fn parse(text: &str) -> Result<Self> {
        let mut options = Self::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(Error::invalid("option", "of the form name=value", part));
            };
            options.insert(&name.trim().replace('-', "_"), value.trim())?;
        }
        Ok(options)
    }

    /// Adds an option.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse) about names.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<()> {
        let mut known = CATALOG.iter().flat_map(|entry| entry.options);
        if known.all(|option| option.name != name) {
            let samplers = CATALOG.iter().filter(|entry| !entry.options.is_empty());
            let lists = samplers.map(|entry| format!("{} {}", entry.name, list(entry.name)));
            let expected = format!("one of those of the samplers: {}", join(lists, "; "));
            return Err(Error::invalid("option", expected, name));
        }
        match self.0.insert(name.to_owned(), value.to_owned()) {
            Some(_) => Err(Error::invalid(name, "given once", value)),
            None => Ok(()),
        }
    }

    fn read<T: std::str::FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>> {
        let Some(text) = self.0.remove(name) else {
            return Ok(None);
        };
        let value = text.parse();
        value
            .map(Some)
            .map_err(|_| Error::invalid(name, expected, text))
    }
}

impl TextOptions {
    fn word(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.0.remove(name) else {
            return Ok(None);
        };
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Some(word)),
            None => {
                let expected = format!("one of {}", words.join(", "));
                Err(Error::invalid(name, expected, text))
            }
        }
    }
}

impl MethodOptions for TextOptions {
    fn value(&mut self, option: &Parameter) -> Result<Option<Value>> {
        let name = option.name;
        Ok(match option.domain {
            Domain::Flag { .. } => self.read(name, "true or false")?.map(Value::Flag),
            Domain::Whole { .. } => self.read(name, "a whole number")?.map(Value::Whole),
            Domain::Number { .. } => self.read(name, "a number")?.map(Value::Number),
            Domain::Choice { words, .. } => self.word(name, words)?.map(Value::Word),
        })
    }

    fn refuse(&mut self, name: &str, sampler: &str) -> Result<()> {
        match self.0.remove(name) {
            None => Ok(()),
            Some(value) => {
                let own = list(sampler);
                let expected = format!(
                    "left out: it is not an option of the sampler {sampler}, which has: {own}"
                );
                Err(Error::invalid(name, expected, value))
            }
        }
    }
}

/// In the syntax of [`parse`](TextOptions::parse).
impl std::fmt::Display for TextOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        formatter.write_str(&join(parts, ","))
    }
}

/// Names of a sampler's own options.
fn list(sampler: &str) -> String {
    let options = Entry::named(sampler)
        .map(|entry| entry.options)
        .unwrap_or_default();
    match options {
        [] => "none".to_owned(),
        options => join(options.iter().map(|option| option.name.to_owned()), ", "),
    }
}

fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}
