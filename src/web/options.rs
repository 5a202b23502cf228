//! Options as JavaScript gives them: one plain object for each call.

use std::collections::BTreeMap;

use js_sys::{Array, Float32Array};
use serde::Deserialize;
use serde::de::IgnoredAny;
use wasm_bindgen::{JsCast, JsValue};

use crate::pipeline::{Pipeline, SampleOptions};
use crate::sampler::{Method, ddim, probability_flow::Solver};
use crate::{Error, Result};

/// The options of `pipeline.sample()`. Numbers are `f64` here so that a NaN or a fraction is refused by name.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JsSampleOptions {
    sampler: Option<String>,
    solver: Option<String>,
    steps: Option<f64>,
    seed: Option<f64>,
    batch: Option<f64>,
    eta: Option<f64>,
    use_clipped_model_output: Option<bool>,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    class_labels: JsValue,
    guidance_scale: Option<f64>,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    initial_noise: JsValue,
    /// serde-wasm-bindgen does not look for unknown fields by itself.
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

impl Default for JsSampleOptions {
    fn default() -> Self {
        Self {
            sampler: None,
            solver: None,
            steps: None,
            seed: None,
            batch: None,
            eta: None,
            use_clipped_model_output: None,
            class_labels: JsValue::UNDEFINED,
            guidance_scale: None,
            initial_noise: JsValue::UNDEFINED,
            unknown: BTreeMap::new(),
        }
    }
}

const KNOWN: &str = "sampler, solver, steps, seed, batch, eta, useClippedModelOutput, classLabels, \
                     guidanceScale, initialNoise";

/// Reads the options of a sampling, `undefined` included.
pub(super) fn sample_options(options: JsValue, pipeline: &Pipeline) -> Result<SampleOptions> {
    let options: JsSampleOptions = match options.is_undefined() {
        true => JsSampleOptions::default(),
        false => serde_wasm_bindgen::from_value(options)
            .map_err(|error| Error::invalid("options", format!("an object with {KNOWN}"), error))?,
    };
    if let Some(name) = options.unknown.keys().next() {
        return Err(Error::unsupported("option", name, KNOWN));
    }
    let optional = |name, value: Option<f64>| value.map(|value| whole(name, value)).transpose();
    Ok(SampleOptions {
        method: options.method(pipeline)?,
        steps: optional("steps", options.steps)?,
        seed: optional("seed", options.seed)?.unwrap_or(0) as u32,
        batch: optional("batch", options.batch)?,
        class_labels: class_labels(&options.class_labels)?,
        guidance_scale: options.guidance_scale.unwrap_or(1.0),
        initial_noise: initial_noise(&options.initial_noise)?,
    })
}

impl JsSampleOptions {
    fn method(&self, pipeline: &Pipeline) -> Result<Option<Method>> {
        let default = pipeline.default_method();
        let name = match (self.sampler.as_deref(), default) {
            (Some(name), _) => name,
            (None, Method::Ddpm { .. }) => "ddpm",
            (None, Method::Ddim { .. }) => "ddim",
            (None, Method::ProbabilityFlow { .. }) => "probability-flow",
        };
        self.only_for("eta", self.eta.is_some(), "ddim", name)?;
        self.only_for("solver", self.solver.is_some(), "probability-flow", name)?;
        Ok(Some(match name {
            "ddpm" => Method::Ddpm {
                variance: pipeline.scheduler().variance,
            },
            "ddim" => Method::Ddim {
                eta: self.eta.unwrap_or(0.0),
                direction: match self.use_clipped_model_output {
                    Some(true) => ddim::Direction::FromClipped,
                    _ => ddim::Direction::Predicted,
                },
            },
            "probability-flow" => Method::ProbabilityFlow {
                solver: self.solver()?,
            },
            other => {
                return Err(Error::unsupported(
                    "sampler",
                    other,
                    "ddpm, ddim, probability-flow",
                ));
            }
        }))
    }

    fn solver(&self) -> Result<Solver> {
        match self.solver.as_deref() {
            Some("euler") => Ok(Solver::Euler),
            Some("heun") | None => Ok(Solver::Heun),
            Some(other) => Err(Error::unsupported("solver", other, "euler, heun")),
        }
    }

    fn only_for(&self, option: &str, given: bool, sampler: &str, chosen: &str) -> Result<()> {
        match given && sampler != chosen {
            true => Err(Error::unsupported(
                "option",
                option,
                format!("it acts with {sampler} alone"),
            )),
            false => Ok(()),
        }
    }
}

/// The error with the name of the option as JavaScript writes it: `class_labels` is `classLabels` there.
pub(super) fn in_camel_case(error: Error) -> Error {
    let Error::InvalidOption {
        name,
        expected,
        value,
    } = error
    else {
        return error;
    };
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let name = words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_uppercase() + rest
    });
    Error::InvalidOption {
        name,
        expected,
        value,
    }
}

/// A JavaScript number that must be whole and fit in 32 bits.
fn whole(name: &str, value: f64) -> Result<usize> {
    match value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value) {
        true => Ok(value as usize),
        false => Err(Error::invalid(
            name,
            "a whole number from 0 to 4294967295",
            value,
        )),
    }
}

/// One class label for all images or a list with one for each.
fn class_labels(value: &JsValue) -> Result<Vec<usize>> {
    if value.is_undefined() || value.is_null() {
        return Ok(Vec::new());
    }
    let labels = match value.as_f64() {
        Some(_) => Array::of1(value),
        None if Array::is_array(value) || js_sys::ArrayBuffer::is_view(value) => Array::from(value),
        None => {
            let expected = "a number or a list of numbers";
            return Err(Error::invalid("classLabels", expected, value));
        }
    };
    let label = |label: JsValue| whole("classLabels", label.as_f64().unwrap_or(f64::NAN));
    labels.iter().map(label).collect()
}

fn initial_noise(value: &JsValue) -> Result<Option<Vec<f32>>> {
    match value.dyn_ref::<Float32Array>() {
        Some(noise) => Ok(Some(noise.to_vec())),
        None if value.is_undefined() || value.is_null() => Ok(None),
        None => Err(Error::invalid("initialNoise", "a Float32Array", value)),
    }
}
