//! Layouts of files, missing files, and types of models.

use burn::tensor::Device;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use tweedie::Error;
use tweedie::checkpoint::Checkpoint;
use tweedie::nn::UNet2d;

use super::files::{Files, WEIGHTS, config_error, error, fixture, flat, load};

#[test]
fn every_layout_gives_the_same_network() {
    let parameters = load(flat()).unwrap().parameter_count();
    let folder = |name: &str| match name {
        "scheduler_config.json" => format!("scheduler/{name}"),
        _ => format!("unet/{name}"),
    };
    let renamed = |rename: &dyn Fn(&str) -> String| {
        let files = flat().into_iter();
        load(files.map(|(name, bytes)| (rename(&name), bytes)).collect())
    };
    let layouts: [&dyn Fn(&str) -> String; 5] = [
        &|name| folder(name),
        &|name| format!("model/{}", folder(name)),
        &|name| format!("./model/{name}"),
        &|name| format!("/{name}"),
        &|name| name.replace(".safetensors", ".fp16.safetensors"),
    ];
    for layout in layouts {
        assert_eq!(renamed(layout).unwrap().parameter_count(), parameters);
    }
}

#[test]
fn a_folder_reads_as_its_files_do() {
    let checkpoint = Checkpoint::read_folder(&fixture("pipeline")).unwrap();
    assert_eq!(checkpoint.labels().unwrap(), ["first", "second"]);
    assert_eq!(checkpoint.null_class_label(), Some(2));
    assert_eq!(
        checkpoint.scheduler_config()["prediction_type"],
        "v_prediction"
    );
    let config = checkpoint.unet_config().clone();
    let network = checkpoint.load_unet(&Device::flex()).unwrap();
    let unread = UNet2d::new(&config, &Device::flex()).unwrap();
    assert_eq!(network.parameter_count(), unread.parameter_count());

    let message = Checkpoint::read_folder(Path::new("no/such/folder"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("no/such/folder/ cannot be read: "),
        "{message}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let nothing = error(Files::new());
    assert_eq!(
        nothing.to_string(),
        "the checkpoint has no unet/config.json or config.json; it has: nothing"
    );
    for (missing, name) in [
        ("config.json", "unet/config.json or config.json"),
        (WEIGHTS, WEIGHTS),
        (
            "scheduler_config.json",
            "scheduler/scheduler_config.json or scheduler_config.json",
        ),
    ] {
        let mut files = flat();
        files.remove(missing);
        let present = files.keys().cloned().collect::<Vec<_>>().join(", ");
        let name = name.to_owned();
        assert_eq!(error(files), Error::MissingFile { name, present });
    }
}

#[test]
fn a_pickle_is_refused_with_the_way_to_convert_it() {
    let mut files = flat();
    let bytes = files.remove(WEIGHTS).unwrap();
    files.insert("diffusion_pytorch_model.bin".to_owned(), bytes);
    assert_eq!(
        error(files).to_string(),
        "diffusion_pytorch_model.bin cannot be read: it is a Python pickle, which can run code when \
         it is loaded; convert it with diffusers: \
         UNet2DModel.from_pretrained(folder).save_pretrained(folder)"
    );
}

#[test]
fn other_models_are_refused_by_their_class() {
    assert_eq!(
        config_error(json!({"_class_name": "UNet2DConditionModel"})).to_string(),
        "_class_name in config.json = \"UNet2DConditionModel\" is not supported; supported: UNet2DModel"
    );
    let with_index = |index: Value| {
        let mut files = flat();
        files.insert(
            "model_index.json".to_owned(),
            index.to_string().into_bytes(),
        );
        error(files).to_string()
    };
    assert_eq!(
        with_index(json!({"_class_name": "LDMPipeline"})),
        "_class_name in model_index.json = \"LDMPipeline\" is not supported; \
         supported: DDPMPipeline, DDIMPipeline, PNDMPipeline, ScoreSdeVePipeline, ConsistencyModelPipeline"
    );
    assert_eq!(
        with_index(json!({"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet1DModel"]})),
        "unet in model_index.json = \"UNet1DModel\" is not supported; supported: UNet2DModel"
    );
}

#[test]
fn labels_fit_the_classes() {
    let with_index = |index: Value| {
        let mut files = flat();
        files.insert(
            "model_index.json".to_owned(),
            index.to_string().into_bytes(),
        );
        Checkpoint::from_files(files).map_err(|error| error.to_string())
    };
    let classes = Checkpoint::from_files(flat())
        .unwrap()
        .unet_config()
        .class_count();
    let good = with_index(json!({"labels": ["zero"], "null_class_label": classes - 1})).unwrap();
    assert_eq!(good.labels(), Some(["zero".to_owned()].as_slice()));
    assert_eq!(good.null_class_label(), Some(classes - 1));
    assert_eq!(
        with_index(json!({"null_class_label": classes})).unwrap_err(),
        format!(
            "null_class_label in model_index.json must be a class below {classes}, \
             the number of classes of the network, but is {classes}"
        )
    );
    assert_eq!(
        with_index(json!({"labels": vec!["name"; classes + 1]})).unwrap_err(),
        format!(
            "labels in model_index.json must be at most {classes} names, \
             one for each class of the network, but is {}",
            classes + 1
        )
    );
    assert_eq!(
        with_index(json!({"labels": [0, 1]})).unwrap_err(),
        "model_index.json cannot be read: labels: invalid type: integer `0`, expected a string"
    );
}
