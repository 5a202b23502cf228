//! The exact log-density of point models.

use burn::tensor::Tensor;

use super::{FlowOptions, PointDenoiser, PointPipeline};
use crate::likelihood::{Divergence, LogLikelihood};
use crate::sampler::Progress;
use crate::sampler::probability_flow::Solver;
use crate::{Error, Result};

/// Options of [`PointPipeline::log_density`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityOptions {
    /// Timestep `t` of `p_t`; 0 is the cleanest level.
    pub time: f64,
    /// Integration of the flow from there on.
    pub flow: FlowOptions,
}

impl Default for DensityOptions {
    /// 20 steps of RK4. For densities up to 1 the error is about 1e-3, both for networks and for eight narrow clusters.
    /// Log-densities are less accurate where the density is close to 0.
    fn default() -> Self {
        Self {
            time: 0.0,
            flow: FlowOptions {
                solver: Solver::RungeKutta4,
                steps: 20,
            },
        }
    }
}

/// A run that computes `ln p_t` at points by the change of variables along the probability flow: [`LogLikelihood`] with
/// the exact divergence.
#[derive(Clone, Debug)]
pub struct PointDensity {
    likelihood: LogLikelihood<2>,
    denoiser: PointDenoiser,
    /// Correction from the scale of `x_t/alpha` to that of `x_t`.
    offset: f64,
}

impl PointPipeline {
    /// `ln p_t` of the noisy marginal at points `[count, dimensions]`, in nats, by integrating the divergence along the
    /// flow (Song et al. 2021, eq. 39). Nothing is computed before the first step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an empty list of points or points that are not finite, for a time that is not
    /// between 0 and that of the noisiest level, and for zero or more than 10,000 steps.
    pub fn log_density(&self, points: &[f32], options: DensityOptions) -> Result<PointDensity> {
        let level = self.level_at("time", options.time)?;
        let last = self.last();
        if level.noise_to_signal() >= last.noise_to_signal() {
            let expected = format!("below {}, where there is still signal", last.time);
            return Err(Error::invalid("time", expected, options.time));
        }
        let levels = self.flow_levels(level, last, options.flow.steps)?;
        let clean = self.points("points", points)? / level.alpha;
        let likelihood = LogLikelihood::in_coordinates(
            clean,
            &levels,
            &self.process(),
            options.flow.solver,
            Divergence::Exact,
            super::flow::COORDINATES,
        )?;
        Ok(PointDensity {
            likelihood,
            denoiser: self.denoiser.clone(),
            offset: -(self.dimensions() as f64) * level.alpha.ln(),
        })
    }

    /// `ln p_t` in closed form, `[count]`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a model without a closed form, and those of [`log_density`](Self::log_density) about
    /// the points and the time.
    pub fn closed_log_density(&self, points: &[f32], time: f64) -> Result<Tensor<1>> {
        let level = self.level_at("time", time)?;
        let points = self.points("points", points)?;
        match &self.denoiser {
            PointDenoiser::Ideal(ideal) => Ok(ideal.log_density(points, level)),
            PointDenoiser::Learned(_) => {
                let supported = "flow, for a network";
                Err(Error::unsupported("method", "closed-form", supported))
            }
        }
    }
}

impl PointDensity {
    /// Evaluates the model and its divergence once; returns `None` once the run is complete.
    ///
    /// # Errors
    /// None: the steps are fixed.
    pub fn step(&mut self) -> Result<Option<Progress>> {
        self.likelihood.step(&self.denoiser)
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.likelihood.batch()
    }

    /// Total number of evaluations.
    pub fn steps(&self) -> usize {
        self.likelihood.steps()
    }

    /// Number of completed evaluations.
    pub fn completed_steps(&self) -> usize {
        self.likelihood.completed_steps()
    }

    /// `ln p_t` in nats, `[count]`, valid once all steps are complete.
    pub fn nats(&self) -> Tensor<1> {
        self.likelihood.nats() + self.offset
    }
}
