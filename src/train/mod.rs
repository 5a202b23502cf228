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
//! | one step of any network by automatic differentiation | [`AutodiffLearner`], `autodiff.rs` |
//! | one step of a network for points by hand, on the CPU | [`CpuLearner`], `cpu.rs` |
//! | whichever of the two is faster for points | [`PointLearner`], `points.rs` |

mod adam;
mod augmentation;
mod autodiff;
mod batch;
mod cpu;
mod divergence;
mod learner;
mod objective;
mod optimizer;
mod points;
mod samples;
mod state;
mod times;
mod trainer;
mod weighting;

pub(crate) use adam::Flat;
pub use augmentation::{Augmentation, ClassDropout, Flips};
pub use autodiff::{AutodiffLearner, Network};
pub use batch::Batch;
pub use cpu::CpuLearner;
pub use divergence::Divergence;
pub use learner::{Learner, Parameters};
pub use objective::{Objective, loss, target_coefficients};
pub use optimizer::{Decay, LearningRate, Optimizer, Update};
pub use points::{PointLearner, PointTrainer};
pub use samples::Samples;
pub(crate) use samples::{Order, Stream, fold_in};
pub use state::TrainingState;
pub use times::TimeSampling;
pub use trainer::{TrainOptions, Trainer};
pub use weighting::Weighting;
