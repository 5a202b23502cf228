//! Code shared by the bindings of runs.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Tensor;
use js_sys::{Float32Array, Promise};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use super::WasmDevice;
use crate::diffusion::Denoiser;
use crate::sampler::{Progress, Run};
use crate::{Error, Result};

#[derive(Serialize)]
struct JsProgress {
    step: usize,
    steps: usize,
    timestep: f64,
}

/// Progress of a run, or `undefined` once it is complete.
pub(super) fn progress(progress: Option<Progress>) -> Result<JsValue, JsValue> {
    let Some(Progress {
        step,
        steps,
        timestep,
    }) = progress
    else {
        return Ok(JsValue::UNDEFINED);
    };
    Ok(serde_wasm_bindgen::to_value(&JsProgress {
        step,
        steps,
        timestep,
    })?)
}

/// A sampling run, with promises for values that are read back from the device; bindings delegate to it.
#[derive(Debug)]
pub(super) struct Stepped<M, const D: usize> {
    /// Shared with the promise that passes the error to the step-size control.
    run: Rc<RefCell<Run<M, D>>>,
    device: WasmDevice,
}

impl<M: Denoiser<D> + 'static, const D: usize> Stepped<M, D> {
    pub fn new(run: Run<M, D>, device: WasmDevice) -> Self {
        Self {
            run: Rc::new(RefCell::new(run)),
            device,
        }
    }

    pub fn device(&self) -> WasmDevice {
        self.device.clone()
    }

    pub fn steps(&self) -> usize {
        self.run.borrow().steps()
    }

    pub fn completed_steps(&self) -> usize {
        self.run.borrow().completed_steps()
    }

    pub fn batch(&self) -> usize {
        self.run.borrow().noisy().dims()[0]
    }

    pub fn step(&self) -> Result<JsValue, JsValue> {
        self.device.check()?;
        progress(self.run.borrow_mut().step()?)
    }

    /// Resolves when the device has completed all steps so far, including the step-size control of the adaptive solver.
    pub fn settled(&self) -> Promise {
        let device = self.device.clone();
        let run = self.run.clone();
        let error = run.borrow().pending_error();
        future_to_promise(async move {
            match error {
                Some(error) => {
                    let error = read(error, device).await?;
                    run.borrow_mut().control_step(error[0].into());
                }
                None => device.settled().await?,
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    pub fn noisy(&self) -> Tensor<D> {
        self.run.borrow().noisy()
    }

    /// The latest estimate of `x_0`; an error before the first step.
    pub fn clean(&self) -> Result<Tensor<D>> {
        self.run.borrow().clean().ok_or_else(|| Error::NotReady {
            result: "the clean estimate".to_owned(),
            after: "the first step".to_owned(),
            state: "no step was taken".to_owned(),
        })
    }

    /// A tensor of the run as a `Float32Array`.
    pub fn values(&self, tensor: Result<Tensor<D>>) -> Promise {
        let values = self.read(tensor);
        future_to_promise(async move { Ok(Float32Array::from(values.await?.as_slice()).into()) })
    }

    /// Reads a tensor of the run, and checks that it is finite, since steps on a GPU do not.
    pub fn read(
        &self,
        tensor: Result<Tensor<D>>,
    ) -> impl Future<Output = Result<Vec<f32>>> + use<M, D> {
        let (run, device) = (self.run.clone(), self.device.clone());
        let step = self.completed_steps();
        async move {
            let values = read(tensor?, device).await?;
            run.borrow_mut().verify(step, &values)?;
            Ok(values)
        }
    }
}

/// Resolves when all submitted work is complete.
pub(super) fn settled(device: WasmDevice) -> Promise {
    future_to_promise(async move {
        device.settled().await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// The tensor as a `Float32Array`, read back from the device; an error rejects the promise.
pub(super) fn values<const D: usize>(tensor: Result<Tensor<D>>, device: WasmDevice) -> Promise {
    future_to_promise(async move {
        let values = read(tensor?, device).await?;
        Ok(Float32Array::from(values.as_slice()).into())
    })
}

/// Reads a tensor back from the device.
pub(super) async fn read<const D: usize>(
    tensor: Tensor<D>,
    device: WasmDevice,
) -> Result<Vec<f32>> {
    device.check()?;
    let lost = |error: &dyn std::fmt::Display| {
        Error::Device(format!("the sample cannot be read back: {error}"))
    };
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| lost(&error))?;
    device.check()?;
    data.try_into_vec::<f32>().map_err(|error| lost(&error))
}

/// A result that exists only after the last step, as a `Float32Array`. Rejects before that, and where it is not finite.
pub(super) fn at_end<const D: usize>(
    name: &'static str,
    [step, steps]: [usize; 2],
    reading: impl FnOnce() -> Option<Tensor<D>>,
    device: WasmDevice,
) -> Promise {
    let tensor = if step == steps { reading() } else { None };
    let tensor = tensor.ok_or_else(|| Error::NotReady {
        result: name.to_owned(),
        after: "the last step".to_owned(),
        state: format!("step {step} of {steps} was the last so far"),
    });
    future_to_promise(async move {
        let values = read(tensor?, device).await?;
        if values.iter().all(|value| value.is_finite()) {
            return Ok(Float32Array::from(values.as_slice()).into());
        }
        let (first, last, of) = (1.min(steps), steps, steps);
        let what = format!("the result, {name},");
        Err(Error::NonFinite {
            what,
            first,
            last,
            of,
        }
        .into())
    })
}
