//! The forward process: noise levels and schedules, and what a network predicts about it.

mod denoiser;
mod ideal;
mod level;
mod prediction;
mod schedule;
mod spacing;

pub use denoiser::{Denoiser, Estimate};
pub use ideal::IdealDenoiser;
pub use level::NoiseLevel;
pub use prediction::Prediction;
pub use schedule::{Betas, NoiseSchedule};
pub use spacing::TimestepSpacing;
