//! Options as JavaScript gives them: one plain object for each call.

use std::collections::BTreeMap;

use js_sys::{Array, Float32Array};
use serde::Deserialize;
use serde::de::IgnoredAny;
use wasm_bindgen::{JsCast, JsValue};

use crate::pipeline::{Pipeline, SampleOptions};
use crate::sampler::{Method, ddim, probability_flow::Solver};
use crate::{Error, Result};

/// The options of `pipeline.sample()`, each converted by hand so that a wrong one is refused by name.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JsSampleOptions {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    sampler: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    solver: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    steps: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    seed: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    batch: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    eta: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    use_clipped_model_output: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    class_labels: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    guidance_scale: JsValue,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    initial_noise: JsValue,
    /// serde-wasm-bindgen does not look for unknown fields by itself.
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

const KNOWN: &str = "sampler, solver, steps, seed, batch, eta, useClippedModelOutput, classLabels, \
                     guidanceScale, initialNoise";

/// Reads the options of a sampling; `undefined` and `null` leave each at its default.
pub(super) fn sample_options(options: JsValue, pipeline: &Pipeline) -> Result<SampleOptions> {
    let expected = || format!("an object of the options {KNOWN}");
    let options = match is_given(&options) {
        false => JsSampleOptions::default(),
        true if options.is_object() => serde_wasm_bindgen::from_value(options)
            .map_err(|error| Error::invalid("options", expected(), error.to_string()))?,
        true => return Err(refused("options", &expected(), &options)),
    };
    if let Some(name) = options.unknown.keys().next() {
        return Err(Error::invalid("options", expected(), name));
    }
    Ok(SampleOptions {
        method: Some(options.method(pipeline)?),
        steps: whole("steps", &options.steps)?,
        seed: whole("seed", &options.seed)?.unwrap_or(0) as u32,
        batch: whole("batch", &options.batch)?,
        class_labels: class_labels(&options.class_labels)?,
        guidance_scale: number("guidanceScale", &options.guidance_scale)?.unwrap_or(1.0),
        initial_noise: initial_noise(&options.initial_noise)?,
    })
}

impl JsSampleOptions {
    fn method(&self, pipeline: &Pipeline) -> Result<Method> {
        let default = match pipeline.default_method() {
            Method::Ddpm { .. } => "ddpm",
            Method::Ddim { .. } => "ddim",
            Method::ProbabilityFlow { .. } => "probability-flow",
        };
        let samplers = ["ddpm", "ddim", "probability-flow"];
        let sampler = choice("sampler", &self.sampler, samplers)?.unwrap_or(default);
        let solver = choice("solver", &self.solver, ["euler", "heun"])?;
        let eta = number("eta", &self.eta)?;
        let clipped = flag("useClippedModelOutput", &self.use_clipped_model_output)?;
        only_for("ddim", sampler, "eta", eta.is_some())?;
        only_for("probability-flow", sampler, "solver", solver.is_some())?;
        Ok(match sampler {
            "ddim" => Method::Ddim {
                eta: eta.unwrap_or(0.0),
                direction: match clipped {
                    Some(true) => ddim::Direction::FromClipped,
                    _ => ddim::Direction::Predicted,
                },
            },
            "probability-flow" => Method::ProbabilityFlow {
                solver: match solver {
                    Some("euler") => Solver::Euler,
                    _ => Solver::Heun,
                },
            },
            _ => Method::Ddpm {
                variance: pipeline.scheduler().variance,
            },
        })
    }
}

/// An error where an option is given that acts with another sampler than the chosen one.
fn only_for(sampler: &str, chosen: &str, option: &str, given: bool) -> Result<()> {
    match given && sampler != chosen {
        true => {
            let expected = format!("left out unless the sampler is {sampler}");
            Err(Error::invalid(
                option,
                expected,
                format!("given with {chosen}"),
            ))
        }
        false => Ok(()),
    }
}

/// The error of a value of the wrong type.
fn refused(name: &str, expected: &str, value: &JsValue) -> Error {
    let shown = match value.is_object() {
        true => None, // it may be of any size
        false => js_sys::JSON::stringify(value)
            .ok()
            .and_then(|text| text.as_string()),
    };
    Error::InvalidOption {
        name: name.to_owned(),
        expected: expected.to_owned(),
        value: shown.unwrap_or_else(|| "something else".to_owned()),
    }
}

fn is_given(value: &JsValue) -> bool {
    !value.is_undefined() && !value.is_null()
}

fn number(name: &str, value: &JsValue) -> Result<Option<f64>> {
    match value.as_f64() {
        None if is_given(value) => Err(refused(name, "a number", value)),
        number => Ok(number),
    }
}

fn flag(name: &str, value: &JsValue) -> Result<Option<bool>> {
    match value.as_bool() {
        None if is_given(value) => Err(refused(name, "true or false", value)),
        flag => Ok(flag),
    }
}

/// One of some words.
fn choice<const N: usize>(
    name: &str,
    value: &JsValue,
    words: [&'static str; N],
) -> Result<Option<&'static str>> {
    let text = value.as_string();
    match words.into_iter().find(|word| text.as_deref() == Some(word)) {
        None if is_given(value) => {
            let expected = format!("one of {}", words.join(", "));
            Err(refused(name, &expected, value))
        }
        word => Ok(word),
    }
}

/// The error with the name of the option as JavaScript writes it.
pub(super) fn in_javascript(error: Error) -> Error {
    let Error::InvalidOption {
        name,
        expected,
        value,
    } = error
    else {
        return error;
    };
    let name = match name.as_str() {
        "class_labels" => "classLabels".into(),
        "guidance_scale" => "guidanceScale".into(),
        "initial_noise" => "initialNoise".into(),
        _ => name,
    };
    Error::InvalidOption {
        name,
        expected,
        value,
    }
}

/// A JavaScript number that must be whole and fit in 32 bits.
fn whole(name: &str, value: &JsValue) -> Result<Option<usize>> {
    match number(name, value)? {
        Some(number) if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) => {
            Ok(Some(number as usize))
        }
        Some(number) => Err(Error::invalid(
            name,
            "a whole number from 0 to 4294967295",
            number,
        )),
        None => Ok(None),
    }
}

/// One class label for all images or a list with one for each.
fn class_labels(value: &JsValue) -> Result<Vec<usize>> {
    if !is_given(value) {
        return Ok(Vec::new());
    }
    let labels = match value.as_f64() {
        Some(_) => Array::of1(value),
        None if Array::is_array(value) || js_sys::ArrayBuffer::is_view(value) => Array::from(value),
        None => {
            let expected = "a number or a list of numbers";
            return Err(refused("classLabels", expected, value));
        }
    };
    let label = |label: JsValue| {
        let expected = "a number or a list of numbers";
        whole("classLabels", &label)?.ok_or_else(|| refused("classLabels", expected, &label))
    };
    labels.iter().map(label).collect()
}

fn initial_noise(value: &JsValue) -> Result<Option<Vec<f32>>> {
    match value.dyn_ref::<Float32Array>() {
        Some(noise) => Ok(Some(noise.to_vec())),
        None if !is_given(value) => Ok(None),
        None => Err(refused("initialNoise", "a Float32Array", value)),
    }
}
