//! Activation functions, by the names of diffusers' `act_fn`.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::cpu;

/// An activation function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", rename_all = "snake_case")]
pub enum Activation {
    /// `x * sigmoid(x)`, also called swish ([Elfwing et al. 2017](https://arxiv.org/abs/1702.03118)).
    #[default]
    Silu,
    /// `x * tanh(softplus(x))` ([Misra 2019](https://arxiv.org/abs/1908.08681)).
    Mish,
    /// `x * Phi(x)` with the cumulative distribution function `Phi` of the standard normal distribution ([Hendrycks and
    /// Gimpel 2016](https://arxiv.org/abs/1606.08415)).
    Gelu,
    /// `max(x, 0)`.
    Relu,
    /// The hyperbolic tangent, which diffusers does not support.
    Tanh,
}

impl Activation {
    /// Applies the function to each element.
    pub fn forward<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Silu if cpu::is_browser(&input) => cpu::silu(input),
            Self::Silu => activation::silu(input),
            Self::Mish => activation::mish(input),
            Self::Gelu => activation::gelu(input),
            Self::Relu => activation::relu(input),
            Self::Tanh => activation::tanh(input),
        }
    }

    /// The derivative at each element.
    pub fn derivative<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Silu => {
                let sigmoid = activation::sigmoid(input.clone());
                sigmoid.clone() + input * sigmoid.clone() * (-sigmoid + 1.0)
            }
            Self::Mish => {
                let tanh = activation::softplus(input.clone(), 1.0).tanh();
                let slope = -(tanh.clone() * tanh.clone()) + 1.0;
                tanh + input.clone() * activation::sigmoid(input) * slope
            }
            Self::Gelu => {
                let cdf = ((input.clone() * FRAC_1_SQRT_2).erf() + 1.0) * 0.5;
                let density = (input.clone() * input.clone() * -0.5).exp() / TAU.sqrt();
                cdf + input * density
            }
            Self::Relu => input.greater_elem(0.0).float(),
            Self::Tanh => {
                let tanh = input.tanh();
                -(tanh.clone() * tanh) + 1.0
            }
        }
    }
}

impl TryFrom<String> for Activation {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.to_lowercase().as_str() {
            "silu" | "swish" => Ok(Self::Silu),
            "mish" => Ok(Self::Mish),
            "gelu" => Ok(Self::Gelu),
            "relu" => Ok(Self::Relu),
            "tanh" => Ok(Self::Tanh),
            _ => Err(format!(
                "unknown activation `{name}`, expected one of `silu`, `swish`, `mish`, `gelu`, `relu`, `tanh`"
            )),
        }
    }
}
