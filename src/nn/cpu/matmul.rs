//! Matrix products for SIMD units with four lanes, in tiles whose sums remain in registers.
//!
//! Batches are stored as `[features, stride]`: adjacent values belong to adjacent samples, and the stride is a multiple
//! of [`SAMPLES`].

/// Output features and samples of a tile of the first kind. Its sums occupy twelve of the sixteen four-lane registers.
/// Measured in V8: 9 to 10.7 GMAC/s.
pub(super) const OUTPUTS: usize = 4;
/// See [`OUTPUTS`].
pub(super) const SAMPLES: usize = 12;
/// Input features of a tile of the second kind, whose sums have four lanes each. It is as fast while its inputs fit in
/// the cache.
pub(super) const INPUTS: usize = 3;
const LANES: usize = 4;

type Tile = [[f32; SAMPLES]; OUTPUTS];
type Lanes = [[[f32; LANES]; INPUTS]; OUTPUTS];

/// A matrix in the order of the inner loop: `[rows / OUTPUTS, columns, OUTPUTS]`, padded with zeros.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    blocks: Vec<[f32; OUTPUTS]>,
    rows: usize,
    columns: usize,
}

impl Packed {
    /// Packs `weight`, `[rows, columns]` in row-major order.
    pub fn fill(&mut self, weight: &[f32], columns: usize) {
        self.resize(weight.len() / columns, columns);
        let blocks = self.blocks.chunks_exact_mut(columns);
        for (block, weight) in blocks.zip(weight.chunks(OUTPUTS * columns)) {
            for (output, row) in weight.chunks_exact(columns).enumerate() {
                for (packed, weight) in block.iter_mut().zip(row) {
                    packed[output] = *weight;
                }
            }
        }
    }

    /// Packs the transpose of `weight`, `[rows, columns]` in row-major order.
    pub fn fill_transposed(&mut self, weight: &[f32], columns: usize) {
        let rows = weight.len() / columns;
        self.resize(columns, rows);
        for (row, weight) in weight.chunks_exact(columns).enumerate() {
            for (block, weight) in weight.chunks(OUTPUTS).enumerate() {
                self.blocks[block * rows + row][..weight.len()].copy_from_slice(weight);
            }
        }
    }

    fn resize(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        let length = rows.div_ceil(OUTPUTS) * columns;
        self.blocks.resize(length, [0.0; OUTPUTS]);
    }

    /// Passes the product with `input`, `[columns, stride]`, to `store` as rows of tiles:
    /// `store(row, first sample, sums)`.
    pub fn multiply(
        &self,
        input: &[f32],
        stride: usize,
        mut store: impl FnMut(usize, usize, &[f32; SAMPLES]),
    ) {
        let input = &input[..self.columns * stride];
        for sample in (0..stride).step_by(SAMPLES) {
            for (block, weights) in self.blocks.chunks_exact(self.columns).enumerate() {
                let sums = tile(weights, &input[sample..], stride);
                let first = block * OUTPUTS;
                for (row, sums) in (first..self.rows).zip(&sums) {
                    store(row, sample, sums);
                }
            }
        }
    }
}

/// Sums over the columns for one block of rows, and for the samples at the start of `input`.
fn tile(weights: &[[f32; OUTPUTS]], input: &[f32], stride: usize) -> Tile {
    let mut sums = Tile::default();
    for (input, weights) in input.chunks(stride).zip(weights) {
        let Some(input) = input.first_chunk::<SAMPLES>() else {
            continue;
        };
        for (sums, weight) in sums.iter_mut().zip(weights) {
            for (sum, input) in sums.iter_mut().zip(input) {
                *sum += weight * input;
            }
        }
    }
    sums
}

/// Adds the sum over samples of `output_i·input_j` to `product`, `[outputs, inputs]`. `output` and `input` are
/// `[features, stride]`, with [`padded_outputs`] and [`padded_inputs`] features.
pub(super) fn add_outer_products(
    output: &[f32],
    input: &[f32],
    stride: usize,
    product: &mut [f32],
    inputs: usize,
) {
    let outputs = output.chunks_exact(OUTPUTS * stride);
    for (output, product) in outputs.zip(product.chunks_mut(OUTPUTS * inputs)) {
        for (block, input) in input.chunks_exact(INPUTS * stride).enumerate() {
            let mut sums = Lanes::default();
            outer_tile(rows(output, stride), rows(input, stride), &mut sums);
            for (product, sums) in product.chunks_exact_mut(inputs).zip(&sums) {
                for (product, lanes) in product[block * INPUTS..].iter_mut().zip(sums) {
                    *product += (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
                }
            }
        }
    }
}

/// Number of features to allocate for outputs of `features`.
pub(super) fn padded_outputs(features: usize) -> usize {
    features.next_multiple_of(OUTPUTS)
}

/// Number of features to allocate for inputs of `features`.
pub(super) fn padded_inputs(features: usize) -> usize {
    features.next_multiple_of(INPUTS)
}

fn rows<const N: usize>(block: &[f32], stride: usize) -> [&[[f32; LANES]]; N] {
    std::array::from_fn(|row| block[row * stride..][..stride].as_chunks().0)
}

/// Not inlined: followed by the sums over lanes, the compiler would not keep the lanes together.
#[inline(never)]
fn outer_tile(
    [o0, o1, o2, o3]: [&[[f32; LANES]]; OUTPUTS],
    [i0, i1, i2]: [&[[f32; LANES]]; INPUTS],
    result: &mut Lanes,
) {
    let mut sums = Lanes::default();
    let outputs = o0.iter().zip(o1).zip(o2).zip(o3);
    for ((((((o0, o1), o2), o3), i0), i1), i2) in outputs.zip(i0).zip(i1).zip(i2) {
        for (sums, output) in sums.iter_mut().zip([o0, o1, o2, o3]) {
            for (sum, input) in sums.iter_mut().zip([i0, i1, i2]) {
                for ((sum, output), input) in sum.iter_mut().zip(output).zip(input) {
                    *sum += output * input;
                }
            }
        }
    }
    *result = sums;
}
