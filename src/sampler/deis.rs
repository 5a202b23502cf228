//! DEIS: exponential integrators with polynomials in `ln(sigma/alpha)`.

use super::catalog::{Entry, LOWER_ORDER_FINAL, OptionValue, Parameter, papers};
use super::dpm_solver::{SHORT, exponential_tail, order_at};
use super::lagrange::lagrange;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::{Error, Result};

/// Options of DEIS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Number of estimates that a step combines, 1 to 3.
    pub order: usize,
    /// Whether the order is lowered in the last two steps of a run with fewer than 15.
    pub lower_order_final: bool,
}

impl Default for Options {
    /// Order 2, lowered at the end.
    fn default() -> Self {
        Self {
            order: 2,
            lower_order_final: true,
        }
    }
}

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[Entry::new("deis", "DEIS", papers::ZHANG_2023)
        .with(&[Parameter::order(3, 2), LOWER_ORDER_FINAL])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "order" => &mut self.order,
            "lower_order_final" => &mut self.lower_order_final,
            _ => return None,
        })
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some("DEISMultistepScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self).map(Plan::from)
    }
}

/// Each step integrates exactly the polynomial in `ln ρ` through the last noise estimates, with `ρ = sigma/alpha`:
///
/// `x'/alpha' = x/alpha + Σ_j C_j·eps_hat_{i−j}`,
/// `C_j = ∫_ρ^{ρ'} Π_{k≠j} (ln r − ln ρ_{i−k})/(ln ρ_{i−j} − ln ρ_{i−k}) dr`
///
/// (Zhang & Chen 2023, eq. 15 and section 4: the variant "logρ" of tAB-DEIS). Order 1 is DDIM, which also handles steps
/// from pure noise and to zero noise.
///
/// # Errors
/// [`Error::InvalidOption`] for an order outside 1 to 3.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    if !(1..=3).contains(&options.order) {
        return Err(Error::invalid("order", "1, 2 or 3", options.order));
    }
    let lowered_below = if options.lower_order_final { SHORT } else { 0 };
    let evaluation = |index: usize| {
        let step = trajectory.steps[index];
        let slope = Combination::noise_estimate(step.from);
        let order = order_at(trajectory, index, options.order, lowered_below);
        Evaluation {
            record: Some(slope),
            ..Evaluation::new(step.from, update(&trajectory.steps[..=index], order))
        }
    };
    Ok((trajectory.begin..trajectory.steps.len())
        .map(evaluation)
        .collect())
}

/// The update of the last of `steps`.
fn update(steps: &[Step], order: usize) -> Combination {
    let last = steps.len() - 1;
    let Step { from, to } = steps[last];
    let slope = Combination::noise_estimate(from);
    if order == 1 {
        return to.alpha * Combination::CLEAN + to.sigma * slope;
    }
    let nodes: Vec<f64> = (0..order)
        .map(|back| steps[last - back].from.noise_to_signal().ln())
        .collect();
    let slopes = [slope]
        .into_iter()
        .chain((1..order).map(Combination::previous));
    let y = slopes
        .enumerate()
        .fold(Combination::SAMPLE / from.alpha, |y, (back, slope)| {
            y + coefficient(&nodes, back, to.noise_to_signal().ln()) * slope
        });
    to.alpha * y
}

/// `∫ L(u)·exp(u) du` from the first node to `end`, where the polynomial `L` is 1 at node `index` and 0 at the others.
pub fn coefficient(nodes: &[f64], index: usize, end: f64) -> f64 {
    let length = end - nodes[0];
    // ∫_0^length v^k·exp(v) dv = k!·length^(k+1)·exp(length)·φ_{k+1}(−length)
    let moment = |power: usize| {
        let factorial: f64 = (1..=power).map(|i| i as f64).product();
        -factorial * length.powi(power as i32) * length.exp() * exponential_tail(-length, power)
    };
    // L in powers of v = u − nodes[0].
    let shifted: Vec<f64> = nodes.iter().map(|node| node - nodes[0]).collect();
    let terms = lagrange(&shifted, index).into_iter().enumerate();
    let integral: f64 = terms.map(|(power, factor)| factor * moment(power)).sum();
    nodes[0].exp() * integral
}
