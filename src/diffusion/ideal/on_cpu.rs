//! The ideal denoiser on the CPU: each query visits all components, four values at a time.

use super::Components;
use crate::elementary::exp;

/// The components at one noise level, stored by columns.
pub(super) struct Marginal {
    /// `alpha·mean_k` and `mean_k`, by feature.
    noisy_means: Vec<Vec<f32>>,
    means: Vec<Vec<f32>>,
    /// `ln w_k − d/2·ln v_k`
    priors: Vec<f32>,
    /// `1/(2·v_k)`
    half_precisions: Vec<f32>,
    /// `alpha·std_k²/v_k`; `None` where all are 0.
    gains: Option<Vec<f32>>,
    /// `1 − alpha·gain_k`.
    pulls: Vec<f32>,
}

/// Responsibilities for one query, before normalisation.
struct Responsibilities {
    values: Vec<f32>,
    largest: f32,
    sum: f32,
}

impl Marginal {
    /// The noisy marginal of components with these `means`, `[components, features]` in row-major order.
    pub fn new(means: &[f32], features: usize, components: &Components) -> Self {
        let column = |feature: usize| -> Vec<f32> {
            let of = means.iter().skip(feature).step_by(features);
            of.copied().collect()
        };
        let means: Vec<Vec<f32>> = (0..features).map(column).collect();
        let alpha = components.level.alpha;
        let scaled = |column: &Vec<f32>| {
            let scaled = column.iter().map(|mean| (f64::from(*mean) * alpha) as f32);
            scaled.collect()
        };
        let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
        let gains: Vec<f32> = narrow(components.gains());
        Self {
            noisy_means: means.iter().map(scaled).collect(),
            means,
            priors: narrow(components.priors(features)),
            half_precisions: narrow(components.half_precisions()),
            pulls: narrow(components.pulls()),
            gains: gains.iter().any(|gain| *gain != 0.0).then_some(gains),
        }
    }

    /// Replaces the `queries`, `[count, features]` in row-major order, by the posterior means of the clean sample.
    pub fn denoise(&self, queries: &mut [f32]) {
        let mut responsibilities = Responsibilities::new(self.priors.len());
        for x in queries.chunks_exact_mut(self.means.len()) {
            self.weigh(x, &mut responsibilities);
            self.posterior_mean(x, &mut responsibilities);
        }
    }

    /// Replaces the queries as [`denoise`](Self::denoise) does, and returns the divergence of each posterior mean with
    /// respect to its query,
    ///
    /// `∇·x0_hat = Σ_k r_k·(d·gain_k + s_k·(c_k − x0_hat))`, `s_k = −(x − alpha·mean_k)/v_k`,
    /// `c_k = pull_k·mean_k + gain_k·x`,
    ///
    /// the derivative of `Σ_k r_k·c_k`; for a data set, `alpha/sigma²` times the posterior variance.
    pub fn denoise_with_divergence(&self, queries: &mut [f32]) -> Vec<f32> {
        let mut responsibilities = Responsibilities::new(self.priors.len());
        let mut before = vec![0.0; self.means.len()];
        let mut divergence = |x: &mut [f32]| {
            self.weigh(x, &mut responsibilities);
            before.copy_from_slice(x);
            let weights = responsibilities.values.clone();
            let gain = self.posterior_mean(x, &mut responsibilities);
            let pull: f32 = (0..x.len())
                .map(|feature| self.pull(feature, before[feature], x[feature], &weights))
                .sum();
            x.len() as f32 * gain + pull / responsibilities.sum
        };
        queries
            .chunks_exact_mut(self.means.len())
            .map(&mut divergence)
            .collect()
    }

    /// `Σ_k weight_k·s_k·(c_k − x0_hat)` of one feature.
    fn pull(&self, feature: usize, x: f32, clean: f32, weights: &[f32]) -> f32 {
        let (means, noisy_means) = (&self.means[feature], &self.noisy_means[feature]);
        let term = |k: usize| {
            let score = -2.0 * self.half_precisions[k] * (x - noisy_means[k]);
            let gain = self.gains.as_ref().map_or(0.0, |gains| gains[k]);
            weights[k] * score * (self.pulls[k] * means[k] + gain * x - clean)
        };
        (0..weights.len()).map(term).sum()
    }

    /// Replaces the query `x` by its posterior mean and returns the mean gain. Overwrites the responsibilities.
    fn posterior_mean(&self, x: &mut [f32], responsibilities: &mut Responsibilities) -> f32 {
        let Responsibilities { values, sum, .. } = responsibilities;
        let gain = match &self.gains {
            None => 0.0,
            Some(gains) => {
                let gain = dot(values, gains) / *sum;
                let both = values.iter_mut().zip(&self.pulls);
                both.for_each(|(value, pull)| *value *= pull);
                gain
            }
        };
        for (x, means) in x.iter_mut().zip(&self.means) {
            *x = gain * *x + dot(values, means) / *sum;
        }
        gain
    }

    /// `ln Σ exp(prior_k − |x − alpha·mean_k|²/(2·v_k))` for each query.
    pub fn log_sums(&self, queries: &[f32]) -> Vec<f32> {
        let mut responsibilities = Responsibilities::new(self.priors.len());
        let log_sum = |x: &[f32]| {
            self.weigh(x, &mut responsibilities);
            responsibilities.largest + responsibilities.sum.ln()
        };
        queries
            .chunks_exact(self.means.len())
            .map(log_sum)
            .collect()
    }

    fn weigh(&self, x: &[f32], into: &mut Responsibilities) {
        let logits = &mut into.values;
        logits.fill(0.0);
        for (x, means) in x.iter().zip(&self.noisy_means) {
            for (square, mean) in logits.iter_mut().zip(means) {
                let difference = x - mean;
                *square += difference * difference;
            }
        }
        let beside = self.priors.iter().zip(&self.half_precisions);
        for (logit, (prior, half_precision)) in logits.iter_mut().zip(beside) {
            *logit = prior - *logit * half_precision;
        }
        let largest = in_lanes(logits, logits, f32::NEG_INFINITY, |most, value, _| {
            if value > most { value } else { most }
        });
        into.largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
        for logit in logits.iter_mut() {
            *logit = exp(*logit - into.largest);
        }
        into.sum = in_lanes(logits, logits, 0.0, |sum, value, _| sum + value)
            .iter()
            .sum();
    }
}

impl Responsibilities {
    fn new(components: usize) -> Self {
        Self {
            values: vec![0.0; components],
            largest: 0.0,
            sum: 0.0,
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    in_lanes(a, b, 0.0, |sum, a, b| sum + a * b).iter().sum()
}

/// Folds pairs of values in eight lanes, so that the compiler vectorises it.
fn in_lanes(a: &[f32], b: &[f32], start: f32, fold: impl Fn(f32, f32, f32) -> f32) -> [f32; 8] {
    let mut lanes = [start; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] = fold(lanes[lane], a[lane], b[lane]);
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        lanes[lane] = fold(lanes[lane], *a, *b);
    }
    lanes
}
