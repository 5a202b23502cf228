//! Likelihoods under the probability-flow ODE against closed forms.

use std::f64::consts::PI;

use burn::tensor::{Device, Tensor, TensorData};
use tweedie::Error;
use tweedie::diffusion::{
    Betas, Denoiser, Estimate, IdealDenoiser, NoiseLevel, NoiseSchedule, Process, SigmaSpacing,
};
use tweedie::likelihood::{Divergence, LogLikelihood};
use tweedie::random::Generator;
use tweedie::sampler::probability_flow::{self, Coordinates, Solver};
use tweedie::sampler::{Clipping, Plan, Sampling, Step};

fn schedule() -> NoiseSchedule {
    let betas = Betas::Linear {
        start: 1e-4,
        end: 0.02,
    };
    NoiseSchedule::new(&betas, 1000).unwrap()
}

fn levels(process: &Process, steps: usize) -> Vec<NoiseLevel> {
    let spacing = SigmaSpacing::Karras { rho: 7.0 };
    let ratios = spacing
        .noise_to_signal_ratios(0.01000050004, 157.4, steps + 1)
        .unwrap();
    ratios
        .into_iter()
        .rev()
        .map(|ratio| process.at_noise_to_signal(ratio))
        .collect()
}

fn points(rows: &[[f32; 2]]) -> Tensor<2> {
    let values = rows.iter().flatten().copied().collect::<Vec<_>>();
    Tensor::from_data(TensorData::new(values, [rows.len(), 2]), &Device::flex())
}

/// Two clusters with weights 1 and 3.
const MEANS: [[f32; 2]; 2] = [[0.8, -0.3], [-0.5, 0.6]];
const SPREADS: [f64; 2] = [0.4, 0.25];
const WEIGHTS: [f64; 2] = [0.25, 0.75];

fn mixture() -> IdealDenoiser {
    IdealDenoiser::of_mixture(points(&MEANS), SPREADS.to_vec(), WEIGHTS.to_vec()).unwrap()
}

/// Log-density of the mixture with the noise of the cleanest level.
fn exact(x: [f32; 2], components: usize) -> f64 {
    let total: f64 = WEIGHTS[..components].iter().sum();
    let term = |k: usize| {
        let variance = SPREADS[k].powi(2) + 0.01000050004_f64.powi(2);
        let squared: f64 = (0..2).map(|i| f64::from(x[i] - MEANS[k][i]).powi(2)).sum();
        WEIGHTS[k] / total * (-squared / (2.0 * variance)).exp() / (2.0 * PI * variance)
    };
    (0..components).map(term).sum::<f64>().ln()
}

fn nats(
    x: Tensor<2>,
    model: &IdealDenoiser,
    solver: Solver,
    steps: usize,
    divergence: Divergence,
) -> Vec<f32> {
    let process = Process::Discrete(schedule());
    let levels = levels(&process, steps);
    let mut run = LogLikelihood::new(x, &levels, &process, solver, divergence).unwrap();
    while run.step(model).unwrap().is_some() {}
    run.nats().into_data().try_into_vec().unwrap()
}

const SOME: [[f32; 2]; 4] = [[0.8, -0.3], [0.1, 0.2], [-0.5, 0.9], [1.4, -0.8]];

#[test]
fn a_gaussian_has_its_likelihood_to_a_thousandth_of_a_nat() {
    // Centred, as the prior assumes.
    let one =
        IdealDenoiser::of_mixture(points(&[[0.0, 0.0]]), vec![SPREADS[0]], vec![1.0]).unwrap();
    for (solver, steps) in [(Solver::Heun, 1000), (Solver::RungeKutta4, 200)] {
        let found = nats(points(&SOME), &one, solver, steps, Divergence::Exact);
        for (found, x) in found.iter().zip(SOME) {
            let expected = exact([x[0] + MEANS[0][0], x[1] + MEANS[0][1]], 1);
            assert!(
                (f64::from(*found) - expected).abs() < 1e-3,
                "{solver:?} at {x:?}: {found}, exactly {expected}"
            );
        }
    }
}

#[test]
fn a_gaussian_has_its_likelihood_in_whatever_scale_a_process_keeps_its_samples() {
    let one =
        IdealDenoiser::of_mixture(points(&[[0.0, 0.0]]), vec![SPREADS[0]], vec![1.0]).unwrap();
    for process in [
        Process::Edm { sigma_data: 0.5 },
        Process::FlowMatching { timesteps: 1000.0 },
    ] {
        let levels = levels(&process, 200);
        let solver = Solver::RungeKutta4;
        let run = LogLikelihood::new(points(&SOME), &levels, &process, solver, Divergence::Exact);
        let mut run = run.unwrap();
        while run.step(&one).unwrap().is_some() {}
        let found: Vec<f32> = run.nats().into_data().try_into_vec().unwrap();
        for (found, x) in found.iter().zip(SOME) {
            let expected = exact([x[0] + MEANS[0][0], x[1] + MEANS[0][1]], 1);
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error < 2e-3,
                "{process:?} at {x:?}: {found}, exactly {expected}"
            );
        }
    }
}

/// The ideal denoiser of a centred Gaussian whose coordinates differ in standard deviation.
struct Anisotropic([f64; 2]);

impl Denoiser<2> for Anisotropic {
    fn denoise(
        &self,
        noisy: Tensor<2>,
        NoiseLevel { alpha, sigma, .. }: NoiseLevel,
    ) -> Estimate<2> {
        let gain = |std: f64| {
            let variance = (alpha * std).powi(2) + sigma * sigma;
            (alpha * std * std / variance) as f32
        };
        let gains = Tensor::from_floats([self.0.map(gain)], &noisy.device());
        Estimate::from(noisy * gains)
    }
}

#[test]
fn each_coordinate_of_a_gaussian_counts_by_its_own_std() {
    let stds = [0.9, 0.3];
    let process = Process::Discrete(schedule());
    let levels = levels(&process, 100);
    let solver = Solver::RungeKutta4;
    let start = points(&SOME);
    let mut run = LogLikelihood::new(start, &levels, &process, solver, Divergence::Exact).unwrap();
    while run.step(&Anisotropic(stds)).unwrap().is_some() {}
    let found: Vec<f32> = run.nats().into_data().try_into_vec().unwrap();
    for (found, x) in found.iter().zip(SOME) {
        let term = |(x, std): (&f32, f64)| {
            let variance = std * std + 0.01000050004_f64.powi(2);
            -f64::from(*x).powi(2) / (2.0 * variance) - (2.0 * PI * variance).ln() / 2.0
        };
        let expected: f64 = x.iter().zip(stds).map(term).sum();
        let error = (f64::from(*found) - expected).abs();
        assert!(error < 1e-3, "at {x:?}: {found}, exactly {expected}");
    }
}

#[test]
fn a_mixture_has_its_likelihood() {
    let found = nats(
        points(&SOME),
        &mixture(),
        Solver::RungeKutta4,
        100,
        Divergence::Exact,
    );
    for (found, x) in found.iter().zip(SOME) {
        let expected = exact(x, 2);
        assert!(
            (f64::from(*found) - expected).abs() < 1e-2,
            "at {x:?}: {found}, exactly {expected}"
        );
    }
}

/// `ln q_T(x_T) − ln N(x_T; 0, 1)`: the mixture at the noisiest level differs slightly from the prior.
fn missed_by_the_prior(latent: [f32; 2], NoiseLevel { alpha, sigma, .. }: NoiseLevel) -> f64 {
    let term = |k: usize| {
        let variance = (alpha * SPREADS[k]).powi(2) + sigma * sigma;
        let from = |i: usize| f64::from(latent[i]) - alpha * f64::from(MEANS[k][i]);
        let squared = from(0).powi(2) + from(1).powi(2);
        WEIGHTS[k] * (-squared / (2.0 * variance)).exp() / variance
    };
    let squared: f64 = latent.iter().map(|x| f64::from(*x).powi(2)).sum();
    (term(0) + term(1)).ln() + squared / 2.0
}

#[test]
fn what_the_likelihood_of_a_mixture_misses_is_the_standard_normal_prior() {
    let process = Process::Discrete(schedule());
    let levels = levels(&process, 200);
    let solver = Solver::RungeKutta4;
    let found = nats(points(&SOME), &mixture(), solver, 200, Divergence::Exact);
    let steps = Step::chain(&levels);
    let evaluations =
        probability_flow::evaluations(&steps, solver, &process, Coordinates::NoiseToSignal);
    let start = points(&SOME) * levels[0].alpha;
    let mut flow = Sampling::new(
        start,
        Plan::Fixed(evaluations),
        Clipping::None,
        Generator::new(0),
    );
    while flow.step(&mixture()).unwrap().is_some() {}
    let latents: Vec<f32> = flow.noisy().into_data().try_into_vec().unwrap();
    let mut worst = 0.0_f64;
    for ((found, x), latent) in found.iter().zip(SOME).zip(latents.as_chunks::<2>().0) {
        let missed = missed_by_the_prior(*latent, levels[200]);
        let expected = exact(x, 2);
        let error = f64::from(*found) + missed - expected;
        assert!(
            error.abs() < 1e-3,
            "at {x:?}: {found} + {missed}, exactly {expected}"
        );
        worst = worst.max(missed.abs());
    }
    assert!((3e-3..8e-3).contains(&worst), "the prior misses {worst}");
}

#[test]
fn the_density_integrates_to_one() {
    let (side, width) = (40, 5.0_f32);
    let cell = width / side as f32;
    let at = |index: usize| (index as f32 + 0.5) * cell - width / 2.0;
    let grid: Vec<[f32; 2]> = (0..side * side)
        .map(|i| [at(i % side), at(i / side)])
        .collect();
    let found = nats(
        points(&grid),
        &mixture(),
        Solver::RungeKutta4,
        60,
        Divergence::Exact,
    );
    let total: f32 = found.iter().map(|nats| nats.exp() * cell * cell).sum();
    assert!((total - 1.0).abs() < 0.01, "the integral is {total}");
}

#[test]
fn hutchinsons_estimate_has_the_exact_mean_and_a_variance_of_one_over_the_probes() {
    let x = [[0.1, 0.2]];
    let exact = nats(points(&x), &mixture(), Solver::Heun, 40, Divergence::Exact)[0];
    let repeats = 256;
    let statistics = |probes: usize| {
        // Each row of the batch has its own probes.
        let rows = vec![x[0]; repeats];
        let divergence = Divergence::Hutchinson { probes, seed: 5 };
        let found = nats(points(&rows), &mixture(), Solver::Heun, 40, divergence);
        let mean = found.iter().sum::<f32>() / repeats as f32;
        let variance =
            found.iter().map(|nats| (nats - mean).powi(2)).sum::<f32>() / (repeats - 1) as f32;
        (mean, variance)
    };
    let (mean, variance) = statistics(1);
    let error = (variance / repeats as f32).sqrt();
    assert!(
        (mean - exact).abs() < 3.0 * error,
        "mean {mean} ± {error}, exactly {exact}"
    );
    let ratio = variance / statistics(4).1;
    assert!(
        (2.6..6.0).contains(&ratio),
        "four probes have 1/{ratio} of the variance"
    );
}

#[test]
fn no_probes_and_no_way_are_refused() {
    let process = Process::Discrete(schedule());
    let refused = |levels: &[NoiseLevel], probes: usize| {
        let divergence = Divergence::Hutchinson { probes, seed: 0 };
        let run = LogLikelihood::new(points(&SOME), levels, &process, Solver::Heun, divergence);
        run.err().unwrap()
    };
    let all = levels(&process, 10);
    assert!(matches!(refused(&all, 0), Error::InvalidOption { name, .. } if name == "probes"));
    assert!(matches!(refused(&all[..1], 1), Error::InvalidOption { name, .. } if name == "levels"));
    // One probe per value would not fit in memory.
    let large = Tensor::<2>::zeros([1, 10_000], &Device::flex());
    let run = LogLikelihood::new(large, &all, &process, Solver::Heun, Divergence::Exact);
    assert!(matches!(run, Err(Error::InvalidOption { name, .. }) if name == "divergence"));
}
