//! One canvas that several views denoise together.

use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};

use super::View;
use super::view::indices;
use crate::diffusion::{Denoiser, Estimate, NoiseLevel};
use crate::sampler::Clipping;
use crate::{Error, Result};

/// Which estimate the views average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// `x0_hat` after clipping (SyncTweedies, case 2 of Kim et al. 2024).
    #[default]
    Clean,
    /// `eps_hat`, which clipping does not change (Bar-Tal et al. 2023; Geng et al. 2024).
    Noise,
}

/// A denoiser of a canvas. Each view shows a part of the noisy canvas to a denoiser of its own; the estimate of a pixel
/// is the weighted mean over the views that show it.
///
/// Since `eps_hat` and `x0_hat` are affine functions of each other for a given sample, averaging either gives the same
/// result without clipping.
#[derive(Clone, Debug)]
pub struct Synchronised<M> {
    views: Vec<Placed<M>>,
    size: [usize; 2],
    canvas: [usize; 2],
    clipping: Clipping,
}

/// A view on the canvas.
#[derive(Clone, Debug)]
struct Placed<M> {
    denoiser: M,
    /// Pixel of the canvas, `[pixels]`, of each pixel of the view.
    pixels: Tensor<1, Int>,
    /// Weights that sum to 1 over the views of each pixel of the canvas, `[1, 1, pixels]`.
    weights: Tensor<3>,
}

impl<M> Synchronised<M> {
    /// A canvas with views of `size`, each with a denoiser of its own.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option: no view, a canvas that is smaller than a view, a view that does not
    /// fit, pixels that no view shows.
    pub fn new(
        views: Vec<(View, M)>,
        size: [usize; 2],
        canvas: [usize; 2],
        average: Average,
        clipping: Clipping,
        device: &Device,
    ) -> Result<Self> {
        if views.is_empty() {
            return Err(Error::invalid("views", "at least one view", 0));
        }
        for (axis, name) in ["height", "width"].into_iter().enumerate() {
            if canvas[axis] < size[axis] {
                let expected = format!("at least {}, that of a view", size[axis]);
                return Err(Error::invalid(name, expected, canvas[axis]));
            }
        }
        let place = |(index, (view, _)): (usize, &(View, M))| {
            let pixels = view.pixels(size, canvas);
            pixels.map_err(|error| in_view(index, error))
        };
        let places = views.iter().enumerate().map(place);
        let places = places.collect::<Result<Vec<_>>>()?;
        let totals = totals(&places, canvas)?;
        let placed = |(denoiser, (pixels, weights)): (M, (Vec<usize>, Vec<f32>))| {
            let share = |(pixel, weight): (&usize, f32)| weight / totals[*pixel];
            let weights: Vec<f32> = pixels.iter().zip(weights).map(share).collect();
            let shape = [1, 1, weights.len()];
            Placed {
                denoiser,
                pixels: indices(&pixels, device),
                weights: Tensor::from_data(TensorData::new(weights, shape), device),
            }
        };
        let denoisers = views.into_iter().map(|(_, denoiser)| denoiser);
        Ok(Self {
            views: denoisers.zip(places).map(placed).collect(),
            size,
            canvas,
            clipping: match average {
                Average::Clean => clipping,
                Average::Noise => Clipping::None,
            },
        })
    }
}

/// Names the view in an error about one of its options.
pub(crate) fn in_view(index: usize, error: Error) -> Error {
    let Error::InvalidOption {
        name,
        expected,
        value,
    } = error
    else {
        return error;
    };
    Error::InvalidOption {
        name: format!("views[{index}].{name}"),
        expected,
        value,
    }
}

/// Sum of the weights of each pixel of the canvas.
fn totals(places: &[(Vec<usize>, Vec<f32>)], canvas: [usize; 2]) -> Result<Vec<f32>> {
    let mut totals = vec![0.0; canvas[0] * canvas[1]];
    for (pixels, weights) in places {
        for (pixel, weight) in pixels.iter().zip(weights) {
            totals[*pixel] += weight;
        }
    }
    let Some(bare) = totals.iter().position(|total| *total == 0.0) else {
        return Ok(totals);
    };
    let (row, column) = (bare / canvas[1], bare % canvas[1]);
    let found = format!("nothing at row {row} and column {column}");
    Err(Error::InvalidOption {
        name: "views".to_owned(),
        expected: "such that each pixel of the canvas is shown with some weight".to_owned(),
        value: found,
    })
}

impl<M: Denoiser<4>> Denoiser<4> for Synchronised<M> {
    /// One evaluation of each view, one after the other, so that the memory is that of one view.
    fn denoise(&self, noisy: Tensor<4>, level: NoiseLevel) -> Estimate<4> {
        let [batch, channels, ..] = noisy.dims();
        let [height, width] = self.size;
        let flat: Tensor<3> = noisy.reshape([batch as i32, channels as i32, -1]);
        let mut sum = flat.zeros_like();
        for view in &self.views {
            let shown = flat.clone().select(2, view.pixels.clone());
            let shown = shown.reshape([batch, channels, height, width]);
            let clean = self
                .clipping
                .apply(view.denoiser.denoise(shown, level).clean);
            let clean: Tensor<3> = clean.reshape([batch as i32, channels as i32, -1]);
            let weighted = clean * view.weights.clone();
            sum = sum.select_assign(2, view.pixels.clone(), weighted, IndexingUpdateOp::Add);
        }
        let [rows, columns] = self.canvas;
        Estimate::from(sum.reshape([batch, channels, rows, columns]))
    }
}
