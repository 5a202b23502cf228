//! All samplers of the catalog.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use tweedie::sampler::catalog::CATALOG;

use crate::tiny::{Channels, tiny_pipeline};
use crate::{describe, finish, floats, labels, options, pipeline};

/// Names of all samplers except the one for consistency models.
pub fn sampler_names() -> Vec<String> {
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
    assert_eq!(names.len(), CATALOG.len());
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
    assert!(message.starts_with("sampler must be"), "{message}");
}

/// Number of evaluations: two steps of the adaptive solver, after which error differences make the devices diverge.
const EVALUATIONS: usize = 14;

async fn sample_of(kind: &str, channels: Channels, sampler: &str) -> Vec<f32> {
    let pipeline = tiny_pipeline(kind, channels).await;
    let mut fields = vec![("sampler", JsValue::from(sampler)), ("batch", 2.into())];
    if sampler != "dormand-prince" {
        fields.push(("steps", 4.into()));
    }
    if sampler.contains("langevin") {
        fields.push(("stepSize", 1e-4.into()));
    }
    let mut sampling = pipeline.sample(options(&fields)).unwrap();
    for _ in 0..EVALUATIONS {
        if sampling.step().unwrap().is_undefined() {
            break;
        }
        JsFuture::from(sampling.settled()).await.unwrap();
    }
    floats(sampling.noisy()).await
}

async fn every_sampler_is_the_same_on_both_devices(channels: Channels) {
    for name in sampler_names() {
        let expected = sample_of("cpu", channels, &name).await;
        let found = sample_of("webgpu", channels, &name).await;
        let scale = expected.iter().fold(1.0_f32, |scale, x| scale.max(x.abs()));
        let off = |(found, expected): (&f32, &f32)| (found - expected).abs() / scale;
        let most = found.iter().zip(&expected).map(off).fold(0.0, f32::max);
        assert!(most < 5e-4, "{name}: off by {most}");
        assert!(found.iter().all(|x| x.is_finite()), "{name}");
    }
}

#[wasm_bindgen_test]
async fn every_sampler_of_grey_images_is_the_same_on_webgpu() {
    every_sampler_is_the_same_on_both_devices(Channels::Grey).await;
}

#[wasm_bindgen_test]
async fn every_sampler_of_rgb_images_is_the_same_on_webgpu() {
    every_sampler_is_the_same_on_both_devices(Channels::Rgb).await;
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
fn the_list_tells_the_domain_of_every_option() {
    let list = Array::from(&tweedie::web::samplers().unwrap());
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap();
    let sampler = |name: &str| {
        let named = |entry: &JsValue| get(entry, "name").as_string().as_deref() == Some(name);
        list.iter().find(named).unwrap()
    };
    let options = get(&sampler("ddim"), "options").unchecked_into::<Object>();
    let names: Vec<Option<String>> = Object::keys(&options)
        .iter()
        .map(|name| name.as_string())
        .collect();
    let expected = ["eta", "useClippedModelOutput"].map(|name| Some(name.to_owned()));
    assert_eq!(names, expected);
    let eta = get(&options, "eta");
    assert_eq!(get(&eta, "type").as_string().as_deref(), Some("number"));
    let bounds = ["minimum", "maximum", "default"].map(|name| get(&eta, name).as_f64());
    assert_eq!(bounds, [Some(0.0), Some(1.0), Some(0.0)]);
    let langevin = get(&sampler("langevin"), "options");
    assert!(get(&get(&langevin, "stepSize"), "default").is_null());
    let flow = get(&sampler("probability-flow"), "options");
    let choices = Array::from(&get(&get(&flow, "solver"), "choices"));
    assert_eq!(choices.join(",").as_string().unwrap(), "euler,heun,rk4");
}
