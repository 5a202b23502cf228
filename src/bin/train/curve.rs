//! The loss curve, as a CSV file.

use std::path::Path;

use tweedie::{Error, Result};

/// Number of losses in the displayed mean.
const RECENT: usize = 100;

/// The loss of each step so far.
#[derive(Default)]
pub struct Curve {
    losses: Vec<f32>,
    learning_rates: Vec<f64>,
}

impl Curve {
    pub fn push(&mut self, loss: f32, learning_rate: f64) {
        self.losses.push(loss);
        self.learning_rates.push(learning_rate);
    }

    /// Keeps only the first `steps` steps.
    pub fn truncate(&mut self, steps: usize) {
        self.losses.truncate(steps);
        self.learning_rates.truncate(steps);
    }

    /// The mean of the last 100 losses.
    pub fn recent(&self) -> f32 {
        let recent = &self.losses[self.losses.len().saturating_sub(RECENT)..];
        recent.iter().sum::<f32>() / recent.len().max(1) as f32
    }

    /// Formats the losses as CSV.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut text = "step,loss,learning_rate\n".to_owned();
        for (step, (loss, rate)) in self.losses.iter().zip(&self.learning_rates).enumerate() {
            text += &format!("{step},{loss},{rate}\n");
        }
        text.into_bytes()
    }

    /// Reads the first `steps` steps of a file.
    pub fn read(path: &Path, steps: usize) -> Result<Self> {
        let malformed = |reason: String| Error::malformed(path.display().to_string(), reason);
        let text = std::fs::read_to_string(path).map_err(|error| malformed(error.to_string()))?;
        let mut curve = Self::default();
        for line in text.lines().skip(1).take(steps) {
            let fields: Vec<&str> = line.split(',').collect();
            match fields[..] {
                [_, loss, rate] => match (loss.parse(), rate.parse()) {
                    (Ok(loss), Ok(rate)) => curve.push(loss, rate),
                    _ => return Err(malformed(format!("{line} is not step,loss,learning_rate"))),
                },
                _ => return Err(malformed(format!("{line} is not step,loss,learning_rate"))),
            }
        }
        if curve.losses.len() < steps {
            let reason = format!("it has {} losses of {steps} steps", curve.losses.len());
            return Err(malformed(reason));
        }
        Ok(curve)
    }
}
