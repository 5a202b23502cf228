//! Reverse-mode automatic differentiation of `f32` matrices, including derivatives of gradients.
//!
//! A [`Graph`] is the list of all results of a computation; a [`Var`] is one of them, a matrix `[rows, columns]`.
//! Operations are computed immediately and recorded. [`Graph::gradients`] traverses the records backwards and expresses
//! the gradients in the same operations, so that they can be differentiated again, as gradient penalties, sliced score
//! matching and energy-based models require. [`Graph::last_gradients`] records nothing and reuses memory along the way.
//!
//! | operations | file |
//! |---|---|
//! | `+ − · /` with a row, a column or a number in place of either matrix | `arithmetic.rs` |
//! | functions of each element, with derivatives of every order | `function.rs`, `slope.rs` |
//! | products of matrices, `x·Wᵀ + b`, the transpose | `matrix.rs`, `product.rs` |
//! | sums, softmax, `ln Σ exp` | `reduction.rs` |
//! | columns, rows, entries by index, choices by a mask | `selection.rs` |
//! | functions of rows with a hand-written derivative | `rows.rs` |
//! | the backward pass | `gradient.rs` |
//!
//! Results are bit-identical in browsers and on all processors: sums in products have a fixed order, and no function
//! comes from the system's math library.
//!
//! ```
//! use tweedie::family::graph::Graph;
//!
//! let graph = Graph::new();
//! let x = graph.matrix([1, 2], &[3.0, 4.0]);
//! let cubes = x.powi(3).sum();
//! let slope = graph.gradient(cubes, x); // 3x²
//! let curvature = graph.gradient(slope, x); // 6x
//! assert_eq!(curvature.to_vec(), [18.0, 24.0]);
//! ```

mod arithmetic;
mod function;
mod gradient;
mod lanes;
mod matrix;
mod operation;
mod product;
mod reduction;
mod rows;
mod selection;
mod slope;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use operation::Operation;
use product::Packing;
pub(super) use rows::RowFunction;

/// All results of a computation, in the order of their computation. Their memory is reused after a
/// [`reset`](Self::reset).
#[derive(Default)]
pub struct Graph {
    nodes: RefCell<Vec<Node>>,
    spare: RefCell<BTreeMap<usize, Vec<Vec<f32>>>>,
    packing: RefCell<Packing>,
    is_idle: Cell<bool>,
}

/// One result.
struct Node {
    shape: [usize; 2],
    /// In row-major order; empty after the value has been released.
    values: Vec<f32>,
    operation: Operation,
}

/// A matrix `[rows, columns]` in a [`Graph`].
#[derive(Clone, Copy)]
pub struct Var<'g> {
    graph: &'g Graph,
    index: usize,
    shape: [usize; 2],
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes all results and keeps their memory for reuse.
    pub fn reset(&mut self) {
        for node in self.nodes.get_mut().drain(..) {
            recycle(self.spare.get_mut(), node.values);
        }
        self.is_idle.set(false);
    }

    /// A matrix of given values in row-major order.
    ///
    /// # Panics
    /// If the number of values does not match the shape.
    pub fn matrix(&self, shape: [usize; 2], values: &[f32]) -> Var<'_> {
        assert_eq!(values.len(), shape[0] * shape[1], "values for {shape:?}");
        self.compute([], shape, Operation::Leaf, |[], output| {
            output.copy_from_slice(values);
        })
    }

    /// A matrix filled with one value.
    pub fn filled(&self, shape: [usize; 2], value: f32) -> Var<'_> {
        self.compute([], shape, Operation::Leaf, |[], output| output.fill(value))
    }

    /// A single number, `[1, 1]`.
    pub fn scalar(&self, value: f32) -> Var<'_> {
        self.filled([1, 1], value)
    }

    /// Runs a computation without recording: its results are constants.
    pub fn without_recording<T>(&self, compute: impl FnOnce() -> T) -> T {
        let before = self.is_idle.replace(true);
        let result = compute();
        self.is_idle.set(before);
        result
    }

    fn is_recording(&self) -> bool {
        !self.is_idle.get()
    }

    /// Appends a result computed from other results; `write` must write all of its elements.
    fn compute<const N: usize>(
        &self,
        inputs: [Var<'_>; N],
        shape: [usize; 2],
        operation: Operation,
        write: impl FnOnce([&[f32]; N], &mut [f32]),
    ) -> Var<'_> {
        let mut values = self.take(shape[0] * shape[1]);
        let nodes = self.nodes.borrow();
        write(inputs.map(|input| input.slice(&nodes)), &mut values);
        drop(nodes);
        self.push(shape, values, operation)
    }

    fn push(&self, shape: [usize; 2], values: Vec<f32>, operation: Operation) -> Var<'_> {
        let mut nodes = self.nodes.borrow_mut();
        let index = nodes.len();
        let operation = if self.is_recording() {
            operation
        } else {
            Operation::Leaf
        };
        nodes.push(Node {
            shape,
            values,
            operation,
        });
        Var {
            graph: self,
            index,
            shape,
        }
    }

    fn take(&self, length: usize) -> Vec<f32> {
        let mut spare = self.spare.borrow_mut();
        let found = spare.get_mut(&length).and_then(Vec::pop);
        found.unwrap_or_else(|| vec![0.0; length])
    }

    fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    fn var(&self, index: usize) -> Var<'_> {
        let shape = self.nodes.borrow()[index].shape;
        Var {
            graph: self,
            index,
            shape,
        }
    }

    /// Releases the memory of a value, which must not be used afterwards.
    fn release(&self, index: usize) {
        let values = std::mem::take(&mut self.nodes.borrow_mut()[index].values);
        recycle(&mut self.spare.borrow_mut(), values);
    }
}

fn recycle(spare: &mut BTreeMap<usize, Vec<Vec<f32>>>, values: Vec<f32>) {
    if !values.is_empty() {
        spare.entry(values.len()).or_default().push(values);
    }
}

impl<'g> Var<'g> {
    /// `[rows, columns]`
    pub fn shape(self) -> [usize; 2] {
        self.shape
    }

    /// Number of rows.
    pub fn rows(self) -> usize {
        self.shape[0]
    }

    /// The graph that contains this matrix.
    pub fn graph(self) -> &'g Graph {
        self.graph
    }

    /// A copy of the elements in row-major order.
    pub fn to_vec(self) -> Vec<f32> {
        self.read(<[f32]>::to_vec)
    }

    /// Applies a function to the elements in row-major order, without copying them.
    pub fn read<T>(self, function: impl FnOnce(&[f32]) -> T) -> T {
        function(self.slice(&self.graph.nodes.borrow()))
    }

    /// The value of a `[1, 1]` matrix, or the first element of a larger one.
    pub fn item(self) -> f32 {
        self.read(|values| values.first().copied().unwrap_or(f32::NAN))
    }

    /// The same values as a constant: no gradient flows through it.
    pub fn detach(self) -> Self {
        let copy = |[values]: [&[f32]; 1], output: &mut [f32]| output.copy_from_slice(values);
        self.graph
            .compute([self], self.shape, Operation::Leaf, copy)
    }

    fn slice(self, nodes: &[Node]) -> &[f32] {
        let values = &nodes[self.index].values;
        debug_assert_eq!(values.len(), self.shape[0] * self.shape[1]);
        values
    }

    /// A result of the same shape, computed from this one.
    fn map(self, operation: Operation, write: impl FnOnce(&[f32], &mut [f32])) -> Self {
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| write(input, output);
        self.graph.compute([self], self.shape, operation, write)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Graph of {} results", self.len())
    }
}

impl fmt::Debug for Var<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let [rows, columns] = self.shape;
        write!(formatter, "Var {} [{rows}, {columns}]", self.index)
    }
}
