//! Options of the samplers, for forms: names, descriptions, ranges and defaults.

/// An option of a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Field name in this crate; the JavaScript name is the same in camel case.
    pub name: &'static str,
    /// Display name.
    pub title: &'static str,
    /// Description, one sentence.
    pub meaning: &'static str,
    /// Range, and the default where neither the caller nor the checkpoint's scheduler sets the option.
    pub domain: Domain,
}

/// Type, range and default of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// A Boolean.
    Flag {
        /// Default value.
        default: bool,
    },
    /// One of several words.
    Choice {
        /// All words, as in JavaScript.
        words: &'static [&'static str],
        /// Default value.
        default: &'static str,
    },
    /// An integer.
    Whole {
        /// Minimum and maximum; where there is no upper limit, the largest useful value.
        range: [usize; 2],
        /// Default value.
        default: usize,
    },
    /// A number.
    Number {
        /// Minimum and maximum; where there is no upper limit, the largest useful value.
        range: [f64; 2],
        /// Default value; `None` where it depends on the data, so that the option is required.
        default: Option<f64>,
    },
}

impl Parameter {
    /// An option with a name, a display name and a description of one sentence.
    pub const fn new(
        name: &'static str,
        title: &'static str,
        meaning: &'static str,
        domain: Domain,
    ) -> Self {
        Self {
            name,
            title,
            meaning,
            domain,
        }
    }

    /// `order`, from 1 to a maximum.
    pub const fn order(most: usize, default: usize) -> Self {
        let meaning = "Maximum number of estimates that a step combines.";
        Self::new("order", "Order", meaning, Domain::whole([1, most], default))
    }

    /// Whether the option has to be given.
    pub fn is_required(&self) -> bool {
        matches!(self.domain, Domain::Number { default: None, .. })
    }
}

impl Domain {
    /// A Boolean with this default.
    pub const fn flag(default: bool) -> Self {
        Self::Flag { default }
    }

    /// One of the words, by default the second argument.
    pub const fn choice(words: &'static [&'static str], default: &'static str) -> Self {
        Self::Choice { words, default }
    }

    /// An integer in a range, with this default.
    pub const fn whole(range: [usize; 2], default: usize) -> Self {
        Self::Whole { range, default }
    }

    /// A number in a range, with this default; required without one.
    pub const fn number(range: [f64; 2], default: Option<f64>) -> Self {
        Self::Number { range, default }
    }
}

/// `lower_order_final`, which several multistep methods have.
pub(in crate::sampler) const LOWER_ORDER_FINAL: Parameter = Parameter::new(
    "lower_order_final",
    "Lower orders at the end",
    "Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode.",
    Domain::flag(true),
);
