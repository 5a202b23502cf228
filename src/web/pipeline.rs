//! Loading a checkpoint and starting samplings.

use std::collections::BTreeMap;

use js_sys::{JsString, Uint8Array};
use serde::{Serialize, Serializer};
use serde_json::Value;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments;
use super::options::{in_javascript, sample_options};
use super::{WasmDevice, WasmSampling};
use crate::pipeline::ImageSampling;
use crate::{Checkpoint, Pipeline, json};

/// The files of a checkpoint, by path inside it, on their way into a [`WasmPipeline`].
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

    /// Adds a file, or replaces it.
    ///
    /// # Errors
    /// `invalid-option` for a path that is no string, and contents that are no `Uint8Array`.
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
    /// Loads the network onto the device. The files are consumed, and freed when it returns.
    ///
    /// # Errors
    /// All of [`Checkpoint::from_files`] and [`Pipeline::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(files: CheckpointFiles, device: &WasmDevice) -> Result<Self, JsValue> {
        device.check()?;
        let checkpoint = Checkpoint::from_files(files.files)?;
        Ok(Self {
            pipeline: Pipeline::new(checkpoint, &device.device)?,
            device: device.clone(),
        })
    }

    /// Side of the square images, or their height and width.
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

    /// Channels of an image.
    #[wasm_bindgen(getter)]
    pub fn channels(&self) -> usize {
        self.pipeline.channels()
    }

    /// Numbers in the network's weights.
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

    /// Number of class labels, the null class included; 0 for an unconditional network.
    #[wasm_bindgen(getter, js_name = classCount)]
    pub fn class_count(&self) -> usize {
        self.pipeline.class_count()
    }

    /// The class label that means "no class", or `null`.
    #[wasm_bindgen(getter, js_name = nullClassLabel, unchecked_return_type = "number | null")]
    pub fn null_class_label(&self) -> JsValue {
        let label = self.pipeline.null_class_label();
        label.map_or(JsValue::NULL, |label| JsValue::from(label as u32))
    }

    /// `scheduler_config.json` as it was read, with -Infinity where it has that.
    #[wasm_bindgen(getter, js_name = schedulerConfig, unchecked_return_type = "Record<string, unknown>")]
    pub fn scheduler_config(&self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let fields = self.pipeline.scheduler_json().iter();
        let fields = fields.map(|(key, value)| (key, Python(value)));
        let object = serializer.collect_map(fields);
        // What came from JSON can become JSON again.
        object.unwrap_or(JsValue::NULL)
    }

    /// `alpha²` for each timestep of training, diffusers' `alphas_cumprod`; empty for a model that was not trained on timesteps.
    #[wasm_bindgen(getter, js_name = alphasCumprod)]
    pub fn alphas_cumprod(&self) -> Vec<f64> {
        let schedule = self.pipeline.scheduler().process.schedule();
        schedule.map_or_else(Vec::new, |schedule| schedule.alpha_bars().to_vec())
    }

    /// Sentences about options of the scheduler that are wrong together.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> Vec<String> {
        self.pipeline.scheduler().warnings()
    }

    /// Starts a sampling.
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
    pub(super) fn running(&self, sampling: ImageSampling) -> WasmSampling {
        WasmSampling::new(sampling, self.pipeline.data_range(), self.device.clone())
    }
}

/// JSON with the numbers that it lacks, which JavaScript has.
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
