//! Views of a canvas: windows that are rotated, mirrored or permuted.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{Error, Result};

/// How a window of the canvas becomes the image that the network sees. Each is a permutation of the pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transform {
    /// The window itself.
    #[default]
    Identity,
    /// A rotation by 90° counterclockwise.
    Rotate90,
    /// A rotation by 180°.
    Rotate180,
    /// A rotation by 270° counterclockwise.
    Rotate270,
    /// Left and right exchanged.
    FlipHorizontal,
    /// Top and bottom exchanged.
    FlipVertical,
    /// Pixel `i` of the view is pixel `permutation[i]` of the window, in row-major order.
    Permutation(Vec<u32>),
}

impl Transform {
    /// Names of the transforms without options, for JavaScript and the programs.
    pub const NAMES: [&'static str; 6] = [
        "identity",
        "rotate-90",
        "rotate-180",
        "rotate-270",
        "flip-horizontal",
        "flip-vertical",
    ];

    /// The transform of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => Self::Identity,
            "rotate-90" => Self::Rotate90,
            "rotate-180" => Self::Rotate180,
            "rotate-270" => Self::Rotate270,
            "flip-horizontal" => Self::FlipHorizontal,
            "flip-vertical" => Self::FlipVertical,
            _ => return None,
        })
    }

    /// The pixel of the window that each pixel of the view shows.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a rotation by 90° or 270° of a window that is not square, and for a list that is
    /// not a permutation.
    fn sources(&self, [height, width]: [usize; 2]) -> Result<Vec<usize>> {
        let turns = matches!(self, Self::Rotate90 | Self::Rotate270);
        if turns && height != width {
            let expected = "another one, since the images of this model are not square";
            return Err(Error::invalid("transform", expected, self));
        }
        if let Self::Permutation(permutation) = self {
            return permuted(permutation, height * width);
        }
        let (bottom, right) = (height - 1, width - 1);
        let source = |row: usize, column: usize| match self {
            Self::Rotate90 => (column, right - row),
            Self::Rotate180 => (bottom - row, right - column),
            Self::Rotate270 => (bottom - column, row),
            Self::FlipHorizontal => (row, right - column),
            Self::FlipVertical => (bottom - row, column),
            Self::Identity | Self::Permutation(_) => (row, column),
        };
        let pixels = (0..height * width).map(|pixel| source(pixel / width, pixel % width));
        Ok(pixels.map(|(row, column)| row * width + column).collect())
    }
}

fn permuted(permutation: &[u32], pixels: usize) -> Result<Vec<usize>> {
    let mut seen = vec![false; pixels];
    for pixel in permutation {
        match seen.get_mut(*pixel as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => {
                let expected = format!("each number from 0 to {} once", pixels - 1);
                return Err(Error::invalid("permutation", expected, pixel));
            }
        }
    }
    if permutation.len() == pixels {
        return Ok(permutation.iter().map(|pixel| *pixel as usize).collect());
    }
    let expected = format!("{pixels} numbers, one for each pixel of a view");
    let found = format!("{} numbers", permutation.len());
    Err(Error::invalid("permutation", expected, found))
}

/// A view of the canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Transform of the window.
    pub transform: Transform,
    /// First row and column of the window on the canvas.
    pub corner: [usize; 2],
    /// Class of the view; `None` for the null class, or for an unconditional network.
    pub class_label: Option<usize>,
    /// Weight of the view in the average, above 0.
    pub weight: f64,
    /// Weight of each pixel of the view, `height × width` in row-major order, at least 0; `None` for 1 everywhere.
    pub mask: Option<Vec<f32>>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            transform: Transform::Identity,
            corner: [0, 0],
            class_label: None,
            weight: 1.0,
            mask: None,
        }
    }
}

impl View {
    /// The pixel of the canvas that each pixel of the view shows, and its weight.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option: a window outside the canvas, weights that are negative or not finite,
    /// a mask of another size.
    pub(super) fn pixels(
        &self,
        view: [usize; 2],
        canvas: [usize; 2],
    ) -> Result<(Vec<usize>, Vec<f32>)> {
        for (axis, name) in ["top", "left"].into_iter().enumerate() {
            let most = canvas[axis] - view[axis];
            if self.corner[axis] > most {
                let expected = format!("between 0 and {most}, inside the canvas");
                return Err(Error::invalid(name, expected, self.corner[axis]));
            }
        }
        let sources = self.transform.sources(view)?;
        let on_canvas = |pixel: usize| {
            let (row, column) = (pixel / view[1], pixel % view[1]);
            (row + self.corner[0]) * canvas[1] + column + self.corner[1]
        };
        let weights = self.weights(sources.len())?;
        Ok((sources.into_iter().map(on_canvas).collect(), weights))
    }

    fn weights(&self, pixels: usize) -> Result<Vec<f32>> {
        if !(self.weight > 0.0 && self.weight <= 1e6) {
            let expected = "above 0 and at most 1000000";
            return Err(Error::invalid("weight", expected, self.weight));
        }
        let Some(mask) = &self.mask else {
            return Ok(vec![self.weight as f32; pixels]);
        };
        if mask.len() != pixels {
            let expected = format!("{pixels} numbers, one for each pixel of a view");
            let found = format!("{} numbers", mask.len());
            return Err(Error::invalid("mask", expected, found));
        }
        if let Some(value) = mask.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(Error::invalid("mask", "numbers from 0 to 1", value));
        }
        let weight = self.weight as f32;
        Ok(mask.iter().map(|value| value * weight).collect())
    }
}

/// Indices as a tensor.
pub(super) fn indices(values: &[usize], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.iter().map(|value| *value as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
