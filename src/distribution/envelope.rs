//! Envelopes: multiples of a proposal density over a target density.

use super::ratio::Ratio;
use super::{Distribution, positive};
use crate::{Error, Result};

/// The curve c·q over a target density p, and the properties of rejection sampling under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// sup p/q; infinite where it is unbounded.
    pub supremum: f64,
    /// Position of the supremum of p/q, or where p/q is unbounded.
    pub at: f64,
    /// The given c, or the supremum.
    pub c: f64,
    /// Expected fraction of accepted proposals, `∫ min(p, c·q) / c`: 1/c where c·q is an envelope.
    pub acceptance_rate: f64,
    /// The intervals where p > c·q, from left to right; for a discrete target the values, as `[x, x]`.
    pub breaks: Vec<[f64; 2]>,
    /// Total variation distance between the sampled distribution, `min(p, c·q)` normalised, and the target.
    pub distance: f64,
}

impl Envelope {
    /// The envelope of a target by c times a proposal; by default with the smallest valid c.
    ///
    /// The supremum is searched on a grid of quantiles of both, far into the tails, and refined by golden-section
    /// search. Whether it is finite follows from the [`tail`](Distribution::tail)s of both.
    ///
    /// # Errors
    /// [`Error::Envelope`] where p/q is unbounded and no c is given; [`Error::InvalidOption`] for a c that is not a
    /// finite number above 0, and for a proposal that never yields values of the target.
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
        let breaks = if c >= supremum {
            Vec::new()
        } else {
            ratio.above(c.ln())
        };
        let covered = 1.0 - ratio.of_target(&breaks) + c * ratio.of_proposal(&breaks);
        if !(covered > 0.0 && supremum > 0.0) {
            let expected = "a proposal whose support includes that of the target";
            return Err(Error::invalid("proposal", expected, proposal.support()));
        }
        let mut envelope = Self {
            supremum,
            at,
            c,
            // Larger values are rounding errors of a target that is narrower than the spacing of its numbers.
            acceptance_rate: (covered / c).min(1.0),
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

    /// `min(p, c·q)` normalised: the density of the samples.
    pub fn resulting<T, Q>(&self, target: &T, proposal: &Q, x: f64) -> f64
    where
        T: Distribution + ?Sized,
        Q: Distribution + ?Sized,
    {
        let covered = target.density(x).min(self.c * proposal.density(x));
        covered / (self.c * self.acceptance_rate)
    }
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
        // N(1, 1) under N(0, 2): p/q = 2·exp(−(x−1)²/2 + x²/8) has its maximum at x = 4/3.
        supremum_is(
            &Normal::new(1.0, 1.0).unwrap(),
            &Normal::new(0.0, 2.0).unwrap(),
            2.0 * (1.0_f64 / 6.0).exp(),
        );
        // √(2π/e) is the maximum of the ratio of N(0, 1) to a Cauchy density, at ±1.
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
        // The sum of two exponentials has density x·e^(−x); a half normal is used instead.
        supremum_is(
            &Exponential::new(2.0).unwrap(),
            &Laplace::new(0.0, 0.5).unwrap(),
            2.0,
        );
    }

    #[test]
    fn a_narrow_component_of_little_weight_is_not_overlooked() {
        let component = |weight, mean, std| Component { weight, mean, std };
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
    fn where_no_c_is_enough_the_error_states_the_reason() {
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
        // p = 3/8·x² > c/2 for x > √(4c/3).
        let envelope = Envelope::new(&target, &proposal, Some(1.5)).unwrap();
        let from = 2.0_f64.sqrt();
        assert_eq!(envelope.breaks.len(), 1);
        assert!((envelope.breaks[0][0] - from).abs() < 1e-11 && envelope.breaks[0][1] == 2.0);
        let covered = from.powi(3) / 8.0 + 0.75 * (2.0 - from);
        assert!((envelope.acceptance_rate - covered / 1.5).abs() < 1e-11);
        assert!((envelope.resulting(&target, &proposal, 1.9) - 0.75 / covered).abs() < 1e-11);
        // ½·∫|r − p| as a fine sum.
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
