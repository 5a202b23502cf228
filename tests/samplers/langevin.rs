//! Samples of the reverse-time SDE, its corrector and Langevin dynamics, against the target distribution.

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::diffusion::{IdealDenoiser, NoiseLevel, Process, Sde};
use tweedie::random::Generator;
use tweedie::sampler::langevin::{self, Annealing};
use tweedie::sampler::reverse_sde::{Corrector, Options, Predictor};
use tweedie::sampler::{Clipping, Langevin, Method, Sampling, Step, Trajectory};

use crate::common::levels::{SDES, VE, VP};
use crate::common::{scalar, values};

const PREDICTORS: [Predictor; 3] = [
    Predictor::EulerMaruyama,
    Predictor::ReverseDiffusion,
    Predictor::Ancestral,
];

/// Steps evenly spaced in `t`; the time of a VE level is its sigma.
fn trajectory(sde: Sde, [start, end]: [f64; 2], steps: usize) -> Trajectory {
    let time = |i: usize| start + (end - start) * i as f64 / steps as f64;
    let levels: Vec<NoiseLevel> = (0..=steps).map(|i| sde.level(time(i))).collect();
    Trajectory::new(Step::chain(&levels), Process::Sde(sde))
}

/// Points in the plane in two clusters, a quarter of them in the left one.
const CENTRE: f64 = 1.5;
const CLUSTER: f64 = 0.4;

/// Mean of the first coordinate, and the standard deviations of both.
fn clusters() -> [f64; 3] {
    // The centres have mean CENTRE·(3/4 − 1/4) and variance CENTRE²·(1 − 1/4).
    let first = (0.75 * CENTRE * CENTRE + CLUSTER * CLUSTER).sqrt();
    [CENTRE / 2.0, first, CLUSTER]
}

const POINTS: usize = 4000;

fn sample(method: Method, trajectory: &Trajectory, std: f64) -> Vec<f32> {
    let device = Device::flex();
    let means = Tensor::from_floats([[-CENTRE as f32, 0.0], [CENTRE as f32, 0.0]], &device);
    let denoiser = IdealDenoiser::of_mixture(means, vec![CLUSTER; 2], vec![1.0, 3.0]).unwrap();
    let mut generator = Generator::new(1);
    let noise = generator.normal(2 * POINTS);
    let noise = Tensor::<2>::from_data(TensorData::new(noise, [POINTS, 2]), &device) * std;
    let plan = method.plan(trajectory).unwrap();
    let mut sampling = Sampling::new(noise, plan, Clipping::None, generator);
    while sampling.step(&denoiser).unwrap().is_some() {}
    values(sampling.noisy())
}

/// The statistics of [`clusters`], of samples.
fn statistics(samples: &[f32]) -> [f64; 3] {
    let column = |offset: usize| {
        samples
            .iter()
            .skip(offset)
            .step_by(2)
            .map(|x| f64::from(*x))
    };
    let mean = |offset| column(offset).sum::<f64>() / POINTS as f64;
    let std = |offset: usize| {
        let mean = mean(offset);
        let squares = column(offset).map(|x| (x - mean).powi(2));
        (squares.sum::<f64>() / POINTS as f64).sqrt()
    };
    [mean(0), std(0), std(1)]
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

/// Three to four standard errors, and additionally the discretisation error in the last one.
const TOLERANCE: [f64; 3] = [0.08, 0.05, 0.02];

#[test]
fn every_predictor_reaches_a_mixture() {
    for sde in SDES {
        let trajectory = trajectory(sde, [1.0, 1e-3], 500);
        let std = trajectory.steps[0].from.sigma;
        for predictor in PREDICTORS {
            let options = Options {
                predictor,
                corrector: None,
            };
            let found = sample(Method::ReverseSde(options), &trajectory, std);
            assert_statistics(statistics(&found), clusters(), TOLERANCE);
        }
    }
}

#[test]
fn a_corrector_mends_what_few_predictor_steps_do() {
    let trajectory = trajectory(VE, [1.0, 0.0], 60);
    let std = trajectory.steps[0].from.sigma;
    let with = |corrector| {
        let options = Options {
            predictor: Predictor::ReverseDiffusion,
            corrector,
        };
        statistics(&sample(Method::ReverseSde(options), &trajectory, std))
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
    let trajectory = {
        let levels = (0..12).map(|i| 8.0 * (0.05_f64 / 8.0).powf(f64::from(i) / 11.0));
        let level = |sigma: f64| NoiseLevel {
            time: sigma,
            alpha: 1.0,
            sigma,
        };
        let levels: Vec<NoiseLevel> = levels.map(level).chain([NoiseLevel::CLEAN]).collect();
        Trajectory::new(Step::chain(&levels), Process::Sde(VE))
    };
    let annealing = Annealing {
        steps_per_level: 100,
        step_size: 0.2 * 0.05 * 0.05,
    };
    let method = Method::AnnealedLangevin(annealing);
    let found = sample(method, &trajectory, 8.0);
    assert_statistics(statistics(&found), clusters(), TOLERANCE);
}

#[test]
fn annealed_langevin_dynamics_has_the_same_steps_in_every_scale_of_the_sample() {
    // y = x/alpha takes the same path for a VE and a VP process with the same noise-to-signal ratios.
    let annealing = Annealing {
        steps_per_level: 3,
        step_size: 0.01,
    };
    let run = |process: Process| {
        let levels =
            [4.0, 1.0, 0.2].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
        let start = levels[0].alpha;
        let end = levels[2].alpha;
        let trajectory = Trajectory::new(Step::chain(&levels), process);
        let evaluations = langevin::annealed(&trajectory, &annealing).unwrap();
        assert_eq!(evaluations.len(), 6);
        let mut generator = Generator::new(0);
        let noise = || f64::from(generator.normal(1)[0]);
        scalar::run(&evaluations, start * 1.2, scalar::gaussian(0.4, 0.7), noise) / end
    };
    let expected = run(Process::Sde(VE));
    for process in [Process::Sde(VP), Process::Edm { sigma_data: 0.5 }] {
        assert!((run(process) - expected).abs() < 1e-12);
    }
}

#[test]
fn plain_langevin_dynamics_reaches_the_noisy_data() {
    for sde in [VP, VE] {
        // At this level the clusters overlap, so that steps can move between them.
        let level = Process::Sde(sde).at_noise_to_signal(0.8);
        let steps = vec![
            Step {
                from: level,
                to: level
            };
            1500
        ];
        let trajectory = Trajectory::new(steps, Process::Sde(sde));
        let found = sample(
            Method::Langevin(Langevin { step_size: 0.05 }),
            &trajectory,
            level.sigma,
        );
        let [mean, first, second] = clusters();
        let noisy = |std: f64| (level.alpha * std).hypot(level.sigma);
        let expected = [level.alpha * mean, noisy(first), noisy(second)];
        assert_statistics(statistics(&found), expected, TOLERANCE);
    }
}

#[test]
fn too_many_langevin_steps_for_the_memory_are_rejected() {
    let trajectory = trajectory(VP, [1.0, 1e-3], 10);
    let refused = |method: Method| method.plan(&trajectory).unwrap_err().to_string();
    let annealed = |steps_per_level| {
        let step_size = 1e-3;
        Method::AnnealedLangevin(Annealing {
            steps_per_level,
            step_size,
        })
    };
    let corrected = |steps| {
        let corrector = Some(Corrector { steps, snr: 0.1 });
        let predictor = Predictor::ReverseDiffusion;
        Method::ReverseSde(Options {
            predictor,
            corrector,
        })
    };
    for steps in [10_001, usize::MAX] {
        let message = refused(annealed(steps));
        assert!(
            message.starts_with("steps_per_level must be at most 10000"),
            "{message}"
        );
        let message = refused(corrected(steps));
        assert!(
            message.starts_with("corrector_steps must be at most 10000"),
            "{message}"
        );
    }
    assert!(annealed(100).plan(&trajectory).is_ok() && corrected(100).plan(&trajectory).is_ok());
}
