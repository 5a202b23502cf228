//! Saving and loading of training runs and trained models as safetensors.

use std::collections::BTreeMap;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::member::Member;
use super::options::FamilyOptions;
use super::request::{DIMENSIONS, check_numbers};
use super::trainer::{FamilyTrainer, class_count};
use crate::checkpoint::tensor_file::TensorFile;
use crate::nn::NamedTensor;
use crate::random::Generator;
use crate::train::Samples;
use crate::{Error, Result};

const ENTRY: &str = "family";
const PREFIXES: [&str; 4] = ["weights.", "average.", "moment_1.", "moment_2."];
const BUFFER: &str = "buffer.";
const POINTS: &str = "points";

/// Maximum number of classes; files with more are rejected.
const MAX_CLASSES: usize = 1000;

/// The metadata of a file: everything except the tensors.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The options, including the name of the model.
    options: Value,
    step: usize,
    /// Number of classes of the data.
    classes: usize,
    /// The class of each point; only in files of a training run.
    #[serde(default)]
    labels: Vec<usize>,
    /// Optimiser progress by name of the network.
    networks: BTreeMap<String, Progress>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    updates: usize,
    learning_rate: f64,
}

impl FamilyTrainer {
    /// The complete state needed to continue, including the data: weights, averages, Adam's moments and buffers as
    /// tensors, the rest as JSON in the metadata.
    ///
    /// # Errors
    /// None on the CPU.
    pub fn save(&self) -> Result<Vec<u8>> {
        let mut file = TensorFile::default();
        let labels = self.data.classes().to_vec();
        file.describe(ENTRY, &self.record(labels))?;
        for network in self.member.networks() {
            for (prefix, flat) in PREFIXES.into_iter().zip(network.lists()) {
                for (name, shape, values) in network.cut(flat) {
                    file.put(format!("{prefix}{name}"), shape, values);
                }
            }
        }
        for (name, values) in self.member.buffers() {
            file.put(format!("{BUFFER}{name}"), vec![values.len()], values);
        }
        file.put(POINTS, self.data.shape().to_vec(), self.data.values());
        file.write()
    }

    /// Restores a training run from the bytes returned by [`save`](Self::save).
    ///
    /// # Errors
    /// [`Error::MalformedFile`] if the bytes are not such a file; [`Error::MissingTensor`] and [`Error::TensorShape`]
    /// if its tensors do not match the network.
    pub fn restore(bytes: &[u8]) -> Result<Self> {
        let mut file = TensorFile::read(bytes)?;
        let record: Record = file.described(ENTRY)?;
        let points = file.take_tensors(POINTS, &Device::flex())?;
        let points = points
            .first()
            .ok_or_else(|| Error::malformed("the training", "it has no points"))?;
        let values = numbers(points);
        let mut data = Samples::new(values.clone(), [values.len() / DIMENSIONS, DIMENSIONS])?;
        if !record.labels.is_empty() {
            data = data.with_classes(record.labels.clone())?;
        }
        check_classes(class_count(&data))?;
        let mut trainer = Self::new(data, FamilyOptions::from_json(&record.options)?)?;
        load_networks(trainer.member.as_mut(), &mut file, &record)?;
        load_buffers(trainer.member.as_mut(), &mut file)?;
        trainer.resume_at(record.step);
        Ok(trainer)
    }

    /// The averaged weights without data and optimiser state, for [`load`].
    ///
    /// # Errors
    /// None on the CPU.
    pub fn weights(&self) -> Result<Vec<u8>> {
        let mut file = TensorFile::default();
        file.describe(ENTRY, &self.record(Vec::new()))?;
        for network in self.member.networks() {
            for (name, shape, values) in network.cut(network.average()) {
                file.put(name, shape, values);
            }
        }
        file.write()
    }

    fn record(&self, labels: Vec<usize>) -> Record {
        let progress = |network: &&super::network::Network| {
            let progress = Progress {
                updates: network.updates(),
                learning_rate: network.optimizer().learning_rate.peak,
            };
            (network.name().to_owned(), progress)
        };
        Record {
            options: self.options.to_json(),
            step: self.step,
            classes: class_count(&self.data),
            labels,
            networks: self.member.networks().iter().map(progress).collect(),
        }
    }
}

/// Loads a model for queries from the bytes returned by [`FamilyTrainer::weights`].
///
/// # Errors
/// [`Error::MalformedFile`] if the bytes are not such a file; [`Error::MissingTensor`] and [`Error::TensorShape`] if
/// its tensors do not match the network.
pub fn load(bytes: &[u8]) -> Result<Box<dyn Member>> {
    let mut file = TensorFile::read(bytes)?;
    let record: Record = file.described(ENTRY)?;
    check_classes(record.classes)?;
    let options = FamilyOptions::from_json(&record.options)?;
    options.plan()?;
    let mut member = options.build(record.classes, &mut Generator::new(0))?;
    let tensors = file.take_tensors("", &Device::flex())?;
    for network in member.networks_mut() {
        let weights = network.joined(&tensors)?;
        check_numbers(network.name(), &weights, network.parameter_count())?;
        network.start_from(&weights);
        if let Some(progress) = record.networks.get(network.name()) {
            network.set_updates(progress.updates);
        }
    }
    Ok(member)
}

fn check_classes(classes: usize) -> Result<()> {
    if classes <= MAX_CLASSES {
        return Ok(());
    }
    let expected = format!("at most {MAX_CLASSES}");
    Err(Error::invalid("classes", expected, classes))
}

fn load_networks(member: &mut dyn Member, file: &mut TensorFile, record: &Record) -> Result<()> {
    let mut lists = Vec::new();
    for prefix in PREFIXES {
        let mut tensors = file.take_tensors(prefix, &Device::flex())?;
        for tensor in &mut tensors {
            tensor.name.drain(..prefix.len());
        }
        lists.push(tensors);
    }
    for network in member.networks_mut() {
        let progress = record.networks.get(network.name()).ok_or_else(|| {
            let reason = format!("it has no network {}", network.name());
            Error::malformed("the training", reason)
        })?;
        let mut flat: [Vec<f32>; 4] = Default::default();
        for (flat, tensors) in flat.iter_mut().zip(&lists) {
            *flat = network.joined(tensors)?;
            check_numbers(network.name(), flat, flat.len())?;
        }
        network.set_lists(flat, progress.updates)?;
        network.optimizer_mut().learning_rate.peak = progress.learning_rate;
        network.optimizer().check()?;
    }
    Ok(())
}

fn load_buffers(member: &mut dyn Member, file: &mut TensorFile) -> Result<()> {
    let tensors = file.take_tensors(BUFFER, &Device::flex())?;
    for (name, buffer) in member.buffers_mut() {
        let full = format!("{BUFFER}{name}");
        let found = tensors.iter().find(|tensor| tensor.name == full);
        let tensor = found.ok_or_else(|| Error::MissingTensor {
            name: full.clone(),
            expected: vec![buffer.len()],
        })?;
        let values = numbers(tensor);
        check_numbers(&full, &values, buffer.len())?;
        *buffer = values;
    }
    Ok(())
}

fn numbers(tensor: &NamedTensor) -> Vec<f32> {
    tensor.values.to_data().iter().collect()
}
