//! The options of the variational autoencoder.

use serde::{Deserialize, Serialize};

use super::{LATENTS, Vae};
use crate::Result;
use crate::family::{
    Activation, DIMENSIONS, Dense, Family, Network, Plan, check_network, sizes, within,
};
use crate::random::Generator;
use crate::train::{LearningRateDecay, LearningRateSchedule, Optimizer};

/// Options of a [`Vae`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaeOptions {
    /// Units per hidden layer of the encoder and of the decoder.
    pub width: usize,
    /// Number of hidden layers of the encoder and of the decoder.
    pub depth: usize,
    /// Activation function of the encoder and the decoder.
    pub activation: Activation,
    /// Weight β of the KL term; 1 gives the evidence lower bound.
    pub beta: f64,
    /// Training steps over which the weight of the KL term rises linearly from 0 to β (Bowman et al. 2016,
    /// section 3.1).
    pub kl_warm_up: usize,
    /// Adam's peak learning rate, which decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// EMA decay of the weights.
    pub ema_decay: f64,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Total number of training steps.
    pub steps: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for VaeOptions {
    fn default() -> Self {
        Self {
            width: 128,
            depth: 2,
            activation: Activation::Silu,
            beta: 1.0,
            kl_warm_up: 500,
            learning_rate: 4e-3,
            ema_decay: 0.999,
            batch: 256,
            steps: 3000,
            seed: 0,
        }
    }
}

/// Largest weight of the KL term.
pub const MAX_BETA: f64 = 1000.0;

impl Family for Vae {
    const NAME: &'static str = "vae";

    type Options = VaeOptions;

    fn presets() -> Vec<(&'static str, VaeOptions)> {
        let collapse = VaeOptions {
            beta: 4.0,
            ..VaeOptions::default()
        };
        vec![
            ("works", VaeOptions::default()),
            ("posterior-collapse", collapse),
        ]
    }

    fn plan(options: &VaeOptions) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &VaeOptions, _classes: usize, generator: &mut Generator) -> Result<Self> {
        let VaeOptions {
            width,
            depth,
            activation,
            ..
        } = *options;
        check_network(width, depth)?;
        within("beta", options.beta, 0.0..=MAX_BETA)?;
        let optimizer = optimizer(options)?;
        let mut encoder = Network::new("encoder", optimizer);
        let mut decoder = Network::new("decoder", optimizer);
        let mut layers = |network: &mut Network, inputs, outputs| {
            let sizes = sizes(inputs, width, depth, outputs);
            Dense::new(network, "", &sizes, activation, generator)
        };
        let encoder_layers = layers(&mut encoder, DIMENSIONS, 2 * LATENTS);
        let decoder_layers = layers(&mut decoder, LATENTS, DIMENSIONS);
        Ok(Self {
            options: options.clone(),
            log_sigma: decoder.add_vector("log_sigma", &[0.0]),
            encoder,
            encoder_layers,
            decoder,
            decoder_layers,
        })
    }
}

fn optimizer(options: &VaeOptions) -> Result<Optimizer> {
    let optimizer = Optimizer {
        learning_rate: LearningRateSchedule {
            peak: options.learning_rate,
            warm_up: 0,
            decay: LearningRateDecay::Cosine,
            steps: options.steps,
        },
        ema_decay: options.ema_decay,
        ..Optimizer::default()
    };
    optimizer.check()?;
    Ok(optimizer)
}
