//! How much of a target's density a multiple of another covers.

use super::{Distribution, Side, positive};
use crate::{Error, Result};

/// Quantiles at which p/q is looked at before it is refined.
const QUANTILES: usize = 1024;
/// Halvings of the tail probability that are looked at beyond them.
const HALVINGS: i32 = 60;
/// Steps outwards after that, each half as far again from the median.
const FAR_STEPS: i32 = 60;
/// Equal steps over a bounded support.
const EQUAL_STEPS: usize = 512;
/// Rounds of the golden section search, and of bisection.
const ROUNDS: usize = 80;
/// Part by which p may exceed c·q before the envelope counts as broken.
const SLACK: f64 = 1e-12;

/// The curve c·q over a target's density p, and what rejection sampling under it gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// sup p/q; infinite where it is unbounded.
    pub supremum: f64,
    /// Where p/q takes its supremum, or where it grows without bound.
    pub at: f64,
    /// The c that was given, or the supremum.
    pub c: f64,
    /// Part of the proposals that is accepted in the long run, `∫ min(p, c·q) / c`: 1/c where the envelope holds.
    pub acceptance_rate: f64,
    /// The intervals where p > c·q, from left to right; of a discrete target the values, as `[x, x]`.
    pub breaks: Vec<[f64; 2]>,
    /// Total variation distance between what is sampled, `min(p, c·q)` normalised, and the target.
    pub distance: f64,
}

impl Envelope {
    /// Covers a target by c times a proposal; by default with the least c that does.
    ///
    /// The supremum is searched for on a grid of quantiles of both, far into the tails, and refined by golden section;
    /// whether it is finite is decided by how fast both [`tail`](Distribution::tail)s fall.
    ///
    /// # Errors
    /// [`Error::Envelope`] where p/q is unbounded and no c is given; [`Error::InvalidOption`] for a c that is not a finite number above
    /// 0, and for a proposal that never proposes what the target has.
    pub fn new<T, Q>(target: &T, proposal: &Q, c: Option<f64>) -> Result<Self>
    where
        T: Distribution + ?Sized,
        Q: Distribution + ?Sized,
    {
        let ratio = Ratio::new(target, proposal);
        let (ln_supremum, at) = ratio.supremum();
        let supremum = ratio.value(ln_supremum, at);
        let c = match c {
            Some(c) => positive("c", c)?,
            None if supremum.is_finite() => supremum,
            None => {
                let reason = ratio.why_unbounded(at);
                return Err(Error::Envelope { reason });
            }
        };
        let breaks = match c >= supremum {
            true => Vec::new(),
            false => ratio.above(c.ln()),
        };
        let covered = 1.0 - ratio.of_target(&breaks) + c * ratio.of_proposal(&breaks);
        if covered <= 0.0 {
            let expected = "one that proposes values of the target's support";
            return Err(Error::invalid("proposal", expected, proposal.support()));
        }
        let mut envelope = Self {
            supremum,
            at,
            c,
            acceptance_rate: covered / c,
            breaks,
            distance: 0.0,
        };
        if !envelope.breaks.is_empty() {
            let level = 1.0 / envelope.acceptance_rate;
            let lacking = ratio.above(level.ln());
            let distance = ratio.of_target(&lacking) - level * ratio.of_proposal(&lacking);
            envelope.distance = distance.clamp(0.0, 1.0);
        }
        Ok(envelope)
    }

    /// `min(p, c·q)` normalised: the density of what is sampled.
    pub fn resulting<T, Q>(&self, target: &T, proposal: &Q, x: f64) -> f64
    where
        T: Distribution + ?Sized,
        Q: Distribution + ?Sized,
    {
        let covered = target.density(x).min(self.c * proposal.density(x));
        covered / (self.c * self.acceptance_rate)
    }
}

/// p/q on a grid that is fine wherever either has probability.
struct Ratio<'a, T: ?Sized, Q: ?Sized> {
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
    fn new(target: &'a T, proposal: &'a Q) -> Self {
        let mut ratio = Self {
            target,
            proposal,
            points: Vec::new(),
        };
        let grid = match target.values() {
            [] => merged(grid(target), grid(proposal), target.support()),
            values => values.to_vec(),
        };
        // Further out the difference of two large logarithms has no digits left.
        let is_felt = |x: &f64| target.ln_density(*x) > f64::MIN_POSITIVE.ln();
        let grid = grid.into_iter().filter(is_felt);
        ratio.points = grid.map(|x| (x, ratio.ln_at(x))).collect();
        if target.values().is_empty() {
            ratio.refine();
        }
        ratio
    }

    /// p/q where its logarithm is known: without the rounding of that, if p and q are not too small.
    fn value(&self, ln: f64, x: f64) -> f64 {
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

    /// Adds the top of every peak between grid points.
    fn refine(&mut self) {
        let peaks = self.points.windows(3).filter(|three| {
            let [before, here, after] = [three[0].1, three[1].1, three[2].1];
            here.is_finite() && here >= before && here >= after
        });
        let tops: Vec<(f64, f64)> = peaks
            .map(|three| self.golden_section(three[0].0, three[2].0))
            .collect();
        self.points.extend(tops);
        self.points.sort_by(|one, other| one.0.total_cmp(&other.0));
    }

    /// The greatest ln(p/q) on an interval with one peak.
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

    /// The sides on which p/q grows without bound.
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

    /// ln sup p/q, and where it is.
    fn supremum(&self) -> (f64, f64) {
        if let Some(side) = self.heavy_sides().next() {
            return (f64::INFINITY, side.sign() * f64::INFINITY);
        }
        let finite = self.points.iter().filter(|(_, ln)| !ln.is_nan());
        let largest = finite.max_by(|one, other| one.1.total_cmp(&other.1));
        largest.map_or((f64::NEG_INFINITY, f64::NAN), |(x, ln)| (*ln, *x))
    }

    fn why_unbounded(&self, at: f64) -> String {
        if at.is_infinite() {
            let side = if at > 0.0 { Side::Upper } else { Side::Lower };
            let [target, proposal] = [self.target.tail(side), self.proposal.tail(side)];
            return format!("towards {at} the target {target}, but the proposal {proposal}");
        }
        match self.target.density(at).is_finite() {
            true => format!("at x = {at} the target has density, but the proposal has none"),
            false => format!("at x = {at} the target's density is infinite"),
        }
    }

    /// The intervals where ln(p/q) is above a level.
    fn above(&self, level: f64) -> Vec<[f64; 2]> {
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

    /// Where p/q sinks to the level, between a place above it and one below.
    fn crossing(&self, mut above: f64, mut below: f64, is_above: &dyn Fn(f64) -> bool) -> f64 {
        for _ in 0..ROUNDS {
            let middle = 0.5 * above + 0.5 * below;
            match is_above(self.ln_at(middle)) {
                true => above = middle,
                false => below = middle,
            }
        }
        above
    }

    fn of_target(&self, intervals: &[[f64; 2]]) -> f64 {
        intervals
            .iter()
            .map(|interval| probability(self.target, *interval))
            .sum()
    }

    fn of_proposal(&self, intervals: &[[f64; 2]]) -> f64 {
        intervals
            .iter()
            .map(|interval| probability(self.proposal, *interval))
            .sum()
    }
}

/// The probability of an interval, ends included.
fn probability<D: Distribution + ?Sized>(distribution: &D, [from, to]: [f64; 2]) -> f64 {
    if from == to {
        return match distribution.values() {
            [] => 0.0,
            _ => distribution.density(from),
        };
    }
    match distribution.cdf(from) > 0.5 {
        true => distribution.survival(from) - distribution.survival(to),
        false => distribution.cdf(to) - distribution.cdf(from),
    }
}

/// Where to look at a density: quantiles, far into the tails; its landmarks; equal steps over a bounded support.
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

#[cfg(test)]
mod tests {
    use std::f64::consts::{E, PI};

    use super::super::{
        Cauchy, Component, Discrete, Exponential, GaussianMixture, Laplace, Normal, Power, Uniform,
    };
    use super::*;

    #[track_caller]
    fn supremum_is(target: &dyn Distribution, proposal: &dyn Distribution, expected: f64) {
        let envelope = Envelope::new(target, proposal, None).unwrap();
        assert!(
            (envelope.supremum / expected - 1.0).abs() < 1e-12,
            "{} is not {expected}",
            envelope.supremum
        );
        assert!((envelope.acceptance_rate * expected - 1.0).abs() < 1e-12);
        assert_eq!(envelope.breaks, Vec::<[f64; 2]>::new());
        assert_eq!(envelope.distance, 0.0);
    }

    #[test]
    fn the_supremum_is_that_of_the_closed_forms() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        supremum_is(
            &normal,
            &Laplace::new(0.0, 1.0).unwrap(),
            (2.0 * E / PI).sqrt(),
        );
        supremum_is(&normal, &normal, 1.0);
        supremum_is(&normal, &Normal::new(0.0, 2.0).unwrap(), 2.0);
        // At x = (1 + √(1 + 4·…))…: N(1, 1) under N(0, 2): p/q = 2·exp(−(x−1)²/2 + x²/8), greatest at x = 4/3.
        supremum_is(
            &Normal::new(1.0, 1.0).unwrap(),
            &Normal::new(0.0, 2.0).unwrap(),
            2.0 * (1.0_f64 / 6.0).exp(),
        );
        // √(2π/e) is where the density of N(0, 1) under a Cauchy is highest, at ±1.
        supremum_is(
            &normal,
            &Cauchy::new(0.0, 1.0).unwrap(),
            (2.0 * PI / E).sqrt(),
        );
        supremum_is(
            &Power::new(2.0, 2.0).unwrap(),
            &Uniform::new(0.0, 2.0).unwrap(),
            3.0,
        );
        supremum_is(
            &Exponential::new(1.0).unwrap(),
            &Exponential::new(0.5).unwrap(),
            2.0,
        );
        // The sum of two exponentials is x·e^(−x); here the half normal in its place.
        supremum_is(
            &Exponential::new(2.0).unwrap(),
            &Laplace::new(0.0, 0.5).unwrap(),
            2.0,
        );
    }

    #[test]
    fn a_narrow_component_of_little_weight_is_not_overlooked() {
        let component = |weight, mean, sd| Component { weight, mean, sd };
        let target =
            GaussianMixture::new(&[component(1.0, 0.0, 1.0), component(1e-5, 7.0, 1e-4)]).unwrap();
        let proposal = Normal::new(0.0, 3.0).unwrap();
        let envelope = Envelope::new(&target, &proposal, None).unwrap();
        assert!((envelope.at - 7.0).abs() < 1e-6, "{}", envelope.at);
        assert!(envelope.supremum >= target.density(7.0) / proposal.density(7.0));
    }

    #[track_caller]
    fn is_unbounded(target: &dyn Distribution, proposal: &dyn Distribution, reason: &str) {
        let Err(Error::Envelope { reason: found }) = Envelope::new(target, proposal, None) else {
            panic!("an envelope was found");
        };
        assert!(found.contains(reason), "{found}");
    }

    #[test]
    fn where_no_c_is_enough_the_reason_is_told() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        let cauchy = Cauchy::new(0.0, 1.0).unwrap();
        is_unbounded(
            &cauchy,
            &normal,
            "towards -inf the target falls like |x|^-2",
        );
        is_unbounded(&cauchy, &Laplace::new(0.0, 1.0).unwrap(), "towards -inf");
        is_unbounded(
            &normal,
            &Uniform::new(-9.0, 9.0).unwrap(),
            "but the proposal ends",
        );
        is_unbounded(&normal, &Normal::new(0.0, 0.9).unwrap(), "exp(-x²/(2·1²))");
        is_unbounded(&normal, &Normal::new(0.1, 1.0).unwrap(), "towards -inf");
        is_unbounded(
            &normal,
            &Exponential::new(1.0).unwrap(),
            "but the proposal ends",
        );
        is_unbounded(
            &Exponential::new(1.0).unwrap(),
            &Exponential::new(1.5).unwrap(),
            "towards inf",
        );
        is_unbounded(
            &Uniform::new(0.0, 2.0).unwrap(),
            &Uniform::new(0.5, 3.0).unwrap(),
            "the proposal has none",
        );
        is_unbounded(
            &Power::new(-0.5, 1.0).unwrap(),
            &Uniform::new(0.0, 1.0).unwrap(),
            "at x = 0 the target's density is infinite",
        );
    }

    #[test]
    fn a_c_that_is_too_small_breaks_where_the_closed_form_says() {
        let [target, proposal] = [Power::new(2.0, 2.0).unwrap(), Power::new(0.0, 2.0).unwrap()];
        // p = 3/8·x² > c/2 from x = √(4c/3) on.
        let envelope = Envelope::new(&target, &proposal, Some(1.5)).unwrap();
        let from = 2.0_f64.sqrt();
        assert_eq!(envelope.breaks.len(), 1);
        assert!((envelope.breaks[0][0] - from).abs() < 1e-11 && envelope.breaks[0][1] == 2.0);
        let covered = from.powi(3) / 8.0 + 0.75 * (2.0 - from);
        assert!((envelope.acceptance_rate - covered / 1.5).abs() < 1e-11);
        assert!((envelope.resulting(&target, &proposal, 1.9) - 0.75 / covered).abs() < 1e-11);
        // ½·∫|r − p| by a fine sum.
        let steps = 200_000;
        let apart = (0..steps).map(|step| {
            let x = 2.0 * (f64::from(step) + 0.5) / f64::from(steps);
            (envelope.resulting(&target, &proposal, x) - target.density(x)).abs()
        });
        let distance = apart.sum::<f64>() / f64::from(steps);
        assert!(
            (envelope.distance - distance).abs() < 1e-8,
            "{} is not {distance}",
            envelope.distance
        );
    }

    #[test]
    fn tails_that_no_c_covers_break_on_both_sides() {
        let [target, proposal] = [
            Cauchy::new(0.0, 1.0).unwrap(),
            Cauchy::new(0.0, 1.0).unwrap(),
        ];
        assert_eq!(
            Envelope::new(&target, &proposal, Some(1.0))
                .unwrap()
                .breaks
                .len(),
            0
        );
        let normal = Normal::new(0.0, 1.0).unwrap();
        let envelope = Envelope::new(&target, &normal, Some(10.0)).unwrap();
        assert_eq!(envelope.supremum, f64::INFINITY);
        let [[low, left], [right, high]] = envelope.breaks[..] else {
            panic!("{:?}", envelope.breaks);
        };
        assert_eq!([low, high], [f64::NEG_INFINITY, f64::INFINITY]);
        assert!(
            (left + right).abs() < 1e-9
                && (target.density(right) / normal.density(right) - 10.0).abs() < 1e-8
        );
    }

    #[test]
    fn discrete_targets_are_covered_value_by_value() {
        let die = Discrete::new(&[1.0, 2.0, 3.0], &[1.0, 2.0, 1.0]).unwrap();
        let fair = Discrete::equally_likely(die.values()).unwrap();
        let envelope = Envelope::new(&die, &fair, None).unwrap();
        assert_eq!((envelope.supremum, envelope.at), (1.5, 2.0));
        let broken = Envelope::new(&die, &fair, Some(1.2)).unwrap();
        assert_eq!(broken.breaks, [[2.0, 2.0]]);
        assert!((broken.acceptance_rate - 0.9 / 1.2).abs() < 1e-15);
        assert!((broken.distance - (0.5 - 0.4 / 0.9)).abs() < 1e-14);
    }

    #[test]
    fn a_c_that_is_none_is_refused() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        for c in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Envelope::new(&normal, &normal, Some(c)).is_err(), "{c}");
        }
        let apart = Envelope::new(
            &Uniform::new(0.0, 1.0).unwrap(),
            &Uniform::new(2.0, 3.0).unwrap(),
            Some(1.0),
        );
        assert!(matches!(apart, Err(Error::InvalidOption { .. })));
    }
}
