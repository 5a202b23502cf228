//! Numeric inverse of a cumulative distribution function.

use super::{Distribution, Side};

/// Number of rounds after which the bracket cannot shrink any further; bisection alone takes about 1100 from the widest
/// bracket.
const MAX_ROUNDS: usize = 1200;

/// Relative tolerance of the probability.
const PRECISION: f64 = 4e-16;

/// The generalised inverse, computed numerically: `inf{x : F(x) >= w}` on the lower side, `inf{x : 1 − F(x) <= w}` on
/// the upper.
///
/// Newton's method on the logarithm of the probability, inside a bracket that is bisected whenever the error does not
/// halve. Where F is flat or jumps, the bracket converges to the left end of the flat stretch, or to the jump.
///
/// ```
/// use tweedie::distribution::{Distribution, Exponential, Side, numeric_inverse};
///
/// let decay = Exponential::new(1.0)?;
/// let found = numeric_inverse(&decay, Side::Upper, 1e-20);
/// assert!((found / decay.inverse_survival(1e-20) - 1.0).abs() < 1e-14);
/// # Ok::<(), tweedie::Error>(())
/// ```
pub fn numeric_inverse<D: Distribution + ?Sized>(distribution: &D, side: Side, w: f64) -> f64 {
    numeric_inverse_by(distribution, side, w, &|x| distribution.density(x))
}

/// As [`numeric_inverse`], with another function for the slope of F, which need not be exact.
pub(super) fn numeric_inverse_by<D: Distribution + ?Sized>(
    distribution: &D,
    side: Side,
    w: f64,
    slope: &dyn Fn(f64) -> f64,
) -> f64 {
    let [low, high] = distribution.support();
    match (w, side) {
        (w, _) if !(0.0..=1.0).contains(&w) => f64::NAN,
        (0.0, Side::Lower) | (1.0, Side::Upper) => low,
        (1.0, Side::Lower) | (0.0, Side::Upper) => high,
        _ => {
            let search = Search {
                distribution,
                side,
                w,
                slope,
            };
            search.solve()
        }
    }
}

struct Search<'a, D: ?Sized> {
    distribution: &'a D,
    side: Side,
    w: f64,
    slope: &'a dyn Fn(f64) -> f64,
}

impl<D: Distribution + ?Sized> Search<'_, D> {
    /// The probability on this side of x.
    fn probability(&self, x: f64) -> f64 {
        match self.side {
            Side::Lower => self.distribution.cdf(x),
            Side::Upper => self.distribution.survival(x),
        }
    }

    /// Whether x is at or to the right of the solution.
    fn is_reached(&self, probability: f64) -> bool {
        match self.side {
            Side::Lower => probability >= self.w,
            Side::Upper => probability <= self.w,
        }
    }

    fn solve(&self) -> f64 {
        let [mut low, mut high] = self.bracket();
        let mut x = middle(low, high);
        let mut last_error = f64::INFINITY;
        for _ in 0..MAX_ROUNDS {
            if x <= low || x >= high {
                x = middle(low, high);
                if x <= low || x >= high {
                    return high; // no number lies between the two
                }
            }
            let probability = self.probability(x);
            let is_reached = self.is_reached(probability);
            *(if is_reached { &mut high } else { &mut low }) = x;
            let error = (probability / self.w).ln();
            // Change of x for a relative change of 1 in the probability.
            let reach = probability / (self.slope)(x);
            if error.abs() <= PRECISION {
                let nudge = 1e-13 * reach;
                match is_reached {
                    true if self.rises_before(x, nudge) => return x,
                    true if nudge.is_finite() => high = x - nudge,
                    true => {}
                    false if nudge.is_finite() => {
                        x += nudge;
                        continue;
                    }
                    false => {}
                }
                x = middle(low, high);
                last_error = f64::INFINITY;
            } else if error.is_finite() && error.abs() <= 0.5 * last_error && reach.is_finite() {
                x -= self.side_sign() * error * reach;
                last_error = error.abs();
            } else {
                x = middle(low, high);
                last_error = f64::INFINITY;
            }
        }
        high
    }

    /// Whether x is not inside or at the end of a flat stretch: slightly to its left the probability is not reached.
    fn rises_before(&self, x: f64, nudge: f64) -> bool {
        nudge.is_finite() && !self.is_reached(self.probability(x - nudge))
    }

    /// The probability increases with x on the lower side and decreases on the upper.
    fn side_sign(&self) -> f64 {
        -self.side.sign()
    }

    /// Two numbers around the solution: the left is not reached, the right is.
    fn bracket(&self) -> [f64; 2] {
        let [low, high] = self.distribution.support();
        let centre = match (low.is_finite(), high.is_finite()) {
            (true, true) => return [low.next_down(), high],
            (true, false) => low,
            (false, true) => high,
            (false, false) => self.distribution.mean().unwrap_or(0.0),
        };
        let scale = self.distribution.variance().map_or(1.0, f64::sqrt);
        // A variance that underflows or overflows contains no information about the scale.
        let mut step = if scale.is_normal() {
            scale
        } else {
            centre.abs().max(1.0)
        };
        let (mut left, mut right) = (centre, centre);
        if self.is_reached(self.probability(centre)) {
            while self.is_reached(self.probability(left)) && left > low {
                right = left;
                left = (left - step).max(low.next_down());
                step *= 2.0;
            }
        } else {
            while !self.is_reached(self.probability(right)) && right < high {
                left = right;
                right = (right + step).min(high);
                step *= 2.0;
            }
        }
        [left.max(-f64::MAX), right.min(f64::MAX)]
    }
}

fn middle(low: f64, high: f64) -> f64 {
    0.5 * low + 0.5 * high
}

#[cfg(test)]
mod tests {
    use super::super::{Cauchy, Laplace, Normal, Tail, Triangular, Uniform};
    use super::*;

    /// An arbitrary F, here with jumps and flat stretches.
    struct Steps(fn(f64) -> f64);

    impl Distribution for Steps {
        fn density(&self, x: f64) -> f64 {
            (self.cdf(x + 1e-6) - self.cdf(x - 1e-6)) / 2e-6
        }
        fn cdf(&self, x: f64) -> f64 {
            self.0(x)
        }
        fn inverse_cdf(&self, u: f64) -> f64 {
            numeric_inverse(self, Side::Lower, u)
        }
        fn support(&self) -> [f64; 2] {
            [0.0, 3.0]
        }
        fn tail(&self, _: Side) -> Tail {
            Tail::Bounded
        }
        fn mean(&self) -> Option<f64> {
            None
        }
        fn variance(&self) -> Option<f64> {
            None
        }
        fn has_closed_form_inverse(&self) -> bool {
            false
        }
    }

    #[test]
    fn at_a_flat_stretch_it_is_the_left_end() {
        // Uniform on [0, 1] and on [2, 3].
        let gap = Steps(|x| 0.5 * x.clamp(0.0, 1.0) + 0.5 * (x - 2.0).clamp(0.0, 1.0));
        for (u, x) in [(0.25, 0.5), (0.5, 1.0), (0.75, 2.5)] {
            let found = gap.inverse_cdf(u);
            assert!((found - x).abs() < 1e-12, "{u}: {found} is not {x}");
        }
        assert!((gap.inverse_cdf(0.5 + 1e-9) - 2.0).abs() < 1e-8);
        assert!((gap.inverse_cdf(0.5 - 1e-9) - 1.0).abs() < 1e-8);
    }

    #[test]
    fn at_a_jump_it_is_the_place_of_the_jump() {
        // Half of the probability is at 1.
        let jump = Steps(|x| {
            0.25 * x.clamp(0.0, 1.0)
                + if x >= 1.0 { 0.5 } else { 0.0 }
                + 0.125 * (x - 1.0).clamp(0.0, 2.0)
        });
        for u in [0.2500001, 0.3, 0.5, 0.75] {
            assert_eq!(jump.inverse_cdf(u), 1.0, "{u}");
        }
        assert!((jump.inverse_cdf(0.125) - 0.5).abs() < 1e-12);
        assert!((jump.inverse_cdf(0.875) - 2.0).abs() < 1e-12);
    }

    #[track_caller]
    fn equals_the_closed_form(distribution: &dyn Distribution) {
        for exponent in 1..60 {
            let w = 0.7_f64.powi(exponent);
            for (side, exact) in [
                (Side::Lower, distribution.inverse_cdf(w)),
                (Side::Upper, distribution.inverse_survival(w)),
            ] {
                let found = numeric_inverse(distribution, side, w);
                let tolerance = 1e-12 * exact.abs().max(1.0);
                assert!(
                    (found - exact).abs() <= tolerance,
                    "{side:?} {w}: {found} is not {exact}"
                );
            }
        }
    }

    #[test]
    fn it_equals_the_closed_forms() {
        equals_the_closed_form(&Normal::new(3.0, 0.2).unwrap());
        equals_the_closed_form(&Laplace::new(-1.0, 2.0).unwrap());
        equals_the_closed_form(&Cauchy::new(5.0, 0.1).unwrap());
        equals_the_closed_form(&Uniform::new(-1.0, 4.0).unwrap());
        equals_the_closed_form(&Triangular::new(0.0, 1.0, 3.0).unwrap());
    }

    #[test]
    fn it_is_a_number_where_the_probability_is_rounded_to_zero() {
        // Like an integral with an accuracy of 1e-12 only, and a density that is not 0 there.
        let rounded = Steps(|x| match (x / 3.0).clamp(0.0, 1.0) {
            part if part.is_nan() => panic!("asked for F at {x}"),
            part if part < 1e-12 => 0.0,
            part => part,
        });
        for exponent in 10..=60 {
            let w = 2.0_f64.powi(-exponent);
            let found = rounded.inverse_cdf(w);
            assert!((found - 3.0 * w.max(1e-12)).abs() < 1e-11, "{w}: {found}");
        }
    }

    #[test]
    fn it_never_falls_as_u_rises() {
        let gap = Steps(|x| 0.5 * x.clamp(0.0, 1.0) + 0.5 * (x - 2.0).clamp(0.0, 1.0));
        let mut last = 0.0;
        for step in 0..=10_000 {
            let found = gap.inverse_cdf(f64::from(step) / 1e4);
            assert!(found >= last, "step {step}: {found} after {last}");
            last = found;
        }
    }
}
