//! The probability-flow ODE against its closed form for Gaussian data.

use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::dormand_prince;
use tweedie::sampler::probability_flow::{self, Coordinates, Solver};
use tweedie::sampler::runge_kutta::{CLASSICAL, HEUN, Tableau};
use tweedie::sampler::{Combination, Step};

use crate::common::levels::processes_and_sub_vp;
use crate::common::scalar::{self, exact_flow, order};

const COORDINATES: [Coordinates; 3] = [
    Coordinates::NoiseToSignal,
    Coordinates::Angle,
    Coordinates::Line,
];

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.3;

/// A rooted tree, given by the branches of its root. Each tree is an order condition of a Runge–Kutta method (Hairer,
/// Nørsett & Wanner 1993, section II.2).
#[derive(Clone)]
struct Tree(Vec<Tree>);

impl Tree {
    /// The trees with one more vertex, some of them more than once.
    fn grown(&self) -> Vec<Self> {
        let with_leaf = Tree([self.0.clone(), vec![Tree(Vec::new())]].concat());
        let mut trees = vec![with_leaf];
        for (index, branch) in self.0.iter().enumerate() {
            for larger in branch.grown() {
                let mut tree = self.clone();
                tree.0[index] = larger;
                trees.push(tree);
            }
        }
        trees
    }

    fn order(&self) -> usize {
        1 + self.0.iter().map(Tree::order).sum::<usize>()
    }

    fn density(&self) -> f64 {
        self.order() as f64 * self.0.iter().map(Tree::density).product::<f64>()
    }

    /// `Π_branches Σ_j a_ij·Φ_j(branch)`
    fn weight(&self, tableau: &Tableau, evaluation: usize) -> f64 {
        let row = tableau.matrix[evaluation].iter().enumerate();
        let sum = |branch: &Tree| -> f64 {
            let terms = row.clone();
            terms.map(|(j, a)| a * branch.weight(tableau, j)).sum()
        };
        self.0.iter().map(sum).product()
    }
}

#[test]
fn the_tableaux_satisfy_the_order_conditions() {
    for (tableau, order) in [(HEUN, 2), (CLASSICAL, 4), (dormand_prince::TABLEAU, 5)] {
        for (node, row) in tableau.nodes.iter().zip(tableau.matrix) {
            assert!((row.iter().sum::<f64>() - node).abs() < 1e-14);
        }
        let mut trees = vec![Tree(Vec::new())];
        for _ in 0..order {
            for tree in &trees {
                let weights = tableau.weights.iter().enumerate();
                let sum: f64 = weights.map(|(i, b)| b * tree.weight(&tableau, i)).sum();
                let error = sum - 1.0 / tree.density();
                assert!(error.abs() < 1e-14, "order {}: {error}", tree.order());
            }
            trees = trees.iter().flat_map(Tree::grown).collect();
        }
    }
}

/// Steps evenly spaced in the coordinates' time, between two noise-to-signal ratios at which all coordinates are
/// smooth.
fn even(process: &Process, coordinates: Coordinates, count: usize) -> Vec<Step> {
    let [start, end] = [3.0, 0.2]
        .map(|noise_to_signal| coordinates.time(process.at_noise_to_signal(noise_to_signal)));
    let time = |i: usize| start + (end - start) * i as f64 / count as f64;
    let level = |i| process.at_noise_to_signal(coordinates.noise_to_signal(time(i)));
    Step::chain(&(0..=count).map(level).collect::<Vec<_>>())
}

fn flow_error(process: &Process, coordinates: Coordinates, solver: Solver, count: usize) -> f64 {
    let steps = even(process, coordinates, count);
    let (from, to) = (steps[0].from, steps[count - 1].to);
    let evaluations = probability_flow::evaluations(&steps, solver, process, coordinates);
    let denoise = scalar::gaussian(MEAN, STD);
    let x = 1.3 * from.sigma;
    let found = scalar::run(&evaluations, x, denoise, || unreachable!());
    found - exact_flow(x, from, to, MEAN, STD)
}

#[test]
fn each_solver_has_its_order_in_all_coordinates() {
    for process in processes_and_sub_vp() {
        for coordinates in COORDINATES {
            for (solver, nominal, steps) in [
                (Solver::Euler, 1.0, 256),
                (Solver::Heun, 2.0, 128),
                (Solver::RungeKutta4, 4.0, 128),
            ] {
                let error = |steps| flow_error(&process, coordinates, solver, steps);
                let order = order(error, steps);
                assert!(
                    (order - nominal).abs() < 0.15,
                    "{process:?} {coordinates:?} {solver:?}: {order}"
                );
            }
        }
    }
}

#[test]
fn eulers_step_is_the_same_in_both_straight_coordinates() {
    for process in processes_and_sub_vp() {
        let step = even(&process, Coordinates::NoiseToSignal, 7)[3];
        let Step { from, to } = step;
        let euler = probability_flow::euler(step);
        for coordinates in [Coordinates::NoiseToSignal, Coordinates::Line] {
            let step = coordinates.time(to) - coordinates.time(from);
            let y = Combination::SAMPLE / coordinates.scale(from) + step * coordinates.slope(from);
            let line = coordinates.scale(to) * y - euler;
            assert!(line.sample.abs() < 1e-12 && line.clean.abs() < 1e-12);
        }
    }
}

#[test]
fn steps_from_pure_noise_and_to_none_are_eulers() {
    let process = Process::FlowMatching { timesteps: 1.0 };
    let noise = NoiseLevel {
        time: 1.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    let levels = [
        noise,
        process.at_noise_to_signal(4.0),
        process.at_noise_to_signal(0.3),
        NoiseLevel::CLEAN,
    ];
    let steps = Step::chain(&levels);
    for (coordinates, expected) in [(Coordinates::NoiseToSignal, 6), (Coordinates::Angle, 9)] {
        let evaluations =
            probability_flow::evaluations(&steps, Solver::RungeKutta4, &process, coordinates);
        assert_eq!(evaluations.len(), expected);
        let found = scalar::run(
            &evaluations,
            0.8,
            scalar::gaussian(MEAN, STD),
            || unreachable!(),
        );
        assert!((found - MEAN).abs() < 3.0 * STD, "{found}");
    }
}
