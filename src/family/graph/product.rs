//! Matrix products, computed on one thread in tiles whose sums stay in registers.

use super::lanes::{Loop, run};

/// Rows of a tile. With four lanes, 4 by 8 sums fill eight of the sixteen registers; with eight lanes, 8 by 8 sums do.
const ROWS: usize = 4;
/// Columns of a tile.
const COLUMNS: usize = if cfg!(target_family = "wasm") { 8 } else { 16 };

/// Buffers for the operands, packed in the order in which the inner loop reads them and padded with zeros.
#[derive(Debug, Default)]
pub(super) struct Packing {
    /// `[rows / ROWS, inner, ROWS]`
    left: Vec<[f32; ROWS]>,
    /// `[columns / COLUMNS, inner, COLUMNS]`
    right: Vec<[f32; COLUMNS]>,
}

/// A matrix `[rows, columns]` in row-major order, or its transpose.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a> {
    pub values: &'a [f32],
    /// Shape of the matrix in memory, before any transposition.
    pub shape: [usize; 2],
    pub is_transposed: bool,
}

impl Operand<'_> {
    /// Shape of the operand after any transposition.
    fn shape(&self) -> [usize; 2] {
        let [rows, columns] = self.shape;
        if self.is_transposed {
            [columns, rows]
        } else {
            [rows, columns]
        }
    }
}

/// Writes `left·right` plus an optional row vector, added to each row, to `product`, `[rows, columns]`. Each element is
/// summed in the order of the inner index.
pub(super) fn multiply(
    left: Operand,
    right: Operand,
    bias: Option<&[f32]>,
    product: &mut [f32],
    packing: &mut Packing,
) {
    let [rows, inner] = left.shape();
    let [_, columns] = right.shape();
    // The left operand is packed in groups of rows, the right one in groups of columns.
    pack(left, left.is_transposed, rows, inner, &mut packing.left);
    pack(
        right,
        !right.is_transposed,
        columns,
        inner,
        &mut packing.right,
    );
    run(Multiply {
        packing,
        inner,
        columns,
        bias,
        product,
    });
}

/// Packs `count` vectors of `inner` numbers in groups of `N`. If `is_inner_first`, adjacent numbers in memory belong to
/// adjacent vectors.
fn pack<const N: usize>(
    operand: Operand,
    is_inner_first: bool,
    count: usize,
    inner: usize,
    packed: &mut Vec<[f32; N]>,
) {
    packed.resize(count.div_ceil(N) * inner, [0.0; N]);
    for (group, block) in packed.chunks_exact_mut(inner.max(1)).enumerate() {
        let first = group * N;
        let width = N.min(count - first);
        if width < N {
            block.fill([0.0; N]);
        }
        if is_inner_first {
            for (packed, row) in block.iter_mut().zip(operand.values.chunks_exact(count)) {
                packed[..width].copy_from_slice(&row[first..first + width]);
            }
        } else {
            let vectors = operand.values.chunks_exact(inner.max(1)).skip(first);
            for (place, vector) in vectors.take(width).enumerate() {
                for (packed, value) in block.iter_mut().zip(vector) {
                    packed[place] = *value;
                }
            }
        }
    }
}

struct Multiply<'a> {
    packing: &'a Packing,
    inner: usize,
    columns: usize,
    bias: Option<&'a [f32]>,
    product: &'a mut [f32],
}

impl Loop for Multiply<'_> {
    #[inline(always)]
    fn run(self) {
        let Self {
            packing,
            inner,
            columns,
            bias,
            product,
        } = self;
        let strips = product.chunks_mut(ROWS * columns);
        for (left, strip) in packing.left.chunks_exact(inner).zip(strips) {
            for (group, right) in packing.right.chunks_exact(inner).enumerate() {
                let mut sums = tile(left, right);
                let first = group * COLUMNS;
                if let Some(bias) = bias {
                    add_row(&mut sums, &bias[first..]);
                }
                store(&sums, strip, columns, first);
            }
        }
    }
}

#[inline(always)]
fn tile(left: &[[f32; ROWS]], right: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (left, right) in left.iter().zip(right) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += left * right;
            }
        }
    }
    sums
}

#[inline(always)]
fn add_row(sums: &mut [[f32; COLUMNS]; ROWS], bias: &[f32]) {
    for sums in sums {
        for (sum, bias) in sums.iter_mut().zip(bias) {
            *sum += bias;
        }
    }
}

#[inline(always)]
fn store(sums: &[[f32; COLUMNS]; ROWS], strip: &mut [f32], columns: usize, first: usize) {
    for (row, sums) in strip.chunks_exact_mut(columns).zip(sums) {
        if let Some(whole) = row[first..].first_chunk_mut() {
            *whole = *sums;
        } else {
            for (value, sum) in row[first..].iter_mut().zip(sums) {
                *value = *sum;
            }
        }
    }
}
