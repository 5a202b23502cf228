//! Parameters of a proposal that minimise c.

use super::{Distribution, Side};
use crate::{Error, Result};

/// Number of quantiles of the target at which p/q is evaluated.
const QUANTILES: usize = 512;
/// Rounds of the golden-section search for a scale.
const ROUNDS: usize = 40;
/// Range of the search for the scale, as a factor to both sides of the target's own.
const SCALE_RANGE: f64 = 20.0;

/// Search for the parameters with the smallest c.
pub struct ProposalFit<'a, D: ?Sized> {
    target: &'a D,
    /// x and ln p.
    points: Vec<(f64, f64)>,
}

impl<'a, D: Distribution + ?Sized> ProposalFit<'a, D> {
    pub fn new(target: &'a D) -> Self {
        let inner = (1..QUANTILES).map(|k| target.inverse_cdf(k as f64 / QUANTILES as f64));
        let outer = (10..60).map(|k| 2.0_f64.powi(-k));
        let outer = outer.flat_map(|w| [target.inverse_cdf(w), target.inverse_survival(w)]);
        let xs = inner
            .chain(outer)
            .chain(target.support())
            .chain(target.landmarks());
        let points = xs
            .filter(|x| x.is_finite())
            .map(|x| (x, target.ln_density(x)));
        Self {
            points: points.collect(),
            target,
        }
    }

    /// ln c, estimated from the points.
    fn ln_c(&self, proposal: &dyn Distribution) -> f64 {
        let heavy = |side| {
            self.target
                .tail(side)
                .weight(proposal.tail(side), side)
                .is_gt()
        };
        if heavy(Side::Lower) || heavy(Side::Upper) {
            return f64::INFINITY;
        }
        let ratios = self
            .points
            .iter()
            .map(|(x, ln)| ln - proposal.ln_density(*x));
        ratios.fold(f64::NEG_INFINITY, f64::max)
    }

    /// Half the interquartile range, which exists for every target.
    fn own_scale(&self) -> f64 {
        let quartiles = [0.25, 0.75].map(|u| self.target.inverse_cdf(u));
        let half = 0.5 * (quartiles[1] - quartiles[0]);
        if half > 0.0 { half } else { f64::MIN_POSITIVE }
    }

    /// The scale with the smallest c, by golden-section search over its logarithm. If there is none, the target's own
    /// scale; building the envelope then returns the reason.
    pub fn scale<Q: Distribution>(&self, with: &dyn Fn(f64) -> Result<Q>) -> Result<f64> {
        const SHARE: f64 = 0.618_033_988_749_894_9;
        let own = self.own_scale();
        let ln_c_of =
            |scale: f64| with(scale).map_or(f64::INFINITY, |proposal| self.ln_c(&proposal));
        let ln_c = |ln: f64| ln_c_of(ln.exp());
        let [mut from, mut to] = [own.ln() - SCALE_RANGE.ln(), own.ln() + SCALE_RANGE.ln()];
        for _ in 0..ROUNDS {
            let [left, right] = [to - SHARE * (to - from), from + SHARE * (to - from)];
            // Scales that are too small have no finite c: continue upwards.
            if ln_c(left) < ln_c(right) {
                to = right
            } else {
                from = left
            }
        }
        let found = rounded_up(to.exp());
        let candidates = [found, self.target.variance().map_or(found, f64::sqrt)];
        let best = candidates
            .into_iter()
            .min_by(|one, other| ln_c_of(*one).total_cmp(&ln_c_of(*other)));
        match best {
            // Not computed from the logarithm: a scale that is rounded down may be too small for the tails.
            Some(best) if ln_c_of(best).is_finite() => Ok(best),
            _ => Ok(rounded_up(own)),
        }
    }

    /// The best of the target's median, mean and mode as centre, with its best scale.
    pub fn centre_and_scale<Q: Distribution>(
        &self,
        centre: Option<f64>,
        scale: Option<f64>,
        with: &dyn Fn(f64, f64) -> Result<Q>,
    ) -> Result<[f64; 2]> {
        let mode = self
            .points
            .iter()
            .max_by(|one, other| one.1.total_cmp(&other.1));
        let own = [
            self.target.mean(),
            Some(self.target.inverse_cdf(0.5)),
            mode.map(|(x, _)| *x),
        ];
        let centres = match centre {
            Some(centre) => vec![centre],
            None => own.into_iter().flatten().collect(),
        };
        let mut best: Option<([f64; 2], f64)> = None;
        for centre in centres {
            let scale = scale.map_or_else(|| self.scale(&|scale| with(centre, scale)), Ok)?;
            let ln_c = self.ln_c(&with(centre, scale)?);
            if best.is_none_or(|(_, least)| ln_c < least) {
                best = Some(([centre, scale], ln_c));
            }
        }
        best.map(|(parameters, _)| parameters)
            .ok_or_else(|| Error::invalid("proposal", "one with a centre", "none".to_owned()))
    }
}

/// Rounds to three digits, away from 0, so that heavier tails still dominate.
fn rounded_up(value: f64) -> f64 {
    let digit = 10.0_f64.powf(value.log10().floor() - 2.0);
    let rounded = (value / digit * (1.0 - 1e-6)).ceil() * digit;
    // Back to the intended decimal.
    format!("{rounded:.3e}").parse().unwrap_or(rounded)
}

/// Rounds to three digits, towards 0.
pub fn rounded_down(value: f64) -> f64 {
    let digit = 10.0_f64.powf(value.log10().floor() - 2.0);
    let rounded = (value / digit * (1.0 + 1e-6)).floor() * digit;
    format!("{rounded:.3e}").parse().unwrap_or(rounded)
}
