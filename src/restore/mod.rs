//! Inverse problems: samples of the posterior `p(x_0 | y)` for an observation `y = A·x_0 + noise·z`, with the diffusion
//! model as the prior.
//!
//! | method | file | source |
//! |---|---|---|
//! | DPS | `restorer.rs` | Chung et al. 2023, <https://arxiv.org/abs/2209.14687> |
//! | ΠGDM | `restorer.rs` | Song et al. 2023, <https://openreview.net/forum?id=9_gsMA8MRKQ> |
//! | replacement | `restorer.rs` | Song et al. 2021, <https://arxiv.org/abs/2011.13456>, appendix I.2 |
//! | DDRM | `ddrm.rs` | Kawar et al. 2022, <https://arxiv.org/abs/2201.11793> |
//! | RePaint | `repaint.rs` | Lugmayr et al. 2022, <https://arxiv.org/abs/2201.09865> |
//!
//! DPS, ΠGDM and replacement correct the estimate of `x_0`: [`Restorer`] is a [`Denoiser`](crate::diffusion::Denoiser),
//! and every sampler runs with it. DDRM and RePaint take steps of their own, as an [`Update`](crate::sampler::Update).
//!
//! | operator | `y` |
//! |---|---|
//! | [`Inpaint`] | the known pixels |
//! | [`Separable`] | a window, means of blocks, a motion blur |
//! | [`GaussianBlur`] | the blurred image |
//! | [`Grey`] | the mean of the channels |
//! | [`Dense`] | any matrix |
//! | [`Operator::Quantise`] | few grey levels; not linear |
//!
//! [`Synchronised`] averages the estimates of several views of one canvas.

mod blur;
mod catalog;
mod ddrm;
mod degradation;
mod dense;
mod observation;
mod operator;
mod pixelwise;
pub mod repaint;
mod restorer;
mod separable;
mod synchronised;
mod view;

#[cfg(test)]
mod tests;

pub use blur::GaussianBlur;
pub(crate) use catalog::{DDRM_ETA, JUMPS, MAX_JUMPS, MAX_STEP_SIZE, STEP_SIZE};
pub use catalog::{METHODS, MethodEntry, OPERATORS, OperatorEntry};
pub use ddrm::Ddrm;
pub use degradation::Degradation;
pub use dense::Dense;
pub use observation::{Observation, Operator};
pub use operator::LinearOperator;
pub use pixelwise::{Grey, Inpaint};
pub use repaint::RePaint;
pub use restorer::{Correction, Restorer};
pub use separable::Separable;
pub(crate) use synchronised::in_view;
pub use synchronised::{Average, Synchronised};
pub use view::{Transform, View};
