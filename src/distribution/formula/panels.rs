//! Integration by Chebyshev polynomials on adaptive panels.

mod chebyshev;
mod panel;

use chebyshev::{coefficients, integral};
use panel::{Panel, higher};

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
