//! Point models: the ideal denoiser or a trained network, with its noise schedule, for sampling and for densities.
//!
//! | topic | item, file |
//! |---|---|
//! | constant, linear, quadratic, cosine and sigmoid schedules | [`Schedule`], `schedule.rs` |
//! | noisy points, and paths of the forward process | [`forward`], [`forward_paths`], `forward.rs` |
//! | sampling with any method | [`PointPipeline::sample`], `sample.rs` |
//! | the probability flow in both directions | [`PointPipeline::encode`], [`PointPipeline::decode`], [`PointPipeline::path`], `flow.rs` |
//! | points given an observation | [`PointPipeline::restore`], `restore.rs` |
//! | training | [`PointTraining`], `training.rs` |
//! | the exact log-density | [`PointPipeline::log_density`], [`PointPipeline::closed_log_density`], `density.rs` |

mod density;
mod flow;
mod forward;
mod point_pipeline;
mod restore;
mod sample;
mod schedule;
mod snapshot;
mod training;

pub use density::{DensityOptions, PointDensity};
pub use flow::{FlowOptions, Path};
pub use forward::{forward, forward_paths};
pub use point_pipeline::{PointDenoiser, PointPipeline};
pub use restore::{PointObservation, PointRestoration};
pub use sample::{PointSampleOptions, PointSampling};
pub use schedule::{Fading, Schedule};
pub use snapshot::TrainingSnapshot;
pub use training::{PointTraining, PointTrainingOptions, Weights};
