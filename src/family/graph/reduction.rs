//! Sums over rows and columns, the inverse operation, and functions normalised by such sums.

use super::Var;
use super::lanes::map;
use super::operation::Operation;
use crate::elementary::exp;

/// Number of partial sums.
const LANES: usize = 8;

/// The sum of numbers: eight partial sums per block in `f32`, accumulated in `f64`.
fn sum_of(values: &[f32]) -> f32 {
    const BLOCK: usize = 512;
    let mut total = 0.0;
    for block in values.chunks(BLOCK) {
        let (eights, rest) = block.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for eight in eights {
            for (sum, value) in sums.iter_mut().zip(eight) {
                *sum += value;
            }
        }
        let all = sums.iter().chain(rest).map(|value| f64::from(*value));
        total += all.sum::<f64>();
    }
    total as f32
}

fn write_sums(input: &[f32], [rows, columns]: [usize; 2], output: &mut [f32], to: [usize; 2]) {
    if to == [1, 1] {
        output.fill(sum_of(input));
    } else if to == [rows, 1] {
        for (sum, row) in output.iter_mut().zip(input.chunks_exact(columns)) {
            *sum = row.iter().sum();
        }
    } else {
        output.fill(0.0);
        for row in input.chunks_exact(columns) {
            for (sum, value) in output.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }
}

impl Var<'_> {
    /// The sum of all elements, `[1, 1]`.
    pub fn sum(self) -> Self {
        self.sum_to([1, 1])
    }

    /// The mean of all elements, `[1, 1]`.
    pub fn mean(self) -> Self {
        let [rows, columns] = self.shape;
        self.sum() / (rows * columns) as f32
    }

    /// The sum of each row, `[rows, 1]`.
    pub fn sum_columns(self) -> Self {
        self.sum_to([self.shape[0], 1])
    }

    /// The sum over the rows, `[1, columns]`.
    pub fn sum_rows(self) -> Self {
        self.sum_to([1, self.shape[1]])
    }

    /// Sums over each axis that has length 1 in `shape`.
    pub(super) fn sum_to(self, shape: [usize; 2]) -> Self {
        if self.shape == shape {
            return self;
        }
        let from = self.shape;
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            write_sums(input, from, output, shape);
        };
        let operation = Operation::SumTo(self.index);
        self.graph.compute([self], shape, operation, write)
    }

    /// Repeats a single row, a single column or a single number to fill a shape.
    ///
    /// # Panics
    /// If the matrix cannot be broadcast to the shape.
    pub fn expand(self, shape: [usize; 2]) -> Self {
        if self.shape == shape {
            return self;
        }
        let fits = |axis: usize| self.shape[axis] == 1 || self.shape[axis] == shape[axis];
        assert!(fits(0) && fits(1), "{:?} as {shape:?}", self.shape);
        let columns = self.shape[1];
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            let rows = output.chunks_exact_mut(shape[1]);
            for (output, input) in rows.zip(input.chunks_exact(columns).cycle()) {
                match input {
                    [number] => output.fill(*number),
                    row => output.copy_from_slice(row),
                }
            }
        };
        let operation = Operation::Expand(self.index);
        self.graph.compute([self], shape, operation, write)
    }

    /// Softmax of each row, `exp(x_j)/Σ_k exp(x_k)`.
    pub fn softmax(self) -> Self {
        let columns = self.shape[1];
        self.map(Operation::Softmax(self.index), |input, output| {
            let rows = output.chunks_exact_mut(columns);
            for (output, input) in rows.zip(input.chunks_exact(columns)) {
                let largest = largest_of(input);
                map(input, output, |x| exp(x - largest));
                let sum: f32 = output.iter().sum();
                for value in output {
                    *value /= sum;
                }
            }
        })
    }

    /// `ln Σ_k exp(x_k)` of each row, `[rows, 1]`.
    pub fn log_sum_exp(self) -> Self {
        let [rows, columns] = self.shape;
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            for (output, row) in output.iter_mut().zip(input.chunks_exact(columns)) {
                let largest = largest_of(row);
                let sum: f32 = row.iter().map(|x| exp(x - largest)).sum();
                *output = largest + libm::logf(sum);
            }
        };
        let operation = Operation::LogSumExp(self.index);
        self.graph.compute([self], [rows, 1], operation, write)
    }

    /// Cumulative sums within each row, inclusive.
    pub fn cumulative_sum(self) -> Self {
        let columns = self.shape[1];
        let ones: Vec<f32> = (0..columns * columns)
            .map(|place| f32::from(u8::from(place / columns <= place % columns)))
            .collect();
        self.matmul(self.graph.matrix([columns, columns], &ones))
    }
}

fn largest_of(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}
