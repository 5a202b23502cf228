//! First and last steps, restarted histories, and rejected options.

use tweedie::Error;

use super::*;

fn refused(trajectory: &Trajectory, options: &Options) -> String {
    match dpm_solver::evaluations(trajectory, options) {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_last_step_to_no_noise_is_the_estimate() {
    for (process, mode) in processes().iter().flat_map(|p| MODES.map(|mode| (p, mode))) {
        for (steps, order) in (1..8).flat_map(|steps| (1..=3).map(move |order| (steps, order))) {
            let trajectory = trajectory_to_clean(process, steps);
            let options = options(order, Target::Clean, mode);
            for options in [options, sde(options)] {
                let evaluations = evaluations(&trajectory, &options);
                assert_same(evaluations[steps - 1].next, Combination::CLEAN, 1e-12);
            }
        }
    }
}

#[test]
fn a_repeated_last_level_leaves_the_sample_of_a_multistep_run() {
    let process = Process::Edm { sigma_data: 0.5 };
    let mut levels = levels(&process, 20, 1);
    levels[20] = levels[19];
    for (order, target) in (1..=3).flat_map(|order| TARGETS.map(|target| (order, target))) {
        let evaluations = evaluations(&through(&levels), &options(order, target, Mode::Multistep));
        assert_same(evaluations[19].next, Combination::SAMPLE, 1e-12);
    }
}

#[test]
fn a_repeated_level_on_the_way_does_no_harm() {
    let process = variance_preserving();
    let once = levels(&process, 96, 1);
    let mut twice = once.clone();
    twice.insert(40, once[40]);
    for (target, mode) in TARGETS
        .into_iter()
        .flat_map(|t| MODES.map(|mode| (t, mode)))
    {
        for (order, solver_type) in (1..=3).flat_map(|order| SOLVER_TYPES.map(|s| (order, s))) {
            let options = Options {
                solver_type,
                ..options(order, target, mode)
            };
            let expected = flow_error(&through(&once), &options);
            let found = flow_error(&through(&twice), &options);
            // The history restarts after it, with a step of order 1.
            assert!((found - expected).abs() < 1e-3, "{options:?}: {found}");
        }
    }
}

#[test]
fn a_run_may_start_from_nothing_but_noise() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    let from = |alpha: f64| {
        let mut levels = levels(&process, 12, 1);
        levels[0] = NoiseLevel {
            time: 1000.0,
            alpha,
            sigma: 1.0 - alpha,
        };
        through(&levels)
    };
    for (order, mode) in (1..=3).flat_map(|order| MODES.map(|mode| (order, mode))) {
        let options = options(order, Target::Clean, mode);
        for options in [options, sde(options)] {
            let end = |alpha| mean(&evaluations(&from(alpha), &options), 0.7);
            let (found, almost) = (end(0.0), end(1e-9));
            // Not exactly the limit: estimates from pure noise are not part of a polynomial.
            let close = order == 3 || (found - almost).abs() < 0.01;
            assert!(found.is_finite() && close, "{options:?}: {found}, {almost}");
        }
    }
}

#[test]
fn a_run_that_starts_part_way_has_no_history() {
    let mut whole = even(&variance_preserving(), 20);
    whole.begin = 7;
    let options = options(3, Target::Clean, Mode::Multistep);
    let found = orders(&whole, &options);
    assert_eq!(found[..4], [1, 2, 3, 3]);
    // Uses the full trajectory length, so that a short rest does not lower the order at the end.
    let lower = Options {
        lower_order_final: true,
        ..options
    };
    assert_eq!(orders(&whole, &lower), found);
    let single = Options {
        mode: Mode::Singlestep,
        ..options
    };
    // Starts inside the group of steps 6, 7 and 8.
    assert_eq!(orders(&whole, &single)[..5], [1, 2, 1, 2, 3]);
}

#[test]
fn short_multistep_runs_end_with_lower_orders_where_it_is_asked_for() {
    let process = variance_preserving();
    let last = |steps: usize, options: &Options| {
        orders(&even(&process, steps), options)[steps - 3..].to_vec()
    };
    let plain = options(3, Target::Clean, Mode::Multistep);
    let lower = Options {
        lower_order_final: true,
        ..plain
    };
    let euler = Options {
        euler_at_final: true,
        ..plain
    };
    assert_eq!(last(14, &plain), [3, 3, 3]);
    assert_eq!(last(14, &lower), [3, 2, 1]);
    assert_eq!(last(15, &lower), [3, 3, 3]);
    assert_eq!(last(15, &euler), [3, 3, 1]);
    assert_eq!(
        orders(&trajectory_to_clean(&process, 15), &plain)[12..],
        [3, 3, 1]
    );
}

#[test]
fn singlestep_groups_make_up_the_number_of_steps() {
    let process = variance_preserving();
    let plain = |order| options(order, Target::Clean, Mode::Singlestep);
    let lower = |order| Options {
        lower_order_final: true,
        ..plain(order)
    };
    let noisy = |steps, options: Options| orders(&even(&process, steps), &options);
    assert_eq!(noisy(6, plain(3)), [1, 2, 3, 1, 2, 3]);
    assert_eq!(noisy(6, lower(3)), [1, 2, 3, 1, 2, 1]);
    assert_eq!(noisy(7, lower(3)), [1, 2, 3, 1, 2, 3, 1]);
    assert_eq!(noisy(8, lower(3)), [1, 2, 3, 1, 2, 3, 1, 2]);
    assert_eq!(noisy(4, lower(2)), [1, 2, 1, 1]);
    assert_eq!(noisy(5, lower(2)), [1, 2, 1, 2, 1]);
    let clean = |steps, options: Options| orders(&trajectory_to_clean(&process, steps), &options);
    assert_eq!(clean(6, plain(3)), [1, 2, 3, 1, 2, 1]);
    assert_eq!(clean(8, plain(3)), [1, 2, 3, 1, 2, 3, 1, 1]);
    assert_eq!(clean(4, plain(2)), [1, 2, 1, 1]);
}

#[test]
fn what_has_no_formula_is_refused() {
    let noisy = even(&variance_preserving(), 6);
    let clean = trajectory_to_clean(&variance_preserving(), 6);
    let mut silent = levels(&variance_preserving(), 6, 1);
    silent[0] = NoiseLevel {
        time: 999.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let silent = through(&silent);
    for mode in MODES {
        for order in [0, 4, usize::MAX] {
            let options = options(order, Target::Clean, mode);
            assert_eq!(refused(&noisy, &options), "order");
        }
        let noise = options(2, Target::Noise, mode);
        assert_eq!(refused(&clean, &noise), "final_sigma");
        assert_eq!(refused(&silent, &noise), "the first noise level");
    }
    let noise = |order, mode| sde(options(order, Target::Noise, mode));
    assert_eq!(refused(&noisy, &noise(3, Mode::Multistep)), "order");
    assert_eq!(refused(&noisy, &noise(2, Mode::Singlestep)), "mode");
}

#[test]
fn a_trajectory_without_steps_has_no_evaluations() {
    for mode in MODES {
        assert_eq!(
            evaluations(&through(&[]), &options(2, Target::Clean, mode)),
            []
        );
    }
}
