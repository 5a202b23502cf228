use super::*;

const POINTS: [f32; 8] = [0.3, -0.7, 1.2, 0.1, -0.4, 0.9, 0.0, -1.5];

/// A model with random weights throughout.
fn random_model(objective: ScoreObjective) -> ScoreModel {
    let options = ScoreOptions {
        width: 8,
        octaves: 1,
        ..ScoreOptions::single(objective)
    };
    let mut model = ScoreModel::new(&options, 0, &mut Generator::new(0)).unwrap();
    let network = model.network.network_mut();
    let weights = Generator::new(1).normal(network.parameter_count());
    let weights: Vec<f32> = weights.iter().map(|weight| 0.5 * weight).collect();
    network.start_from(&weights);
    model
}

/// The loss of noise-free points, multiplied by `1/σ²`, with the same direction for all points.
fn loss(model: &ScoreModel, direction: [f32; 2]) -> f32 {
    let (graph, sigma) = (Graph::new(), model.sigmas[0]);
    let given = [&POINTS[..], &[0.0; 8], &direction.repeat(4)].map(|v| graph.matrix([4, 2], v));
    let conditions = [sigma, 0.0].map(|value| graph.filled([4, 1], value));
    let leaves = model.network.network().leaves(&graph);
    model.loss(&leaves, given, conditions).item() / (sigma * sigma)
}

/// The mean of `½‖s‖²`, and the mean Jacobian of the score by finite differences.
fn expected(model: &ScoreModel) -> (f32, [[f32; 2]; 2]) {
    let score = |points: &[f32]| model.scores(0, points);
    let half_square = score(&POINTS).iter().map(|s| s * s).sum::<f32>() / 8.0;
    let h = 1e-2;
    let row = |axis: usize| {
        let moved = |step: f32| -> Vec<f32> {
            let values = POINTS.iter().enumerate();
            let value = |(index, x): (usize, &f32)| if index % 2 == axis { x + step } else { *x };
            score(&values.map(value).collect::<Vec<_>>())
        };
        let (up, down) = (moved(h), moved(-h));
        let mean = |output: usize| {
            let differences = (0..4).map(|row| up[2 * row + output] - down[2 * row + output]);
            differences.sum::<f32>() / (8.0 * h)
        };
        [mean(0), mean(1)]
    };
    (half_square, [row(0), row(1)])
}

#[test]
fn the_exact_loss_is_half_the_square_plus_the_trace_of_finite_differences() {
    let model = random_model(ScoreObjective::ExactTrace);
    let (half_square, jacobian) = expected(&model);
    let expected = half_square + jacobian[0][0] + jacobian[1][1];
    let found = loss(&model, [1.0, 1.0]);
    assert!(
        (found - expected).abs() < 5e-3 * expected.abs(),
        "{found} {expected}"
    );
}

#[test]
fn the_sliced_loss_has_the_derivative_along_the_direction() {
    let model = random_model(ScoreObjective::Sliced);
    let (half_square, [[a, b], [c, d]]) = expected(&model);
    for direction in [[1.0, 1.0], [1.0, -1.0]] {
        let sign = direction[0] * direction[1];
        let expected = half_square + a + d + sign * (b + c);
        let found = loss(&model, direction);
        assert!(
            (found - expected).abs() < 5e-3 * expected.abs(),
            "{found} {expected}"
        );
    }
}

#[test]
fn the_denoising_loss_is_the_error_of_the_noise() {
    let mut model = random_model(ScoreObjective::Denoising);
    let zeros = vec![0.0; model.network.network().parameter_count()];
    model.network.network_mut().start_from(&zeros);
    let graph = Graph::new();
    let z = [1.0, 2.0, -1.0, 0.0];
    let given = [&POINTS[..4], &z, &z].map(|values| graph.matrix([2, 2], values));
    let conditions = [0.1, 0.0].map(|value| graph.filled([2, 1], value));
    let leaves = model.network.network().leaves(&graph);
    assert_eq!(model.loss(&leaves, given, conditions).item(), 6.0 / 4.0);
}

#[test]
fn the_exact_score_is_the_gradient_of_the_log_density() {
    let mixture = GaussianMixture {
        means: vec![-1.0, 0.0, 1.0, 0.5],
        stds: vec![0.3, 0.6],
        weights: vec![1.0, 3.0],
        dimensions: 2,
    };
    let density = |x: f64, y: f64| {
        let terms =
            [(-1.0, 0.0, 0.3, 1.0), (1.0, 0.5, 0.6, 3.0)].map(|(mx, my, spread, weight)| {
                let variance: f64 = spread * spread + 0.04;
                let square: f64 = (x - mx) * (x - mx) + (y - my) * (y - my);
                weight / variance * (-square / (2.0 * variance)).exp()
            });
        (terms[0] + terms[1]).ln()
    };
    let (x, y, h) = (0.2, -0.3, 1e-5);
    let score = exact_score(&mixture, 0.2, &[0.2, -0.3]).unwrap();
    let along_x = (density(x + h, y) - density(x - h, y)) / (2.0 * h);
    let along_y = (density(x, y + h) - density(x, y - h)) / (2.0 * h);
    assert!((f64::from(score[0]) - along_x).abs() < 1e-4);
    assert!((f64::from(score[1]) - along_y).abs() < 1e-4);
}

#[test]
fn noise_levels_are_a_geometric_progression() {
    let model = ScoreModel::new(&ScoreOptions::default(), 0, &mut Generator::new(0)).unwrap();
    let sigmas = model.sigmas();
    assert_eq!(sigmas.len(), 10);
    assert!((sigmas[0] - 3.0).abs() < 1e-6 && (sigmas[9] - 0.03).abs() < 1e-6);
    for pair in sigmas.windows(2) {
        assert!((pair[1] / pair[0] - 0.01f32.powf(1.0 / 9.0)).abs() < 1e-5);
    }
    assert_eq!((model.time(0), model.time(9)), (0.0, 1.0));
}

#[test]
fn langevin_dynamics_with_the_score_zero_is_a_random_walk() {
    let options = ScoreOptions {
        width: 1,
        levels: 1,
        min_sigma: 1.0,
        max_sigma: 1.0,
        langevin_steps: 60,
        ..ScoreOptions::default()
    };
    let mut model = ScoreModel::new(&options, 0, &mut Generator::new(0)).unwrap();
    let zeros = vec![0.0; model.network.network().parameter_count()];
    model.network.network_mut().start_from(&zeros);
    // The variance increases by 2a = 0.2 in each step.
    let states = model
        .annealed(&SampleRequest::new(4000), &mut Generator::new(2))
        .unwrap();
    let variance = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>() / x.len() as f32;
    assert_eq!(states.len(), 3);
    assert!((variance(&states[0]) - 2.0).abs() < 0.1);
    assert!((variance(&states[1]) - 14.0).abs() < 0.6);
    assert_eq!(states[1], states[2]);
}

#[test]
fn wrong_options_and_requests_are_named() {
    let options = ScoreOptions {
        max_sigma: 0.01,
        ..ScoreOptions::default()
    };
    let error = ScoreModel::new(&options, 0, &mut Generator::new(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "maxSigma must be between 0.03 and 1000, but is 0.01"
    );
    let model = random_model(ScoreObjective::Denoising);
    let error = model.score_at(1, &POINTS).unwrap_err();
    assert_eq!(error.to_string(), "level must be between 0 and 0, but is 1");
    assert!(model.score(&[f32::NAN, 0.0]).is_err());
    assert!(model.log_density(&POINTS).is_err());
}
