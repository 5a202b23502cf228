//! The training steps of the three networks.

use super::{FlowMatching, Pairing, Stage};
use crate::family::assignment::assign;
use crate::family::graph::{Graph, Var};
use crate::family::ode::OdeMethod;
use crate::family::time_network::TimeNetwork;
use crate::family::{Batch, DIMENSIONS};
use crate::random::Generator;

/// Pairs that one training step computes until all pairs exist.
const PAIRS_A_STEP: usize = 512;
/// Midpoint steps from noise to the sample of a pair.
const PAIR_STEPS: usize = 20;

impl FlowMatching {
    /// Runs one training step of the stage it belongs to and returns the loss.
    pub(super) fn train(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> (&'static str, f64) {
        let count = batch.count();
        let (stage, first) = self.options.stage(batch.step);
        let (noise, data) = if stage == Stage::Flow {
            self.pair(batch, generator)
        } else {
            if batch.step == first {
                self.begin(stage);
            }
            let present = self.extend_pairs(batch.step, generator);
            self.draw_pairs(count, present, generator)
        };
        let mut times = generator.uniform(count);
        if stage == Stage::OneStep {
            times.fill(0.0);
        }
        let network = match stage {
            Stage::Flow => Some(&mut self.flow),
            Stage::Reflow => self.reflow.as_mut(),
            Stage::OneStep => self.one_step.as_mut(),
        };
        let name = match stage {
            Stage::Flow => "velocity",
            Stage::Reflow => "reflow",
            Stage::OneStep => "oneStep",
        };
        let network = network.expect("a stage with steps has a network");
        (name, learn(network, graph, [&noise, &data], &times))
    }

    /// Initialises the network of a later stage from that of the previous stage.
    fn begin(&mut self, stage: Stage) {
        let before = match (stage, &self.reflow) {
            (Stage::OneStep, Some(reflow)) => reflow.clone(),
            _ => self.flow.clone(),
        };
        let network = if stage == Stage::OneStep {
            self.one_step.as_mut()
        } else {
            self.reflow.as_mut()
        };
        if let Some(network) = network {
            network.start_from(&before);
        }
    }

    /// Noise and data of a training step, `[count, 2]` each.
    pub(super) fn pair(&self, batch: &Batch, generator: &mut Generator) -> (Vec<f32>, Vec<f32>) {
        let noise = generator.normal(batch.points.len());
        if self.options.pairing == Pairing::Independent {
            return (noise, batch.points.to_vec());
        }
        let size = self.options.block * DIMENSIONS;
        let mut data = Vec::with_capacity(noise.len());
        for (noise, points) in noise.chunks(size).zip(batch.points.chunks(size)) {
            for index in assign(noise, points) {
                data.extend_from_slice(&points[index * DIMENSIONS..][..DIMENSIONS]);
            }
        }
        (noise, data)
    }

    /// Computes the next pairs of noise and the sample to which the flow maps it, until all pairs exist. Returns the
    /// number of pairs that exist afterwards.
    fn extend_pairs(&mut self, step: usize, generator: &mut Generator) -> usize {
        let most = self.options.pairs;
        let present = (step - self.options.steps)
            .saturating_mul(PAIRS_A_STEP)
            .min(most);
        let count = PAIRS_A_STEP.min(most - present);
        if count == 0 {
            return present;
        }
        let noise = generator.normal(count * DIMENSIONS);
        let mut network = self.flow.averaged();
        let velocity = |x: &[f32], t: f32| network.values(x, t);
        let states = OdeMethod::Midpoint.solve(noise, [0.0, 1.0], PAIR_STEPS, velocity);
        let [noise, samples] =
            [0, PAIR_STEPS].map(|index| states[index].as_chunks::<DIMENSIONS>().0);
        let pairs = self.pairs.as_chunks_mut::<{ 2 * DIMENSIONS }>().0;
        for (pair, (noise, sample)) in pairs[present..].iter_mut().zip(noise.iter().zip(samples)) {
            pair[..DIMENSIONS].copy_from_slice(noise);
            pair[DIMENSIONS..].copy_from_slice(sample);
        }
        present + count
    }

    /// Draws random pairs, returned as noise and data, `[count, 2]` each.
    fn draw_pairs(
        &self,
        count: usize,
        present: usize,
        generator: &mut Generator,
    ) -> (Vec<f32>, Vec<f32>) {
        let pairs = &self.pairs.as_chunks::<{ 2 * DIMENSIONS }>().0[..present];
        let (mut noise, mut data) = (Vec::new(), Vec::new());
        for uniform in generator.uniform(count) {
            let index = (uniform * pairs.len() as f32) as usize;
            let (first, second) = pairs[index.min(pairs.len() - 1)].split_at(DIMENSIONS);
            noise.extend_from_slice(first);
            data.extend_from_slice(second);
        }
        (noise, data)
    }
}

/// One training step of a network on pairs, `[count, 2]` each, at given times; returns the loss.
fn learn(
    network: &mut TimeNetwork,
    graph: &mut Graph,
    [noise, data]: [&[f32]; 2],
    times: &[f32],
) -> f64 {
    graph.reset();
    let graph = &*graph;
    let shape = [times.len(), DIMENSIONS];
    let t = graph.matrix([times.len(), 1], times);
    let [noise, data] = [noise, data].map(|values| graph.matrix(shape, values));
    let leaves = network.network().leaves(graph);
    let loss = loss(network, &leaves, [noise, data], t);
    let value = f64::from(loss.item());
    network.learn(graph, loss, &leaves);
    value
}

/// `E‖v(x_t, t) − (x_1 − x_0)‖²` over a batch of pairs, `[1, 1]`.
pub(super) fn loss<'g>(
    network: &TimeNetwork,
    leaves: &[Var<'g>],
    [noise, data]: [Var<'g>; 2],
    t: Var<'g>,
) -> Var<'g> {
    let velocity = data - noise;
    let x = noise + t * velocity;
    let error = network.forward(leaves, x, t) - velocity;
    error.square().sum() / error.rows() as f32
}
