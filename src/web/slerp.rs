//! Binding of the interpolation of latents.

use burn::tensor::{Device, Tensor, TensorData};
use js_sys::{Float32Array, Number};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::{floats, number};
use crate::diffusion;
use crate::{Error, Result};

/// Interpolates between two latents by slerp.
///
/// # Errors
/// `invalid-option` for latents of different lengths, empty latents, and `t` outside 0 to 1.
#[wasm_bindgen]
pub async fn slerp(from: Float32Array, to: Float32Array, t: Number) -> Result<Vec<f32>, JsValue> {
    let (from, to) = (floats("from", &from)?, floats("to", &to)?);
    Ok(between(from, to, number("t", &t)?).await?)
}

async fn between(from: Vec<f32>, to: Vec<f32>, t: f64) -> Result<Vec<f32>> {
    if from.is_empty() {
        return Err(Error::invalid("from", "a latent", "empty"));
    }
    if from.len() != to.len() {
        let expected = format!("a list of {} numbers, the length of from", from.len());
        return Err(Error::InvalidOption {
            name: "to".to_owned(),
            expected,
            value: format!("of {}", to.len()),
        });
    }
    if !(0.0..=1.0).contains(&t) {
        return Err(Error::invalid("t", "between 0 and 1", t));
    }
    let row = |values: Vec<f32>| {
        let shape = [1, values.len()];
        Tensor::<2>::from_data(TensorData::new(values, shape), &Device::flex())
    };
    let unread = |error: &dyn std::fmt::Display| {
        Error::Device(format!("the interpolation cannot be read: {error}"))
    };
    let between = diffusion::slerp(row(from), row(to), t);
    let data = between.into_data_async().await;
    let data = data.map_err(|error| unread(&error))?;
    data.try_into_vec().map_err(|error| unread(&error))
}
