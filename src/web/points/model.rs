//! Binding of point models.

mod calls;

use js_sys::{Float32Array, Float64Array, Promise, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::options::{density_options, read_mixture, schedule};
use super::{WasmPointDensity, WasmPointSampling, object};
use crate::Error;
use crate::distance::pairs;
use crate::pipeline::PointModel;
use crate::points::{PointDenoiser, PointPipeline};
use crate::web::WasmDevice;
use crate::web::arguments::{self, floats};
use crate::web::options::in_javascript;
use crate::web::run::{read, values};

/// A [`PointPipeline`] on a device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmPointModel {
    pub(super) pipeline: PointPipeline,
    pub(super) device: WasmDevice,
}

#[wasm_bindgen]
impl WasmPointModel {
    /// The ideal model of points, `[count, 2]`.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `points`.
    pub fn ideal(
        points: Float32Array,
        of: JsValue,
        device: &WasmDevice,
    ) -> Result<WasmPointModel, JsValue> {
        device.check()?;
        let points = floats("points", &points)?;
        let points = pairs("points", &points)?;
        let pipeline = PointPipeline::of_points(points, schedule(&of)?, &device.device);
        Ok(Self {
            pipeline: pipeline.map_err(in_javascript)?,
            device: device.clone(),
        })
    }

    /// The ideal model of a Gaussian mixture.
    ///
    /// # Errors
    /// `invalid-option` describes the problem with the mixture or the schedule.
    pub fn mixture(
        mixture: JsValue,
        of: JsValue,
        device: &WasmDevice,
    ) -> Result<WasmPointModel, JsValue> {
        device.check()?;
        let mixture = read_mixture(&mixture)?;
        let pipeline = PointPipeline::of_mixture(&mixture, schedule(&of)?, &device.device);
        Ok(Self {
            pipeline: pipeline.map_err(in_javascript)?,
            device: device.clone(),
        })
    }

    /// Reads a trained model from a safetensors file.
    ///
    /// # Errors
    /// `malformed-file`, and errors about tensors.
    #[wasm_bindgen(js_name = fromSafetensors)]
    pub fn from_safetensors(
        bytes: Uint8Array,
        device: &WasmDevice,
    ) -> Result<WasmPointModel, JsValue> {
        device.check()?;
        let model =
            PointModel::from_safetensors(&arguments::bytes("bytes", &bytes)?, &device.device)?;
        Ok(Self {
            pipeline: PointPipeline::learned(model, &device.device)?,
            device: device.clone(),
        })
    }

    /// `"learned"` or `"ideal"`.
    #[wasm_bindgen(getter, unchecked_return_type = "\"learned\" | \"ideal\"")]
    pub fn kind(&self) -> String {
        let kind = match self.pipeline.denoiser() {
            PointDenoiser::Ideal(_) => "ideal",
            PointDenoiser::Learned(_) => "learned",
        };
        kind.into()
    }

    /// Dimension of the points.
    #[wasm_bindgen(getter)]
    pub fn dimensions(&self) -> usize {
        self.pipeline.dimensions()
    }

    /// Number of timesteps of the schedule.
    #[wasm_bindgen(getter)]
    pub fn timesteps(&self) -> usize {
        self.pipeline.schedule().len()
    }

    /// Number of weights of the network.
    #[wasm_bindgen(getter, js_name = parameterCount)]
    pub fn parameter_count(&self) -> usize {
        self.pipeline.parameter_count()
    }

    /// Warnings about a noise schedule that does not end in noise, as sentences.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> Vec<String> {
        self.pipeline.warnings()
    }

    /// Starts a sampling run.
    ///
    /// # Errors
    /// `invalid-option` and `unsupported` name the option.
    pub fn sample(&self, options: JsValue) -> Result<WasmPointSampling, JsValue> {
        self.device.check()?;
        let options = self.sample_options(&options).map_err(in_javascript)?;
        let run = self.pipeline.sample(&options).map_err(in_javascript)?;
        Ok(WasmPointSampling::new(run, self.device.clone()))
    }

    /// Encodes points to latents along the probability-flow ODE.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `points`.
    pub fn encode(
        &self,
        points: Float32Array,
        options: JsValue,
    ) -> Result<WasmPointSampling, JsValue> {
        let run = self
            .pipeline
            .encode(&floats("points", &points)?, self.flow_options(&options)?);
        Ok(WasmPointSampling::new(run?, self.device.clone()))
    }

    /// Decodes latents to points along the probability-flow ODE.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `latents`.
    pub fn decode(
        &self,
        latents: Float32Array,
        options: JsValue,
    ) -> Result<WasmPointSampling, JsValue> {
        let run = self
            .pipeline
            .decode(&floats("latents", &latents)?, self.flow_options(&options)?);
        Ok(WasmPointSampling::new(run?, self.device.clone()))
    }

    /// The path of points along the flow from one time to another: `{ times, positions }`.
    #[wasm_bindgen(
        unchecked_return_type = "Promise<{ times: Float64Array, positions: Float32Array }>"
    )]
    pub fn paths(&self, points: Float32Array, options: JsValue) -> Promise {
        let (path, device) = (self.path(&points, &options), self.device.clone());
        future_to_promise(async move {
            let path = path?;
            let all = burn::tensor::Tensor::cat(path.positions, 0);
            let positions = read(all, device).await?;
            Ok(object([
                ("times", Float64Array::from(path.times.as_slice()).into()),
                ("positions", Float32Array::from(positions.as_slice()).into()),
            ]))
        })
    }

    /// A quantity at each of the points.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn field(&self, points: Float32Array, options: JsValue) -> Promise {
        values(self.quantity(&points, &options), self.device.clone())
    }

    /// Starts a run that computes `ln p_t` at points along the flow.
    ///
    /// # Errors
    /// `invalid-option` names the option, or `points`.
    #[wasm_bindgen(js_name = logDensity)]
    pub fn log_density(
        &self,
        points: Float32Array,
        options: JsValue,
    ) -> Result<WasmPointDensity, JsValue> {
        self.device.check()?;
        let options = density_options(&options)?;
        Ok(WasmPointDensity {
            run: self
                .pipeline
                .log_density(&floats("points", &points)?, options)?,
            device: self.device.clone(),
        })
    }

    /// `ln p_t` at points in closed form.
    #[wasm_bindgen(js_name = closedLogDensity, unchecked_return_type = "Promise<Float32Array>")]
    pub fn closed_log_density(&self, points: Float32Array, options: JsValue) -> Promise {
        values(self.closed(&points, &options), self.device.clone())
    }

    /// Weights and configuration as a safetensors file, a `Uint8Array`.
    #[wasm_bindgen(js_name = toSafetensors, unchecked_return_type = "Promise<Uint8Array>")]
    pub fn to_safetensors(&self) -> Promise {
        let denoiser = self.pipeline.denoiser().clone();
        future_to_promise(async move {
            match denoiser {
                PointDenoiser::Learned(model) => {
                    let bytes = model.to_safetensors_async().await?;
                    Ok(Uint8Array::from(bytes.as_slice()).into())
                }
                PointDenoiser::Ideal(_) => {
                    let supported = "learned ones, which have weights";
                    Err(Error::unsupported("toSafetensors of a model", "ideal", supported).into())
                }
            }
        })
    }
}
