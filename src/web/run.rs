//! What the runs that JavaScript steps have in common.

use burn::tensor::Tensor;
use js_sys::{Float32Array, Promise};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use super::WasmDevice;
use crate::sampler::Progress;
use crate::{Error, Result};

#[derive(Serialize)]
struct JsProgress {
    step: usize,
    steps: usize,
    timestep: f64,
}

/// How far a run is, or `undefined` where it was complete before.
pub(super) fn progress(progress: Option<Progress>) -> Result<JsValue, JsValue> {
    let Some(Progress {
        step,
        steps,
        timestep,
    }) = progress
    else {
        return Ok(JsValue::UNDEFINED);
    };
    Ok(serde_wasm_bindgen::to_value(&JsProgress {
        step,
        steps,
        timestep,
    })?)
}

/// Resolves when the device has computed all that was submitted so far.
pub(super) fn settled(device: WasmDevice) -> Promise {
    future_to_promise(async move {
        device.settled().await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// The tensor as a `Float32Array`, once it is read back; an error rejects the promise.
pub(super) fn values<const D: usize>(tensor: Result<Tensor<D>>, device: WasmDevice) -> Promise {
    future_to_promise(async move {
        let values = read(tensor?, device).await?;
        Ok(Float32Array::from(values.as_slice()).into())
    })
}

/// Reads a tensor back from the device.
pub(super) async fn read<const D: usize>(
    tensor: Tensor<D>,
    device: WasmDevice,
) -> Result<Vec<f32>> {
    device.check()?;
    let lost = |error: &dyn std::fmt::Display| {
        Error::Device(format!("the sample cannot be read back: {error}"))
    };
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| lost(&error))?;
    device.check()?;
    data.try_into_vec::<f32>().map_err(|error| lost(&error))
}

/// The error of a reading that exists at the end alone.
pub(super) fn not_yet(name: &str, step: usize, steps: usize) -> Error {
    Error::InvalidOption {
        name: name.to_owned(),
        expected: "asked for after the last step".to_owned(),
        value: format!("asked for after step {step} of {steps}"),
    }
}
