//! The ratio of two densities: its supremum, and where it exceeds a level.

use super::{Distribution, Side};

/// Number of quantiles at which p/q is evaluated before refinement.
const QUANTILES: usize = 1024;
/// Number of further points in each tail, at halved tail probabilities.
const HALVINGS: i32 = 60;
/// Number of further steps outwards, each increasing the distance from the median by half.
const FAR_STEPS: i32 = 60;
/// Number of equal steps over a bounded support.
const EQUAL_STEPS: usize = 512;
/// Maximum number of peaks that are refined, highest first.
const MAX_PEAKS: usize = 512;
/// Rounds of the golden-section search, and of bisection.
const ROUNDS: usize = 80;
/// Relative tolerance by which p may exceed c·q.
const SLACK: f64 = 1e-12;

/// p/q on a grid that is fine wherever either has probability.
pub struct Ratio<'a, T: ?Sized, Q: ?Sized> {
    target: &'a T,
    proposal: &'a Q,
    /// x and ln(p/q), from left to right.
    points: Vec<(f64, f64)>,
}

impl<'a, T, Q> Ratio<'a, T, Q>
where
    T: Distribution + ?Sized,
    Q: Distribution + ?Sized,
{
    pub fn new(target: &'a T, proposal: &'a Q) -> Self {
        let mut ratio = Self {
            target,
            proposal,
            points: Vec::new(),
        };
        let grid = match target.values() {
            [] => merged(grid(target), grid(proposal), target.support()),
            values => values.to_vec(),
        };
        // Where both are close to 0, the difference of two large logarithms has no accurate digits.
        let is_felt = |ln: f64| ln > f64::MIN_POSITIVE.ln();
        let at = |x: f64| {
            if is_felt(target.ln_density(x)) {
                Some((x, ratio.ln_at(x)))
            } else {
                is_felt(proposal.ln_density(x)).then_some((x, f64::NEG_INFINITY))
            }
        };
        ratio.points = grid.into_iter().filter_map(at).collect();
        if target.values().is_empty() {
            ratio.refine();
        }
        ratio
    }

    /// p/q from its logarithm; computed directly, without the rounding of the logarithm, where p and q are not too
    /// small.
    pub fn value(&self, ln: f64, x: f64) -> f64 {
        match self.proposal.density(x) {
            q if q > f64::MIN_POSITIVE && ln.is_finite() => self.target.density(x) / q,
            _ => ln.exp(),
        }
    }

    fn ln_at(&self, x: f64) -> f64 {
        match self.target.ln_density(x) {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            ln => ln - self.proposal.ln_density(x),
        }
    }

    /// Adds the maximum of every peak between grid points.
    fn refine(&mut self) {
        let peaks = self.points.windows(3).filter(|three| {
            let [before, here, after] = [three[0].1, three[1].1, three[2].1];
            here.is_finite() && here >= before && here >= after
        });
        let mut peaks: Vec<&[(f64, f64)]> = peaks.collect();
        peaks.sort_by(|one, other| other[1].1.total_cmp(&one[1].1));
        let tops: Vec<(f64, f64)> = peaks
            .iter()
            .take(MAX_PEAKS)
            .map(|three| self.golden_section(three[0].0, three[2].0))
            .collect();
        self.points.extend(tops);
        self.points.sort_by(|one, other| one.0.total_cmp(&other.0));
    }

    /// The maximum of ln(p/q) on an interval with one peak.
    fn golden_section(&self, mut from: f64, mut to: f64) -> (f64, f64) {
        const SHARE: f64 = 0.618_033_988_749_894_9;
        let inner = |from: f64, to: f64| [to - SHARE * (to - from), from + SHARE * (to - from)];
        let [mut left, mut right] = inner(from, to).map(|x| (x, self.ln_at(x)));
        for _ in 0..ROUNDS {
            if left.1 < right.1 {
                from = left.0;
                left = right;
                let x = inner(from, to)[1];
                right = (x, self.ln_at(x));
            } else {
                to = right.0;
                right = left;
                let x = inner(from, to)[0];
                left = (x, self.ln_at(x));
            }
        }
        if left.1 > right.1 { left } else { right }
    }

    /// The sides on which p/q is unbounded.
    fn heavy_sides(&self) -> impl Iterator<Item = Side> {
        let [low, high] = self.target.support();
        let ends = [(low, Side::Lower), (high, Side::Upper)];
        let sides = ends
            .into_iter()
            .filter(|(end, _)| end.is_infinite())
            .map(|(_, side)| side);
        sides.filter(|side| {
            self.target
                .tail(*side)
                .weight(self.proposal.tail(*side), *side)
                .is_gt()
        })
    }

    /// ln sup p/q, and its position.
    pub fn supremum(&self) -> (f64, f64) {
        if let Some(side) = self.heavy_sides().next() {
            return (f64::INFINITY, side.sign() * f64::INFINITY);
        }
        let finite = self.points.iter().filter(|(_, ln)| !ln.is_nan());
        let largest = finite.max_by(|one, other| one.1.total_cmp(&other.1));
        largest.map_or((f64::NEG_INFINITY, f64::NAN), |(x, ln)| (*ln, *x))
    }

    pub fn why_unbounded(&self, at: f64) -> String {
        if at.is_infinite() {
            let side = if at > 0.0 { Side::Upper } else { Side::Lower };
            let [target, proposal] = [self.target.tail(side), self.proposal.tail(side)];
            return format!("towards {at} the target {target}, but the proposal {proposal}");
        }
        if self.target.density(at).is_finite() {
            format!("at x = {at} the target has density, but the proposal has none")
        } else {
            format!("at x = {at} the target's density is infinite")
        }
    }

    /// The intervals where ln(p/q) exceeds a level.
    pub fn above(&self, level: f64) -> Vec<[f64; 2]> {
        let is_above = |ln: f64| ln > level + SLACK;
        if !self.target.values().is_empty() {
            let values = self.points.iter().filter(|(_, ln)| is_above(*ln));
            return values.map(|(x, _)| [*x, *x]).collect();
        }
        let [low, high] = self.target.support();
        let mut intervals = Vec::new();
        let mut start = self
            .points
            .first()
            .filter(|(_, ln)| is_above(*ln))
            .map(|_| low);
        for pair in self.points.windows(2) {
            let [(left, before), (right, after)] = [pair[0], pair[1]];
            match (is_above(before), is_above(after)) {
                (false, true) => start = Some(self.crossing(right, left, &is_above)),
                (true, false) => {
                    let end = self.crossing(left, right, &is_above);
                    intervals.extend(start.take().map(|start| [start, end]));
                }
                _ => {}
            }
        }
        intervals.extend(start.map(|start| [start, high]));
        intervals
    }

    /// The position where p/q crosses the level, between a point above it and one below.
    fn crossing(&self, mut above: f64, mut below: f64, is_above: &dyn Fn(f64) -> bool) -> f64 {
        for _ in 0..ROUNDS {
            let middle = 0.5 * above + 0.5 * below;
            if is_above(self.ln_at(middle)) {
                above = middle
            } else {
                below = middle
            }
        }
        above
    }

    pub fn of_target(&self, intervals: &[[f64; 2]]) -> f64 {
        intervals
            .iter()
            .map(|interval| probability(self.target, *interval))
            .sum()
    }

    pub fn of_proposal(&self, intervals: &[[f64; 2]]) -> f64 {
        intervals
            .iter()
            .map(|interval| probability(self.proposal, *interval))
            .sum()
    }
}

/// The probability of an interval, including its ends.
fn probability<D: Distribution + ?Sized>(distribution: &D, [from, to]: [f64; 2]) -> f64 {
    if from == to {
        return match distribution.values() {
            [] => 0.0,
            _ => distribution.density(from),
        };
    }
    if distribution.cdf(from) > 0.5 {
        distribution.survival(from) - distribution.survival(to)
    } else {
        distribution.cdf(to) - distribution.cdf(from)
    }
}

/// Grid for a density: quantiles, far into the tails; its landmarks; equal steps over a bounded support.
fn grid<D: Distribution + ?Sized>(distribution: &D) -> Vec<f64> {
    let mut xs = distribution.landmarks();
    xs.extend((1..QUANTILES).map(|k| distribution.inverse_cdf(k as f64 / QUANTILES as f64)));
    let halvings = (10..=HALVINGS).map(|k| 2.0_f64.powi(-k));
    xs.extend(halvings.flat_map(|w| {
        [
            distribution.inverse_cdf(w),
            distribution.inverse_survival(w),
        ]
    }));
    let [low, high] = distribution.support();
    let median = distribution.inverse_cdf(0.5);
    for (end, side) in [(low, Side::Lower), (high, Side::Upper)] {
        if end.is_finite() {
            xs.push(end);
            continue;
        }
        let w = 2.0_f64.powi(-HALVINGS);
        let outermost = match side {
            Side::Lower => distribution.inverse_cdf(w),
            Side::Upper => distribution.inverse_survival(w),
        };
        xs.extend((1..=FAR_STEPS).map(|step| median + (outermost - median) * 1.5_f64.powi(step)));
    }
    if low.is_finite() && high.is_finite() {
        let share = |step: usize| step as f64 / EQUAL_STEPS as f64;
        xs.extend((1..EQUAL_STEPS).map(|step| low + (high - low) * share(step)));
    }
    xs
}

fn merged(mut xs: Vec<f64>, others: Vec<f64>, [low, high]: [f64; 2]) -> Vec<f64> {
    xs.extend(others);
    xs.retain(|x| x.is_finite() && (low..=high).contains(x));
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    xs
}
