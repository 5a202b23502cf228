//! One evaluation per step. The derivatives are divided differences of the latest estimates (Lu et al. 2022b, algorithm
//! 2).
//!
//! The paper stops at order 2. At "order 3" the authors' code and diffusers use half of the second derivative of the
//! Taylor expansion; so does this implementation, to reproduce their samples. It converges with order 2, with a smaller
//! error.

use super::{Factors, Options, SHORT, order_at};
use crate::sampler::{Combination, Evaluation, Step, Trajectory};

pub(super) fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    let evaluation = |index: usize| {
        let step = trajectory.steps[index];
        let order = order(trajectory, options, index);
        let estimate = options.target.estimate(step.from);
        Evaluation {
            record: Some(estimate),
            ..Evaluation::new(
                step.from,
                update(&trajectory.steps[..=index], order, options),
            )
        }
    };
    (trajectory.begin..trajectory.steps.len())
        .map(evaluation)
        .collect()
}

/// Order of a step: limited by the number of estimates, and lowered at the end.
fn order(trajectory: &Trajectory, options: &Options, index: usize) -> usize {
    let lowered_below = if options.lower_order_final { SHORT } else { 0 };
    if options.euler_at_final && index + 1 == trajectory.steps.len() {
        1
    } else {
        order_at(trajectory, index, options.order, lowered_below)
    }
}

/// The update of the last of `steps`.
fn update(steps: &[Step], order: usize, options: &Options) -> Combination {
    let last = steps.len() - 1;
    let step = steps[last];
    let factors = Factors::new(step, options.target, options.equation);
    let (x, m0) = (Combination::SAMPLE, options.target.estimate(step.from));
    if order == 1 {
        return factors.first(x, m0);
    }
    let h = step.log_snr_step();
    // λ_{s_k} − λ_{s_{k+1}} in units of h.
    let ratio = |back: usize| {
        let (from, to) = (steps[last - back - 1].from, steps[last - back].from);
        Step { from, to }.log_snr_step() / h
    };
    let [m1, m2] = [1, 2].map(Combination::previous);
    let (r0, d1) = (ratio(0), (m0 - m1) / ratio(0));
    if order == 2 {
        return factors.second(x, [m0, d1], options.solver_type);
    }
    let r1 = ratio(1);
    let earlier = (m1 - m2) / r1;
    // Half of the second derivative: the second divided difference.
    let d2 = (d1 - earlier) / (r0 + r1);
    factors.third(x, [m0, d1 + r0 * d2, d2])
}
