//! Stochastic differential equations, and the steps of their reverse-time samplers.

use tweedie::Error;
use tweedie::diffusion::{NoiseLevel, Process, Sde};
use tweedie::sampler::langevin::Annealing;
use tweedie::sampler::reverse_sde::{self, Corrector, Options, Predictor};
use tweedie::sampler::{Combination, Evaluation, Langevin, Method, Step, Trajectory};

use crate::common::levels::{SDES, SUB_VP, VE, VP};
use crate::common::scalar;

const PREDICTORS: [Predictor; 3] = [
    Predictor::EulerMaruyama,
    Predictor::ReverseDiffusion,
    Predictor::Ancestral,
];

/// The one-dimensional data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

#[test]
fn levels_satisfy_the_equations_of_the_moments() {
    // d alpha/dt = f·alpha and d sigma²/dt = 2·f·sigma² + g² (Särkkä & Solin 2019, eq. 5.50 and 5.51).
    let h = 1e-5;
    for sde in SDES {
        for t in [0.05, 0.3, 0.62, 0.95] {
            let slope = |of: fn(NoiseLevel) -> f64| {
                (of(sde.level(t + h)) - of(sde.level(t - h))) / (2.0 * h)
            };
            let NoiseLevel { alpha, sigma, .. } = sde.level(t);
            let (f, g_squared) = (sde.drift(t), sde.diffusion_squared(t));
            let alphas = slope(|level| level.alpha) - f * alpha;
            let growth = 2.0 * f * sigma * sigma + g_squared;
            let variances = slope(|level| level.sigma * level.sigma) - growth;
            assert!(alphas.abs() < 1e-7, "{sde:?} at {t}: {alphas}");
            let tolerance = 1e-7 * growth.abs().max(1.0);
            assert!(variances.abs() < tolerance, "{sde:?} at {t}: {variances}");
        }
    }
}

#[test]
fn levels_are_recovered_from_their_noise_to_signal_ratio() {
    for sde in SDES {
        for t in [1e-5, 0.1, 0.5, 0.9, 1.0] {
            let level = sde.level(t);
            let found = sde.at_noise_to_signal(level.noise_to_signal());
            assert!((found.time - level.time).abs() < 1e-9 * level.time.max(1.0));
            assert!((found.alpha - level.alpha).abs() < 1e-12);
            assert!((found.sigma - level.sigma).abs() < 1e-12 * level.sigma.max(1.0));
        }
    }
}

#[test]
fn levels_have_the_published_values() {
    // B(1) = 0.1 + 19.9/2 = 10.05 (Song et al. 2021, appendix C).
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12);
    close(VP.level(1.0).alpha, (-5.025_f64).exp());
    close(VP.level(1.0).sigma, (1.0 - (-10.05_f64).exp()).sqrt());
    close(SUB_VP.level(1.0).alpha, (-5.025_f64).exp());
    close(SUB_VP.level(1.0).sigma, 1.0 - (-10.05_f64).exp());
    close(VE.level(0.0).sigma, 0.01);
    close(VE.level(0.5).sigma, 0.5_f64.sqrt());
    close(VE.level(1.0).time, 50.0);
}

/// Steps evenly spaced in `t`; the time of a VE level is its sigma.
fn trajectory(sde: Sde, [start, end]: [f64; 2], steps: usize) -> Trajectory {
    let time = |i: usize| start + (end - start) * i as f64 / steps as f64;
    let levels: Vec<NoiseLevel> = (0..=steps).map(|i| sde.level(time(i))).collect();
    Trajectory::new(Step::chain(&levels), Process::Sde(sde))
}

#[test]
fn the_predictors_agree_to_first_order() {
    for sde in SDES {
        let process = Process::Sde(sde);
        let factors = |predictor, step| {
            let step = trajectory(sde, [0.6, 0.6 - step], 1).steps[0];
            let next = reverse_sde::predict(step, predictor, &process);
            [next.sample, next.clean, next.noise * next.noise]
        };
        for predictor in [Predictor::EulerMaruyama, Predictor::ReverseDiffusion] {
            for index in 0..3 {
                let difference = |step| {
                    let expected = factors(Predictor::Ancestral, step)[index];
                    (factors(predictor, step)[index] - expected).abs()
                };
                let [whole, half] = [1e-4, 5e-5].map(difference);
                // Of second order in the step, except for rounding.
                assert!(
                    half < 0.3 * whole || half < 1e-13,
                    "{sde:?} {predictor:?}: {whole:e} {half:e}"
                );
            }
        }
    }
}

#[test]
fn a_process_known_by_its_levels_alone_has_the_increments_of_its_equation() {
    for sde in [VP, SUB_VP] {
        let factors = |process: &Process, step| {
            let step = trajectory(sde, [0.6, 0.6 - step], 1).steps[0];
            let next = reverse_sde::predict(step, Predictor::EulerMaruyama, process);
            [next.sample, next.clean, next.noise * next.noise]
        };
        for index in 0..3 {
            let difference = |step| {
                let levels = factors(&Process::Edm { sigma_data: 0.5 }, step)[index];
                (levels - factors(&Process::Sde(sde), step)[index]).abs()
            };
            let [whole, half] = [1e-4, 5e-5].map(difference);
            assert!(half < 0.3 * whole, "{sde:?}: {whole:e} {half:e}");
        }
    }
}

#[test]
fn reverse_diffusion_has_the_published_factors() {
    // x' = (2 − √(1 − beta))·x + beta·score + √beta·z (Song et al. 2021, eq. 46).
    let step = trajectory(VP, [0.6, 0.5], 1).steps[0];
    let Step { from, to } = step;
    let beta = 1.0 - (from.alpha / to.alpha).powi(2);
    let next = reverse_sde::predict(step, Predictor::ReverseDiffusion, &Process::Sde(VP));
    let score = Combination::score(from);
    let expected = (2.0 - (1.0 - beta).sqrt()) * Combination::SAMPLE
        + beta * score
        + beta.sqrt() * Combination::NOISE;
    for difference in [
        next.sample - expected.sample,
        next.clean - expected.clean,
        next.noise - expected.noise,
    ] {
        assert!(difference.abs() < 1e-12);
    }
}

/// Mean and variance after evaluations without history, for Gaussian data, given those of the start.
fn moments(evaluations: &[Evaluation], start: [f64; 2]) -> [f64; 2] {
    let denoise = scalar::gaussian(MEAN, STD);
    evaluations
        .iter()
        .fold(start, |[mean, variance], evaluation| {
            let next = |x: f64| {
                evaluation.next.sample * x + evaluation.next.clean * denoise(x, evaluation.level)
            };
            let slope = next(1.0) - next(0.0);
            [
                next(mean),
                slope * slope * variance + evaluation.next.noise.powi(2),
            ]
        })
}

fn exact_moments(level: NoiseLevel) -> [f64; 2] {
    [
        level.alpha * MEAN,
        (level.alpha * STD).powi(2) + level.sigma.powi(2),
    ]
}

#[test]
fn each_predictor_converges_to_the_moments_of_the_data() {
    for sde in SDES {
        for predictor in PREDICTORS {
            let options = Options {
                predictor,
                corrector: None,
            };
            let errors = |steps| {
                let trajectory = trajectory(sde, [1.0, 1e-3], steps);
                let evaluations = reverse_sde::evaluations(&trajectory, &options).unwrap();
                let (from, to) = (trajectory.steps[0].from, trajectory.steps[steps - 1].to);
                let found = moments(&evaluations, exact_moments(from));
                let exact = exact_moments(to);
                [found[0] - exact[0], found[1] - exact[1]]
            };
            let (coarse, fine) = (errors(1000), errors(2000));
            for index in 0..2 {
                let (coarse, fine) = (coarse[index].abs(), fine[index].abs());
                // The ancestral step keeps the mean exactly.
                assert!(
                    coarse < 0.02 && fine < (0.6 * coarse).max(1e-12),
                    "{sde:?} {predictor:?}: {coarse:e} {fine:e}"
                );
            }
        }
    }
}

#[test]
fn the_last_step_is_the_mean_and_all_others_are_noisy() {
    for predictor in PREDICTORS {
        let options = Options {
            predictor,
            corrector: None,
        };
        let evaluations =
            reverse_sde::evaluations(&trajectory(VP, [1.0, 1e-3], 5), &options).unwrap();
        let noisy: Vec<bool> = evaluations
            .iter()
            .map(|evaluation| evaluation.next.noise > 0.0)
            .collect();
        assert_eq!(noisy, [true, true, true, true, false]);
    }
}

#[test]
fn correctors_come_before_the_predictor_of_their_level() {
    let corrector = Corrector {
        steps: 2,
        snr: 0.16,
    };
    let options = Options {
        predictor: Predictor::ReverseDiffusion,
        corrector: Some(corrector),
    };
    let trajectory = trajectory(VP, [1.0, 1e-3], 4);
    let evaluations = reverse_sde::evaluations(&trajectory, &options).unwrap();
    assert_eq!(evaluations.len(), 12);
    for (group, Step { from, to }) in evaluations.chunks(3).zip(&trajectory.steps) {
        let scale = (from.alpha / to.alpha).powi(2);
        for evaluation in &group[..2] {
            let correction = evaluation.correction.unwrap();
            assert_eq!((correction.snr, correction.scale), (0.16, scale));
        }
        assert_eq!(group[2].correction, None);
        assert!(group.iter().all(|evaluation| evaluation.level == *from));
    }
}

#[test]
fn options_without_meaning_are_refused() {
    let refused = |method: Method, trajectory: &Trajectory| match method.plan(trajectory) {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let levels = trajectory(VE, [1.0, 0.0], 4);
    let predictor = Predictor::Ancestral;
    for snr in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let corrector = Some(Corrector { steps: 1, snr });
        let options = Options {
            predictor,
            corrector,
        };
        assert_eq!(refused(Method::ReverseSde(options), &levels), "snr");
        let method = Method::Langevin(Langevin { step_size: snr });
        assert_eq!(refused(method, &levels), "step_size");
        let annealing = Annealing {
            steps_per_level: 1,
            step_size: snr,
        };
        let method = Method::AnnealedLangevin(annealing);
        assert_eq!(refused(method, &levels), "step_size");
    }
    let annealing = Annealing {
        steps_per_level: 0,
        step_size: 1.0,
    };
    let method = Method::AnnealedLangevin(annealing);
    assert_eq!(refused(method, &levels), "steps_per_level");
    // Neither can start from pure noise.
    let flow = Process::FlowMatching { timesteps: 1.0 };
    let noise = NoiseLevel {
        time: 1.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let levels = Trajectory::new(
        Step::chain(&[noise, flow.at_noise_to_signal(1.0), NoiseLevel::CLEAN]),
        flow,
    );
    let annealing = Annealing {
        steps_per_level: 1,
        step_size: 1.0,
    };
    let options = Options {
        predictor,
        corrector: None,
    };
    for method in [
        Method::ReverseSde(options),
        Method::AnnealedLangevin(annealing),
    ] {
        assert_eq!(refused(method, &levels), "the first noise level");
    }
}
