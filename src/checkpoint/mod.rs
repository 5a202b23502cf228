//! Diffusers checkpoints: folders with `config.json`, `scheduler_config.json` and safetensors.
//!
//! Both the folder of a pipeline (`model_index.json`, `unet/`, `scheduler/`) and the flat layout of older models are
//! supported, with the weights in one file or in shards, in `f32`, `f16`, `bf16` or `f64`.

mod files;
mod load;
mod process_file;
mod save;
pub mod scheduler;
pub(crate) mod tensor_file;
mod weights;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use serde_json::{Map, Value};

#[cfg(all(feature = "cli", not(target_family = "wasm")))]
mod folder;

#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub use folder::write_folder;
pub use save::{DIFFUSERS_VERSION, SavedPipeline, WeightFormat};
pub use scheduler::{SchedulerClass, SchedulerConfig};

use self::files::Files;
use self::load::Loader;
use self::weights::Weights;
use crate::nn::unet2d::config::TimeEmbeddingType;
use crate::nn::{UNet2d, UNet2dConfig};
use crate::{Error, Result};

/// Pipelines that sample in the space of the network, without further models.
const PIPELINES: [&str; 5] = [
    "DDPMPipeline",
    "DDIMPipeline",
    "PNDMPipeline",
    "ScoreSdeVePipeline",
    "ConsistencyModelPipeline",
];
/// Default of `num_train_timesteps`.
const DEFAULT_TRAIN_TIMESTEPS: u64 = 1000;

/// A diffusers checkpoint, with parsed configuration and the weights as bytes.
pub struct Checkpoint {
    unet_config: UNet2dConfig,
    scheduler_config: Map<String, Value>,
    labels: Option<Vec<String>>,
    null_class_label: Option<usize>,
    weights: Weights,
}

impl Checkpoint {
    /// Reads a checkpoint from its files, by path inside the checkpoint. A single folder that contains everything is
    /// ignored, as are files that the checkpoint does not need.
    ///
    /// # Errors
    /// [`Error::MissingFile`] and [`Error::MalformedFile`]; unsupported configuration values are errors that name the
    /// option.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let mut files = Files::new(files);
        let index = check_pipeline(&files)?;
        let folder = files.unet_folder()?;
        let name = format!("{folder}config.json");
        let unet_config = read_unet_config(&name, &files.object(&name)?)?;
        let scheduler_config = files.scheduler_config()?;
        check_timesteps(&unet_config, &scheduler_config)?;
        Ok(Self {
            labels: read_labels(&index, &unet_config)?,
            null_class_label: read_null_class_label(&index, &unet_config)?,
            weights: files.weights(folder)?,
            unet_config,
            scheduler_config,
        })
    }

    /// Reads a checkpoint from a folder in the file system.
    ///
    /// # Errors
    /// Those of [`Checkpoint::from_files`]; [`Error::MalformedFile`] for a folder that cannot be read.
    #[cfg(not(target_family = "wasm"))]
    pub fn read_folder(folder: &std::path::Path) -> Result<Self> {
        Self::from_files(files::read_folder(folder)?)
    }

    /// Reads the fields of the `config.json` of a `UNet2DModel`, in which `sample_size` is required.
    ///
    /// # Errors
    /// Those of [`UNet2dConfig::from_json`], and an error for other classes of models.
    pub fn read_unet_config(fields: &Map<String, Value>) -> Result<UNet2dConfig> {
        read_unet_config("config.json", fields)
    }

    /// Configuration of the network.
    pub fn unet_config(&self) -> &UNet2dConfig {
        &self.unet_config
    }

    /// The unmodified contents of `scheduler_config.json`.
    pub fn scheduler_config(&self) -> &Map<String, Value> {
        &self.scheduler_config
    }

    /// Names of the classes: `"labels"` in `model_index.json`, an extension of this crate.
    pub fn labels(&self) -> Option<&[String]> {
        self.labels.as_deref()
    }

    /// Index of the null class: `"null_class_label"` in `model_index.json`, an extension of this crate.
    pub fn null_class_label(&self) -> Option<usize> {
        self.null_class_label
    }

    /// Builds the network. Tensors are created one by one from the bytes, which are freed immediately, so that the peak
    /// memory is that of the files and the network.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::TensorShape`] or [`Error::UnusedTensors`] if the weights do not match the
    /// configuration.
    pub fn load_unet(self, device: &Device) -> Result<UNet2d> {
        let mut loader = Loader::new(self.weights);
        let network = UNet2d::new(&self.unet_config, device)?.map(&mut loader);
        loader.finish().map(|()| network)
    }
}

/// Lists the contents, without the weights.
impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Checkpoint")
            .field("unet_config", &self.unet_config)
            .field("scheduler_config", &self.scheduler_config)
            .field("labels", &self.labels)
            .field("null_class_label", &self.null_class_label)
            .finish_non_exhaustive()
    }
}

/// Reads `model_index.json`, if it exists, and rejects pipelines with further models.
fn check_pipeline(files: &Files) -> Result<Map<String, Value>> {
    let Some(index) = files.object_if_present("model_index.json")? else {
        return Ok(Map::new());
    };
    match index.get("_class_name").and_then(Value::as_str) {
        Some(class) if !PIPELINES.contains(&class) => {
            return Err(Error::unsupported(
                "_class_name in model_index.json",
                class,
                PIPELINES.join(", "),
            ));
        }
        _ => (),
    }
    match index
        .get("unet")
        .and_then(|unet| unet.get(1))
        .and_then(Value::as_str)
    {
        Some(class) if class != "UNet2DModel" => Err(Error::unsupported(
            "unet in model_index.json",
            class,
            "UNet2DModel",
        )),
        _ => Ok(index),
    }
}

fn read_unet_config(name: &str, fields: &Map<String, Value>) -> Result<UNet2dConfig> {
    match fields.get("_class_name").and_then(Value::as_str) {
        Some(class) if class != "UNet2DModel" => {
            return Err(Error::unsupported(
                format!("_class_name in {name}"),
                class,
                "UNet2DModel",
            ));
        }
        _ => (),
    }
    let config = UNet2dConfig::from_json(fields)?;
    match config.sample_size {
        Some(_) => Ok(config),
        None => Err(Error::InvalidOption {
            name: "sample_size".to_owned(),
            expected: "given".to_owned(),
            value: "null".to_owned(),
        }),
    }
}

/// Checks that a learned time embedding covers all timesteps of the scheduler.
fn check_timesteps(config: &UNet2dConfig, scheduler: &Map<String, Value>) -> Result<()> {
    let asked = match scheduler.get("num_train_timesteps") {
        None | Some(Value::Null) => DEFAULT_TRAIN_TIMESTEPS,
        Some(count) => count.as_u64().unwrap_or(u64::MAX),
    };
    match (config.time_embedding_type, config.num_train_timesteps) {
        (TimeEmbeddingType::Learned, Some(known)) if asked > known as u64 => Err(Error::invalid(
            "num_train_timesteps of the network",
            format!("at least the {asked} of the scheduler"),
            known,
        )),
        _ => Ok(()),
    }
}

fn read_labels(index: &Map<String, Value>, config: &UNet2dConfig) -> Result<Option<Vec<String>>> {
    let Some(value) = index.get("labels").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let labels: Vec<String> = serde_json::from_value(value.clone())
        .map_err(|error| Error::malformed("model_index.json", format!("labels: {error}")))?;
    match config.class_count() {
        classes if labels.len() <= classes => Ok(Some(labels)),
        classes => Err(Error::invalid(
            "labels in model_index.json",
            format!("at most {classes} names, one for each class of the network"),
            labels.len(),
        )),
    }
}

fn read_null_class_label(
    index: &Map<String, Value>,
    config: &UNet2dConfig,
) -> Result<Option<usize>> {
    let Some(value) = index
        .get("null_class_label")
        .filter(|value| !value.is_null())
    else {
        return Ok(None);
    };
    let classes = config.class_count();
    match value.as_u64().and_then(|label| usize::try_from(label).ok()) {
        Some(label) if label < classes => Ok(Some(label)),
        _ => Err(Error::InvalidOption {
            name: "null_class_label in model_index.json".to_owned(),
            expected: format!("a class below {classes}, the number of classes of the network"),
            value: value.to_string(),
        }),
    }
}
