//! The log-likelihood and the variational bound in the browser equal those computed natively, on both devices.

#[path = "../common/tiny.rs"]
mod computed;

use tweedie::web::{WasmBound, WasmLikelihood};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::tiny::{Channels, tiny_pipeline};
use crate::{array, describe, floats, options};

#[track_caller]
fn assert_relative(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let error = (found / expected - 1.0).abs();
        assert!(error < tolerance, "{found} is not {expected}");
    }
}

fn steps() -> JsValue {
    options(&[("steps", JsValue::from(computed::STEPS as u32))])
}

async fn likelihood_on(kind: &str, tolerance: f32) {
    let pipeline = tiny_pipeline(kind, Channels::Rgb).await;
    let mut run: WasmLikelihood = pipeline
        .log_likelihood(array(&computed::image()), steps())
        .unwrap();
    assert_eq!((run.steps(), run.batch()), (4 * computed::STEPS, 1));
    let early = JsFuture::from(run.nats()).await.unwrap_err();
    assert!(describe(&early).2.starts_with("nats is available after"));
    while !run.step().unwrap().is_undefined() {
        JsFuture::from(run.settled()).await.unwrap();
    }
    let bits = floats(run.bits_per_dimension()).await;
    assert_relative(&floats(run.nats()).await, &[computed::NATS], tolerance);
    assert_relative(&bits, &[computed::BITS_PER_DIMENSION], tolerance);
}

async fn bound_on(kind: &str, tolerance: f32) {
    let pipeline = tiny_pipeline(kind, Channels::Rgb).await;
    let mut run: WasmBound = pipeline
        .variational_bound(array(&computed::image()), steps())
        .unwrap();
    assert_eq!(run.timesteps(), [999.0, 666.0, 333.0, 0.0]);
    assert_eq!(floats(run.terms()).await, [0.0; 0]);
    let early = JsFuture::from(run.decoder()).await.unwrap_err();
    assert!(describe(&early).2.starts_with("decoder is available after"));
    while !run.step().unwrap().is_undefined() {
        JsFuture::from(run.settled()).await.unwrap();
    }
    let (terms, decoder) = (floats(run.terms()).await, floats(run.decoder()).await);
    let bits = floats(run.bits_per_dimension()).await;
    assert_relative(&floats(run.prior()).await, &[computed::PRIOR], tolerance);
    assert_relative(&terms, &computed::TERMS, tolerance);
    assert_relative(&decoder, &[computed::DECODER], tolerance);
    assert_relative(&bits, &[computed::BOUND], tolerance);
}

#[wasm_bindgen_test]
async fn the_likelihood_on_the_cpu_is_the_native_one() {
    likelihood_on("cpu", 1e-4).await;
}

#[wasm_bindgen_test]
async fn the_likelihood_on_webgpu_is_the_native_one() {
    likelihood_on("webgpu", 1e-3).await;
}

#[wasm_bindgen_test]
async fn the_bound_on_the_cpu_is_the_native_one() {
    bound_on("cpu", 1e-4).await;
}

#[wasm_bindgen_test]
async fn the_bound_on_webgpu_is_the_native_one() {
    bound_on("webgpu", 1e-3).await;
}

#[wasm_bindgen_test]
async fn options_that_cannot_be_are_refused_by_name() {
    let pipeline = tiny_pipeline("cpu", Channels::Rgb).await;
    let images = || array(&computed::image());
    let likelihood: [(&str, &[(&str, JsValue)]); 7] = [
        ("solver", &[("solver", "dormand-prince".into())]),
        ("steps", &[("steps", 0.into())]),
        ("probes", &[("probes", 0.into())]),
        ("seed", &[("seed", (-1).into())]),
        ("dequantisation", &[("dequantisation", "gaussian".into())]),
        (
            "dequantisationSeed",
            &[
                ("dequantisation", "none".into()),
                ("dequantisationSeed", 1.into()),
            ],
        ),
        ("probs", &[("probs", 2.into())]),
    ];
    for (name, fields) in likelihood {
        let error = pipeline.log_likelihood(images(), options(fields));
        let (_, code, message) = describe(&error.map(drop).unwrap_err());
        assert!(
            code == "invalid-option" && message.contains(name),
            "{message}"
        );
    }
    for (name, value) in [
        ("steps", 1),
        ("steps", 1001),
        ("classLabels", 3),
        ("stpes", 5),
    ] {
        let error = pipeline.variational_bound(images(), options(&[(name, value.into())]));
        let (_, code, message) = describe(&error.map(drop).unwrap_err());
        assert!(
            code == "invalid-option" && message.contains(name),
            "{message}"
        );
    }
    let bright = pipeline.log_likelihood(
        array(&vec![2.0; computed::image().len()]),
        JsValue::UNDEFINED,
    );
    let message = describe(&bright.map(drop).unwrap_err()).2;
    assert!(message.starts_with("images must be"), "{message}");
}

/// Gradients of a convolution are multiplied by the probes.
#[wasm_bindgen_test]
async fn the_likelihood_of_grey_images_is_the_same_on_webgpu() {
    let mut nats = Vec::new();
    for kind in ["cpu", "webgpu"] {
        let pipeline = tiny_pipeline(kind, Channels::Grey).await;
        let image = array(&computed::image()[..8 * 8]);
        let mut run = pipeline.log_likelihood(image, steps()).unwrap();
        while !run.step().unwrap().is_undefined() {
            JsFuture::from(run.settled()).await.unwrap();
        }
        nats.push(floats(run.nats()).await);
    }
    assert_relative(&nats[1], &nats[0], 1e-3);
}
