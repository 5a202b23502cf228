//! Checkpoints that are not what they should be: each gives an error that names the culprit.
#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Map, Value, json};
use tweedie::checkpoint::Checkpoint;
use tweedie::nn::{UNet2d, UNet2dConfig};
use tweedie::{Error, Result};

const WEIGHTS: &str = "diffusion_pytorch_model.safetensors";
const INDEX: &str = "diffusion_pytorch_model.safetensors.index.json";

type Files = BTreeMap<String, Vec<u8>>;
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/unet")
        .join(name)
}

/// A flat checkpoint with classes.
fn flat() -> Files {
    let read = |name: &str| std::fs::read(fixture("class_labels").join(name)).unwrap();
    Files::from([
        ("config.json".to_owned(), read("config.json")),
        (WEIGHTS.to_owned(), read(WEIGHTS)),
        ("scheduler_config.json".to_owned(), b"{}".to_vec()),
    ])
}

fn sharded() -> Files {
    let mut files = Files::from([("scheduler_config.json".to_owned(), b"{}".to_vec())]);
    for entry in std::fs::read_dir(fixture("sharded")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.insert(name, std::fs::read(&path).unwrap());
    }
    files
}

fn load(files: Files) -> Result<UNet2d> {
    Checkpoint::from_files(files)?.load_unet(&Device::flex())
}

fn error(files: Files) -> Error {
    load(files).expect_err("the checkpoint is bad")
}

/// The error of a configuration that differs from the fixture's in some keys.
fn config_error(changes: Value) -> Error {
    let mut files = flat();
    change_json(&mut files, "config.json", changes);
    error(files)
}

fn change_json(files: &mut Files, name: &str, changes: Value) {
    let mut object: Map<String, Value> = serde_json::from_slice(&files[name]).unwrap();
    object.extend(changes.as_object().unwrap().clone());
    files.insert(name.to_owned(), serde_json::to_vec(&object).unwrap());
}

fn tensors(bytes: &[u8]) -> Tensors {
    SafeTensors::deserialize(bytes)
        .unwrap()
        .iter()
        .map(|(name, view)| {
            let stored = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            (name.to_owned(), stored)
        })
        .collect()
}

fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// A file of the given header, with `data` zeros behind it.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

fn weights_error(change: impl FnOnce(&mut Tensors)) -> Error {
    let mut files = flat();
    let mut tensors = tensors(&files[WEIGHTS]);
    change(&mut tensors);
    files.insert(WEIGHTS.to_owned(), safetensors(&tensors));
    error(files)
}

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
fn double_precision_is_read_too() {
    let mut files = flat();
    let mut tensors = tensors(&files[WEIGHTS]);
    for (dtype, _, bytes) in tensors.values_mut() {
        *dtype = Dtype::F64;
        *bytes = (bytes.as_chunks().0.iter())
            .flat_map(|&number| f64::from(f32::from_le_bytes(number)).to_le_bytes())
            .collect();
    }
    files.insert(WEIGHTS.to_owned(), safetensors(&tensors));
    load(files).unwrap();
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
         it is read; convert it with diffusers: \
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
         supported: DDPMPipeline, DDIMPipeline, PNDMPipeline"
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
            "null_class_label in model_index.json must be a class of the network, \
             which has {classes}, but is {classes}"
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

#[test]
fn values_of_the_configuration_that_are_not_supported_are_named() {
    for (key, value, expected) in [
        (
            "down_block_types",
            json!(["SkipDownBlock2D", "DownBlock2D"]),
            "down_block_types = [\"SkipDownBlock2D\",\"DownBlock2D\"] is not supported; supported:",
        ),
        (
            "up_block_types",
            json!(["AttnSkipUpBlock2D", "UpBlock2D"]),
            "up_block_types = [\"AttnSkipUpBlock2D\",\"UpBlock2D\"] is not supported; supported:",
        ),
        (
            "mid_block_type",
            json!("UNetMidBlock2DCrossAttn"),
            "mid_block_type = \"UNetMidBlock2DCrossAttn\" is not supported; supported: `UNetMidBlock2D`",
        ),
        (
            "time_embedding_type",
            json!("fourier"),
            "time_embedding_type = \"fourier\" is not supported; supported: `positional` or `learned`",
        ),
        (
            "act_fn",
            json!("sine"),
            "act_fn = \"sine\" is not supported; supported: one of `silu`, `swish`, `mish`, `gelu`, `relu`",
        ),
        (
            "resnet_time_scale_shift",
            json!("ada_group"),
            "resnet_time_scale_shift = \"ada_group\" is not supported; supported: `default` or `scale_shift`",
        ),
        (
            "class_embed_type",
            json!("projection"),
            "class_embed_type = \"projection\" is not supported; supported: `timestep` or `identity`",
        ),
        (
            "downsample_type",
            json!("fir"),
            "downsample_type = \"fir\" is not supported; supported: `conv` or `resnet`",
        ),
        (
            "sample_size",
            json!("large"),
            "sample_size = \"large\" is not supported; supported: a size, a pair of sizes or null",
        ),
        (
            "in_channels",
            json!(-1),
            "in_channels = -1 is not supported; supported: usize",
        ),
        (
            "cross_attention_dim",
            json!(768),
            "cross_attention_dim = 768 is not supported; supported: one of",
        ),
    ] {
        let message = config_error(json!({key: value})).to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn values_of_the_configuration_out_of_their_domain_are_named() {
    for (changes, name) in [
        (
            json!({"block_out_channels": []}),
            "block_out_channels (their number)",
        ),
        (
            json!({"block_out_channels": [4, 1_u64 << 40]}),
            "block_out_channels",
        ),
        (json!({"block_out_channels": [4]}), "down_block_types"),
        (json!({"up_block_types": ["UpBlock2D"]}), "up_block_types"),
        (json!({"layers_per_block": 0}), "layers_per_block"),
        (json!({"layers_per_block": 1_u64 << 40}), "layers_per_block"),
        (json!({"in_channels": 0}), "in_channels"),
        (json!({"out_channels": 1_u64 << 40}), "out_channels"),
        (json!({"downsample_padding": 2}), "downsample_padding"),
        (json!({"norm_eps": 0}), "norm_eps"),
        (
            json!({"mid_block_scale_factor": 0}),
            "mid_block_scale_factor",
        ),
        (json!({"dropout": 1}), "dropout"),
        (json!({"freq_shift": 2}), "freq_shift"),
        (json!({"norm_num_groups": 3}), "norm_num_groups"),
        (json!({"norm_num_groups": 0}), "norm_num_groups"),
        (json!({"attn_norm_num_groups": 5}), "attn_norm_num_groups"),
        (json!({"attention_head_dim": 0}), "attention_head_dim"),
        (json!({"attention_head_dim": 7}), "attention_head_dim"),
        (
            json!({"time_embedding_dim": 1_u64 << 40}),
            "time_embedding_dim",
        ),
        (json!({"num_class_embeds": 1_u64 << 40}), "num_class_embeds"),
        (json!({"num_class_embeds": 0}), "num_class_embeds"),
        (
            json!({"time_embedding_type": "learned"}),
            "num_train_timesteps",
        ),
        (
            json!({"time_embedding_type": "learned", "num_train_timesteps": 10}),
            "num_train_timesteps of the network",
        ),
        (json!({"sample_size": null}), "sample_size"),
        (json!({"sample_size": 7}), "sample_size"),
        (json!({"sample_size": [8, 0]}), "sample_size"),
    ] {
        match config_error(changes.clone()) {
            Error::InvalidOption { name: found, .. } => assert_eq!(found, name, "{changes}"),
            other => panic!("{changes} gives {other}"),
        }
    }
}

#[test]
fn a_configuration_of_too_many_parameters_is_refused_before_anything_is_allocated() {
    let config = UNet2dConfig {
        block_out_channels: vec![16384; 4],
        layers_per_block: 64,
        ..UNet2dConfig::default()
    };
    let message = UNet2d::new(&config, &Device::flex())
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("block_out_channels must be so small that"),
        "{message}"
    );
}

#[test]
fn configurations_that_are_no_json_objects_are_named() {
    for name in ["config.json", "scheduler_config.json", "model_index.json"] {
        for bytes in [&b"{"[..], b"[]", b"\xff"] {
            let mut files = flat();
            files.insert(name.to_owned(), bytes.to_vec());
            let message = error(files).to_string();
            let expected = format!("{name} cannot be read: ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
}

#[test]
fn tensors_that_are_missing_unused_or_of_another_shape_are_named() {
    let missing = weights_error(|tensors| {
        tensors.remove("mid_block.attentions.0.to_q.weight");
    });
    assert_eq!(
        missing,
        Error::MissingTensor {
            name: "mid_block.attentions.0.to_q.weight".to_owned(),
            expected: vec![6, 6],
        }
    );
    let unused = weights_error(|tensors| {
        let bias = tensors["conv_in.bias"].clone();
        tensors.insert("conv_in.gamma".to_owned(), bias.clone());
        tensors.insert("ema.decay".to_owned(), bias);
    });
    assert_eq!(
        unused,
        Error::UnusedTensors {
            first: "conv_in.gamma".to_owned(),
            count: 2,
        }
    );
    let reshaped = weights_error(|tensors| {
        tensors
            .get_mut("time_embedding.linear_1.weight")
            .unwrap()
            .1
            .reverse();
    });
    assert_eq!(
        reshaped,
        Error::TensorShape {
            name: "time_embedding.linear_1.weight".to_owned(),
            expected: vec![12, 4],
            found: vec![4, 12],
        }
    );
}

#[test]
fn integers_are_no_weights() {
    let integers = weights_error(|tensors| {
        tensors.get_mut("conv_in.bias").unwrap().0 = Dtype::I32;
    });
    assert_eq!(
        integers.to_string(),
        "dtype of conv_in.bias = I32 is not supported; supported: F16, BF16, F32, F64"
    );
}

#[test]
fn headers_that_lie_name_their_file() {
    let tensor = |shape: &str, offsets: &str| {
        format!(r#"{{"conv_in.bias":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    let max = u64::MAX;
    for bytes in [
        Vec::new(),
        vec![0; 7],
        vec![0xff; 8],
        vec![0xff; 100],
        with_header("", 0),
        with_header("{", 0),
        with_header(&tensor("[4]", "[0,16]"), 0),
        with_header(&tensor("[4]", "[0,16]"), 15),
        with_header(&tensor("[4]", "[0,16]"), 17),
        with_header(&tensor("[4]", "[16,32]"), 32),
        with_header(&tensor("[4]", "[16,0]"), 16),
        with_header(&tensor("[4]", "[0,17]"), 17),
        with_header(&tensor("[1000000,1000000]", "[0,4000000000000]"), 16),
        with_header(&tensor(&format!("[{max},{max}]"), "[0,16]"), 16),
        with_header(&tensor("[4]", &format!("[0,{max}]")), 16),
        with_header(&tensor("[-4]", "[0,16]"), 16),
        with_header(
            r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#,
            24,
        ),
    ] {
        let mut files = flat();
        files.insert(WEIGHTS.to_owned(), bytes.clone());
        match error(files) {
            Error::MalformedFile { name, .. } => assert_eq!(name, WEIGHTS),
            other => panic!("{:?} gives {other}", String::from_utf8_lossy(&bytes)),
        }
    }
}

#[test]
fn shards_are_checked_against_their_index() {
    let index: Value = serde_json::from_slice(&sharded()[INDEX]).unwrap();
    let map = index["weight_map"].as_object().unwrap();
    let (first, second) = (
        "diffusion_pytorch_model-00001-of-00002.safetensors",
        "diffusion_pytorch_model-00002-of-00002.safetensors",
    );
    let tensor_of = |shard: &str| {
        map.iter()
            .find(|(_, name)| *name == shard)
            .unwrap()
            .0
            .clone()
    };

    let mut lost = sharded();
    lost.remove(second);
    assert!(
        error(lost)
            .to_string()
            .starts_with(&format!("the checkpoint has no {second}; "))
    );

    let moved = tensor_of(first);
    let mut changed = map.clone();
    changed.insert(moved.clone(), json!(second));
    let mut files = sharded();
    change_json(&mut files, INDEX, json!({"weight_map": changed}));
    assert_eq!(
        error(files).to_string(),
        format!("{INDEX} cannot be read: it says that {second} holds {moved}, which it does not")
    );

    let mut changed = map.clone();
    changed.remove(&tensor_of(second));
    let mut files = sharded();
    change_json(&mut files, INDEX, json!({"weight_map": changed}));
    assert_eq!(
        error(files).to_string(),
        format!("{INDEX} cannot be read: {second} holds tensors that it does not list there")
    );

    let mut files = sharded();
    let copy = files[first].clone();
    files.insert(second.to_owned(), copy);
    assert!(error(files).to_string().starts_with(second));

    let mut files = sharded();
    files.insert(INDEX.to_owned(), b"{}".to_vec());
    assert!(
        error(files)
            .to_string()
            .starts_with(&format!("{INDEX} cannot be read: missing field"))
    );
}

/// Steele and Vigna's SplitMix64: a seeded source of damage.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

#[test]
fn a_file_cut_short_at_any_length_is_an_error() {
    let whole = flat()[WEIGHTS].clone();
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let lengths = (0..header + 64).chain((header + 64..whole.len()).step_by(97));
    for length in lengths {
        let mut files = flat();
        files.insert(WEIGHTS.to_owned(), whole[..length].to_vec());
        match Checkpoint::from_files(files) {
            Err(Error::MalformedFile { name, .. }) => assert_eq!(name, WEIGHTS),
            other => panic!("{length} bytes give {other:?}"),
        }
    }
}

#[test]
fn damaged_headers_never_panic() {
    let whole = flat()[WEIGHTS].clone();
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let mut random = SplitMix(0);
    for _ in 0..2000 {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(3) {
            damaged[random.below(header)] ^= 1 << random.below(8);
        }
        let mut files = flat();
        files.insert(WEIGHTS.to_owned(), damaged);
        // A flipped bit may leave a checkpoint whole, in a name of the metadata for one.
        let _ = load(files);
    }
}

#[test]
fn damaged_configurations_never_panic() {
    let whole = flat()["config.json"].clone();
    let mut random = SplitMix(1);
    for _ in 0..2000 {
        let mut damaged = whole.clone();
        let digits = b"0123456789-e.\"[]{}";
        for _ in 0..=random.below(3) {
            let position = random.below(damaged.len());
            damaged[position] = digits[random.below(digits.len())];
        }
        let mut files = flat();
        files.insert("config.json".to_owned(), damaged);
        let _ = load(files);
    }
}
