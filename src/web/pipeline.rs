//! Bindings of checkpoints and image pipelines.

use std::collections::BTreeMap;

use js_sys::{JsString, Uint8Array};
use serde::{Serialize, Serializer};
use serde_json::Value;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments;
use super::options::{in_javascript, sample_options};
use super::{WasmDevice, WasmSampling};
use crate::diffusion::Denoiser;
use crate::sampler::Run;
use crate::{Checkpoint, Pipeline, json};

/// The files of a checkpoint, by path inside it, for a [`WasmPipeline`].
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct CheckpointFiles {
    files: BTreeMap<String, Vec<u8>>,
}

#[wasm_bindgen]
impl CheckpointFiles {
    /// No files.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    ///
    /// # Errors
    /// `invalid-option` for a path that is not a string, and for contents that are not a `Uint8Array`.
    pub fn add(&mut self, path: JsString, bytes: Uint8Array) -> Result<(), JsValue> {
        let path = arguments::text("path", &path)?;
        let bytes = arguments::bytes(&path, &bytes)?;
        self.files.insert(path, bytes);
        Ok(())
    }
}

/// A [`Pipeline`] on a device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmPipeline {
    pub(super) pipeline: Pipeline,
    pub(super) device: WasmDevice,
}

#[wasm_bindgen]
impl WasmPipeline {
    /// Loads the network onto the device. The files are consumed, and freed on return.
    ///
    /// # Errors
    /// Those of [`Checkpoint::from_files`] and [`Pipeline::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(files: CheckpointFiles, device: &WasmDevice) -> Result<Self, JsValue> {
        device.check()?;
        let checkpoint = Checkpoint::from_files(files.files)?;
        Ok(Self {
            pipeline: Pipeline::new(checkpoint, &device.device)?,
            device: device.clone(),
        })
    }

    /// Side of square images, or height and width.
    #[wasm_bindgen(getter, js_name = sampleSize, unchecked_return_type = "number | [number, number]")]
    pub fn sample_size(&self) -> JsValue {
        match self.pipeline.sample_size() {
            [height, width] if height == width => JsValue::from(height as u32),
            [height, width] => [height as u32, width as u32]
                .map(JsValue::from)
                .into_iter()
                .collect::<js_sys::Array>()
                .into(),
        }
    }

    /// Number of channels of an image.
    #[wasm_bindgen(getter)]
    pub fn channels(&self) -> usize {
        self.pipeline.channels()
    }

    /// Number of weights of the network.
    #[wasm_bindgen(getter, js_name = parameterCount)]
    pub fn parameter_count(&self) -> usize {
        self.pipeline.parameter_count()
    }

    /// Names of the classes, or `null`.
    #[wasm_bindgen(getter, unchecked_return_type = "string[] | null")]
    pub fn labels(&self) -> JsValue {
        let Some(labels) = self.pipeline.labels() else {
            return JsValue::NULL;
        };
        labels
            .iter()
            .map(JsValue::from)
            .collect::<js_sys::Array>()
            .into()
    }

    /// Number of class labels, including the null class; 0 for an unconditional network.
    #[wasm_bindgen(getter, js_name = classCount)]
    pub fn class_count(&self) -> usize {
        self.pipeline.class_count()
    }

    /// Label of the null class, or `null`.
    #[wasm_bindgen(getter, js_name = nullClassLabel, unchecked_return_type = "number | null")]
    pub fn null_class_label(&self) -> JsValue {
        let label = self.pipeline.null_class_label();
        label.map_or(JsValue::NULL, |label| JsValue::from(label as u32))
    }

    /// The unmodified contents of `scheduler_config.json`, including non-finite numbers.
    #[wasm_bindgen(getter, js_name = schedulerConfig, unchecked_return_type = "Record<string, unknown>")]
    pub fn scheduler_config(&self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let fields = self.pipeline.scheduler_json().iter();
        let fields = fields.map(|(key, value)| (key, Python(value)));
        let object = serializer.collect_map(fields);
        // Values from JSON can always be converted.
        object.unwrap_or(JsValue::NULL)
    }

    /// `alpha²` of each training timestep, diffusers' `alphas_cumprod`; empty for models without discrete timesteps.
    #[wasm_bindgen(getter, js_name = alphasCumprod)]
    pub fn alphas_cumprod(&self) -> Vec<f64> {
        let schedule = self.pipeline.scheduler().process.schedule();
        schedule.map_or_else(Vec::new, |schedule| schedule.alpha_bars().to_vec())
    }

    /// Warnings about incompatible scheduler options, as sentences.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> Vec<String> {
        self.pipeline.scheduler().warnings()
    }

    /// Starts a sampling run.
    ///
    /// # Errors
    /// `invalid-option` and `unsupported` name the option.
    pub fn sample(&self, options: JsValue) -> Result<WasmSampling, JsValue> {
        self.device.check()?;
        let options = sample_options(&options, &self.pipeline).map_err(in_javascript)?;
        let sampling = self.pipeline.sample(&options).map_err(in_javascript)?;
        Ok(self.running(sampling))
    }
}

impl WasmPipeline {
    pub(super) fn running(&self, sampling: Run<impl Denoiser<4> + 'static, 4>) -> WasmSampling {
        WasmSampling::new(sampling, self.pipeline.data_range(), self.device.clone())
    }
}

/// JSON with non-finite numbers, which JavaScript supports.
struct Python<'a>(&'a Value);

impl Serialize for Python<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(values) => serializer.collect_seq(values.iter().map(Python)),
            Value::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(key, value)| (key, Python(value))))
            }
            value => match json::number(value) {
                Some(number) => serializer.serialize_f64(number),
                None => value.serialize(serializer),
            },
        }
    }
}
