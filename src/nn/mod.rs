//! Networks: each a Burn module whose parameter paths are the keys of its state dict.

pub mod activation;
pub mod convolution;
mod cpu;
pub mod embedding;
pub mod norm;
pub mod unet2d;

pub use unet2d::{UNet2d, UNet2dConfig};
