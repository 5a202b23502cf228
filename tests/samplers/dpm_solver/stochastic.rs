//! The SDE solvers.

use tweedie::sampler::ddim::{self, NoiseEstimate};

use super::*;

#[test]
fn order_one_of_the_sde_in_the_clean_sample_is_ddpms_posterior() {
    let trajectory = even(&variance_preserving(), 6);
    let evaluations = evaluations(
        &trajectory,
        &sde(options(1, Target::Clean, Mode::Multistep)),
    );
    for (evaluation, step) in evaluations.iter().zip(&trajectory.steps) {
        let expected = ddim::update(*step, 1.0, NoiseEstimate::Rederived);
        assert_same(evaluation.next, expected, 1e-12);
    }
}

/// Mean and variance at the end of a run that starts from the exact distribution of the noisy data.
fn moments(trajectory: &Trajectory, options: &Options) -> [f64; 2] {
    let (from, _) = ends(trajectory);
    let evaluations = evaluations(trajectory, options);
    // The run is linear in each of its inputs.
    let response = |start: f64, input: Option<usize>| {
        let mut drawn = 0..;
        let noise = || f64::from(drawn.next() == input);
        scalar::run(&evaluations, start, scalar::gaussian(0.0, STD), noise)
    };
    let variance = (from.alpha * STD).powi(2) + from.sigma * from.sigma;
    let inputs = (0..evaluations.len()).map(|input| response(0.0, Some(input)).powi(2));
    let start = response(1.0, None).powi(2) * variance;
    [
        mean(&evaluations, from.alpha * MEAN),
        start + inputs.sum::<f64>(),
    ]
}

/// Relative errors of the moments at the end.
fn moment_errors(trajectory: &Trajectory, options: &Options) -> [f64; 2] {
    let (_, to) = ends(trajectory);
    let [mean, variance] = moments(trajectory, options);
    let exact = (to.alpha * STD).powi(2) + to.sigma * to.sigma;
    [mean / (to.alpha * MEAN) - 1.0, variance / exact - 1.0].map(f64::abs)
}

#[test]
fn the_sde_keeps_the_mean_and_converges_to_the_variance_of_the_data() {
    use SolverType::{Heun, Midpoint};
    // Heun's singlestep solver of order 3 has a separate test.
    let variants = [
        (1, Target::Noise, Mode::Multistep, Midpoint),
        (2, Target::Noise, Mode::Multistep, Midpoint),
        (2, Target::Noise, Mode::Multistep, Heun),
        (1, Target::Clean, Mode::Multistep, Midpoint),
        (2, Target::Clean, Mode::Multistep, Midpoint),
        (2, Target::Clean, Mode::Multistep, Heun),
        (3, Target::Clean, Mode::Multistep, Midpoint),
        (2, Target::Clean, Mode::Singlestep, Midpoint),
        (2, Target::Clean, Mode::Singlestep, Heun),
        (3, Target::Clean, Mode::Singlestep, Midpoint),
    ];
    for process in processes() {
        for (order, target, mode, solver_type) in variants {
            let options = Options {
                solver_type,
                ..sde(options(order, target, mode))
            };
            let errors = |steps| moment_errors(&even(&process, steps), &options);
            let [mean, variance] = errors(384);
            assert!(mean < 1e-12, "{process:?} {options:?}: mean {mean}");
            assert!(variance < 0.03, "{process:?} {options:?}: {variance}");
            let [_, coarse] = errors(192);
            assert!(
                variance < coarse / 1.8,
                "{process:?} {options:?}: {coarse}, {variance}"
            );
        }
    }
}

#[test]
fn heuns_singlestep_sde_of_order_three_multiplies_the_noise_as_in_diffusers() {
    let options = Options {
        solver_type: SolverType::Heun,
        ..sde(options(3, Target::Clean, Mode::Singlestep))
    };
    for steps in [96, 384] {
        let [_, variance] = moment_errors(&even(&variance_preserving(), steps), &options);
        assert!(variance > 10.0, "{steps}: {variance}");
    }
}

#[test]
fn only_the_sde_draws_noise() {
    let trajectory = trajectory_to_clean(&variance_preserving(), 6);
    for mode in MODES {
        let drawn = |options| {
            let evaluations = evaluations(&trajectory, &options);
            let noise: Vec<f64> = evaluations
                .iter()
                .map(|evaluation| evaluation.next.noise)
                .collect();
            noise
        };
        let options = options(2, Target::Clean, mode);
        assert_eq!(drawn(options), [0.0; 6]);
        let (last, noisy) = (drawn(sde(options))[5], drawn(sde(options)));
        assert_eq!(last, 0.0);
        assert!(noisy[..5].iter().all(|noise| *noise > 0.0), "{noisy:?}");
    }
}
