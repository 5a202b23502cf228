//! The probability-flow ODE with adaptive steps: the method 5(4) of Dormand and Prince.

mod tableau;
mod tolerance;

pub use tableau::TABLEAU;
pub use tolerance::Tolerance;

use tableau::ERROR_WEIGHTS;

use crate::diffusion::{NoiseLevel, Process};
use crate::{Error, Result};

use super::probability_flow::Coordinates;
use super::{Combination, Evaluation, Step};

/// Safety factor of the step size, and limits of its change from one step to the next.
const SAFETY: f64 = 0.9;
const MIN_GROWTH: f64 = 0.2;
const MAX_GROWTH: f64 = 5.0;

/// Size of the first step relative to the whole range.
const FIRST_STEP: f64 = 0.02;

/// Smallest step relative to the whole range; below it, `f32` cannot resolve the step.
const MIN_STEP: f64 = 1e-6;

/// An integration in progress, in the coordinates [`Angle`](Coordinates::Angle).
#[derive(Clone, Debug)]
pub struct Integration {
    process: Process,
    tolerance: Tolerance,
    from: NoiseLevel,
    to: NoiseLevel,
    ends_clean: bool,
    /// Divisor of the final sample.
    divisor: f64,
    /// Start and size of the current step.
    time: f64,
    step: f64,
    /// Index of the next slope.
    slope: usize,
    evaluations: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Running,
    Finished,
    Failed,
}

/// Outcome of the step-size control. [`Combination::previous`] counts back from the last slope of the step, which is 1.
pub(super) struct StepControl {
    /// The next sample.
    pub next: Combination,
    /// Whether the step is accepted: its sample is the start of the next step.
    pub accepted: bool,
    /// Position in the history of the first slope of the next step.
    pub first_slope: usize,
}

const ANGLE: Coordinates = Coordinates::Angle;

impl Integration {
    /// Number of slopes of a step, all kept in the history.
    pub(super) const DEPTH: usize = TABLEAU.nodes.len();

    /// From the first level to the last. Where the last level is clean, the integration ends one level before, and the
    /// final sample is the `x0_hat` there.
    ///
    /// # Errors
    /// Those of [`Tolerance::check`].
    pub(super) fn new(steps: &[Step], process: &Process, tolerance: Tolerance) -> Result<Self> {
        tolerance.check()?;
        let first = steps[0].from;
        let last = steps[steps.len() - 1];
        let ends_clean = last.to.sigma == 0.0;
        let to = if ends_clean { last.from } else { last.to };
        Ok(Self {
            process: process.clone(),
            tolerance,
            from: first,
            to,
            ends_clean,
            divisor: 1.0,
            time: ANGLE.time(first),
            step: FIRST_STEP * (ANGLE.time(to) - ANGLE.time(first)),
            slope: 0,
            evaluations: 0,
            state: State::Running,
        })
    }
}

impl Integration {
    pub(super) fn first_level(&self) -> NoiseLevel {
        self.from
    }

    pub(super) fn divide_end(&mut self, divisor: f64) {
        self.divisor = divisor;
    }

    /// The next evaluation; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Tolerance`] where the solver gave up.
    pub(super) fn evaluation(&self) -> Result<Option<Evaluation>> {
        match self.state {
            State::Finished => return Ok(None),
            State::Failed => {
                return Err(Error::Tolerance {
                    evaluations: self.evaluations,
                    time: self.level(self.time).time,
                });
            }
            State::Running => {}
        }
        let level = self.node(self.slope);
        let slope = ANGLE.slope(level);
        let next = match TABLEAU.matrix.get(self.slope + 1) {
            Some(factors) => self.along(factors, slope),
            None => Combination::SAMPLE,
        };
        Ok(Some(Evaluation {
            record: Some(slope),
            start: (self.slope == 0).then_some(Combination::SAMPLE),
            ..Evaluation::new(level, next)
        }))
    }

    /// Counts an evaluation; returns `true` once the step is complete and [step-size control](Self::control_step) is
    /// due.
    pub(super) fn advance(&mut self) -> bool {
        self.evaluations += 1;
        self.slope += 1;
        self.slope == TABLEAU.nodes.len()
    }

    /// Error estimate of a complete step, for a sample of unit variance.
    pub(super) fn error(&self) -> Combination {
        let term = |(index, weight): (usize, &f64)| *weight * Combination::previous(7 - index);
        let terms = ERROR_WEIGHTS.iter().enumerate().map(term);
        self.step * terms.fold(Combination::ZERO, |sum, term| sum + term)
    }

    /// Units of the error: the absolute tolerance, and the factors of the sample at the start and at the end of the
    /// step in the relative tolerance.
    pub(super) fn tolerances(&self) -> [f64; 3] {
        let relative = |level| self.tolerance.relative / ANGLE.scale(level);
        [
            self.tolerance.absolute,
            relative(self.level(self.time)),
            relative(self.level(self.time + self.step)),
        ]
    }

    /// Accepts the step, or rejects it and repeats it with a smaller one, by its error in units of the tolerance
    /// (Hairer, Nørsett & Wanner 1993, eq. II.4.13).
    pub(super) fn control_step(&mut self, error: f64) -> StepControl {
        let accepted = error <= 1.0; // and not NaN
        let (start, first_slope) = if accepted {
            (Combination::SAMPLE, 1)
        } else {
            (Combination::START, 7)
        };
        if accepted {
            self.time += self.step;
        }
        self.choose_step_size(error, accepted);
        self.slope = 1;
        let next = match self.state {
            State::Running => {
                let slope = TABLEAU.matrix[1][0] * Combination::previous(first_slope);
                let y = start / ANGLE.scale(self.level(self.time)) + self.step * slope;
                ANGLE.scale(self.node(1)) * y
            }
            State::Finished if self.ends_clean => Combination::CLEAN / self.divisor,
            State::Finished => start / self.divisor,
            State::Failed => start,
        };
        StepControl {
            next,
            accepted,
            first_slope,
        }
    }

    fn choose_step_size(&mut self, error: f64, accepted: bool) {
        let way = (ANGLE.time(self.to) - ANGLE.time(self.from)).abs();
        let left = ANGLE.time(self.to) - self.time;
        // What is left is rounding error.
        if left.abs() <= MIN_STEP * way {
            self.state = State::Finished;
            return;
        }
        let growth = if error.is_finite() {
            (SAFETY * error.powf(-0.2)).clamp(MIN_GROWTH, MAX_GROWTH)
        } else {
            MIN_GROWTH
        };
        self.step *= if accepted { growth } else { growth.min(1.0) };
        let too_short = self.step.abs() < MIN_STEP * way;
        if too_short || self.evaluations + 6 > self.tolerance.most_evaluations {
            self.state = State::Failed;
        }
        // Avoids a tiny last step.
        if self.step.abs() > left.abs() {
            self.step = left;
        } else if self.step.abs() > 0.5 * left.abs() {
            self.step = 0.5 * left;
        }
    }

    /// Expected total number of evaluations, assuming that the remaining steps have the current size.
    pub(super) fn expected_evaluations(&self) -> usize {
        let steps = (ANGLE.time(self.to) - self.time) / self.step;
        match self.state {
            State::Running => {
                1 + self.evaluations.saturating_sub(self.slope) + 6 * steps.round() as usize
            }
            State::Finished => self.evaluations,
            // The next call, which returns the error.
            State::Failed => self.evaluations + 1,
        }
    }

    /// The sample at the level of the next slope.
    fn along(&self, factors: &[f64], slope: Combination) -> Combination {
        let start = match self.slope {
            0 => Combination::SAMPLE,
            _ => Combination::START,
        };
        let mut y =
            start / ANGLE.scale(self.level(self.time)) + self.step * factors[self.slope] * slope;
        for (earlier, factor) in factors[..self.slope].iter().enumerate() {
            y = y + self.step * factor * Combination::previous(self.slope - earlier);
        }
        ANGLE.scale(self.node(self.slope + 1)) * y
    }

    /// The level of a slope of the current step.
    fn node(&self, slope: usize) -> NoiseLevel {
        self.level(self.time + TABLEAU.nodes[slope] * self.step)
    }

    fn level(&self, time: f64) -> NoiseLevel {
        // The ends are returned exactly: the noise-to-signal ratio may be infinite there, and rounding must not lead
        // outside the schedule.
        let (start, end) = (ANGLE.time(self.from), ANGLE.time(self.to));
        let passed = (time - start) / (end - start);
        match passed {
            ..1e-9 => self.from,
            1e-9..0.999_999_999 => self.process.at_noise_to_signal(ANGLE.noise_to_signal(time)),
            _ => self.to,
        }
    }
}
