//! Metadata of all samplers, for tables, menus and forms. Each sampler's file defines its own entry.

mod parameter;
mod value;

pub(super) use parameter::LOWER_ORDER_FINAL;
pub use parameter::{Domain, Parameter};
pub use value::{OptionValue, Value};
pub(super) use value::{flags, words};

pub use super::CATALOG;

/// Metadata of a sampler, for menus and documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Name in JavaScript, and [`Method::name`](super::Method::name).
    pub name: &'static str,
    /// Display name.
    pub title: &'static str,
    /// Authors and year of the paper.
    pub paper: &'static str,
    /// Address of the paper.
    pub url: &'static str,
    /// Whether the sampler adds fresh noise, with default options.
    pub is_stochastic: bool,
    /// Network evaluations per step, with default options; for the adaptive solver, per attempted step.
    pub evaluations: usize,
    /// Options of this sampler.
    pub options: &'static [Parameter],
}

impl Entry {
    /// A deterministic sampler without options, with one evaluation per step. `paper` is authors and year, and address.
    pub const fn new(name: &'static str, title: &'static str, paper: [&'static str; 2]) -> Self {
        Self {
            name,
            title,
            paper: paper[0],
            url: paper[1],
            is_stochastic: false,
            evaluations: 1,
            options: &[],
        }
    }

    /// The entry with these options.
    pub const fn with(mut self, options: &'static [Parameter]) -> Self {
        self.options = options;
        self
    }

    /// The entry of a sampler that adds fresh noise.
    pub const fn stochastic(mut self) -> Self {
        self.is_stochastic = true;
        self
    }

    /// The entry with this number of evaluations per step.
    pub const fn evaluating(mut self, evaluations: usize) -> Self {
        self.evaluations = evaluations;
        self
    }

    /// The entry with this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Self> {
        CATALOG.iter().find(|entry| entry.name == name)
    }
}

/// All entries of several lists in one array.
pub(super) const fn concat<const N: usize>(lists: &[&[Entry]]) -> [Entry; N] {
    let mut all = [lists[0][0]; N];
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[count] = lists[list][index];
            count += 1;
            index += 1;
        }
        list += 1;
    }
    all
}

/// Papers of several samplers.
pub(super) mod papers {
    pub const SONG_2021: [&str; 2] = ["Song et al. 2021", "https://arxiv.org/abs/2011.13456"];
    pub const KARRAS_2022: [&str; 2] = ["Karras et al. 2022", "https://arxiv.org/abs/2206.00364"];
    pub const ZHANG_2023: [&str; 2] = ["Zhang & Chen 2023", "https://arxiv.org/abs/2204.13902"];
    pub const SONG_2019: [&str; 2] = ["Song & Ermon 2019", "https://arxiv.org/abs/1907.05600"];
}
