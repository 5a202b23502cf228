//! Fine-tuning of a diffusion model on other points, by low-rank adaptation or with all weights (Hu et al. 2022,
//! <https://arxiv.org/abs/2106.09685>).
//!
//! First a base model is trained on a named data set. Then its weights `W` `[outputs, inputs]` are frozen, and each
//! layer gets a low-rank update, trained on the given points (section 4.1):
//!
//! `W + s·B·A`, `A` `[rank, inputs]`, `B` `[outputs, rank]`
//!
//! `A` is initialised at random and `B` with 0, so that fine-tuning starts from the base model. Biases are unchanged.
//! At the scale `s = 0` the model is the base, bit for bit; 1 is the fine-tuned model, and values in between
//! interpolate. Rank 0 means full fine-tuning: a copy of all weights is trained, and `s` interpolates between the two
//! copies.

mod options;
#[cfg(test)]
mod tests;
mod weights;

use super::denoising::{self, Noised};
use super::graph::{Graph, Var};
use super::time_network::cosine;
use super::{
    Activation, Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, Plan,
    SampleRequest, check_points, sizes, within,
};
use crate::dataset::{Named, PointData};
use crate::diffusion::Process;
use crate::points::PointPipeline;
use crate::random::Generator;
use crate::{Error, Result};

pub use options::LoraOptions;

/// Number of points of the base model's data.
const BASE_POINTS: usize = 5000;
/// Largest scale of the adaptation.
const MAX_SCALE: f64 = 2.0;

/// A diffusion model of named data and its adaptation to other points.
#[derive(Clone, Debug)]
pub struct Lora {
    options: LoraOptions,
    process: Process,
    base_points: Vec<f32>,
    base: Network,
    dense: Dense,
    /// `A` and `B` of each layer in turn, or all weights for full fine-tuning.
    adapter: Network,
}

impl Lora {
    /// The model at a scale of the adaptation: a model for all samplers and for the density along the flow.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a scale outside 0 to 2.
    pub fn pipeline(&self, scale: f64) -> Result<PointPipeline> {
        within("scale", scale, 0.0..=MAX_SCALE)?;
        let config = self.options.network();
        denoising::pipeline(&config, &self.weights(scale), &self.process)
    }

    /// The loss of a batch with given weights.
    fn loss<'g>(
        &self,
        graph: &'g Graph,
        leaves: &[Var<'g>],
        points: &[f32],
        generator: &mut Generator,
    ) -> Var<'g> {
        let noised = Noised::draw(points, &self.process, generator);
        let config = self.options.network();
        let levels = noised.levels.iter().copied();
        let inputs = denoising::inputs(&config, &noised.noisy, levels, 0);
        let inputs = graph.matrix([noised.levels.len(), config.inputs()], &inputs);
        let output = self.dense.forward(leaves, inputs);
        let target = graph.matrix(output.shape(), &noised.target);
        (output - target).square().mean()
    }

    fn train_base(&mut self, graph: &Graph, count: usize, generator: &mut Generator) -> f64 {
        let all = self.base_points.as_chunks::<DIMENSIONS>().0;
        let chosen = generator.uniform(count).into_iter();
        let chosen = chosen.map(|u| all[((u * all.len() as f32) as usize).min(all.len() - 1)]);
        let points: Vec<f32> = chosen.flatten().collect();
        let leaves = self.base.leaves(graph);
        let loss = self.loss(graph, &leaves, &points, generator);
        self.base.learn(&graph.last_gradients(loss, &leaves));
        f64::from(loss.item())
    }

    fn fine_tune(&mut self, graph: &Graph, points: &[f32], generator: &mut Generator) -> f64 {
        let leaves = self.adapter.leaves(graph);
        let adapted = self.adapted(graph, &leaves, 1.0);
        let loss = self.loss(graph, &adapted, points, generator);
        self.adapter.learn(&graph.last_gradients(loss, &leaves));
        f64::from(loss.item())
    }
}

impl Member for Lora {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
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
        if batch.step < self.options.base_steps {
            let loss = self.train_base(graph, batch.count(), generator);
            return Ok(vec![("base", loss)]);
        }
        if batch.step == self.options.base_steps && self.options.rank == 0 {
            self.adapter.start_from(self.base.average());
        }
        let loss = self.fine_tune(graph, batch.points, generator);
        Ok(vec![("fine-tuning", loss)])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.base, &self.adapter]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.base, &mut self.adapter]
    }

    /// Number of weights that fine-tuning trains: `rank·(inputs + outputs)` for each layer, or all.
    fn trainable_count(&self) -> usize {
        self.adapter.parameter_count()
    }

    fn evaluations(&self) -> usize {
        self.options.evaluations
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        let plain = SampleRequest {
            scale: None,
            ..request.without_steps()
        };
        plain.check_plain(self)?;
        let steps = request.steps.unwrap_or(self.evaluations());
        within("steps", steps, 1..=self.options.timesteps)?;
        let pipeline = self.pipeline(request.scale.unwrap_or(1.0))?;
        let noise = request.start(DIMENSIONS, generator)?;
        denoising::along_the_flow(&pipeline, &noise, steps)
    }

    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        check_points(points)?;
        denoising::log_density(&self.pipeline(1.0)?, points)
    }

    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        denoising::score(&self.pipeline(1.0)?, points)
    }
}

impl Family for Lora {
    const NAME: &'static str = "lora";
    type Options = LoraOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        let rank = |rank| LoraOptions {
            rank,
            ..LoraOptions::default()
        };
        let full = LoraOptions {
            learning_rate: 3e-3,
            ..rank(0)
        };
        vec![("rank-1", rank(1)), ("rank-4", rank(4)), ("full", full)]
    }

    fn plan(options: &Self::Options) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.base_steps.saturating_add(options.steps),
            seed: options.seed,
        }
    }

    fn new(options: &Self::Options, _classes: usize, generator: &mut Generator) -> Result<Self> {
        let schedule = options.check()?;
        let named = Named::from_name(&options.base).map_err(|error| match error {
            Error::InvalidOption {
                expected, value, ..
            } => Error::invalid("base", expected, value),
            other => other,
        })?;
        let points = PointData::draw(named, BASE_POINTS, options.seed)?;
        let config = options.network();
        let sizes = sizes(config.inputs(), config.width, config.depth, DIMENSIONS);
        let optimizer = cosine(options.base_learning_rate, options.base_steps);
        let mut base = Network::new("base", optimizer);
        let dense = Dense::new(&mut base, "", &sizes, Activation::Silu, generator);
        let mut adapter = Network::new("adapter", cosine(options.learning_rate, options.steps));
        if options.rank == 0 {
            Dense::new(&mut adapter, "", &sizes, Activation::Silu, generator);
        } else {
            weights::add_low_rank(&mut adapter, &sizes, options.rank, generator);
        }
        Ok(Self {
            options: options.clone(),
            process: Process::Discrete(schedule),
            base_points: points.points().as_flattened().to_vec(),
            base,
            dense,
            adapter,
        })
    }
}
