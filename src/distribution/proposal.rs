//! Proposals for rejection sampling, with parameters fitted to a target.

use super::proposal_fit::{ProposalFit, rounded_down};
use super::{
    Cauchy, Discrete, Distribution, Exponential, Laplace, Normal, Side, Tail, Uniform, positive,
};
use crate::{Error, Result};

/// A proposal density. Parameters that are `None` are fitted to the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Proposal {
    /// [`Uniform`]; by default over the target's support. For a discrete target, its values with equal probabilities.
    Uniform {
        /// Lower end.
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
    },
    /// [`Normal`].
    Normal {
        /// Mean.
        mean: Option<f64>,
        /// Standard deviation.
        std: Option<f64>,
    },
    /// [`Exponential`]; by default starting at the lower end of the target's support.
    Exponential {
        /// Rate.
        rate: Option<f64>,
        /// Lower end of the support.
        origin: Option<f64>,
    },
    /// [`Laplace`].
    Laplace {
        /// Location.
        location: Option<f64>,
        /// Scale.
        scale: Option<f64>,
    },
    /// [`Cauchy`], whose tails dominate those of every target in this module.
    Cauchy {
        /// Location.
        location: Option<f64>,
        /// Scale.
        scale: Option<f64>,
    },
}

impl Proposal {
    /// The default proposal: uniform for a bounded or discrete target, Cauchy for a target whose tails decay like a
    /// power, and otherwise Laplace, whose tails dominate those of a normal.
    pub fn default_for<D: Distribution + ?Sized>(target: &D) -> Self {
        let is_heavy = |side| matches!(target.tail(side), Tail::Power { .. });
        if target.support().iter().all(|end| end.is_finite()) {
            Self::Uniform {
                low: None,
                high: None,
            }
        } else if is_heavy(Side::Lower) || is_heavy(Side::Upper) {
            Self::Cauchy {
                location: None,
                scale: None,
            }
        } else {
            Self::Laplace {
                location: None,
                scale: None,
            }
        }
    }

    /// Fills in missing parameters: ends from the target's support, and centres and scales that minimise c.
    ///
    /// # Errors
    /// [`InvalidOption`](Error::InvalidOption) for parameters out of range, for an end where the target's support is
    /// unbounded, and for a discrete target with a proposal other than uniform.
    pub fn fitted<D: Distribution + ?Sized>(self, target: &D) -> Result<Self> {
        let [from, to] = target.support();
        if !target.values().is_empty() {
            return match self {
                Self::Uniform {
                    low: None,
                    high: None,
                } => Ok(Self::Uniform {
                    low: Some(from),
                    high: Some(to),
                }),
                other => Err(Error::invalid(
                    "proposal",
                    "uniform over the values, for a discrete target",
                    other.name(),
                )),
            };
        }
        let fit = ProposalFit::new(target);
        Ok(match self {
            Self::Uniform { low, high } => Self::Uniform {
                low: Some(end("low", low, from)?),
                high: Some(end("high", high, to)?),
            },
            Self::Exponential { rate, origin } => {
                let origin = end("origin", origin, from)?;
                let scale = rate
                    .map(|rate| positive("rate", rate).map(f64::recip))
                    .transpose()?;
                let with = |scale: f64| Exponential::shifted(1.0 / scale, origin);
                let scale = scale.map_or_else(|| fit.scale(&with), Ok)?;
                Self::Exponential {
                    rate: Some(rate.unwrap_or_else(|| rounded_down(1.0 / scale))),
                    origin: Some(origin),
                }
            }
            Self::Normal { mean, std } => {
                let [mean, std] = fit.centre_and_scale(mean, std, &Normal::new)?;
                Self::Normal {
                    mean: Some(mean),
                    std: Some(std),
                }
            }
            Self::Laplace { location, scale } => {
                let [location, scale] = fit.centre_and_scale(location, scale, &Laplace::new)?;
                Self::Laplace {
                    location: Some(location),
                    scale: Some(scale),
                }
            }
            Self::Cauchy { location, scale } => {
                let [location, scale] = fit.centre_and_scale(location, scale, &Cauchy::new)?;
                Self::Cauchy {
                    location: Some(location),
                    scale: Some(scale),
                }
            }
        })
    }

    /// The distribution with these parameters, none of which may be missing.
    ///
    /// # Errors
    /// [`InvalidOption`](Error::InvalidOption) for parameters that are missing or out of range.
    pub fn distribution<D: Distribution + ?Sized>(
        self,
        target: &D,
    ) -> Result<Box<dyn Distribution>> {
        let given = |name: &str, value: Option<f64>| {
            value.ok_or_else(|| Error::invalid(name, "a number", "left open".to_owned()))
        };
        Ok(match self {
            Self::Uniform { .. } if !target.values().is_empty() => {
                Box::new(Discrete::equally_likely(target.values())?)
            }
            Self::Uniform { low, high } => {
                Box::new(Uniform::new(given("low", low)?, given("high", high)?)?)
            }
            Self::Normal { mean, std } => {
                Box::new(Normal::new(given("mean", mean)?, given("sd", std)?)?)
            }
            Self::Exponential { rate, origin } => Box::new(Exponential::shifted(
                given("rate", rate)?,
                given("origin", origin)?,
            )?),
            Self::Laplace { location, scale } => Box::new(Laplace::new(
                given("location", location)?,
                given("scale", scale)?,
            )?),
            Self::Cauchy { location, scale } => Box::new(Cauchy::new(
                given("location", location)?,
                given("scale", scale)?,
            )?),
        })
    }

    /// `"uniform"`, `"normal"`, `"exponential"`, `"laplace"` or `"cauchy"`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform { .. } => "uniform",
            Self::Normal { .. } => "normal",
            Self::Exponential { .. } => "exponential",
            Self::Laplace { .. } => "laplace",
            Self::Cauchy { .. } => "cauchy",
        }
    }
}

/// The given end, or that of the target.
fn end(name: &str, given: Option<f64>, own: f64) -> Result<f64> {
    match given {
        Some(given) => super::finite(name, given),
        None if own.is_finite() => Ok(own),
        None => Err(Error::invalid(
            name,
            "given, since the target's support has no end there",
            own,
        )),
    }
}

#[cfg(test)]
mod tests;
