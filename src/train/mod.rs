//! Training: the same code in a browser's tab and in a native program.
//!
//! | what | where |
//! |---|---|
//! | the loss `E‖eps − eps_θ(alpha·x_0 + sigma·eps, level)‖²` and its relatives | [`Objective`], `objective.rs` |
//! | classes that are left out, images that are mirrored | [`Augmentation`], `augmentation.rs` |
//! | how much each noise level counts | [`Weighting`], `weighting.rs` |
//! | how often each noise level is drawn | [`TimeSampling`], `times.rs` |
//! | Adam, the learning rate, clipping, the average of the weights | [`Optimizer`], `optimizer.rs` |
//! | the loop: draw, learn, watch for divergence; saved and resumed bit for bit | [`Trainer`], `trainer.rs` |
//! | one step of any network by automatic differentiation | [`AutodiffModel`], `autodiff.rs` |
//! | one step of a network for points by hand, on the CPU | [`CpuModel`], `cpu.rs` |
//! | whichever of the two is faster for points | [`TrainableMlp`], `points.rs` |

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
