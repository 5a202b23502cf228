//! Denoising diffusion with a fixed or a learned variance of the reverse steps (Ho et al. 2020,
//! <https://arxiv.org/abs/2006.11239>; Nichol & Dhariwal 2021, <https://arxiv.org/abs/2102.09672>).
//!
//! Noisy points are `x_t = α_t·x_0 + σ_t·ε` at `T` timesteps of the linear schedule. The network predicts
//! `v = α_t·ε − σ_t·x_0` (Salimans & Ho 2022, appendix D), so that `x̂_0 = α_t·x_t − σ_t·v`. A step of the reverse
//! process is `p(x_{t−1} | x_t) = N(μ_t(x_t, x̂_0), s_t²)` with the posterior mean of Ho et al. (eq. 7) and the variance
//!
//! | variance | `s_t²` |
//! |---|---|
//! | fixed small | `β̃_t = σ_{t−1}²/σ_t²·β_t` |
//! | fixed large | `β_t` |
//! | learned | `exp(f·ln β_t + (1 − f)·ln β̃_t)`, with one `f` per coordinate from the network (Nichol & Dhariwal, eq. 15) |
//!
//! A learned variance is trained on `L_hybrid = L_simple + λ·L_vlb` (eq. 16), where `L_simple` is the squared error of
//! `v`, and `L_vlb` does not change the mean: its gradient is stopped there. Both terms use the same timesteps, which
//! are evenly spaced in log-SNR.
//!
//! Samples follow the probability flow, or the reverse process with its variance. The log-density is integrated along
//! the flow, and the [bound](Member::bound) is the variational one, term by term.

mod bound;
mod loss;
mod options;
mod sample;
#[cfg(test)]
mod tests;

use super::graph::{Graph, Var};
use super::time_network::cosine;
use super::{
    Activation, Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, Plan,
    SampleRequest, check_points, denoising, sizes, within,
};
use crate::diffusion::{NoiseLevel, NoiseSchedule, Process};
use crate::nn::MlpConfig;
use crate::points::PointPipeline;
use crate::random::Generator;
use crate::{Error, Result};

pub use options::{DiffusionOptions, DiffusionSampler, ReverseVariance};

/// Rows per evaluation, chosen so that hidden layers fit into the processor's cache.
const CHUNK: usize = 512;
/// Maximum number of draws of the noise per term of the bound.
const MAX_DRAWS: usize = 1000;

/// A diffusion model of points.
#[derive(Clone, Debug)]
pub struct Diffusion {
    options: DiffusionOptions,
    process: Process,
    schedule: NoiseSchedule,
    network: Network,
    dense: Dense,
    /// The terms of the bound, in order of increasing noise.
    terms: Vec<bound::Term>,
}

impl Diffusion {
    /// The bound on `ln p(x)` of points `[count, 2]` with another variance of the reverse steps, in nats, `[count]`:
    /// [`Member::bound`] uses that of the options.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for invalid points, for fewer than 1 or more than 1,000 draws, and for a learned
    /// variance if the network has none.
    pub fn bound_with(
        &self,
        variance: ReverseVariance,
        points: &[f32],
        draws: usize,
        generator: &mut Generator,
    ) -> Result<Vec<f64>> {
        check_points(points)?;
        within("samples", draws, 1..=MAX_DRAWS)?;
        if variance == ReverseVariance::Learned && !self.has_variance() {
            let expected = "fixed-small or fixed-large for a model without a learned variance";
            return Err(Error::invalid("variance", expected, "learned"));
        }
        let terms = bound::terms(&self.schedule, &self.schedule_timesteps(), variance);
        let estimate = |noisy: &[f32], level: NoiseLevel| self.estimate(noisy, level);
        Ok(bound::of(points, &terms, draws, generator, estimate))
    }

    /// All timesteps, from the noisiest.
    fn schedule_timesteps(&self) -> Vec<usize> {
        (0..self.schedule.len()).rev().collect()
    }

    fn has_variance(&self) -> bool {
        self.options.variance == ReverseVariance::Learned
    }

    /// Outputs of the network per point: `v`, then the two outputs for a learned variance.
    fn outputs(&self) -> usize {
        if self.has_variance() {
            2 * DIMENSIONS
        } else {
            DIMENSIONS
        }
    }

    fn forward<'g>(&self, graph: &'g Graph, leaves: &[Var<'g>], inputs: &[f32]) -> Var<'g> {
        let width = self.options.network().inputs();
        let inputs = graph.matrix([inputs.len() / width, width], inputs);
        self.dense.forward(leaves, inputs)
    }

    /// The estimates of the clean points, and the outputs for a learned variance, with averaged weights, each
    /// `[count, 2]`. The second is empty without a learned variance.
    fn estimate(&self, noisy: &[f32], level: NoiseLevel) -> [Vec<f32>; 2] {
        let mut graph = Graph::new();
        let [mut clean, mut variance] = [Vec::with_capacity(noisy.len()), Vec::new()];
        let (alpha, sigma) = (level.alpha as f32, level.sigma as f32);
        for points in noisy.chunks(CHUNK * DIMENSIONS) {
            graph.reset();
            let graph = &graph;
            graph.without_recording(|| {
                let levels = std::iter::repeat(level);
                let inputs = denoising::inputs(&self.options.network(), points, levels, 0);
                let output = self.forward(graph, &self.network.average_leaves(graph), &inputs);
                output.read(|output| {
                    let rows = output.chunks_exact(self.outputs());
                    for (row, point) in rows.zip(points.chunks_exact(DIMENSIONS)) {
                        let (v, rest) = row.split_at(DIMENSIONS);
                        clean.extend(point.iter().zip(v).map(|(x, v)| alpha * x - sigma * v));
                        variance.extend_from_slice(rest);
                    }
                });
            });
        }
        [clean, variance]
    }

    /// The network without its outputs for the variance, with averaged weights and the schedule: a model for all
    /// samplers and for the density along the flow.
    ///
    /// # Errors
    /// None: the options were validated.
    pub fn pipeline(&self) -> Result<PointPipeline> {
        let config = self.options.network();
        let (weights, outputs) = (self.network.average(), self.outputs());
        let (before, last) = weights.split_at(weights.len() - outputs * (config.width + 1));
        let (weight, bias) = last.split_at(outputs * config.width);
        let kept = [
            before,
            &weight[..DIMENSIONS * config.width],
            &bias[..DIMENSIONS],
        ];
        denoising::pipeline(&config, &kept.concat(), &self.process)
    }
}

impl Member for Diffusion {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
            bound: true,
            score: true,
            ..Capabilities::default()
        }
    }

    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses> {
        Ok(self.train(graph, batch, generator))
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.network]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.network]
    }

    fn evaluations(&self) -> usize {
        self.options.evaluations
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.without_steps().check_plain(self)?;
        let steps = request.steps.unwrap_or(self.evaluations());
        within("steps", steps, 1..=self.options.timesteps)?;
        let noise = request.start(DIMENSIONS, generator)?;
        match self.options.sampler {
            DiffusionSampler::DpmSolver => {
                denoising::along_the_flow(&self.pipeline()?, &noise, steps)
            }
            DiffusionSampler::Ancestral => Ok(self.ancestral(noise, steps, generator)),
        }
    }

    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        check_points(points)?;
        denoising::log_density(&self.pipeline()?, points)
    }

    fn bound(&self, points: &[f32], samples: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        self.bound_with(self.options.variance, points, samples, generator)
    }

    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        denoising::score(&self.pipeline()?, points)
    }
}

impl Family for Diffusion {
    const NAME: &'static str = "diffusion";
    type Options = DiffusionOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        let ancestral = |variance| DiffusionOptions {
            variance,
            sampler: DiffusionSampler::Ancestral,
            evaluations: 50,
            ..DiffusionOptions::default()
        };
        vec![
            ("fixed-small", ancestral(ReverseVariance::FixedSmall)),
            ("fixed-large", ancestral(ReverseVariance::FixedLarge)),
            ("learned-variance", ancestral(ReverseVariance::Learned)),
        ]
    }

    fn plan(options: &Self::Options) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, _classes: usize, generator: &mut Generator) -> Result<Self> {
        let schedule = options.check()?;
        let MlpConfig { width, depth, .. } = options.network();
        let mut model = Self {
            options: options.clone(),
            process: Process::Discrete(schedule.clone()),
            terms: Vec::new(),
            network: Network::new("denoiser", cosine(options.learning_rate, options.steps)),
            schedule,
            dense: Dense::default(),
        };
        let sizes = sizes(options.network().inputs(), width, depth, model.outputs());
        let network = &mut model.network;
        model.dense = Dense::new(network, "", &sizes, Activation::Silu, generator);
        model.terms = bound::terms(
            &model.schedule,
            &model.schedule_timesteps(),
            options.variance,
        );
        model.terms.reverse();
        Ok(model)
    }
}
