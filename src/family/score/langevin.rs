//! Annealed Langevin sampling, and the exact score of a mixture.

use super::{MAX_LANGEVIN_STEPS, ScoreModel};
use crate::dataset::GaussianMixture;
use crate::family::{DIMENSIONS, SampleRequest, check_points, within};
use crate::random::Generator;
use crate::{Error, Result};

impl ScoreModel {
    /// Annealed Langevin dynamics (Song & Ermon 2019, algorithm 1). At each noise level, from the largest to the
    /// smallest, it performs steps `x ← x + a·s(x, σ) + √(2a)·z` with `a = stepSize·σ²`. The last state is the
    /// posterior mean `x + σ²·s(x, σ)` (Jolicoeur-Martineau et al. 2021, section 3).
    ///
    /// Returns the start, the states after each level, and the last state: `levels + 2` arrays `[count, 2]`. The
    /// request's `steps` are divided among the levels.
    ///
    /// # Errors
    /// [`Error::InvalidOption`], which names the invalid option of the request.
    pub fn annealed(
        &self,
        request: &SampleRequest,
        generator: &mut Generator,
    ) -> Result<Vec<Vec<f32>>> {
        request.without_steps().check_plain(self)?;
        let levels = self.sigmas.len();
        let steps = match request.steps {
            None => self.options.langevin_steps,
            Some(steps) => {
                within("steps", steps, 1..=levels * MAX_LANGEVIN_STEPS)?;
                (steps / levels).max(1)
            }
        };
        let mut x = request.start(DIMENSIONS, generator)?;
        if request.start.is_none() {
            // The variance of the data plus that of the largest noise.
            let scale = (1.0 + self.sigmas[0] * self.sigmas[0]).sqrt();
            x.iter_mut().for_each(|x| *x *= scale);
        }
        let mut states = vec![x.clone()];
        for level in 0..levels {
            for _ in 0..steps {
                self.langevin_step(level, &mut x, generator);
            }
            states.push(x.clone());
        }
        let sigma = self.sigmas[levels - 1];
        let scores = self.scores(levels - 1, &x);
        let mean = x
            .iter()
            .zip(scores)
            .map(|(x, score)| x + sigma * sigma * score);
        states.push(mean.collect());
        Ok(states)
    }

    fn langevin_step(&self, level: usize, x: &mut [f32], generator: &mut Generator) {
        let sigma = self.sigmas[level];
        let size = self.options.step_size as f32 * sigma * sigma;
        let scores = self.scores(level, x);
        let noise = generator.normal(x.len());
        for ((x, score), noise) in x.iter_mut().zip(scores).zip(noise) {
            *x += size * score + (2.0 * size).sqrt() * noise;
        }
    }
}

/// The score at points `[count, 2]` of a mixture in the plane with added normal noise of standard deviation σ:
/// `Σ_k r_k(x)·(mean_k − x)/v_k` with `v_k = std_k² + σ²` and responsibilities `r_k ∝ w_k·N(x; mean_k, v_k)`.
///
/// # Errors
/// [`Error::InvalidOption`] for invalid points, and for a mixture that is not in the plane.
pub fn exact_score(mixture: &GaussianMixture, sigma: f64, points: &[f32]) -> Result<Vec<f32>> {
    check_points(points)?;
    let components = mixture.stds.len();
    let fits =
        mixture.means.len() == components * DIMENSIONS && mixture.weights.len() == components;
    if mixture.dimensions != DIMENSIONS || components == 0 || !fits {
        let found = format!(
            "{components} components in {} dimensions",
            mixture.dimensions
        );
        return Err(Error::invalid("mixture", "components in the plane", found));
    }
    let points = points.as_chunks::<DIMENSIONS>().0.iter();
    let scores = points.map(|point| score_of(mixture, sigma, point.map(f64::from)));
    Ok(scores.flatten().collect())
}

fn score_of(mixture: &GaussianMixture, sigma: f64, [x, y]: [f64; 2]) -> [f32; 2] {
    let means = mixture.means.as_chunks::<DIMENSIONS>().0.iter();
    let terms = means.zip(&mixture.stds).zip(&mixture.weights);
    let terms: Vec<(f64, [f64; 2])> = terms
        .map(|((mean, spread), weight)| {
            let variance = spread * spread + sigma * sigma;
            let pull = [(mean[0] - x) / variance, (mean[1] - y) / variance];
            let square = (pull[0] * pull[0] + pull[1] * pull[1]) * variance;
            (libm::log(weight / variance) - square / 2.0, pull)
        })
        .collect();
    let largest = terms
        .iter()
        .map(|term| term.0)
        .fold(f64::NEG_INFINITY, f64::max);
    let (mut total, mut score) = (0.0, [0.0; 2]);
    for (logarithm, pull) in terms {
        let responsibility = libm::exp(logarithm - largest);
        total += responsibility;
        score[0] += responsibility * pull[0];
        score[1] += responsibility * pull[1];
    }
    score.map(|sum| (sum / total) as f32)
}
