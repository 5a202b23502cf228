use std::f64::consts::LN_2;

use super::*;
use crate::random::Generator;

fn mixture(means: &[f64], std: f64, dimensions: usize) -> GaussianMixture {
    let count = means.len() / dimensions;
    GaussianMixture {
        means: means.to_vec(),
        stds: vec![std; count],
        weights: vec![1.0; count],
        dimensions,
    }
}

fn line() -> GaussianMixture {
    mixture(&[-2.0, 2.0], 0.5, 1)
}

fn objective(mixture: &GaussianMixture, direction: Direction) -> Objective {
    Objective::new(mixture, direction, Covariance::Diagonal).unwrap()
}

fn gaussian(mean: &[f64], std: &[f64]) -> Gaussian {
    Gaussian {
        mean: mean.to_vec(),
        std: std.to_vec(),
    }
}

/// `½N(−2, .5²) + ½N(2, .5²)`: the expected optima come from an independent quadrature.
#[test]
fn the_optima_on_a_line_are_the_known_ones() {
    let forward = objective(&line(), Direction::Forward).optima().unwrap();
    assert_eq!(forward.len(), 1);
    assert!((forward[0].gaussian.std[0] - 4.25_f64.sqrt()).abs() < 1e-6);
    assert!((forward[0].value - 0.7236).abs() < 1e-4);
    let reverse = objective(&line(), Direction::Reverse).optima().unwrap();
    let expected = [(2.0, 0.5, LN_2), (2.0, 0.5, LN_2), (0.0, 1.736, 1.8712)];
    assert_eq!(reverse.len(), expected.len());
    for (optimum, (mean, std, value)) in reverse.iter().zip(expected) {
        assert!((optimum.gaussian.mean[0].abs() - mean).abs() < 1e-3);
        assert!((optimum.gaussian.std[0] - std).abs() < 1e-3);
        assert!((optimum.value - value).abs() < 1e-4, "{}", optimum.value);
    }
    assert!(reverse[0].gaussian.mean[0] * reverse[1].gaussian.mean[0] < 0.0);
}

/// `KL(N_1‖N_2) = Σ_i ln(s_2/s_1) + (s_1² + (m_1 − m_2)²)/(2s_2²) − ½`
#[test]
fn between_two_gaussians_both_directions_have_a_closed_form() {
    let closed = |a: &Gaussian, b: &Gaussian| -> f64 {
        let term = |axis: usize| {
            let square = a.std[axis].powi(2) + (a.mean[axis] - b.mean[axis]).powi(2);
            (b.std[axis] / a.std[axis]).ln() + square / (2.0 * b.std[axis].powi(2)) - 0.5
        };
        (0..a.mean.len()).map(term).sum()
    };
    let p = gaussian(&[0.3, -1.2], &[0.7, 0.7]);
    let q = gaussian(&[-0.5, 0.4], &[0.4, 1.9]);
    let target = mixture(&p.mean, 0.7, 2);
    let forward = objective(&target, Direction::Forward).value(&q).unwrap();
    let reverse = objective(&target, Direction::Reverse).value(&q).unwrap();
    assert!((forward - closed(&p, &q)).abs() < 1e-8);
    assert!((reverse - closed(&q, &p)).abs() < 1e-8);
}

#[test]
fn the_slope_is_that_of_finite_differences() {
    let target = mixture(&[-1.0, 0.5, 1.2, -0.3, 0.0, 1.0], 0.3, 2);
    let at = gaussian(&[0.2, 0.1], &[0.8, 0.4]);
    for direction in [Direction::Forward, Direction::Reverse] {
        let objective = objective(&target, direction);
        let slope = objective.slope(&at).unwrap();
        for axis in 0..2 {
            let difference = |change: &dyn Fn(&mut Gaussian, f64)| {
                let value = |step: f64| {
                    let mut moved = at.clone();
                    change(&mut moved, step);
                    objective.value(&moved).unwrap()
                };
                (value(1e-4) - value(-1e-4)) / 2e-4
            };
            let by_mean = difference(&|moved, step| moved.mean[axis] += step);
            let by_std = difference(&|moved, step| moved.std[axis] += step);
            assert!((by_mean - slope.mean[axis]).abs() < 1e-5);
            assert!((by_std - slope.std[axis]).abs() < 1e-5);
        }
    }
}

/// `KL(q‖p)` is the mean of `ln q − ln p` over draws of `q`.
#[test]
fn the_quadrature_agrees_with_random_samples() {
    let reverse = objective(&line(), Direction::Reverse);
    let (mean, std) = (0.7, 1.1);
    let terms = Generator::new(3).normal(200_000).into_iter().map(|z| {
        let x = mean + std * f64::from(z);
        let part = |centre: f64| (-(x - centre).powi(2) / 0.5).exp() / (0.5 * TAU.sqrt());
        let log_p = (0.5 * part(-2.0) + 0.5 * part(2.0)).ln();
        -0.5 * f64::from(z).powi(2) - (std * TAU.sqrt()).ln() - log_p
    });
    let estimate = terms.sum::<f64>() / 200_000.0;
    let value = reverse.value(&gaussian(&[mean], &[std])).unwrap();
    assert!((estimate - value).abs() < 0.02, "{estimate} and {value}");
}

/// Each of four well-separated components is an optimum with divergence `ln 4`, up to the overlap.
#[test]
fn every_component_in_the_plane_is_an_optimum() {
    let target = mixture(&[2.0, 0.0, 0.0, 2.0, -2.0, 0.0, 0.0, -2.0], 0.3, 2);
    for covariance in [Covariance::Isotropic, Covariance::Diagonal] {
        let reverse = Objective::new(&target, Direction::Reverse, covariance).unwrap();
        let optima = reverse.optima().unwrap();
        assert!(optima.len() > 4, "{}", optima.len());
        for optimum in &optima[..4] {
            assert!((optimum.value - 4_f64.ln()).abs() < 1e-3);
            assert!((optimum.gaussian.std[0] - 0.3).abs() < 1e-3);
        }
        for optimum in &optima {
            let slope = reverse.slope(&optimum.gaussian).unwrap();
            assert!(slope.mean.iter().all(|value| value.abs() < 1e-4));
        }
    }
}

#[test]
fn a_path_descends_to_an_optimum() {
    let reverse = objective(&line(), Direction::Reverse);
    let path = reverse
        .path(&gaussian(&[1.0], &[0.6]), PathOptions::default())
        .unwrap();
    let values: Vec<f64> = path.iter().map(|q| reverse.value(q).unwrap()).collect();
    assert!(values.is_sorted_by(|a, b| a >= b));
    let end = &path[path.len() - 1];
    assert!((end.mean[0] - 2.0).abs() < 1e-3 && (end.std[0] - 0.5).abs() < 1e-3);
    assert!(path.len() < 400, "{} steps", path.len());
}

#[test]
fn a_map_holds_the_values_row_by_row() {
    let reverse = objective(&line(), Direction::Reverse);
    let axis = |parameter, from, to, count| Axis {
        parameter,
        from,
        to,
        count,
    };
    let x = axis(Parameter::Mean(0), -3.0, 3.0, 7);
    let y = axis(Parameter::Std(0), 0.5, 2.0, 4);
    let start = gaussian(&[0.0], &[1.0]);
    let map = reverse.map(&start, x, y).unwrap();
    let expected = reverse.value(&gaussian(&[2.0], &[1.5])).unwrap();
    assert!((map[2 * 7 + 5] - expected).abs() < 1e-5);
    assert!(
        reverse
            .map(&start, axis(Parameter::Mean(1), 0.0, 1.0, 2), y)
            .is_err()
    );
    assert!(
        reverse
            .map(&start, axis(Parameter::Std(0), 0.0, 1.0, 2), x)
            .is_err()
    );
}

#[test]
fn wrong_input_is_rejected_by_name() {
    let rejected = |change: &dyn Fn(&mut GaussianMixture)| {
        let mut wrong = line();
        change(&mut wrong);
        let made = Objective::new(&wrong, Direction::Forward, Covariance::Isotropic);
        made.unwrap_err().to_string()
    };
    assert!(rejected(&|wrong| wrong.dimensions = 3).starts_with("dimensions"));
    assert!(rejected(&|wrong| wrong.means[0] = f64::NAN).starts_with("means"));
    assert!(rejected(&|wrong| wrong.stds[1] = 0.0).starts_with("spreads"));
    assert!(rejected(&|wrong| wrong.weights.clear()).starts_with("weights"));
    let forward = objective(&line(), Direction::Forward);
    assert!(forward.value(&gaussian(&[0.0, 0.0], &[1.0, 1.0])).is_err());
    assert!(forward.value(&gaussian(&[0.0], &[-1.0])).is_err());
    assert!(forward.value(&gaussian(&[0.0], &[f64::NAN])).is_err());
}

/// Far from all components, every density underflows.
#[test]
fn tails_are_computed_by_their_logarithms() {
    let target = mixture(&[0.0], 0.01, 1);
    let reverse = objective(&target, Direction::Reverse);
    let value = reverse.value(&gaussian(&[5.0], &[0.01])).unwrap();
    assert!((value / 125_000.0 - 1.0).abs() < 1e-9, "{value}");
}
