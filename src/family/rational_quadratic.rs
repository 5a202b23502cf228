//! Monotone rational-quadratic splines (Durkan et al. 2019, section 3.1).

#[cfg(test)]
mod tests;

use super::coupling::Transformation;
use crate::elementary::exp;

/// Maximum number of bins of a spline.
pub const MAX_BINS: usize = 64;
/// Minimum fraction of the interval per bin, in width and in height.
const MIN_SHARE: f64 = 1e-3;
/// Smallest derivative at a knot.
const MIN_SLOPE: f64 = 1e-3;
/// `ln(exp(1 − MIN_SLOPE) − 1)`: this offset makes a parameter of 0 give the derivative 1.
const SLOPE_OFFSET: f32 = 0.539_742_4;

/// A spline with `K` bins on `[−B, B]`, continued by the identity outside.
///
/// Its unconstrained parameters are `K` widths, `K` heights and the `K − 1` derivatives at the inner knots; the
/// derivatives at `±B` are 1. A softmax is applied to the widths and to the heights: a bin takes the fraction
/// `m + (1 − K·m)·softmax_k` of the interval, with `m = 0.001`. The derivative at a knot is `m + softplus(θ + c)`. If
/// all parameters are 0, the spline is the identity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RationalQuadratic {
    /// Number of bins `K`, from 2 to [`MAX_BINS`].
    pub bins: usize,
    /// Half-width `B` of the interval, positive.
    pub bound: f64,
}

/// Index, start and length of a bin along one axis.
#[derive(Clone, Copy)]
struct Span {
    bin: usize,
    start: f64,
    length: f64,
}

/// The spline restricted to one bin.
#[derive(Clone, Copy)]
struct Bin {
    input: Span,
    output: Span,
    /// The derivatives at the two knots, `δ_k` and `δ_{k+1}`.
    slopes: [f64; 2],
}

/// The terms of the spline at `ξ = (x − x_k)/(x_{k+1} − x_k)`, with `u = ξ(1 − ξ)` and
/// `s = (y_{k+1} − y_k)/(x_{k+1} − x_k)`.
struct Terms {
    xi: f64,
    u: f64,
    s: f64,
    /// `N = s·ξ² + δ_k·u`
    numerator: f64,
    /// `D = s + (δ_{k+1} + δ_k − 2s)·u`
    denominator: f64,
    /// `M = δ_{k+1}·ξ² + 2s·u + δ_k·(1 − ξ)²`
    growth: f64,
}

/// The derivatives of the loss with respect to `ξ`, `s`, `δ_k` and `δ_{k+1}`, each with the others held fixed.
struct Partials {
    xi: f64,
    s: f64,
    slopes: [f64; 2],
}

impl Bin {
    fn terms(&self, xi: f64) -> Terms {
        let [d0, d1] = self.slopes;
        let s = self.output.length / self.input.length;
        let (u, rest) = (xi * (1.0 - xi), 1.0 - xi);
        Terms {
            xi,
            u,
            s,
            numerator: s * xi * xi + d0 * u,
            denominator: s + (d1 + d0 - 2.0 * s) * u,
            growth: d1 * xi * xi + 2.0 * s * u + d0 * rest * rest,
        }
    }

    /// `y = y_k + (y_{k+1} − y_k)·N/D`, eq. 4.
    fn value(&self, terms: &Terms) -> f64 {
        self.output.start + self.output.length * terms.numerator / terms.denominator
    }

    /// The `ξ` at which the spline equals `y` (eq. 6 to 8): the root of a quadratic in a form without cancellation
    /// (eq. 29 of the appendix).
    fn position(&self, y: f64) -> f64 {
        let [d0, d1] = self.slopes;
        let height = self.output.length;
        let s = height / self.input.length;
        let above = y - self.output.start;
        let bend = d1 + d0 - 2.0 * s;
        let a = height * (s - d0) + above * bend;
        let b = height * d0 - above * bend;
        let c = -s * above;
        let discriminant = (b * b - 4.0 * a * c).max(0.0);
        2.0 * c / (-b - discriminant.sqrt())
    }

    /// The partial derivatives of `g_y·y + g_l·l` with `l = ln(dy/dx) = 2·ln s + ln M − 2·ln D`.
    fn partials(&self, terms: &Terms, [to_y, to_l]: [f64; 2]) -> Partials {
        let [d0, d1] = self.slopes;
        let Terms { xi, u, s, .. } = *terms;
        let (bend, turn, rest) = (d1 + d0 - 2.0 * s, 1.0 - 2.0 * xi, 1.0 - xi);
        let quotient = terms.numerator / terms.denominator;
        let by_y = to_y * self.output.length / terms.denominator;
        // Combines the derivatives of N, D and M with respect to one variable.
        let partial = |n: f64, d: f64, m: f64| {
            by_y * (n - quotient * d) + to_l * (m / terms.growth - 2.0 * d / terms.denominator)
        };
        let growth = 2.0 * (d1 * xi + s * turn - d0 * rest);
        Partials {
            xi: partial(2.0 * s * xi + d0 * turn, bend * turn, growth),
            s: partial(xi * xi, 1.0 - 2.0 * u, 2.0 * u) + 2.0 * to_l / s,
            slopes: [partial(u, u, rest * rest), partial(0.0, u, xi * xi)],
        }
    }
}

impl Terms {
    /// `ln(dy/dx) = ln(s²·M/D²)`, eq. 5.
    fn log_slope(&self) -> f64 {
        let ratio = self.s / self.denominator;
        libm::log(ratio * ratio * self.growth)
    }
}

impl RationalQuadratic {
    fn share(&self) -> f64 {
        1.0 - self.bins as f64 * MIN_SHARE
    }

    /// Writes the softmax of `K` parameters.
    fn softmax(&self, parameters: &[f32], shares: &mut [f64; MAX_BINS]) {
        let largest = parameters.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut exponentials = [0.0; MAX_BINS];
        for (value, parameter) in exponentials.iter_mut().zip(parameters) {
            *value = exp(parameter - largest);
        }
        let sum: f64 = exponentials[..self.bins]
            .iter()
            .map(|e| f64::from(*e))
            .sum();
        for (share, value) in shares.iter_mut().zip(&exponentials[..self.bins]) {
            *share = f64::from(*value) / sum;
        }
    }

    fn length(&self, share: f64) -> f64 {
        2.0 * self.bound * (MIN_SHARE + self.share() * share)
    }

    /// The bin that contains a coordinate.
    fn find(&self, shares: &[f64; MAX_BINS], number: f64) -> Span {
        let mut start = -self.bound;
        for (bin, share) in shares[..self.bins].iter().enumerate() {
            let length = self.length(*share);
            if number < start + length || bin + 1 == self.bins {
                return Span { bin, start, length };
            }
            start += length;
        }
        unreachable!("the last bin takes all larger numbers")
    }

    /// The span of a bin.
    fn span(&self, shares: &[f64; MAX_BINS], bin: usize) -> Span {
        let lengths = shares[..bin].iter().map(|share| self.length(*share));
        Span {
            bin,
            start: -self.bound + lengths.sum::<f64>(),
            length: self.length(shares[bin]),
        }
    }

    /// The derivatives at the two knots of a bin, `δ_k` and `δ_{k+1}`.
    fn slopes(&self, parameters: &[f32], bin: usize) -> [f64; 2] {
        [bin, bin + 1].map(|knot| {
            if knot == 0 || knot == self.bins {
                return 1.0;
            }
            let x = parameters[2 * self.bins + knot - 1] + SLOPE_OFFSET;
            let softplus = x.max(0.0) + libm::log1pf(exp(-x.abs()));
            MIN_SLOPE + f64::from(softplus)
        })
    }

    fn shares(&self, parameters: &[f32]) -> [[f64; MAX_BINS]; 2] {
        let mut shares = [[0.0; MAX_BINS]; 2];
        for (shares, parameters) in shares.iter_mut().zip(parameters.chunks_exact(self.bins)) {
            self.softmax(parameters, shares);
        }
        shares
    }

    fn bin_of_input(&self, shares: &[[f64; MAX_BINS]; 2], parameters: &[f32], x: f64) -> Bin {
        let input = self.find(&shares[0], x);
        Bin {
            input,
            output: self.span(&shares[1], input.bin),
            slopes: self.slopes(parameters, input.bin),
        }
    }

    /// Writes the gradient with respect to the `K` parameters of the widths or the heights:
    /// `c·p_j·(G_j − Σ_k p_k·G_k)`, where `p` is the softmax and `G` is the gradient with respect to the lengths of the
    /// bins. For the bins before the current one it is the gradient with respect to the current bin's start; for the
    /// current bin, that with respect to its length.
    fn write_share_gradient(&self, shares: &[f64], bin: usize, by: [f64; 2], output: &mut [f32]) {
        let [by_start, by_length] = by;
        let before: f64 = shares[..bin].iter().sum();
        let mean = by_start * before + by_length * shares[bin];
        let factor = 2.0 * self.bound * self.share();
        for (index, (output, share)) in output.iter_mut().zip(shares).enumerate() {
            let own = if index < bin {
                by_start
            } else if index == bin {
                by_length
            } else {
                0.0
            };
            *output = (factor * share * (own - mean)) as f32;
        }
    }
}

impl Transformation for RationalQuadratic {
    const FLOW: &'static str = "spline-flow";

    fn parameters(&self) -> usize {
        3 * self.bins - 1
    }

    fn forward(&self, x: f64, parameters: &[f32]) -> [f64; 2] {
        if x.abs() >= self.bound {
            return [x, 0.0];
        }
        let bin = self.bin_of_input(&self.shares(parameters), parameters, x);
        let terms = bin.terms((x - bin.input.start) / bin.input.length);
        [bin.value(&terms), terms.log_slope()]
    }

    fn inverse(&self, y: f64, parameters: &[f32]) -> [f64; 2] {
        if y.abs() >= self.bound {
            return [y, 0.0];
        }
        let [widths, heights] = self.shares(parameters);
        let output = self.find(&heights, y);
        let bin = Bin {
            input: self.span(&widths, output.bin),
            output,
            slopes: self.slopes(parameters, output.bin),
        };
        let terms = bin.terms(bin.position(y));
        let x = bin.input.start + terms.xi * bin.input.length;
        [x, terms.log_slope()]
    }

    fn gradients(&self, x: f64, parameters: &[f32], gradient: [f64; 2], output: &mut [f32]) -> f64 {
        if x.abs() >= self.bound {
            output.fill(0.0);
            return gradient[0];
        }
        let shares = self.shares(parameters);
        let bin = self.bin_of_input(&shares, parameters, x);
        let width = bin.input.length;
        let terms = bin.terms((x - bin.input.start) / width);
        let by = bin.partials(&terms, gradient);
        let (widths, rest) = output.split_at_mut(self.bins);
        let (heights, slopes) = rest.split_at_mut(self.bins);
        let index = bin.input.bin;
        // ξ = (x − x_k)/w and s = h/w.
        let by_width = -(by.xi * terms.xi + by.s * terms.s) / width;
        let by_height = gradient[0] * terms.numerator / terms.denominator + by.s / width;
        let bins = self.bins;
        let by_input = [-by.xi / width, by_width];
        self.write_share_gradient(&shares[0][..bins], index, by_input, widths);
        let by_output = [gradient[0], by_height];
        self.write_share_gradient(&shares[1][..bins], index, by_output, heights);
        slopes.fill(0.0);
        for (knot, slope) in [index, index + 1].into_iter().zip(by.slopes) {
            if knot > 0 && knot < bins {
                let sigmoid = 1.0 / (1.0 + exp(-parameters[2 * bins + knot - 1] - SLOPE_OFFSET));
                slopes[knot - 1] = slope as f32 * sigmoid;
            }
        }
        by.xi / width
    }
}
