//! Likelihoods of samples under a model.

mod decoder;
mod divergence;
mod flow;
mod variational_bound;

pub use decoder::log_mass;
pub use divergence::{Divergence, Probes};
pub use flow::LogLikelihood;
pub use variational_bound::{ReverseVariance, Transition, VariationalBound, transitions};
