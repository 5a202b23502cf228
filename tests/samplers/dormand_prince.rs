//! The adaptive solver of the probability-flow ODE against the closed form for Gaussian data.

use burn::tensor::{DType, Device, Tensor, TensorData};
use tweedie::Error;
use tweedie::diffusion::{Betas, IdealDenoiser, NoiseLevel, NoiseSchedule, Process, Sde};
use tweedie::random::Generator;
use tweedie::sampler::dormand_prince::Tolerance;
use tweedie::sampler::{Clipping, Method, Sampling, Step, Trajectory};

use crate::common::levels::processes_and_sub_vp;
use crate::common::scalar::{self, exact_flow};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.3;

/// Start values, in units of the noise of the first level.
const START: [f64; 3] = [1.3, -0.4, 0.2];

/// A run of the adaptive solver, and its result.
struct Adaptive {
    sampling: Sampling<2>,
    result: Result<(), Error>,
}

impl Adaptive {
    fn prepare(process: &Process, levels: &[NoiseLevel], tolerance: Tolerance) -> Sampling<2> {
        let trajectory = Trajectory::new(Step::chain(levels), process.clone());
        let plan = Method::DormandPrince(tolerance).plan(&trajectory).unwrap();
        let x = START.map(|x| x * levels[0].sigma).to_vec();
        let x = Tensor::from_data(TensorData::new(x, [3, 1]), (&Device::flex(), DType::F64));
        Sampling::new(x, plan, Clipping::None, Generator::new(0))
    }

    fn run(process: &Process, levels: &[NoiseLevel], tolerance: Tolerance) -> Self {
        let mut sampling = Self::prepare(process, levels, tolerance);
        let denoiser = denoiser();
        let result = loop {
            match sampling.step(&denoiser) {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        Self { sampling, result }
    }

    /// Largest distance to the exact flow at a level.
    fn error(&self, from: NoiseLevel, to: NoiseLevel) -> f64 {
        let found: Vec<f64> = self.sampling.noisy().into_data().iter::<f64>().collect();
        let exact = START.map(|x| exact_flow(x * from.sigma, from, to, MEAN, STD));
        let errors = found.iter().zip(exact).map(|(x, exact)| (x - exact).abs());
        errors.fold(0.0, f64::max)
    }
}

fn denoiser() -> IdealDenoiser {
    let mean = TensorData::new(vec![MEAN], [1, 1]);
    let mean = Tensor::from_data(mean, (&Device::flex(), DType::F64));
    IdealDenoiser::of_mixture(mean, vec![STD], vec![1.0]).unwrap()
}

fn tolerance(both: f64) -> Tolerance {
    Tolerance {
        absolute: both,
        relative: both,
        ..Tolerance::default()
    }
}

#[test]
fn dormand_prince_meets_its_tolerance_with_the_fewer_evaluations_the_looser_it_is() {
    for process in processes_and_sub_vp() {
        let levels =
            [80.0, 0.01].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
        let run = |both| {
            let run = Adaptive::run(&process, &levels, tolerance(both));
            assert_eq!(run.result, Ok(()));
            let error = run.error(levels[0], levels[1]);
            assert!(error < 3.0 * both, "{process:?} {both}: {error}");
            run.sampling.completed_steps() as f64
        };
        let [loose, middle, tight] = [1e-2, 1e-4, 1e-6].map(run);
        // With an error of order 5, the number of steps grows as the fifth root of the inverse tolerance, here by 2.5.
        assert!(loose < middle && middle < tight);
        let growth = tight / middle;
        assert!((1.7..3.7).contains(&growth), "{process:?}: {growth}");
    }
}

#[test]
fn dormand_prince_starts_from_pure_noise_and_ends_clean() {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    let schedule = NoiseSchedule::new(&betas, 1000).unwrap();
    let schedule = schedule.with_zero_terminal_snr();
    let discrete = [999, 500, 0].map(|t| schedule.level(t).unwrap());
    assert_eq!(discrete[0].alpha, 0.0);
    let ve = Sde::VarianceExploding {
        sigma_min: 0.01,
        sigma_max: 1348.0,
    };
    let edm = Process::Edm { sigma_data: 0.5 };
    let flow = Process::FlowMatching { timesteps: 1000.0 };
    let pure = NoiseLevel {
        time: 1000.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let cases = [
        (Process::Discrete(schedule), discrete),
        (Process::Sde(ve), [1.0, 0.5, 0.0].map(|t| ve.level(t))),
        (
            edm.clone(),
            [80.0, 1.0, 0.002].map(|noise_to_signal| edm.at_noise_to_signal(noise_to_signal)),
        ),
        (
            flow.clone(),
            [
                pure,
                flow.at_noise_to_signal(1.0),
                flow.at_noise_to_signal(0.01),
            ],
        ),
    ];
    for (process, [first, middle, last]) in cases {
        let levels = [first, middle, last, NoiseLevel::CLEAN];
        let run = Adaptive::run(&process, &levels, tolerance(1e-4));
        assert_eq!(run.result, Ok(()));
        // The last step returns the estimate of x_0, which equals the end of the flow up to (sigma/alpha)².
        let error = run.error(first, NoiseLevel::CLEAN);
        let last_step = last.noise_to_signal().powi(2);
        assert!(error < 1e-3 + last_step, "{process:?}: {error}");
    }
}

#[test]
fn dormand_prince_of_a_single_step_to_no_noise_is_the_estimate() {
    let process = Process::Edm { sigma_data: 0.5 };
    let level = process.at_noise_to_signal(2.0);
    let levels = [level, NoiseLevel::CLEAN];
    let run = Adaptive::run(&process, &levels, Tolerance::default());
    let found = run.sampling.noisy().into_data().iter::<f64>().next();
    let expected = scalar::gaussian(MEAN, STD)(START[0] * level.sigma, level);
    assert!((found.unwrap() - expected).abs() < 1e-12);
}

#[test]
fn dormand_prince_that_has_too_few_evaluations_keeps_the_sample_at_the_level_it_reached() {
    let process = Process::Edm { sigma_data: 0.5 };
    let levels = [80.0, 0.01].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let few = Tolerance {
        most_evaluations: 40,
        ..tolerance(1e-5)
    };
    let mut run = Adaptive::run(&process, &levels, few);
    let Err(Error::Tolerance { evaluations, time }) = run.result else {
        panic!("{:?}", run.result);
    };
    assert!((35..=40).contains(&evaluations));
    assert_eq!(run.sampling.completed_steps(), evaluations);
    let reached = process.at_noise_to_signal((4.0 * time).exp());
    assert!(reached.noise_to_signal() < 80.0 && reached.noise_to_signal() > 0.01);
    let error = run.error(levels[0], reached);
    assert!(error < 1e-4, "at {}: {error}", reached.noise_to_signal());
    // The error persists.
    assert_eq!(
        run.sampling.step(&denoiser()),
        Err(Error::Tolerance { evaluations, time })
    );
    assert!(run.error(levels[0], reached) < 1e-4);
}

#[test]
fn dormand_prince_controlled_by_the_caller_takes_the_same_steps() {
    let process = Process::Edm { sigma_data: 0.5 };
    let levels = [80.0, 0.01].map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let expected = Adaptive::run(&process, &levels, Tolerance::default()).sampling;
    let mut sampling = Adaptive::prepare(&process, &levels, Tolerance::default());
    while sampling.step(&denoiser()).unwrap().is_some() {
        if let Some(error) = sampling.pending_error() {
            sampling.control_step(error.into_data().iter::<f64>().next().unwrap());
            assert!(sampling.pending_error().is_none());
        }
    }
    assert_eq!(sampling.completed_steps(), expected.completed_steps());
    assert_eq!(sampling.steps(), expected.steps());
    let difference = sampling.noisy() - expected.noisy();
    assert!(difference.abs().max().into_scalar::<f64>() < 1e-6);
}

#[test]
fn dormand_prince_refuses_tolerances_and_evaluations_out_of_range() {
    let refused = |tolerance: Tolerance| match tolerance.check() {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{tolerance:?}: {other:?}"),
    };
    for value in [0.0, -1.0, 9e-7, 1.1, f64::NAN, f64::INFINITY] {
        let fine = Tolerance::default();
        let absolute = Tolerance {
            absolute: value,
            ..fine
        };
        assert_eq!(refused(absolute), "absolute_tolerance");
        let relative = Tolerance {
            relative: value,
            ..fine
        };
        assert_eq!(refused(relative), "relative_tolerance");
    }
    let too_few = Tolerance {
        most_evaluations: 6,
        ..Tolerance::default()
    };
    assert_eq!(refused(too_few), "max_evaluations");
}
