//! Weights that do not match the network, and inconsistent files.

use safetensors::Dtype;
use serde_json::Value;
use serde_json::json;
use tweedie::Error;

use super::files::{
    INDEX, WEIGHTS, change_json, error, flat, load, safetensors, sharded, tensors, weights_error,
    with_header,
};

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
        format!("{INDEX} cannot be read: it lists {moved} in {second}, which does not contain it")
    );

    let mut changed = map.clone();
    changed.remove(&tensor_of(second));
    let mut files = sharded();
    change_json(&mut files, INDEX, json!({"weight_map": changed}));
    assert_eq!(
        error(files).to_string(),
        format!("{INDEX} cannot be read: {second} contains tensors that it does not list")
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
