//! How the learning rate of a training falls.

use serde::{Deserialize, Serialize};

use crate::train::Decay;

/// The curve along which the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecayShape {
    /// It does not.
    Constant,
    /// A straight line to 0.
    Linear,
    /// Half a cosine to 0.
    Cosine,
}

impl DecayShape {
    /// The curve that ends after a number of steps.
    pub fn until(self, steps: usize) -> Decay {
        match self {
            Self::Constant => Decay::Constant,
            Self::Linear => Decay::Linear { steps },
            Self::Cosine => Decay::Cosine { steps },
        }
    }
}
