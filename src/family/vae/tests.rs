use super::*;
use crate::family::{Activation, FamilyOptions, FamilyTrainer, Plan};
use crate::train::Samples;

/// Two half circles, approximately standardised.
fn moons(count: usize, seed: u32) -> Vec<f32> {
    let mut generator = Generator::new(seed);
    let uniforms = generator.uniform(2 * count);
    let noise = generator.normal(2 * count);
    let mut points = Vec::new();
    for (u, z) in uniforms.chunks(2).zip(noise.chunks(2)) {
        let angle = std::f32::consts::PI * u[1];
        let (x, y) = (libm::cosf(angle), libm::sinf(angle));
        let [x, y] = if u[0] < 0.5 {
            [x, y]
        } else {
            [1.0 - x, 0.5 - y]
        };
        points.extend([
            (x - 0.5 + 0.1 * z[0]) / 0.71,
            (y - 0.25 + 0.1 * z[1]) / 0.71,
        ]);
    }
    points
}

fn small() -> VaeOptions {
    VaeOptions {
        width: 8,
        depth: 1,
        steps: 60,
        batch: 64,
        kl_warm_up: 10,
        learning_rate: 1e-2,
        ..VaeOptions::default()
    }
}

fn made(options: &VaeOptions) -> Vae {
    Vae::new(options, 0, &mut Generator::new(options.seed)).unwrap()
}

fn trained(options: &VaeOptions, steps: usize) -> FamilyTrainer {
    let points = moons(512, 1);
    let data = Samples::new(points.clone(), [points.len() / 2, 2]).unwrap();
    let mut trainer = FamilyTrainer::new(data, FamilyOptions::of::<Vae>(options).unwrap()).unwrap();
    for _ in 0..steps {
        trainer.step().unwrap();
    }
    trainer
}

/// A linear decoder `g(z) = A·z + b`, whose marginal is `N(b, A·Aᵀ + sigma²·I)`.
fn linear_vae() -> Vae {
    let mut vae = made(&VaeOptions {
        activation: Activation::LeakyRelu,
        ..small()
    });
    let count = vae.decoder.parameter_count();
    let mut weights = vec![0.0; count];
    // Four of the eight units are used, two per latent, with inputs `z` and `−z`. With `u = f(z)` and `v = f(−z)`,
    // `z = (u − v)/1.2`.
    let units = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]];
    for (unit, row) in units.iter().enumerate() {
        weights[2 * unit..2 * unit + 2].copy_from_slice(row);
    }
    let matrix = [[0.9, 0.3], [-0.2, 0.5]];
    for (output, row) in matrix.iter().enumerate() {
        for (latent, value) in row.iter().enumerate() {
            let place = 16 + 8 + 8 * output + 2 * latent;
            weights[place] = value / 1.2;
            weights[place + 1] = -value / 1.2;
        }
    }
    weights[40..42].copy_from_slice(&[0.1, -0.2]);
    weights[count - 1] = libm::logf(0.4);
    vae.decoder.start_from(&weights);
    vae
}

fn linear_log_density([x, y]: [f64; 2]) -> f64 {
    let a = [[0.9, 0.3], [-0.2, 0.5]];
    let entry = |i: usize, j: usize| {
        let product: f64 = a[i][0] * a[j][0] + a[i][1] * a[j][1];
        product + if i == j { 0.16 } else { 0.0 }
    };
    let [[p, q], [_, r]] = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]];
    let determinant = p * r - q * q;
    let (x, y) = (x - 0.1, y + 0.2);
    let square = (r * x * x - 2.0 * q * x * y + p * y * y) / determinant;
    -0.5 * square - 0.5 * determinant.ln() - std::f64::consts::TAU.ln()
}

#[test]
fn the_log_density_of_a_linear_decoder_is_that_of_its_gaussian() {
    let vae = linear_vae();
    let decoded = vae.decode(&[1.0, 0.0, -2.0, 3.0]).unwrap();
    let expected = [1.0, -0.4, -0.8, 1.7];
    assert!(
        decoded
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-5)
    );
    let points = [0.0, 0.0, 1.0, -1.5, 3.0, 2.0, -2.0, 2.0];
    let found = vae.log_density(&points).unwrap();
    for (point, found) in points.chunks(2).zip(found) {
        let expected = linear_log_density([point[0].into(), point[1].into()]);
        assert!((found - expected).abs() < 1e-3, "{found} and {expected}");
    }
}

/// With the exact log-density, the mean of the control variate is 0, and a bound with many samples is close to exact.
#[test]
fn the_bounds_of_a_linear_decoder_are_in_order_and_approach_its_density() {
    let vae = linear_vae();
    let points = moons(200, 5);
    let options = BoundOptions {
        samples: vec![1, 10, 100, 1000],
        seed: 2,
    };
    let bounds = vae.bounds(&points, &options).unwrap();
    let exact = points
        .chunks(2)
        .map(|point| linear_log_density([point[0].into(), point[1].into()]));
    assert!((bounds.log_density - exact.sum::<f64>() / 200.0).abs() < 1e-3);
    let values: Vec<f64> = bounds.importance_weighted.iter().map(|(_, x)| *x).collect();
    assert!((values[0] - bounds.elbo).abs() < 1e-9);
    assert!(values.is_sorted() && values[3] <= bounds.log_density);
    assert!(bounds.log_density - values[3] < 0.02, "{bounds:?}");
    assert!(bounds.control.abs() < 4.0 * bounds.control_error);
    assert!((bounds.reconstruction - bounds.kl - bounds.elbo).abs() < 1e-12);
}

/// `E_q[ln p(x∣z)]` of a linear decoder and the KL term in closed form, compared with averages over many samples.
#[test]
fn the_terms_of_the_loss_are_the_closed_forms() {
    let vae = linear_vae();
    let point = [0.7, -0.3];
    let rows = 8192;
    let graph = Graph::new();
    let repeated: Vec<f32> = point.iter().copied().cycle().take(2 * rows).collect();
    let terms = vae.terms(
        &vae.encoder.leaves(&graph),
        &vae.decoder.leaves(&graph),
        graph.matrix([rows, 2], &repeated),
        &Generator::new(9).normal(2 * rows),
    );
    let posterior = vae.posterior(&point).unwrap();
    let kl = posterior.divergences().next().unwrap();
    assert!((f64::from(terms.kl.item()) - kl).abs() < 1e-5);
    let [m, s] = [&posterior.mean, &posterior.std].map(|list| [list[0] as f64, list[1] as f64]);
    let mut square = 0.0;
    for (output, row) in [[0.9, 0.3], [-0.2, 0.5]].iter().enumerate() {
        let mean = row[0] * m[0] + row[1] * m[1] + [0.1, -0.2][output];
        square += (f64::from(point[output]) - mean).powi(2);
        square += (row[0] * s[0]).powi(2) + (row[1] * s[1]).powi(2);
    }
    let closed = -square / 0.32 - 2.0 * 0.4_f64.ln() - std::f64::consts::TAU.ln();
    let found = f64::from(terms.reconstruction.item());
    assert!((found - closed).abs() < 0.15, "{found} and {closed}");
}

#[test]
fn training_raises_the_bound_and_resumes_from_its_networks() {
    let trainer = trained(&small(), 1);
    let first = trainer.losses()[1].1;
    let trainer = trained(&small(), 60);
    assert!(trainer.losses()[1].1 > first + 0.1);
    let names: Vec<&str> = trainer.losses().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["loss", "ELBO", "reconstruction", "KL"]);
    let again = trained(&small(), 60);
    assert_eq!(trainer.losses(), again.losses());
}

#[test]
fn the_density_of_an_untrained_network_sums_to_one() {
    let vae = made(&small());
    let side = 81;
    let step = 0.2;
    let value = |index: usize| (index as f32 - 40.0) * step;
    let points: Vec<f32> = (0..side * side)
        .flat_map(|index| [value(index % side), value(index / side)])
        .collect();
    let densities = vae.log_density(&points).unwrap();
    let mass: f64 = densities.iter().map(|log| log.exp() * 0.04).sum();
    assert!((mass - 1.0).abs() < 1e-3, "{mass}");
}

#[test]
fn shapes_presets_and_wrong_input() {
    let vae = made(&small());
    let points = moons(10, 3);
    let mut generator = Generator::new(0);
    assert_eq!(vae.encode(&points).unwrap().len(), 20);
    assert_eq!(vae.bound(&points, 5, &mut generator).unwrap().len(), 10);
    assert_eq!(
        vae.aggregate_posterior(&points, &mut generator)
            .unwrap()
            .len(),
        20
    );
    assert_eq!(vae.decoded_grid(5, 2.0).unwrap().len(), 50);
    assert_eq!(
        vae.sample(&SampleRequest::new(7), &mut generator)
            .unwrap()
            .len(),
        14
    );
    let wrong = BoundOptions {
        samples: vec![3, 10],
        seed: 0,
    };
    assert!(vae.bounds(&points, &wrong).is_err());
    assert!(vae.decoded_grid(1, 2.0).is_err());
    assert!(vae.log_density(&[]).is_err());
    assert!(vae.score(&points).is_err());
    let collapse = FamilyOptions::preset("vae", "posterior-collapse").unwrap();
    assert_eq!(collapse.to_json()["beta"], 4.0);
    let options = VaeOptions {
        beta: -1.0,
        ..small()
    };
    assert!(Vae::new(&options, 0, &mut generator).is_err());
    let Plan { batch, steps, .. } = Vae::plan(&small());
    assert_eq!((batch, steps), (64, 60));
}
