//! Samples by the reverse process.

use super::{Diffusion, bound};
use crate::diffusion::NoiseLevel;
use crate::random::Generator;
use crate::sampler::{Step, ddpm};

impl Diffusion {
    /// Samples by the reverse process from noise `[count, 2]`, on evenly spaced timesteps from the last one (Nichol &
    /// Dhariwal 2021, section 4). The last step returns the mean.
    pub(super) fn ancestral(
        &self,
        mut points: Vec<f32>,
        steps: usize,
        generator: &mut Generator,
    ) -> Vec<f32> {
        let count = self.schedule.len();
        let timestep = |index: usize| count - 1 - index * count / steps;
        let timesteps: Vec<usize> = (0..steps).map(timestep).collect();
        let terms = bound::terms(&self.schedule, &timesteps, self.options.variance);
        let steps = Step::between(&self.schedule, &timesteps, NoiseLevel::CLEAN);
        let last = steps.len().saturating_sub(1);
        for (index, (step, term)) in steps.iter().zip(terms).enumerate() {
            let [clean, outputs] = self.estimate(&points, step.from);
            if index == last {
                return clean;
            }
            let mean = ddpm::posterior(*step);
            let noise = generator.normal(points.len());
            for (index, (x, noise)) in points.iter_mut().zip(noise).enumerate() {
                let output = outputs.get(index).copied().unwrap_or(0.0);
                let std = libm::exp(0.5 * term.log_variance(f64::from(output)));
                let mean = mean.sample * f64::from(*x) + mean.clean * f64::from(clean[index]);
                *x = (mean + std * f64::from(noise)) as f32;
            }
        }
        points
    }
}
