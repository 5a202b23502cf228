//! DDRM and RePaint.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::{normal, numbers};
use crate::diffusion::{Denoiser, Estimate, IdealDenoiser, NoiseLevel};
use crate::random::Generator;
use crate::restore::repaint::{Return, visit_count, visits};
use crate::restore::{Ddrm, Degradation, Observation, RePaint};
use crate::sampler::{Clipping, Combination, Evaluation, Plan, Sampling, Step, Update};

fn steps(count: usize, most: f64, least: f64) -> Vec<Step> {
    let ratio = |i: usize| most * (least / most).powf(i as f64 / count as f64);
    let level = |i| NoiseLevel::from_noise_to_signal(0.0, ratio(i));
    Step::chain(&(0..=count).map(level).collect::<Vec<_>>())
}

fn run(
    noisy: Tensor<4>,
    levels: impl Iterator<Item = NoiseLevel>,
    update: impl Update<4> + 'static,
) -> Sampling<4> {
    let evaluation = |level| Evaluation::new(level, Combination::SAMPLE);
    let plan = Plan::Fixed(levels.map(evaluation).collect());
    let sampling = Sampling::new(noisy, plan, Clipping::None, Generator::new(8));
    sampling.with_update(Arc::new(update))
}

fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
}

/// Given `x_0`, the noisy samples of all levels have the marginals of the forward process, in the observed directions and
/// in all (Kawar et al. 2022, proposition 3.1).
#[test]
fn ddrm_keeps_the_marginals_of_the_forward_process() {
    const COUNT: usize = 3000;
    const NOISE: f64 = 0.4;
    let device = Device::flex();
    let truth = normal([1, 1, 4, 4], 1);
    let denoiser = IdealDenoiser::of_points(truth.clone().reshape([1, 16]));
    let mask = (0..16).map(|i| f32::from(i < 6)).collect();
    let degradations = [
        Degradation::Inpaint { mask },
        Degradation::Downsample { factor: 2 },
        Degradation::Blur { std: 0.8 },
    ];
    for degradation in degradations {
        let operator = degradation
            .operator([1, 4, 4], [-1.0, 1.0], &device)
            .unwrap();
        let linear = operator.linear().unwrap().clone();
        let clean = operator.apply(truth.clone()).repeat_dim(0, COUNT);
        let values = clean.clone() + normal(clean.dims(), 2) * NOISE;
        let observation = Observation {
            values: operator.known(values),
            operator,
            noise: NOISE,
            data_variance: 1.0,
        };
        let steps = steps(12, 20.0, 0.02);
        let ddrm = Ddrm::new(steps.clone(), &observation, 0.85).unwrap();
        let noisy = ddrm.initial(normal([COUNT, 1, 4, 4], 3), steps[0].from);
        let mut sampling = run(noisy, steps.iter().map(|step| step.from), ddrm);
        for step in &steps {
            sampling.step(&denoiser).unwrap();
            let error = sampling.noisy() / step.to.alpha - truth.clone();
            let error = error / step.to.noise_to_signal();
            let seen = linear.filter(error.clone(), &|s| f64::from(u8::from(s > 0.3)));
            let directions = linear.filter(normal([COUNT, 1, 4, 4], 4), &|s| {
                f64::from(u8::from(s > 0.3))
            });
            let expected = rms(&numbers(directions.unwrap()));
            let found = rms(&numbers(seen.unwrap()));
            let what = format!("{} at {:?}", degradation.name(), step.to);
            assert!(
                (found / expected - 1.0).abs() < 0.04,
                "{what}: {found} of {expected}"
            );
            let all = rms(&numbers(error));
            assert!((all - 1.0).abs() < 0.03, "{what}: {all}");
        }
    }
}

/// Two numbers with variance 1 and correlation 0.8.
struct Correlated;

const CORRELATION: f64 = 0.8;

impl Denoiser<4> for Correlated {
    /// `x0_hat = alpha·Σ·(alpha²·Σ + sigma²)⁻¹·x`, in the basis of sum and difference.
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let NoiseLevel { alpha, sigma, .. } = level;
        let gain = |v: f64| alpha * v / (alpha * alpha * v + sigma * sigma);
        let (sum, difference) = (gain(1.0 + CORRELATION), gain(1.0 - CORRELATION));
        let swapped = noisy.clone().flip([3]);
        let clean = noisy * ((sum + difference) / 2.0) + swapped * ((sum - difference) / 2.0);
        Estimate::from(clean)
    }
}

/// Mean and standard deviation of the second number, given that the first one is 1.
fn painted(jump_samples: usize) -> [f64; 2] {
    const COUNT: usize = 2000;
    let device = Device::flex();
    let mask = vec![1.0, 0.0];
    let operator = Degradation::Inpaint { mask }.operator([1, 1, 2], [-1.0, 1.0], &device);
    let values = TensorData::new(vec![1.0_f32, 0.0], [1, 1, 1, 2]);
    let observation = Observation {
        operator: operator.unwrap(),
        values: Tensor::from_data(values, &device),
        noise: 0.0,
        data_variance: 1.0,
    };
    let mut steps = steps(40, 20.0, 0.01);
    steps[39].to = NoiseLevel::CLEAN;
    let visits = visits(40, 4, jump_samples);
    let repaint = RePaint::new(&steps, &visits, &observation, 1.0, Return::Direct).unwrap();
    let levels: Vec<NoiseLevel> = visits.iter().map(|index| steps[*index].from).collect();
    let mut sampling = run(normal([COUNT, 1, 1, 2], 6), levels.into_iter(), repaint);
    while sampling.step(&Correlated).unwrap().is_some() {}
    let values = numbers(sampling.noisy());
    assert!(
        values
            .iter()
            .step_by(2)
            .all(|known| (known - 1.0).abs() < 1e-6)
    );
    let hidden: Vec<f64> = values.iter().skip(1).step_by(2).copied().collect();
    let mean = hidden.iter().sum::<f64>() / COUNT as f64;
    let differences: Vec<f64> = hidden.iter().map(|x| x - mean).collect();
    [mean, rms(&differences)]
}

#[test]
fn repainting_approaches_the_conditional_distribution() {
    // The second number is N(0.8, 1 − 0.8²) given that the first one is 1.
    let [mean, std] = painted(12);
    assert!((mean - CORRELATION).abs() < 0.05, "mean {mean}");
    assert!((std - 0.6).abs() < 0.05, "standard deviation {std}");
    let [once, _] = painted(1);
    assert!(once < mean, "without jumps {once}, with jumps {mean}");
}

/// The timesteps of diffusers' `RePaintScheduler` with `num_train_timesteps` equal to the number of steps.
#[test]
fn visits_are_those_of_diffusers() {
    let timesteps = |steps: usize, length, samples| -> Vec<usize> {
        let visits = visits(steps, length, samples);
        assert_eq!(visits.len(), visit_count(steps, length, samples));
        visits.iter().map(|index| steps - 1 - index).collect()
    };
    assert_eq!(timesteps(5, 2, 2), [4, 3, 2, 3, 2, 1, 0, 1, 0]);
    assert_eq!(timesteps(4, 1, 3), [3, 2, 2, 2, 1, 1, 1, 0, 0, 0]);
    assert_eq!(timesteps(3, 5, 4), [2, 1, 0]);
}
