//! Networks: each a Burn module whose parameter paths are the keys of its state dict.

pub mod activation;
pub mod convolution;
pub(crate) mod cpu;
pub mod embedding;
mod initial;
pub mod mlp;
pub mod norm;
pub(crate) mod state_dict;
pub mod unet2d;

pub use mlp::{Mlp, MlpConfig};
pub use state_dict::NamedTensor;
pub use unet2d::{UNet2d, UNet2dConfig};
