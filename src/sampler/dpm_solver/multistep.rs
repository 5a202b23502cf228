//! One evaluation per step; the derivatives are divided differences of the last estimates (Lu et al. 2022b, algorithm 2).
//!
//! The paper stops at order 2. At "order 3" the authors' code, and diffusers with it, takes half of the second derivative that its Taylor
//! expansion asks for; so do we, for the same samples. It converges with order 2, with a smaller error.

use super::{Factors, Options, SHORT, order_at};
use crate::sampler::{Combination, Interval, Route, Stage};

pub(super) fn stages(route: &Route, options: &Options) -> Vec<Stage> {
    let stage = |index: usize| {
        let interval = route.intervals[index];
        let order = order(route, options, index);
        let estimate = options.target.estimate(interval.from);
        Stage {
            remember: Some(estimate),
            ..Stage::new(
                interval.from,
                update(&route.intervals[..=index], order, options),
            )
        }
    };
    (route.begin..route.intervals.len()).map(stage).collect()
}

/// The order of a step: as many estimates as there are, and fewer at the end.
fn order(route: &Route, options: &Options, index: usize) -> usize {
    let lowered_below = if options.lower_order_final { SHORT } else { 0 };
    if options.euler_at_final && index + 1 == route.intervals.len() {
        1
    } else {
        order_at(route, index, options.order, lowered_below)
    }
}

/// The last of the steps.
fn update(steps: &[Interval], order: usize, options: &Options) -> Combination {
    let last = steps.len() - 1;
    let interval = steps[last];
    let factors = Factors::new(interval, options.target, options.equation);
    let (x, m0) = (Combination::SAMPLE, options.target.estimate(interval.from));
    if order == 1 {
        return factors.first(x, m0);
    }
    let h = interval.log_snr_step();
    // λ_{s_k} − λ_{s_{k+1}} in units of h.
    let ratio = |back: usize| {
        let (from, to) = (steps[last - back - 1].from, steps[last - back].from);
        Interval { from, to }.log_snr_step() / h
    };
    let [m1, m2] = [1, 2].map(Combination::remembered);
    let (r0, d1) = (ratio(0), (m0 - m1) / ratio(0));
    if order == 2 {
        return factors.second(x, [m0, d1], options.solver_type);
    }
    let r1 = ratio(1);
    let earlier = (m1 - m2) / r1;
    // Half of it: the second divided difference.
    let d2 = (d1 - earlier) / (r0 + r1);
    factors.third(x, [m0, d1 + r0 * d2, d2])
}
