//! Encoding, decoding and interpolation of latents.

use tweedie::web::slerp;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{array, assert_close, describe, finish, labels, options, pipeline};

#[wasm_bindgen_test]
async fn multistep_solvers_and_latents_are_the_same_on_webgpu() {
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
        let encoding = pipeline.encode(array(&images), options(&latents)).unwrap();
        runs.push((sample, finish(encoding).await));
    }
    assert_close(&runs[0].0, &runs[1].0, 2e-3);
    assert_close(&runs[0].1, &runs[1].1, 2e-2);
}

#[wasm_bindgen_test]
async fn inversion_and_the_adaptive_solver_lead_to_latents() {
    let pipeline = pipeline("cpu").await;
    let image = array(&[-1.0; 784]);
    let inversion = [("steps", 4.into()), ("classLabels", labels(&[3]))];
    let inverted = pipeline.invert(image.clone(), options(&inversion)).unwrap();
    assert_eq!((inverted.steps(), inverted.batch()), (4, 1));
    assert!(finish(inverted).await.iter().all(|x| x.is_finite()));
    let adaptive = [
        ("solver", "dormand-prince".into()),
        ("absoluteTolerance", 0.05.into()),
        ("relativeTolerance", 0.05.into()),
        ("classLabels", labels(&[3])),
    ];
    let latent = finish(pipeline.encode(image.clone(), options(&adaptive)).unwrap()).await;
    let back = finish(pipeline.decode(array(&latent), options(&adaptive)).unwrap()).await;
    assert!(back.iter().all(|x| x.is_finite()));
}

#[wasm_bindgen_test]
async fn what_a_solver_does_not_know_is_refused_by_name() {
    let pipeline = pipeline("cpu").await;
    let cases: [(&str, &[(&str, JsValue)]); 5] = [
        (
            "steps",
            &[("solver", "dormand-prince".into()), ("steps", 5.into())],
        ),
        ("maxEvaluations", &[("maxEvaluations", 50.into())]),
        (
            "relativeTolerance",
            &[
                ("solver", "dormand-prince".into()),
                ("relativeTolerance", 2.0.into()),
            ],
        ),
        ("solver", &[("solver", "rk5".into())]),
        ("stpes", &[("stpes", 5.into())]),
    ];
    for (name, fields) in cases {
        let error = pipeline.encode(array(&[0.0; 784]), options(fields));
        let (_, code, message) = describe(&error.map(drop).unwrap_err());
        assert!(
            code == "invalid-option" && message.contains(name),
            "{message}"
        );
    }
    let error = pipeline.invert(array(&[0.0; 784]), options(&[("solver", "heun".into())]));
    assert!(describe(&error.map(drop).unwrap_err()).2.contains("solver"));
}

#[wasm_bindgen_test]
async fn latents_are_interpolated_along_the_sphere() {
    let third = (std::f32::consts::FRAC_PI_6).sin_cos();
    let found = slerp(array(&[2.0, 0.0]), array(&[0.0, 2.0]), (1.0 / 3.0).into()).await;
    assert_close(&found.unwrap(), &[2.0 * third.1, 2.0 * third.0], 1e-5);
    for (from, to, t, name) in [
        (&[1.0][..], &[1.0, 2.0][..], 0.5, "to"),
        (&[], &[], 0.5, "from"),
        (&[1.0], &[1.0], f64::NAN, "t"),
    ] {
        let (_, code, message) =
            describe(&slerp(array(from), array(to), t.into()).await.unwrap_err());
        assert_eq!(code, "invalid-option");
        assert!(message.starts_with(&format!("{name} must be")), "{message}");
    }
}
