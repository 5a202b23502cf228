//! Matrix products.

use super::operation::Operation;
use super::product::{Operand, multiply};
use super::{Graph, Var};

impl<'g> Var<'g> {
    /// The matrix product `[m, k]·[k, n]`, `[m, n]`.
    ///
    /// # Panics
    /// If the inner dimensions differ.
    pub fn matmul(self, right: Var<'g>) -> Self {
        self.product(right, [false, false])
    }

    /// The product of two matrices, each of which may be transposed.
    pub(super) fn product(self, right: Var<'g>, transposed: [bool; 2]) -> Self {
        let left_shape = transposed_shape(self.shape, transposed[0]);
        let right_shape = transposed_shape(right.shape, transposed[1]);
        let (inner, other) = (left_shape[1], right_shape[0]);
        assert!(
            inner == other && inner > 0,
            "inner lengths {inner}, {other}"
        );
        let operation = Operation::Product {
            inputs: [self.index, right.index],
            transposed,
        };
        let shape = [left_shape[0], right_shape[1]];
        let write = |[a, b]: [&[f32]; 2], output: &mut [f32]| {
            let left = self.operand(a, transposed[0]);
            let right = right.operand(b, transposed[1]);
            multiply_in(self.graph, left, right, None, output);
        };
        self.graph.compute([self, right], shape, operation, write)
    }

    /// A linear layer, `x·Wᵀ + b`, `[rows, outputs]`: `x` is `[rows, inputs]`, the weight `[outputs, inputs]`, the bias
    /// `[1, outputs]`.
    ///
    /// # Panics
    /// If the shapes do not match.
    pub fn affine(self, weight: Var<'g>, bias: Var<'g>) -> Self {
        let [outputs, inputs] = weight.shape;
        assert_eq!(self.shape[1], inputs, "inputs of a linear layer");
        assert_eq!(bias.shape, [1, outputs], "bias of a linear layer");
        let operation = Operation::Affine {
            input: self.index,
            weight: weight.index,
            bias: bias.index,
        };
        let write = |[x, w, b]: [&[f32]; 3], output: &mut [f32]| {
            let (left, right) = (self.operand(x, false), weight.operand(w, true));
            multiply_in(self.graph, left, right, Some(b), output);
        };
        let shape = [self.shape[0], outputs];
        self.graph
            .compute([self, weight, bias], shape, operation, write)
    }

    /// The transpose, `[columns, rows]`.
    pub fn transpose(self) -> Self {
        let [rows, columns] = self.shape;
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            for (column, output) in output.chunks_exact_mut(rows).enumerate() {
                let values = input.iter().skip(column).step_by(columns);
                for (output, value) in output.iter_mut().zip(values) {
                    *output = *value;
                }
            }
        };
        let operation = Operation::Transpose(self.index);
        self.graph
            .compute([self], [columns, rows], operation, write)
    }

    fn operand(self, values: &[f32], is_transposed: bool) -> Operand<'_> {
        Operand {
            values,
            shape: self.shape,
            is_transposed,
        }
    }
}

fn transposed_shape([rows, columns]: [usize; 2], is_transposed: bool) -> [usize; 2] {
    if is_transposed {
        [columns, rows]
    } else {
        [rows, columns]
    }
}

fn multiply_in(
    graph: &Graph,
    left: Operand,
    right: Operand,
    bias: Option<&[f32]>,
    output: &mut [f32],
) {
    let mut packing = graph.packing.borrow_mut();
    multiply(left, right, bias, output, &mut packing);
}
