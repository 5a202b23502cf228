//! Layouts of checkpoint folders.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::weights::Weights;
use crate::{Error, Result, json};

const WEIGHTS: [&str; 2] = [
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
];
const INDICES: [&str; 3] = [
    "diffusion_pytorch_model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors.index.fp16.json",
    "diffusion_pytorch_model.fp16.safetensors.index.json",
];
const PICKLES: [&str; 3] = [
    "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.fp16.bin",
    "diffusion_pytorch_model.bin.index.json",
];

/// The files of a checkpoint by their paths inside it.
pub(super) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Ignores a leading `./` or `/`, and a single folder that contains everything.
    pub(super) fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        let files: BTreeMap<_, _> = files
            .into_iter()
            .map(|(path, bytes)| {
                (
                    path.trim_start_matches("./")
                        .trim_start_matches('/')
                        .to_owned(),
                    bytes,
                )
            })
            .collect();
        let around = files
            .keys()
            .next()
            .and_then(|path| path.split_once('/'))
            .map(|(folder, _)| format!("{folder}/"))
            .filter(|folder| files.keys().all(|path| path.starts_with(folder)));
        match around {
            Some(folder) => Self(
                files
                    .into_iter()
                    .map(|(path, bytes)| (path[folder.len()..].to_owned(), bytes))
                    .collect(),
            ),
            None => Self(files),
        }
    }

    /// The folder of the network, `"unet/"` or `""`.
    pub(super) fn unet_folder(&self) -> Result<&'static str> {
        ["unet/", ""]
            .into_iter()
            .find(|folder| self.0.contains_key(&format!("{folder}config.json")))
            .ok_or_else(|| self.missing("unet/config.json or config.json"))
    }

    /// The scheduler's configuration, in either layout.
    pub(super) fn scheduler_config(&self) -> Result<Map<String, Value>> {
        for name in ["scheduler/scheduler_config.json", "scheduler_config.json"] {
            if let Some(config) = self.object_if_present(name)? {
                return Ok(config);
            }
        }
        Err(self.missing("scheduler/scheduler_config.json or scheduler_config.json"))
    }

    /// Takes the weights of the network.
    pub(super) fn weights(&mut self, folder: &str) -> Result<Weights> {
        let mut weights = Weights::default();
        if let Some(name) = self.first_of(folder, &WEIGHTS) {
            let bytes = self.take(&name)?;
            weights.add(&name, bytes)?;
            return Ok(weights);
        }
        if let Some(index) = self.first_of(folder, &INDICES) {
            self.add_shards(&mut weights, folder, &index)?;
            return Ok(weights);
        }
        Err(match self.first_of(folder, &PICKLES) {
            Some(pickle) => Error::malformed(
                pickle,
                "it is a Python pickle, which can run code when it is loaded; convert it with \
                 diffusers: UNet2DModel.from_pretrained(folder).save_pretrained(folder)",
            ),
            None => self.missing(&format!("{folder}{}", WEIGHTS[0])),
        })
    }

    /// Reads a JSON object.
    pub(super) fn object(&self, name: &str) -> Result<Map<String, Value>> {
        self.object_if_present(name)?
            .ok_or_else(|| self.missing(name))
    }

    /// Reads a JSON object if the file exists.
    pub(super) fn object_if_present(&self, name: &str) -> Result<Option<Map<String, Value>>> {
        self.0
            .get(name)
            .map(|bytes| json::read_object(name, bytes))
            .transpose()
    }

    /// Adds each shard of an index, and checks that its tensors match the index.
    fn add_shards(&mut self, weights: &mut Weights, folder: &str, index: &str) -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: BTreeMap<String, String>,
        }
        let bytes = self.take(index)?;
        let Index { weight_map } =
            json::read(&bytes).map_err(|error| json::malformed(index, &bytes, error))?;
        let mut shards = BTreeMap::<String, usize>::new();
        for (tensor, shard) in &weight_map {
            let name = format!("{folder}{shard}");
            if !shards.contains_key(&name) {
                weights.add(&name, self.take(&name)?)?;
            }
            *shards.entry(name.clone()).or_default() += 1;
            if !weights.holds(&name, tensor) {
                let reason = format!("it lists {tensor} in {name}, which does not contain it");
                return Err(Error::malformed(index, reason));
            }
        }
        let unlisted = shards
            .into_iter()
            .find(|(name, listed)| weights.count(name) != *listed);
        match unlisted {
            Some((name, _)) => {
                let reason = format!("{name} contains tensors that it does not list");
                Err(Error::malformed(index, reason))
            }
            None => Ok(()),
        }
    }

    fn first_of(&self, folder: &str, names: &[&str]) -> Option<String> {
        names
            .iter()
            .map(|name| format!("{folder}{name}"))
            .find(|name| self.0.contains_key(name))
    }

    fn take(&mut self, name: &str) -> Result<Vec<u8>> {
        self.0.remove(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        let present = if self.0.is_empty() {
            "nothing".to_owned()
        } else {
            self.0.keys().cloned().collect::<Vec<_>>().join(", ")
        };
        Error::MissingFile {
            name: name.to_owned(),
            present,
        }
    }
}

/// Reads the files that a checkpoint may need from a folder; for pickles only their names.
#[cfg(not(target_family = "wasm"))]
pub(super) fn read_folder(root: &std::path::Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for folder in ["", "unet/", "scheduler/"] {
        let path = root.join(folder);
        if !folder.is_empty() && !path.is_dir() {
            continue;
        }
        let malformed = |error: std::io::Error| Error::malformed(path.display().to_string(), error);
        for entry in std::fs::read_dir(&path).map_err(malformed)? {
            let entry = entry.map_err(malformed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = match entry.path().extension().and_then(|end| end.to_str()) {
                Some("json" | "safetensors") => std::fs::read(entry.path()).map_err(malformed)?,
                Some("bin") => Vec::new(),
                _ => continue,
            };
            files.insert(format!("{folder}{name}"), bytes);
        }
    }
    Ok(files)
}
