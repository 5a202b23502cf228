//! The update that follows a network evaluation.

use burn::tensor::{Tensor, TensorData};

use super::Sampling;
use crate::diffusion::{Estimate, NoiseLevel};
use crate::sampler::ddpm::LearnedVariance;
use crate::sampler::plan::Correction;
use crate::sampler::{Combination, Evaluation, Plan};

/// Tensors of an evaluation that a [`Combination`] or an [`Update`](super::Update) refers to.
#[derive(Debug)]
pub struct Terms<'a, const D: usize> {
    /// `x`, the network's input.
    pub sample: &'a Tensor<D>,
    /// The estimate of the clean sample after clipping.
    pub clipped: &'a Tensor<D>,
    /// The estimate of the clean sample before clipping.
    pub unclipped: &'a Tensor<D>,
    /// Noise level of `sample`.
    pub level: NoiseLevel,
}

impl<const D: usize> Terms<'_, D> {
    /// The network's noise estimate, `(x − alpha·x0_hat)/sigma`, which clipping does not change.
    pub fn eps(&self) -> Tensor<D> {
        let NoiseLevel { alpha, sigma, .. } = self.level;
        (self.sample.clone() - self.unclipped.clone() * alpha) / sigma
    }
}

impl<const D: usize> Sampling<D> {
    /// Applies everything that follows an evaluation.
    pub(super) fn advance(&mut self, evaluation: Evaluation, estimate: Estimate<D>) {
        let clipped = self.clipping.apply(estimate.clean.clone());
        let sample = self.noisy();
        let terms = Terms {
            sample: &sample,
            clipped: &clipped,
            unclipped: &estimate.clean,
            level: evaluation.level,
        };
        if let Some(update) = self.update.clone() {
            let next = update.next(self.completed, &terms, &mut || self.noise(1.0));
            self.noisy = next;
            self.clean = Some(clipped);
            return;
        }
        let kept = |factors| self.combine(factors, &terms);
        let recorded = evaluation.record.and_then(kept);
        let start = evaluation.start.and_then(kept);
        let next = match evaluation.correction {
            Some(correction) => Some(self.correct(correction, &terms)),
            None => self.combine(evaluation.next, &terms),
        };
        let noise = self.fresh_noise(&evaluation, estimate.variance);
        self.noisy = match (next, noise) {
            (Some(next), Some(noise)) => next + noise,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => sample.zeros_like(),
        };
        self.start = start.or(self.start.take());
        if let Some(recorded) = recorded {
            self.history.insert(0, recorded);
            self.history.truncate(self.depth);
        }
        self.clean = Some(clipped);
        self.complete_adaptive_step();
    }

    /// The combination without its noise term; `None` where all factors are zero.
    pub(super) fn combine(&self, factors: Combination, terms: &Terms<'_, D>) -> Option<Tensor<D>> {
        // eps_hat = (x − alpha·x0_hat)/sigma, in terms of x and the unclipped x0_hat.
        let eps = match factors.eps {
            0.0 => 0.0,
            eps => eps / terms.level.sigma,
        };
        let held = [
            (factors.sample + eps, Some(terms.sample)),
            (factors.clean, Some(terms.clipped)),
            (-eps * terms.level.alpha, Some(terms.unclipped)),
            (factors.start, self.start.as_ref()),
        ];
        let previous = factors
            .history
            .iter()
            .copied()
            .zip(self.history.iter().map(Some));
        held.into_iter()
            .chain(previous)
            .filter(|(factor, _)| *factor != 0.0)
            .filter_map(|(factor, tensor)| Some(scaled(tensor?.clone(), factor)))
            .reduce(|sum, term| sum + term)
    }

    /// The noise of a step. Numbers are only drawn where the step adds noise, as in diffusers.
    fn fresh_noise(
        &mut self,
        evaluation: &Evaluation,
        variance: Option<Tensor<D>>,
    ) -> Option<Tensor<D>> {
        match (evaluation.learned_variance, variance) {
            (Some(LearnedVariance::Direct), Some(variance)) => {
                Some(self.noise(1.0) * variance.clamp_min(0.0).sqrt())
            }
            (Some(LearnedVariance::Between { min, max }), Some(v)) => {
                let log_variance = (v + 1.0) * ((max - min) / 2.0) + min;
                Some(self.noise(1.0) * (log_variance * 0.5).exp())
            }
            _ => (evaluation.next.noise > 0.0).then(|| self.noise(evaluation.next.noise)),
        }
    }

    /// A Langevin step whose size depends on the norms of the score and the noise (Song et al. 2021, algorithms 4 and
    /// 5).
    fn correct(&mut self, correction: Correction, terms: &Terms<'_, D>) -> Tensor<D> {
        let sample = terms.sample.clone();
        let Some(score) = self.combine(Combination::score(terms.level), terms) else {
            return sample;
        };
        let noise = self.draw();
        let noise_norm = mean_norm(&noise, sample.dims()[0]);
        let ratio = rows(score.clone() * score.clone())
            .sum_dim(1)
            .sqrt()
            .mean_dim(0)
            .recip()
            .reshape([1; D])
            * (correction.snr * noise_norm);
        let size = ratio.clone() * ratio * (2.0 * correction.scale);
        sample + score * size.clone() + self.like_sample(noise) * (size * 2.0).sqrt()
    }

    /// Standard normal noise times a factor. Multiplying on the GPU would need a separate kernel launch.
    fn noise(&mut self, factor: f64) -> Tensor<D> {
        let values = self.draw().into_iter().map(|z| z * factor as f32);
        self.like_sample(values.collect())
    }

    /// Standard normal numbers, one for each number of the sample.
    fn draw(&mut self) -> Vec<f32> {
        self.generator.normal(self.noisy.dims().iter().product())
    }

    /// A tensor in the shape of the sample, from values in row-major order.
    fn like_sample(&self, values: Vec<f32>) -> Tensor<D> {
        let target = (&self.noisy.device(), self.noisy.dtype());
        Tensor::from_data(TensorData::new(values, self.noisy.dims()), target)
    }

    /// After the last slope of an adaptive step: the error in units of the tolerance.
    fn complete_adaptive_step(&mut self) {
        let Plan::Adaptive(integration) = &mut self.plan else {
            return;
        };
        if !integration.advance() {
            return;
        }
        let factors = integration.error();
        let [absolute, from_start, from_end] = integration.tolerances();
        let terms = factors.history.iter().zip(&self.history);
        let error = terms
            .filter(|(factor, _)| **factor != 0.0)
            .map(|(factor, slope)| slope.clone() * *factor)
            .reduce(|sum, term| sum + term)
            // A step of length zero.
            .unwrap_or_else(|| self.noisy.zeros_like());
        let Some(start) = &self.start else { return };
        let allowed = (start.clone().abs() * from_start).max_pair(self.noisy().abs() * from_end);
        let ratio = error / (allowed + absolute);
        // Flattened, since a reduction needs one launch per dimension.
        let all: Tensor<1> = (ratio.clone() * ratio).reshape([-1]);
        self.error = Some(all.mean());
    }
}

fn scaled<const D: usize>(tensor: Tensor<D>, factor: f64) -> Tensor<D> {
    match factor {
        1.0 => tensor,
        _ => tensor * factor,
    }
}

/// Each image or point as a row, `[batch, numbers]`. Channels come last, the layout of network outputs on the GPU, so
/// that no data is moved.
fn rows<const D: usize>(tensor: Tensor<D>) -> Tensor<2> {
    let batch = tensor.dims()[0];
    let channels_last: Tensor<D> = tensor.movedim(1, D - 1);
    channels_last.reshape([batch as i32, -1])
}

/// Mean over the batch of the Euclidean norm of each row.
fn mean_norm(values: &[f32], batch: usize) -> f64 {
    let norm = |row: &[f32]| {
        row.iter()
            .map(|x| f64::from(*x).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let length = values.len() / batch;
    values.chunks(length).map(norm).sum::<f64>() / batch as f64
}
