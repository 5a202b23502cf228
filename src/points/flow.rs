//! Points along the probability-flow ODE: to noise, back, and the way between.

use burn::tensor::Tensor;

use super::{PointPipeline, PointSampling};
use crate::diffusion::{NoiseLevel, Process, linspace};
use crate::random::Generator;
use crate::sampler::probability_flow::{self, Coordinates, Solver};
use crate::sampler::{Clipping, Plan, Run, Sampling, Step};
use crate::{Error, Result};

/// How the flow is integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowOptions {
    /// The method of each step.
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

/// A way through noise levels and its positions.
#[derive(Clone, Debug)]
pub struct Path {
    /// The timesteps, `steps + 1` of them.
    pub times: Vec<f64>,
    /// Where the points are at each of them, `[count, dimensions]`.
    pub positions: Vec<Tensor<2>>,
}

/// The flow is followed no further into noise than this `sigma/alpha`, beyond which nothing is left of a point.
const MAX_NOISE: f64 = 200.0;

const MAX_STEPS: usize = 10_000;

/// Upper limit of the numbers in a [`Path`], 128 MiB.
const MAX_PATH: usize = 1 << 25;

/// The flow in the variance-preserving scale, where nothing about it is infinite.
pub(super) const COORDINATES: Coordinates = Coordinates::Angle;

impl PointPipeline {
    /// Takes clean points, `[count, dimensions]`, along the flow to noise (Song et al. 2021, section 4.3): the [`noisy`](Run::noisy) points at the end of the run
    /// are the latents. The points are taken to be at the cleanest level, timestep 0. Nothing is clipped.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for points that are not finite or none, and for no or over 10,000 steps.
    pub fn encode(&self, points: &[f32], options: FlowOptions) -> Result<PointSampling> {
        let levels =
            self.flow_levels(self.schedule.level_at_time(0.0), self.last(), options.steps)?;
        let points = self.points("points", points)? * levels[0].alpha;
        Ok(self.follow(points, &levels, options.solver))
    }

    /// The way back, from noise to points.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn decode(&self, latents: &[f32], options: FlowOptions) -> Result<PointSampling> {
        let clean = self.schedule.level_at_time(0.0);
        let levels = self.flow_levels(self.last(), clean, options.steps)?;
        let mut plan = self.plan(&levels, options.solver);
        // The points in their own scale.
        plan.divide_end(clean.alpha);
        let latents = self.points("latents", latents)?;
        Ok(self.run(latents, plan))
    }

    /// The whole way of noisy points from one time to another, either way, with the points themselves at its begin.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode), and for times that are not between 0 and `T − 1` and positions of more than 2^25 numbers.
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

    /// The noisiest level that the flow is followed to.
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

    /// `steps + 1` levels from one to another, spread evenly in the log-SNR. Near pure noise a network that predicts the noise or the clean point moves points along the angle
    /// the faster the less signal is left; steps that get shorter with it, as these do, keep their order.
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
