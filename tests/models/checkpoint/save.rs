//! Saved checkpoints equal those of diffusers.

use std::collections::BTreeMap;
use std::fs;

use burn::tensor::Device;
use safetensors::SafeTensors;
use serde_json::{Map, Value};
use tweedie::Checkpoint;
use tweedie::checkpoint::{SavedPipeline, WeightFormat, write_folder};

use crate::common::fixture;

const WEIGHTS: &str = "unet/diffusion_pytorch_model.safetensors";

/// A file of the pipeline that diffusers saved.
fn read(name: &str) -> Vec<u8> {
    fs::read(fixture("tiny_pipeline").join(name)).unwrap()
}

fn json(bytes: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_pipeline_of_diffusers_is_saved_as_diffusers_saved_it() {
    let config = json(&read("unet/config.json"));
    let scheduler = json(&read("scheduler/scheduler_config.json"));
    let checkpoint = Checkpoint::read_folder(&fixture("tiny_pipeline")).unwrap();
    let network = checkpoint.load_unet(&Device::flex()).unwrap();
    let saved = SavedPipeline {
        unet_config: &config,
        scheduler_config: &scheduler,
        labels: &[],
        null_class_label: None,
        network: &network,
        format: WeightFormat::F32,
    };
    let files = saved.to_files().unwrap();
    for name in [
        "model_index.json",
        "unet/config.json",
        "scheduler/scheduler_config.json",
    ] {
        assert_eq!(json(&files[name]), json(&read(name)), "{name}");
    }
    let (ours, theirs) = (&files[WEIGHTS], read(WEIGHTS));
    let (_, header) = SafeTensors::read_metadata(ours).unwrap();
    let (_, their_header) = SafeTensors::read_metadata(&theirs).unwrap();
    assert_eq!(header.metadata(), their_header.metadata());
    let (ours, theirs) = (
        SafeTensors::deserialize(ours).unwrap(),
        SafeTensors::deserialize(&theirs).unwrap(),
    );
    assert_eq!(ours.len(), theirs.len());
    for (name, tensor) in theirs.tensors() {
        let found = ours.tensor(&name).unwrap();
        assert_eq!(
            (found.dtype(), found.shape()),
            (tensor.dtype(), tensor.shape()),
            "{name}"
        );
        assert!(found.data() == tensor.data(), "{name}");
    }
}

#[test]
fn a_weight_that_the_format_cannot_hold_is_named() {
    let config = json(&read("unet/config.json"));
    let scheduler = json(&read("scheduler/scheduler_config.json"));
    // The last number of the file belongs to its last tensor.
    let mut weights = read(WEIGHTS);
    let last = weights.len() - 4;
    for (value, format) in [
        (70_000.0_f32, WeightFormat::F16),
        (f32::INFINITY, WeightFormat::F32),
        (f32::NAN, WeightFormat::F16),
    ] {
        weights[last..].copy_from_slice(&value.to_le_bytes());
        let checkpoint = Checkpoint::from_files(BTreeMap::from([
            ("unet/config.json".to_owned(), read("unet/config.json")),
            (WEIGHTS.to_owned(), weights.clone()),
            ("scheduler/scheduler_config.json".to_owned(), b"{}".to_vec()),
        ]));
        let network = checkpoint.unwrap().load_unet(&Device::flex()).unwrap();
        let saved = SavedPipeline {
            unet_config: &config,
            scheduler_config: &scheduler,
            labels: &[],
            null_class_label: None,
            network: &network,
            format,
        };
        let refused = saved.to_files().unwrap_err().to_string();
        assert!(
            refused.starts_with("a weight of ") && refused.contains(&format!("{format:?}")),
            "{refused}"
        );
    }
}

#[test]
fn a_pipeline_is_named_after_its_scheduler_and_its_labels_are_kept() {
    let checkpoint = Checkpoint::read_folder(&fixture("tiny_pipeline")).unwrap();
    let network = checkpoint.load_unet(&Device::flex()).unwrap();
    let index = |scheduler: &str| {
        let config = serde_json::json!({ "_class_name": scheduler });
        let saved = SavedPipeline {
            unet_config: &Map::new(),
            scheduler_config: config.as_object().unwrap(),
            labels: &["left".to_owned(), "right".to_owned()],
            null_class_label: None,
            network: &network,
            format: WeightFormat::F16,
        };
        json(&saved.to_files().unwrap()["model_index.json"])
    };
    for (scheduler, pipeline) in [
        ("DDIMScheduler", "DDIMPipeline"),
        ("DDPMScheduler", "DDPMPipeline"),
        ("UniPCMultistepScheduler", "DDPMPipeline"),
    ] {
        let index = index(scheduler);
        assert_eq!(index["_class_name"], pipeline);
        assert_eq!(
            index["scheduler"],
            serde_json::json!(["diffusers", scheduler])
        );
        assert_eq!(index["labels"], serde_json::json!(["left", "right"]));
        assert!(!index.contains_key("null_class_label"));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_leaves_what_was_there() {
    let folder = tempfile::TempDir::new().unwrap();
    let files = |text| [("a", text), ("b/c", "")];
    fs::write(folder.path().join("a"), "before").unwrap();
    // A file where the folder of the second file should be.
    fs::write(folder.path().join("b"), "").unwrap();
    let error = write_folder(folder.path(), files("after")).unwrap_err();
    assert_eq!(error.code(), "unwritable");
    assert!(error.to_string().contains("b/c"), "{error}");
    assert_eq!(
        fs::read_to_string(folder.path().join("a")).unwrap(),
        "before"
    );
    fs::remove_file(folder.path().join("b")).unwrap();
    // The state after a program was killed while writing.
    fs::write(folder.path().join(".unfinished-1"), "aft").unwrap();
    write_folder(folder.path(), files("after")).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("a")).unwrap(),
        "after"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
