//! Functions of the rows of two matrices with a hand-written derivative: each is one node of the graph instead of
//! dozens.

use std::fmt::Debug;
use std::sync::Arc;

use super::Var;
use super::operation::Operation;

/// A function of one row from each of two matrices, with its first derivative.
pub(in crate::family) trait RowFunction: Debug + Send + Sync {
    /// Number of columns of the result.
    fn width(&self) -> usize;

    /// Writes the result `y` of a row.
    fn write(&self, inputs: [&[f32]; 2], output: &mut [f32]);

    /// Writes the derivatives of `Σ_j g_j·y_j` with respect to both inputs, where `g` is the gradient.
    fn write_gradients(&self, inputs: [&[f32]; 2], gradient: &[f32], gradients: [&mut [f32]; 2]);
}

impl<'g> Var<'g> {
    /// Applies a function to each row of this matrix and the same row of the other. The result can be differentiated
    /// once.
    ///
    /// # Panics
    /// If the numbers of rows differ.
    pub(in crate::family) fn by_rows(
        self,
        other: Var<'g>,
        function: &Arc<impl RowFunction + 'static>,
    ) -> Self {
        let [[rows, left_width], [other_rows, right_width]] = [self.shape, other.shape];
        assert_eq!(rows, other_rows, "rows");
        let width = function.width();
        let write = |[left, right]: [&[f32]; 2], output: &mut [f32]| {
            let inputs = left.chunks_exact(left_width);
            let inputs = inputs.zip(right.chunks_exact(right_width));
            for ((left, right), output) in inputs.zip(output.chunks_exact_mut(width)) {
                function.write([left, right], output);
            }
        };
        let operation = Operation::Rows {
            inputs: [self.index, other.index],
            function: Arc::clone(function) as Arc<dyn RowFunction>,
        };
        self.graph
            .compute([self, other], [rows, width], operation, write)
    }

    /// The derivatives of the sum of `gradient·f` with respect to this matrix and the other.
    pub(super) fn row_gradients(
        self,
        other: Var<'g>,
        gradient: Var<'g>,
        function: &dyn RowFunction,
    ) -> [Self; 2] {
        let inputs = [self, other];
        let mut values = inputs.map(|input| self.graph.take(input.shape[0] * input.shape[1]));
        let nodes = self.graph.nodes.borrow();
        let [left, right] = inputs.map(|input| input.slice(&nodes).chunks_exact(input.shape[1]));
        let [to_left, to_right] = &mut values;
        let results = to_left.chunks_exact_mut(self.shape[1]);
        let results = results.zip(to_right.chunks_exact_mut(other.shape[1]));
        let gradients = gradient.slice(&nodes).chunks_exact(gradient.shape[1]);
        for (((left, right), gradient), (to_left, to_right)) in
            left.zip(right).zip(gradients).zip(results)
        {
            function.write_gradients([left, right], gradient, [to_left, to_right]);
        }
        drop(nodes);
        let sources = [self.index, other.index, gradient.index];
        let [to_left, to_right] = values;
        [(self, to_left), (other, to_right)].map(|(input, values)| {
            let operation = Operation::RowGradient(sources);
            self.graph.push(input.shape, values, operation)
        })
    }
}
