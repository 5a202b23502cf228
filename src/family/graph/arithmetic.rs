//! Elementwise sums, differences, products and quotients.
//!
//! If one matrix has a single row, a single column or a single number, it is broadcast to the shape of the other.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::lanes::{map, zip};
use super::operation::Operation;
use super::{Graph, Var};

/// The values of a matrix in row-major order, and its shape.
type Values<'a> = (&'a [f32], [usize; 2]);

/// Writes `function` of each pair of elements, broadcasting rows and columns of length one.
fn broadcast(
    (left, left_shape): Values,
    (right, right_shape): Values,
    output: &mut [f32],
    columns: usize,
    function: impl Fn(f32, f32) -> f32 + Copy,
) {
    if left_shape == right_shape {
        return zip([left, right], output, function);
    }
    if let ([right], true) = (right, left.len() == output.len()) {
        return map(left, output, |left| function(left, *right));
    }
    if let ([left], true) = (left, right.len() == output.len()) {
        return map(right, output, |right| function(*left, right));
    }
    for (row, output) in output.chunks_exact_mut(columns).enumerate() {
        let left = row_of((left, left_shape), row);
        let right = row_of((right, right_shape), row);
        match (left, right) {
            ([left], [right]) => output.fill(function(*left, *right)),
            (left, [right]) => map(left, output, |left| function(left, *right)),
            ([left], right) => map(right, output, |right| function(*left, right)),
            (left, right) => zip([left, right], output, function),
        }
    }
}

/// A row of the matrix; a matrix with a single row returns that row for every index.
fn row_of<'a>((values, [rows, columns]): Values<'a>, row: usize) -> &'a [f32] {
    let row = if rows == 1 { 0 } else { row };
    &values[row * columns..][..columns]
}

impl<'g> Var<'g> {
    fn combine(
        self,
        other: Var<'g>,
        operation: Operation,
        function: impl Fn(f32, f32) -> f32 + Copy,
    ) -> Self {
        let shape = common_shape(self.shape, other.shape);
        let write = |[left, right]: [&[f32]; 2], output: &mut [f32]| {
            let (left, right) = ((left, self.shape), (right, other.shape));
            broadcast(left, right, output, shape[1], function);
        };
        self.graph.compute([self, other], shape, operation, write)
    }

    /// `factor·x + offset` of each element.
    pub fn scale(self, factor: f32, offset: f32) -> Self {
        let operation = Operation::Scale {
            input: self.index,
            factor,
        };
        self.map(operation, |input, output| {
            map(input, output, |x| factor * x + offset);
        })
    }
}

/// The shape of the result for two operands, after broadcasting.
///
/// # Panics
/// If the numbers of rows or of columns differ and neither is 1.
fn common_shape(left: [usize; 2], right: [usize; 2]) -> [usize; 2] {
    std::array::from_fn(|axis| match (left[axis], right[axis]) {
        (1, length) | (length, 1) => length,
        (length, other) if length == other => length,
        _ => panic!("shapes {left:?} and {right:?} do not go together"),
    })
}

macro_rules! elementwise {
    ($($operator:ident :: $method:ident as $operation:ident),*) => {$(
        impl<'g> $operator for Var<'g> {
            type Output = Var<'g>;

            fn $method(self, other: Self) -> Self {
                let operation = Operation::$operation(self.index, other.index);
                self.combine(other, operation, |left, right| left.$method(right))
            }
        }
    )*};
}

elementwise!(
    Add::add as Add,
    Sub::sub as Subtract,
    Mul::mul as Multiply,
    Div::div as Divide
);

impl Neg for Var<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.scale(-1.0, 0.0)
    }
}

impl Add<f32> for Var<'_> {
    type Output = Self;

    fn add(self, number: f32) -> Self {
        self.scale(1.0, number)
    }
}

impl Sub<f32> for Var<'_> {
    type Output = Self;

    fn sub(self, number: f32) -> Self {
        self.scale(1.0, -number)
    }
}

impl Mul<f32> for Var<'_> {
    type Output = Self;

    fn mul(self, number: f32) -> Self {
        self.scale(number, 0.0)
    }
}

impl Div<f32> for Var<'_> {
    type Output = Self;

    fn div(self, number: f32) -> Self {
        self.scale(1.0 / number, 0.0)
    }
}

impl<'g> Add<Var<'g>> for f32 {
    type Output = Var<'g>;

    fn add(self, matrix: Var<'g>) -> Var<'g> {
        matrix.scale(1.0, self)
    }
}

impl<'g> Sub<Var<'g>> for f32 {
    type Output = Var<'g>;

    fn sub(self, matrix: Var<'g>) -> Var<'g> {
        matrix.scale(-1.0, self)
    }
}

impl<'g> Mul<Var<'g>> for f32 {
    type Output = Var<'g>;

    fn mul(self, matrix: Var<'g>) -> Var<'g> {
        matrix.scale(self, 0.0)
    }
}

impl Graph {
    /// Adds one value to another in place. The target must not be referenced by any record.
    pub(super) fn add_in_place(&self, target: Var, addend: Var) {
        let mut nodes = self.nodes.borrow_mut();
        let mut values = std::mem::take(&mut nodes[target.index].values);
        for (value, addend) in values.iter_mut().zip(addend.slice(&nodes)) {
            *value += addend;
        }
        nodes[target.index].values = values;
    }
}
