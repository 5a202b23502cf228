//! The training objective and the learning rate, against the formulas of the papers.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::common::{assert_close, values};
use burn::tensor::Device;
use tweedie::Error;
use tweedie::diffusion::{Betas, NoiseLevel, NoiseSchedule, Prediction, Process};
use tweedie::random::Generator;
use tweedie::train::{
    Batch, LearningRateDecay, LearningRateSchedule, Objective, Optimizer, Samples, TimeSampling,
    Weighting,
};

const EDM: Prediction = Prediction::Edm { sigma_data: 0.5 };

const PREDICTIONS: [Prediction; 6] = [
    Prediction::Noise,
    Prediction::Clean,
    Prediction::Velocity,
    Prediction::Score,
    Prediction::FlowVelocity,
    EDM,
];

fn schedule() -> NoiseSchedule {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    NoiseSchedule::new(&betas, 1000).unwrap()
}

fn objective(prediction: Prediction, weighting: Weighting) -> Objective {
    Objective {
        process: Process::Discrete(schedule()),
        prediction,
        weighting,
        times: TimeSampling::LowVariance,
    }
}

#[test]
fn weights_of_different_outputs_weigh_the_same_error_alike() {
    let process = Process::Discrete(schedule());
    let level = schedule().level(300).unwrap();
    let u = 0.3005;
    let NoiseLevel { alpha, sigma, .. } = level;
    let snr = (alpha / sigma).powi(2);
    // Hang et al. 2023, section 3.4: for the noise, the clean sample and the velocity.
    for gamma in [0.5 * snr, 2.0 * snr] {
        let least = snr.min(gamma);
        let weighting = Weighting::MinSnr { gamma };
        for (prediction, expected) in [
            (Prediction::Noise, least / snr),
            (Prediction::Clean, least),
            (Prediction::Velocity, least / (snr + 1.0)),
        ] {
            let found = weighting.weight(prediction, level, || {
                TimeSampling::Uniform.noise_growth(&process, u)
            });
            assert!((found / expected - 1.0).abs() < 1e-12, "{prediction:?}");
        }
    }
    for weighting in [Weighting::Variational, Weighting::MinSnr { gamma: 5.0 }] {
        // An error of 1 in the output is an error of `from_output` in the clean sample.
        let of_clean = |prediction: Prediction| {
            let (_, from_output) = prediction.clean_coefficients(level);
            weighting.weight(prediction, level, || {
                TimeSampling::Uniform.noise_growth(&process, u)
            }) / from_output.powi(2)
        };
        for prediction in PREDICTIONS {
            let ratio = of_clean(prediction) / of_clean(Prediction::Clean);
            assert!((ratio - 1.0).abs() < 1e-12, "{prediction:?}: {ratio}");
        }
    }
}

#[test]
fn variational_weights_are_the_coefficients_of_ho_et_al() {
    let alpha_bars = schedule().alpha_bars().to_vec();
    let process = Process::Discrete(schedule());
    for t in [1, 300, 999] {
        let level = schedule().level(t).unwrap();
        let alpha = alpha_bars[t] / alpha_bars[t - 1];
        // beta²/(2·sigma²·alpha·(1 − ᾱ)) with sigma² = beta, times the thousand equally likely timesteps.
        let expected = 1000.0 * (1.0 - alpha) / (2.0 * alpha * (1.0 - alpha_bars[t]));
        let u = (t as f64 + 0.5) / 1000.0;
        let found = Weighting::Variational.weight(Prediction::Noise, level, || {
            TimeSampling::Uniform.noise_growth(&process, u)
        });
        assert!((found / expected - 1.0).abs() < 1e-9, "{t}: {found}");
    }
}

#[test]
fn simple_weights_are_one_and_for_a_score_the_variance_of_the_noise() {
    let level = schedule().level(500).unwrap();
    for prediction in PREDICTIONS {
        let expected = match prediction {
            Prediction::Score => level.sigma.powi(2),
            _ => 1.0,
        };
        let found = Weighting::Simple.weight(prediction, level, || 1.0);
        assert_eq!(found, expected, "{prediction:?}");
    }
}

#[test]
fn the_target_as_output_yields_the_clean_sample() {
    let device = Device::flex();
    let clean = Generator::new(0).normal(64);
    let samples = Samples::new(clean.clone(), [32, 2]).unwrap();
    let rows: Vec<usize> = (0..32).collect();
    for prediction in PREDICTIONS {
        let objective = objective(prediction, Weighting::Simple);
        let mut batch = Batch::default();
        objective.draw(&samples, &rows, &mut Generator::new(1), &mut batch);
        let (noisy, target) = (batch.noisy(&device), batch.target(&device));
        for (row, level) in batch.levels().iter().enumerate() {
            let of_row = |tensor: &burn::tensor::Tensor<2>| tensor.clone().narrow(0, row, 1);
            let found = prediction.clean(of_row(&noisy), of_row(&target), *level);
            // Where noise dominates, the target is affected by rounding.
            let tolerance = 1e-5 * (1.0 + level.noise_to_signal() as f32);
            let expected = &clean[2 * row..2 * row + 2];
            assert_close(
                &format!("{prediction:?}"),
                &values(found),
                expected,
                tolerance,
            );
        }
    }
}

#[test]
fn every_sample_of_a_batch_has_a_level_of_its_own_evenly_spread() {
    let mut levels = TimeSampling::LowVariance.draw(&mut Generator::new(3), 8);
    levels.sort_by(f64::total_cmp);
    assert!(
        levels
            .windows(2)
            .all(|pair| (pair[1] - pair[0] - 0.125).abs() < 1e-12)
    );
    assert!(levels[0] >= 0.0 && levels[7] < 1.0);
    let offset = |seed| TimeSampling::LowVariance.draw(&mut Generator::new(seed), 1)[0];
    assert_ne!(offset(1), offset(2));
    let independent = TimeSampling::Uniform.draw(&mut Generator::new(3), 1000);
    let mean = independent.iter().sum::<f64>() / 1000.0;
    assert!((mean - 0.5).abs() < 0.03 && independent.iter().all(|u| (0.0..1.0).contains(u)));
}

#[test]
fn noise_is_no_target_where_a_schedule_ends_without_signal() {
    let ends_in_noise = || Process::Discrete(schedule().with_zero_terminal_snr());
    for (prediction, fits) in [
        (Prediction::Noise, false),
        (Prediction::Score, false),
        (Prediction::Velocity, true),
        (Prediction::Clean, true),
    ] {
        let objective = Objective {
            process: ends_in_noise(),
            ..objective(prediction, Weighting::Simple)
        };
        match objective.check() {
            Err(Error::InvalidOption { name, .. }) if !fits => assert_eq!(name, "prediction"),
            found => assert!(fits && found.is_ok(), "{prediction:?}: {found:?}"),
        }
    }
    let consistency = Objective {
        process: Process::Consistency { sigma_data: 0.5 },
        ..objective(Prediction::Noise, Weighting::Simple)
    };
    assert!(matches!(
        consistency.check(),
        Err(Error::Unsupported { .. })
    ));
    for gamma in [0.0, f64::NAN, f64::INFINITY] {
        let weighting = Weighting::MinSnr { gamma };
        assert!(objective(Prediction::Noise, weighting).check().is_err());
    }
}

#[test]
fn the_learning_rate_warms_up_to_its_peak_and_decays_to_nothing_at_the_last_step() {
    let rate = |decay| LearningRateSchedule {
        peak: 2.0,
        warm_up: 10,
        decay,
        steps: 110,
    };
    for (decay, half) in [
        (LearningRateDecay::Constant, 2.0),
        (LearningRateDecay::Linear, 1.0),
        (LearningRateDecay::Cosine, 1.0),
    ] {
        let rate = rate(decay);
        assert!((rate.at(0) - 0.2).abs() < 1e-12 && (rate.at(9) - 2.0).abs() < 1e-12);
        assert!((rate.at(10) - 2.0).abs() < 1e-12);
        assert!(
            (rate.at(60) - half).abs() < 1e-12,
            "{decay:?}: {}",
            rate.at(60)
        );
        for after in [110, 1000] {
            let end = if decay == LearningRateDecay::Constant {
                2.0
            } else {
                0.0
            };
            assert!((rate.at(after) - end).abs() < 1e-12, "{decay:?}");
        }
    }
    let cosine = rate(LearningRateDecay::Cosine);
    assert!((cosine.at(35) - (1.0 + FRAC_1_SQRT_2)).abs() < 1e-12);
    let linear = rate(LearningRateDecay::Linear);
    assert!((linear.at(35) - 1.5).abs() < 1e-12);
}

#[test]
fn the_ema_decay_is_smaller_in_the_first_steps() {
    let optimizer = Optimizer {
        ema_decay: 0.9,
        ..Optimizer::default()
    };
    // (1 + n)/(10 + n), while it is smaller.
    for (step, expected) in [(0, 0.1), (8, 0.5), (80, 0.9), (10_000, 0.9)] {
        assert!((optimizer.update(step).ema_decay - expected).abs() < 1e-12);
    }
}

#[test]
fn options_of_the_optimiser_out_of_range_are_refused_by_name() {
    let default = Optimizer::default;
    let rate = |peak| LearningRateSchedule {
        peak,
        ..LearningRateSchedule::default()
    };
    let cases = [
        (
            "learning_rate",
            Optimizer {
                learning_rate: rate(0.0),
                ..default()
            },
        ),
        (
            "beta_1",
            Optimizer {
                beta_1: 1.0,
                ..default()
            },
        ),
        (
            "beta_2",
            Optimizer {
                beta_2: -0.1,
                ..default()
            },
        ),
        (
            "epsilon",
            Optimizer {
                epsilon: 0.0,
                ..default()
            },
        ),
        (
            "weight_decay",
            Optimizer {
                weight_decay: -1.0,
                ..default()
            },
        ),
        (
            "ema_decay",
            Optimizer {
                ema_decay: 1.0,
                ..default()
            },
        ),
        (
            "max_gradient_norm",
            Optimizer {
                max_gradient_norm: Some(0.0),
                ..default()
            },
        ),
    ];
    assert!(default().check().is_ok());
    for (option, optimizer) in cases {
        let refused = optimizer.check();
        assert!(
            matches!(&refused, Err(Error::InvalidOption { name, .. }) if name == option),
            "{option}: {refused:?}"
        );
    }
}

#[test]
fn levels_by_log_snr_are_spread_evenly_over_it() {
    let log_snr = |process: &Process, u: f64| {
        let level = TimeSampling::LogSnr.level(process, u);
        (level.alpha / level.sigma).ln()
    };
    let flow = Process::FlowMatching { timesteps: 1000.0 };
    let discrete = Process::Discrete(schedule());
    for i in 0..=20 {
        let u = f64::from(i) / 20.0;
        let expected = 3.5 - 6.0 * u;
        assert!((log_snr(&flow, u) - expected).abs() < 1e-9);
        // The nearest timestep: at low noise, they are up to 0.4 apart.
        assert!((log_snr(&discrete, u) - expected).abs() < 0.2);
        let level = TimeSampling::LogSnr.level(&discrete, u);
        assert_eq!(level, schedule().level(level.time as usize).unwrap());
    }
    assert_eq!(TimeSampling::LogSnr.noise_growth(&flow, 0.3), 12.0);
}
