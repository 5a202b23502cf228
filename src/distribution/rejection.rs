//! Rejection sampling.

use std::ops::Deref;

use super::{Distribution, Envelope, InverseTransform, sample_count};
use crate::random::Generator;
use crate::{Error, Result};

/// Proposals that a call may be expected to need.
const MOST_PROPOSALS: f64 = 1e9;

/// One proposal, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// The proposal.
    pub x: f64,
    /// Its height under the envelope, u·c·q(x).
    pub height: f64,
    /// Whether it lies under the target's density and so is a sample.
    pub is_accepted: bool,
}

/// Samples by rejection (von Neumann 1951): propose x from q, keep it where `u·c·q(x) < p(x)`.
///
/// With c at least the supremum of p/q the samples follow p, and one of c proposals is kept. With a smaller one they follow `min(p, c·q)`:
/// the [`Envelope`] says where and by how much that differs.
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
    /// From a target, a proposal, and by default the least c that makes an envelope.
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

    /// How c·q covers p.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Makes one proposal, from two uniforms: the first gives x, the second its height.
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

    /// Fills a slice with samples. See [`check`](Self::check) for how long that may take.
    pub fn fill(&self, samples: &mut [f64], generator: &mut Generator) {
        for sample in samples {
            *sample = loop {
                let trial = self.propose(generator);
                if trial.is_accepted {
                    break trial.x;
                }
            };
        }
    }

    /// Refuses a count that needs too many proposals.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a count of 0 or above [`MOST_SAMPLES`](super::MOST_SAMPLES), and where a billion proposals would not be enough.
    pub fn check(&self, count: usize) -> Result<()> {
        let needed = sample_count(count)? as f64 / self.envelope.acceptance_rate;
        match needed <= MOST_PROPOSALS {
            true => Ok(()),
            false => {
                let expected = format!(
                    "so small that {count} samples need no more than {MOST_PROPOSALS:e} proposals, not {needed:.1e}"
                );
                Err(Error::invalid("c", expected, self.envelope.c))
            }
        }
    }

    /// Independent samples.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn sample(&self, count: usize, generator: &mut Generator) -> Result<Vec<f64>> {
        self.check(count)?;
        let mut samples = vec![0.0; count];
        self.fill(&mut samples, generator);
        Ok(samples)
    }
}
