//! Models of points: the ideal denoiser or a trained network, with its noise schedule, ready to sample, to draw and to measure.
//!
//! | what | where |
//! |---|---|
//! | constant, linear, quadratic, cosine, sigmoid | [`Schedule`], `schedule.rs` |
//! | noisy points, and paths of the forward process | [`forward`], [`forward_paths`], `forward.rs` |
//! | sampling by any method | [`PointPipeline::sample`], `sample.rs` |
//! | along the probability flow, there and back | [`PointPipeline::encode`], [`PointPipeline::decode`], [`PointPipeline::path`], `flow.rs` |
//! | training | [`PointTraining`], `training.rs` |
//! | the exact log-density | [`PointPipeline::log_density`], [`PointPipeline::closed_log_density`], `density.rs` |

mod decay_shape;
mod density;
mod flow;
mod forward;
mod point_pipeline;
mod sample;
mod schedule;
mod snapshot;
mod training;

pub use decay_shape::DecayShape;
pub use density::{DensityOptions, PointDensity};
pub use flow::{FlowOptions, Path};
pub use forward::{forward, forward_paths};
pub use point_pipeline::{PointDenoiser, PointPipeline};
pub use sample::{PointSampleOptions, PointSampling};
pub use schedule::{Fading, Schedule};
pub use snapshot::TrainingSnapshot;
pub use training::{PointTraining, PointTrainingOptions, Weights};
