//! Multilayer perceptrons.

use serde::{Deserialize, Serialize};

use super::graph::Var;
use super::network::Network;
use crate::random::Generator;

/// An activation function between the layers of a perceptron.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `x·sigmoid(x)`
    #[default]
    Silu,
    /// `max(x, 0)`
    Relu,
    /// `x` for positive `x`, `x/5` otherwise.
    LeakyRelu,
    /// The hyperbolic tangent.
    Tanh,
    /// `ln(1 + eˣ)`
    Softplus,
}

impl Activation {
    /// Applies the function to each element.
    pub fn apply(self, input: Var) -> Var {
        match self {
            Self::Silu => input.silu(),
            Self::Relu => input.relu(),
            Self::LeakyRelu => input.leaky_relu(0.2),
            Self::Tanh => input.tanh(),
            Self::Softplus => input.softplus(),
        }
    }
}

/// A perceptron: linear layers with an activation between them. The weights are parameters of a [`Network`], not of
/// this type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dense {
    first: usize,
    layers: usize,
    activation: Activation,
}

impl Dense {
    /// Adds a perceptron's layers to a network; `sizes` runs from the inputs to the outputs. The parameters are
    /// `layers.0.weight` `[outputs, inputs]`, `layers.0.bias` `[outputs]` and so on, prefixed with `prefix` and a dot
    /// unless `prefix` is empty. The weights are uniform within `±1/√inputs`, as in PyTorch's `Linear`.
    ///
    /// # Panics
    /// If there are fewer than two sizes.
    pub fn new(
        network: &mut Network,
        prefix: &str,
        sizes: &[usize],
        activation: Activation,
        generator: &mut Generator,
    ) -> Self {
        assert!(sizes.len() > 1, "a perceptron has inputs and outputs");
        let first = network.len();
        let dot = if prefix.is_empty() { "" } else { "." };
        for (index, pair) in sizes.windows(2).enumerate() {
            let [inputs, outputs] = [pair[0], pair[1]];
            let bound = 1.0 / (inputs as f32).sqrt();
            let mut uniform = |count| -> Vec<f32> {
                let values = generator.uniform(count).into_iter();
                values.map(|u| (2.0 * u - 1.0) * bound).collect()
            };
            let name = |part: &str| format!("{prefix}{dot}layers.{index}.{part}");
            let weight = uniform(outputs * inputs);
            network.add(name("weight"), [outputs, inputs], &weight);
            network.add_vector(name("bias"), &uniform(outputs));
        }
        Self {
            first,
            layers: sizes.len() - 1,
            activation,
        }
    }

    /// Sets the last layer to zero, so that the perceptron initially outputs 0.
    #[must_use]
    pub fn with_zero_output(self, network: &mut Network) -> Self {
        let weight = self.weight_index(self.layers - 1);
        network.fill(weight, 0.0);
        network.fill(weight + 1, 0.0);
        self
    }

    /// The outputs `[rows, outputs]` for inputs `[rows, inputs]`; `leaves` are all leaves of the network that holds the
    /// weights.
    pub fn forward<'g>(&self, leaves: &[Var<'g>], input: Var<'g>) -> Var<'g> {
        let mut hidden = input;
        for layer in 0..self.layers {
            let [weight, bias] = self.layer(leaves, layer);
            hidden = hidden.affine(weight, bias);
            if layer + 1 < self.layers {
                hidden = self.activation.apply(hidden);
            }
        }
        hidden
    }

    /// Number of linear layers.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// The index of a layer's weight among the leaves; its bias is the next leaf.
    pub fn weight_index(&self, layer: usize) -> usize {
        self.first + 2 * layer
    }

    fn layer<'g>(&self, leaves: &[Var<'g>], layer: usize) -> [Var<'g>; 2] {
        let weight = self.weight_index(layer);
        [leaves[weight], leaves[weight + 1]]
    }
}
