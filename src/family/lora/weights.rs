//! The weights of an adapted model.

use super::Lora;
use crate::family::Network;
use crate::family::graph::{Graph, Var};
use crate::random::Generator;

/// Adds `A` `[rank, inputs]`, uniform within `±1/√inputs`, and `B` `[outputs, rank]`, zero, for each layer of a
/// perceptron.
pub(super) fn add_low_rank(
    adapter: &mut Network,
    sizes: &[usize],
    rank: usize,
    generator: &mut Generator,
) {
    for (index, pair) in sizes.windows(2).enumerate() {
        let [inputs, outputs] = [pair[0], pair[1]];
        let bound = 1.0 / (inputs as f32).sqrt();
        let uniform = generator.uniform(rank * inputs).into_iter();
        let values: Vec<f32> = uniform.map(|u| (2.0 * u - 1.0) * bound).collect();
        let zeros = vec![0.0; outputs * rank];
        adapter.add(
            format!("layers.{index}.lora_A.weight"),
            [rank, inputs],
            &values,
        );
        adapter.add(
            format!("layers.{index}.lora_B.weight"),
            [outputs, rank],
            &zeros,
        );
    }
}

impl Lora {
    /// Weight and bias of each layer with the adaptation at a scale; `leaves` are those of the adapter.
    pub(super) fn adapted<'g>(
        &self,
        graph: &'g Graph,
        leaves: &[Var<'g>],
        scale: f32,
    ) -> Vec<Var<'g>> {
        let base = self.base.average_leaves(graph);
        if self.options.rank == 0 {
            if scale == 1.0 {
                return leaves.to_vec();
            }
            let pairs = base.into_iter().zip(leaves);
            return pairs
                .map(|(base, full)| base + (*full - base) * scale)
                .collect();
        }
        let mut adapted = base;
        for (layer, pair) in leaves.chunks_exact(2).enumerate() {
            let weight = &mut adapted[2 * layer];
            let update = pair[1].matmul(pair[0]) * scale;
            *weight = *weight + update;
        }
        adapted
    }

    /// All averaged weights at a scale, concatenated; at 0 those of the base model.
    pub(super) fn weights(&self, scale: f64) -> Vec<f32> {
        if scale == 0.0 || self.adapter.updates() == 0 {
            return self.base.average().to_vec();
        }
        let graph = Graph::new();
        graph.without_recording(|| {
            let leaves = self.adapter.average_leaves(&graph);
            let adapted = self.adapted(&graph, &leaves, scale as f32);
            let mut weights = Vec::with_capacity(self.base.parameter_count());
            for leaf in adapted {
                leaf.read(|values| weights.extend_from_slice(values));
            }
            weights
        })
    }
}
