//! Learning-rate schedules.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// Learning-rate schedule: a linear warm-up to the peak, then a decay to 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct LearningRateSchedule {
    /// Largest learning rate.
    pub peak: f64,
    /// Length of the warm-up in steps.
    pub warm_up: usize,
    /// Shape of the decay after the warm-up.
    pub decay: LearningRateDecay,
    /// Step, counted from 0, at which the decay reaches 0. Ignored, and not saved, where the rate is constant.
    pub steps: usize,
}

/// Shape of the decay of the learning rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    all(feature = "cli", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
#[serde(rename_all = "snake_case")]
pub enum LearningRateDecay {
    /// No decay.
    #[default]
    Constant,
    /// Linear decay to 0.
    Linear,
    /// Half a cosine period down to 0.
    // Loshchilov & Hutter 2017, eq. 5.
    Cosine,
}

impl Default for LearningRateSchedule {
    fn default() -> Self {
        Self {
            peak: 1e-3,
            warm_up: 0,
            decay: LearningRateDecay::Constant,
            steps: 0,
        }
    }
}

impl LearningRateSchedule {
    /// The learning rate of a step, counted from 0.
    pub fn at(&self, step: usize) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / self.warm_up as f64;
        }
        let length = self.steps.saturating_sub(self.warm_up).max(1);
        let passed = ((step - self.warm_up) as f64 / length as f64).min(1.0);
        match self.decay {
            LearningRateDecay::Constant => self.peak,
            LearningRateDecay::Linear => self.peak * (1.0 - passed),
            LearningRateDecay::Cosine => self.peak * 0.5 * (1.0 + (PI * passed).cos()),
        }
    }
}

/// The schedule in a saved training state.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Saved {
    peak: f64,
    warm_up: usize,
    decay: SavedDecay,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedDecay {
    #[default]
    Constant,
    Linear {
        steps: usize,
    },
    Cosine {
        steps: usize,
    },
}

impl Default for Saved {
    fn default() -> Self {
        LearningRateSchedule::default().into()
    }
}

impl From<LearningRateSchedule> for Saved {
    fn from(schedule: LearningRateSchedule) -> Self {
        let steps = schedule.steps;
        Self {
            peak: schedule.peak,
            warm_up: schedule.warm_up,
            decay: match schedule.decay {
                LearningRateDecay::Constant => SavedDecay::Constant,
                LearningRateDecay::Linear => SavedDecay::Linear { steps },
                LearningRateDecay::Cosine => SavedDecay::Cosine { steps },
            },
        }
    }
}

impl From<Saved> for LearningRateSchedule {
    fn from(saved: Saved) -> Self {
        let (decay, steps) = match saved.decay {
            SavedDecay::Constant => (LearningRateDecay::Constant, 0),
            SavedDecay::Linear { steps } => (LearningRateDecay::Linear, steps),
            SavedDecay::Cosine { steps } => (LearningRateDecay::Cosine, steps),
        };
        Self {
            peak: saved.peak,
            warm_up: saved.warm_up,
            decay,
            steps,
        }
    }
}
