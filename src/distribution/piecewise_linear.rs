//! Piecewise linear densities, for instance drawn by hand.

use super::{Distribution, Side, Tail, finite};
use crate::{Error, Result};

/// Upper limit of the number of knots.
const MAX_KNOTS: usize = 100_000;

/// A density that is linear between knots and 0 outside them, divided by its area.
///
/// ```
/// use tweedie::distribution::{Distribution, PiecewiseLinear};
///
/// let roof = PiecewiseLinear::new(&[0.0, 1.0, 2.0], &[0.0, 5.0, 0.0])?;
/// assert_eq!(roof.density(1.0), 1.0);
/// assert!((roof.inverse_cdf(1.0 / 8.0) - 0.5).abs() < 1e-15);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseLinear {
    knots: Vec<f64>,
    /// p at the knots.
    heights: Vec<f64>,
    /// F at the knots; the last value is 1.
    cumulative: Vec<f64>,
    area: f64,
}

impl PiecewiseLinear {
    /// A density with increasing knots and the heights there, in any scale.
    ///
    /// # Errors
    /// [`InvalidOption`](Error::InvalidOption) for fewer than two or too many knots, for knots that do not increase,
    /// and for heights that are negative, not finite or all 0.
    pub fn new(knots: &[f64], heights: &[f64]) -> Result<Self> {
        check(knots, heights)?;
        // The area may overflow or underflow, but not that of the scaled heights.
        let largest = heights.iter().copied().fold(0.0, f64::max);
        let shape: Vec<f64> = heights.iter().map(|height| height / largest).collect();
        let mut sum = 0.0;
        let sums = (1..knots.len()).map(|i| {
            sum += (knots[i] - knots[i - 1]) * 0.5 * (shape[i - 1] + shape[i]);
            sum
        });
        let mut cumulative: Vec<f64> = std::iter::once(0.0).chain(sums).collect();
        let area = sum;
        if !(area.is_finite() && area > 0.0) {
            return Err(Error::invalid(
                "heights",
                "not all 0, over a finite area",
                area,
            ));
        }
        for probability in &mut cumulative {
            *probability = (*probability / area).min(1.0);
        }
        if let Some(last) = cumulative.last_mut() {
            *last = 1.0;
        }
        Ok(Self {
            knots: knots.to_vec(),
            heights: shape.into_iter().map(|height| height / area).collect(),
            cumulative,
            area: area * largest,
        })
    }

    /// Divisor of the heights.
    pub fn area(&self) -> f64 {
        self.area
    }

    /// Index of the segment that contains x, or ends at it.
    fn segment(&self, x: f64) -> usize {
        let right = self.knots.partition_point(|knot| *knot < x);
        right.clamp(1, self.knots.len() - 1) - 1
    }

    fn height(&self, segment: usize, x: f64) -> f64 {
        let [from, to] = [self.knots[segment], self.knots[segment + 1]];
        let share = (x - from) / (to - from);
        self.heights[segment] * (1.0 - share) + self.heights[segment + 1] * share
    }

    /// Sum over the segments of the integral of `(x − centre)^power·p(x)`, for powers up to 2.
    fn moment(&self, centre: f64, power: i32) -> f64 {
        // Simpson's rule is exact for cubics.
        let segments = 0..self.knots.len() - 1;
        let integral = |segment: usize| {
            let [from, to] = [self.knots[segment], self.knots[segment + 1]];
            let [first, last] = [self.heights[segment], self.heights[segment + 1]];
            let value = |x: f64, height: f64| (x - centre).powi(power) * height;
            let middle = value(0.5 * from + 0.5 * to, 0.5 * (first + last));
            (to - from) / 6.0 * (value(from, first) + 4.0 * middle + value(to, last))
        };
        segments.map(integral).sum()
    }
}

fn check(knots: &[f64], heights: &[f64]) -> Result<()> {
    if !(2..=MAX_KNOTS).contains(&knots.len()) {
        let expected = format!("a list of 2 to {MAX_KNOTS} points");
        return Err(Error::invalid("knots", expected, knots.len()));
    }
    if heights.len() != knots.len() {
        let expected = format!("as many as the {} knots", knots.len());
        return Err(Error::invalid("heights", expected, heights.len()));
    }
    for knot in knots {
        finite("knots", *knot)?;
    }
    if let Some(pair) = knots.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::invalid("knots", "increasing", pair));
    }
    if let Some(index) = heights
        .iter()
        .position(|height| !(height.is_finite() && *height >= 0.0))
    {
        let expected = format!("finite and not below 0 at x = {}", knots[index]);
        return Err(Error::invalid("heights", expected, heights[index]));
    }
    if heights.iter().all(|height| *height == 0.0) {
        Err(Error::invalid("heights", "above 0 somewhere", 0.0))
    } else {
        Ok(())
    }
}

impl Distribution for PiecewiseLinear {
    fn density(&self, x: f64) -> f64 {
        if (self.knots[0]..=self.knots[self.knots.len() - 1]).contains(&x) {
            self.height(self.segment(x), x)
        } else {
            0.0
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.knots[0] {
            return 0.0;
        }
        if x >= self.knots[self.knots.len() - 1] {
            return 1.0;
        }
        let segment = self.segment(x);
        let area =
            (x - self.knots[segment]) * 0.5 * (self.heights[segment] + self.height(segment, x));
        (self.cumulative[segment] + area).min(self.cumulative[segment + 1])
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        let [low, high] = self.support();
        match u {
            u if !(0.0..=1.0).contains(&u) => return f64::NAN,
            0.0 => return low,
            1.0 => return high,
            _ => {}
        }
        // The first knot that reaches u ends the segment, which excludes flat stretches.
        let segment = self.cumulative.partition_point(|sum| *sum < u) - 1;
        let [from, to] = [self.knots[segment], self.knots[segment + 1]];
        let [first, last] = [self.heights[segment], self.heights[segment + 1]];
        let slope = (last - first) / (to - from);
        let area = u - self.cumulative[segment];
        // The root of first·t + slope·t²/2 = area, without cancellation.
        let root = (first * first + 2.0 * slope * area).max(0.0).sqrt();
        let t = 2.0 * area / (first + root);
        (from + t).min(to)
    }

    fn support(&self) -> [f64; 2] {
        let positive = |index: &usize| self.heights[*index] > 0.0;
        let last = self.knots.len() - 1;
        let from = (0..=last).find(positive).unwrap_or(0);
        let to = (0..=last).rev().find(positive).unwrap_or(last);
        [
            self.knots[from.saturating_sub(1)],
            self.knots[last.min(to + 1)],
        ]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        Some(self.moment(0.0, 1))
    }

    fn variance(&self) -> Option<f64> {
        Some(self.moment(self.moment(0.0, 1), 2))
    }

    fn landmarks(&self) -> Vec<f64> {
        self.knots.clone()
    }

    fn has_closed_form_inverse(&self) -> bool {
        true
    }

    fn inverse_is_cheap(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_that_are_no_density_are_refused() {
        for (knots, heights) in [
            (&[][..], &[][..]),
            (&[1.0], &[1.0]),
            (&[0.0, 1.0], &[1.0]),
            (&[0.0, 0.0], &[1.0, 1.0]),
            (&[0.0, f64::INFINITY], &[1.0, 1.0]),
            (&[0.0, 1.0], &[0.0, 0.0]),
            (&[0.0, 1.0], &[1.0, -1.0]),
            (&[0.0, 1.0], &[1.0, f64::NAN]),
        ] {
            assert!(
                PiecewiseLinear::new(knots, heights).is_err(),
                "{knots:?} {heights:?}"
            );
        }
    }

    #[test]
    fn a_flat_stretch_gives_its_left_end() {
        // The density is 0 between 1 and 2.
        let gap = PiecewiseLinear::new(
            &[0.0, 0.5, 1.0, 2.0, 2.5, 3.0],
            &[0.0, 1.0, 0.0, 0.0, 1.0, 0.0],
        )
        .unwrap();
        assert_eq!(gap.inverse_cdf(0.5), 1.0);
        assert!(gap.inverse_cdf(0.5_f64.next_up()) >= 2.0);
        assert_eq!(gap.support(), [0.0, 3.0]);
    }

    #[test]
    fn empty_ends_are_not_part_of_the_support() {
        let drawn = PiecewiseLinear::new(
            &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            &[0.0, 0.0, 1.0, 1.0, 0.0, 0.0],
        )
        .unwrap();
        assert_eq!(drawn.support(), [1.0, 4.0]);
        assert_eq!([drawn.inverse_cdf(0.0), drawn.inverse_cdf(1.0)], [1.0, 4.0]);
        assert!(drawn.inverse_cdf(1e-300) >= 1.0);
    }

    #[test]
    fn huge_heights_do_not_overflow() {
        let tall = PiecewiseLinear::new(&[0.0, 1.0, 2.0], &[1e308, 1e308, 1e308]).unwrap();
        assert_eq!(tall.density(1.0), 0.5);
        assert_eq!(tall.mean(), Some(1.0));
    }
}
