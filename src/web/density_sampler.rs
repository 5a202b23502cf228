//! Samples of a distribution, as many at a time as JavaScript asks for.

use std::rc::Rc;

use js_sys::Float64Array;
use wasm_bindgen::prelude::wasm_bindgen;

use super::density::Shared;
use super::density_options::Run;
use crate::distribution::{InverseTransform, Rejection};
use crate::random::Generator;

/// Samples that are computed before they are copied out, so that they stay in the nearest cache.
const BLOCK: usize = 4096;

pub(super) enum Method {
    Inverse(Rc<InverseTransform<Shared>>),
    Rejection(Rejection<Shared, Shared>),
}

/// A run that fills arrays with samples.
#[wasm_bindgen]
pub struct WasmDensitySampler {
    method: Method,
    generator: Generator,
    count: usize,
    block: Vec<f64>,
}

#[wasm_bindgen]
impl WasmDensitySampler {
    /// How many samples were asked for.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Fills an array with the next samples.
    pub fn fill(&mut self, samples: &Float64Array) {
        let length = samples.length();
        for from in (0..length).step_by(BLOCK) {
            let to = length.min(from + BLOCK as u32);
            let block = &mut self.block[..(to - from) as usize];
            match &self.method {
                Method::Inverse(inverse) => inverse.fill(block, &mut self.generator),
                Method::Rejection(rejection) => rejection.fill(block, &mut self.generator),
            }
            samples.subarray(from, to).copy_from(block);
        }
    }
}

impl WasmDensitySampler {
    pub(super) fn new(method: Method, run: Run) -> Self {
        Self {
            method,
            generator: Generator::new(run.seed),
            count: run.count,
            block: vec![0.0; BLOCK],
        }
    }
}
