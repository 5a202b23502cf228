//! Guided sampling by DDIM.

use super::{CHUNK, Guidance, GuidanceMethod};
use crate::diffusion::{NoiseLevel, NoiseSchedule};
use crate::family::DIMENSIONS;
use crate::family::graph::Graph;
use crate::random::Generator;

impl Guidance {
    /// Classes with the frequencies of the data; uniform before training.
    pub(super) fn drawn_classes(&self, count: usize, generator: &mut Generator) -> Vec<usize> {
        let total: f32 = self.frequencies.iter().sum();
        let class = |u: f32| {
            if total == 0.0 {
                return ((u * self.classes as f32) as usize).min(self.classes - 1);
            }
            let mut rest = u * total;
            let passed = self.frequencies.iter().take_while(|frequency| {
                rest -= **frequency;
                rest >= 0.0
            });
            passed.count().min(self.classes - 1)
        };
        generator.uniform(count).into_iter().map(class).collect()
    }

    /// Samples from noise `[count, 2]`, each guided towards its class with the given weight.
    pub(super) fn guided(
        &self,
        noise: &[f32],
        classes: &[usize],
        steps: usize,
        weight: f64,
    ) -> Vec<f32> {
        ddim(&self.schedule, noise, steps, |points, level| {
            let mut graph = Graph::new();
            let mut estimate = Vec::with_capacity(points.len());
            let rows = points.chunks(CHUNK * DIMENSIONS).zip(classes.chunks(CHUNK));
            for (points, classes) in rows {
                graph.reset();
                estimate.extend(self.noise_estimate(&graph, points, level, classes, weight));
            }
            estimate
        })
    }

    /// The guided noise estimate at one level, `[count, 2]`.
    fn noise_estimate(
        &self,
        graph: &Graph,
        points: &[f32],
        level: NoiseLevel,
        classes: &[usize],
        weight: f64,
    ) -> Vec<f32> {
        let plain = self.noise_of(graph, points, level, classes.iter().map(|_| None));
        let change = match self.options.method {
            GuidanceMethod::Classifier => {
                let factor = -(weight * level.sigma) as f32;
                let gradient = self.class_gradient(graph, points, level, classes);
                gradient.into_iter().map(|slope| factor * slope).collect()
            }
            GuidanceMethod::ClassifierFree => {
                let given = classes.iter().map(|class| Some(*class));
                let conditional = self.noise_of(graph, points, level, given);
                let pairs = conditional.iter().zip(&plain);
                let change = pairs.map(|(with, without)| weight as f32 * (with - without));
                change.collect::<Vec<f32>>()
            }
        };
        plain.iter().zip(change).map(|(a, b)| a + b).collect()
    }

    /// `ε = σ·x_t + α·v` of points at one level, each with its class or none; `[count, 2]`.
    fn noise_of(
        &self,
        graph: &Graph,
        points: &[f32],
        level: NoiseLevel,
        classes: impl Iterator<Item = Option<usize>>,
    ) -> Vec<f32> {
        let (alpha, sigma) = (level.alpha as f32, level.sigma as f32);
        graph.without_recording(|| {
            let leaves = self.denoiser.average_leaves(graph);
            let levels = std::iter::repeat(level);
            let v = self.denoise(graph, &leaves, points, levels, classes);
            v.read(|v| {
                let pairs = points.iter().zip(v);
                pairs.map(|(x, v)| sigma * x + alpha * v).collect()
            })
        })
    }

    /// `∇ ln p(y ∣ x_t)` at points of one level, `[count, 2]`.
    pub(super) fn class_gradient(
        &self,
        graph: &Graph,
        points: &[f32],
        level: NoiseLevel,
        classes: &[usize],
    ) -> Vec<f32> {
        let leaves = graph.without_recording(|| self.classifier.average_leaves(graph));
        let points = graph.matrix([classes.len(), DIMENSIONS], points);
        let levels = std::iter::repeat(level);
        let log_probability = self.log_probability(&leaves, points, levels, classes);
        graph.last_gradients(log_probability.sum(), &[points])[0].to_vec()
    }
}

/// DDIM from noise `[count, 2]` on evenly spaced timesteps from the last one to zero noise:
/// `x' = α'/α·x + (σ' − σ·α'/α)·ε` (Song et al. 2021, eq. 12 with `σ = 0`).
pub(super) fn ddim(
    schedule: &NoiseSchedule,
    noise: &[f32],
    steps: usize,
    mut estimate: impl FnMut(&[f32], NoiseLevel) -> Vec<f32>,
) -> Vec<f32> {
    let count = schedule.len();
    let level = |index: usize| schedule.level(count - 1 - index * count / steps);
    let mut points = noise.to_vec();
    for index in 0..steps {
        let Some(from) = level(index) else { continue };
        let next = if index + 1 < steps {
            level(index + 1)
        } else {
            None
        };
        let to = next.unwrap_or(NoiseLevel::CLEAN);
        let eps = estimate(&points, from);
        let ratio = to.alpha / from.alpha;
        let (of_point, of_noise) = (ratio as f32, (to.sigma - from.sigma * ratio) as f32);
        for (x, eps) in points.iter_mut().zip(eps) {
            *x = of_point * *x + of_noise * eps;
        }
    }
    points
}
