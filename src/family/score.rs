//! Score matching: a network for `s(x) = ∇ ln p(x)`, the gradient of the log-density.
//!
//! The network estimates the score of the noisy data `x̃ = x + σ·z`, where `z` is standard normal. Three losses have
//! the same minimum:
//!
//! | objective | loss | source |
//! |---|---|---|
//! | denoising | `E ½‖s(x̃) + z/σ‖²` | Vincent 2011, eq. 9, <https://doi.org/10.1162/NECO_a_00142> |
//! | exact trace | `E [½‖s(x̃)‖² + ∇·s(x̃)]` | Hyvärinen 2005, theorem 1, <https://jmlr.org/papers/v6/hyvarinen05a.html> |
//! | sliced, with reduced variance | `E [½‖s(x̃)‖² + uᵀ∇s(x̃)·u]`, `u = (±1, ±1)` | Song et al. 2019, eq. 8, <https://arxiv.org/abs/1905.07088> |
//!
//! With several noise levels, the model is a noise-conditional score network (Song & Ermon 2019,
//! <https://arxiv.org/abs/1907.05600>): one network for all levels, `s(x, σ) = f(x, σ)/σ`, losses weighted by `σ²`
//! (eq. 6), and sampling by annealed Langevin dynamics (algorithm 1). With one level, the score is accurate only near
//! the data: Langevin chains started elsewhere do not find the modes.

mod langevin;
mod options;
#[cfg(test)]
mod tests;

use super::graph::{Graph, Var};
use super::time_network::{TimeNetwork, cosine};
use super::{
    Batch, Capabilities, DIMENSIONS, Family, Losses, Member, Network, Plan, SampleRequest,
    check_points, within,
};
use crate::Result;
use crate::dataset::GaussianMixture;
use crate::random::Generator;

pub use langevin::exact_score;
pub use options::{ScoreObjective, ScoreOptions};

/// Maximum number of noise levels.
const MAX_LEVELS: usize = 1000;
/// Maximum number of Langevin steps per noise level.
const MAX_LANGEVIN_STEPS: usize = 10_000;

/// A model of the score at one or several noise levels.
#[derive(Clone, Debug)]
pub struct ScoreModel {
    options: ScoreOptions,
    /// Noise levels as standard deviations, in descending order.
    sigmas: Vec<f32>,
    network: TimeNetwork,
}

impl ScoreModel {
    /// The noise levels as standard deviations, in descending order.
    pub fn sigmas(&self) -> &[f32] {
        &self.sigmas
    }

    /// The network's time input for a noise level: from 0 for the largest to 1 for the smallest.
    fn time(&self, level: usize) -> f32 {
        level as f32 / (self.sigmas.len() - 1).max(1) as f32
    }

    /// The score at points `[count, 2]` of the data with the noise of a level, `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points or an unknown level.
    pub fn score_at(&self, level: usize, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        within("level", level, 0..=self.sigmas.len() - 1)?;
        Ok(self.scores(level, points))
    }

    fn scores(&self, level: usize, points: &[f32]) -> Vec<f32> {
        let sigma = self.sigmas[level];
        let scaled: Vec<f32> = points.iter().map(|x| x * input_scale(sigma)).collect();
        let mut values = self.network.averaged().values(&scaled, self.time(level));
        values.iter_mut().for_each(|value| *value /= sigma);
        values
    }

    /// The relative error `Σ‖s − s*‖²/Σ‖s*‖²` of the score at points `[count, 2]`, where `s*` is the exact score of a
    /// mixture with the noise of a level.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points, an unknown level or an invalid
    /// mixture.
    pub fn relative_error(
        &self,
        level: usize,
        mixture: &GaussianMixture,
        points: &[f32],
    ) -> Result<f64> {
        let score = self.score_at(level, points)?;
        let exact = exact_score(mixture, f64::from(self.sigmas[level]), points)?;
        let pairs = score.iter().zip(&exact);
        let errors = pairs.map(|(score, exact)| f64::from(score - exact).powi(2));
        let squares = exact.iter().map(|exact| f64::from(*exact).powi(2));
        Ok(errors.sum::<f64>() / squares.sum::<f64>())
    }

    /// The loss, weighted by `σ²`, of clean points `x` and noise `z`, both `[count, 2]`. `sigma` and `time` are
    /// `[count, 1]`; `directions` is `[count, 2]`.
    fn loss<'g>(
        &self,
        leaves: &[Var<'g>],
        [x, z, directions]: [Var<'g>; 3],
        [sigma, time]: [Var<'g>; 2],
    ) -> Var<'g> {
        let graph = x.graph();
        let noisy = (x + sigma * z).detach();
        let scale = (sigma.square() + 1.0).powf(-0.5);
        let output = self.network.forward(leaves, noisy * scale, time);
        let rows = output.rows() as f32;
        let trace = match self.options.objective {
            ScoreObjective::Denoising => {
                return (output + z).square().sum() / (2.0 * rows);
            }
            ScoreObjective::Sliced => {
                let slope = graph.gradient(output * directions, noisy);
                (slope * directions).sum_columns()
            }
            ScoreObjective::ExactTrace => {
                let diagonal =
                    |axis: usize| graph.gradient(output.column(axis), noisy).column(axis);
                diagonal(0) + diagonal(1)
            }
        };
        (output.square().sum() / 2.0 + (sigma * trace).sum()) / rows
    }
}

/// Scales the input to unit variance, given standardised data.
fn input_scale(sigma: f32) -> f32 {
    1.0 / (sigma * sigma + 1.0).sqrt()
}

impl Member for ScoreModel {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
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
        let count = batch.count();
        let noise = generator.normal(count * DIMENSIONS);
        let levels = self.sigmas.len();
        let pick = |u: f32| ((u * levels as f32) as usize).min(levels - 1);
        let levels: Vec<usize> = generator.uniform(count).into_iter().map(pick).collect();
        let sign = |u: f32| if u < 0.5 { -1.0 } else { 1.0 };
        let directions = generator.uniform(count * DIMENSIONS).into_iter().map(sign);
        let directions: Vec<f32> = directions.collect();
        let column = |of: &dyn Fn(usize) -> f32| -> Vec<f32> {
            levels.iter().map(|level| of(*level)).collect()
        };
        let graph = &*graph;
        let given = [batch.points, &noise, &directions];
        let given = given.map(|values| graph.matrix([count, DIMENSIONS], values));
        let conditions = [
            column(&|level| self.sigmas[level]),
            column(&|level| self.time(level)),
        ];
        let conditions = conditions.map(|values| graph.matrix([count, 1], &values));
        let leaves = self.network.network().leaves(graph);
        let loss = self.loss(&leaves, given, conditions);
        let value = f64::from(loss.item());
        self.network.learn(graph, loss, &leaves);
        Ok(vec![("score", value)])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![self.network.network()]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![self.network.network_mut()]
    }

    fn evaluations(&self) -> usize {
        self.sigmas.len() * self.options.langevin_steps + 1
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        self.annealed(request, generator)
            .map(|states| states.into_iter().next_back().unwrap_or_default())
    }

    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        self.score_at(self.sigmas.len() - 1, points)
    }
}

impl Family for ScoreModel {
    const NAME: &'static str = "score";
    type Options = ScoreOptions;

    fn presets() -> Vec<(&'static str, Self::Options)> {
        vec![
            ("noise-levels", ScoreOptions::default()),
            ("denoising", ScoreOptions::single(ScoreObjective::Denoising)),
            ("sliced", ScoreOptions::single(ScoreObjective::Sliced)),
            (
                "exact-trace",
                ScoreOptions::single(ScoreObjective::ExactTrace),
            ),
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
        options.check()?;
        let optimizer = cosine(options.learning_rate, options.steps);
        let network = TimeNetwork::new("score", options.architecture(), optimizer, generator);
        Ok(Self {
            sigmas: options.sigmas(),
            network,
            options: options.clone(),
        })
    }
}
