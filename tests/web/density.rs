//! The bindings of distributions in a browser.
use std::f64::consts::{E, PI};

use js_sys::{Array, Float64Array, Object, Reflect};
use tweedie::distribution::{Distribution, InverseTransform, Laplace, Normal, Rejection};
use tweedie::random::Generator;
use tweedie::web::WasmDensity;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// A plain JavaScript object.
fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from(*name), value).unwrap();
    }
    object.into()
}

fn list(values: &[f64]) -> JsValue {
    Float64Array::from(values).into()
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn number(object: &JsValue, name: &str) -> f64 {
    field(object, name).as_f64().unwrap()
}

fn numbers(object: &JsValue, name: &str) -> Vec<f64> {
    field(object, name)
        .unchecked_into::<Float64Array>()
        .to_vec()
}

fn normal() -> WasmDensity {
    let description = [
        ("kind", "normal".into()),
        ("mean", 0.0.into()),
        ("sd", 1.0.into()),
    ];
    WasmDensity::new(object(&description)).unwrap()
}

fn samples(density: &WasmDensity, options: &[(&str, JsValue)]) -> Vec<f64> {
    let mut sampler = density.sampler(object(options)).unwrap();
    let samples = Float64Array::new_with_length(sampler.count() as u32);
    sampler.fill(samples.clone(), usize::MAX).unwrap();
    samples.to_vec()
}

/// `code` and message of an error.
#[track_caller]
fn refused<T>(result: Result<T, JsValue>) -> (String, String) {
    let Err(error) = result else {
        panic!("nothing was refused");
    };
    let text = |name: &str| field(&error, name).as_string().unwrap();
    assert_eq!(text("name"), "TweedieError");
    (text("code"), text("message"))
}

#[track_caller]
fn is_refused<T>(result: Result<T, JsValue>, expected: &str) {
    let (code, message) = refused(result);
    assert_eq!(code, "invalid-option", "{message}");
    assert!(message.starts_with(expected), "{message}");
}

#[wasm_bindgen_test]
fn every_kind_is_made_and_tells_its_moments() {
    let component = |weight: f64, mean: f64| {
        object(&[
            ("weight", weight.into()),
            ("mean", mean.into()),
            ("sd", 1.0.into()),
        ])
    };
    let components = Array::of2(&component(1.0, 0.0), &component(3.0, 4.0));
    for (kind, parameters, mean) in [
        (
            "uniform",
            vec![("low", 0.0.into()), ("high", 3.0.into())],
            Some(1.5),
        ),
        ("exponential", vec![("rate", 2.0.into())], Some(0.5)),
        (
            "laplace",
            vec![("location", 1.0.into()), ("scale", 2.0.into())],
            Some(1.0),
        ),
        (
            "triangular",
            vec![
                ("low", 0.0.into()),
                ("mode", 1.0.into()),
                ("high", 2.0.into()),
            ],
            Some(1.0),
        ),
        (
            "cauchy",
            vec![("location", 0.0.into()), ("scale", 1.0.into())],
            None,
        ),
        (
            "power",
            vec![("exponent", 2.0.into()), ("high", 2.0.into())],
            Some(1.5),
        ),
        (
            "mixture",
            vec![("components", components.into())],
            Some(3.0),
        ),
        (
            "piecewise-linear",
            vec![
                ("knots", list(&[0.0, 1.0, 2.0])),
                ("heights", list(&[0.0, 7.0, 0.0])),
            ],
            Some(1.0),
        ),
        (
            "formula",
            vec![
                ("source", "x".into()),
                ("low", 0.0.into()),
                ("high", 3.0.into()),
            ],
            Some(2.0),
        ),
        (
            "discrete",
            vec![
                ("values", list(&[1.0, 5.0])),
                ("weights", list(&[3.0, 1.0])),
            ],
            Some(2.0),
        ),
    ] {
        let description = [("kind", kind.into())]
            .into_iter()
            .chain(parameters)
            .collect::<Vec<_>>();
        let density = WasmDensity::new(object(&description)).unwrap();
        let summary = density.summary().unwrap();
        assert_eq!(field(&summary, "kind").as_string().unwrap(), kind);
        match mean {
            Some(mean) => assert!((number(&summary, "mean") - mean).abs() < 1e-12, "{kind}"),
            None => {
                assert!(field(&summary, "mean").is_null() && field(&summary, "variance").is_null())
            }
        }
        assert_eq!(
            field(&summary, "isDiscrete").as_bool(),
            Some(kind == "discrete")
        );
        let support = field(&summary, "support").unchecked_into::<Array>();
        assert!(support.get(0).as_f64().unwrap() < support.get(1).as_f64().unwrap());
        let found = samples(&density, &[("count", 1000.into()), ("seed", 1.into())]);
        let test = density.test(Float64Array::from(&found[..])).unwrap();
        assert!(
            number(&test, "pValue") > 1e-3,
            "{kind}: {}",
            number(&test, "pValue")
        );
    }
}

#[wasm_bindgen_test]
fn samples_are_those_of_the_native_crate_in_any_pieces() {
    let target = Normal::new(0.0, 1.0).unwrap();
    let expected = InverseTransform::new(&target)
        .sample(10_000, &mut Generator::new(7))
        .unwrap();
    let options = [("count", 10_000.into()), ("seed", 7.into())];
    assert_eq!(samples(&normal(), &options), expected);
    let mut sampler = normal().sampler(object(&options)).unwrap();
    let whole = Float64Array::new_with_length(10_000);
    for (from, to) in [(0, 1), (1, 5000), (5000, 5000), (5000, 10_000)] {
        let part = whole.subarray(from, to);
        assert_eq!(sampler.fill(part, usize::MAX).unwrap(), to - from);
    }
    assert_eq!(whole.to_vec(), expected);
    let picture = normal().inverse_transform(object(&options)).unwrap();
    assert_eq!(numbers(&picture, "x"), expected);
    assert!(
        numbers(&picture, "u")
            .iter()
            .zip(&expected)
            .all(|(u, x)| (target.cdf(*x) - u).abs() < 1e-9)
    );
}

#[wasm_bindgen_test]
fn rejection_gives_its_proposals_and_the_same_samples() {
    let (target, proposal) = (
        Normal::new(0.0, 1.0).unwrap(),
        Laplace::new(0.0, 1.0).unwrap(),
    );
    let rejection = Rejection::new(&target, &proposal, None).unwrap();
    let expected = rejection.sample(100, &mut Generator::new(3)).unwrap();
    let run = [
        ("count", 100.into()),
        ("seed", 3.into()),
        ("proposal", "laplace".into()),
    ];
    let mut kept_run = normal().rejection(object(&run)).unwrap();
    while !kept_run.step(7).unwrap() {}
    let picture = kept_run.result().unwrap();
    assert_eq!(numbers(&picture, "accepted"), expected);
    let accepted = field(&picture, "isAccepted")
        .unchecked_into::<js_sys::Uint8Array>()
        .to_vec();
    let xs = numbers(&picture, "x");
    let kept: Vec<f64> = xs
        .iter()
        .zip(&accepted)
        .filter(|(_, is_accepted)| **is_accepted == 1)
        .map(|(x, _)| *x)
        .collect();
    assert_eq!(kept, expected);
    assert_eq!(number(&picture, "acceptanceRate"), 100.0 / xs.len() as f64);
    let method = [run.as_slice(), &[("method", "rejection".into())]].concat();
    assert_eq!(samples(&normal(), &method), expected);
}

#[wasm_bindgen_test]
fn a_cauchy_target_has_a_proposal_of_its_own_kind() {
    let parameters = [
        ("kind", "cauchy".into()),
        ("location", 1.0.into()),
        ("scale", 2.0.into()),
    ];
    let target = WasmDensity::new(object(&parameters)).unwrap();
    for options in [vec![], vec![("proposal", "cauchy".into())]] {
        let envelope = target.envelope(object(&options)).unwrap();
        let proposal = field(&envelope, "proposal");
        assert_eq!(
            field(&proposal, "kind").as_string().as_deref(),
            Some("cauchy")
        );
        assert_eq!(number(&proposal, "location"), 1.0);
        assert!((number(&envelope, "c") - 1.0).abs() < 1e-9);
    }
}

#[wasm_bindgen_test]
fn envelopes_tell_their_proposal_and_where_they_break() {
    let options = [
        ("proposal", object(&[("kind", "laplace".into())])),
        ("c", 1.2.into()),
        ("xs", list(&[0.0, 1.0])),
    ];
    let envelope = normal().envelope(object(&options)).unwrap();
    assert!((number(&envelope, "supremum") - (2.0 * E / PI).sqrt()).abs() < 1e-12);
    assert_eq!(number(&field(&envelope, "proposal"), "scale"), 1.0);
    let breaks = field(&envelope, "breaks").unchecked_into::<Array>();
    assert_eq!(breaks.length(), 2);
    let height = numbers(&envelope, "height");
    assert!((height[0] - 0.6).abs() < 1e-12);
    assert_eq!(numbers(&envelope, "resulting").len(), 2);
    assert!(number(&envelope, "distance") > 0.0 && number(&envelope, "acceptanceRate") < 1.0 / 1.2);
}

#[wasm_bindgen_test]
fn what_is_wrong_is_named_as_javascript_writes_it() {
    let density = |fields: &[(&str, JsValue)]| WasmDensity::new(object(fields));
    is_refused(WasmDensity::new(JsValue::NULL), "density must be an object");
    is_refused(
        density(&[("kind", "gamma".into())]),
        "kind must be one of uniform",
    );
    is_refused(
        density(&[("kind", "normal".into()), ("mean", 0.0.into())]),
        "sd must be a number",
    );
    is_refused(
        density(&[
            ("kind", "normal".into()),
            ("mean", 0.0.into()),
            ("sd", (-1.0).into()),
        ]),
        "sd must be a finite number above 0",
    );
    is_refused(
        density(&[("kind", "discrete".into()), ("values", "abc".into())]),
        "values must be a Float64Array",
    );
    is_refused(
        density(&[
            ("kind", "mixture".into()),
            ("components", Array::new().into()),
        ]),
        "components must be a list of 1 to 100",
    );
    let sampler = |fields: &[(&str, JsValue)]| normal().sampler(object(fields));
    is_refused(sampler(&[("count", 0.into())]), "count must be between 1");
    is_refused(sampler(&[("count", 1e9.into())]), "count must be between 1");
    is_refused(
        sampler(&[("cuont", 1.into())]),
        "options must be an object of the options method",
    );
    is_refused(sampler(&[("proposal", "normal".into())]), "options must be");
    let rejection =
        |name: &str, value: JsValue| sampler(&[("method", "rejection".into()), (name, value)]);
    is_refused(
        rejection("c", 0.0.into()),
        "c must be a finite number above 0",
    );
    is_refused(rejection("c", 1e12.into()), "c must be so small");
    is_refused(rejection("proposal", "gamma".into()), "kind must be one of");
    is_refused(rejection("proposal", "uniform".into()), "low must be given");
    is_refused(
        normal().inverse_cdf(Float64Array::from(&[0.5, 1.5][..])),
        "us must be numbers from 0 to 1",
    );
    is_refused(
        normal().test(Float64Array::new_with_length(1)),
        "samples must be at least 2",
    );
}

#[wasm_bindgen_test]
fn a_formula_has_its_column_and_a_missing_envelope_its_reason() {
    let typed = [
        ("kind", "formula".into()),
        ("source", "exp(-x^2".into()),
        ("low", 0.0.into()),
        ("high", 1.0.into()),
    ];
    let Err(error) = WasmDensity::new(object(&typed)) else {
        panic!("it was read");
    };
    assert_eq!(field(&error, "code").as_string().unwrap(), "formula");
    assert_eq!(number(&error, "column"), 9.0);
    let cauchy = [
        ("kind", "cauchy".into()),
        ("location", 0.0.into()),
        ("scale", 1.0.into()),
    ];
    let cauchy = WasmDensity::new(object(&cauchy)).unwrap();
    let (code, message) = refused(cauchy.envelope(object(&[("proposal", "normal".into())])));
    assert_eq!(code, "envelope");
    assert!(
        message.contains("the target falls like |x|^-2"),
        "{message}"
    );
}
