//! Operators: adjoints, decompositions, and values that are known.

use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;

use super::{SHAPE, assert_close, linear_operators, matrix, normal, numbers, vector};
use crate::restore::{Degradation, Operator};

#[test]
fn the_adjoint_satisfies_the_dot_product_test() {
    let [channels, height, width] = SHAPE;
    for (name, operator) in linear_operators() {
        let x = normal([2, channels, height, width], 1);
        let y = operator.apply(x.clone());
        let other = normal(y.dims(), 2);
        let left: f64 = numbers(y * other.clone()).iter().sum();
        let right: f64 = numbers(x * operator.adjoint(other)).iter().sum();
        assert!((left - right).abs() < 1e-4, "{name}: {left} and {right}");
    }
}

#[test]
fn the_decomposition_is_that_of_the_matrix() {
    let [channels, height, width] = SHAPE;
    let x = normal([1, channels, height, width], 3);
    let mut decomposed = Vec::new();
    for (name, operator) in linear_operators() {
        let linear = operator.linear().unwrap();
        let Some(found) = linear.filter(x.clone(), &|s| 0.5 + s * s + s.powi(4)) else {
            continue;
        };
        let square = matrix(&operator).tr_mul(&matrix(&operator));
        let image = vector(x.clone());
        let expected = &image * 0.5 + &square * &image + &square * &square * &image;
        assert_close(name, &numbers(found), expected.as_slice(), 1e-4);
        decomposed.push(name);
    }
    assert_eq!(
        decomposed,
        ["inpaint", "downsample", "blur", "grey", "crop"]
    );
}

#[test]
fn the_regularised_inverse_solves_the_normal_equations() {
    for (name, operator) in linear_operators() {
        let a = matrix(&operator);
        let y = normal(
            operator
                .apply(normal([1, SHAPE[0], SHAPE[1], SHAPE[2]], 4))
                .dims(),
            5,
        );
        for ridge in [0.04, 1.0] {
            let found = operator
                .linear()
                .unwrap()
                .regularised_inverse(y.clone(), ridge);
            let size = a.ncols();
            let normal = a.tr_mul(&a) + DMatrix::identity(size, size) * ridge;
            let expected = normal.lu().solve(&a.tr_mul(&vector(y.clone()))).unwrap();
            assert_close(name, &numbers(found), expected.as_slice(), 1e-2);
        }
    }
}

fn image(values: &[f32], height: usize, width: usize) -> Tensor<4> {
    let data = TensorData::new(values.to_vec(), [1, 1, height, width]);
    Tensor::from_data(data, &Device::flex())
}

fn operator(degradation: Degradation, height: usize, width: usize) -> Operator<4> {
    let operator = degradation.operator([1, height, width], [-1.0, 1.0], &Device::flex());
    operator.unwrap()
}

/// A single bright pixel in the middle of 33 × 33.
fn impulse() -> Tensor<4> {
    let mut values = vec![0.0; 33 * 33];
    values[16 * 33 + 16] = 1.0;
    image(&values, 33, 33)
}

#[test]
fn downsampling_takes_means_and_a_crop_takes_a_window() {
    let values: Vec<f32> = (0..16).map(|i| i as f32).collect();
    let x = image(&values, 4, 4);
    let means = operator(Degradation::Downsample { factor: 2 }, 4, 4).apply(x.clone());
    assert_close("means", &numbers(means), &[2.5, 4.5, 10.5, 12.5], 1e-6);
    let window = Degradation::Crop {
        corner: [1, 2],
        size: [3, 1],
    };
    let window = operator(window, 4, 4).apply(x);
    assert_close("window", &numbers(window), &[6.0, 10.0, 14.0], 1e-6);
}

#[test]
fn a_gaussian_blur_has_the_moments_of_its_gaussian() {
    let blurred = operator(Degradation::Blur { std: 2.5 }, 33, 33).apply(impulse());
    let blurred = numbers(blurred);
    let moment = |power: i32| -> f64 {
        let term = |(i, value): (usize, &f64)| value * ((i % 33) as f64 - 16.0).powi(power);
        blurred.iter().enumerate().map(term).sum()
    };
    assert!((moment(0) - 1.0).abs() < 1e-5);
    assert!(
        (moment(2) - 2.5 * 2.5).abs() < 0.01,
        "variance {}",
        moment(2)
    );
    assert!((moment(4) / moment(2).powi(2) - 3.0).abs() < 0.02);
}

#[test]
fn a_motion_blur_is_a_line() {
    let blur = |angle| {
        let blur = Degradation::MotionBlur { length: 5.0, angle };
        numbers(operator(blur, 33, 33).apply(impulse()))
    };
    let row: Vec<f64> = blur(0.0)[16 * 33 + 13..][..7].to_vec();
    assert_close("row", &row, &[0.0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0], 1e-6);
    let steep = blur(90.0);
    let column: Vec<f64> = (13..20).map(|row| steep[row * 33 + 16]).collect();
    assert_close(
        "column",
        &column,
        &[0.0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.0],
        1e-6,
    );
    // Counterclockwise: a line that rises to the right.
    let rising = blur(45.0);
    assert!(rising[15 * 33 + 17] > 0.1 && rising[15 * 33 + 15] < 1e-6);
}

#[test]
fn quantisation_rounds_to_the_nearest_level() {
    let quantise = operator(Degradation::Quantise { levels: 3 }, 1, 5);
    let found = quantise.apply(image(&[-2.0, -0.6, -0.4, 0.4, 0.9], 1, 5));
    assert_close(
        "levels",
        &numbers(found),
        &[-1.0, -1.0, 0.0, 0.0, 1.0],
        1e-6,
    );
}

#[test]
fn operators_that_do_not_fit_are_refused_with_what_fits() {
    let message = |degradation: Degradation| {
        let operator = degradation.operator([1, 28, 28], [-1.0, 1.0], &Device::flex());
        operator.unwrap_err().to_string()
    };
    let contains = |degradation: Degradation, part: &str| {
        let message = message(degradation);
        assert!(message.contains(part), "{message}");
    };
    contains(Degradation::Downsample { factor: 3 }, "2, 4, 7, 14, 28");
    contains(Degradation::Downsample { factor: 0 }, "2, 4, 7, 14, 28");
    contains(Degradation::Inpaint { mask: vec![1.0; 3] }, "784 numbers");
    for value in [0.0, 1.0] {
        let mask = vec![value; 784];
        contains(Degradation::Inpaint { mask }, "everywhere");
    }
    let mut mask = vec![1.0; 784];
    mask[3] = f32::NAN;
    contains(Degradation::Inpaint { mask }, "NaN");
    contains(Degradation::Blur { std: f64::NAN }, "between");
    contains(Degradation::Grey, "grey");
    contains(Degradation::Quantise { levels: 1 }, "between 2 and 256");
    let crop = |corner, size| Degradation::Crop { corner, size };
    contains(crop([20, 0], [9, 4]), "9 × 4 from row 20");
    contains(crop([0, 0], [28, 28]), "less than all");
    contains(crop([usize::MAX, 0], [2, 2]), "a window");
    let matrix = vec![0.0; 784];
    contains(Degradation::Linear { matrix, outputs: 1 }, "not 0");
    let matrix = vec![1.0; 10];
    contains(Degradation::Linear { matrix, outputs: 1 }, "784 numbers");
}
