//! Options of points from JavaScript.

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use wasm_bindgen::JsValue;

use crate::dataset::GaussianMixture;
use crate::points::{DensityOptions, Fading, FlowOptions, Schedule};
use crate::web::arguments;
use crate::web::options::{Fields, is_given, refused};
use crate::web::sampler::solver;
use crate::{Error, Result};

/// Parses a noise schedule: its name, or an object with its parameters.
pub(super) fn schedule(value: &JsValue) -> Result<Schedule> {
    let expected = "a name or an object of the options name, timesteps, betaStart, betaEnd";
    if !is_given(value) {
        return Ok(Schedule::default());
    }
    let names = Fading::ALL.map(Fading::name);
    if let Some(name) = value.as_string() {
        let fading = Fading::ALL.into_iter().find(|fading| fading.name() == name);
        let expected = format!("one of {}", names.join(", "));
        let fading = fading.ok_or_else(|| refused("schedule", &expected, value))?;
        return Ok(Schedule::of(fading));
    }
    let mut fields = Fields::read("schedule", expected, value)?;
    let name = fields.choice("name", &names)?.unwrap_or("linear");
    let fading = Fading::ALL.into_iter().find(|fading| fading.name() == name);
    let default = Schedule::of(fading.unwrap_or(Fading::Linear));
    let schedule = Schedule {
        timesteps: fields.whole("timesteps")?.unwrap_or(default.timesteps),
        beta_start: fields.number("betaStart")?,
        beta_end: fields.number("betaEnd")?,
        ..default
    };
    fields.finish(expected)?;
    Ok(schedule)
}

/// Parses a word of an enum, with a default.
pub(super) fn word<T: for<'a> Deserialize<'a>>(
    fields: &mut Fields,
    name: &str,
    words: &[&'static str],
    default: T,
) -> Result<T> {
    let Some(word) = fields.choice(name, words)? else {
        return Ok(default);
    };
    let word = word.replace('-', "_");
    let deserializer: StrDeserializer<'_, serde::de::value::Error> = StrDeserializer::new(&word);
    T::deserialize(deserializer)
        .map_err(|error| Error::invalid(name, words.join(", "), error.to_string()))
}

/// Parses a list of numbers: a typed array or a plain array.
pub(super) fn numbers(name: &str, value: &JsValue) -> Result<Option<Vec<f64>>> {
    if !is_given(value) {
        return Ok(None);
    }
    let expected = "a list of numbers";
    let all = arguments::list(name, expected, value)?;
    let all: Option<Vec<f64>> = all.iter().map(JsValue::as_f64).collect();
    all.map(Some).ok_or_else(|| refused(name, expected, value))
}

/// Parses a required number.
pub(super) fn required(fields: &mut Fields, name: &str) -> Result<f64> {
    let value = fields.number(name)?;
    value.ok_or_else(|| Error::InvalidOption {
        name: name.to_owned(),
        expected: "given".to_owned(),
        value: "nothing".to_owned(),
    })
}

/// Options of `logDensity`.
pub(super) fn density_options(options: &JsValue) -> Result<DensityOptions> {
    let expected = "an object of the options time, method, solver, steps";
    let mut fields = Fields::read("options", expected, options)?;
    let default = DensityOptions::default();
    let options = DensityOptions {
        time: fields.number("time")?.unwrap_or(default.time),
        flow: flow(&mut fields, default.flow)?,
    };
    fields.finish(expected)?;
    Ok(options)
}

/// Options of the integration of the flow.
pub(super) fn flow(fields: &mut Fields, default: FlowOptions) -> Result<FlowOptions> {
    Ok(FlowOptions {
        solver: solver(fields, default.solver)?,
        steps: fields.whole("steps")?.unwrap_or(default.steps),
    })
}

/// Parses a Gaussian mixture.
pub(super) fn read_mixture(mixture: &JsValue) -> Result<GaussianMixture> {
    let expected = "an object of means, spreads, weights, dimensions";
    let mut fields = Fields::read("mixture", expected, mixture)?;
    let mut list = |name: &str| numbers(name, &fields.take(name));
    let means = list("means")?.unwrap_or_default();
    let stds = list("spreads")?.unwrap_or_default();
    let weights = list("weights")?.unwrap_or_else(|| vec![1.0; stds.len()]);
    let dimensions = fields.whole("dimensions")?.unwrap_or(2);
    fields.finish(expected)?;
    Ok(GaussianMixture {
        means,
        stds,
        weights,
        dimensions,
    })
}
