//! Sampling runs: equal to diffusers' on both devices, cancelled, and interleaved.

use js_sys::{Reflect, Uint8ClampedArray};
use tweedie::web::{CheckpointFiles, WasmPipeline, open_device};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    add, assert_close, describe, device, expected, finish, floats, labels, options, pipeline,
};

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
async fn webgpu_is_opened_once_for_callers_that_do_not_wait() {
    let both = [open_device("webgpu".into()), open_device("webgpu".into())];
    for opened in both.map(|opening| async { opening.await.unwrap().kind() }) {
        assert_eq!(opened.await, "webgpu");
    }
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
        // Reads overlap each other and a step of the other run.
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
    // Cancelling means no longer stepping.
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
    assert_eq!(describe(&error).1, "not-ready");
    assert_eq!(floats(sampling.noisy()).await.len(), 784);
}

/// A network with skip blocks, FIR resampling and the Fourier embedding, with its own scheduler.
#[wasm_bindgen_test]
async fn ncsnpp_is_the_same_on_webgpu() {
    let mut runs = Vec::new();
    for kind in ["cpu", "webgpu"] {
        let mut files = CheckpointFiles::new();
        add(
            &mut files,
            "config.json",
            include_bytes!("../fixtures/unet/ncsnpp/config.json"),
        );
        add(
            &mut files,
            "diffusion_pytorch_model.safetensors",
            include_bytes!("../fixtures/unet/ncsnpp/diffusion_pytorch_model.safetensors"),
        );
        add(
            &mut files,
            "scheduler_config.json",
            br#"{"_class_name": "ScoreSdeVeScheduler", "sigma_max": 10}"#,
        );
        let pipeline = WasmPipeline::new(files, &device(kind).await).unwrap();
        let sampling = pipeline.sample(options(&[("steps", 3.into())])).unwrap();
        runs.push(finish(sampling).await);
    }
    let scale = runs[0].iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
    assert_close(&runs[0], &runs[1], 1e-3 * scale);
}
