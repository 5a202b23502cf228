//! Replaces `gpu` in the module without WebGPU (feature `webgpu`), so that no other file depends on it.

use std::convert::Infallible;

use burn::tensor::Device;

use crate::Result;

/// A GPU device; never available in this module.
#[derive(Clone, Debug)]
pub(super) struct Gpu(Infallible);

impl Gpu {
    pub(super) fn device(&self) -> Device {
        match self.0 {}
    }

    pub(super) fn check(&self) -> Result<()> {
        match self.0 {}
    }

    pub(super) async fn settled(&self) -> Result<()> {
        match self.0 {}
    }
}

/// Always returns the reason why there is no GPU.
pub(super) async fn shared_gpu() -> Result<Gpu, String> {
    Err("this module was compiled without the feature webgpu".into())
}
