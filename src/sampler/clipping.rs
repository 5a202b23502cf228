//! Clipping of the clean estimate to the range of the data.

use burn::tensor::Tensor;

/// Clipping of `x0_hat` before each update. The data lie in [−1, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clipping {
    /// No clipping.
    None,
    /// Clamped to [−range, range]: `clip_sample` with `clip_sample_range`.
    Range(f64),
    /// Dynamic thresholding: with `s` the `quantile` of |x0_hat| in each image, limited to [1, `max`], `x0_hat` is
    /// clamped to [−s, s] and divided by `s` (Saharia et al. 2022, section 2.3).
    Dynamic {
        /// `dynamic_thresholding_ratio`, 0 to 1.
        quantile: f64,
        /// `sample_max_value`, at least 1.
        max: f64,
    },
}

impl Clipping {
    /// The clipped estimate. The first dimension of `clean` is the batch.
    pub fn apply<const D: usize>(self, clean: Tensor<D>) -> Tensor<D> {
        match self {
            Self::None => clean,
            Self::Range(range) => clean.clamp(-range, range),
            Self::Dynamic { quantile, max } => {
                let shape = clean.dims();
                let rows: Tensor<2> = clean.reshape([shape[0] as i32, -1]);
                let threshold = quantile_of_rows(rows.clone().abs(), quantile);
                let threshold = threshold.clamp_min(1.0).clamp_max(max);
                let clipped = rows
                    .max_pair(-threshold.clone())
                    .min_pair(threshold.clone());
                (clipped / threshold).reshape(shape)
            }
        }
    }
}

/// Bisections that narrow the bracket of an `f32` order statistic to adjacent floats.
const HALVINGS: usize = 40;

/// The `quantile` of each row of `values` (all ≥ 0) with linear interpolation, as in `torch.quantile`: `[rows, 1]`.
///
/// Sorting would read the tensor back from the GPU. Instead, the order statistics below and above are found by
/// bisection on their value: at most `rank` values are less than or equal to `low`.
fn quantile_of_rows(values: Tensor<2>, quantile: f64) -> Tensor<2> {
    let count = values.dims()[1];
    let position = quantile.clamp(0.0, 1.0) * (count - 1) as f64;
    let rank = position.floor();
    let at_most = |limit: Tensor<2>| values.clone().lower_equal(limit).float().sum_dim(1);

    // Invariant: at most `rank` values are <= low, more than `rank` are <= high.
    let mut low = values.clone().min_dim(1) - 1.0;
    let mut high = values.clone().max_dim(1);
    for _ in 0..HALVINGS {
        let middle = (low.clone() + high.clone()) * 0.5;
        let enough = at_most(middle.clone()).greater_elem(rank);
        high = high.mask_where(enough.clone(), middle.clone());
        low = middle.mask_where(enough, low);
    }
    let below = values
        .clone()
        .mask_fill(values.clone().greater(high.clone()), 0.0)
        .max_dim(1);
    let repeats = at_most(below.clone()).greater_elem(rank + 1.0);
    let above = values
        .clone()
        .mask_fill(values.lower_equal(below.clone()), f32::MAX)
        .min_dim(1);
    let above = above.mask_where(repeats, below.clone());
    // No value lies above the largest; its position is an integer.
    let fraction = position - rank;
    if fraction == 0.0 {
        below
    } else {
        below.clone() + (above - below) * fraction
    }
}
