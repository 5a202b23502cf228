//! The variational autoencoder (Kingma & Welling 2014, <https://arxiv.org/abs/1312.6114>).
//!
//! The decoder maps a latent `z ~ N(0, I)` in the plane to `p(x∣z) = N(g(z), sigma²·I)` with one learned sigma. The
//! encoder gives `q(z∣x) = N(mu(x), diag(s(x)²))`. Both are trained to maximise `ELBO_β`, with one sample
//! `z = mu + s·eps` per point; β = 1 gives the evidence lower bound (eq. 10):
//!
//! `ELBO_β(x) = E_q[ln p(x∣z)] − β·KL(q(z∣x)‖N(0, I))`, `KL = ½·Σ_i (mu_i² + s_i² − 1 − ln s_i²)`.
//!
//! With a large β (Higgins et al. 2017, eq. 4), the posterior collapses: `q(z∣x)` becomes the prior, and the decoder
//! ignores the latent (Lucas et al. 2019). [`Bounds`] contains the ELBO, the importance-weighted bounds and the exact
//! log-density.

mod bounds;
mod options;
mod quadrature;
#[cfg(test)]
mod tests;

use std::f32::consts::TAU;

use super::graph::{Graph, Var};
use super::{
    Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, SampleRequest,
    check_latents, check_points, within,
};
use crate::Result;
use crate::random::Generator;

pub use bounds::{BoundOptions, Bounds};
pub use options::{MAX_BETA, VaeOptions};
pub use quadrature::{LatentQuadrature, MAX_LATENT};

/// Dimension of a latent.
pub const LATENTS: usize = 2;
/// Rows per evaluation of a network.
const CHUNK: usize = 4096;

/// A variational autoencoder with two latent coordinates.
#[derive(Clone, Debug)]
pub struct Vae {
    options: VaeOptions,
    encoder: Network,
    encoder_layers: Dense,
    decoder: Network,
    decoder_layers: Dense,
    /// The index of `ln sigma` among the decoder's parameters.
    log_sigma: usize,
}

/// The two terms of the ELBO, averaged over a batch, `[1, 1]`.
struct Terms<'g> {
    /// `E_q[ln p(x∣z)]`
    reconstruction: Var<'g>,
    /// `KL(q(z∣x)‖p(z))`
    kl: Var<'g>,
}

/// `q(z∣x)` of a set of points: mean and standard deviation, `[count, 2]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// The means, `[count, 2]`.
    pub mean: Vec<f32>,
    /// The standard deviations, `[count, 2]`.
    pub std: Vec<f32>,
}

impl Vae {
    /// The learned standard deviation of `p(x∣z)`.
    pub fn sigma(&self) -> f64 {
        libm::exp(f64::from(self.decoder.average()[self.log_sigma_place()]))
    }

    /// `q(z∣x)` of points `[count, 2]`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for an empty array, an odd length, and coordinates that are not finite.
    pub fn posterior(&self, points: &[f32]) -> Result<Posterior> {
        check_points(points)?;
        let outputs = evaluate(&self.encoder, &self.encoder_layers, points, DIMENSIONS);
        let mut posterior = Posterior {
            mean: Vec::with_capacity(points.len()),
            std: Vec::with_capacity(points.len()),
        };
        for output in outputs.chunks_exact(2 * LATENTS) {
            let (mean, log_variance) = output.split_at(LATENTS);
            posterior.mean.extend_from_slice(mean);
            let std = log_variance.iter().map(|log| libm::expf(0.5 * log));
            posterior.std.extend(std);
        }
        Ok(posterior)
    }

    /// One latent per point, drawn from `q(z∣x)`, `[count, 2]`. Together they are samples of the aggregate posterior,
    /// which should match the prior.
    ///
    /// # Errors
    /// Those of [`posterior`](Self::posterior).
    pub fn aggregate_posterior(
        &self,
        points: &[f32],
        generator: &mut Generator,
    ) -> Result<Vec<f32>> {
        let Posterior { mean, std } = self.posterior(points)?;
        let noise = generator.normal(mean.len());
        let parts = mean.iter().zip(std.iter().zip(&noise));
        Ok(parts
            .map(|(mean, (std, noise))| mean + std * noise)
            .collect())
    }

    /// The decoder's mean on a regular grid of latents on `[−reach, reach]²`: `[resolution, resolution, 2]`, with the
    /// second latent coordinate varying along the rows.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for a resolution outside 2 to 1024, or a reach that is not between 0 and 100.
    pub fn decoded_grid(&self, resolution: usize, reach: f64) -> Result<Vec<f32>> {
        within("resolution", resolution, 2..=1024)?;
        within("reach", reach, 1e-3..=100.0)?;
        let value = |index: usize| {
            let part = index as f64 / (resolution - 1) as f64;
            (reach * (2.0 * part - 1.0)) as f32
        };
        let latents: Vec<f32> = (0..resolution * resolution)
            .flat_map(|index| [value(index % resolution), value(index / resolution)])
            .collect();
        self.decode(&latents)
    }

    fn log_sigma_place(&self) -> usize {
        // `ln sigma` is the last parameter of the decoder.
        self.decoder.parameter_count() - 1
    }

    /// The terms of the ELBO, with one sampled latent per point.
    fn terms<'g>(
        &self,
        encoder: &[Var<'g>],
        decoder: &[Var<'g>],
        points: Var<'g>,
        noise: &[f32],
    ) -> Terms<'g> {
        let rows = points.rows();
        let outputs = self.encoder_layers.forward(encoder, points);
        let mean = outputs.columns(0..LATENTS);
        let log_variance = outputs.columns(LATENTS..2 * LATENTS);
        let noise = points.graph().matrix([rows, LATENTS], noise);
        let latents = mean + (log_variance * 0.5).exp() * noise;
        let decoded = self.decoder_layers.forward(decoder, latents);
        let log_sigma = decoder[self.log_sigma];
        let square = (points - decoded).square().sum() / rows as f32;
        let dimensions = DIMENSIONS as f32;
        let log_normaliser = (log_sigma + 0.5 * libm::logf(TAU)) * dimensions;
        let divergence = mean.square() + log_variance.exp() - log_variance - 1.0;
        Terms {
            reconstruction: -(square * 0.5 * (log_sigma * -2.0).exp()) - log_normaliser,
            kl: divergence.sum() * 0.5 / rows as f32,
        }
    }

    /// The weight of the KL term at a step, including warm-up.
    fn kl_weight(&self, step: usize) -> f64 {
        let warm_up = self.options.kl_warm_up.max(1);
        self.options.beta * ((step + 1) as f64 / warm_up as f64).min(1.0)
    }
}

/// The outputs of a network with its averaged weights for inputs `[rows, width]`.
fn evaluate(network: &Network, layers: &Dense, inputs: &[f32], width: usize) -> Vec<f32> {
    let mut graph = Graph::new();
    let mut outputs = Vec::new();
    for chunk in inputs.chunks(CHUNK * width) {
        graph.reset();
        graph.without_recording(|| {
            let leaves = network.average_leaves(&graph);
            let input = graph.matrix([chunk.len() / width, width], chunk);
            let output = layers.forward(&leaves, input);
            output.read(|values| outputs.extend_from_slice(values));
        });
    }
    outputs
}

impl Member for Vae {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
            bound: true,
            latents: true,
            ..Capabilities::default()
        }
    }

    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses> {
        let encoder = self.encoder.leaves(graph);
        let decoder = self.decoder.leaves(graph);
        let noise = generator.normal(batch.count() * LATENTS);
        let terms = self.terms(&encoder, &decoder, batch.matrix(graph), &noise);
        let weight = self.kl_weight(batch.step);
        let loss = terms.kl * weight as f32 - terms.reconstruction;
        let leaves: Vec<Var> = encoder.iter().chain(&decoder).copied().collect();
        let gradients = graph.last_gradients(loss, &leaves);
        let (encoder_gradients, decoder_gradients) = gradients.split_at(encoder.len());
        self.encoder.learn(encoder_gradients);
        self.decoder.learn(decoder_gradients);
        let [reconstruction, kl] = [terms.reconstruction, terms.kl].map(|x| f64::from(x.item()));
        Ok(vec![
            ("loss", f64::from(loss.item())),
            ("ELBO", reconstruction - kl),
            ("reconstruction", reconstruction),
            ("KL", kl),
        ])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.encoder, &self.decoder]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.encoder, &mut self.decoder]
    }

    /// `x = g(z) + sigma·eps` with `z ~ N(0, I)`.
    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.check_plain(self)?;
        let latents = request.start(LATENTS, generator)?;
        let mut samples = self.decode(&latents)?;
        let sigma = self.sigma() as f32;
        let noise = generator.normal(samples.len());
        for (sample, noise) in samples.iter_mut().zip(noise) {
            *sample += sigma * noise;
        }
        Ok(samples)
    }

    /// Computed by quadrature over the latent (see [`LatentQuadrature`]).
    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        check_points(points)?;
        Ok(LatentQuadrature::converged(self, points).log_density(points))
    }

    /// The importance-weighted bound `ln (1/k)·Σ_j w_j` (see [`Bounds`]); with one sample it is an estimate of the
    /// ELBO.
    fn bound(&self, points: &[f32], samples: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        self.importance_weighted(points, samples, generator)
    }

    /// The means of `q(z∣x)`, `[count, 2]`.
    fn encode(&self, points: &[f32]) -> Result<Vec<f32>> {
        Ok(self.posterior(points)?.mean)
    }

    /// The means of `p(x∣z)`, `[count, 2]`.
    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        check_latents(latents, LATENTS)?;
        Ok(evaluate(
            &self.decoder,
            &self.decoder_layers,
            latents,
            LATENTS,
        ))
    }
}
