//! Training, in a browser or in a native program.
//!
//! | topic | item, file |
//! |---|---|
//! | the loss `E‖eps − eps_θ(alpha·x_0 + sigma·eps, level)‖²` and its variants | [`Objective`], `objective.rs` |
//! | class dropout and mirrored images | [`Augmentation`], `augmentation.rs` |
//! | the weight of each noise level | [`Weighting`], `weighting.rs` |
//! | the distribution of noise levels | [`TimeSampling`], `times.rs` |
//! | Adam, gradient clipping, EMA of the weights | [`Optimizer`], `optimizer.rs` |
//! | the learning-rate schedule | [`LearningRateSchedule`], `learning_rate.rs` |
//! | detection of divergence | [`LossMonitor`], `loss_monitor.rs` |
//! | the training loop; runs can be saved and resumed, bit-identical on the CPU | [`Trainer`], `trainer.rs` |
//! | training steps for any network by automatic differentiation | [`AutodiffModel`], `autodiff.rs` |
//! | training steps for point networks on the CPU, with hand-written derivatives | [`CpuModel`], `cpu.rs` |
//! | the faster of the two for points | [`TrainableMlp`], `points.rs` |

mod adam;
mod augmentation;
mod autodiff;
mod batch;
mod cpu;
mod learning_rate;
mod loss_monitor;
mod objective;
mod optimizer;
mod points;
mod samples;
mod state;
mod times;
mod trainable_model;
mod trainer;
mod weighting;

pub use augmentation::{Augmentation, ClassDropout, Flips};
pub use autodiff::{AutodiffModel, Network};
pub use batch::Batch;
pub use cpu::CpuModel;
pub use learning_rate::{LearningRateDecay, LearningRateSchedule};
pub use loss_monitor::LossMonitor;
pub use objective::{Objective, loss, target_coefficients};
pub use optimizer::{Optimizer, Update};
pub use points::{PointTrainer, TrainableMlp};
pub use samples::Samples;
#[cfg(all(feature = "cli", not(target_family = "wasm")))]
pub(crate) use samples::Shuffle;
pub use state::TrainingState;
pub use times::TimeSampling;
pub use trainable_model::{Parameters, TrainableModel};
pub use trainer::{TrainOptions, Trainer};
pub use weighting::Weighting;
