//! Points along the probability-flow ODE: encoding, decoding, and paths.

use burn::tensor::Tensor;

use super::{PointPipeline, PointSampling};
use crate::diffusion::{NoiseLevel, Process, linspace};
use crate::random::Generator;
use crate::sampler::probability_flow::{self, Coordinates, Solver};
use crate::sampler::{Clipping, Plan, Run, Sampling, Step};
use crate::{Error, Result};

/// Integration of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowOptions {
    /// Solver of each step.
    pub solver: Solver,
    /// Number of steps.
    pub steps: usize,
}

impl Default for FlowOptions {
    fn default() -> Self {
        Self {
            solver: Solver::Heun,
            steps: 50,
        }
    }
}

/// A path of points through noise levels.
#[derive(Clone, Debug)]
pub struct Path {
    /// Timesteps, `steps + 1` of them.
    pub times: Vec<f64>,
    /// Positions of the points at each timestep, `[count, dimensions]`.
    pub positions: Vec<Tensor<2>>,
}

/// Upper limit of `sigma/alpha` along the flow; beyond it nothing is left of a point.
const MAX_NOISE: f64 = 200.0;

const MAX_STEPS: usize = 10_000;

/// Upper limit of the values of a [`Path`], 128 MiB.
const MAX_PATH: usize = 1 << 25;

/// Variance-preserving coordinates, in which the flow is finite everywhere.
pub(super) const COORDINATES: Coordinates = Coordinates::Angle;

impl PointPipeline {
    /// Maps clean points, `[count, dimensions]`, along the flow to noise (Song et al. 2021, section 4.3). The final
    /// [`noisy`](Run::noisy) points are the latents. The points are assumed to be at the cleanest level, timestep 0.
    /// Nothing is clipped.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an empty list of points or points that are not finite, and for zero or more than
    /// 10,000 steps.
    pub fn encode(&self, points: &[f32], options: FlowOptions) -> Result<PointSampling> {
        let levels =
            self.flow_levels(self.schedule.level_at_time(0.0), self.last(), options.steps)?;
        let points = self.points("points", points)? * levels[0].alpha;
        Ok(self.follow(points, &levels, options.solver))
    }

    /// Maps noise to points, the inverse of [`encode`](Self::encode).
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn decode(&self, latents: &[f32], options: FlowOptions) -> Result<PointSampling> {
        let clean = self.schedule.level_at_time(0.0);
        let levels = self.flow_levels(self.last(), clean, options.steps)?;
        let mut plan = self.plan(&levels, options.solver);
        // Rescales the points to the data.
        plan.divide_end(clean.alpha);
        let latents = self.points("latents", latents)?;
        Ok(self.run(latents, plan))
    }

    /// The path of noisy points between two times, in either direction, starting with the given points.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode), and [`Error::InvalidOption`] for times that are not between 0 and `T − 1` and
    /// for paths of more than 2^25 values.
    pub fn path(&self, points: &[f32], times: [f64; 2], options: FlowOptions) -> Result<Path> {
        let [from, to] = [
            self.level_at("from", times[0])?,
            self.level_at("to", times[1])?,
        ];
        let levels = self.flow_levels(from, to, options.steps)?;
        let most = MAX_PATH / points.len().max(1);
        if options.steps >= most {
            let expected = format!(
                "below {most} for {} numbers, to keep at most {MAX_PATH} in all",
                points.len()
            );
            return Err(Error::invalid("steps", expected, options.steps));
        }
        let points = self.points("points", points)?;
        let mut positions = vec![points.clone()];
        let mut times = vec![levels[0].time];
        for pair in levels.windows(2) {
            let last = positions[positions.len() - 1].clone();
            let mut run = self.follow(last, pair, options.solver);
            while run.step()?.is_some() {}
            positions.push(run.noisy());
            times.push(pair[1].time);
        }
        Ok(Path { times, positions })
    }

    /// The noisiest level along the flow.
    pub(super) fn last(&self) -> NoiseLevel {
        let last = (self.schedule.len() - 1) as f64;
        let level = self.schedule.level_at_time(last);
        if level.noise_to_signal() > MAX_NOISE {
            self.process().at_noise_to_signal(MAX_NOISE)
        } else {
            level
        }
    }

    pub(super) fn process(&self) -> Process {
        Process::Discrete(self.schedule.clone())
    }

    /// `steps + 1` levels from one to another, evenly spaced in the log-SNR. Near pure noise, the points of a network
    /// that predicts the noise or the clean point move along the angle at a speed that grows as the signal vanishes.
    /// Steps that shorten accordingly, as these do, preserve the order of the solver.
    pub(super) fn flow_levels(
        &self,
        from: NoiseLevel,
        to: NoiseLevel,
        steps: usize,
    ) -> Result<Vec<NoiseLevel>> {
        if !(1..=MAX_STEPS).contains(&steps) {
            let expected = format!("between 1 and {MAX_STEPS}");
            return Err(Error::invalid("steps", expected, steps));
        }
        let place = |level: NoiseLevel| level.noise_to_signal().ln();
        let process = self.process();
        let between = linspace(place(from), place(to), steps + 1)
            .skip(1)
            .take(steps - 1)
            .map(|place| process.at_noise_to_signal(place.exp()));
        Ok([from].into_iter().chain(between).chain([to]).collect())
    }

    fn follow(&self, points: Tensor<2>, levels: &[NoiseLevel], solver: Solver) -> PointSampling {
        self.run(points, self.plan(levels, solver))
    }

    fn plan(&self, levels: &[NoiseLevel], solver: Solver) -> Plan {
        let steps = Step::chain(levels);
        let process = self.process();
        Plan::Fixed(probability_flow::evaluations(
            &steps,
            solver,
            &process,
            COORDINATES,
        ))
    }

    fn run(&self, points: Tensor<2>, plan: Plan) -> PointSampling {
        let sampling = Sampling::new(points, plan, Clipping::None, Generator::new(0));
        Run::new(sampling, self.denoiser.clone())
    }
}
