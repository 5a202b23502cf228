//! Binding of devices: the browser's GPU, or the CPU.

use burn::tensor::Device;
use js_sys::JsString;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::text;
use super::gpu::{Gpu, shared_gpu};
use crate::{Error, Result};

/// An open device, shared by all objects that use it.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct WasmDevice {
    pub(super) device: Device,
    gpu: Option<Gpu>,
}

#[wasm_bindgen]
impl WasmDevice {
    /// `"webgpu"` or `"cpu"`.
    #[wasm_bindgen(getter, unchecked_return_type = "\"webgpu\" | \"cpu\"")]
    pub fn kind(&self) -> String {
        let kind = if self.gpu.is_some() { "webgpu" } else { "cpu" };
        kind.into()
    }
}

impl WasmDevice {
    fn cpu() -> Self {
        Self {
            device: Device::flex(),
            gpu: None,
        }
    }

    fn webgpu(gpu: &Gpu) -> Self {
        Self {
            device: gpu.device(),
            gpu: Some(gpu.clone()),
        }
    }

    /// The device, for tensors in Rust.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns an error if the GPU was lost or reported an error.
    pub(super) fn check(&self) -> Result<()> {
        self.gpu.as_ref().map_or(Ok(()), Gpu::check)
    }

    /// Resolves when all submitted work is complete; immediately on the CPU.
    pub(super) async fn settled(self) -> Result<()> {
        match self.gpu {
            Some(gpu) => gpu.settled().await,
            None => Ok(()),
        }
    }
}

/// Opens `"webgpu"` or `"cpu"`. WebGPU requires the feature `webgpu`.
///
/// # Errors
/// `invalid-option` for another kind; `device` where WebGPU is not available, with the reason.
#[wasm_bindgen(js_name = openDevice)]
pub async fn open_device(
    #[wasm_bindgen(unchecked_param_type = "\"webgpu\" | \"cpu\"")] kind: JsString,
) -> Result<WasmDevice, JsValue> {
    match text("device", &kind)?.as_str() {
        "cpu" => Ok(WasmDevice::cpu()),
        "webgpu" => match shared_gpu().await {
            Ok(gpu) => Ok(WasmDevice::webgpu(&gpu)),
            Err(reason) => Err(Error::Device(format!("WebGPU cannot be used: {reason}")).into()),
        },
        other => Err(Error::invalid("device", "webgpu or cpu", other).into()),
    }
}
