//! UniPC: a predictor and a corrector of the same family, with one evaluation per step.

use super::catalog::{Domain, Entry, LOWER_ORDER_FINAL, OptionValue, Parameter, words};
use super::dpm_solver::{Target, ends_clean, exponential_tail, has_length, usable_estimates};
use super::lagrange::lagrange;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::{Error, Result};

/// Maximum order; the history holds as many estimates.
const MAX_ORDER: usize = 6;

/// The function `B(h)` that scales the residual (Zhao et al. 2023, section 3.2 and appendix F).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// `B(h) = h`
    Bh1,
    /// `B(h) = exp(h) − 1`
    Bh2,
}

words!(Variant {
    Bh1 = "bh1",
    Bh2 = "bh2",
});

/// Options of UniPC.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Order of the predictor, 1 to 6; 2 and 3 are common. The order of the corrector is one higher.
    pub order: usize,
    /// `solver_type`
    pub variant: Variant,
    /// `predict_x0`: the quantity that is approximated by a polynomial in the log-SNR.
    pub target: Target,
    /// Whether the order is lowered in the last steps, down to 1 in the last.
    pub lower_order_final: bool,
    /// Indices of steps whose result is not corrected: `disable_corrector`.
    pub uncorrected: Vec<usize>,
}

impl Default for Options {
    /// Order 2 with `B(h) = exp(h) − 1` in the clean sample, lowered at the end.
    fn default() -> Self {
        Self {
            order: 2,
            variant: Variant::Bh2,
            target: Target::Clean,
            lower_order_final: true,
            uncorrected: Vec::new(),
        }
    }
}

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "unipc",
        "UniPC",
        ["Zhao et al. 2023", "https://arxiv.org/abs/2302.04867"],
    )
    .with(&[
        Parameter::order(MAX_ORDER, 2),
        Parameter::new(
            "variant",
            "B(h)",
            "Function of the step size h: h, or exp(h) − 1.",
            Domain::choice(Variant::WORDS, "bh2"),
        ),
        Parameter::new(
            "predict_clean",
            "In the clean estimate",
            "Integrates the clean estimate instead of the noise.",
            Domain::flag(true),
        ),
        LOWER_ORDER_FINAL,
    ])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "order" => &mut self.order,
            "variant" => &mut self.variant,
            "predict_clean" => &mut self.target,
            "lower_order_final" => &mut self.lower_order_final,
            _ => return None,
        })
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some("UniPCMultistepScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self).map(Plan::from)
    }
}

/// One evaluation per step. It corrects the sample at which it was made (UniC-p, Zhao et al. 2023, algorithm 1), and
/// then predicts the next sample (UniP-p, algorithm 2).
///
/// # Errors
/// [`Error::InvalidOption`] for an order outside 1 to 6, and where a first step from pure noise or a last step to zero
/// noise is undefined.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Result<Vec<Evaluation>> {
    options.check(trajectory)?;
    let evaluation = |index: usize| {
        let step = trajectory.steps[index];
        let known = index - trajectory.begin;
        let corrects = known > 0 && !options.uncorrected.contains(&(index - 1));
        let corrected = if corrects {
            options.corrected(trajectory, index - 1)
        } else {
            Combination::SAMPLE
        };
        Evaluation {
            record: Some(options.target.estimate(step.from)),
            start: Some(corrected),
            ..Evaluation::new(step.from, options.predicted(trajectory, index, corrected))
        }
    };
    Ok((trajectory.begin..trajectory.steps.len())
        .map(evaluation)
        .collect())
}

impl Options {
    fn check(&self, trajectory: &Trajectory) -> Result<()> {
        if !(1..=MAX_ORDER).contains(&self.order) {
            let expected = format!("between 1 and {MAX_ORDER}");
            return Err(Error::invalid("order", expected, self.order));
        }
        let bounded = self.target == Target::Clean && self.variant == Variant::Bh2;
        let ends_at_order_1 = self.lower_order_final || self.order == 1;
        if ends_clean(trajectory) && !(bounded && ends_at_order_1) {
            let expected = "sigma_min; zero requires the variant bh2 in the clean sample and lower_order_final";
            return Err(Error::invalid("final_sigma", expected, "zero"));
        }
        if bounded {
            Ok(())
        } else {
            trajectory.needs_signal()
        }
    }

    /// Order of the predictor of a step; the order of its corrector is one higher.
    fn order(&self, trajectory: &Trajectory, index: usize) -> usize {
        let left = trajectory.steps.len() - index;
        let order = if self.lower_order_final {
            self.order.min(left)
        } else {
            self.order
        };
        if has_length(trajectory.steps[index]) {
            usable_estimates(trajectory, index, order)
        } else {
            1
        }
    }

    /// The sample after step `index`, predicted from `x` with the estimate at its start and the previous ones.
    fn predicted(&self, trajectory: &Trajectory, index: usize, x: Combination) -> Combination {
        let order = self.order(trajectory, index);
        let m0 = self.target.estimate(trajectory.steps[index].from);
        let estimates: Vec<Combination> = [m0]
            .into_iter()
            .chain((1..order).map(Combination::previous))
            .collect();
        let conditions = OrderConditions::new(self, trajectory, index, order);
        conditions.from(x, &estimates, &conditions.predictor_weights(), None)
    }

    /// The sample after step `index`, recomputed from its start with the estimate at its end.
    fn corrected(&self, trajectory: &Trajectory, index: usize) -> Combination {
        let order = self.order(trajectory, index);
        let new = self.target.estimate(trajectory.steps[index + 1].from);
        let estimates: Vec<Combination> = (1..=order).map(Combination::previous).collect();
        let conditions = OrderConditions::new(self, trajectory, index, order);
        conditions.from(
            Combination::START,
            &estimates,
            &conditions.corrector_weights(),
            Some(new),
        )
    }
}

/// The order conditions of a step, in units of `h = λ' − λ`.
struct OrderConditions {
    step: Step,
    target: Target,
    /// `r_k`, positions of the previous estimates; the last is 1, the end of the step.
    nodes: Vec<f64>,
    /// `φ_1 = exp(hh) − 1` and `B(h)`, where `hh` is `−h` for the clean sample and `h` for the noise.
    phi: f64,
    scale: f64,
    /// `b_j = j!·hh·φ_{j+1}(hh)/B(h)`, the right side of the order conditions (Zhao et al. 2023, eq. 5).
    conditions: Vec<f64>,
}

impl OrderConditions {
    fn new(options: &Options, trajectory: &Trajectory, index: usize, order: usize) -> Self {
        let step = trajectory.steps[index];
        let h = step.log_snr_step();
        let earlier = (1..order).map(|back| {
            let to = trajectory.steps[index - back].from;
            Step { to, ..step }.log_snr_step() / h
        });
        let hh = match options.target {
            Target::Clean => -h,
            Target::Noise => h,
        };
        let phi = hh.exp_m1();
        let scale = match options.variant {
            Variant::Bh1 => hh,
            Variant::Bh2 => phi,
        };
        let mut factorial = 1.0;
        let condition = |j: usize| {
            factorial *= j as f64;
            exponential_tail(hh, j) * factorial / scale
        };
        Self {
            step,
            target: options.target,
            nodes: earlier.chain([1.0]).collect(),
            phi,
            scale,
            conditions: (1..=order).map(condition).collect(),
        }
    }

    fn predictor_weights(&self) -> Vec<f64> {
        match self.nodes.len() {
            1 => Vec::new(),
            2 => vec![0.5],
            order => solve(&self.nodes[..order - 1], &self.conditions),
        }
    }

    fn corrector_weights(&self) -> Vec<f64> {
        match self.nodes.len() {
            1 => vec![0.5],
            _ => solve(&self.nodes, &self.conditions),
        }
    }

    /// `x' = (the exact solution for a constant estimate) − factor·B(h)·Σ_k ρ_k·(m_k − m_0)/r_k`.
    fn from(
        &self,
        x: Combination,
        estimates: &[Combination],
        weights: &[f64],
        new: Option<Combination>,
    ) -> Combination {
        let Step { from, to } = self.step;
        let (keep, factor) = match self.target {
            Target::Clean => (to.sigma / from.sigma, to.alpha),
            Target::Noise => (to.alpha / from.alpha, to.sigma),
        };
        let m0 = estimates[0];
        let others = estimates[1..].iter().copied().chain(new);
        let terms = others.zip(&self.nodes).zip(weights);
        let residual = terms.fold(Combination::ZERO, |sum, ((m, node), weight)| {
            sum + *weight / node * (m - m0)
        });
        keep * x - factor * self.phi * m0 - factor * self.scale * residual
    }
}

/// The weights `ρ` with `Σ_k ρ_k·r_k^(j−1) = b_j`, by Lagrange's solution of the transposed Vandermonde system: `ρ_k`
/// is the scalar product of `b` and the coefficients of the polynomial that is 1 at `r_k` and 0 at the other nodes.
fn solve(nodes: &[f64], right: &[f64]) -> Vec<f64> {
    let weight = |index: usize| {
        let polynomial = lagrange(nodes, index);
        polynomial
            .iter()
            .zip(right)
            .map(|(factor, b)| factor * b)
            .sum()
    };
    (0..nodes.len()).map(weight).collect()
}
