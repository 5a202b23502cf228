//! Tests of hand-computed losses and penalties, presets and queries.

use super::*;
use crate::Error;
use crate::family::{FamilyOptions, FamilyTrainer};
use crate::train::Samples;

fn softplus(x: f64) -> f64 {
    x.exp().ln_1p()
}

#[test]
fn the_losses_are_their_formulas() {
    const ALL: [GanLoss; 5] = [
        GanLoss::Saturating,
        GanLoss::NonSaturating,
        GanLoss::Wasserstein,
        GanLoss::LeastSquares,
        GanLoss::Relativistic,
    ];
    let (real, fake) = ([0.7f64, -1.2, 2.0], [-0.4f64, 0.3, 1.1]);
    let mean = |term: &dyn Fn(f64, f64) -> f64| {
        let terms = real.iter().zip(&fake).map(|(r, f)| term(*r, *f));
        terms.sum::<f64>() / 3.0
    };
    let logistic = mean(&|r, f| softplus(-r) + softplus(f));
    let expected = [
        [logistic, mean(&|_, f| -softplus(f))],
        [logistic, mean(&|_, f| softplus(-f))],
        [mean(&|r, f| f - r), mean(&|_, f| -f)],
        [
            mean(&|r, f| ((r - 1.0).powi(2) + f * f) / 2.0),
            mean(&|_, f| (f - 1.0).powi(2) / 2.0),
        ],
        [mean(&|r, f| softplus(f - r)), mean(&|r, f| softplus(r - f))],
    ];
    let graph = Graph::new();
    let matrix = |values: [f64; 3]| graph.matrix([3, 1], &values.map(|x| x as f32));
    let (real, fake) = (matrix(real), matrix(fake));
    for (loss, [discriminator, generator]) in ALL.into_iter().zip(expected) {
        let found = [loss.discriminator(real, fake), loss.generator(real, fake)];
        for (found, expected) in found.into_iter().zip([discriminator, generator]) {
            let error = (f64::from(found.item()) - expected).abs();
            assert!(error < 1e-6, "{loss:?}: {found:?} {expected}");
        }
    }
}

#[test]
fn the_penalties_of_a_linear_discriminator_are_those_of_its_slope() {
    let graph = Graph::new();
    let weight = graph.matrix([1, 2], &[3.0, -4.0]);
    let points = graph.matrix([5, 2], &[0.5; 10]);
    let output = points.affine(weight, graph.scalar(0.3));
    let squared = squared_slope(output, points);
    assert_eq!(squared.item(), 12.5);
    // d(‖w‖²/2)/dw = w, and d(‖w‖ − 1)²/dw = 2(‖w‖ − 1)·w/‖w‖.
    let slope = graph.gradient(squared, weight).to_vec();
    assert!((slope[0] - 3.0).abs() < 1e-6 && (slope[1] + 4.0).abs() < 1e-6);
    let unit = unit_slope(output, points);
    assert!((unit.item() - 16.0).abs() < 1e-5);
    let slope = graph.gradient(unit, weight).to_vec();
    assert!((slope[0] - 4.8).abs() < 1e-5 && (slope[1] + 6.4).abs() < 1e-5);
}

fn trainer(options: GanOptions) -> FamilyTrainer {
    let points = Generator::new(5).normal(2 * 64);
    let data = Samples::new(points, [64, 2]).unwrap();
    FamilyTrainer::new(data, FamilyOptions::of::<Gan>(&options).unwrap()).unwrap()
}

fn small() -> GanOptions {
    GanOptions {
        width: 8,
        batch: 16,
        ..GanOptions::default()
    }
}

#[test]
fn every_preset_trains_and_is_named() {
    for (name, options) in GanOptions::presets() {
        options.check().unwrap();
        let named = FamilyOptions::preset("gan", name).unwrap();
        assert_eq!(
            named.to_json(),
            FamilyOptions::of::<Gan>(&options).unwrap().to_json()
        );
        let options = GanOptions {
            width: 8,
            batch: 16,
            ..options
        };
        let mut trainer = trainer(options);
        for _ in 0..3 {
            let losses = trainer.step().unwrap();
            assert_eq!(losses.len(), 3, "{name}");
        }
    }
}

#[test]
fn a_discriminator_without_an_opponent_that_learns_tells_points_from_samples() {
    let mut trainer = trainer(GanOptions {
        generator_learning_rate: 1e-12,
        ..small()
    });
    for _ in 0..400 {
        trainer.step().unwrap();
    }
    let samples = trainer
        .member()
        .sample(&SampleRequest::new(200), &mut Generator::new(1))
        .unwrap();
    let mean = |points: &[f32]| {
        let field = trainer.member().field("discriminator", points).unwrap();
        field.iter().sum::<f32>() / field.len() as f32
    };
    let (real, fake) = (mean(trainer.data().values()), mean(&samples));
    assert!(real > 0.7 && fake < 0.3, "{real} {fake}");
    // The output increases along its gradient.
    let gradient = trainer.member().field("discriminator-gradient", &samples);
    let moved: Vec<f32> = samples
        .iter()
        .zip(gradient.unwrap())
        .map(|(x, slope)| x + 0.01 * slope)
        .collect();
    assert!(mean(&moved) > fake);
}

#[test]
fn a_gan_says_what_it_lacks() {
    let trainer = trainer(small());
    let member = trainer.member();
    let error = member.log_density(&[0.0, 0.0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model gan has no log-density; it has: samples, latents, discriminator, discriminator-gradient"
    );
    assert!(matches!(
        member.score(&[0.0, 0.0]),
        Err(Error::NoCapability { .. })
    ));
    assert!(member.field("energy", &[0.0, 0.0]).is_err());
    let request = SampleRequest {
        steps: Some(3),
        ..SampleRequest::new(2)
    };
    assert!(member.sample(&request, &mut Generator::new(0)).is_err());
    for bad in [&[][..], &[1.0], &[f32::NAN, 0.0]] {
        assert!(member.decode(bad).is_err());
        assert!(member.field("discriminator", bad).is_err());
    }
    let none = SampleRequest::new(0);
    assert!(member.sample(&none, &mut Generator::new(0)).is_err());
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let bad = [
        (
            "width",
            GanOptions {
                width: 0,
                ..small()
            },
        ),
        (
            "latents",
            GanOptions {
                latents: 0,
                ..small()
            },
        ),
        (
            "beta1",
            GanOptions {
                beta1: 1.0,
                ..small()
            },
        ),
        (
            "r1",
            GanOptions {
                r1: f64::NAN,
                ..small()
            },
        ),
        (
            "discriminatorSteps",
            GanOptions {
                discriminator_steps: 0,
                ..small()
            },
        ),
        (
            "generatorLearningRate",
            GanOptions {
                generator_learning_rate: 0.0,
                ..small()
            },
        ),
    ];
    for (name, options) in bad {
        let found = Gan::new(&options, 0, &mut Generator::new(0)).unwrap_err();
        let is_named = matches!(&found, Error::InvalidOption { name: found, .. } if found == name);
        assert!(is_named, "{name}: {found}");
    }
}
