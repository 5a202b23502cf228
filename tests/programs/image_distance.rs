//! Distances between sets of feature vectors, against closed forms, known arrangements and numpy.

use tweedie::distance::{Features, Gaussian, Manifold, NEIGHBOURS};
use tweedie::random::Generator;

fn gaussian(mean: &[f64], covariance: &[f64]) -> Gaussian {
    Gaussian::new(mean, covariance).unwrap()
}

/// The features in `tests/parity/image_distance.py`.
fn formula(count: usize, dimensions: usize, phase: f64) -> Vec<f32> {
    let value = |index: usize| {
        let index = index as f64;
        (index * 0.731 + phase).sin() + 0.5 * (index * index * 0.0137 + phase).cos()
    };
    (0..count * dimensions)
        .map(|index| value(index) as f32)
        .collect()
}

#[test]
fn a_set_is_at_no_distance_from_itself() {
    let values = Generator::new(0).normal(500 * 64);
    let fitted = Gaussian::fit(Features::new(&values, 64).unwrap());
    let distance = fitted.frechet_distance(&fitted.clone()).unwrap();
    assert!((0.0..1e-9).contains(&distance), "{distance}");
    // With fewer vectors than dimensions, and a feature that is always 0, the covariance is singular.
    let mut few = values[..40 * 64].to_vec();
    few.iter_mut().step_by(64).for_each(|value| *value = 0.0);
    let fitted = Gaussian::fit(Features::new(&few, 64).unwrap());
    let distance = fitted.frechet_distance(&fitted.clone()).unwrap();
    assert!((0.0..1e-9).contains(&distance), "{distance}");
}

#[test]
fn the_distance_of_commuting_covariances_is_that_of_their_standard_deviations() {
    let a = gaussian(&[0.0, 1.0], &[4.0, 0.0, 0.0, 9.0]);
    let b = gaussian(&[3.0, -1.0], &[1.0, 0.0, 0.0, 25.0]);
    let expected = 9.0 + 4.0 + (2.0_f64 - 1.0).powi(2) + (3.0_f64 - 5.0).powi(2);
    assert!((a.frechet_distance(&b).unwrap() - expected).abs() < 1e-12);
    // With zero covariance only the means matter.
    let point = gaussian(&[0.0, 0.0], &[0.0; 4]);
    assert!((a.frechet_distance(&point).unwrap() - (1.0 + 13.0)).abs() < 1e-12);
}

#[test]
fn the_distance_of_covariances_that_do_not_commute_is_the_closed_form_of_two_dimensions() {
    let (c1, c2) = ([2.0, 0.6, 0.6, 1.0], [1.0, -0.7, -0.7, 3.0]);
    // Tr(M^½) = √(Tr M + 2·√det M) for a product M of two covariances in two dimensions.
    let trace = c1[0] * c2[0] + c1[1] * c2[2] + c1[2] * c2[1] + c1[3] * c2[3];
    let determinant = |c: [f64; 4]| c[0] * c[3] - c[1] * c[2];
    let root = (trace + 2.0 * (determinant(c1) * determinant(c2)).sqrt()).sqrt();
    let expected = 0.25 + 3.0 + 4.0 - 2.0 * root;
    let (a, b) = (gaussian(&[0.0, 0.0], &c1), gaussian(&[0.5, 0.0], &c2));
    assert!((a.frechet_distance(&b).unwrap() - expected).abs() < 1e-12);
    assert!((b.frechet_distance(&a).unwrap() - expected).abs() < 1e-12);
}

#[test]
fn distance_precision_and_recall_are_those_of_numpy() {
    let a = formula(200, 8, 0.0);
    let b: Vec<f32> = formula(150, 8, 0.4)
        .iter()
        .map(|value| (1.1 * f64::from(*value) + 0.05) as f32)
        .collect();
    let (a, b) = (Features::new(&a, 8).unwrap(), Features::new(&b, 8).unwrap());
    let fixture = crate::common::json("image_distance.json");
    let expected = |name: &str| fixture[name].as_f64().unwrap();
    let distance = Gaussian::fit(a).frechet_distance(&Gaussian::fit(b));
    assert!((distance.unwrap() - expected("frechet")).abs() < 1e-6);
    let manifold = |features| Manifold::new(features, NEIGHBOURS).unwrap();
    assert!((manifold(a).coverage(b).unwrap() - expected("precision")).abs() < 1e-12);
    assert!((manifold(b).coverage(a).unwrap() - expected("recall")).abs() < 1e-12);
}

#[test]
fn precision_counts_samples_near_the_data_and_recall_data_near_the_samples() {
    // Two clusters; the samples cover one of them, and contain one outlier.
    let real = [0.0, 1.0, 2.0, 3.0, 100.0, 101.0, 102.0, 103.0];
    let samples = [0.5, 1.5, 2.5, 3.5, 50.0, 1.0, 2.0, 3.0];
    let (real, samples) = (
        Features::new(&real, 1).unwrap(),
        Features::new(&samples, 1).unwrap(),
    );
    assert_eq!(Manifold::new(real, 1).unwrap().coverage(samples), Ok(0.875));
    let of_samples = Manifold::new(Features::new(&[0.0, 1.0, 2.0, 3.0], 1).unwrap(), 1);
    assert_eq!(of_samples.unwrap().coverage(real), Ok(0.5));
    // Every vector is in its own manifold.
    assert_eq!(Manifold::new(real, 3).unwrap().coverage(real), Ok(1.0));
    // So are those of a model that has collapsed to one vector, whose balls have radius 0.
    let same = Features::new(&[0.25; 6], 1).unwrap();
    assert_eq!(Manifold::new(same, 3).unwrap().coverage(same), Ok(1.0));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    assert!(Features::new(&[1.0, 2.0, 3.0], 2).is_err());
    assert!(Features::new(&[1.0, 2.0], 2).is_err());
    assert!(Features::new(&[1.0, f32::NAN, 1.0, 1.0], 2).is_err());
    assert!(Features::new(&[], 0).is_err());
    let (two, one) = ([0.0; 4], [0.0; 4]);
    let (two, one) = (
        Features::new(&two, 2).unwrap(),
        Features::new(&one, 1).unwrap(),
    );
    assert!(
        Gaussian::fit(two)
            .frechet_distance(&Gaussian::fit(one))
            .is_err()
    );
    assert!(Manifold::new(two, 1).unwrap().coverage(one).is_err());
    assert!(Manifold::new(two, 0).is_err() && Manifold::new(two, 2).is_err());
    assert!(Gaussian::new(&[0.0, 0.0], &[1.0, 0.5, 0.0, 1.0]).is_err());
    assert!(Gaussian::new(&[0.0], &[1.0, 0.5]).is_err());
    assert!(Gaussian::new(&[f64::NAN], &[1.0]).is_err());
}
