//! Operators by name and options, checked against the size of an image.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Dense, GaussianBlur, Grey, Inpaint, LinearOperator, Operator, Separable};
use crate::{Error, Result};

/// Maximum number of entries of a matrix: 256 MiB in `f32`.
const MAX_MATRIX: usize = 1 << 26;
/// Upper limit of the number of levels of quantisation.
const MAX_LEVELS: usize = 256;

/// How an image is degraded: the operator `A` of an observation, by its options.
#[derive(Clone, Debug)]
pub enum Degradation {
    /// Some pixels are hidden.
    Inpaint {
        /// 1 for known pixels and 0 for hidden ones, `height × width` in row-major order.
        mask: Vec<f32>,
    },
    /// Only the mean of each block of `factor × factor` pixels is observed.
    Downsample {
        /// Side of a block; both sides of the image must be multiples of it.
        factor: usize,
    },
    /// Gaussian blur: [`GaussianBlur`].
    Blur {
        /// Standard deviation in pixels, above 0.
        std: f64,
    },
    /// Blur along a line: [`Separable::motion_blur`].
    MotionBlur {
        /// Length of the line in pixels, at least 1.
        length: f64,
        /// Angle in degrees, counterclockwise from the horizontal.
        angle: f64,
    },
    /// Only the mean of the channels is observed.
    Grey,
    /// Only a window is observed.
    Crop {
        /// First row and column of the window.
        corner: [usize; 2],
        /// Height and width of the window.
        size: [usize; 2],
    },
    /// Each value is rounded to the nearest of a few evenly spaced ones.
    Quantise {
        /// Number of values, 2 to 256.
        levels: usize,
    },
    /// A matrix that multiplies the flattened image.
    Linear {
        /// `outputs × (channels·height·width)` numbers in row-major order.
        matrix: Vec<f32>,
        /// Number of rows.
        outputs: usize,
    },
    /// A custom linear operator.
    Custom(Arc<dyn LinearOperator<4>>),
}

impl Degradation {
    /// Name in JavaScript and in the documentation.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Inpaint { .. } => "inpaint",
            Self::Downsample { .. } => "downsample",
            Self::Blur { .. } => "blur",
            Self::MotionBlur { .. } => "motion-blur",
            Self::Grey => "grey",
            Self::Crop { .. } => "crop",
            Self::Quantise { .. } => "quantise",
            Self::Linear { .. } => "linear",
            Self::Custom(_) => "an operator of your own",
        }
    }

    /// The operator for images of `[channels, height, width]` with values in `range`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option that does not fit the image, and gives the allowed values.
    pub fn operator(
        &self,
        [channels, height, width]: [usize; 3],
        range: [f64; 2],
        device: &Device,
    ) -> Result<Operator<4>> {
        let size = [height, width];
        Ok(match self {
            Self::Inpaint { mask } => linear(inpaint(mask, size, device)?),
            Self::Downsample { factor } => {
                check_factor(*factor, size)?;
                linear(Separable::downsample(size, *factor, device))
            }
            Self::Blur { std } => {
                within("operator.sigma", *std, 1e-3, height.max(width) as f64)?;
                linear(GaussianBlur::new(size, *std, device))
            }
            Self::MotionBlur { length, angle } => {
                within("operator.length", *length, 1.0, height.max(width) as f64)?;
                within("operator.angle", *angle, -360.0, 360.0)?;
                linear(Separable::motion_blur(size, *length, *angle, device))
            }
            Self::Grey if channels == 1 => {
                let expected = "another one: the images of this model are grey";
                return Err(Error::invalid("operator", expected, "grey"));
            }
            Self::Grey => linear(Grey { channels }),
            Self::Crop {
                corner,
                size: window,
            } => {
                check_window(*corner, *window, size)?;
                linear(Separable::crop(size, *corner, *window, device))
            }
            Self::Quantise { levels } => {
                if !(2..=MAX_LEVELS).contains(levels) {
                    let expected = format!("between 2 and {MAX_LEVELS}");
                    return Err(Error::invalid("operator.levels", expected, levels));
                }
                Operator::Quantise {
                    levels: *levels,
                    range,
                }
            }
            Self::Linear { matrix, outputs } => {
                check_matrix(matrix, *outputs, channels * height * width)?;
                let shape = [1, channels, height, width];
                linear(Dense::new(matrix.clone(), *outputs, shape, device))
            }
            Self::Custom(operator) => Operator::Linear(operator.clone()),
        })
    }
}

fn linear(operator: impl LinearOperator<4> + 'static) -> Operator<4> {
    Operator::Linear(Arc::new(operator))
}

fn inpaint(mask: &[f32], [height, width]: [usize; 2], device: &Device) -> Result<Inpaint> {
    let name = "operator.mask";
    if mask.len() != height * width {
        let expected = format!("{} numbers, {height} × {width}", height * width);
        let found = format!("{} numbers", mask.len());
        return Err(Error::invalid(name, expected, found));
    }
    if let Some(value) = mask.iter().find(|value| **value != 0.0 && **value != 1.0) {
        let expected = "0 for each hidden pixel and 1 for each known one";
        return Err(Error::invalid(name, expected, value));
    }
    let known = mask.iter().filter(|value| **value == 1.0).count();
    if known == 0 || known == mask.len() {
        let expected = "0 for some pixels and 1 for others";
        return Err(Error::invalid(
            name,
            expected,
            format!("{} everywhere", mask[0]),
        ));
    }
    let data = TensorData::new(mask.to_vec(), [1, 1, height, width]);
    Ok(Inpaint {
        mask: Tensor::from_data(data, device),
    })
}

fn check_factor(factor: usize, [height, width]: [usize; 2]) -> Result<()> {
    let fits = |factor: &usize| height.is_multiple_of(*factor) && width.is_multiple_of(*factor);
    if factor >= 2 && fits(&factor) {
        return Ok(());
    }
    let fitting: Vec<String> = (2..=height.min(width))
        .filter(fits)
        .map(|factor| factor.to_string())
        .collect();
    let expected = format!(
        "one of {}, which divide {height} × {width}",
        fitting.join(", ")
    );
    Err(Error::invalid("operator.factor", expected, factor))
}

fn check_window(corner: [usize; 2], window: [usize; 2], size: [usize; 2]) -> Result<()> {
    let inside = |axis: usize| {
        let end = corner[axis].saturating_add(window[axis]);
        window[axis] > 0 && end <= size[axis]
    };
    if inside(0) && inside(1) && window != size {
        return Ok(());
    }
    let [height, width] = size;
    let expected = format!("a window of at least one pixel and less than all {height} × {width}");
    let found = format!(
        "{} × {} from row {} and column {}",
        window[0], window[1], corner[0], corner[1]
    );
    Err(Error::InvalidOption {
        name: "operator".to_owned(),
        expected,
        value: found,
    })
}

fn check_matrix(matrix: &[f32], outputs: usize, inputs: usize) -> Result<()> {
    if outputs == 0 || outputs.saturating_mul(inputs) > MAX_MATRIX {
        let expected = format!(
            "between 1 and {} for images of this size",
            MAX_MATRIX / inputs
        );
        return Err(Error::invalid("operator.outputs", expected, outputs));
    }
    if matrix.len() != outputs * inputs {
        let expected = format!("{} numbers, {outputs} × {inputs}", outputs * inputs);
        let found = format!("{} numbers", matrix.len());
        return Err(Error::invalid("operator.matrix", expected, found));
    }
    match matrix.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Error::invalid("operator.matrix", "finite numbers", value)),
        None if matrix.iter().all(|value| *value == 0.0) => {
            Err(Error::invalid("operator.matrix", "not 0 everywhere", 0))
        }
        None => Ok(()),
    }
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        let expected = format!("between {low} and {high}");
        Err(Error::invalid(name, expected, value))
    }
}
