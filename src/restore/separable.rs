//! Operators that are sums of products of a row map and a column map: downsampling, crops, motion blur.

use burn::tensor::{Device, Tensor, TensorData};

use super::LinearOperator;
use super::operator::two_valued_filter;

/// `y = Σ_k L_k·x·R_kᵀ` on each channel, with small matrices `L_k`, `[rows of y, rows of x]`, and `R_k`,
/// `[columns of y, columns of x]`.
#[derive(Clone, Debug)]
pub struct Separable {
    terms: Vec<[Tensor<4>; 2]>,
    /// The only nonzero singular value; `None` if it is not known or there are several.
    singular: Option<f64>,
}

/// A matrix as rows.
type Matrix = Vec<Vec<f32>>;

impl Separable {
    fn new(terms: &[[Matrix; 2]], singular: Option<f64>, device: &Device) -> Self {
        let tensors = |pair: &[Matrix; 2]| pair.each_ref().map(|matrix| tensor(matrix, device));
        Self {
            terms: terms.iter().map(tensors).collect(),
            singular,
        }
    }

    /// The mean of each block of `factor × factor` pixels. All singular values are `1/factor`. Both sides must be
    /// multiples of `factor`.
    pub fn downsample(size: [usize; 2], factor: usize, device: &Device) -> Self {
        let mean = |side: usize| {
            let weight = |row, column| f32::from(column / factor == row) / factor as f32;
            matrix(side / factor, side, weight)
        };
        let singular = (factor as f64).recip();
        Self::new(&[size.map(mean)], Some(singular), device)
    }

    /// The window of the given size whose first pixel is at `corner`, each as row and column.
    pub fn crop(size: [usize; 2], corner: [usize; 2], window: [usize; 2], device: &Device) -> Self {
        let select = |axis: usize| {
            let weight = |row, column| f32::from(column == row + corner[axis]);
            matrix(window[axis], size[axis], weight)
        };
        Self::new(&[[select(0), select(1)]], Some(1.0), device)
    }

    /// The mean over a line of `length` pixels through each pixel, at `angle` degrees counterclockwise from the
    /// horizontal. It is taken over `⌈length⌉` evenly spaced points with bilinear interpolation. Beyond the border the
    /// nearest pixel is repeated.
    pub fn motion_blur(size: [usize; 2], length: f64, angle: f64, device: &Device) -> Self {
        let kernel = line(length, angle);
        let rows: Vec<i64> = distinct(kernel.iter().map(|(row, ..)| *row));
        let term = |row: &i64| {
            let shift = shifts(size[0], &[(*row, 1.0)]);
            let taps: Vec<(i64, f32)> = kernel
                .iter()
                .filter(|(tap_row, ..)| tap_row == row)
                .map(|(_, column, weight)| (*column, *weight))
                .collect();
            [shift, shifts(size[1], &taps)]
        };
        let terms: Vec<[Matrix; 2]> = rows.iter().map(term).collect();
        Self::new(&terms, None, device)
    }
}

impl LinearOperator<4> for Separable {
    fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        let term = |[left, right]: &[Tensor<4>; 2]| {
            left.clone()
                .matmul(images.clone())
                .matmul(right.clone().swap_dims(2, 3))
        };
        sum(self.terms.iter().map(term), images.clone())
    }

    fn adjoint(&self, observed: Tensor<4>) -> Tensor<4> {
        let term = |[left, right]: &[Tensor<4>; 2]| {
            left.clone()
                .swap_dims(2, 3)
                .matmul(observed.clone())
                .matmul(right.clone())
        };
        sum(self.terms.iter().map(term), observed.clone())
    }

    fn filter(&self, images: Tensor<4>, gain: &dyn Fn(f64) -> f64) -> Option<Tensor<4>> {
        let singular = self.singular?;
        Some(two_valued_filter(self, singular, images, gain))
    }
}

fn sum(terms: impl Iterator<Item = Tensor<4>>, otherwise: Tensor<4>) -> Tensor<4> {
    terms.reduce(|sum, term| sum + term).unwrap_or(otherwise)
}

/// The matrix with these entries.
pub(super) fn matrix(
    rows: usize,
    columns: usize,
    entry: impl Fn(usize, usize) -> f32,
) -> Vec<Vec<f32>> {
    let row = |row| (0..columns).map(|column| entry(row, column)).collect();
    (0..rows).map(row).collect()
}

/// The matrix as `[1, 1, rows, columns]`.
pub(super) fn tensor(matrix: &[Vec<f32>], device: &Device) -> Tensor<4> {
    let columns = matrix.first().map_or(0, Vec::len);
    let shape = [1, 1, matrix.len(), columns];
    Tensor::from_data(TensorData::new(matrix.concat(), shape), device)
}

/// The matrix of a weighted sum of shifts, where the first and the last entry are repeated beyond the ends.
fn shifts(side: usize, taps: &[(i64, f32)]) -> Matrix {
    let mut matrix = vec![vec![0.0; side]; side];
    for (row, weights) in matrix.iter_mut().enumerate() {
        for (shift, weight) in taps {
            let column = (row as i64 + shift).clamp(0, side as i64 - 1);
            weights[column as usize] += weight;
        }
    }
    matrix
}

/// Pixels of a line through the origin as row, column and weight; the weights sum to 1.
fn line(length: f64, angle: f64) -> Vec<(i64, i64, f32)> {
    let (sin, cos) = angle.to_radians().sin_cos();
    let points = length.ceil().max(1.0) as usize;
    let first = (1.0 - length) / 2.0;
    let spacing = (length - 1.0) / (points - 1).max(1) as f64;
    let mut pixels = std::collections::BTreeMap::new();
    for point in 0..points {
        let along = first + spacing * point as f64;
        let (row, column) = (-along * sin, along * cos);
        for (near, share) in neighbours(row) {
            for (beside, part) in neighbours(column) {
                *pixels.entry((near, beside)).or_insert(0.0) += share * part / points as f64;
            }
        }
    }
    pixels
        .into_iter()
        .filter(|(_, weight)| *weight > 1e-9)
        .map(|((row, column), weight)| (row, column, weight as f32))
        .collect()
}

/// The two integers next to a coordinate, with the weights of linear interpolation.
fn neighbours(coordinate: f64) -> [(i64, f64); 2] {
    let below = coordinate.floor();
    let share = coordinate - below;
    [(below as i64, 1.0 - share), (below as i64 + 1, share)]
}

fn distinct(numbers: impl Iterator<Item = i64>) -> Vec<i64> {
    let set: std::collections::BTreeSet<i64> = numbers.collect();
    set.into_iter().collect()
}
