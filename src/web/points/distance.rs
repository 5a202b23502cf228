//! Binding of distances between sets of points.

use js_sys::Float32Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::Result;
use crate::distance::sliced_wasserstein::{self, Order};
use crate::distance::{mmd, pairs, squared_mmd};
use crate::web::arguments::floats;
use crate::web::options::{Fields, is_given, refused};

/// Distances between two sets of points.
///
/// # Errors
/// `invalid-option` names the option, or the set.
#[wasm_bindgen(js_name = distanceOfPoints)]
pub fn distance_of_points(
    a: Float32Array,
    b: Float32Array,
    options: JsValue,
) -> Result<f64, JsValue> {
    let (a, b) = (floats("a", &a)?, floats("b", &b)?);
    Ok(distance(&a, &b, &options)?)
}

fn distance(a: &[f32], b: &[f32], options: &JsValue) -> Result<f64> {
    let expected = "an object of the options metric, and of the metric mmd bandwidth, estimator, or of sliced-wasserstein order, projections, seed";
    let mut fields = Fields::read("options", expected, options)?;
    let names = ["mmd", "sliced-wasserstein"];
    let metric = fields.choice("metric", &names)?;
    let metric = metric
        .ok_or_else(|| refused("metric", "mmd or sliced-wasserstein", &JsValue::UNDEFINED))?;
    let (a, b) = (pairs("a", a)?, pairs("b", b)?);
    if metric == "mmd" {
        for name in ["order", "projections", "seed"] {
            fields.refuse(name, "metric", metric)?;
        }
        let options = mmd::Options {
            bandwidth: fields.number("bandwidth")?,
            estimator: match fields.choice("estimator", &["unbiased", "biased"])? {
                Some("biased") => mmd::Estimator::Biased,
                _ => mmd::Estimator::Unbiased,
            },
        };
        fields.finish(expected)?;
        return squared_mmd(a, b, &options);
    }
    for name in ["bandwidth", "estimator"] {
        fields.refuse(name, "metric", metric)?;
    }
    let default = sliced_wasserstein::Options::default();
    let options = sliced_wasserstein::Options {
        order: order(&fields.take("order"))?,
        projections: fields.whole("projections")?.unwrap_or(default.projections),
        seed: fields.seed("seed")?,
    };
    fields.finish(expected)?;
    sliced_wasserstein::sliced_wasserstein(a, b, &options)
}

fn order(value: &JsValue) -> Result<Order> {
    match value.as_f64() {
        Some(1.0) => Ok(Order::First),
        Some(2.0) => Ok(Order::Second),
        None if !is_given(value) => Ok(Order::Second),
        _ => Err(refused("order", "1 or 2", value)),
    }
}
