//! Langevin dynamics.

use super::catalog::{Domain, Entry, OptionValue, Parameter, papers};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::diffusion::NoiseLevel;
use crate::{Error, Result};

/// Langevin dynamics at the least noisy level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Langevin {
    /// Variance of the noise of a step, `ε`. It depends on the data, so its default of 0 has to be replaced.
    pub step_size: f64,
}

const STEP_SIZE: Parameter = Parameter::new(
    "step_size",
    "Step size",
    "Variance of the noise of a step at the least noisy level.",
    Domain::number([1e-9, 1.0], None),
);

impl SamplingMethod for Langevin {
    const ENTRIES: &'static [Entry] = &[Entry::new("langevin", "Langevin", papers::SONG_2019)
        .stochastic()
        .with(&[STEP_SIZE])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        (name == STEP_SIZE.name).then_some(&mut self.step_size)
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self.step_size).map(Plan::from)
    }
}

/// Annealed Langevin dynamics (Song & Ermon 2019, algorithm 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Annealing {
    /// Number of steps at each level, `T`.
    pub steps_per_level: usize,
    /// Variance of the noise of a step at the least noisy level, `ε`. It depends on the data, so its default of 0 has
    /// to be replaced.
    pub step_size: f64,
}

impl Default for Annealing {
    /// Five steps at each level.
    fn default() -> Self {
        Self {
            steps_per_level: 5,
            step_size: 0.0,
        }
    }
}

impl SamplingMethod for Annealing {
    const ENTRIES: &'static [Entry] =
        &[
            Entry::new("annealed-langevin", "Annealed Langevin", papers::SONG_2019)
                .stochastic()
                .evaluating(5)
                .with(&[
                    Parameter::new(
                        "steps_per_level",
                        "Steps per level",
                        "Number of Langevin steps at each noise level.",
                        Domain::whole([1, 100], 5),
                    ),
                    STEP_SIZE,
                ]),
        ];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "steps_per_level" => &mut self.steps_per_level,
            "step_size" => &mut self.step_size,
            _ => return None,
        })
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        annealed(trajectory, self).map(Plan::from)
    }
}

/// `y' = y + ε/2·∇ log p(y) + √ε·z` with `y = x/alpha`, at one level (Song & Ermon 2019, eq. 4). For small `ε` its
/// stationary distribution is the distribution of the noisy data.
pub fn update(level: NoiseLevel, step_size: f64) -> Combination {
    // ∇ log p with respect to y is alpha times that with respect to x.
    let score = level.alpha * Combination::score(level);
    let change = step_size / 2.0 * score + step_size.sqrt() * Combination::NOISE;
    Combination::SAMPLE + level.alpha * change
}

/// As many steps at the least noisy level as the trajectory has steps.
///
/// # Errors
/// [`Error::InvalidOption`] for a step size that is not positive.
pub fn evaluations(trajectory: &Trajectory, step_size: f64) -> Result<Vec<Evaluation>> {
    check(step_size)?;
    let steps = trajectory.remaining();
    let level = steps.last().map(|step| step.from);
    let evaluation = level.map(|level| Evaluation::new(level, update(level, step_size)));
    Ok(evaluation.into_iter().cycle().take(steps.len()).collect())
}

/// Steps of size `ε·s²/s_L²` at each level of the trajectory, where `s = sigma/alpha` and `s_L` is its smallest value.
/// At the end of a trajectory to zero noise, the result is one more estimate of the clean sample (Jolicoeur-Martineau
/// et al. 2021, section 3.1).
///
/// # Errors
/// [`Error::InvalidOption`] for a step size that is not positive, for zero or too many steps per level, and for a start
/// from pure noise.
pub fn annealed(trajectory: &Trajectory, annealing: &Annealing) -> Result<Vec<Evaluation>> {
    check(annealing.step_size)?;
    if annealing.steps_per_level == 0 {
        return Err(Error::invalid("steps_per_level", "at least 1", 0));
    }
    trajectory.needs_signal()?;
    let steps = trajectory.remaining();
    check_repeats("steps_per_level", annealing.steps_per_level, steps.len())?;
    let Some(last) = steps.last() else {
        return Ok(Vec::new());
    };
    let least = last.from.noise_to_signal();
    let level = |Step { from, to }: &Step| {
        let size = annealing.step_size * (from.noise_to_signal() / least).powi(2);
        let next = update(*from, size);
        let mut evaluations = vec![Evaluation::new(*from, next); annealing.steps_per_level];
        match to.sigma {
            0.0 => evaluations.push(Evaluation::new(*from, to.alpha * Combination::CLEAN)),
            // The same y in the scale of the next level.
            _ => evaluations[annealing.steps_per_level - 1].next = to.alpha / from.alpha * next,
        }
        evaluations
    };
    Ok(steps.iter().flat_map(level).collect())
}

/// Upper limit of the total number of steps; larger numbers are rejected as likely mistakes. The plan of a run is held
/// in memory.
const MAX_REPEATS: usize = 100_000;

/// Checks that `repeats` steps at each of `levels` levels do not exceed the limit.
pub(super) fn check_repeats(name: &str, repeats: usize, levels: usize) -> Result<()> {
    let most = MAX_REPEATS / levels.max(1);
    if repeats <= most {
        Ok(())
    } else {
        let expected = format!("at most {most} at each of {levels} levels");
        Err(Error::invalid(name, expected, repeats))
    }
}

fn check(step_size: f64) -> Result<()> {
    if step_size.is_finite() && step_size > 0.0 {
        Ok(())
    } else {
        Err(Error::invalid("step_size", "a positive number", step_size))
    }
}
