//! Properties of a pipeline, and rejected options.

use js_sys::{Float32Array, Reflect, Uint8ClampedArray, eval};
use tweedie::web::{CheckpointFiles, WasmPipeline, open_device};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{MODEL, add, describe, device, files, labels, options, pipeline};

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
    let defaults = pipeline.scheduler_defaults();
    let sampler = Reflect::get(&defaults, &"sampler".into()).unwrap();
    assert_eq!(sampler.as_string().as_deref(), Some("ddpm"));
}

#[wasm_bindgen_test]
async fn minus_infinity_of_pythons_json_is_the_number() {
    let mut files = files();
    let dpm = include_bytes!("../fixtures/scheduler_configs/DPMSolverMultistepScheduler.json");
    add(&mut files, "scheduler/scheduler_config.json", dpm);
    let pipeline = WasmPipeline::new(files, &device("cpu").await).unwrap();
    let config = pipeline.scheduler_config();
    let field = |name: &str| Reflect::get(&config, &name.into()).unwrap();
    assert_eq!(
        field("lambda_min_clipped").as_f64(),
        Some(f64::NEG_INFINITY)
    );
    assert_eq!(
        field("algorithm_type").as_string().as_deref(),
        Some("dpmsolver++")
    );
    assert!(field("trained_betas").is_null());
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
        let field = |field: &str| Reflect::get(&error, &field.into()).unwrap().as_string();
        let (option, expected) = (field("option").unwrap(), field("expected").unwrap());
        let value = field("value").unwrap();
        assert!(option == name || value.contains(name), "{option}: {value}");
        assert_eq!(
            message,
            format!("{option} must be {expected}, but is {value}")
        );
    }
    let eta = options(&[("sampler", "ddim".into()), ("eta", f64::NAN.into())]);
    assert!(
        describe(&pipeline.sample(eta).map(drop).unwrap_err())
            .2
            .contains("eta")
    );
    assert!(pipeline.sample("ten steps".into()).is_err());
    // The pipeline is still usable.
    assert!(pipeline.sample(JsValue::UNDEFINED).unwrap().step().is_ok());
}

#[wasm_bindgen_test]
async fn bad_checkpoints_are_errors_that_name_the_culprit() {
    let device = device("cpu").await;
    let load = |files| WasmPipeline::new(files, &device).map(drop);
    let code_of = |files| describe(&load(files).unwrap_err()).1;
    assert_eq!(code_of(CheckpointFiles::new()), "missing-file");
    let mut truncated = files();
    add(&mut truncated, MODEL[2].0, &MODEL[2].1[..100_000]);
    assert_eq!(code_of(truncated), "malformed-file");
    let mut config = String::from_utf8(MODEL[1].1.to_vec()).unwrap();
    config = config.replace("\"norm_num_groups\": 8", "\"norm_num_groups\": 5");
    let mut contradictory = files();
    add(&mut contradictory, MODEL[1].0, config.as_bytes());
    let (_, code, message) = describe(&load(contradictory).unwrap_err());
    assert!(
        code == "invalid-option" && message.contains("norm_num_groups"),
        "{message}"
    );
    let error = open_device("tpu".into()).await.map(drop).unwrap_err();
    assert_eq!(describe(&error).1, "invalid-option");
    assert!(load(files()).is_ok());
}

#[wasm_bindgen_test]
async fn arguments_of_another_type_are_errors_and_harm_nothing() {
    let pipeline = pipeline("cpu").await;
    let message = |error: JsValue| {
        let (kind, code, message) = describe(&error);
        assert_eq!((&*kind, &*code), ("TweedieError", "invalid-option"));
        message
    };
    let fake = eval("Object.create(Float32Array.prototype)").unwrap();
    for images in [3.into(), "image".into(), JsValue::NULL, fake] {
        let error = pipeline.encode(images.unchecked_into(), JsValue::UNDEFINED);
        let message = message(error.map(drop).unwrap_err());
        assert!(
            message.starts_with("images must be a Float32Array"),
            "{message}"
        );
    }
    let steps = options(&[("steps", 1.into()), ("classLabels", labels(&[3]))]);
    let mut sampling = pipeline.sample(steps).unwrap();
    for which in [0.into(), JsValue::TRUE, "dirty".into()] {
        let images = JsFuture::from(sampling.images(Some(which.unchecked_into())));
        let message = message(images.await.unwrap_err());
        assert!(
            message.starts_with("images must be noisy or clean"),
            "{message}"
        );
    }
    let kind = open_device(JsValue::from(7).unchecked_into()).await;
    assert!(message(kind.map(drop).unwrap_err()).starts_with("device must be a string"));
    let throws = eval("({ get steps() { throw new Error('not today') } })").unwrap();
    assert!(message(pipeline.sample(throws).map(drop).unwrap_err()).starts_with("options must be"));
    assert!(!sampling.step().unwrap().is_undefined());
    let pixels = JsFuture::from(sampling.images(None)).await.unwrap();
    assert_eq!(
        pixels.unchecked_into::<Uint8ClampedArray>().length(),
        28 * 28 * 4
    );
}
