//! The forward process of points.

use super::Schedule;
use super::schedule::level_at;
use crate::diffusion::NoiseLevel;
use crate::random::Generator;
use crate::{Error, Result};

/// Upper limit of the values drawn at once.
const MAX_NUMBERS: usize = 1 << 25;

/// Noisy points `x_t = alpha·x_0 + sigma·eps` (Ho et al. 2020, eq. 4) of any dimension. `eps` depends only on the seed,
/// and is the same at all times.
///
/// # Errors
/// [`Error::InvalidOption`] for a time that is not between 0 and `T − 1`, and those of the schedule.
pub fn forward(points: &[f32], schedule: &Schedule, time: f64, seed: u32) -> Result<Vec<f32>> {
    check_finite(points)?;
    let NoiseLevel { alpha, sigma, .. } = level_at(&schedule.noise_schedule()?, "time", time)?;
    let noise = Generator::new(seed).normal(points.len());
    let noisy = |(x, eps): (&f32, f32)| (alpha * f64::from(*x) + sigma * f64::from(eps)) as f32;
    Ok(points.iter().zip(noise).map(noisy).collect())
}

/// Paths of the forward Markov chain, `[times, …]`: from one level to a noisier one,
/// `x' = (alpha'/alpha)·x + √(sigma'² − (alpha'/alpha)²·sigma²)·z` with fresh noise (Ho et al. 2020, eq. 2, over
/// several steps).
///
/// # Errors
/// [`Error::InvalidOption`] for times that do not increase within 0 to `T − 1`, for more than 2^25 values, and those of
/// the schedule.
pub fn forward_paths(
    points: &[f32],
    schedule: &Schedule,
    times: &[f64],
    seed: u32,
) -> Result<Vec<f32>> {
    check_finite(points)?;
    let schedule = schedule.noise_schedule()?;
    if !times.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(Error::invalid("times", "rising", times));
    }
    if times.len().saturating_mul(points.len()) > MAX_NUMBERS {
        let expected = format!("so few that there are at most {MAX_NUMBERS} numbers in total");
        return Err(Error::invalid("times", expected, times.len()));
    }
    let mut generator = Generator::new(seed);
    let mut level = NoiseLevel::CLEAN;
    let mut state: Vec<f64> = points.iter().copied().map(f64::from).collect();
    let mut positions = Vec::with_capacity(times.len() * points.len());
    for time in times {
        let next = level_at(&schedule, "times", *time)?;
        let keep = next.alpha / level.alpha;
        let added = next.sigma.powi(2) - (keep * level.sigma).powi(2);
        let std = added.max(0.0).sqrt();
        for (x, z) in state.iter_mut().zip(generator.normal(points.len())) {
            *x = keep * *x + std * f64::from(z);
        }
        positions.extend(state.iter().map(|x| *x as f32));
        level = next;
    }
    Ok(positions)
}

fn check_finite(points: &[f32]) -> Result<()> {
    match points.iter().find(|x| !x.is_finite()) {
        Some(x) => Err(Error::invalid("points", "finite numbers", x)),
        None => Ok(()),
    }
}
