//! The parameters of a network by the names that PyTorch's state dict gives them.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};

use super::initial::InitialWeights;
use crate::random::Generator;
use crate::{Error, Result};

/// A parameter as PyTorch's state dict has it.
#[derive(Clone, Debug)]
pub struct NamedTensor {
    /// `layers.0.weight`
    pub name: String,
    /// A linear layer's weight is `[outputs, inputs]`.
    pub shape: Vec<usize>,
    /// The numbers in row-major order.
    pub values: Tensor<1>,
}

/// The parameters of a network, in the order in which it is visited, without their gradients.
pub(crate) fn parameters(network: &impl Module) -> Vec<Parameter> {
    let mut collector = Collector::default();
    network.visit(&mut collector);
    collector.found
}

/// The network with [initial weights](InitialWeights) in the place of those that were never used.
pub(crate) fn initialised<N: Module>(network: N, generator: &mut Generator) -> N {
    network.map(&mut InitialWeights::new(generator))
}

/// The network with other values, flat and in Burn's order, in the place of its parameters.
pub(crate) fn replaced<N: Module>(network: N, values: &[Tensor<1>]) -> N {
    let mut replacer = Replacer {
        values: values.iter(),
    };
    network.map(&mut replacer)
}

/// A parameter as Burn has it, flat.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    name: String,
    shape: Vec<usize>,
    pub values: Tensor<1>,
    /// Burn multiplies by the weight of a linear layer, PyTorch by its transpose.
    is_linear_weight: bool,
}

impl Parameter {
    /// Other values of the same shape.
    pub fn with(&self, values: &Tensor<1>) -> Self {
        Self {
            values: values.clone(),
            ..self.clone()
        }
    }

    /// As PyTorch has it.
    pub fn named(self) -> NamedTensor {
        if !self.is_linear_weight {
            let Self {
                name,
                shape,
                values,
                ..
            } = self;
            return NamedTensor {
                name,
                shape,
                values,
            };
        }
        let (rows, columns) = (self.shape[0], self.shape[1]);
        NamedTensor {
            name: self.name,
            shape: vec![columns, rows],
            values: transposed(self.values, [rows, columns]),
        }
    }

    /// The values of the parameter of this name, in Burn's order.
    pub fn find(&self, list: &[NamedTensor], device: &Device) -> Result<Tensor<1>> {
        let mut expected = self.shape.clone();
        if self.is_linear_weight {
            expected.reverse();
        }
        let found = find(list, &self.name, &expected)?;
        let values = found.values.clone().to_device(device);
        Ok(if self.is_linear_weight {
            transposed(values, [expected[0], expected[1]])
        } else {
            values
        })
    }
}

/// The tensor of this name, which must have the expected shape.
pub fn find<'a>(
    list: &'a [NamedTensor],
    name: &str,
    expected: &[usize],
) -> Result<&'a NamedTensor> {
    let (name, expected) = (name.to_owned(), expected.to_vec());
    match list.iter().find(|tensor| tensor.name == name) {
        None => Err(Error::MissingTensor { name, expected }),
        Some(found) if found.shape != expected => Err(Error::TensorShape {
            name,
            expected,
            found: found.shape.clone(),
        }),
        Some(found) => Ok(found),
    }
}

fn transposed(values: Tensor<1>, shape: [usize; 2]) -> Tensor<1> {
    let matrix: Tensor<2> = values.reshape(shape);
    matrix.transpose().reshape([-1])
}

/// Collects the parameters in the order in which they are visited.
#[derive(Default)]
struct Collector {
    path: Vec<(String, String)>,
    found: Vec<Parameter>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container: &str) {
        // The variant of an enum is no part of a key.
        if !container.starts_with("Enum:") {
            self.path.push((name.to_owned(), container.to_owned()));
        }
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.path.pop();
        }
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let names: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        let container = self.path.last().map(|(_, container)| container.as_str());
        let values = param.val().inner();
        self.found.push(Parameter {
            name: names.join("."),
            shape: values.dims().to_vec(),
            values: values.reshape([-1]),
            is_linear_weight: D == 2 && container == Some("Struct:Linear"),
        });
    }
}

/// Puts other values into the parameters, in the order in which they are visited.
struct Replacer<'a> {
    values: std::slice::Iter<'a, Tensor<1>>,
}

impl ModuleMapper for Replacer<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.next() {
            Some(values) => {
                let values = values.clone();
                param.map(|old| renewed(old, values))
            }
            None => param,
        }
    }
}

/// Other values in the place of a parameter, tracked as it was.
pub(crate) fn renewed<const D: usize>(old: Tensor<D>, values: Tensor<1>) -> Tensor<D> {
    let values: Tensor<D> = values.reshape(old.dims());
    if old.is_autodiff() {
        values.autodiff().set_require_grad(old.is_require_grad())
    } else {
        values
    }
}
