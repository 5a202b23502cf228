//! Devices of the native programs.

use burn::tensor::Device;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Device for the computation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The CPU, with all cores.
    #[default]
    Cpu,
    /// A GPU through Vulkan.
    #[cfg(feature = "vulkan")]
    Vulkan,
    /// An NVIDIA GPU through CUDA.
    #[cfg(feature = "cuda")]
    Cuda,
}

impl DeviceKind {
    /// Opens the device.
    pub fn open(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Device::vulkan(burn::tensor::DeviceKind::DefaultDevice),
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::cuda(0),
        }
    }
}
