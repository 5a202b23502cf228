//! Groups of up to three evaluations, all of which start from the same sample (Lu et al. 2022b, algorithm 1; 2022a,
//! algorithms 1 and 2).

use super::{Factors, Options, SolverType, ends_clean, usable_estimates};
use crate::sampler::{Combination, Evaluation, Step, Trajectory};

pub(super) fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    let orders = orders(trajectory, options);
    let evaluation = |index: usize| {
        let step = trajectory.steps[index];
        // A run that starts inside a group has fewer estimates than the group.
        let order = usable_estimates(trajectory, index, orders[index]);
        let estimate = options.target.estimate(step.from);
        Evaluation {
            record: Some(estimate),
            start: (order == 1).then_some(Combination::SAMPLE),
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

/// Order of each evaluation: groups of 1, 2, …, `order`, of which the last completes the group. Lower orders follow at
/// the end where the number of steps is not a multiple of the order, and where the run ends at zero noise.
fn orders(trajectory: &Trajectory, options: &Options) -> Vec<usize> {
    let (steps, order) = (trajectory.steps.len(), options.order);
    let mut orders: Vec<usize> = (0..steps).map(|index| index % order + 1).collect();
    let lower = options.lower_order_final && steps.is_multiple_of(order);
    if let (Some(last), true) = (orders.last_mut(), lower || ends_clean(trajectory)) {
        // The last group is one evaluation shorter, followed by one evaluation of order 1.
        *last = 1;
    }
    orders
}

/// The update of the last of `steps`, from the start of its group.
fn update(steps: &[Step], order: usize, options: &Options) -> Combination {
    let last = steps.len() - 1;
    let level = |back: usize| steps[last - back].from;
    let estimate = options.target.estimate(level(0));
    let whole = Step {
        from: level(order - 1),
        to: steps[last].to,
    };
    let factors = Factors::new(whole, options.target, options.equation);
    let h = whole.log_snr_step();
    // Position of an evaluation in the group, in units of h.
    let at = |back: usize| {
        let to = level(back);
        Step { to, ..whole }.log_snr_step() / h
    };
    let x = Combination::START;
    let [m1, m2] = [1, 2].map(Combination::previous);
    match order {
        1 => factors.first(Combination::SAMPLE, estimate),
        2 => {
            let d1 = (estimate - m1) / at(0);
            factors.second(x, [m1, d1], options.solver_type)
        }
        _ => {
            let (r0, r1) = (at(0), at(1));
            let (early, late) = ((m1 - m2) / r1, (estimate - m2) / r0);
            match options.solver_type {
                SolverType::Midpoint => factors.third(x, [m2, late, Combination::ZERO]),
                SolverType::Heun => {
                    let d1 = (r0 * early - r1 * late) / (r0 - r1);
                    let d2 = 2.0 * (late - early) / (r0 - r1);
                    factors.third(x, [m2, d1, d2])
                }
            }
        }
    }
}
