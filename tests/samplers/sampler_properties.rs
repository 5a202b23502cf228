//! Samplers against closed forms, without networks and fixtures.

use std::f64::consts::FRAC_PI_2;

use burn::tensor::{DType, Device, Tensor, TensorData};
use tweedie::diffusion::{
    Betas, Denoiser, Estimate, IdealDenoiser, NoiseLevel, NoiseSchedule, Prediction, Process,
    TimestepSpacing,
};
use tweedie::random::Generator;
use tweedie::sampler::{
    Clipping, Ddim, Ddpm, Method, ProbabilityFlow, Sampling, Step, Trajectory, ddim, ddpm,
    probability_flow, probability_flow::Solver,
};

const EULER: Method = Method::ProbabilityFlow(ProbabilityFlow {
    solver: Solver::Euler,
});
const HEUN: Method = Method::ProbabilityFlow(ProbabilityFlow {
    solver: Solver::Heun,
});

fn schedule() -> NoiseSchedule {
    NoiseSchedule::new(
        &Betas::Linear {
            start: 1e-4,
            end: 0.02,
        },
        1000,
    )
    .unwrap()
}

fn steps(count: usize) -> Vec<Step> {
    let timesteps = TimestepSpacing::Leading.timesteps(1000, count, 0).unwrap();
    Step::between(&schedule(), &timesteps, NoiseLevel::CLEAN)
}

fn trajectory(steps: Vec<Step>) -> Trajectory {
    Trajectory::new(steps, Process::Discrete(schedule()))
}

fn run<const D: usize>(
    noisy: Tensor<D>,
    steps: Vec<Step>,
    method: Method,
    clipping: Clipping,
    denoiser: &impl Denoiser<D>,
) -> Vec<f64> {
    let plan = method.plan(&trajectory(steps)).unwrap();
    let mut sampling = Sampling::new(noisy, plan, clipping, Generator::new(7));
    while sampling.step(denoiser).unwrap().is_some() {}
    sampling.noisy().into_data().iter::<f64>().collect()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance,
            "at {index}: {found} is not {expected}, off by {error:e}"
        );
    }
}

/// Points in the plane with two clusters of unequal weight.
fn mixture(device: &Device) -> IdealDenoiser {
    let means = Tensor::from_floats([[0.8, -0.3], [-0.5, 0.6], [0.1, 0.9]], device);
    IdealDenoiser::of_mixture(means, vec![0.1, 0.3, 0.0], vec![1.0, 2.0, 0.5]).unwrap()
}

fn noise(rows: usize) -> Tensor<2> {
    let values = Generator::new(0).normal(rows * 2);
    Tensor::from_data(TensorData::new(values, [rows, 2]), &Device::flex())
}

#[test]
fn ddim_without_noise_is_the_euler_flow() {
    let denoiser = mixture(&Device::flex());
    for noise_estimate in [
        ddim::NoiseEstimate::FromModel,
        ddim::NoiseEstimate::Rederived,
    ] {
        let ddim = Method::Ddim(Ddim {
            eta: 0.0,
            noise_estimate,
        });
        let found = run(noise(32), steps(20), ddim, Clipping::None, &denoiser);
        let expected = run(noise(32), steps(20), EULER, Clipping::None, &denoiser);
        assert_close(&found, &expected, 1e-4);
    }
    // The factors are those of Euler's method in x/alpha with respect to sigma/alpha.
    for Step { from, to } in steps(20) {
        let update = probability_flow::euler(Step { from, to });
        let (x, clean) = (0.7, -0.2);
        let slope = (x / from.alpha - clean) / (from.sigma / from.alpha);
        let y = x / from.alpha + (to.sigma / to.alpha - from.sigma / from.alpha) * slope;
        assert!((update.sample * x + update.clean * clean - to.alpha * y).abs() < 1e-12);
    }
}

#[test]
fn ddim_with_eta_one_is_the_ddpm_posterior() {
    for step in steps(50) {
        let ddim = ddim::update(step, 1.0, ddim::NoiseEstimate::Rederived);
        let ddpm = ddpm::posterior(step);
        assert_close(
            &[ddim.sample, ddim.clean, ddim.noise],
            &[ddpm.sample, ddpm.clean, ddpm.noise],
            1e-12,
        );
    }
    let denoiser = mixture(&Device::flex());
    let ddim = Method::Ddim(Ddim {
        eta: 1.0,
        noise_estimate: ddim::NoiseEstimate::FromModel,
    });
    let ddpm = Method::Ddpm(Ddpm {
        variance: ddpm::Variance::FixedSmall,
    });
    let found = run(noise(32), steps(20), ddim, Clipping::None, &denoiser);
    let expected = run(noise(32), steps(20), ddpm, Clipping::None, &denoiser);
    assert_close(&found, &expected, 1e-4);
}

#[test]
fn the_last_step_returns_the_estimate() {
    let last = *steps(10).last().unwrap();
    for update in [
        ddpm::posterior(last),
        ddim::update(last, 0.5, ddim::NoiseEstimate::Rederived),
        probability_flow::euler(last),
    ] {
        assert_close(
            &[update.sample, update.clean, update.noise],
            &[0.0, 1.0, 0.0],
            1e-12,
        );
    }
}

#[test]
fn the_posterior_keeps_the_forward_marginal() {
    // If x ~ N(alpha·x_0, sigma²), the posterior's draw is N(alpha'·x_0, sigma'²) (Ho et al. 2020, eq. 6).
    for step in steps(30) {
        let Step { from, to } = step;
        let update = ddpm::posterior(step);
        let mean = update.sample * from.alpha + update.clean;
        let variance = (update.sample * from.sigma).powi(2) + update.noise.powi(2);
        assert_close(&[mean, variance], &[to.alpha, to.sigma * to.sigma], 1e-12);
    }
}

/// Levels on a quarter circle, `alpha = cos θ` and `sigma = sin θ`, evenly spaced.
fn circle(steps: usize) -> Vec<Step> {
    let level = |i: usize| {
        let angle = (FRAC_PI_2 - 0.05) * (1.0 - 0.9 * i as f64 / steps as f64);
        NoiseLevel {
            time: angle,
            alpha: angle.cos(),
            sigma: angle.sin(),
        }
    };
    (0..steps)
        .map(|i| Step {
            from: level(i),
            to: level(i + 1),
        })
        .collect()
}

const MEAN: f64 = 0.4;
const STD: f64 = 0.3;

/// Data N(MEAN, STD²), in double precision.
fn gaussian() -> IdealDenoiser {
    let device = Device::flex();
    let mean = TensorData::new(vec![MEAN], [1, 1]);
    let mean = Tensor::from_data(mean, (&device, DType::F64));
    IdealDenoiser::of_mixture(mean, vec![STD], vec![1.0]).unwrap()
}

/// The exact flow from `x`: every marginal is Gaussian, and the standardised value is constant.
fn exact_flow(x: f64, from: NoiseLevel, to: NoiseLevel) -> f64 {
    let std = |level: NoiseLevel| (level.alpha * STD).hypot(level.sigma);
    to.alpha * MEAN + std(to) / std(from) * (x - from.alpha * MEAN)
}

fn flow_error(method: Method, steps: usize) -> f64 {
    let x = 1.3;
    let start = TensorData::new(vec![x], [1, 1]);
    let start: Tensor<2> = Tensor::from_data(start, (&Device::flex(), DType::F64));
    let path = circle(steps);
    let exact = exact_flow(x, path[0].from, path[steps - 1].to);
    (run(start, path, method, Clipping::None, &gaussian())[0] - exact).abs()
}

#[test]
fn gaussian_data_follow_the_exact_flow() {
    assert!(flow_error(HEUN, 400) < 1e-5, "{}", flow_error(HEUN, 400));
    // Also through a schedule, from its noisiest level to its cleanest.
    let timesteps: Vec<usize> = (1..1000).rev().collect();
    let end = schedule().level(0).unwrap();
    let steps = Step::between(&schedule(), &timesteps, end);
    let exact = exact_flow(1.3, steps[0].from, end);
    let start = TensorData::new(vec![1.3], [1, 1]);
    let start: Tensor<2> = Tensor::from_data(start, (&Device::flex(), DType::F64));
    let found = run(start, steps, HEUN, Clipping::None, &gaussian())[0];
    assert!((found - exact).abs() < 1e-4, "{found} is not {exact}");
}

#[test]
fn heun_evaluates_twice_but_for_the_last_step() {
    let plan = HEUN.plan(&trajectory(steps(10))).unwrap();
    let sampling = Sampling::new(noise(1), plan, Clipping::None, Generator::new(0));
    assert_eq!(sampling.steps(), 19);
    let mut sampling = sampling;
    let denoiser = mixture(&Device::flex());
    let times: Vec<f64> = std::iter::from_fn(|| sampling.step(&denoiser).unwrap())
        .map(|progress| progress.timestep)
        .collect();
    assert_eq!(times[..4], [900.0, 800.0, 800.0, 700.0]);
    assert_eq!(times.len(), 19);
    assert_eq!(sampling.completed_steps(), 19);
}

#[test]
fn every_prediction_gives_the_same_clean_sample() {
    let level = NoiseLevel::from_alpha_bar(500.0, 0.3);
    let (clean, eps) = (0.6, -1.1);
    let noisy = level.alpha * clean + level.sigma * eps;
    let outputs = [
        (Prediction::Noise, eps),
        (Prediction::Clean, clean),
        (
            Prediction::Velocity,
            level.alpha * eps - level.sigma * clean,
        ),
        (Prediction::Score, -eps / level.sigma),
    ];
    for (prediction, output) in outputs {
        let (a, b) = prediction.clean_coefficients(level);
        assert!(
            (a * noisy + b * output - clean).abs() < 1e-12,
            "{prediction:?}"
        );
    }
}

#[test]
fn the_ideal_denoiser_of_points_memorises_them() {
    let points = Tensor::from_floats([[0.5, 0.5], [-0.5, 0.2], [0.0, -0.9]], &Device::flex());
    let denoiser = IdealDenoiser::of_points(points.clone());
    let samples = run(noise(16), steps(50), HEUN, Clipping::None, &denoiser);
    let points: Vec<f64> = points.into_data().iter::<f64>().collect();
    for sample in samples.chunks(2) {
        let distance = |point: &[f64]| (sample[0] - point[0]).hypot(sample[1] - point[1]);
        let nearest = points.chunks(2).map(distance).fold(f64::INFINITY, f64::min);
        assert!(
            nearest < 1e-3,
            "{sample:?} is {nearest} from the nearest point"
        );
    }
}

#[test]
fn the_ideal_denoiser_follows_from_the_score_by_tweedies_formula() {
    let level = NoiseLevel::from_alpha_bar(300.0, 0.6);
    let components = [
        ([0.8, -0.3], 0.1, 1.0),
        ([-0.5, 0.6], 0.3, 2.0),
        ([0.1, 0.9], 0.0, 0.5),
    ];
    let log_density = |x: [f64; 2]| {
        let term = |(mean, std, weight): &([f64; 2], f64, f64)| {
            let variance = (level.alpha * std).powi(2) + level.sigma.powi(2);
            let squared: f64 = (0..2).map(|i| (x[i] - level.alpha * mean[i]).powi(2)).sum();
            weight / variance * (-squared / (2.0 * variance)).exp()
        };
        components.iter().map(term).sum::<f64>().ln()
    };
    let h = 1e-5;
    for x in [[0.3, -0.2], [-1.0, 0.4], [0.9, 1.2]] {
        let score = [
            (log_density([x[0] + h, x[1]]) - log_density([x[0] - h, x[1]])) / (2.0 * h),
            (log_density([x[0], x[1] + h]) - log_density([x[0], x[1] - h])) / (2.0 * h),
        ];
        let expected: Vec<f64> = (0..2)
            .map(|i| (x[i] + level.sigma.powi(2) * score[i]) / level.alpha)
            .collect();
        let noisy: Tensor<2> = Tensor::from_floats([[x[0] as f32, x[1] as f32]], &Device::flex());
        let Estimate { clean, .. } = mixture(&Device::flex()).denoise(noisy, level);
        let found: Vec<f64> = clean.into_data().iter::<f64>().collect();
        assert_close(&found, &expected, 1e-4);
    }
}
