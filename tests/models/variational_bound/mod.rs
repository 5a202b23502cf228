//! The variational bound against an independent computation, closed forms, and the likelihood that it bounds.

mod gaussian;
mod images;

use crate::common::{Tensors, json, values};
use burn::tensor::Tensor;
use serde_json::Value;
use tweedie::diffusion::{Betas, Denoiser, Estimate, NoiseLevel, NoiseSchedule, Prediction};
use tweedie::likelihood::VariationalBound;
use tweedie::random::Generator;
use tweedie::sampler::Clipping;
use tweedie::sampler::ddpm::Variance;

/// The formulas that replace a network in the fixture.
struct Toy(Variance);

impl Denoiser<4> for Toy {
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let noise = noisy.clone() * (level.time / (level.time + 1.0));
        let sine = noisy.clone().sin();
        Estimate {
            clean: Prediction::Noise.clean(noisy, noise, level),
            variance: match self.0 {
                Variance::Learned => Some((sine.clone() * sine + 1.0) * 0.01),
                Variance::LearnedRange => Some(sine * 0.5),
                Variance::FixedSmall | Variance::FixedLarge => None,
            },
        }
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|number| number.as_f64().unwrap()).collect()
}

fn variance(name: &str) -> Variance {
    match name {
        "fixed_small" => Variance::FixedSmall,
        "fixed_large" => Variance::FixedLarge,
        "learned" => Variance::Learned,
        "learned_range" => Variance::LearnedRange,
        other => panic!("{other}"),
    }
}

#[track_caller]
fn assert_relative(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}: length");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs() / expected.abs().max(0.01);
        assert!(
            error < 1e-4,
            "{what} at {index}: {found} is not {expected}, off by {error:e}"
        );
    }
}

#[test]
fn every_term_equals_an_independent_computation_in_double_precision() {
    let fixture = json("variational_bound.json");
    let tensors = Tensors::read("variational_bound.safetensors");
    let betas = numbers(&fixture["betas"]);
    let schedule = NoiseSchedule::new(&Betas::Trained(betas.clone()), betas.len()).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let variance = variance(case["variance"].as_str().unwrap());
        let timesteps = numbers(&case["timesteps"]);
        let clipping = if case["clip"].as_bool().unwrap() {
            Clipping::Range(1.0)
        } else {
            Clipping::None
        };
        let mut bound = VariationalBound::new(
            tensors.tensor::<4>("images"),
            &schedule,
            &timesteps.iter().map(|t| *t as usize).collect::<Vec<_>>(),
            variance,
            clipping,
            Generator::new(fixture["seed"].as_u64().unwrap() as u32),
        )
        .unwrap();
        while bound.step(&Toy(variance)).unwrap().is_some() {}
        let expected = |what: &str| tensors.values(&format!("{name}.{what}"));
        let (prior, terms) = (expected("prior"), expected("terms"));
        assert_relative(name, &values(bound.prior()), &prior);
        let decoder = bound.decoder().unwrap().unsqueeze_dim(1);
        let found = Tensor::cat(vec![bound.terms().unwrap(), decoder], 1);
        assert_relative(name, &values(found), &terms);
        let rows = prior.iter().zip(terms.chunks(timesteps.len()));
        let total: Vec<f32> = rows
            .map(|(prior, row)| prior + row.iter().sum::<f32>())
            .collect();
        assert_relative(name, &values(bound.bits_per_dimension()), &total);
        assert_eq!(bound.timesteps().collect::<Vec<_>>(), timesteps);
    }
}
