//! Linear multistep methods: Adams–Bashforth for the probability-flow ODE, with steps of any length.

use super::catalog::{Entry, OptionValue, Parameter};
use super::lagrange::lagrange;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, probability_flow};
use crate::{Error, Result};

/// Maximum number of slopes that a step combines.
const MAX_ORDER: usize = 4;

/// The linear multistep method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lms {
    /// Number of slopes that a step combines, 1 to 4.
    pub order: usize,
}

impl Default for Lms {
    /// Order 4.
    fn default() -> Self {
        Self { order: MAX_ORDER }
    }
}

impl SamplingMethod for Lms {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "lms",
        "Linear multistep",
        [
            "Bashforth & Adams 1883",
            "https://archive.org/details/attempttest00bashrich",
        ],
    )
    .with(&[Parameter::order(MAX_ORDER, MAX_ORDER)])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        (name == "order").then_some(&mut self.order)
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some("LMSDiscreteScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self.order).map(Plan::from)
    }
}

/// Each step integrates exactly the polynomial through the latest slopes `dy/ds = eps_hat`, with `y = x/alpha` and
/// `s = sigma/alpha`:
///
/// `y' = y + Σ_j c_j·eps_hat_{i−j}`, `c_j = ∫_s^{s'} Π_{k≠j} (r − s_{i−k})/(s_{i−j} − s_{i−k}) dr`
///
/// (Bashforth & Adams 1883; Hairer, Nørsett & Wanner 1993, section III.1, with coefficients for uneven steps as in
/// section III.5).
///
/// As in diffusers, step `i` uses the coefficients of order `min(i + 1, order)` even where a run starts part-way, and
/// omits the slopes that are not available. A step from pure noise, where `s` is infinite, is an Euler step, and later
/// steps do not use its slope.
///
/// # Errors
/// [`Error::InvalidOption`] for an order outside 1 to 4.
pub fn evaluations(trajectory: &Trajectory, order: usize) -> Result<Vec<Evaluation>> {
    if !(1..=MAX_ORDER).contains(&order) {
        return Err(Error::invalid("order", "1, 2, 3 or 4", order));
    }
    let infinite = |step: &&Step| step.from.alpha == 0.0;
    let pure_noise = trajectory.steps.iter().take_while(infinite).count();
    let evaluation = |index: usize| {
        let step = trajectory.steps[index];
        if index < pure_noise {
            return Evaluation::new(step.from, probability_flow::euler(step));
        }
        let order = order.min(index + 1 - pure_noise);
        let ratios: Vec<f64> = (0..order)
            .map(|back| trajectory.steps[index - back].from.noise_to_signal())
            .collect();
        let slope = Combination::noise_estimate(step.from);
        let mut y = Combination::SAMPLE / step.from.alpha;
        for back in 0..order.min(index - trajectory.begin + 1) {
            let coefficient = coefficient(&ratios, back, step.to.noise_to_signal());
            let slope = match back {
                0 => slope,
                _ => Combination::previous(back),
            };
            y = y + coefficient * slope;
        }
        Evaluation {
            record: Some(slope),
            ..Evaluation::new(step.from, step.to.alpha * y)
        }
    };
    Ok((trajectory.begin..trajectory.steps.len())
        .map(evaluation)
        .collect())
}

/// Integral, from the first node to `end`, of the Lagrange polynomial that is 1 at node `index` and 0 at the others.
pub fn coefficient(nodes: &[f64], index: usize, end: f64) -> f64 {
    // In powers of r − nodes[0].
    let shifted: Vec<f64> = nodes.iter().map(|node| node - nodes[0]).collect();
    let length = end - nodes[0];
    let terms = lagrange(&shifted, index).into_iter().enumerate();
    terms
        .map(|(power, factor)| factor * length.powi(power as i32 + 1) / (power + 1) as f64)
        .sum()
}
