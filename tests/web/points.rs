//! Points on the CPU and on WebGPU: data, models and training.

use js_sys::{Float32Array, Promise, Reflect, Uint8Array};
use tweedie::dataset::{Named, PointData};
use tweedie::web::{
    WasmPointModel, WasmTrainer, distance_of_points, draw_point_data, forward_paths_of_points,
    forward_points, point_data_from, point_data_from_csv, schedule_curves, split_points,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{assert_close, describe, device, floats, options};

/// A hundred points of the eight Gaussians.
fn data() -> Float32Array {
    let data = PointData::draw(Named::EightGaussians, 100, 2).unwrap();
    data.points().as_flattened().into()
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

async fn ideal(kind: &str) -> WasmPointModel {
    WasmPointModel::ideal(data(), "cosine".into(), &device(kind).await).unwrap()
}

async fn bytes(promise: Promise) -> Uint8Array {
    JsFuture::from(promise).await.unwrap().unchecked_into()
}

/// A network that is small enough for a software GPU.
async fn trainer(kind: &str, learning_rate: f64) -> WasmTrainer {
    let options = options(&[
        ("width", 16.into()),
        ("batch", 32.into()),
        ("steps", 100.into()),
        ("timeSampling", "low-variance".into()),
        ("learningRate", learning_rate.into()),
        (
            "schedule",
            options(&[("name", "linear".into()), ("timesteps", 500.into())]),
        ),
    ]);
    WasmTrainer::new(data(), options, &device(kind).await).unwrap()
}

async fn losses(trainer: &WasmTrainer, steps: usize) -> Vec<f32> {
    for _ in 0..steps {
        trainer.step().unwrap();
    }
    floats(trainer.losses()).await
}

#[wasm_bindgen_test]
fn data_sets_are_those_of_the_crate() {
    let options = options(&[("count", 50.into()), ("seed", 3.into())]);
    let found = draw_point_data("two-gaussians".into(), options).unwrap();
    let expected = PointData::draw(Named::TwoGaussians, 50, 3).unwrap();
    let points: Float32Array = field(&found, "points").unchecked_into();
    assert_eq!(points.to_vec(), expected.points().as_flattened());
    assert_eq!(field(&found, "scale").as_f64(), Some(17f64.sqrt()));
    let spreads: js_sys::Array = field(&field(&found, "mixture"), "spreads").unchecked_into();
    assert_eq!(spreads.length(), 2);
    let parts = split_points(points.clone(), JsValue::UNDEFINED).unwrap();
    let lengths = parts
        .iter()
        .map(|part| part.unchecked_into::<Float32Array>().length());
    assert_eq!(lengths.collect::<Vec<_>>(), [80, 20]);
}

#[wasm_bindgen_test]
fn what_is_no_data_is_an_error_that_says_so() {
    let refused = |result: Result<JsValue, JsValue>| describe(&result.unwrap_err());
    let (name, code, message) = refused(point_data_from_csv("x,y\n1,2\n3,four".into()));
    assert_eq!(
        (name.as_str(), code.as_str()),
        ("TweedieError", "malformed-file")
    );
    assert!(message.contains("line 3, column 2"), "{message}");
    let (_, code, message) = refused(point_data_from(Float32Array::from(&[1.0, 2.0][..])));
    assert_eq!(code, "invalid-option");
    assert!(message.contains("a single one"), "{message}");
    let (_, _, message) = refused(draw_point_data("moons".into(), JsValue::UNDEFINED));
    assert!(message.contains("two-moons"), "{message}");
    let (_, _, message) = refused(schedule_curves("sine".into()));
    assert!(message.contains("cosine"), "{message}");
    let (_, _, message) = refused(schedule_curves(options(&[("betaEnd", 2.0.into())])));
    assert!(message.contains("betaEnd"), "{message}");
    let far = options(&[("time", 1e6.into())]);
    let error = forward_points(Float32Array::new_with_length(4), far).unwrap_err();
    assert!(describe(&error).2.contains("time"));
    let foreign = options(&[("metric", "mmd".into()), ("order", 1.into())]);
    let error = distance_of_points(data(), data(), foreign).unwrap_err();
    assert!(describe(&error).2.contains("order"));
}

#[wasm_bindgen_test]
async fn a_schedule_that_sampling_cannot_begin_from_and_skipped_columns_are_said() {
    let cpu = device("cpu").await;
    let short = options(&[
        ("name", "linear".into()),
        ("timesteps", 100.into()),
        ("betaEnd", 0.02.into()),
    ]);
    let warned = |warnings: Vec<String>| match &warnings[..] {
        [warning] => assert!(
            warning.contains("of the 100 timesteps still holds"),
            "{warning}"
        ),
        other => panic!("{other:?}"),
    };
    let training = options(&[("schedule", short.clone())]);
    warned(WasmTrainer::new(data(), training, &cpu).unwrap().warnings());
    warned(
        WasmPointModel::ideal(data(), short, &cpu)
            .unwrap()
            .warnings(),
    );
    assert!(ideal("cpu").await.warnings().is_empty());
    let read = point_data_from_csv(",x,y\n0,1.5,2.5\n1,3,4\n".into()).unwrap();
    let notes: js_sys::Array = field(&read, "notes").unchecked_into();
    let note = notes.get(0).as_string().unwrap();
    assert!(note.contains("taken for row numbers"), "{note}");
}

#[wasm_bindgen_test]
fn paths_end_at_the_last_timestep_of_any_schedule() {
    for timesteps in 2..300 {
        let schedule = options(&[("name", "cosine".into()), ("timesteps", timesteps.into())]);
        let asked = options(&[("schedule", schedule)]);
        let found = forward_paths_of_points(Float32Array::from(&[0.0, 1.0][..]), asked).unwrap();
        let times: js_sys::Float64Array = field(&found, "times").unchecked_into();
        let times = times.to_vec();
        assert_eq!((times[0], times[99]), (0.0, f64::from(timesteps - 1)));
        let positions: Float32Array = field(&found, "positions").unchecked_into();
        assert_eq!(positions.length(), 200);
    }
}

#[wasm_bindgen_test]
async fn an_ideal_model_says_the_same_on_webgpu() {
    let ask = options(&[("time", 400.5.into()), ("quantity", "clean".into())]);
    let time = options(&[("time", 400.5.into())]);
    let mut answers = Vec::new();
    for kind in ["cpu", "webgpu"] {
        let model = ideal(kind).await;
        let clean = floats(model.field(data(), ask.clone())).await;
        let nats = floats(model.closed_log_density(data(), time.clone())).await;
        answers.push((clean, nats));
    }
    assert_close(&answers[1].0, &answers[0].0, 1e-4);
    assert_close(&answers[1].1, &answers[0].1, 1e-3);
}

async fn sampled(kind: &str) -> Vec<f32> {
    let settings = options(&[
        ("sampler", "ddim".into()),
        ("steps", 8.into()),
        ("count", 40.into()),
        ("seed", 4.into()),
    ]);
    let mut run = ideal(kind).await.sample(settings).unwrap();
    assert_eq!((run.steps(), run.batch()), (8, 40));
    while !run.step().unwrap().is_undefined() {
        JsFuture::from(run.settled()).await.unwrap();
    }
    floats(run.noisy()).await
}

#[wasm_bindgen_test]
async fn points_are_sampled_on_webgpu_as_on_the_cpu() {
    assert_close(&sampled("webgpu").await, &sampled("cpu").await, 1e-2);
}

#[wasm_bindgen_test]
async fn the_density_along_the_flow_is_the_closed_one() {
    let mixture = options(&[
        (
            "means",
            js_sys::Array::of2(&(-0.9).into(), &0.9.into()).into(),
        ),
        (
            "spreads",
            js_sys::Array::of2(&0.3.into(), &0.5.into()).into(),
        ),
        ("dimensions", 1.into()),
    ]);
    let cpu = device("cpu").await;
    let model = WasmPointModel::mixture(mixture, JsValue::UNDEFINED, &cpu).unwrap();
    assert_eq!((model.dimensions(), model.timesteps()), (1, 1000));
    let line = Float32Array::from(&[-1.2, 0.0, 1.0][..]);
    let mut run = model
        .log_density(line.clone(), options(&[("steps", 30.into())]))
        .unwrap();
    while !run.step().unwrap().is_undefined() {}
    let found = floats(run.nats()).await;
    let exact = floats(model.closed_log_density(line, JsValue::UNDEFINED)).await;
    assert_close(&found, &exact, 1e-2);
}

#[wasm_bindgen_test]
async fn a_saved_run_resumes_bit_for_bit_and_returns_its_weights() {
    let one = trainer("cpu", 1e-3).await;
    let first = losses(&one, 30).await;
    assert_eq!((first.len(), one.completed_steps()), (30, 30));
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    assert!(mean(&first[20..]) < mean(&first[..10]), "{first:?}");
    let state = bytes(one.save()).await;
    let other = WasmTrainer::restore(state, &device("cpu").await).unwrap();
    assert_eq!(losses(&one, 5).await, losses(&other, 5).await);
    let model = one.model(JsValue::UNDEFINED).unwrap();
    assert_eq!((model.kind(), model.timesteps()), ("learned".into(), 500));
    let weights = bytes(model.to_safetensors()).await;
    let again = WasmPointModel::from_safetensors(weights, &device("cpu").await).unwrap();
    let ask = options(&[("time", 100.into()), ("quantity", "noise".into())]);
    let found = floats(again.field(data(), ask.clone())).await;
    assert_eq!(found, floats(model.field(data(), ask)).await);
}

#[wasm_bindgen_test]
async fn webgpu_trains_as_the_cpu_does() {
    let (cpu, gpu) = (trainer("cpu", 1e-3).await, trainer("webgpu", 1e-3).await);
    assert_close(&losses(&gpu, 4).await, &losses(&cpu, 4).await, 1e-3);
    let ask = options(&[("time", 100.into()), ("quantity", "velocity".into())]);
    let mut fields = Vec::new();
    for trainer in [&gpu, &cpu] {
        let model = trainer.model("current".into()).unwrap();
        fields.push(floats(model.field(data(), ask.clone())).await);
    }
    assert_close(&fields[0], &fields[1], 1e-2);
}

async fn a_diverging_training_keeps_good_weights(kind: &str) {
    let trainer = trainer(kind, 300.0).await;
    let error = loop {
        if let Err(error) = trainer.step() {
            break error;
        }
        if let Err(error) = JsFuture::from(trainer.losses()).await {
            break error;
        }
        assert!(trainer.completed_steps() < 100, "it does not diverge");
    };
    assert_eq!(describe(&error).1, "diverged");
    assert!(trainer.step().is_err(), "it continues after divergence");
    let model = trainer.model("current".into()).unwrap();
    let ask = options(&[("time", 100.into()), ("quantity", "noise".into())]);
    let noise = floats(model.field(data(), ask)).await;
    assert!(noise.iter().all(|x| x.is_finite()), "{noise:?}");
    trainer.set_learning_rate(1e-3.into()).unwrap();
    let losses = losses(&trainer, 2).await;
    assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
}

#[wasm_bindgen_test]
async fn a_diverging_training_on_the_cpu_keeps_good_weights() {
    a_diverging_training_keeps_good_weights("cpu").await;
}

#[wasm_bindgen_test]
async fn a_diverging_training_on_webgpu_keeps_good_weights() {
    a_diverging_training_keeps_good_weights("webgpu").await;
}

#[wasm_bindgen_test]
async fn bad_options_of_points_are_errors_that_name_them() {
    let cpu = device("cpu").await;
    let cases: [(&str, JsValue); 16] = [
        ("width", 0.into()),
        ("width", 1e6.into()),
        ("width", "wide".into()),
        ("depth", 0.into()),
        ("activation", "sine".into()),
        ("frequencies", 99.into()),
        ("prediction", "future".into()),
        ("schedule", 7.into()),
        ("weighting", "heavy".into()),
        ("timeSampling", "never".into()),
        ("learningRate", f64::NAN.into()),
        ("decay", "radioactive".into()),
        ("batch", 0.into()),
        ("ema", 1.into()),
        ("steps", 0.into()),
        ("tempo", 1.into()),
    ];
    for (name, value) in cases {
        let refused = WasmTrainer::new(data(), options(&[(name, value)]), &cpu).map(drop);
        let (kind, code, message) = describe(&refused.unwrap_err());
        assert_eq!(
            (kind.as_str(), code.as_str()),
            ("TweedieError", "invalid-option")
        );
        assert!(message.contains(name), "{name}: {message}");
    }
    let model = ideal("cpu").await;
    for (name, value) in [
        ("sampler", JsValue::from("oiler")),
        ("count", 0.into()),
        ("steps", 20_000.into()),
        ("batch", 3.into()), // that of images
        ("initialNoise", Float32Array::new_with_length(3).into()),
    ] {
        let refused = model
            .sample(options(&[(name, value)]))
            .map(drop)
            .unwrap_err();
        let (_, code, message) = describe(&refused);
        assert_eq!(code, "invalid-option");
        assert!(message.contains(name), "{name}: {message}");
    }
    let state = WasmTrainer::restore(Uint8Array::from(&[1, 2, 3][..]), &cpu)
        .map(drop)
        .unwrap_err();
    assert_eq!(describe(&state).1, "malformed-file");
}
