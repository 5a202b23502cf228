//! One panel: a polynomial on part of the interval.

use std::f64::consts::PI;

use super::DEGREE;
use super::chebyshev::{antiderivative, clenshaw, coefficients, cosine, integral};
use crate::{Error, Result};

/// One panel: its ends, and its Chebyshev coefficients.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub low: f64,
    pub high: f64,
    pub values: [f64; DEGREE + 1],
    /// Coefficients of the integral from the left end.
    antiderivative: [f64; DEGREE + 2],
    pub integral: f64,
    pub error: f64,
    /// Possible effect of the rounding of x on the integral.
    pub rounding: f64,
}

impl Panel {
    pub fn new(function: &dyn Fn(f64) -> f64, low: f64, high: f64) -> Result<Self> {
        let mut panel = Self {
            low,
            high,
            values: [0.0; DEGREE + 1],
            antiderivative: [0.0; DEGREE + 2],
            integral: 0.0,
            error: 0.0,
            rounding: 0.0,
        };
        // From left to right, so that the first invalid x is reported.
        for k in (0..=DEGREE).rev() {
            let x = panel.node(k);
            let value = function(x);
            if !value.is_finite() {
                return Err(Error::invalid(
                    "the density",
                    format!("a finite number at x = {x}"),
                    value,
                ));
            }
            panel.values[k] = value;
        }
        let series = coefficients(&panel.values);
        panel.antiderivative = antiderivative(&series, panel.half());
        panel.integral = integral(&series) * panel.half();
        // The neglected coefficients are estimated by the last ones.
        let rest = series[DEGREE - 3..]
            .iter()
            .map(|c| c.abs())
            .fold(0.0, f64::max);
        panel.error = rest * 2.0 * panel.half();
        let [least, largest] =
            [f64::min, f64::max].map(|choose| panel.values.into_iter().reduce(choose));
        let variation = largest.unwrap_or(0.0) - least.unwrap_or(0.0);
        panel.rounding = 4.0 * f64::EPSILON * low.abs().max(high.abs()) * variation;
        Ok(panel)
    }

    pub fn half(&self) -> f64 {
        0.5 * self.high - 0.5 * self.low
    }

    /// The k-th node, from right to left.
    pub fn node(&self, k: usize) -> f64 {
        match k {
            0 => self.high,
            DEGREE => self.low,
            k => (0.5 * self.low
                + 0.5 * self.high
                + self.half() * (PI * k as f64 / DEGREE as f64).cos())
            .clamp(self.low, self.high),
        }
    }

    /// The largest absolute value and its position.
    pub fn peak(&self) -> (f64, f64) {
        let values = self.values.iter().enumerate();
        values.fold((0.0, self.low), |peak, (k, value)| {
            higher(peak, (value.abs(), self.node(k)))
        })
    }

    /// A node with a value below a bound.
    pub fn below(&self, bound: f64) -> Option<(f64, f64)> {
        let k = self.values.iter().position(|value| *value < bound)?;
        Some((self.node(k), self.values[k]))
    }

    /// The polynomial at x, by the barycentric formula (Berrut & Trefethen 2004, eq. 5.4).
    pub fn value(&self, x: f64) -> f64 {
        let t = self.place(x);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (k, value) in self.values.iter().enumerate() {
            let distance = t - cosine(k);
            if distance == 0.0 {
                return *value;
            }
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            let end = if k == 0 || k == DEGREE { 0.5 } else { 1.0 };
            let weight = sign * end / distance;
            sum += weight * value;
            weights += weight;
        }
        sum / weights
    }

    /// Position of x on [−1, 1].
    pub fn place(&self, x: f64) -> f64 {
        ((x - self.low) - (self.high - x)) / (self.high - self.low)
    }

    /// The integral from the left end to x.
    pub fn until(&self, x: f64) -> f64 {
        clenshaw(&self.antiderivative, self.place(x)).clamp(0.0, self.integral.max(0.0))
    }
}

/// The larger of two values with their positions.
pub(super) fn higher(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    if other.0 > one.0 { other } else { one }
}
