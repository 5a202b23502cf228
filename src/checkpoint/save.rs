//! Saving of checkpoints in the layout of diffusers.

use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Map, Value, json};

use crate::nn::{UNet2d, state_dict};
use crate::{Error, Result, json};

/// Version of diffusers with this layout.
pub const DIFFUSERS_VERSION: &str = "0.42.1";
/// Path of the weights in diffusers.
const WEIGHTS: &str = "unet/diffusion_pytorch_model.safetensors";

/// Number format of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightFormat {
    /// Unchanged, 32 bits.
    #[default]
    F32,
    /// 16 bits, rounded to 11 significant bits.
    F16,
}

/// A model to save as a diffusers pipeline: `model_index.json`, `unet/` and `scheduler/`.
#[derive(Clone, Debug)]
pub struct SavedPipeline<'a> {
    /// Fields of the network's `config.json`; missing fields keep their defaults.
    pub unet_config: &'a Map<String, Value>,
    /// Fields of `scheduler_config.json`, including `_class_name`.
    pub scheduler_config: &'a Map<String, Value>,
    /// Names of the classes; an extension of `model_index.json`.
    pub labels: &'a [String],
    /// Index of the null class; an extension of `model_index.json`.
    pub null_class_label: Option<usize>,
    /// The network, which must match the configuration.
    pub network: &'a UNet2d,
    /// Number format of the weights.
    pub format: WeightFormat,
}

impl SavedPipeline<'_> {
    /// The files by their paths inside the folder, readable by
    /// [`Checkpoint::from_files`](super::Checkpoint::from_files) and by diffusers.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where a weight is not finite in the format, and [`Error::Device`] if the device is
    /// lost.
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut config = self.unet_config.clone();
        let scheduler = self.scheduler_config.clone();
        config.insert("_class_name".to_owned(), json!("UNet2DModel"));
        config.insert("_diffusers_version".to_owned(), json!(DIFFUSERS_VERSION));
        Ok(BTreeMap::from([
            ("model_index.json".to_owned(), json::write(&self.index())),
            ("unet/config.json".to_owned(), json::write(&config)),
            (
                "scheduler/scheduler_config.json".to_owned(),
                json::write(&scheduler),
            ),
            (WEIGHTS.to_owned(), self.weights()?),
        ]))
    }

    fn index(&self) -> Map<String, Value> {
        let class = self
            .scheduler_config
            .get("_class_name")
            .and_then(Value::as_str)
            .unwrap_or("DDPMScheduler");
        let pipeline = match class {
            "DDIMScheduler" => "DDIMPipeline",
            _ => "DDPMPipeline",
        };
        let mut index = Map::from_iter([
            ("_class_name".to_owned(), json!(pipeline)),
            ("_diffusers_version".to_owned(), json!(DIFFUSERS_VERSION)),
            ("scheduler".to_owned(), json!(["diffusers", class])),
            ("unet".to_owned(), json!(["diffusers", "UNet2DModel"])),
        ]);
        if !self.labels.is_empty() {
            index.insert("labels".to_owned(), json!(self.labels));
        }
        if let Some(label) = self.null_class_label {
            index.insert("null_class_label".to_owned(), json!(label));
        }
        index
    }

    fn weights(&self) -> Result<Vec<u8>> {
        let mut stored = Vec::new();
        for parameter in state_dict::parameters(self.network) {
            let tensor = parameter.named();
            let data = tensor.values.try_into_data();
            let data = data.map_err(|error| {
                Error::Device(format!("the device cannot be read from: {error}"))
            })?;
            let bytes = self.format.write(&tensor.name, data.iter::<f32>())?;
            stored.push((tensor.name, tensor.shape, bytes));
        }
        let malformed = |error: safetensors::SafeTensorError| Error::malformed(WEIGHTS, error);
        let mut views = Vec::with_capacity(stored.len());
        for (name, shape, bytes) in &stored {
            let view = TensorView::new(self.format.dtype(), shape.clone(), bytes);
            views.push((name, view.map_err(malformed)?));
        }
        // Required by diffusers.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize(views, Some(metadata)).map_err(malformed)
    }
}

impl WeightFormat {
    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F16 => Dtype::F16,
        }
    }

    fn write(self, name: &str, mut values: impl Iterator<Item = f32>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let unfit = values.find(|value| match self {
            Self::F32 => {
                bytes.extend(value.to_le_bytes());
                !value.is_finite()
            }
            Self::F16 => {
                let half = f16::from_f32(*value);
                bytes.extend(half.to_le_bytes());
                !half.is_finite()
            }
        });
        match unfit {
            Some(value) => Err(Error::invalid(
                format!("a weight of {name}"),
                format!("a number that {self:?} can represent"),
                value,
            )),
            None => Ok(bytes),
        }
    }
}
