//! The bindings in a real browser: `./build.sh test wasm`.
//!
//! Tests with `webgpu` in their name need the feature of that name; they run on the larger module, all others on the smaller one.
#![cfg(target_family = "wasm")]

mod density;
mod latents;
mod launches;
mod likelihood;
mod options;
mod points;
mod samplers;
mod sampling;
mod tiny;

use js_sys::{Float32Array, Object, Promise, Reflect};
use safetensors::SafeTensors;
use tweedie::web::{CheckpointFiles, WasmDevice, WasmPipeline, WasmSampling, open_device};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

/// The files of the bundled model.
const MODEL: [(&str, &[u8]); 4] = [
    (
        "model_index.json",
        include_bytes!("../../www/models/mnist/model_index.json"),
    ),
    (
        "unet/config.json",
        include_bytes!("../../www/models/mnist/unet/config.json"),
    ),
    (
        "unet/diffusion_pytorch_model.safetensors",
        include_bytes!("../../www/models/mnist/unet/diffusion_pytorch_model.safetensors"),
    ),
    (
        "scheduler/scheduler_config.json",
        include_bytes!("../../www/models/mnist/scheduler/scheduler_config.json"),
    ),
];

/// Diffusers' output for this model, which native tests also use.
const EXPECTED: &[u8] = include_bytes!("../fixtures/mnist.safetensors");

fn files() -> CheckpointFiles {
    let mut files = CheckpointFiles::new();
    for (path, bytes) in MODEL {
        add(&mut files, path, bytes);
    }
    files
}

fn add(files: &mut CheckpointFiles, path: &str, bytes: &[u8]) {
    files.add(path.into(), bytes.into()).unwrap();
}

fn array(values: &[f32]) -> Float32Array {
    values.into()
}

async fn device(kind: &str) -> WasmDevice {
    open_device(kind.into()).await.unwrap()
}

async fn pipeline(kind: &str) -> WasmPipeline {
    WasmPipeline::new(files(), &device(kind).await).unwrap()
}

/// A plain JavaScript object.
fn options(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from(*name), value).unwrap();
    }
    object.into()
}

fn labels(labels: &[u8]) -> JsValue {
    labels
        .iter()
        .map(|label| JsValue::from(*label))
        .collect::<js_sys::Array>()
        .into()
}

async fn floats(promise: Promise) -> Vec<f32> {
    JsFuture::from(promise)
        .await
        .unwrap()
        .unchecked_into::<Float32Array>()
        .to_vec()
}

async fn finish(mut sampling: WasmSampling) -> Vec<f32> {
    while !sampling.step().unwrap().is_undefined() {
        JsFuture::from(sampling.settled()).await.unwrap();
    }
    floats(sampling.noisy()).await
}

/// `name`, `code` and message of an error.
fn describe(error: &JsValue) -> (String, String, String) {
    let field = |name: &str| {
        Reflect::get(error, &name.into())
            .unwrap()
            .as_string()
            .unwrap()
    };
    (field("name"), field("code"), field("message"))
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance,
            "at {index}: {found} is not {expected}"
        );
    }
}

fn expected(name: &str) -> Vec<f32> {
    let tensors = SafeTensors::deserialize(EXPECTED).unwrap();
    let bytes = tensors.tensor(name).unwrap().data();
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}
