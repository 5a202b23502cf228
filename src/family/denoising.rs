//! Training and use of networks that predict `v` from noisy points.

use burn::tensor::Device;

use super::DIMENSIONS;
use super::time_network::Architecture;
use crate::diffusion::{NoiseLevel, NoiseSchedule, Prediction, Process, Quantity};
use crate::nn::{Mlp, MlpConfig};
use crate::pipeline::PointModel;
use crate::points::{DensityOptions, PointPipeline, PointSampleOptions, Schedule};
use crate::random::Generator;
use crate::train::TimeSampling;
use crate::{Error, Result};

/// Noisy points `x_t = α_t·x_0 + σ_t·ε` at noise levels that are even in log-SNR, and the targets
/// `v = α_t·ε − σ_t·x_0`.
pub(super) struct Noised {
    /// The level of each point.
    pub levels: Vec<NoiseLevel>,
    /// `x_t`, `[count, 2]`.
    pub noisy: Vec<f32>,
    /// `v`, `[count, 2]`.
    pub target: Vec<f32>,
}

impl Noised {
    /// Adds noise to points `[count, 2]`.
    pub fn draw(points: &[f32], process: &Process, generator: &mut Generator) -> Self {
        let times = TimeSampling::LogSnr;
        let quantiles = times.draw(generator, points.len() / DIMENSIONS);
        let level = |u: f64| times.level(process, u);
        let levels: Vec<NoiseLevel> = quantiles.into_iter().map(level).collect();
        let noise = generator.normal(points.len());
        let (noisy, target) = points
            .iter()
            .zip(&noise)
            .enumerate()
            .map(|(index, (x, noise))| {
                let level = levels[index / DIMENSIONS];
                let (alpha, sigma) = (level.alpha as f32, level.sigma as f32);
                (alpha * x + sigma * noise, alpha * noise - sigma * x)
            })
            .unzip();
        Self {
            levels,
            noisy,
            target,
        }
    }
}

/// The linear schedule with this number of timesteps.
///
/// # Errors
/// [`Error::InvalidOption`] for so few timesteps that the last `beta` is cut off.
pub(super) fn schedule(timesteps: usize) -> Result<NoiseSchedule> {
    let schedule = Schedule {
        timesteps,
        ..Schedule::default()
    };
    schedule.noise_schedule().map_err(|error| match error {
        Error::InvalidOption { expected, .. } => Error::invalid("timesteps", expected, timesteps),
        other => other,
    })
}

/// The network of a denoiser with this architecture.
pub(super) fn network(architecture: Architecture) -> MlpConfig {
    MlpConfig {
        width: architecture.width,
        depth: architecture.depth,
        octaves: architecture.octaves,
        ..MlpConfig::default()
    }
}

/// The inputs of a denoiser for points `[count, 2]`, each with its level: the features of `config`, then `extra` zeros;
/// `[count, config.inputs() + extra]`.
pub(super) fn inputs(
    config: &MlpConfig,
    points: &[f32],
    levels: impl Iterator<Item = NoiseLevel>,
    extra: usize,
) -> Vec<f32> {
    let (width, time) = (config.inputs(), config.time_embedding.width());
    let mut inputs = vec![0.0; points.len() / DIMENSIONS * (width + extra)];
    let rows = inputs.chunks_exact_mut(width + extra);
    for ((row, point), level) in rows.zip(points.chunks_exact(DIMENSIONS)).zip(levels) {
        let (coordinates, embedding) = row[..width].split_at_mut(width - time);
        config.write_point(point, coordinates);
        config.time_embedding.write(level, embedding);
    }
    inputs
}

/// Points per run of the sampler.
const BLOCK: usize = 50_000;

/// A network with given weights and its schedule: a model for all samplers and for the density along the flow.
///
/// # Errors
/// [`Error::InvalidOption`] for another number of weights.
pub(super) fn pipeline(
    config: &MlpConfig,
    weights: &[f32],
    process: &Process,
) -> Result<PointPipeline> {
    let device = Device::flex();
    let network = Mlp::from_weights(config, weights, &device)?;
    let model = PointModel::new(network, Prediction::Velocity, process.clone());
    PointPipeline::learned(model, &device)
}

/// Samples by DPM-Solver++(2M) along the probability flow, from noise `[count, 2]`.
pub(super) fn along_the_flow(
    pipeline: &PointPipeline,
    noise: &[f32],
    steps: usize,
) -> Result<Vec<f32>> {
    let mut samples = Vec::with_capacity(noise.len());
    for noise in noise.chunks(BLOCK * DIMENSIONS) {
        let mut sampling = pipeline.sample(&PointSampleOptions {
            steps: Some(steps),
            initial_noise: Some(noise.to_vec()),
            ..PointSampleOptions::default()
        })?;
        while sampling.step()?.is_some() {}
        samples.extend(sampling.noisy().into_data().iter::<f32>());
    }
    Ok(samples)
}

/// `ln p(x)` of points `[count, 2]`, integrated along the flow; `[count]`.
pub(super) fn log_density(pipeline: &PointPipeline, points: &[f32]) -> Result<Vec<f64>> {
    let mut density = pipeline.log_density(points, DensityOptions::default())?;
    while density.step()?.is_some() {}
    Ok(density.nats().into_data().iter().collect())
}

/// The score of the cleanest level at points `[count, 2]`, `[count, 2]`.
pub(super) fn score(pipeline: &PointPipeline, points: &[f32]) -> Result<Vec<f32>> {
    let score = pipeline.field(points, 0.0, Quantity::Score)?;
    Ok(score.into_data().iter().collect())
}
