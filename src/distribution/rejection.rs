//! Rejection sampling.

use std::ops::Deref;

use super::{Distribution, Envelope, InverseTransform, sample_count};
use crate::random::Generator;
use crate::{Error, Result};

/// Upper limit of the expected number of proposals of a call.
const MAX_PROPOSALS: f64 = 1e9;

/// After this multiple of the expected number of proposals, the probability of no accepted sample is `exp(-30)`: the
/// expectation must be wrong.
const PATIENCE: f64 = 30.0;

/// A proposal and its outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Proposed value.
    pub x: f64,
    /// Height under the envelope, u·c·q(x).
    pub height: f64,
    /// Whether it is under the target's density, and thus a sample.
    pub is_accepted: bool,
}

/// Rejection sampling (von Neumann 1951): draws x from q, and keeps it where `u·c·q(x) < p(x)`.
///
/// If c is at least the supremum of p/q, the samples follow p, and one of c proposals is accepted. For smaller c they
/// follow `min(p, c·q)`; the [`Envelope`] describes where and by how much that differs.
///
/// ```
/// use tweedie::distribution::{Power, Rejection, Uniform};
/// use tweedie::random::Generator;
///
/// let (target, proposal) = (Power::new(2.0, 2.0)?, Uniform::new(0.0, 2.0)?);
/// let rejection = Rejection::new(&target, &proposal, None)?;
/// assert_eq!(rejection.envelope().c, 3.0);
/// let samples = rejection.sample(1000, &mut Generator::new(0))?;
/// assert_eq!(samples.len(), 1000);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rejection<T, Q> {
    target: T,
    proposal: Q,
    proposing: InverseTransform<Q>,
    envelope: Envelope,
}

impl<T, Q> Rejection<T, Q>
where
    T: Deref<Target: Distribution>,
    Q: Deref<Target: Distribution> + Clone,
{
    /// A sampler for a target with a proposal, by default with the smallest c of an envelope.
    ///
    /// # Errors
    /// Those of [`Envelope::new`].
    pub fn new(target: T, proposal: Q, c: Option<f64>) -> Result<Self> {
        Ok(Self {
            envelope: Envelope::new(&*target, &*proposal, c)?,
            proposing: InverseTransform::new(proposal.clone()),
            target,
            proposal,
        })
    }

    /// The envelope c·q of p.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Draws one proposal from two uniforms: the first determines x, the second its height.
    pub fn propose(&self, generator: &mut Generator) -> Trial {
        let mut uniforms = [0.0; 2];
        generator.fill_uniform(&mut uniforms);
        let [x, height] = &mut uniforms;
        self.proposing.invert(std::slice::from_mut(x));
        *height *= self.envelope.c * self.proposal.density(*x);
        Trial {
            x: *x,
            height: *height,
            is_accepted: *height < self.target.density(*x),
        }
    }

    /// Fills the start of a slice with samples, using at most `proposals` proposals. Returns the number of samples.
    pub fn fill_within(
        &self,
        samples: &mut [f64],
        proposals: usize,
        generator: &mut Generator,
    ) -> usize {
        let mut filled = 0;
        for _ in 0..proposals {
            let Some(sample) = samples.get_mut(filled) else {
                break;
            };
            let trial = self.propose(generator);
            if trial.is_accepted {
                *sample = trial.x;
                filled += 1;
            }
        }
        filled
    }

    /// Number of consecutive rejected proposals after which sampling fails with [`exhausted`](Self::exhausted).
    pub fn patience(&self) -> usize {
        (PATIENCE / self.envelope.acceptance_rate).min(MAX_PROPOSALS) as usize + 1000
    }

    /// The error after `rejected` consecutive rejected proposals.
    pub fn exhausted(&self, rejected: usize) -> Error {
        let expected = format!(
            "one that is accepted {:.1e} times per proposal, as the envelope predicts",
            self.envelope.acceptance_rate
        );
        Error::InvalidOption {
            name: "proposal".to_owned(),
            expected,
            value: format!("rejected {rejected} times in a row"),
        }
    }

    /// Rejects sample counts that need too many proposals.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a count of 0 or above [`MAX_SAMPLES`](super::MAX_SAMPLES), and where a billion
    /// proposals would not suffice.
    pub fn check(&self, count: usize) -> Result<()> {
        let needed = sample_count(count)? as f64 / self.envelope.acceptance_rate;
        if needed <= MAX_PROPOSALS {
            Ok(())
        } else {
            let expected = format!(
                "so small that {count} samples need no more than {MAX_PROPOSALS:e} proposals, not {needed:.1e}"
            );
            Err(Error::invalid("c", expected, self.envelope.c))
        }
    }

    /// Independent samples.
    ///
    /// # Errors
    /// Those of [`check`](Self::check), and [`Error::InvalidOption`] where far more proposals are rejected than the
    /// [`acceptance_rate`](Envelope::acceptance_rate) predicts.
    pub fn sample(&self, count: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        self.check(count)?;
        let mut samples = vec![0.0; count];
        let patience = self.patience();
        let mut rest = &mut samples[..];
        while !rest.is_empty() {
            match self.fill_within(rest, patience, generator) {
                0 => return Err(self.exhausted(patience)),
                filled => rest = &mut rest[filled..],
            }
        }
        Ok(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Normal, Uniform};
    use super::*;

    #[test]
    fn a_proposal_that_never_hits_the_target_is_refused() {
        let (target, far) = (
            Normal::new(0.0, 1.0).unwrap(),
            Uniform::new(40.0, 41.0).unwrap(),
        );
        for c in [2.0, 1e-3, 1e12] {
            let error = Rejection::new(&target, &far, Some(c))
                .map(|rejection| rejection.check(1))
                .unwrap_err();
            assert!(error.to_string().starts_with("proposal must be"), "{error}");
        }
        // At 7 standard deviations some are accepted, but too few.
        let tail = Uniform::new(7.0, 7.5).unwrap();
        let rejection = Rejection::new(&target, &tail, Some(2.0)).unwrap();
        let rate = rejection.envelope().acceptance_rate;
        assert!(rate < 1e-9 && rejection.check(1).is_err(), "{rate}");
    }

    #[test]
    fn a_run_that_accepts_far_less_than_was_promised_ends() {
        let target = Normal::new(0.0, 1.0).unwrap();
        let mut rejection = Rejection::new(&target, &target, None).unwrap();
        rejection.envelope.c = 1e30; // above everything
        let error = rejection.sample(1, &mut Generator::new(0)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("rejected 1030 times in a row"),
            "{message}"
        );
    }
}
