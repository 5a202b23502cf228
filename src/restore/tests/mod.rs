//! Operators and methods against closed forms.

mod gaussian;
mod operators;
mod own_steps;
mod synchronised;

use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::{DMatrix, DVector};

use super::{Degradation, Operator};
use crate::random::Generator;

/// Channels, height and width of the test images.
const SHAPE: [usize; 3] = [2, 4, 6];

fn normal(shape: [usize; 4], seed: u32) -> Tensor<4> {
    let values = Generator::new(seed).normal(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// Every linear operator for images of `SHAPE`.
fn linear_operators() -> Vec<(&'static str, Operator<4>)> {
    let mask = (0..24).map(|i| f32::from(i % 3 == 0)).collect();
    let matrix = Generator::new(9).normal(5 * 48);
    let degradations = [
        Degradation::Inpaint { mask },
        Degradation::Downsample { factor: 2 },
        Degradation::Blur { std: 1.2 },
        Degradation::MotionBlur {
            length: 3.0,
            angle: 30.0,
        },
        Degradation::Grey,
        Degradation::Crop {
            corner: [1, 2],
            size: [2, 3],
        },
        Degradation::Linear { matrix, outputs: 5 },
    ];
    let operator = |degradation: Degradation| {
        let operator = degradation.operator(SHAPE, [-1.0, 1.0], &Device::flex());
        (degradation.name(), operator.unwrap())
    };
    degradations.map(operator).into()
}

/// The matrix of an operator, from its values at unit vectors.
fn matrix(operator: &Operator<4>) -> DMatrix<f64> {
    let [channels, height, width] = SHAPE;
    let inputs = channels * height * width;
    let units: Vec<f32> = (0..inputs * inputs)
        .map(|i| f32::from(i / inputs == i % inputs))
        .collect();
    let shape = [inputs, channels, height, width];
    let units = Tensor::from_data(TensorData::new(units, shape), &Device::flex());
    let columns = numbers(operator.apply(units));
    DMatrix::from_column_slice(columns.len() / inputs, inputs, &columns)
}

fn vector(tensor: Tensor<4>) -> DVector<f64> {
    DVector::from_vec(numbers(tensor))
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance,
            "{what} at {index}: {found} instead of {expected}"
        );
    }
}
