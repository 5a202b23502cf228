//! Bounds on the log-density by importance sampling.

use std::f64::consts::TAU;

use super::{LATENTS, LatentQuadrature, Posterior, Vae};
use crate::family::{DIMENSIONS, Member, check_points, within};
use crate::random::Generator;
use crate::{Error, Result};

/// Maximum number of sampled latents per point.
pub const MAX_LATENT_SAMPLES: usize = 100_000;
/// Latents per evaluation of the decoder.
const DECODED: usize = 1 << 14;

/// Options of [`Vae::bounds`].
#[derive(Clone, Debug, PartialEq)]
pub struct BoundOptions {
    /// The sample counts k of the importance-weighted bounds, in ascending order; each must divide the last.
    pub samples: Vec<usize>,
    /// Seed of the sampled latents.
    pub seed: u32,
}

impl Default for BoundOptions {
    fn default() -> Self {
        Self {
            samples: vec![10, 500],
            seed: 0,
        }
    }
}

/// Estimates of bounds on `ln p(x)`, averaged over points, in nats, all from the same samples.
///
/// With the importance weights `w_j = p(x, z_j)/q(z_j∣x)`, `z_j ~ q(z∣x)` (Burda et al. 2016, eq. 8,
/// <https://arxiv.org/abs/1509.00519>):
///
/// `ELBO = E[ln w] ≤ IWAE_k = E[ln (1/k)·Σ_{j≤k} w_j] ≤ ln p(x)`.
///
/// A smaller k uses all samples in groups of k, so that Jensen's inequality holds between the estimates themselves, for
/// every point. From all estimates of a point the same control variate is subtracted: `W/p(x) − 1`, where `W` is the
/// mean of all weights of the point. Its expectation is 0. Since `ln u ≤ u − 1`, no estimate exceeds `ln p(x)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// The evidence lower bound (ELBO).
    pub elbo: f64,
    /// Pairs of a sample count k and the importance-weighted bound `IWAE_k`.
    pub importance_weighted: Vec<(usize, f64)>,
    /// The exact log-density `ln p(x)`, by quadrature over the latent.
    pub log_density: f64,
    /// `KL(q(z∣x)‖p(z))`, in closed form.
    pub kl: f64,
    /// `E_q[ln p(x∣z)] = ELBO + KL`
    pub reconstruction: f64,
    /// `KL(q(z∣x)‖p(z∣x)) = ln p(x) − ELBO`, the gap of the ELBO.
    pub gap: f64,
    /// The mean of the control variate. It is 0 within its standard error if quadrature and sampling agree.
    pub control: f64,
    /// The standard error of `control`.
    pub control_error: f64,
}

impl Vae {
    /// Bounds and exact log-density, averaged over points `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for invalid points, and for sample counts that are not between 1 and 100,000, not
    /// ascending, or do not divide the last one.
    pub fn bounds(&self, points: &[f32], options: &BoundOptions) -> Result<Bounds> {
        let count = check_points(points)?;
        let most = check_samples(&options.samples)?;
        let posterior = self.posterior(points)?;
        let exact = LatentQuadrature::converged(self, points).log_density(points);
        let mut generator = Generator::new(options.seed);
        let mut sums = Sums::new(options.samples.len());
        let chunk = (DECODED / most).max(1);
        for first in (0..count).step_by(chunk) {
            let rows = first..(first + chunk).min(count);
            let weights =
                self.log_weights(points, &posterior, rows.clone(), most, &mut generator)?;
            for (row, weights) in rows.zip(weights.chunks_exact(most)) {
                sums.add(weights, &options.samples, exact[row]);
            }
        }
        let kl = posterior.divergences().sum::<f64>() / count as f64;
        let log_density = exact.iter().sum::<f64>() / count as f64;
        Ok(sums.finish(&options.samples, count, kl, log_density))
    }

    /// `ln (1/k)·Σ_j w_j` of each point with `k` sampled latents.
    pub(super) fn importance_weighted(
        &self,
        points: &[f32],
        samples: usize,
        generator: &mut Generator,
    ) -> Result<Vec<f64>> {
        let count = check_points(points)?;
        check_samples(&[samples])?;
        let posterior = self.posterior(points)?;
        let mut bounds = Vec::with_capacity(count);
        let chunk = (DECODED / samples).max(1);
        for first in (0..count).step_by(chunk) {
            let rows = first..(first + chunk).min(count);
            let weights = self.log_weights(points, &posterior, rows, samples, generator)?;
            bounds.extend(weights.chunks_exact(samples).map(log_mean_exp));
        }
        Ok(bounds)
    }

    /// `ln w = ln p(x∣z) + ln p(z) − ln q(z∣x)` of a set of points, `[rows, samples]`.
    fn log_weights(
        &self,
        points: &[f32],
        posterior: &Posterior,
        rows: std::ops::Range<usize>,
        samples: usize,
        generator: &mut Generator,
    ) -> Result<Vec<f64>> {
        let noise = generator.normal(rows.len() * samples * LATENTS);
        let mut latents = Vec::with_capacity(noise.len());
        let mut offsets = Vec::with_capacity(rows.len() * samples);
        for (row, noise) in rows.clone().zip(noise.chunks_exact(samples * LATENTS)) {
            let mean = &posterior.mean[row * LATENTS..][..LATENTS];
            let std = &posterior.std[row * LATENTS..][..LATENTS];
            for noise in noise.chunks_exact(LATENTS) {
                let mut offset = 0.0;
                for axis in 0..LATENTS {
                    let latent = mean[axis] + std[axis] * noise[axis];
                    latents.push(latent);
                    let squares = f64::from(noise[axis]).powi(2) - f64::from(latent).powi(2);
                    offset += 0.5 * squares + libm::log(f64::from(std[axis]));
                }
                offsets.push(offset);
            }
        }
        let decoded = self.decode(&latents)?;
        let likelihood = Likelihood::new(self.sigma());
        let points = rows.flat_map(|row| {
            let point = &points[row * DIMENSIONS..][..DIMENSIONS];
            std::iter::repeat_n(point, samples)
        });
        let parts = points.zip(decoded.chunks_exact(DIMENSIONS)).zip(offsets);
        Ok(parts
            .map(|((point, decoded), offset)| likelihood.log(point, decoded) + offset)
            .collect())
    }
}

impl Posterior {
    /// `KL(q(z∣x)‖N(0, I)) = ½·Σ_i (mu_i² + s_i² − 1 − ln s_i²)` of each point, in nats.
    pub fn divergences(&self) -> impl Iterator<Item = f64> + '_ {
        let pairs = self
            .mean
            .chunks_exact(LATENTS)
            .zip(self.std.chunks_exact(LATENTS));
        pairs.map(|(means, stds)| {
            let term = |(mean, std): (&f32, &f32)| {
                let (mean, std) = (f64::from(*mean), f64::from(*std));
                0.5 * (mean * mean + std * std - 1.0) - libm::log(std)
            };
            means.iter().zip(stds).map(term).sum()
        })
    }
}

/// The Gaussian log-likelihood `ln N(x; g, sigma²·I)`.
pub(super) struct Likelihood {
    precision: f64,
    log_scale: f64,
}

impl Likelihood {
    pub fn new(sigma: f64) -> Self {
        Self {
            precision: 1.0 / (sigma * sigma),
            log_scale: -(DIMENSIONS as f64) * (libm::log(sigma) + 0.5 * libm::log(TAU)),
        }
    }

    pub fn log_scale(&self) -> f64 {
        self.log_scale
    }

    fn log(&self, point: &[f32], mean: &[f32]) -> f64 {
        let squares = point.iter().zip(mean).map(|(x, g)| {
            let offset = f64::from(*x) - f64::from(*g);
            offset * offset
        });
        self.log_scale - 0.5 * self.precision * squares.sum::<f64>()
    }
}

/// Sums over points.
struct Sums {
    elbo: f64,
    importance_weighted: Vec<f64>,
    control: f64,
    control_squares: f64,
}

impl Sums {
    fn new(bounds: usize) -> Self {
        Self {
            elbo: 0.0,
            importance_weighted: vec![0.0; bounds],
            control: 0.0,
            control_squares: 0.0,
        }
    }

    /// Adds a point, given the logarithms of its importance weights.
    fn add(&mut self, weights: &[f64], samples: &[usize], exact: f64) {
        let control = libm::expm1(log_mean_exp(weights) - exact);
        self.control += control;
        self.control_squares += control * control;
        self.elbo += weights.iter().sum::<f64>() / weights.len() as f64 - control;
        for (sum, size) in self.importance_weighted.iter_mut().zip(samples) {
            let groups = weights.chunks_exact(*size);
            let count = groups.len() as f64;
            *sum += groups.map(log_mean_exp).sum::<f64>() / count - control;
        }
    }

    fn finish(self, samples: &[usize], count: usize, kl: f64, log_density: f64) -> Bounds {
        let n = count as f64;
        let elbo = self.elbo / n;
        let control = self.control / n;
        let variance = self.control_squares / n - control * control;
        let bounds = samples.iter().zip(self.importance_weighted);
        Bounds {
            elbo,
            importance_weighted: bounds.map(|(size, sum)| (*size, sum / n)).collect(),
            log_density,
            kl,
            reconstruction: elbo + kl,
            gap: log_density - elbo,
            control,
            control_error: (variance / n).sqrt(),
        }
    }
}

/// `ln (1/n)·Σ_j exp(x_j)`
fn log_mean_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = values.iter().map(|value| libm::exp(value - largest)).sum();
    largest + libm::log(sum / values.len() as f64)
}

/// Validates the sample counts and returns the largest.
fn check_samples(samples: &[usize]) -> Result<usize> {
    let [.., most] = samples else {
        return Err(Error::invalid("samples", "at least one number", samples));
    };
    for size in samples {
        within("samples", *size, 1..=MAX_LATENT_SAMPLES)?;
        if !most.is_multiple_of(*size) {
            let expected = format!("divisors of the last number of samples, {most}");
            return Err(Error::invalid("samples", expected, size));
        }
    }
    if !samples.is_sorted_by(|a, b| a < b) {
        return Err(Error::invalid("samples", "in rising order", samples));
    }
    Ok(*most)
}
