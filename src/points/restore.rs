//! Points given a linear observation, and the exact posterior of a mixture.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};

use super::{PointDenoiser, PointPipeline, PointSampleOptions};
use crate::dataset::GaussianMixture;
use crate::diffusion::MAX_COORDINATE;
use crate::random::Generator;
use crate::restore::{Correction, Dense, Observation, Operator, Restorer};
use crate::sampler::Run;
use crate::{Error, Result};

/// A restoration of points; independent of the lifetime of the model.
pub type PointRestoration = Run<Restorer<PointDenoiser, 2>, 2>;

/// A linear observation of a point, `y = a·x + noise·z`.
#[derive(Clone, Debug, PartialEq)]
pub struct PointObservation {
    /// `a`, one factor for each coordinate.
    pub direction: Vec<f64>,
    /// `y`
    pub value: f64,
    /// Standard deviation of the noise, above 0.
    pub noise: f64,
}

impl PointObservation {
    fn check(&self, dimensions: usize) -> Result<()> {
        let range = -MAX_COORDINATE..=MAX_COORDINATE;
        let is_inside = self.direction.iter().all(|factor| range.contains(factor));
        let is_zero = self.direction.iter().all(|factor| *factor == 0.0);
        if self.direction.len() != dimensions || !is_inside || is_zero {
            let expected = format!("{dimensions} numbers from -1e6 to 1e6, not all 0");
            return Err(Error::invalid("direction", expected, &self.direction));
        }
        if !range.contains(&self.value) {
            let expected = "a number from -1e6 to 1e6";
            return Err(Error::invalid("value", expected, self.value));
        }
        if !(1e-6..=MAX_COORDINATE).contains(&self.noise) {
            let expected = "between 1e-6 and 1e6";
            return Err(Error::invalid("noise", expected, self.noise));
        }
        Ok(())
    }
}

impl PointPipeline {
    /// Samples points that the observation may come from, with any sampler; nothing is computed before the first step.
    /// ΠGDM assumes data of unit variance.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use tweedie::dataset::{Named, PointData};
    /// use tweedie::points::{PointObservation, PointPipeline, PointSampleOptions, Schedule};
    /// use tweedie::restore::Correction;
    ///
    /// let data = PointData::draw(Named::TwoMoons, 500, 0)?;
    /// let ideal = PointPipeline::of_points(data.points(), Schedule::default(), &Device::flex())?;
    /// let observation = PointObservation { direction: vec![1.0, 0.0], value: 0.5, noise: 0.1 };
    /// let options = PointSampleOptions { count: Some(10), ..Default::default() };
    /// let mut restoration = ideal.restore(&observation, Correction::PiGdm, &options)?;
    /// while restoration.step()?.is_some() {}
    /// println!("{}", restoration.noisy()); // ten points near x = 0.5
    /// # Ok::<(), tweedie::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option that is out of range.
    pub fn restore(
        &self,
        observation: &PointObservation,
        correction: Correction,
        options: &PointSampleOptions,
    ) -> Result<PointRestoration> {
        let dimensions = self.dimensions();
        observation.check(dimensions)?;
        let direction = observation.direction.iter().map(|factor| *factor as f32);
        let operator = Dense::new(direction.collect(), 1, [1, dimensions], &self.device);
        let value = TensorData::new(vec![observation.value as f32], [1, 1]);
        let observation = Observation {
            operator: Operator::Linear(Arc::new(operator)),
            values: Tensor::from_data(value, &self.device),
            noise: observation.noise,
            data_variance: 1.0,
        };
        let run = self.sample(options)?;
        Ok(run.map_denoiser(|denoiser| Restorer::new(denoiser, observation, correction)))
    }
}

impl GaussianMixture {
    /// Exact samples of the posterior given an observation, `[count, dimensions]` in row-major order.
    ///
    /// A component has the posterior weight `w_k·N(y; a·mean_k, v_k)` with `v_k = std_k²·|a|² + noise²`; a sample `x` of it
    /// becomes one of its posterior as `x + std_k²·a·(y − a·x − noise·z)/v_k` (Matheron's rule).
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an invalid mixture, observation or number of samples.
    pub fn draw_posterior(
        &self,
        observation: &PointObservation,
        count: usize,
        seed: u32,
    ) -> Result<Vec<f64>> {
        self.denoiser(&burn::tensor::Device::flex())?;
        observation.check(self.dimensions)?;
        if !(1..=1 << 20).contains(&count) {
            return Err(Error::invalid("count", "between 1 and 1048576", count));
        }
        let cumulative = self.posterior_weights(observation);
        let mut generator = Generator::new(seed);
        let uniform = generator.uniform(count);
        let normal = generator.normal(count * (self.dimensions + 1));
        let normal = normal.chunks_exact(self.dimensions + 1);
        let draw = |(u, z): (f32, &[f32])| {
            let component = cumulative.partition_point(|total| *total <= f64::from(u));
            self.posterior_point(observation, component.min(cumulative.len() - 1), z)
        };
        Ok(uniform.into_iter().zip(normal).flat_map(draw).collect())
    }

    /// Cumulative posterior weights of the components.
    fn posterior_weights(&self, observation: &PointObservation) -> Vec<f64> {
        let log_weight = |k: usize| {
            let variance = self.observed_variance(observation, k);
            let residual = observation.value - dot(&observation.direction, self.mean(k));
            self.weights[k].ln() - 0.5 * (residual * residual / variance + variance.ln())
        };
        let logs: Vec<f64> = (0..self.weights.len()).map(log_weight).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
        let mut sum = 0.0;
        let share = |log: &f64| {
            sum += (log - largest).exp() / total;
            sum
        };
        logs.iter().map(share).collect()
    }

    fn posterior_point(&self, observation: &PointObservation, k: usize, z: &[f32]) -> Vec<f64> {
        let (std, direction) = (self.stds[k], &observation.direction);
        let coordinate = |(mean, z): (&f64, &f32)| mean + std * f64::from(*z);
        let x: Vec<f64> = self.mean(k).iter().zip(z).map(coordinate).collect();
        let noise = observation.noise * f64::from(z[self.dimensions]);
        let residual = observation.value - dot(direction, &x) - noise;
        let gain = std * std * residual / self.observed_variance(observation, k);
        x.iter().zip(direction).map(|(x, a)| x + gain * a).collect()
    }

    /// Variance of `y` for a component.
    fn observed_variance(&self, observation: &PointObservation, k: usize) -> f64 {
        let length = dot(&observation.direction, &observation.direction);
        self.stds[k].powi(2) * length + observation.noise.powi(2)
    }

    fn mean(&self, k: usize) -> &[f64] {
        &self.means[k * self.dimensions..][..self.dimensions]
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
