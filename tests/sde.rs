//! Stochastic differential equations, their reverse-time samplers and Langevin dynamics.
#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::Error;
use tweedie::diffusion::{IdealDenoiser, NoiseLevel, Process, Sde};
use tweedie::random::Generator;
use tweedie::sampler::langevin::{self, Annealing};
use tweedie::sampler::reverse_sde::{self, Corrector, Options, Predictor};
use tweedie::sampler::{Clipping, Combination, Interval, Method, Route, Sampling, Stage};

use common::{scalar, values};

const VP: Sde = Sde::VariancePreserving {
    beta_min: 0.1,
    beta_max: 20.0,
};
const SUB_VP: Sde = Sde::SubVariancePreserving {
    beta_min: 0.1,
    beta_max: 20.0,
};
const VE: Sde = Sde::VarianceExploding {
    sigma_min: 0.01,
    sigma_max: 50.0,
};
const SDES: [Sde; 3] = [VP, SUB_VP, VE];
const PREDICTORS: [Predictor; 3] = [
    Predictor::EulerMaruyama,
    Predictor::ReverseDiffusion,
    Predictor::Ancestral,
];

/// The one-dimensional data are N(MEAN, SPREAD²).
const MEAN: f64 = 0.4;
const SPREAD: f64 = 0.7;

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
fn levels_are_found_again_by_their_ratio() {
    for sde in SDES {
        for t in [1e-5, 0.1, 0.5, 0.9, 1.0] {
            let level = sde.level(t);
            let found = sde.at_ratio(level.ratio());
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

/// Steps even in `t`, where the time of a VE level is its sigma.
fn route(sde: Sde, [start, end]: [f64; 2], steps: usize) -> Route {
    let time = |i: usize| start + (end - start) * i as f64 / steps as f64;
    let levels: Vec<NoiseLevel> = (0..=steps).map(|i| sde.level(time(i))).collect();
    Route::new(Interval::chain(&levels), Process::Sde(sde))
}

#[test]
fn the_predictors_agree_to_first_order() {
    for sde in SDES {
        let process = Process::Sde(sde);
        let factors = |predictor, step| {
            let interval = route(sde, [0.6, 0.6 - step], 1).intervals[0];
            let next = reverse_sde::predict(interval, predictor, &process);
            [next.sample, next.clean, next.noise * next.noise]
        };
        for predictor in [Predictor::EulerMaruyama, Predictor::ReverseDiffusion] {
            for index in 0..3 {
                let difference = |step| {
                    let expected = factors(Predictor::Ancestral, step)[index];
                    (factors(predictor, step)[index] - expected).abs()
                };
                let [whole, half] = [1e-4, 5e-5].map(difference);
                // Of second order in the step, where it is more than rounding.
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
            let interval = route(sde, [0.6, 0.6 - step], 1).intervals[0];
            let next = reverse_sde::predict(interval, Predictor::EulerMaruyama, process);
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
    let interval = route(VP, [0.6, 0.5], 1).intervals[0];
    let Interval { from, to } = interval;
    let beta = 1.0 - (from.alpha / to.alpha).powi(2);
    let next = reverse_sde::predict(interval, Predictor::ReverseDiffusion, &Process::Sde(VP));
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

/// The mean and the variance after stages without memory, of Gaussian data whose samples had these before.
fn moments(stages: &[Stage], start: [f64; 2]) -> [f64; 2] {
    let denoise = scalar::gaussian(MEAN, SPREAD);
    stages.iter().fold(start, |[mean, variance], stage| {
        let next = |x: f64| stage.next.sample * x + stage.next.clean * denoise(x, stage.level);
        let slope = next(1.0) - next(0.0);
        [
            next(mean),
            slope * slope * variance + stage.next.noise.powi(2),
        ]
    })
}

fn exact_moments(level: NoiseLevel) -> [f64; 2] {
    [
        level.alpha * MEAN,
        (level.alpha * SPREAD).powi(2) + level.sigma.powi(2),
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
                let route = route(sde, [1.0, 1e-3], steps);
                let stages = reverse_sde::stages(&route, &options).unwrap();
                let (from, to) = (route.intervals[0].from, route.intervals[steps - 1].to);
                let found = moments(&stages, exact_moments(from));
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
        let stages = reverse_sde::stages(&route(VP, [1.0, 1e-3], 5), &options).unwrap();
        let noisy: Vec<bool> = stages.iter().map(|stage| stage.next.noise > 0.0).collect();
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
    let route = route(VP, [1.0, 1e-3], 4);
    let stages = reverse_sde::stages(&route, &options).unwrap();
    assert_eq!(stages.len(), 12);
    for (group, Interval { from, to }) in stages.chunks(3).zip(&route.intervals) {
        let scale = (from.alpha / to.alpha).powi(2);
        for stage in &group[..2] {
            let correction = stage.correction.unwrap();
            assert_eq!((correction.snr, correction.scale), (0.16, scale));
        }
        assert_eq!(group[2].correction, None);
        assert!(group.iter().all(|stage| stage.level == *from));
    }
}

#[test]
fn options_without_meaning_are_refused() {
    let refused = |method: Method, route: &Route| match method.plan(route) {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let levels = route(VE, [1.0, 0.0], 4);
    let predictor = Predictor::Ancestral;
    for snr in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let corrector = Some(Corrector { steps: 1, snr });
        let options = Options {
            predictor,
            corrector,
        };
        assert_eq!(refused(Method::ReverseSde(options), &levels), "snr");
        let method = Method::Langevin { step_size: snr };
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
    // Neither can start from noise alone.
    let flow = Process::FlowMatching { timesteps: 1.0 };
    let noise = NoiseLevel {
        time: 1.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let levels = Route::new(
        Interval::chain(&[noise, flow.at_ratio(1.0), NoiseLevel::CLEAN]),
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

/// Points in the plane in two clusters, a quarter of them in the left one.
const CENTRE: f64 = 1.5;
const CLUSTER: f64 = 0.4;

/// The mean of the first coordinate, and the standard deviations of both.
fn clusters() -> [f64; 3] {
    // Mean CENTRE·(3/4 − 1/4), variance CENTRE²·(1 − 1/4) of the centres.
    let first = (0.75 * CENTRE * CENTRE + CLUSTER * CLUSTER).sqrt();
    [CENTRE / 2.0, first, CLUSTER]
}

const POINTS: usize = 4000;

fn sample(method: Method, route: &Route, deviation: f64) -> Vec<f32> {
    let device = Device::flex();
    let means = Tensor::from_floats([[-CENTRE as f32, 0.0], [CENTRE as f32, 0.0]], &device);
    let denoiser = IdealDenoiser::of_mixture(means, vec![CLUSTER; 2], vec![1.0, 3.0]).unwrap();
    let mut generator = Generator::new(1);
    let noise = generator.normal(2 * POINTS);
    let noise = Tensor::<2>::from_data(TensorData::new(noise, [POINTS, 2]), &device) * deviation;
    let plan = method.plan(route).unwrap();
    let mut sampling = Sampling::new(noise, plan, Clipping::None, generator);
    while sampling.step(&denoiser).unwrap().is_some() {}
    values(sampling.noisy())
}

/// As [`clusters`], of samples.
fn statistics(samples: &[f32]) -> [f64; 3] {
    let column = |offset: usize| {
        samples
            .iter()
            .skip(offset)
            .step_by(2)
            .map(|x| f64::from(*x))
    };
    let mean = |offset| column(offset).sum::<f64>() / POINTS as f64;
    let deviation = |offset: usize| {
        let mean = mean(offset);
        let squares = column(offset).map(|x| (x - mean).powi(2));
        (squares.sum::<f64>() / POINTS as f64).sqrt()
    };
    [mean(0), deviation(0), deviation(1)]
}

#[track_caller]
fn assert_statistics(found: [f64; 3], expected: [f64; 3], tolerance: [f64; 3]) {
    for index in 0..3 {
        let error = (found[index] - expected[index]).abs();
        assert!(
            error < tolerance[index],
            "{found:?} are not {expected:?}: {error} in {index}"
        );
    }
}

/// Between three and four standard errors of each, and as much for the methods' own errors in the last.
const TOLERANCE: [f64; 3] = [0.08, 0.05, 0.02];

#[test]
fn every_predictor_reaches_a_mixture() {
    for sde in SDES {
        let route = route(sde, [1.0, 1e-3], 500);
        let deviation = route.intervals[0].from.sigma;
        for predictor in PREDICTORS {
            let options = Options {
                predictor,
                corrector: None,
            };
            let found = sample(Method::ReverseSde(options), &route, deviation);
            assert_statistics(statistics(&found), clusters(), TOLERANCE);
        }
    }
}

#[test]
fn a_corrector_mends_what_few_predictor_steps_do() {
    let route = route(VE, [1.0, 0.0], 60);
    let deviation = route.intervals[0].from.sigma;
    let with = |corrector| {
        let options = Options {
            predictor: Predictor::ReverseDiffusion,
            corrector,
        };
        statistics(&sample(Method::ReverseSde(options), &route, deviation))
    };
    let corrector = Corrector {
        steps: 3,
        snr: 0.16,
    };
    let (alone, corrected) = (with(None), with(Some(corrector)));
    assert_statistics(corrected, clusters(), TOLERANCE);
    let error = |found: [f64; 3]| (found[2] - clusters()[2]).abs();
    assert!(error(alone) > 2.0 * error(corrected), "{alone:?}");
}

#[test]
fn annealed_langevin_dynamics_finds_the_clusters_in_their_proportion() {
    let route = {
        let levels = (0..12).map(|i| 8.0 * (0.05_f64 / 8.0).powf(f64::from(i) / 11.0));
        let level = |sigma: f64| NoiseLevel {
            time: sigma,
            alpha: 1.0,
            sigma,
        };
        let levels: Vec<NoiseLevel> = levels.map(level).chain([NoiseLevel::CLEAN]).collect();
        Route::new(Interval::chain(&levels), Process::Sde(VE))
    };
    let annealing = Annealing {
        steps_per_level: 100,
        step_size: 0.2 * 0.05 * 0.05,
    };
    let method = Method::AnnealedLangevin(annealing);
    let found = sample(method, &route, 8.0);
    assert_statistics(statistics(&found), clusters(), TOLERANCE);
}

#[test]
fn annealed_langevin_dynamics_has_the_same_steps_in_every_scale_of_the_sample() {
    // y = x/alpha takes the same way through the levels of a VE and of a VP process with the same ratios.
    let annealing = Annealing {
        steps_per_level: 3,
        step_size: 0.01,
    };
    let run = |process: Process| {
        let levels = [4.0, 1.0, 0.2].map(|ratio| process.at_ratio(ratio));
        let start = levels[0].alpha;
        let end = levels[2].alpha;
        let route = Route::new(Interval::chain(&levels), process);
        let stages = langevin::annealed(&route, &annealing).unwrap();
        assert_eq!(stages.len(), 6);
        let mut generator = Generator::new(0);
        let noise = || f64::from(generator.normal(1)[0]);
        scalar::run(&stages, start * 1.2, scalar::gaussian(MEAN, SPREAD), noise) / end
    };
    let expected = run(Process::Sde(VE));
    for process in [Process::Sde(VP), Process::Edm { sigma_data: 0.5 }] {
        assert!((run(process) - expected).abs() < 1e-12);
    }
}

#[test]
fn plain_langevin_dynamics_reaches_the_noisy_data() {
    for sde in [VP, VE] {
        // At this level the clusters overlap, so that steps lead from one to the other.
        let level = Process::Sde(sde).at_ratio(0.8);
        let intervals = vec![
            Interval {
                from: level,
                to: level
            };
            1500
        ];
        let route = Route::new(intervals, Process::Sde(sde));
        let found = sample(Method::Langevin { step_size: 0.05 }, &route, level.sigma);
        let [mean, first, second] = clusters();
        let noisy = |deviation: f64| (level.alpha * deviation).hypot(level.sigma);
        let expected = [level.alpha * mean, noisy(first), noisy(second)];
        assert_statistics(statistics(&found), expected, TOLERANCE);
    }
}
