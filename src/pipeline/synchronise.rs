//! Canvases that several views of a model denoise together.

use super::{Pipeline, SampleOptions, UNetDenoiser};
use crate::restore::{Average, Synchronised, View, in_view};
use crate::sampler::Run;
use crate::{Error, Result};

/// Upper limit of the number of views; each costs one evaluation per step.
const MAX_VIEWS: usize = 1024;
/// Upper limit of the side of a canvas in pixels.
const MAX_SIDE: usize = 4096;
/// Upper limit of the numbers of all canvases of a batch; 256 MiB.
const MAX_NUMBERS: usize = 1 << 26;

/// Options of [`Pipeline::synchronise`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SynchroniseOptions {
    /// The views, at least one. Together they must show each pixel of the canvas.
    pub views: Vec<View>,
    /// Height and width of the canvas; `None` for those of the model.
    pub canvas: Option<[usize; 2]>,
    /// Which estimate the views average.
    pub average: Average,
    /// Options of sampling. `class_labels` must be empty, since each view has its own class; guidance applies to the
    /// views with a class.
    pub sample: SampleOptions,
}

/// A sampling run of canvases; its tensors are `[batch, channels, height, width]` of the canvas.
pub type SynchronisedSampling = Run<Synchronised<UNetDenoiser>, 4>;

impl Pipeline {
    /// Samples canvases whose views are images of the model, each of its own class: pictures that read differently when
    /// they are turned, panoramas, regions of different classes (SyncTweedies, Kim et al. 2024; Visual Anagrams, Geng et
    /// al. 2024; MultiDiffusion, Bar-Tal et al. 2023). Nothing is computed before the first step.
    ///
    /// ```
    /// use tweedie::pipeline::SynchroniseOptions;
    /// use tweedie::restore::{Transform, View};
    /// use tweedie::{Checkpoint, Pipeline, SampleOptions};
    ///
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mnist");
    /// let checkpoint = Checkpoint::read_folder(folder.as_ref())?;
    /// let pipeline = Pipeline::new(checkpoint, &burn::tensor::Device::flex())?;
    /// let view = |class, transform| View { class_label: Some(class), transform, ..View::default() };
    /// let mut sampling = pipeline.synchronise(&SynchroniseOptions {
    ///     views: vec![view(6, Transform::Identity), view(9, Transform::Rotate180)],
    ///     sample: SampleOptions { steps: Some(2), ..SampleOptions::default() },
    ///     ..SynchroniseOptions::default()
    /// })?;
    /// while sampling.step()?.is_some() {}
    /// assert_eq!(sampling.noisy().dims(), [1, 1, 28, 28]);
    /// # Ok::<(), tweedie::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the option, of a view as `views[0].transform`.
    pub fn synchronise(&self, options: &SynchroniseOptions) -> Result<SynchronisedSampling> {
        let canvas = options.canvas.unwrap_or(self.sample_size());
        let sample = &options.sample;
        check_canvas(canvas, self.channels(), sample.batch.unwrap_or(1))?;
        if options.views.len() > MAX_VIEWS {
            let expected = format!("at most {MAX_VIEWS}");
            return Err(Error::invalid(
                "number of views",
                expected,
                options.views.len(),
            ));
        }
        if !sample.class_labels.is_empty() {
            let expected = "left out: each view has a class of its own";
            return Err(Error::invalid(
                "class_labels",
                expected,
                &sample.class_labels,
            ));
        }
        let is_classless = options.views.iter().all(|view| view.class_label.is_none());
        if sample.guidance_scale != 1.0 && is_classless {
            let expected = "1 where no view has a class";
            return Err(Error::invalid(
                "guidance_scale",
                expected,
                sample.guidance_scale,
            ));
        }
        let classless = SampleOptions {
            guidance_scale: 1.0,
            ..sample.clone()
        };
        let plan = classless.check(self, canvas)?;
        let view = |(index, view): (usize, &View)| {
            let denoiser = self.view_denoiser(view, sample, plan.batch);
            Ok((
                view.clone(),
                denoiser.map_err(|error| in_view(index, error))?,
            ))
        };
        let views = options.views.iter().enumerate().map(view);
        let denoiser = Synchronised::new(
            views.collect::<Result<Vec<_>>>()?,
            self.sample_size(),
            canvas,
            options.average,
            plan.scheduler.clipping,
            &self.device,
        )?;
        Ok(Run::new(self.sampling(sample, plan, canvas)?, denoiser))
    }

    fn view_denoiser(
        &self,
        view: &View,
        sample: &SampleOptions,
        batch: usize,
    ) -> Result<UNetDenoiser> {
        let mut options = SampleOptions {
            class_labels: view.class_label.into_iter().collect(),
            batch: Some(batch),
            ..sample.clone()
        };
        if view.class_label.is_none() {
            options.guidance_scale = 1.0;
        }
        let labels = options.class_labels(self, batch)?;
        super::options::check_batch(self, options.guidance_scale, batch)?;
        Ok(self.denoiser(&labels, options.guidance()))
    }
}

fn check_canvas(canvas: [usize; 2], channels: usize, batch: usize) -> Result<()> {
    for (side, name) in canvas.into_iter().zip(["height", "width"]) {
        if side > MAX_SIDE {
            return Err(Error::invalid(name, format!("at most {MAX_SIDE}"), side));
        }
    }
    let numbers = channels * canvas[0] * canvas[1];
    if batch.saturating_mul(numbers) > MAX_NUMBERS {
        let most = MAX_NUMBERS / numbers;
        let expected = format!("at most {most} for a canvas of this size");
        return Err(Error::invalid("batch", expected, batch));
    }
    Ok(())
}
