//! The ideal denoiser against explicit formulas in `f64`.

use std::f64::consts::TAU;

use crate::common::{assert_close, values};
use burn::tensor::{Device, Tensor, TensorData};
use tweedie::dataset::{Named, PointData};
use tweedie::diffusion::{Denoiser, IdealDenoiser, NoiseLevel, Quantity};

fn tensor(points: &[[f32; 2]]) -> Tensor<2> {
    let data = TensorData::new(points.as_flattened().to_vec(), [points.len(), 2]);
    Tensor::from_data(data, &Device::flex())
}

struct Mixture {
    means: Vec<[f32; 2]>,
    stds: Vec<f64>,
    weights: Vec<f64>,
}

impl Mixture {
    fn some() -> Self {
        Self {
            means: vec![[0.8, -0.3], [-0.5, 0.6], [0.1, 0.1]],
            stds: vec![0.4, 0.25, 0.0],
            weights: vec![1.0, 3.0, 0.5],
        }
    }

    fn points(count: usize) -> Self {
        let data = PointData::draw(Named::TwoMoons, count, 0).unwrap();
        Self {
            means: data.points().to_vec(),
            stds: vec![0.0; count],
            weights: vec![1.0; count],
        }
    }

    fn denoiser(&self) -> IdealDenoiser {
        let (stds, weights) = (self.stds.clone(), self.weights.clone());
        IdealDenoiser::of_mixture(tensor(&self.means), stds, weights).unwrap()
    }

    /// `p_t(x)` and its gradient.
    fn density(&self, x: [f32; 2], level: NoiseLevel) -> (f64, [f64; 2]) {
        let total: f64 = self.weights.iter().sum();
        let (mut density, mut gradient) = (0.0, [0.0; 2]);
        for (k, mean) in self.means.iter().enumerate() {
            let variance = (level.alpha * self.stds[k]).powi(2) + level.sigma.powi(2);
            let away = [0, 1].map(|i| f64::from(x[i]) - level.alpha * f64::from(mean[i]));
            let square = away[0] * away[0] + away[1] * away[1];
            let term =
                self.weights[k] / total * (-square / (2.0 * variance)).exp() / (TAU * variance);
            density += term;
            (0..2).for_each(|i| gradient[i] -= term * away[i] / variance);
        }
        (density, gradient)
    }
}

const QUERIES: [[f32; 2]; 5] = [
    [0.8, -0.3],
    [0.1, 0.2],
    [-0.5, 0.9],
    [1.4, -0.8],
    [0.0, 0.0],
];

fn levels() -> [NoiseLevel; 4] {
    [0.02, 0.2, 1.0, 30.0]
        .map(|noise_to_signal| NoiseLevel::from_noise_to_signal(0.0, noise_to_signal))
}

#[test]
fn the_score_is_the_gradient_of_the_log_density_of_a_mixture_and_of_points() {
    for mixture in [Mixture::some(), Mixture::points(300)] {
        let denoiser = mixture.denoiser();
        for level in levels() {
            // The density of points is 0 far from all of them.
            let near: Vec<[f32; 2]> = QUERIES
                .into_iter()
                .filter(|x| mixture.density(*x, level).0 > 1e-30)
                .collect();
            if near.is_empty() {
                continue;
            }
            let score = values(Quantity::Score.of(&denoiser, tensor(&near), level));
            let found = values(denoiser.log_density(tensor(&near), level));
            for (index, x) in near.iter().enumerate() {
                let (density, gradient) = mixture.density(*x, level);
                let scale = 1.0 / level.sigma;
                for axis in 0..2 {
                    let expected = gradient[axis] / density;
                    let error = (f64::from(score[2 * index + axis]) - expected).abs();
                    assert!(
                        error < 2e-5 * scale * scale.max(1.0),
                        "{level:?} at {x:?}: off by {error}"
                    );
                }
                let error = (f64::from(found[index]) - density.ln()).abs();
                assert!(
                    error < 1e-4,
                    "{level:?} at {x:?}: the log-density is off by {error}"
                );
            }
        }
    }
}

#[test]
fn the_quantities_are_one_estimate_in_other_words() {
    let mixture = Mixture::some();
    let denoiser = mixture.denoiser();
    for level in levels() {
        let x = tensor(&QUERIES);
        let of = |quantity: Quantity| quantity.of(&denoiser, x.clone(), level);
        let NoiseLevel { alpha, sigma, .. } = level;
        let (clean, noise) = (of(Quantity::Clean), of(Quantity::Noise));
        let tolerance = (2e-6 / sigma) as f32;
        let whole = clean.clone() * alpha + noise.clone() * sigma;
        assert_close("x_t", &values(whole), QUERIES.as_flattened(), 1e-5);
        let velocity = noise.clone() * alpha - clean * sigma;
        assert_close(
            "v",
            &values(of(Quantity::Velocity)),
            &values(velocity),
            tolerance,
        );
        let score = -noise / sigma;
        let tolerance = tolerance * (1.0 / sigma) as f32;
        assert_close(
            "score",
            &values(of(Quantity::Score)),
            &values(score),
            tolerance,
        );
    }
}

#[test]
fn tensors_in_parts_give_what_the_cpu_gives_one_by_one() {
    // Gradients require tensors; with 2000 components a batch has 1048 queries.
    let denoiser = Mixture::points(2000).denoiser();
    let queries = PointData::draw(Named::Spiral, 1100, 1).unwrap();
    let x = queries.tensor(&Device::flex());
    let level = NoiseLevel::from_noise_to_signal(0.0, 0.4);
    let one_by_one = values(denoiser.denoise(x.clone(), level).clean);
    let tensors = denoiser.denoise(x.clone().autodiff(), level).clean.inner();
    assert_close("clean", &one_by_one, &values(tensors), 2e-6);
    let one_by_one = values(denoiser.log_density(x.clone(), level));
    let tensors = denoiser.log_density(x.autodiff(), level).inner();
    assert_close("log-density", &one_by_one, &values(tensors), 2e-5);
}

#[test]
fn the_closed_density_integrates_to_one_on_a_line_and_in_the_plane() {
    let means = Tensor::from_data(
        TensorData::new(vec![-1.0_f32, 1.5], [2, 1]),
        &Device::flex(),
    );
    let line = IdealDenoiser::of_mixture(means, vec![0.3, 0.5], vec![1.0, 2.0]).unwrap();
    for level in levels() {
        let grid: Vec<f32> = (0..4000).map(|i| (i as f32 + 0.5) * 0.005 - 10.0).collect();
        let x = Tensor::from_data(TensorData::new(grid, [4000, 1]), &Device::flex());
        let total: f32 = values(line.log_density(x, level))
            .iter()
            .map(|p| p.exp() * 0.005)
            .sum();
        assert!((total - 1.0).abs() < 1e-3, "{level:?}: {total}");
    }
    let plane = Mixture::points(500).denoiser();
    let level = NoiseLevel::from_noise_to_signal(0.0, 0.3);
    let at = |i: usize| (i as f32 + 0.5) * 0.1 - 5.0;
    let grid: Vec<[f32; 2]> = (0..10_000).map(|i| [at(i % 100), at(i / 100)]).collect();
    let total: f32 = values(plane.log_density(tensor(&grid), level))
        .iter()
        .map(|p| p.exp() * 0.01)
        .sum();
    assert!((total - 1.0).abs() < 1e-3, "{total}");
}
