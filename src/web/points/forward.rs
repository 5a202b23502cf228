//! Bindings of the forward process.

use js_sys::{Float32Array, Float64Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::object;
use super::options::{numbers, required, schedule};
use crate::diffusion::linspace;
use crate::points::{forward, forward_paths};
use crate::web::arguments::floats;
use crate::web::options::{Fields, in_javascript};

/// Curves of a noise schedule: `{ timesteps, alpha, sigma, logSnr }`.
///
/// # Errors
/// `invalid-option` names the parameter.
#[wasm_bindgen(js_name = scheduleCurves)]
pub fn schedule_curves(of: JsValue) -> Result<JsValue, JsValue> {
    let schedule = schedule(&of)?.noise_schedule().map_err(in_javascript)?;
    let levels = (0..schedule.len()).filter_map(|t| schedule.level(t));
    let levels: Vec<_> = levels.collect();
    let curve = |of: fn(&crate::diffusion::NoiseLevel) -> f64| {
        let values: Vec<f64> = levels.iter().map(of).collect();
        JsValue::from(Float64Array::from(values.as_slice()))
    };
    Ok(object([
        ("timesteps", (schedule.len() as u32).into()),
        ("alpha", curve(|level| level.alpha)),
        ("sigma", curve(|level| level.sigma)),
        ("logSnr", curve(|level| 2.0 * level.log_snr())),
    ]))
}

/// Noisy points, in the shape of `points`.
///
/// # Errors
/// `invalid-option` names the option, or `points`.
#[wasm_bindgen(js_name = forwardPoints)]
pub fn forward_points(points: Float32Array, options: JsValue) -> Result<Vec<f32>, JsValue> {
    let expected = "an object of the options schedule, time, seed";
    let mut fields = Fields::read("options", expected, &options)?;
    let schedule = schedule(&fields.take("schedule"))?;
    let time = required(&mut fields, "time")?;
    let seed = fields.seed("seed")?;
    fields.finish(expected)?;
    Ok(forward(&floats("points", &points)?, &schedule, time, seed).map_err(in_javascript)?)
}

/// Paths of the forward Markov chain: `{ times, positions }`.
///
/// # Errors
/// `invalid-option` names the option, or `points`.
#[wasm_bindgen(js_name = forwardPathsOfPoints)]
pub fn forward_paths_of_points(points: Float32Array, options: JsValue) -> Result<JsValue, JsValue> {
    let expected = "an object of the options schedule, times, seed";
    let mut fields = Fields::read("options", expected, &options)?;
    let schedule = schedule(&fields.take("schedule"))?;
    let times = numbers("times", &fields.take("times"))?;
    let seed = fields.seed("seed")?;
    fields.finish(expected)?;
    let last = schedule.timesteps.saturating_sub(1) as f64;
    let times = times.unwrap_or_else(|| linspace(0.0, last, 100).collect());
    let positions = forward_paths(&floats("points", &points)?, &schedule, &times, seed)
        .map_err(in_javascript)?;
    Ok(object([
        ("times", Float64Array::from(times.as_slice()).into()),
        ("positions", Float32Array::from(positions.as_slice()).into()),
    ]))
}
