//! The training step.

use super::Diffusion;
use super::bound::Term;
use crate::diffusion::NoiseLevel;
use crate::family::denoising::{self, Noised};
use crate::family::graph::{Graph, Var};
use crate::family::{Batch, DIMENSIONS, Losses};
use crate::random::Generator;

impl Diffusion {
    /// One optimiser step on `L_simple`, or on `L_hybrid` with a learned variance. Returns the losses before it.
    pub(super) fn train(
        &mut self,
        graph: &Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Losses {
        let Noised {
            levels,
            noisy,
            target,
        } = Noised::draw(batch.points, &self.process, generator);
        let config = self.options.network();
        let inputs = denoising::inputs(&config, &noisy, levels.iter().copied(), 0);
        let leaves = self.network.leaves(graph);
        let output = self.forward(graph, &leaves, &inputs);
        let [target, noisy] = [target, noisy].map(|x| graph.matrix([x.len() / 2, 2], &x));
        let simple = (output.columns(0..DIMENSIONS) - target).square().mean();
        let mut losses = vec![("loss", f64::from(simple.item()))];
        let mut loss = simple;
        if self.has_variance() {
            let terms: Vec<Term> = levels.iter().map(|level| self.term_at(*level)).collect();
            let bound = variational(graph, batch.matrix(graph), noisy, output, &terms).mean();
            losses.push(("variational", f64::from(bound.item())));
            let weight = self.options.vlb_weight * self.terms.len() as f64;
            loss = loss + bound * weight as f32;
        }
        self.network.learn(&graph.last_gradients(loss, &leaves));
        losses
    }

    /// The term of the bound at a level of the schedule.
    fn term_at(&self, level: NoiseLevel) -> Term {
        self.terms[(level.time as usize).min(self.terms.len() - 1)]
    }
}

/// The term of the bound of each coordinate in nats, `[count, 2]`: [`Term::nats`], whose gradient is that by the
/// outputs for the variance only. `output` is that of the network, `[count, 4]`.
pub(super) fn variational<'g>(
    graph: &'g Graph,
    clean: Var<'g>,
    noisy: Var<'g>,
    output: Var<'g>,
    terms: &[Term],
) -> Var<'g> {
    let column = |value: fn(&Term) -> f64| {
        let values: Vec<f32> = terms.iter().map(|term| value(term) as f32).collect();
        graph.matrix([terms.len(), 1], &values)
    };
    let v = output.columns(0..DIMENSIONS).detach();
    let estimate = column(|term| term.level.alpha) * noisy - column(|term| term.level.sigma) * v;
    let error = column(|term| term.clean) * (clean - estimate);
    let range = column(|term| 0.5 * (term.log_variance[1] - term.log_variance[0]));
    let share = output.columns(DIMENSIONS..2 * DIMENSIONS) + 1.0;
    let log_variance = column(|term| term.log_variance[0]) + range * share;
    let square = column(|term| term.posterior_variance) + error.square();
    let sum = log_variance + square * (-log_variance).exp() + column(|term| term.constant);
    sum * 0.5
}
