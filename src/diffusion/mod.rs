//! The forward process: noise levels, schedules, and the predictions of networks.

mod denoiser;
mod ideal;
mod level;
mod prediction;
mod process;
mod quantity;
mod schedule;
mod sde;
mod sigmas;
mod slerp;
mod spacing;

pub use denoiser::{Denoiser, Estimate};
pub use ideal::IdealDenoiser;
pub(crate) use ideal::MAX_COORDINATE;
pub use level::NoiseLevel;
pub use prediction::Prediction;
pub use process::Process;
pub use quantity::Quantity;
pub(crate) use schedule::MAX_TIMESTEPS;
pub use schedule::linspace;
pub use schedule::{Betas, NoiseSchedule};
pub use sde::Sde;
pub use sigmas::SigmaSpacing;
pub use slerp::slerp;
pub use spacing::TimestepSpacing;
