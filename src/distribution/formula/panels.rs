//! Integration by Chebyshev polynomials on adaptive panels.

use std::f64::consts::PI;

use crate::{Error, Result};

/// Degree of a panel's polynomial. It has one more node, including the ends.
const DEGREE: usize = 16;

/// Initial number of panels; a peak a thousandth as wide as the interval contains a node.
const FIRST_PANELS: usize = 128;

/// Maximum number of panels, for formulas that are cheap to evaluate.
const MAX_PANELS: usize = 20_000;

/// Maximum number of nodes of all panels times the [cost](super::Expression::cost) of the formula: about a second.
const MAX_WORK: usize = 400_000_000;

/// Tolerance of the error of a panel, relative to the integral.
const PRECISION: f64 = 1e-14;

/// The tolerance at a jump between two adjacent numbers.
const COARSE: f64 = 1e-9;

/// Negative values of this size, relative to the largest value, are rounding errors.
const ROUNDING: f64 = 1e-12;

/// A non-negative function, as polynomials with known integrals.
#[derive(Clone, Debug)]
pub struct Panels {
    /// Panels from left to right.
    panels: Vec<Panel>,
    /// Integral of the panels before each one, as a fraction of the total.
    below: Vec<f64>,
    /// Integral of the panels after each one, as a fraction of the total.
    above: Vec<f64>,
    integral: f64,
}

/// One panel: its ends, and its Chebyshev coefficients.
#[derive(Clone, Debug)]
struct Panel {
    low: f64,
    high: f64,
    values: [f64; DEGREE + 1],
    /// Coefficients of the integral from the left end.
    antiderivative: [f64; DEGREE + 2],
    integral: f64,
    error: f64,
    /// Possible effect of the rounding of x on the integral.
    rounding: f64,
}

impl Panels {
    /// Adapts to a function on an interval, with initial edges at its peaks. The number of panels is lower for
    /// functions that are expensive to evaluate.
    ///
    /// # Errors
    /// [`Error::InvalidOption`], naming an x, where the function is negative or not finite, 0 everywhere, has no
    /// integral, or oscillates too fast.
    pub fn new(
        function: &dyn Fn(f64) -> f64,
        cost: usize,
        [low, high]: [f64; 2],
        peaks: &[f64],
    ) -> Result<Self> {
        // Bisection creates as many panels again.
        let most_panels = (MAX_WORK / (2 * (DEGREE + 1) * cost.max(1))).min(MAX_PANELS);
        let edge = |index: usize| match index {
            FIRST_PANELS => high,
            index => low + (high - low) * (index as f64 / FIRST_PANELS as f64),
        };
        let mut edges: Vec<f64> = (0..=FIRST_PANELS)
            .map(edge)
            .chain(peaks.iter().copied())
            .collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let first = edges
            .windows(2)
            .map(|pair| Panel::new(function, pair[0], pair[1]));
        // The last pending panel is the leftmost.
        let mut pending: Vec<Panel> = first.collect::<Result<_>>()?;
        pending.reverse();
        let mut peak = pending
            .iter()
            .fold((0.0, low), |peak, panel| higher(peak, panel.peak()));
        let mut scale: f64 = pending.iter().map(|panel| panel.integral.abs()).sum();
        let mut panels = Vec::new();
        while let Some(panel) = pending.pop() {
            let middle = 0.5 * panel.low + 0.5 * panel.high;
            let is_indivisible = middle <= panel.low || middle >= panel.high;
            let precision = if is_indivisible { COARSE } else { PRECISION };
            if panel.error <= precision * scale + panel.rounding {
                panels.push(panel);
                continue;
            }
            if is_indivisible {
                return Err(refused("integrable", &unbounded(peak.1)));
            }
            if panels.len() + pending.len() > most_panels.max(edges.len()) {
                let expected = format!("integrable with {most_panels} polynomials");
                let found = format!("{} or oscillates too fast for them", unbounded(peak.1));
                return Err(refused(&expected, &found));
            }
            let [left, right] = [
                Panel::new(function, panel.low, middle)?,
                Panel::new(function, middle, panel.high)?,
            ];
            scale += left.integral + right.integral - panel.integral;
            peak = higher(peak, higher(left.peak(), right.peak()));
            pending.extend([right, left]);
        }
        Self::from_panels(panels, peak.0)
    }

    fn from_panels(panels: Vec<Panel>, largest: f64) -> Result<Self> {
        if let Some((x, value)) = panels
            .iter()
            .find_map(|panel| panel.below(-ROUNDING * largest))
        {
            let expected = format!("not below 0 at x = {x}");
            return Err(Error::invalid("the density", expected, value));
        }
        let integral: f64 = panels.iter().map(|panel| panel.integral).sum();
        if !(integral.is_finite() && integral > 0.0) {
            return Err(refused("above 0 somewhere", "0 everywhere"));
        }
        let running = |sum: &mut f64, panel: &Panel| {
            let before = *sum;
            *sum += panel.integral / integral;
            Some(before)
        };
        let below = panels.iter().scan(0.0, running).collect();
        let mut above: Vec<f64> = panels.iter().rev().scan(0.0, running).collect();
        above.reverse();
        Ok(Self {
            panels,
            below,
            above,
            integral,
        })
    }

    pub fn integral(&self) -> f64 {
        self.integral
    }

    /// Ends of the interval.
    pub fn ends(&self) -> [f64; 2] {
        [self.panels[0].low, self.panels[self.panels.len() - 1].high]
    }

    /// Ends of the interval without outer panels that are 0.
    pub fn support(&self) -> [f64; 2] {
        let mut positive = self.panels.iter().filter(|panel| panel.peak().0 > 0.0);
        let [low, high] = self.ends();
        let first = positive.next();
        let last = positive.next_back().or(first);
        [
            first.map_or(low, |panel| panel.low),
            last.map_or(high, |panel| panel.high),
        ]
    }

    /// Edges of the panels and, where panels are few, their nodes, from left to right.
    pub fn places(&self) -> Vec<f64> {
        const FEW: usize = 4 * FIRST_PANELS;
        let nodes = if self.panels.len() <= FEW { DEGREE } else { 1 };
        let of_panel = |panel: &Panel| {
            let nodes = (DEGREE + 1 - nodes..=DEGREE).rev();
            nodes.map(|k| panel.node(k)).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    /// Fraction of the integral to the left of x.
    pub fn below(&self, x: f64) -> f64 {
        self.part(x, |index, panel| {
            self.below[index] + panel.until(x) / self.integral
        })
    }

    /// Fraction of the integral to the right of x.
    pub fn above(&self, x: f64) -> f64 {
        let [low, high] = self.ends();
        match x {
            x if x <= low => 1.0,
            x if x >= high => 0.0,
            x => self.part(x, |index, panel| {
                self.above[index] + (panel.integral - panel.until(x)) / self.integral
            }),
        }
    }

    fn part(&self, x: f64, inside: impl Fn(usize, &Panel) -> f64) -> f64 {
        let [low, high] = self.ends();
        match x {
            x if x <= low => 0.0,
            x if x >= high => 1.0,
            x if x.is_nan() => x,
            x => {
                let index = self.panels.partition_point(|panel| panel.low <= x) - 1;
                inside(index, &self.panels[index]).clamp(0.0, 1.0)
            }
        }
    }

    /// Value of the polynomial at x, which approximates the function.
    pub fn value(&self, x: f64) -> f64 {
        let index = self.panels.partition_point(|panel| panel.low <= x);
        self.panels[index.saturating_sub(1)].value(x)
    }

    /// Integral of `(x − centre)^power` times the function, relative to that of the function.
    pub fn moment(&self, centre: f64, power: i32) -> f64 {
        let moments = self.panels.iter().map(|panel| {
            let values =
                std::array::from_fn(|k| (panel.node(k) - centre).powi(power) * panel.values[k]);
            integral(&coefficients(&values)) * panel.half()
        });
        moments.sum::<f64>() / self.integral
    }
}

impl Panel {
    fn new(function: &dyn Fn(f64) -> f64, low: f64, high: f64) -> Result<Self> {
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

    fn half(&self) -> f64 {
        0.5 * self.high - 0.5 * self.low
    }

    /// The k-th node, from right to left.
    fn node(&self, k: usize) -> f64 {
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
    fn peak(&self) -> (f64, f64) {
        let values = self.values.iter().enumerate();
        values.fold((0.0, self.low), |peak, (k, value)| {
            higher(peak, (value.abs(), self.node(k)))
        })
    }

    /// A node with a value below a bound.
    fn below(&self, bound: f64) -> Option<(f64, f64)> {
        let k = self.values.iter().position(|value| *value < bound)?;
        Some((self.node(k), self.values[k]))
    }

    /// The polynomial at x, by the barycentric formula (Berrut & Trefethen 2004, eq. 5.4).
    fn value(&self, x: f64) -> f64 {
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
    fn place(&self, x: f64) -> f64 {
        ((x - self.low) - (self.high - x)) / (self.high - self.low)
    }

    /// The integral from the left end to x.
    fn until(&self, x: f64) -> f64 {
        clenshaw(&self.antiderivative, self.place(x)).clamp(0.0, self.integral.max(0.0))
    }
}

/// The larger of two values with their positions.
fn higher(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    if other.0 > one.0 { other } else { one }
}

fn unbounded(x: f64) -> String {
    let x = (x * 1e6).round() / 1e6;
    format!("without bound near x = {x}")
}

fn refused(expected: &str, value: &str) -> Error {
    Error::InvalidOption {
        name: "the density".to_owned(),
        expected: expected.to_owned(),
        value: value.to_owned(),
    }
}

/// Chebyshev coefficients of the polynomial with the given values at the nodes `cos(πk/DEGREE)`: a discrete cosine
/// transform.
fn coefficients(values: &[f64; DEGREE + 1]) -> [f64; DEGREE + 1] {
    let halved = |index: usize| {
        if index == 0 || index == DEGREE {
            0.5
        } else {
            1.0
        }
    };
    std::array::from_fn(|j| {
        let term = |k: usize| halved(k) * values[k] * cosine(j * k);
        2.0 / DEGREE as f64 * halved(j) * (0..=DEGREE).map(term).sum::<f64>()
    })
}

/// `cos(π·index/DEGREE)`.
fn cosine(index: usize) -> f64 {
    use std::sync::LazyLock;
    static COSINES: LazyLock<[f64; 2 * DEGREE]> =
        LazyLock::new(|| std::array::from_fn(|index| (PI * index as f64 / DEGREE as f64).cos()));
    COSINES[index % (2 * DEGREE)]
}

/// The integral over [−1, 1] of a Chebyshev series.
fn integral(series: &[f64]) -> f64 {
    let even = series.iter().enumerate().step_by(2);
    even.map(|(k, c)| 2.0 * c / (1.0 - (k * k) as f64)).sum()
}

/// Chebyshev coefficients of the integral from −1, times a factor.
fn antiderivative(series: &[f64; DEGREE + 1], factor: f64) -> [f64; DEGREE + 2] {
    let at = |k: usize| series.get(k).copied().unwrap_or(0.0);
    let mut result: [f64; DEGREE + 2] = std::array::from_fn(|k| match k {
        0 => 0.0,
        1 => factor * (at(0) - 0.5 * at(2)),
        k => factor * (at(k - 1) - at(k + 1)) / (2 * k) as f64,
    });
    // It is 0 at −1, where the polynomials alternate between 1 and −1.
    let alternating = |(k, c): (usize, &f64)| if k % 2 == 0 { -c } else { *c };
    result[0] = result.iter().enumerate().map(alternating).sum();
    result
}

/// The value of a Chebyshev series (Clenshaw 1955).
fn clenshaw(series: &[f64], t: f64) -> f64 {
    let (mut one, mut two) = (0.0, 0.0);
    for c in series.iter().skip(1).rev() {
        (one, two) = (2.0 * t * one - two + c, one);
    }
    t * one - two + series[0]
}
