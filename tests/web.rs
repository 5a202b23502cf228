//! The bindings in a real browser, on the CPU and on WebGPU: run with `wasm-pack test --headless --chrome`.
#![cfg(target_family = "wasm")]

use js_sys::{Float32Array, Object, Promise, Reflect, Uint8ClampedArray};
use safetensors::SafeTensors;
use tweedie::web::{CheckpointFiles, WasmDevice, WasmPipeline, WasmSampling, open_device};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The files of the shipped model.
const MODEL: [(&str, &[u8]); 4] = [
    (
        "model_index.json",
        include_bytes!("../www/models/mnist/model_index.json"),
    ),
    (
        "unet/config.json",
        include_bytes!("../www/models/mnist/unet/config.json"),
    ),
    (
        "unet/diffusion_pytorch_model.safetensors",
        include_bytes!("../www/models/mnist/unet/diffusion_pytorch_model.safetensors"),
    ),
    (
        "scheduler/scheduler_config.json",
        include_bytes!("../www/models/mnist/scheduler/scheduler_config.json"),
    ),
];

/// What diffusers computes with that model; the native tests hold themselves to it, too.
const EXPECTED: &[u8] = include_bytes!("fixtures/mnist.safetensors");

fn files() -> CheckpointFiles {
    let mut files = CheckpointFiles::new();
    for (path, bytes) in MODEL {
        files.add(path.into(), bytes.to_vec());
    }
    files
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

/// `name` and `code` of an error, and its message.
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

async fn samples_equal_diffusers(kind: &str) {
    let pipeline = pipeline(kind).await;
    let ddim = options(&[
        ("sampler", "ddim".into()),
        ("steps", 10.into()),
        ("classLabels", labels(&[3, 7])),
    ]);
    let found = finish(pipeline.sample(ddim).unwrap()).await;
    assert_close(&found, &expected("ddim.final"), 1e-3);
}

#[wasm_bindgen_test]
async fn the_cpu_samples_what_diffusers_samples() {
    assert_eq!(device("cpu").await.kind(), "cpu");
    samples_equal_diffusers("cpu").await;
    let ddpm = options(&[
        ("sampler", "ddpm".into()),
        ("steps", 20.into()),
        ("classLabels", labels(&[3, 7])),
    ]);
    let found = finish(pipeline("cpu").await.sample(ddpm).unwrap()).await;
    assert_close(&found, &expected("ddpm.final"), 1e-3);
}

#[wasm_bindgen_test]
async fn webgpu_samples_what_diffusers_samples() {
    let device = device("webgpu").await;
    assert_eq!(device.kind(), "webgpu");
    assert!(
        device.description().starts_with("WebGPU"),
        "{}",
        device.description()
    );
    samples_equal_diffusers("webgpu").await;
}

#[wasm_bindgen_test]
async fn guidance_equals_diffusers() {
    let guided = options(&[
        ("sampler", "ddim".into()),
        ("steps", 20.into()),
        ("classLabels", labels(&[0, 1])),
        ("guidanceScale", 3.0.into()),
        ("useClippedModelOutput", true.into()),
    ]);
    let found = finish(pipeline("cpu").await.sample(guided).unwrap()).await;
    assert_close(&found, &expected("ddim_guided.final"), 1e-3);
}

#[wasm_bindgen_test]
async fn the_gpu_is_opened_once_for_callers_that_do_not_wait() {
    let both = [open_device("webgpu".into()), open_device("auto".into())];
    for opened in both.map(|opening| async { opening.await.unwrap().kind() }) {
        assert_eq!(opened.await, "webgpu");
    }
}

#[wasm_bindgen_test]
async fn a_pipeline_tells_what_it_is() {
    let pipeline = pipeline("cpu").await;
    assert_eq!(pipeline.sample_size().as_f64(), Some(28.0));
    assert_eq!((pipeline.channels(), pipeline.class_count()), (1, 11));
    assert_eq!(pipeline.parameter_count(), 687_473);
    assert_eq!(js_sys::Array::from(&pipeline.labels()).length(), 10);
    assert_eq!(pipeline.null_class_label().as_f64(), Some(10.0));
    let schedule = Reflect::get(&pipeline.scheduler_config(), &"beta_schedule".into()).unwrap();
    assert_eq!(schedule.as_string().as_deref(), Some("squaredcos_cap_v2"));
}

async fn interleaved_samplings_are_independent(kind: &str) {
    let pipeline = pipeline(kind).await;
    let start = |seed: u32| {
        let fields = [
            ("sampler", "ddim".into()),
            ("steps", 3.into()),
            ("seed", seed.into()),
        ];
        pipeline.sample(options(&fields)).unwrap()
    };
    let alone = [finish(start(1)).await, finish(start(2)).await];
    let (mut first, mut second) = (start(1), start(2));
    for _ in 0..3 {
        first.step().unwrap();
        // Read-backs overlap each other and the other sampling's step.
        let reading = first.noisy();
        second.step().unwrap();
        let estimate = first.clean();
        assert_eq!(floats(reading).await.len(), 784);
        assert_eq!(floats(estimate).await.len(), 784);
    }
    assert_eq!([first.completed_steps(), second.completed_steps()], [3, 3]);
    assert_close(&floats(first.noisy()).await, &alone[0], 1e-6);
    assert_close(&floats(second.noisy()).await, &alone[1], 1e-6);
}

#[wasm_bindgen_test]
async fn interleaved_samplings_on_the_cpu_are_independent() {
    interleaved_samplings_are_independent("cpu").await;
}

#[wasm_bindgen_test]
async fn interleaved_samplings_on_webgpu_are_independent() {
    interleaved_samplings_are_independent("webgpu").await;
}

#[wasm_bindgen_test]
async fn a_sampling_that_is_cancelled_keeps_what_it_computed() {
    let pipeline = pipeline("cpu").await;
    let fields = [
        ("sampler", "probability-flow".into()),
        ("steps", 5.into()),
        ("batch", 2.into()),
    ];
    let mut sampling = pipeline.sample(options(&fields)).unwrap();
    drop(pipeline);
    assert_eq!((sampling.steps(), sampling.batch()), (9, 2));
    let progress = sampling.step().unwrap();
    let field = |name: &str| {
        Reflect::get(&progress, &name.into())
            .unwrap()
            .as_f64()
            .unwrap()
    };
    assert_eq!(
        [field("step"), field("steps"), field("timestep")],
        [1.0, 9.0, 800.0]
    );
    // To cancel is to stop stepping.
    assert_eq!(sampling.completed_steps(), 1);
    assert!(
        floats(sampling.clean())
            .await
            .iter()
            .all(|x| x.abs() <= 1.0)
    );
    let images = JsFuture::from(sampling.images(Some("clean".into())))
        .await
        .unwrap();
    let images = images.unchecked_into::<Uint8ClampedArray>();
    assert_eq!(images.length(), 2 * 28 * 28 * 4);
    assert_eq!(images.get_index(3), 255);
}

#[wasm_bindgen_test]
async fn there_is_no_estimate_before_the_first_step() {
    let sampling = pipeline("cpu").await.sample(JsValue::UNDEFINED).unwrap();
    let error = JsFuture::from(sampling.clean()).await.unwrap_err();
    assert_eq!(describe(&error).1, "invalid-option");
    assert_eq!(floats(sampling.noisy()).await.len(), 784);
}

#[wasm_bindgen_test]
async fn bad_options_are_errors_that_name_them() {
    let pipeline = pipeline("cpu").await;
    let cases: [(&str, JsValue); 21] = [
        ("sampler", "oiler".into()),
        ("solver", "rk5".into()),
        ("steps", 0.into()),
        ("steps", f64::NAN.into()),
        ("steps", 2.5.into()),
        ("steps", "20".into()),
        ("steps", 1_000_000.into()),
        ("seed", (-1).into()),
        ("batch", 0.into()),
        ("batch", 1e9.into()),
        ("batch", 100_000.into()), // more than a browser has memory for
        ("eta", 0.5.into()),       // the checkpoint's sampler is DDPM
        ("classLabels", 11.into()),
        ("classLabels", "seven".into()),
        ("guidanceScale", 3.0.into()), // without classes
        ("guidanceScale", "3".into()),
        ("useClippedModelOutput", 1.into()),
        ("guidanceScale", f64::INFINITY.into()),
        ("initialNoise", Float32Array::new_with_length(3).into()),
        ("initialNoise", labels(&[1, 2])),
        ("stpes", 10.into()),
    ];
    for (name, value) in cases {
        let error = pipeline
            .sample(options(&[(name, value)]))
            .map(drop)
            .unwrap_err();
        let (kind, code, message) = describe(&error);
        assert_eq!(kind, "TweedieError");
        assert_eq!(code, "invalid-option");
        assert!(message.contains(name), "{name}: {message}");
    }
    let eta = options(&[("sampler", "ddim".into()), ("eta", f64::NAN.into())]);
    assert!(
        describe(&pipeline.sample(eta).map(drop).unwrap_err())
            .2
            .contains("eta")
    );
    assert!(pipeline.sample("ten steps".into()).is_err());
    // Nothing of it harmed the pipeline.
    assert!(pipeline.sample(JsValue::UNDEFINED).unwrap().step().is_ok());
}

#[wasm_bindgen_test]
async fn bad_checkpoints_are_errors_that_name_the_culprit() {
    let device = device("cpu").await;
    let load = |files| WasmPipeline::new(files, &device).map(drop);
    let code_of = |files| describe(&load(files).unwrap_err()).1;
    assert_eq!(code_of(CheckpointFiles::new()), "missing-file");
    let mut truncated = files();
    truncated.add(MODEL[2].0.into(), MODEL[2].1[..100_000].to_vec());
    assert_eq!(code_of(truncated), "malformed-file");
    let mut config = String::from_utf8(MODEL[1].1.to_vec()).unwrap();
    config = config.replace("\"norm_num_groups\": 8", "\"norm_num_groups\": 5");
    let mut contradictory = files();
    contradictory.add(MODEL[1].0.into(), config.into_bytes());
    let (_, code, message) = describe(&load(contradictory).unwrap_err());
    assert!(
        code == "invalid-option" && message.contains("norm_num_groups"),
        "{message}"
    );
    let error = open_device("tpu".into()).await.map(drop).unwrap_err();
    assert_eq!(describe(&error).1, "invalid-option");
    assert!(load(files()).is_ok());
}

/// The samplers that the list names, but the one for consistency models.
fn sampler_names() -> Vec<String> {
    let list = tweedie::web::samplers()
        .unwrap()
        .unchecked_into::<js_sys::Array>();
    let name = |entry: JsValue| {
        Reflect::get(&entry, &"name".into())
            .unwrap()
            .as_string()
            .unwrap()
    };
    let names: Vec<String> = list.iter().map(name).collect();
    assert_eq!(names.len(), 23);
    names
        .into_iter()
        .filter(|name| name != "consistency")
        .collect()
}

#[wasm_bindgen_test]
async fn every_sampler_runs_in_the_browser() {
    let pipeline = pipeline("cpu").await;
    for name in sampler_names() {
        let mut fields = vec![
            ("sampler", JsValue::from(&name)),
            ("classLabels", labels(&[3])),
        ];
        if name != "dormand-prince" {
            fields.push(("steps", 4.into()));
        }
        if name.contains("langevin") {
            fields.push(("stepSize", 1e-4.into()));
        }
        let values = finish(pipeline.sample(options(&fields)).unwrap()).await;
        assert!(values.iter().all(|value| value.is_finite()), "{name}");
    }
    let fields = [("sampler", "consistency".into())];
    let (_, code, message) = describe(&pipeline.sample(options(&fields)).err().unwrap());
    assert_eq!(code, "invalid-option");
    assert!(
        message.starts_with("sampler must be one that runs diffusion models"),
        "{message}"
    );
}

#[wasm_bindgen_test]
async fn the_adaptive_solver_stops_with_an_error_and_keeps_the_sample() {
    let pipeline = pipeline("cpu").await;
    let fields = [
        ("sampler", "dormand-prince".into()),
        ("maxEvaluations", 20.into()),
        ("absoluteTolerance", 1e-6.into()),
        ("relativeTolerance", 1e-6.into()),
        ("classLabels", labels(&[3])),
    ];
    let mut sampling = pipeline.sample(options(&fields)).unwrap();
    let error = loop {
        match sampling.step() {
            Ok(progress) => assert!(!progress.is_undefined(), "it has to give up"),
            Err(error) => break error,
        }
        JsFuture::from(sampling.settled()).await.unwrap();
    };
    assert_eq!(describe(&error).1, "tolerance");
    assert!(floats(sampling.noisy()).await.iter().all(|x| x.is_finite()));
}

#[wasm_bindgen_test]
async fn solvers_with_a_memory_and_latents_are_the_same_on_webgpu() {
    let mut runs = Vec::new();
    for kind in ["cpu", "webgpu"] {
        let pipeline = pipeline(kind).await;
        let fields = [
            ("sampler", "dpm-solver++".into()),
            ("steps", 4.into()),
            ("classLabels", labels(&[3])),
        ];
        let sample = finish(pipeline.sample(options(&fields)).unwrap()).await;
        let latents = [("steps", 3.into()), ("classLabels", labels(&[3]))];
        let images: Vec<f32> = sample.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
        let encoding = pipeline.encode(images, options(&latents)).unwrap();
        runs.push((sample, finish(encoding).await));
    }
    assert_close(&runs[0].0, &runs[1].0, 2e-3);
    assert_close(&runs[0].1, &runs[1].1, 2e-2);
}

/// A network with skip blocks, FIR resampling and the Fourier embedding, under the scheduler that it was made for.
#[wasm_bindgen_test]
async fn ncsnpp_is_the_same_on_webgpu() {
    let mut runs = Vec::new();
    for kind in ["cpu", "webgpu"] {
        let mut files = CheckpointFiles::new();
        files.add(
            "config.json".into(),
            include_bytes!("fixtures/unet/ncsnpp/config.json").to_vec(),
        );
        files.add(
            "diffusion_pytorch_model.safetensors".into(),
            include_bytes!("fixtures/unet/ncsnpp/diffusion_pytorch_model.safetensors").to_vec(),
        );
        files.add(
            "scheduler_config.json".into(),
            br#"{"_class_name": "ScoreSdeVeScheduler", "sigma_max": 10}"#.to_vec(),
        );
        let pipeline = WasmPipeline::new(files, &device(kind).await).unwrap();
        let sampling = pipeline.sample(options(&[("steps", 3.into())])).unwrap();
        runs.push(finish(sampling).await);
    }
    let scale = runs[0].iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
    assert_close(&runs[0], &runs[1], 1e-3 * scale);
}
