//! Loading of a state dict into a network.

use burn::module::{ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::weights::Weights;
use crate::{Error, Result};

/// Names of layers, and their names in the first versions of diffusers.
const FORMER_NAMES: [(&str, &str); 5] = [
    // Some files contain this tensor under both names.
    ("time_proj.weight", "time_proj.W"),
    (".to_q.", ".query."),
    (".to_k.", ".key."),
    (".to_v.", ".value."),
    (".to_out.0.", ".proj_attn."),
];

/// Visits a network and gives each parameter the tensor whose key is the parameter's path. Parameters are lazy, so that
/// none is initialised at random.
pub(super) struct Loader {
    weights: Weights,
    /// Name and container of each module on the path to the current parameter.
    path: Vec<(String, String)>,
    error: Option<Error>,
}

impl Loader {
    pub(super) fn new(weights: Weights) -> Self {
        Self {
            weights,
            path: Vec::new(),
            error: None,
        }
    }

    /// Returns the errors of the visit, including tensors without a parameter.
    pub(super) fn finish(self) -> Result<()> {
        match self.error {
            Some(error) => Err(error),
            None => self.weights.check_empty(),
        }
    }

    /// The tensor of the current parameter.
    fn load<const D: usize>(&mut self, param: &Param<Tensor<D>>) -> Result<Tensor<D>> {
        let shape: [usize; D] = param.lazy_shape().dims();
        let transposed = self.is_linear_weight::<D>();
        let mut expected = shape.to_vec();
        if transposed {
            expected.reverse();
        }
        let key = self.key();
        for copy in former_names(&key) {
            self.weights.forget_copy(&copy, &key);
        }
        let mut values = match self.weights.shape(&key) {
            Some(found) if found == expected => self.weights.take(&key),
            Some(found) => {
                return Err(Error::TensorShape {
                    found: found.to_vec(),
                    name: key,
                    expected,
                });
            }
            None => {
                return Err(Error::MissingTensor {
                    name: key,
                    expected,
                });
            }
        };
        if transposed {
            values = transpose(&values, shape[0], shape[1]);
        }
        let device = param.lazy_device();
        let data = TensorData::new(values, shape);
        Ok(device.memory_persistent_allocations(data, |data| Tensor::from_data(data, &device)))
    }

    /// Key of the current parameter: its path, or its former name if the weights use that.
    fn key(&self) -> String {
        let names: Vec<_> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        let key = names.join(".");
        if self.weights.shape(&key).is_some() {
            return key;
        }
        let former = former_names(&key).find(|former| self.weights.shape(former).is_some());
        former.unwrap_or(key)
    }

    /// Burn multiplies by the weight, PyTorch by its transpose.
    fn is_linear_weight<const D: usize>(&self) -> bool {
        let container = self.path.last().map(|(_, container)| container.as_str());
        D == 2 && container == Some("Struct:Linear")
    }
}

impl ModuleMapper for Loader {
    fn enter_module(&mut self, name: &str, container: &str) {
        // Enum variants are not part of a key.
        if !container.starts_with("Enum:") {
            self.path.push((name.to_owned(), container.to_owned()));
        }
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.path.pop();
        }
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        match self.load(&param) {
            Ok(tensor) => {
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}

/// Names of `key` in the first versions of diffusers.
fn former_names(key: &str) -> impl Iterator<Item = String> {
    FORMER_NAMES
        .iter()
        .filter(|(name, _)| key.contains(name))
        .map(|(name, former)| key.replace(name, former))
}

/// Transposes row-major `[columns, rows]` to row-major `[rows, columns]`.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| values[column * rows + row]))
        .collect()
}
