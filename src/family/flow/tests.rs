use super::*;
use crate::Error;
use crate::dataset::{Named, PointData};
use crate::family::real_nvp::{Affine, RealNvp, RealNvpOptions};
use crate::family::spline_flow::{SplineFlow, SplineFlowOptions};
use crate::family::{Family, FamilyOptions, FamilyTrainer};
use crate::train::Samples;

fn real_nvp() -> RealNvp {
    let options = RealNvpOptions {
        couplings: 3,
        width: 8,
        ..RealNvpOptions::default()
    };
    RealNvp::new(&options, 0, &mut Generator::new(1)).unwrap()
}

fn spline_flow() -> SplineFlow {
    let options = SplineFlowOptions {
        couplings: 3,
        width: 8,
        ..SplineFlowOptions::default()
    };
    SplineFlow::new(&options, 0, &mut Generator::new(1)).unwrap()
}

/// The same flow with random weights.
fn varied<T: Transformation>(mut flow: Flow<T>) -> Flow<T> {
    let count = flow.network.parameter_count();
    let weights = Generator::new(7).normal(count).into_iter();
    let weights: Vec<f32> = weights.map(|weight| 0.4 * weight).collect();
    flow.network.start_from(&weights);
    flow
}

/// Points near the origin.
fn points() -> Vec<f32> {
    Generator::new(3).normal(64)
}

fn starts_as_the_identity<T: Transformation>(flow: &Flow<T>) {
    let points = points();
    for (latent, point) in flow.encode(&points).unwrap().iter().zip(&points) {
        assert!((latent - point).abs() < 1e-6, "{latent} of {point}");
    }
    let densities = flow.log_density(&points).unwrap();
    for (density, [x, y]) in densities.iter().zip(points.as_chunks::<2>().0) {
        let expected = -0.5 * f64::from(x * x + y * y) - LN_TAU;
        assert!((density - expected).abs() < 1e-5, "{density}, {expected}");
    }
}

#[test]
fn a_new_flow_is_the_identity() {
    starts_as_the_identity(&real_nvp());
    starts_as_the_identity(&spline_flow());
}

fn has_the_determinant_of_differences<T: Transformation>(flow: &Flow<T>) {
    const STEP: f32 = 1.0 / 1024.0;
    let points = points();
    let passage = flow.forward(&points).unwrap();
    let moved = |axis: usize, step: f32| {
        let mut moved = points.clone();
        moved
            .iter_mut()
            .skip(axis)
            .step_by(2)
            .for_each(|x| *x += step);
        flow.forward(&moved).unwrap().end().to_vec()
    };
    let [right, left, up, down] =
        [(0, STEP), (0, -STEP), (1, STEP), (1, -STEP)].map(|(axis, step)| moved(axis, step));
    for (point, found) in passage.log_determinant().into_iter().enumerate() {
        let slope = |above: &[[f64; 2]], below: &[[f64; 2]], axis: usize| {
            (above[point][axis] - below[point][axis]) / f64::from(2.0 * STEP)
        };
        let [xx, yx] = [0, 1].map(|axis| slope(&right, &left, axis));
        let [xy, yy] = [0, 1].map(|axis| slope(&up, &down, axis));
        let expected = (xx * yy - xy * yx).abs().ln();
        assert!((found - expected).abs() < 5e-3, "{found} but {expected}");
    }
}

#[test]
fn log_determinants_are_those_of_a_jacobian_by_differences() {
    has_the_determinant_of_differences(&varied(real_nvp()));
    has_the_determinant_of_differences(&varied(spline_flow()));
}

fn is_undone_by_its_inverse<T: Transformation>(flow: &Flow<T>) {
    let points = points();
    assert!(flow.inverse_error(&points).unwrap() < 1e-6);
    let restored = flow.decode(&flow.encode(&points).unwrap()).unwrap();
    let pairs = restored.iter().zip(&points);
    pairs.for_each(|(restored, given)| assert!((restored - given).abs() < 2e-5));
    let forward = flow.forward(&points).unwrap();
    let inverse = flow.inverse(&flat(forward.end())).unwrap();
    assert_eq!(forward.positions.len(), 4);
    for (there, back) in forward.positions.iter().zip(inverse.positions.iter().rev()) {
        let pairs = there.as_flattened().iter().zip(back.as_flattened());
        pairs.for_each(|(there, back)| assert!((there - back).abs() < 2e-5));
    }
    let layers = inverse.log_determinants.iter().rev();
    for (there, back) in forward.log_determinants.iter().zip(layers) {
        let pairs = there.iter().zip(back);
        pairs.for_each(|(there, back)| assert!((there - back).abs() < 1e-3));
    }
}

#[test]
fn every_layer_is_undone_by_the_inverse() {
    is_undone_by_its_inverse(&varied(real_nvp()));
    is_undone_by_its_inverse(&varied(spline_flow()));
}

fn has_the_score_of_differences<T: Transformation>(flow: &Flow<T>) {
    const STEP: f32 = 1.0 / 1024.0;
    let points = points();
    let scores = flow.score(&points).unwrap();
    for axis in [0, 1] {
        let [below, here, above] = [-STEP, 0.0, STEP].map(|step| {
            let mut moved = points.clone();
            moved
                .iter_mut()
                .skip(axis)
                .step_by(2)
                .for_each(|x| *x += step);
            flow.log_density(&moved).unwrap()
        });
        for point in 0..here.len() {
            let found = f64::from(scores[2 * point + axis]);
            // At the kink of a rectifier within the step, the derivative is one-sided.
            let sides = [here[point] - below[point], above[point] - here[point]];
            let errors = sides.map(|rise| (found - rise / f64::from(STEP)).abs());
            let error = errors[0].min(errors[1]);
            assert!(error < 0.02 * found.abs().max(1.0), "{found}: {errors:?}");
        }
    }
}

#[test]
fn scores_are_slopes_of_the_log_density() {
    has_the_score_of_differences(&varied(real_nvp()));
    has_the_score_of_differences(&varied(spline_flow()));
}

#[test]
fn an_affine_layer_is_its_formula() {
    let parameters = [1.2f32, -0.7];
    let s = 2.0 * 0.6f64.tanh();
    let [y, log_slope] = Affine.forward(1.5, &parameters);
    assert!((y - (1.5 * s.exp() - 0.7)).abs() < 1e-6, "{y}");
    assert!((log_slope - s).abs() < 1e-6, "{log_slope}");
    assert!((Affine.inverse(y, &parameters)[0] - 1.5).abs() < 1e-12);
    let mut found = [0.0; 2];
    let by_x = Affine.gradients(1.5, &parameters, [0.5, 2.0], &mut found);
    let slope = 1.0 - 0.6f64.tanh().powi(2);
    assert!((by_x - 0.5 * s.exp()).abs() < 1e-6);
    let expected = ((0.5 * 1.5 * s.exp() + 2.0) * slope) as f32;
    assert!((found[0] - expected).abs() < 1e-5, "{found:?}");
    assert_eq!(found[1], 0.5);
}

/// The mass of the density on `[−5, 5]²`.
fn mass(member: &dyn Member) -> f64 {
    const SIDE: usize = 200;
    let step = 10.0 / SIDE as f64;
    let place = |index: usize| ((index as f64 + 0.5) * step - 5.0) as f32;
    let cells = (0..SIDE * SIDE).flat_map(|cell| [place(cell % SIDE), place(cell / SIDE)]);
    let densities = member.log_density(&cells.collect::<Vec<f32>>()).unwrap();
    densities.into_iter().map(f64::exp).sum::<f64>() * step * step
}

fn learns(options: FamilyOptions) {
    let data = PointData::draw(Named::TwoMoons, 1000, 0).unwrap();
    let samples = Samples::new(data.points().as_flattened().to_vec(), [1000, 2]).unwrap();
    let mut trainer = FamilyTrainer::new(samples, options).unwrap();
    let first = trainer.step().unwrap()[0].1;
    let mut last = first;
    for _ in 1..60 {
        last = trainer.step().unwrap()[0].1;
    }
    assert!(last < first - 0.4, "{first} to {last}");
    let mass = mass(trainer.member());
    assert!((mass - 1.0).abs() < 2e-3, "{mass}");
    let request = SampleRequest::new(100);
    let member = trainer.member();
    let generator = &mut Generator::new(0);
    assert_eq!(member.sample(&request, generator).unwrap().len(), 200);
}

#[test]
fn likelihood_rises_while_the_mass_stays_one() {
    let options = RealNvpOptions {
        couplings: 4,
        width: 16,
        batch: 128,
        learning_rate: 1e-2,
        ..RealNvpOptions::default()
    };
    learns(FamilyOptions::of::<RealNvp>(&options).unwrap());
    let options = SplineFlowOptions {
        couplings: 2,
        width: 16,
        batch: 128,
        learning_rate: 1e-2,
        ..SplineFlowOptions::default()
    };
    learns(FamilyOptions::of::<SplineFlow>(&options).unwrap());
}

#[test]
fn fields_have_numbers_for_each_point() {
    let flow = spline_flow();
    let points = points();
    let widths = [1, 3, 8, 8];
    for (name, width) in flow.fields().iter().zip(widths) {
        let numbers = flow.field(name, &points).unwrap();
        assert_eq!(numbers.len(), 32 * width, "{name}");
    }
    let positions = flow.field("positions", &points).unwrap();
    assert_eq!(positions[8..10], points[2..4]);
    let error = flow.field("energy", &points).unwrap_err();
    assert!(matches!(error, Error::NoCapability { .. }), "{error}");
}

#[test]
fn wrong_options_and_points_are_named() {
    let named = |result: Result<SplineFlow>| match result.unwrap_err() {
        Error::InvalidOption { name, .. } => name,
        error => panic!("{error}"),
    };
    let make = |options| named(SplineFlow::new(&options, 0, &mut Generator::new(0)));
    let defaults = SplineFlowOptions::default;
    assert_eq!(
        make(SplineFlowOptions {
            couplings: 0,
            ..defaults()
        }),
        "couplings"
    );
    assert_eq!(
        make(SplineFlowOptions {
            width: 0,
            ..defaults()
        }),
        "width"
    );
    assert_eq!(
        make(SplineFlowOptions {
            bins: 1,
            ..defaults()
        }),
        "bins"
    );
    assert_eq!(
        make(SplineFlowOptions {
            bins: 65,
            ..defaults()
        }),
        "bins"
    );
    assert_eq!(
        make(SplineFlowOptions {
            bound: f64::NAN,
            ..defaults()
        }),
        "bound"
    );
    let rate = SplineFlowOptions {
        learning_rate: -1.0,
        ..defaults()
    };
    assert_eq!(make(rate), "learning_rate");
    for points in [&[][..], &[1.0], &[f32::NAN, 0.0]] {
        assert!(real_nvp().log_density(points).is_err());
        assert!(real_nvp().decode(points).is_err());
        assert!(real_nvp().score(points).is_err());
    }
}
