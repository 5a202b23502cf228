//! Rows of the evaluation table.

use std::str::FromStr;

use crate::cli::TextOptions;
use crate::sampler::catalog::{CATALOG, Entry};
use crate::{Error, Result};

/// A sampler with its options, steps and sample count, written `SAMPLER[,option=value…][:STEPS][@COUNT]`: `ddim:20`,
/// `ddpm:1000@200`, `ddim,eta=0.5:50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Name in the catalog.
    pub sampler: String,
    /// Options of the sampler.
    pub options: TextOptions,
    /// Number of steps; `None` for the default.
    pub steps: Option<usize>,
    /// Number of samples; `None` for that of the other rows.
    pub count: Option<usize>,
}

impl FromStr for Row {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |name: &str, text: &str| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Error::invalid(name, "an integer of at least 1", text))
        };
        let (rest, count) = match text.split_once('@') {
            Some((rest, count)) => (rest, Some(number("count of the row", count)?)),
            None => (text, None),
        };
        let (rest, steps) = match rest.split_once(':') {
            Some((rest, steps)) => (rest, Some(number("steps of the row", steps)?)),
            None => (rest, None),
        };
        let (sampler, options) = rest.split_once(',').unwrap_or((rest, ""));
        let names = CATALOG.map(|entry| entry.name);
        if !names.contains(&sampler) {
            let expected = format!("one of {}", names.join(", "));
            return Err(Error::invalid("sampler", expected, sampler));
        }
        Ok(Self {
            sampler: sampler.to_owned(),
            options: TextOptions::parse(options)?,
            steps,
            count,
        })
    }
}

impl Row {
    /// Display name of the sampler, with the given options.
    pub fn title(&self) -> String {
        let entry = Entry::named(&self.sampler);
        let title = entry.map_or(self.sampler.as_str(), |entry| entry.title);
        match self.options.to_string() {
            options if options.is_empty() => title.to_owned(),
            options => format!("{title}, `{options}`"),
        }
    }
}

/// Classes for `count` samples in the proportions of the data, sorted.
pub fn labels_of(classes: &[usize], count: usize) -> Vec<usize> {
    let mut sorted = classes.to_vec();
    sorted.sort_unstable();
    let quantile = |index: usize| sorted[(2 * index + 1) * sorted.len() / (2 * count)];
    if sorted.is_empty() {
        Vec::new()
    } else {
        (0..count).map(quantile).collect()
    }
}
