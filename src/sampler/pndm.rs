//! PNDM: DDIM steps along Adams–Bashforth slopes, after a Runge–Kutta start.

use super::catalog::{Domain, Entry, OptionValue, Parameter, flags};
use super::ipndm::{averaged, transfer};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::diffusion::{NoiseLevel, NoiseSchedule};
use crate::{Error, Result};

/// Start of a run, before enough slopes are available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WarmUp {
    /// Three pseudo Runge–Kutta steps of four evaluations: PNDM (Liu et al. 2022, algorithm 2).
    #[default]
    RungeKutta,
    /// Lower orders, with the first step taken twice: PLMS, diffusers' `skip_prk_steps`.
    LowerOrders,
}

flags!(WarmUp {
    RungeKutta,
    LowerOrders
});

/// The quantity whose estimates are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The noise.
    #[default]
    Noise,
    /// The velocity `(alpha·x − x0_hat)/sigma`, as diffusers does for velocity-predicting networks. The noise is
    /// derived from the combined velocity and the sample at the start of the step rather than at its midpoint, which
    /// makes the method first order. It can start from pure noise.
    Velocity,
}

/// Options of PNDM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Start of a run.
    pub warm_up: WarmUp,
    /// The quantity whose estimates are combined; pipelines set it according to the network's prediction.
    pub target: Target,
}

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "pndm",
        "PNDM",
        ["Liu et al. 2022", "https://arxiv.org/abs/2202.09778"],
    )
    .with(&[Parameter::new(
        "skip_prk_steps",
        "Without Runge–Kutta steps",
        "Starts with lower orders instead of three steps of four evaluations.",
        Domain::flag(false),
    )])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        (name == "skip_prk_steps").then_some(&mut self.warm_up)
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some("PNDMScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self).map(Plan::from)
    }
}

/// Number of Runge–Kutta steps at the start.
const RUNGE_KUTTA_STEPS: usize = 3;

/// DDIM steps along a combination of noise estimates (Liu et al. 2022, eq. 11 to 13).
///
/// As in diffusers, a run with [`WarmUp::LowerOrders`] that starts part-way starts in the middle of the list of
/// evaluations, in which the second occurs twice: for `begin` of 2 and more, the sample stays one level behind.
///
/// # Errors
/// [`Error::InvalidOption`] for a Runge–Kutta start in a run of fewer than 4 steps, in a run that starts part-way, or
/// without a discrete schedule, and for a combination of noise estimates in a run that starts from pure noise.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    if options.target == Target::Noise {
        trajectory.needs_signal()?;
    }
    match options.warm_up {
        WarmUp::LowerOrders => Ok(lower_orders(trajectory, options.target)),
        WarmUp::RungeKutta => {
            let only = |expected: &str, value: usize| Err(Error::invalid("steps", expected, value));
            let Some(schedule) = trajectory.process.schedule() else {
                return Err(Error::invalid(
                    "skip_prk_steps",
                    "true for a network without timesteps",
                    false,
                ));
            };
            if trajectory.begin > 0 {
                let expected = "true for a run that starts part-way";
                return Err(Error::invalid("skip_prk_steps", expected, false));
            }
            match trajectory.steps.len() {
                steps @ 0..=RUNGE_KUTTA_STEPS => only("at least 4; skip_prk_steps needs 1", steps),
                _ => runge_kutta(trajectory, options.target, schedule),
            }
        }
    }
}

impl Target {
    /// The estimate at this level.
    fn slope(self, level: NoiseLevel) -> Combination {
        let noise = Combination::noise_estimate(level);
        match self {
            Self::Noise => noise,
            Self::Velocity => {
                (level.alpha * Combination::SAMPLE - Combination::CLEAN) / level.sigma
            }
        }
    }

    /// The DDIM step from `x` along a combined estimate.
    fn step(self, step: Step, x: Combination, slope: Combination) -> Combination {
        let Step { from, to } = step;
        match self {
            Self::Noise => transfer(step, x, slope),
            // The definition of the velocity solved for x0_hat. Unlike the noise, it determines x0_hat even where alpha
            // is 0.
            Self::Velocity => {
                let clean = from.alpha * x - from.sigma * slope;
                to.alpha * clean + to.sigma * (x - from.alpha * clean) / from.sigma
            }
        }
    }
}

/// One evaluation per step, except two in the first: an Euler predictor, and the mean of the slopes at both ends.
fn lower_orders(trajectory: &Trajectory, target: Target) -> Vec<Evaluation> {
    let steps = &trajectory.steps;
    // The second and the third evaluation are at the level that the first step leads to.
    let list = (0..steps.len()).flat_map(|index| vec![index; if index == 1 { 2 } else { 1 }]);
    let evaluation = |(count, index): (usize, usize)| {
        let step = steps[index];
        let slope = target.slope(step.from);
        if count == 1 {
            let mean = (slope + Combination::previous(1)) / 2.0;
            let repeated = Step {
                from: before(trajectory, index),
                to: step.from,
            };
            let next = target.step(repeated, Combination::START, mean);
            return Evaluation::new(step.from, next);
        }
        let known = count.saturating_sub(1);
        let next = target.step(step, Combination::SAMPLE, averaged(slope, known));
        Evaluation {
            record: Some(slope),
            start: (count == 0).then_some(Combination::SAMPLE),
            ..Evaluation::new(step.from, next)
        }
    };
    list.skip(trajectory.begin)
        .enumerate()
        .map(evaluation)
        .collect()
}

/// The level one step noisier than the start of step `index`: up to rounding, the start of the previous step.
fn before(trajectory: &Trajectory, index: usize) -> NoiseLevel {
    let previous = trajectory.steps[index - 1];
    let stride = previous.from.time - previous.to.time;
    let time = trajectory.steps[index].from.time + stride;
    let schedule = trajectory.process.schedule();
    let level = schedule.and_then(|schedule| schedule.level(time as usize));
    level.unwrap_or(previous.from)
}

/// Three steps of four evaluations, then one evaluation per step.
fn runge_kutta(
    trajectory: &Trajectory,
    target: Target,
    schedule: &NoiseSchedule,
) -> Result<Vec<Evaluation>> {
    let groups = trajectory.steps.windows(2).take(RUNGE_KUTTA_STEPS);
    let mut evaluations = Vec::new();
    for pair in groups {
        evaluations.extend(group(
            pair[0].from,
            pair[1].from,
            trajectory,
            target,
            schedule,
        )?);
    }
    let rest = trajectory.steps.iter().skip(RUNGE_KUTTA_STEPS).enumerate();
    for (count, step) in rest {
        let slope = target.slope(step.from);
        // The slopes at the start of the three groups are three entries apart in the history.
        let back = |position: usize| match position {
            position if position <= count => position,
            position => count + 3 * (position - count),
        };
        let [a, b, c] = [1, 2, 3].map(|position| Combination::previous(back(position)));
        let mean = (55.0 * slope - 59.0 * a + 37.0 * b - 9.0 * c) / 24.0;
        let next = target.step(*step, Combination::SAMPLE, mean);
        evaluations.push(Evaluation {
            record: Some(slope),
            ..Evaluation::new(step.from, next)
        });
    }
    Ok(evaluations)
}

/// A pseudo Runge–Kutta step from one level to the next (Liu et al. 2022, eq. 13), with diffusers' whole timesteps in
/// between.
fn group(
    from: NoiseLevel,
    to: NoiseLevel,
    trajectory: &Trajectory,
    target: Target,
    schedule: &NoiseSchedule,
) -> Result<Vec<Evaluation>> {
    let half = schedule.len() / trajectory.steps.len() / 2;
    let at = |time: f64| {
        let beyond = || {
            Error::invalid(
                "steps",
                "such that half steps are within the schedule",
                time,
            )
        };
        schedule.level(time as usize).ok_or_else(beyond)
    };
    let middle = at(to.time + half as f64)?;
    let first = at(from.time - half as f64)?;
    let step = |to: NoiseLevel, x: Combination, slope: Combination| {
        target.step(Step { from, to }, x, slope)
    };
    let (x, start) = (Combination::SAMPLE, Combination::START);
    let (k1, k_middle, k4) = (target.slope(from), target.slope(middle), target.slope(to));
    let sum = Combination::previous(1);
    // Recorded: k_1, k_1/6 + k_2/3, k_1/6 + k_2/3 + k_3/3.
    Ok(vec![
        Evaluation {
            record: Some(k1),
            start: Some(x),
            ..Evaluation::new(from, step(first, x, k1))
        },
        Evaluation {
            record: Some(sum / 6.0 + k_middle / 3.0),
            ..Evaluation::new(middle, step(middle, start, k_middle))
        },
        Evaluation {
            record: Some(sum + k_middle / 3.0),
            ..Evaluation::new(middle, step(to, start, k_middle))
        },
        Evaluation::new(to, step(to, start, sum + k4 / 6.0)),
    ])
}
