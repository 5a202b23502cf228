//! The parameters of a network by their names in PyTorch's state dict.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};

use super::initial::InitialWeights;
use crate::random::Generator;
use crate::{Error, Result};

/// A parameter in the layout of PyTorch's state dict.
#[derive(Clone, Debug)]
pub struct NamedTensor {
    /// Name, for instance `layers.0.weight`.
    pub name: String,
    /// Shape; `[outputs, inputs]` for the weight of a linear layer.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Tensor<1>,
}

/// Parameters of a network, in visiting order, without gradients.
pub(crate) fn parameters(network: &impl Module) -> Vec<Parameter> {
    let mut collector = Collector::default();
    network.visit(&mut collector);
    collector.found
}

/// Draws [initial weights](InitialWeights) for the parameters that have not been used yet.
pub(crate) fn initialised<N: Module>(network: N, generator: &mut Generator) -> N {
    network.map(&mut InitialWeights::new(generator))
}

/// The network with other parameter values, flat and in Burn's layout.
pub(crate) fn replaced<N: Module>(network: N, values: &[Tensor<1>]) -> N {
    let mut replacer = Replacer {
        values: values.iter(),
    };
    network.map(&mut replacer)
}

/// A parameter in Burn's layout, flat.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    name: String,
    shape: Vec<usize>,
    pub values: Tensor<1>,
    /// Burn multiplies by the weight of a linear layer, PyTorch by its transpose.
    is_linear_weight: bool,
}

impl Parameter {
    /// The parameter with other values of the same shape.
    pub fn with(&self, values: &Tensor<1>) -> Self {
        Self {
            values: values.clone(),
            ..self.clone()
        }
    }

    /// The parameter in PyTorch's layout.
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

    /// Values of the parameter with this name, in Burn's layout.
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

/// The tensor with this name, which must have the expected shape.
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

/// Collects the parameters in visiting order.
#[derive(Default)]
struct Collector {
    path: Vec<(String, String)>,
    found: Vec<Parameter>,
}

impl ModuleVisitor for Collector {
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

/// Replaces the values of the parameters in visiting order.
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

/// A tensor with other values, and gradient tracking as in `old`.
pub(crate) fn renewed<const D: usize>(old: Tensor<D>, values: Tensor<1>) -> Tensor<D> {
    let values: Tensor<D> = values.reshape(old.dims());
    if old.is_autodiff() {
        values.autodiff().set_require_grad(old.is_require_grad())
    } else {
        values
    }
}
