//! What is saved is what diffusers saves.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use safetensors::SafeTensors;
use serde_json::{Map, Value};
use tweedie::Checkpoint;
use tweedie::checkpoint::{SavedPipeline, WeightFormat, write_folder};

const WEIGHTS: &str = "unet/diffusion_pytorch_model.safetensors";

fn json(bytes: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_pipeline_of_diffusers_is_saved_as_diffusers_saved_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny_pipeline");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let config = json(&read("unet/config.json"));
    let scheduler = json(&read("scheduler/scheduler_config.json"));
    let checkpoint = Checkpoint::read_folder(&folder).unwrap();
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
fn a_folder_that_cannot_be_written_is_named_and_leaves_what_was_there() {
    let folder = tempfile::TempDir::new().unwrap();
    let files = |text: &str| {
        [
            ("a".to_owned(), text.as_bytes().to_vec()),
            ("b/c".to_owned(), Vec::new()),
        ]
        .into()
    };
    fs::write(folder.path().join("a"), "before").unwrap();
    // A file in the place of the second one's folder.
    fs::write(folder.path().join("b"), "").unwrap();
    let error = write_folder(folder.path(), &files("after")).unwrap_err();
    assert_eq!(error.code(), "unwritable");
    assert!(error.to_string().contains("b/c"), "{error}");
    assert_eq!(
        fs::read_to_string(folder.path().join("a")).unwrap(),
        "before"
    );
    fs::remove_file(folder.path().join("b")).unwrap();
    write_folder(folder.path(), &files("after")).unwrap();
    assert_eq!(
        fs::read_to_string(folder.path().join("a")).unwrap(),
        "after"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
