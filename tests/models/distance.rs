//! Distances between sets of points, against closed forms and brute force.

use std::f64::consts::PI;

use tweedie::dataset::{Named, PointData};
use tweedie::distance::mmd::{self, Estimator, median_distance};
use tweedie::distance::sliced_wasserstein::{Options, Order};
use tweedie::distance::{sliced_wasserstein, squared_mmd};

fn draw(named: Named, count: usize, seed: u32) -> Vec<[f32; 2]> {
    PointData::draw(named, count, seed)
        .unwrap()
        .points()
        .to_vec()
}

fn sliced(a: &[[f32; 2]], b: &[[f32; 2]], order: Order, projections: usize) -> f64 {
    let seed = 4;
    let options = Options {
        order,
        projections,
        seed,
    };
    sliced_wasserstein(a, b, &options).unwrap()
}

#[test]
fn a_shift_moves_all_mass_by_its_projection() {
    let a = draw(Named::TwoMoons, 300, 0);
    let b: Vec<[f32; 2]> = a.iter().map(|[x, y]| [x + 0.3, y - 0.4]).collect();
    // E |θ·δ| = 2/π·|δ| and E (θ·δ)² = |δ|²/2, with |δ| = 0.5.
    for (order, expected) in [(Order::First, 1.0 / PI), (Order::Second, 0.5 / 2f64.sqrt())] {
        let found = sliced(&a, &b, order, 10_000);
        assert!(
            (found / expected - 1.0).abs() < 0.02,
            "{order:?}: {found}, not {expected}"
        );
    }
    assert_eq!(sliced(&a, &a, Order::Second, 100), 0.0);
}

#[test]
fn the_transport_of_a_projection_is_the_cheapest_of_all_assignments() {
    let (a, b) = (draw(Named::Spiral, 6, 1), draw(Named::Smiley, 6, 2));
    // One direction at a time, so that all assignments can be enumerated.
    for seed in 0..20 {
        for order in [Order::First, Order::Second] {
            let options = Options {
                order,
                projections: 1,
                seed,
            };
            let found = sliced_wasserstein(&a, &b, &options).unwrap();
            let direction = tweedie::random::Generator::new(seed).normal(2);
            let length = f64::from(direction[0]).hypot(direction[1].into());
            let along = |point: &[f32; 2]| {
                let [x, y] = point.map(f64::from);
                (x * f64::from(direction[0]) + y * f64::from(direction[1])) / length
            };
            let (left, right): (Vec<f64>, Vec<f64>) =
                (a.iter().map(along).collect(), b.iter().map(along).collect());
            let cheapest = cheapest(&left, &mut right.clone(), 0, order) / 6.0;
            let expected = match order {
                Order::First => cheapest,
                Order::Second => cheapest.sqrt(),
            };
            assert!(
                (found - expected).abs() < 1e-6,
                "{order:?}, {seed}: {found}, not {expected}"
            );
        }
    }
}

/// The minimal cost over all permutations of `right` from `fixed` on.
fn cheapest(left: &[f64], right: &mut [f64], fixed: usize, order: Order) -> f64 {
    if fixed == right.len() {
        let cost = |(l, r): (&f64, &f64)| match order {
            Order::First => (l - r).abs(),
            Order::Second => (l - r) * (l - r),
        };
        return left.iter().zip(right.iter()).map(cost).sum();
    }
    let mut least = f64::INFINITY;
    for index in fixed..right.len() {
        right.swap(fixed, index);
        least = least.min(cheapest(left, right, fixed + 1, order));
        right.swap(fixed, index);
    }
    least
}

#[test]
fn sets_of_different_sizes_are_compared_as_if_their_points_were_repeated() {
    let (a, b) = (draw(Named::Rings, 40, 1), draw(Named::Pinwheel, 60, 2));
    let repeated = |points: &[[f32; 2]], times: usize| points.repeat(times);
    for order in [Order::First, Order::Second] {
        let found = sliced(&a, &b, order, 50);
        let expected = sliced(&repeated(&a, 3), &repeated(&b, 2), order, 50);
        assert!(
            (found - expected).abs() < 1e-9,
            "{order:?}: {found}, not {expected}"
        );
        assert!(
            (found - sliced(&b, &a, order, 50)).abs() < 1e-12,
            "{order:?}: not symmetric"
        );
    }
}

#[test]
fn the_discrepancy_is_the_mean_of_its_kernel_over_all_pairs() {
    let (a, b) = (
        draw(Named::Checkerboard, 83, 1),
        draw(Named::SwissRoll, 122, 2),
    );
    let h = 0.7;
    let kernel = |a: &[f32; 2], b: &[f32; 2]| {
        let square: f64 = (0..2)
            .map(|i| (f64::from(a[i]) - f64::from(b[i])).powi(2))
            .sum();
        let of_width = |width: f64| (-square / (2.0 * width * width)).exp() / 4.0;
        [h, h / 2.0, h / 4.0, h / 8.0]
            .map(of_width)
            .iter()
            .sum::<f64>()
    };
    let sum = |a: &[[f32; 2]], b: &[[f32; 2]]| -> f64 {
        a.iter()
            .flat_map(|a| b.iter().map(move |b| kernel(a, b)))
            .sum()
    };
    let (n, m) = (83.0, 122.0);
    let across = 2.0 * sum(&a, &b) / (n * m);
    for (estimator, within) in [
        (
            Estimator::Biased,
            sum(&a, &a) / (n * n) + sum(&b, &b) / (m * m),
        ),
        (
            Estimator::Unbiased,
            (sum(&a, &a) - n) / (n * (n - 1.0)) + (sum(&b, &b) - m) / (m * (m - 1.0)),
        ),
    ] {
        let bandwidth = Some(h);
        let found = squared_mmd(
            &a,
            &b,
            &mmd::Options {
                bandwidth,
                estimator,
            },
        )
        .unwrap();
        assert!(
            (found - within + across).abs() < 1e-6,
            "{estimator:?}: {found}"
        );
    }
}

#[test]
fn the_discrepancy_of_two_gaussians_is_its_closed_form() {
    // k(a, b) of normals with covariances s² and t² is h²/(h² + s² + t²)·exp(−|δ|²/(2(h² + s² + t²))) in the plane.
    let normal = |seed: u32, shift: f32, std: f32| -> Vec<[f32; 2]> {
        let numbers = tweedie::random::Generator::new(seed).normal(2 * 8000);
        let points = numbers.as_chunks::<2>().0.iter();
        points.map(|[x, y]| [std * x + shift, std * y]).collect()
    };
    let (a, b) = (normal(1, 0.0, 1.0), normal(2, 0.8, 0.5));
    let kernel = |variance: f64, shift: f64| {
        let of_width = |width: f64| {
            let h2 = width * width;
            h2 / (h2 + variance) * (-shift * shift / (2.0 * (h2 + variance))).exp() / 4.0
        };
        [0.9, 0.45, 0.225, 0.1125].map(of_width).iter().sum::<f64>()
    };
    let expected = kernel(2.0, 0.0) - 2.0 * kernel(1.25, 0.8) + kernel(0.5, 0.0);
    let options = mmd::Options {
        bandwidth: Some(0.9),
        estimator: Estimator::Unbiased,
    };
    let found = squared_mmd(&a, &b, &options).unwrap();
    assert!(
        (found / expected - 1.0).abs() < 0.05,
        "{found}, exactly {expected}"
    );
}

#[test]
fn two_draws_of_one_distribution_are_nearer_than_draws_of_two() {
    for named in Named::ALL {
        let (a, b) = (draw(named, 2000, 1), draw(named, 2000, 2));
        let other = if named == Named::Rings {
            Named::TwoMoons
        } else {
            Named::Rings
        };
        let c = draw(other, 2000, 3);
        let near = squared_mmd(&a, &b, &mmd::Options::default()).unwrap();
        let far = squared_mmd(&c, &b, &mmd::Options::default()).unwrap();
        assert!(
            near.abs() < 1e-3 && far > 5.0 * near.abs(),
            "{named:?}: {near}, {far}"
        );
        let near = sliced(&a, &b, Order::Second, 128);
        let far = sliced(&c, &b, Order::Second, 128);
        assert!(far > 1.5 * near, "{named:?}: {near}, {far}");
    }
}

#[test]
fn the_median_distance_is_that_of_all_pairs() {
    let points = draw(Named::Spiral, 201, 0);
    let mut all: Vec<f64> = Vec::new();
    for (i, a) in points.iter().enumerate() {
        all.extend(
            points[..i]
                .iter()
                .map(|b| f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1]))),
        );
    }
    all.sort_by(f64::total_cmp);
    assert!((median_distance(&points) - all[all.len() / 2]).abs() < 1e-6);
}

#[test]
fn sets_and_options_out_of_range_are_refused() {
    let some = draw(Named::Rings, 10, 0);
    let default = mmd::Options::default();
    for bad in [
        vec![],
        vec![[0.0, 0.0]],
        vec![[0.0, f32::NAN]; 3],
        vec![[0.0; 2]; 20_001],
    ] {
        assert!(squared_mmd(&bad, &some, &default).is_err());
        assert!(sliced_wasserstein(&some, &bad, &Options::default()).is_err());
    }
    for bandwidth in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let bandwidth = Some(bandwidth);
        assert!(
            squared_mmd(
                &some,
                &some,
                &mmd::Options {
                    bandwidth,
                    ..default
                }
            )
            .is_err()
        );
    }
    assert!(
        squared_mmd(&some, &[[1.0, 1.0]; 5], &default).is_err(),
        "no distance to go by"
    );
    for projections in [0, 10_001] {
        let options = Options {
            projections,
            ..Options::default()
        };
        assert!(sliced_wasserstein(&some, &some, &options).is_err());
    }
}
