//! Binding of the sampler catalog, for menus and forms.

use serde::{Serialize, Serializer};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::options::camel_case;
use crate::sampler::catalog::{CATALOG, Domain, Entry, Parameter};

#[derive(Serialize)]
struct JsSampler {
    name: &'static str,
    title: &'static str,
    paper: JsPaper,
    noise: &'static str,
    evaluations: usize,
    #[serde(serialize_with = "by_name")]
    options: &'static [Parameter],
}

#[derive(Serialize)]
pub(super) struct JsPaper {
    title: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct JsOption {
    title: &'static str,
    meaning: &'static str,
    #[serde(flatten)]
    domain: JsDomain,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum JsDomain {
    Flag {
        default: bool,
    },
    Choice {
        choices: &'static [&'static str],
        default: &'static str,
    },
    Integer {
        minimum: usize,
        maximum: usize,
        default: usize,
    },
    Number {
        minimum: f64,
        maximum: f64,
        default: Option<f64>,
    },
}

/// Metadata of all samplers: names, papers, options.
///
/// # Errors
/// None: the result is constant.
#[wasm_bindgen]
pub fn samplers() -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(CATALOG.map(JsSampler::from).serialize(&serializer)?)
}

impl From<Entry> for JsSampler {
    fn from(entry: Entry) -> Self {
        Self {
            name: entry.name,
            title: entry.title,
            paper: JsPaper {
                title: entry.paper,
                url: entry.url,
            },
            noise: if entry.is_stochastic {
                "each-step"
            } else {
                "none"
            },
            evaluations: entry.evaluations,
            options: entry.options,
        }
    }
}

/// Options as an object, by their names in JavaScript.
pub(super) fn by_name<S: Serializer>(
    options: &&[Parameter],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let entry = |option: &Parameter| (camel_case(option.name), JsOption::from(*option));
    serializer.collect_map(options.iter().map(entry))
}

impl From<Parameter> for JsOption {
    fn from(option: Parameter) -> Self {
        Self {
            title: option.title,
            meaning: option.meaning,
            domain: JsDomain::from(option.domain),
        }
    }
}

impl From<Domain> for JsDomain {
    fn from(domain: Domain) -> Self {
        match domain {
            Domain::Flag { default } => Self::Flag { default },
            Domain::Choice { words, default } => Self::Choice {
                choices: words,
                default,
            },
            Domain::Whole {
                range: [minimum, maximum],
                default,
            } => Self::Integer {
                minimum,
                maximum,
                default,
            },
            Domain::Number {
                range: [minimum, maximum],
                default,
            } => Self::Number {
                minimum,
                maximum,
                default,
            },
        }
    }
}
