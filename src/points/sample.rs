//! Sampling of points.

use burn::tensor::{Tensor, TensorData};

use super::{PointDenoiser, PointPipeline};
use crate::checkpoint::scheduler::SpacingOptions;
use crate::random::Generator;
use crate::sampler::{Method, Run, Sampling};
use crate::{Error, Result};

/// A sampling run of a [`PointPipeline`]; independent of the lifetime of the model.
pub type PointSampling = Run<PointDenoiser, 2>;

/// Options of [`PointPipeline::sample`]. By default 1000 points are generated with 50 steps of DPM-Solver++(2M).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointSampleOptions {
    /// The sampler; `None` for DPM-Solver++(2M).
    pub method: Option<Method>,
    /// Spacing of the noise levels, and the noise at the end.
    pub spacing: SpacingOptions,
    /// Number of steps; `None` for all timesteps with DDPM, and 50 otherwise.
    pub steps: Option<usize>,
    /// Seed of the initial noise and of all noise of the run.
    pub seed: u32,
    /// Number of points; `None` for that of the initial noise, or 1000.
    pub count: Option<usize>,
    /// Initial noise of unit variance instead of noise from the seed, `[count, dimensions]` in row-major order.
    pub initial_noise: Option<Vec<f32>>,
}

/// Upper limit of the number of points.
const MAX_POINTS: usize = 100_000;

impl PointPipeline {
    /// Starts a sampling run; nothing is computed before the first step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option that is out of range.
    pub fn sample(&self, options: &PointSampleOptions) -> Result<PointSampling> {
        let own = &self.scheduler.method;
        let method = options.method.as_ref().unwrap_or(own);
        let scheduler = self.scheduler.with_method(method, options.spacing)?;
        let steps = scheduler.steps(options.steps)?;
        let trajectory = scheduler.trajectory(steps)?;
        let plan = scheduler.method.plan(&trajectory)?;
        let mut generator = Generator::new(options.seed);
        let noise = self.initial_noise(options, &mut generator)?;
        let noisy = noise * trajectory.initial_noise;
        let sampling = Sampling::new(noisy, plan, self.clipping(), generator);
        Ok(Run::new(sampling, self.denoiser.clone()))
    }

    fn initial_noise(
        &self,
        options: &PointSampleOptions,
        generator: &mut Generator,
    ) -> Result<Tensor<2>> {
        let dimensions = self.dimensions();
        let given = match &options.initial_noise {
            Some(noise) => Some(self.points("initial_noise", noise)?),
            None => None,
        };
        let drawn = given.as_ref().map_or(1000, |noise| noise.dims()[0]);
        let count = options.count.unwrap_or(drawn);
        if !(1..=MAX_POINTS).contains(&count) {
            let expected = format!("between 1 and {MAX_POINTS}");
            return Err(Error::invalid("count", expected, count));
        }
        match given {
            Some(noise) if noise.dims()[0] == count => Ok(noise),
            Some(noise) => {
                let expected = format!("{count} points, the value of count");
                let found = format!("{} of them", noise.dims()[0]);
                Err(Error::invalid("initial_noise", expected, found))
            }
            None => {
                let noise = generator.normal(count * dimensions);
                let data = TensorData::new(noise, [count, dimensions]);
                Ok(Tensor::from_data(data, &self.device))
            }
        }
    }
}
