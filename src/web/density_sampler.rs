//! Binding of sampling runs that yield a number of samples at a time.

use std::rc::Rc;

use js_sys::{Float64Array, Object, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::double_array;
use super::density::{Shared, double_values, object};
use super::density_options::Run;
use crate::Result;
use crate::distribution::{InverseTransform, Rejection};
use crate::random::Generator;

/// Number of samples computed before copying, so that they fit in the level 1 cache.
const BLOCK: usize = 4096;

/// Upper limit of the number of stored proposals: twice the expected number of a run.
const MAX_KEPT: usize = 20_000_000;

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
    /// Number of proposals rejected since the last sample.
    rejected: usize,
}

#[wasm_bindgen]
impl WasmDensitySampler {
    /// Total number of samples.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Fills the start of an array with the next samples; rejection uses up to `proposals` proposals. Returns the
    /// number of samples.
    ///
    /// # Errors
    /// `invalid-option` where far more proposals are rejected than the envelope predicts.
    pub fn fill(&mut self, samples: Float64Array, proposals: usize) -> Result<u32, JsValue> {
        double_array("samples", &samples)?;
        let length = samples.length();
        let (mut from, mut left) = (0, proposals);
        while from < length && left > 0 {
            let to = length.min(from + BLOCK as u32);
            let tried = left.min(BLOCK);
            let filled = self.fill_block((to - from) as usize, tried)?;
            samples
                .subarray(from, from + filled as u32)
                .copy_from(&self.block[..filled]);
            from += filled as u32;
            left -= tried;
        }
        Ok(from)
    }
}

impl WasmDensitySampler {
    pub(super) fn new(method: Method, run: Run) -> Self {
        Self {
            method,
            generator: Generator::new(run.seed),
            count: run.count,
            block: vec![0.0; BLOCK],
            rejected: 0,
        }
    }

    /// Computes up to `most` samples with up to `proposals` proposals, which the inverse transform does not use.
    fn fill_block(&mut self, most: usize, proposals: usize) -> Result<usize> {
        let block = &mut self.block[..most];
        let rejection = match &self.method {
            Method::Inverse(inverse) => {
                inverse.fill(block, &mut self.generator);
                return Ok(most);
            }
            Method::Rejection(rejection) => rejection,
        };
        let filled = rejection.fill_within(block, proposals, &mut self.generator);
        self.rejected = if filled == 0 {
            self.rejected + proposals
        } else {
            0
        };
        if self.rejected > rejection.patience() {
            return Err(rejection.exhausted(self.rejected));
        }
        Ok(filled)
    }
}

/// A run of rejection sampling that stores all proposals.
#[wasm_bindgen]
pub struct WasmRejection {
    rejection: Rejection<Shared, Shared>,
    generator: Generator,
    count: usize,
    xs: Vec<f64>,
    heights: Vec<f64>,
    is_accepted: Vec<u8>,
    samples: Vec<f64>,
}

#[wasm_bindgen]
impl WasmRejection {
    /// Draws up to `proposals` proposals. Returns whether all samples are complete.
    ///
    /// # Errors
    /// `invalid-option` where far more proposals are rejected than the envelope predicts.
    pub fn step(&mut self, proposals: usize) -> Result<bool, JsValue> {
        for _ in 0..proposals {
            if self.samples.len() == self.count {
                break;
            }
            if self.xs.len() == MAX_KEPT {
                return Err(self
                    .rejection
                    .exhausted(MAX_KEPT - self.samples.len())
                    .into());
            }
            let trial = self.rejection.propose(&mut self.generator);
            self.xs.push(trial.x);
            self.heights.push(trial.height);
            self.is_accepted.push(u8::from(trial.is_accepted));
            self.samples.extend(trial.is_accepted.then_some(trial.x));
        }
        Ok(self.samples.len() == self.count)
    }

    /// `{ accepted, x, height, isAccepted, acceptanceRate, exactAcceptanceRate, c }`
    ///
    /// # Errors
    /// None: the object is plain.
    pub fn result(&self) -> Result<Object, JsValue> {
        let envelope = self.rejection.envelope();
        let rate = self.samples.len() as f64 / self.xs.len() as f64;
        object(&[
            ("accepted", double_values(&self.samples)),
            ("x", double_values(&self.xs)),
            ("height", double_values(&self.heights)),
            ("isAccepted", Uint8Array::from(&self.is_accepted[..]).into()),
            ("acceptanceRate", rate.into()),
            ("exactAcceptanceRate", envelope.acceptance_rate.into()),
            ("c", envelope.c.into()),
        ])
    }
}

impl WasmRejection {
    pub(super) fn new(rejection: Rejection<Shared, Shared>, run: Run) -> Self {
        Self {
            rejection,
            generator: Generator::new(run.seed),
            count: run.count,
            xs: Vec::new(),
            heights: Vec::new(),
            is_accepted: Vec::new(),
            samples: Vec::with_capacity(run.count),
        }
    }
}
