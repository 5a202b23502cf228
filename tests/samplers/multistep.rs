//! The multistep methods LMS, PNDM and IPNDM.

use tweedie::Error;
use tweedie::diffusion::{Betas, NoiseLevel, NoiseSchedule, Process};
use tweedie::sampler::pndm::{Options, Target, WarmUp};
use tweedie::sampler::{
    Combination, Evaluation, MAX_HISTORY, Step, Trajectory, ddim, ipndm, lms, pndm,
    probability_flow,
};

use crate::common::scalar::{self, exact_flow, order};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

const PLMS: Options = Options {
    warm_up: WarmUp::LowerOrders,
    target: Target::Noise,
};
const PNDM: Options = Options {
    warm_up: WarmUp::RungeKutta,
    target: Target::Noise,
};

/// Steps between these noise-to-signal ratios `sigma/alpha`, at fractions `grading(i/steps)`.
fn trajectory(process: &Process, steps: usize, grading: fn(f64) -> f64) -> Trajectory {
    let (start, end) = (3.0, 0.2);
    let noise_to_signal = |i: usize| start + (end - start) * grading(i as f64 / steps as f64);
    let levels: Vec<NoiseLevel> = (0..=steps)
        .map(|i| process.at_noise_to_signal(noise_to_signal(i)))
        .collect();
    Trajectory::new(Step::chain(&levels), process.clone())
}

fn even(process: &Process, steps: usize) -> Trajectory {
    trajectory(process, steps, |part| part)
}

fn edm() -> Process {
    Process::Edm { sigma_data: 0.5 }
}

/// A schedule in which `sigma/alpha` is linear in the timestep, so that evenly spaced timesteps are even steps.
fn linear_noise_to_signal(timesteps: usize) -> NoiseSchedule {
    let alpha_bar = |t: usize| {
        let noise_to_signal = 0.1 + 0.7 * t as f64 / (timesteps - 1) as f64;
        1.0 / (1.0 + noise_to_signal * noise_to_signal)
    };
    let beta = |t: usize| match t {
        0 => 1.0 - alpha_bar(0),
        _ => 1.0 - alpha_bar(t) / alpha_bar(t - 1),
    };
    let betas = Betas::Trained((0..timesteps).map(beta).collect());
    NoiseSchedule::new(&betas, timesteps).unwrap()
}

/// `steps` even steps from the last timestep to the first, where `steps` divides `timesteps − 1`.
fn discrete(schedule: &NoiseSchedule, steps: usize) -> Trajectory {
    let stride = (schedule.len() - 1) / steps;
    let level = |i: usize| schedule.level((steps - i) * stride).unwrap();
    let levels: Vec<NoiseLevel> = (0..=steps).map(level).collect();
    Trajectory::new(Step::chain(&levels), Process::Discrete(schedule.clone()))
}

fn error(trajectory: &Trajectory, evaluations: &[Evaluation]) -> f64 {
    let (from, to) = (
        trajectory.steps[0].from,
        trajectory.steps.last().unwrap().to,
    );
    let x = 1.3 * from.sigma;
    let found = scalar::run(
        evaluations,
        x,
        scalar::gaussian(MEAN, STD),
        || unreachable!(),
    );
    found - exact_flow(x, from, to, MEAN, STD)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

/// Asserts that two combinations have the same factors.
fn assert_same(found: Combination, expected: Combination) {
    let difference = found - expected;
    let factors = [
        difference.sample,
        difference.clean,
        difference.eps,
        difference.start,
        difference.noise,
    ];
    let worst = factors.iter().chain(&difference.history);
    let worst = worst.fold(0.0_f64, |worst, factor| worst.max(factor.abs()));
    assert!(worst < 1e-12, "{found:?} is not {expected:?}");
}

#[test]
fn lms_has_each_of_its_orders() {
    // The first steps, of lower order, are short, so that their errors are negligible.
    let graded = |part: f64| part.powi(3);
    for process in [edm(), Process::FlowMatching { timesteps: 1.0 }] {
        for nominal in 1..=4 {
            let error = |steps| {
                let trajectory = trajectory(&process, steps, graded);
                error(
                    &trajectory,
                    &lms::evaluations(&trajectory, nominal).unwrap(),
                )
            };
            let order = order(error, 400);
            assert!(
                (order - nominal as f64).abs() < 0.15,
                "{process:?} {nominal}: {order}"
            );
        }
    }
}

#[test]
fn lms_coefficients_integrate_polynomials_exactly() {
    let nodes = [3.0, 3.7, 5.0, 5.1];
    let end = 2.2_f64;
    for power in 0..4 {
        let terms = (0..4).map(|j| lms::coefficient(&nodes, j, end) * nodes[j].powi(power));
        let antiderivative = |r: f64| r.powi(power + 1) / f64::from(power + 1);
        let exact = antiderivative(end) - antiderivative(nodes[0]);
        assert!((terms.sum::<f64>() - exact).abs() < 1e-10, "{power}");
    }
}

#[test]
fn lms_of_order_one_is_eulers_method() {
    let trajectory = even(&edm(), 7);
    for (evaluation, step) in lms::evaluations(&trajectory, 1)
        .unwrap()
        .iter()
        .zip(&trajectory.steps)
    {
        assert_same(evaluation.next, probability_flow::euler(*step));
    }
}

#[test]
fn lms_that_starts_part_way_leaves_out_the_slopes_that_it_does_not_have() {
    let mut trajectory = even(&edm(), 9);
    let whole = lms::evaluations(&trajectory, 4).unwrap();
    trajectory.begin = 5;
    let part = lms::evaluations(&trajectory, 4).unwrap();
    assert_eq!(part.len(), 4);
    for (known, (part, whole)) in part.iter().zip(&whole[5..]).enumerate() {
        let mut expected = whole.next;
        expected.history[known.min(MAX_HISTORY)..].fill(0.0);
        assert_same(part.next, expected);
    }
}

#[test]
fn lms_steps_from_pure_noise_and_to_none() {
    let process = Process::FlowMatching { timesteps: 1.0 };
    let noise = NoiseLevel {
        time: 1.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let ratios = [9.0, 4.0, 2.0, 1.0, 0.4]
        .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let levels = [vec![noise], ratios.to_vec(), vec![NoiseLevel::CLEAN]].concat();
    let trajectory = Trajectory::new(Step::chain(&levels), process);
    let evaluations = lms::evaluations(&trajectory, 4).unwrap();
    assert_same(
        evaluations[0].next,
        probability_flow::euler(trajectory.steps[0]),
    );
    assert!(error(&trajectory, &evaluations).abs() < 0.1);
    let flow = ipndm::evaluations(&trajectory);
    assert_same(flow[0].next, probability_flow::euler(trajectory.steps[0]));
    assert!(error(&trajectory, &flow).is_finite());
}

#[test]
fn lms_refuses_other_orders() {
    for order in [0, 5] {
        assert_eq!(refused(lms::evaluations(&even(&edm(), 3), order)), "order");
    }
}

#[test]
fn ipndm_is_lms_where_steps_are_even() {
    for process in [edm(), Process::FlowMatching { timesteps: 1.0 }] {
        let trajectory = even(&process, 8);
        let lms = lms::evaluations(&trajectory, 4).unwrap();
        for (evaluation, expected) in ipndm::evaluations(&trajectory).iter().zip(&lms) {
            assert_same(evaluation.next, expected.next);
        }
    }
}

#[test]
fn ipndm_starts_with_ddims_step_wherever_it_starts() {
    let mut trajectory = even(&edm(), 8);
    trajectory.begin = 3;
    let evaluations = ipndm::evaluations(&trajectory);
    assert_eq!(evaluations.len(), 5);
    let ddim = ddim::update(trajectory.steps[3], 0.0, ddim::NoiseEstimate::Rederived);
    assert_same(evaluations[0].next, ddim);
}

#[test]
fn pndm_is_of_order_four() {
    let schedule = linear_noise_to_signal(4097);
    let error = |steps| {
        let trajectory = discrete(&schedule, steps);
        let evaluations = pndm::evaluations(&trajectory, &PNDM).unwrap();
        assert_eq!(evaluations.len(), steps + 9);
        error(&trajectory, &evaluations)
    };
    let order = order(error, 128);
    assert!((order - 4.0).abs() < 0.15, "{order}");
}

#[test]
fn plms_keeps_the_order_three_of_its_start() {
    // Two evaluations in the first step have an error of order 3, as has the second step.
    let schedule = linear_noise_to_signal(4097);
    let error = |steps| {
        let trajectory = discrete(&schedule, steps);
        let evaluations = pndm::evaluations(&trajectory, &PLMS).unwrap();
        assert_eq!(evaluations.len(), steps + 1);
        error(&trajectory, &evaluations)
    };
    let order = order(error, 256);
    assert!((order - 3.0).abs() < 0.15, "{order}");
}

#[test]
fn plms_is_lms_from_the_third_step_on_where_steps_are_even() {
    let trajectory = even(&edm(), 8);
    let lms = lms::evaluations(&trajectory, 4).unwrap();
    let plms = pndm::evaluations(&trajectory, &PLMS).unwrap();
    for (evaluation, expected) in plms[4..].iter().zip(&lms[3..]) {
        assert_same(evaluation.next, expected.next);
    }
}

#[test]
fn one_step_of_plms_is_that_of_ddim_for_both_targets() {
    let trajectory = discrete(&linear_noise_to_signal(101), 1);
    let ddim = ddim::update(trajectory.steps[0], 0.0, ddim::NoiseEstimate::Rederived);
    for target in [Target::Noise, Target::Velocity] {
        let options = Options { target, ..PLMS };
        let evaluations = pndm::evaluations(&trajectory, &options).unwrap();
        assert_eq!(evaluations.len(), 1);
        assert_same(evaluations[0].next, ddim);
    }
}

#[test]
fn combined_velocities_are_of_order_one() {
    let schedule = linear_noise_to_signal(4097);
    for warm_up in [WarmUp::LowerOrders, WarmUp::RungeKutta] {
        let options = Options {
            warm_up,
            target: Target::Velocity,
        };
        let error = |steps| {
            let trajectory = discrete(&schedule, steps);
            error(
                &trajectory,
                &pndm::evaluations(&trajectory, &options).unwrap(),
            )
        };
        let order = order(error, 64);
        assert!((order - 1.0).abs() < 0.15, "{warm_up:?}: {order}");
    }
}

#[test]
fn combined_velocities_can_start_from_pure_noise_and_noise_cannot() {
    let schedule = linear_noise_to_signal(101).with_zero_terminal_snr();
    let trajectory = discrete(&schedule, 10);
    let velocity = Options {
        target: Target::Velocity,
        ..PLMS
    };
    let evaluations = pndm::evaluations(&trajectory, &velocity).unwrap();
    assert_same(
        evaluations[0].next,
        probability_flow::euler(trajectory.steps[0]),
    );
    assert!(error(&trajectory, &evaluations).abs() < 0.2);
    let name = refused(pndm::evaluations(&trajectory, &PLMS));
    assert_eq!(name, "the first noise level");
}

#[test]
fn plms_that_starts_part_way_takes_up_the_list_of_evaluations() {
    let mut trajectory = discrete(&linear_noise_to_signal(101), 10);
    let times = |trajectory: &Trajectory| -> Vec<f64> {
        let evaluations = pndm::evaluations(trajectory, &PLMS).unwrap();
        evaluations
            .iter()
            .map(|evaluation| evaluation.level.time)
            .collect()
    };
    let whole = times(&trajectory);
    assert_eq!(whole[..4], [100.0, 90.0, 90.0, 80.0]);
    for begin in [1, 2, 5] {
        trajectory.begin = begin;
        assert_eq!(times(&trajectory), whole[begin..]);
        let evaluations = pndm::evaluations(&trajectory, &PLMS).unwrap();
        assert!(evaluations.iter().all(|evaluation| {
            let depth = evaluation
                .next
                .history
                .iter()
                .filter(|factor| **factor != 0.0);
            evaluation.next.sample.is_finite() && depth.count() <= 3
        }));
    }
}

#[test]
fn a_runge_kutta_start_needs_four_steps_timesteps_and_the_beginning() {
    let schedule = linear_noise_to_signal(101);
    let three = discrete(&schedule, 4);
    let three = Trajectory::new(three.steps[..3].to_vec(), three.process);
    assert_eq!(refused(pndm::evaluations(&three, &PNDM)), "steps");
    let mut part_way = discrete(&schedule, 10);
    part_way.begin = 1;
    assert_eq!(
        refused(pndm::evaluations(&part_way, &PNDM)),
        "skip_prk_steps"
    );
    let continuous = even(&edm(), 10);
    assert_eq!(
        refused(pndm::evaluations(&continuous, &PNDM)),
        "skip_prk_steps"
    );
    assert!(pndm::evaluations(&continuous, &PLMS).is_ok());
}
