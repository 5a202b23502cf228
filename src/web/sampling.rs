//! A sampling that JavaScript steps.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Tensor;
use js_sys::{Promise, Uint8ClampedArray};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::WasmDevice;
use super::run::{progress, read, values};
use crate::pipeline::{DataRange, ImageSampling, rgba};
use crate::{Error, Result};

/// An [`ImageSampling`] with promises for what must be read back from the device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct WasmSampling {
    /// Shared with the promise that tells the adaptive solver its error.
    sampling: Rc<RefCell<ImageSampling>>,
    range: DataRange,
    device: WasmDevice,
}

impl WasmSampling {
    pub(super) fn new(sampling: ImageSampling, range: DataRange, device: WasmDevice) -> Self {
        Self {
            sampling: Rc::new(RefCell::new(sampling)),
            range,
            device,
        }
    }

    fn which(&self, name: &str) -> Result<Tensor<4>> {
        match name {
            "noisy" => Ok(self.sampling.borrow().noisy()),
            "clean" => self.sampling.borrow().clean().ok_or_else(|| {
                Error::invalid("clean", "asked for after the first step", "no estimate yet")
            }),
            other => Err(Error::invalid("images", "noisy or clean", other)),
        }
    }
}

#[wasm_bindgen]
impl WasmSampling {
    /// Network evaluations from start to end.
    #[wasm_bindgen(getter)]
    pub fn steps(&self) -> usize {
        self.sampling.borrow().steps()
    }

    /// Network evaluations done.
    #[wasm_bindgen(getter, js_name = completedSteps)]
    pub fn completed_steps(&self) -> usize {
        self.sampling.borrow().completed_steps()
    }

    /// Number of images.
    #[wasm_bindgen(getter)]
    pub fn batch(&self) -> usize {
        self.sampling.borrow().noisy().dims()[0]
    }

    /// Evaluates the network once; `undefined` when the sampling was complete before.
    ///
    /// On the GPU it only submits the work: await [`settled`](Self::settled) for the end of it.
    ///
    /// # Errors
    /// `device` when the GPU was lost, and `tolerance` when the adaptive solver cannot go on.
    #[wasm_bindgen(
        unchecked_return_type = "{ step: number, steps: number, timestep: number } | undefined"
    )]
    pub fn step(&mut self) -> Result<JsValue, JsValue> {
        self.device.check()?;
        progress(self.sampling.borrow_mut().step()?)
    }

    /// Resolves when the device has computed all steps so far, and the adaptive solver knows the error of its last one.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn settled(&self) -> Promise {
        let device = self.device.clone();
        let sampling = self.sampling.clone();
        let error = sampling.borrow().pending_error();
        future_to_promise(async move {
            match error {
                Some(error) => {
                    let error = read(error, device).await?;
                    sampling.borrow_mut().judge(error[0].into());
                }
                None => device.settled().await?,
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The current `x_t`, a `Float32Array` `[batch, channels, height, width]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn noisy(&self) -> Promise {
        self.values("noisy")
    }

    /// The last estimate of `x_0`, in the same layout.
    #[wasm_bindgen(unchecked_return_type = "Promise<Float32Array>")]
    pub fn clean(&self) -> Promise {
        self.values("clean")
    }

    /// `"noisy"` (the default) or `"clean"` as pixels: a `Uint8ClampedArray` `[batch, height, width, 4]`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8ClampedArray>")]
    pub fn images(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "\"noisy\" | \"clean\"")] which: Option<
            String,
        >,
    ) -> Promise {
        let tensor = self.which(which.as_deref().unwrap_or("noisy"));
        let (device, range) = (self.device.clone(), self.range);
        future_to_promise(async move {
            let tensor = tensor?;
            let [_, channels, height, width] = tensor.dims();
            let values = read(tensor, device).await?;
            let pixels = rgba(&values, channels, height * width, range);
            Ok(Uint8ClampedArray::from(pixels.as_slice()).into())
        })
    }

    fn values(&self, which: &str) -> Promise {
        values(self.which(which), self.device.clone())
    }
}
