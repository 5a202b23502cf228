//! Explicit Runge–Kutta methods for the probability-flow ODE, given by their Butcher tableaux.

use crate::diffusion::{NoiseLevel, Process};

use super::probability_flow::Coordinates;
use super::{Combination, Evaluation, Step};

/// Coefficients of an explicit Runge–Kutta method. With `h = time' − time` and the slopes
/// `k_i = f(time + nodes[i]·h, y + h·Σ_j matrix[i][j]·k_j)`, the step is `y' = y + h·Σ_i weights[i]·k_i` (Hairer,
/// Nørsett & Wanner 1993, section II.1).
#[derive(Clone, Copy, Debug)]
pub struct Tableau {
    /// `c`: position of each slope in the step; the first is 0.
    pub nodes: &'static [f64],
    /// `a`: row `i` contains the factors of the `i` previous slopes.
    pub matrix: &'static [&'static [f64]],
    /// `b`
    pub weights: &'static [f64],
}

/// Heun's method of order 2, the explicit trapezoidal rule.
pub const HEUN: Tableau = Tableau {
    nodes: &[0.0, 1.0],
    matrix: &[&[], &[1.0]],
    weights: &[0.5, 0.5],
};

/// The classical method of order 4 (Kutta 1901).
pub const CLASSICAL: Tableau = Tableau {
    nodes: &[0.0, 0.5, 0.5, 1.0],
    matrix: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    weights: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
};

impl Tableau {
    /// One evaluation per slope.
    pub(super) fn evaluations(
        &self,
        step: Step,
        process: &Process,
        coordinates: Coordinates,
    ) -> Vec<Evaluation> {
        let level = |index: usize| self.level(index, step, process, coordinates);
        let evaluation = |index: usize| {
            let factors = match self.matrix.get(index + 1) {
                Some(row) => row,
                None => self.weights,
            };
            let to = if index + 1 < self.nodes.len() {
                level(index + 1)
            } else {
                step.to
            };
            self.evaluation(index, level(index), step, to, factors, coordinates)
        };
        (0..self.nodes.len()).map(evaluation).collect()
    }

    /// The level of slope `index`.
    fn level(
        &self,
        index: usize,
        Step { from, to }: Step,
        process: &Process,
        coordinates: Coordinates,
    ) -> NoiseLevel {
        match self.nodes[index] {
            0.0 => from,
            1.0 => to,
            node => {
                let (start, end) = (coordinates.time(from), coordinates.time(to));
                process
                    .at_noise_to_signal(coordinates.noise_to_signal(start + node * (end - start)))
            }
        }
    }

    /// Evaluates slope `index` at `level`, and moves from the start of the step to `to` along the slopes so far.
    fn evaluation(
        &self,
        index: usize,
        level: NoiseLevel,
        step: Step,
        to: NoiseLevel,
        factors: &[f64],
        coordinates: Coordinates,
    ) -> Evaluation {
        let slope = coordinates.slope(level);
        let start = match index {
            0 => Combination::SAMPLE,
            _ => Combination::START,
        };
        let h = coordinates.time(step.to) - coordinates.time(step.from);
        let mut y = start / coordinates.scale(step.from) + h * factors[index] * slope;
        for (earlier, factor) in factors[..index].iter().enumerate() {
            y = y + h * factor * Combination::previous(index - earlier);
        }
        Evaluation {
            record: Some(slope),
            start: (index == 0).then_some(Combination::SAMPLE),
            ..Evaluation::new(level, coordinates.scale(to) * y)
        }
    }
}
