//! Blocks, concatenation, indexing and masks.

use std::ops::Range;
use std::sync::Arc;

use super::Var;
use super::operation::Operation;

impl<'g> Var<'g> {
    /// A range of adjacent columns, `[rows, range.len()]`.
    ///
    /// # Panics
    /// If the range is empty or exceeds the matrix.
    pub fn columns(self, range: Range<usize>) -> Self {
        self.block([0, range.start], [self.shape[0], range.len()])
    }

    /// One column, `[rows, 1]`.
    pub fn column(self, column: usize) -> Self {
        self.columns(column..column + 1)
    }

    /// A range of adjacent rows, `[range.len(), columns]`.
    ///
    /// # Panics
    /// If the range is empty or exceeds the matrix.
    pub fn row_range(self, range: Range<usize>) -> Self {
        self.block([range.start, 0], [range.len(), self.shape[1]])
    }

    /// A block of the given shape; `first` is its first row and column.
    pub(super) fn block(self, first: [usize; 2], shape: [usize; 2]) -> Self {
        if shape == self.shape {
            return self;
        }
        let fits = |axis: usize| shape[axis] > 0 && first[axis] + shape[axis] <= self.shape[axis];
        assert!(fits(0) && fits(1), "a part {shape:?} of {:?}", self.shape);
        let columns = self.shape[1];
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            let rows = input.chunks_exact(columns).skip(first[0]);
            for (output, input) in output.chunks_exact_mut(shape[1]).zip(rows) {
                output.copy_from_slice(&input[first[1]..][..shape[1]]);
            }
        };
        let input = self.index;
        let operation = Operation::Block { input, first };
        self.graph.compute([self], shape, operation, write)
    }

    /// Pads the matrix with zeros to a shape; `first` is the position of its first row and column in the result.
    pub(super) fn pad(self, first: [usize; 2], shape: [usize; 2]) -> Self {
        if shape == self.shape {
            return self;
        }
        let [_, columns] = self.shape;
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            output.fill(0.0);
            let rows = output.chunks_exact_mut(shape[1]).skip(first[0]);
            for (output, input) in rows.zip(input.chunks_exact(columns)) {
                output[first[1]..][..columns].copy_from_slice(input);
            }
        };
        let input = self.index;
        let operation = Operation::Pad { input, first };
        self.graph.compute([self], shape, operation, write)
    }

    /// Concatenates matrices with equal numbers of rows horizontally.
    ///
    /// # Panics
    /// If there are no matrices or their numbers of rows differ.
    pub fn concat(parts: &[Self]) -> Self {
        let [first, ..] = parts else {
            panic!("no matrices to put side by side");
        };
        let rows = first.shape[0];
        assert!(parts.iter().all(|part| part.shape[0] == rows), "rows");
        let columns: usize = parts.iter().map(|part| part.shape[1]).sum();
        let mut values = first.graph.take(rows * columns);
        let mut from = 0;
        for part in parts {
            let width = part.shape[1];
            part.read(|input| {
                let rows = values.chunks_exact_mut(columns);
                for (output, input) in rows.zip(input.chunks_exact(width)) {
                    output[from..][..width].copy_from_slice(input);
                }
            });
            from += width;
        }
        let operation = Operation::ConcatColumns(parts.iter().map(|part| part.index).collect());
        first.graph.push([rows, columns], values, operation)
    }

    /// Concatenates matrices with equal numbers of columns vertically.
    ///
    /// # Panics
    /// If there are no matrices or their numbers of columns differ.
    pub fn stack(parts: &[Self]) -> Self {
        let [first, ..] = parts else {
            panic!("no matrices to put below each other");
        };
        let columns = first.shape[1];
        assert!(parts.iter().all(|part| part.shape[1] == columns), "columns");
        let rows: usize = parts.iter().map(|part| part.shape[0]).sum();
        let mut values = first.graph.take(rows * columns);
        let mut rest = values.as_mut_slice();
        for part in parts {
            let (own, later) = rest.split_at_mut(part.shape[0] * columns);
            part.read(|input| own.copy_from_slice(input));
            rest = later;
        }
        let operation = Operation::ConcatRows(parts.iter().map(|part| part.index).collect());
        first.graph.push([rows, columns], values, operation)
    }

    /// Gathers, in each row, the entries of the columns listed in `index`. The index and the result are `[rows, k]`,
    /// the index in row-major order.
    ///
    /// # Panics
    /// If the length of the index is not a multiple of the number of rows, or a column index is out of range.
    pub fn take(self, index: impl Into<Arc<[u32]>>) -> Self {
        let index = index.into();
        let [rows, columns] = self.shape;
        let width = index.len() / rows;
        assert!(width > 0 && index.len() == rows * width, "an index a row");
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            let rows = output
                .chunks_exact_mut(width)
                .zip(index.chunks_exact(width));
            for ((output, index), input) in rows.zip(input.chunks_exact(columns)) {
                for (output, column) in output.iter_mut().zip(index) {
                    *output = input[*column as usize];
                }
            }
        };
        let operation = Operation::Take {
            input: self.index,
            index: Arc::clone(&index),
        };
        self.graph.compute([self], [rows, width], operation, write)
    }

    /// The inverse (scatter) of [`take`](Self::take): adds the entries to a matrix of zeros with `columns` columns.
    pub(super) fn put(self, index: Arc<[u32]>, columns: usize) -> Self {
        let [rows, width] = self.shape;
        let write = |[input]: [&[f32]; 1], output: &mut [f32]| {
            output.fill(0.0);
            let entries = input.chunks_exact(width).zip(index.chunks_exact(width));
            for (output, (input, index)) in output.chunks_exact_mut(columns).zip(entries) {
                for (value, column) in input.iter().zip(index) {
                    output[*column as usize] += value;
                }
            }
        };
        let operation = Operation::Put {
            input: self.index,
            index: Arc::clone(&index),
        };
        self.graph
            .compute([self], [rows, columns], operation, write)
    }

    /// This matrix where the mask is true, otherwise the other; `mask` is in row-major order.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn select(self, mask: impl Into<Arc<[bool]>>, other: Var<'g>) -> Self {
        let mask = mask.into();
        assert_eq!(self.shape, other.shape, "matrices to choose from");
        assert_eq!(mask.len(), self.shape[0] * self.shape[1], "a mask");
        let write = |[yes, no]: [&[f32]; 2], output: &mut [f32]| {
            let values = yes.iter().zip(no).zip(mask.iter());
            for (output, ((yes, no), mask)) in output.iter_mut().zip(values) {
                *output = if *mask { *yes } else { *no };
            }
        };
        let operation = Operation::Select {
            inputs: [self.index, other.index],
            mask: Arc::clone(&mask),
        };
        self.graph
            .compute([self, other], self.shape, operation, write)
    }

    /// The matrix where the mask equals `keep`, otherwise 0.
    pub(super) fn mask(self, mask: Arc<[bool]>, keep: bool) -> Self {
        let operation = Operation::Mask {
            input: self.index,
            mask: Arc::clone(&mask),
            keep,
        };
        self.map(operation, |input, output| {
            for ((output, input), mask) in output.iter_mut().zip(input).zip(mask.iter()) {
                *output = if *mask == keep { *input } else { 0.0 };
            }
        })
    }
}
