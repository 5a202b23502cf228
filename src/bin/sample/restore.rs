//! `sample --restore`: images that an observation may come from.

use std::path::PathBuf;

use clap::Args;
use tweedie::pipeline::{Restoration, RestoreOptions};
use tweedie::{Error, Pipeline, Result, SampleOptions, cli};

#[derive(Args, Debug)]
#[command(next_help_heading = "Restoration")]
pub struct RestoreArguments {
    /// Restore the picture in this file, an observation of the size that the operator gives
    #[arg(long, value_name = "FILE")]
    restore: Option<PathBuf>,
    /// What the picture lacks: inpaint:mask=FILE (hidden pixels are black), downsample:factor=N, blur:sigma=S,
    /// motion-blur:length=L,angle=A, grey, crop:top=T,left=L,height=H,width=W, quantise:levels=N
    #[arg(long, value_name = "NAME:OPTIONS", requires = "restore")]
    operator: Option<String>,
    /// Method: pigdm, dps:step_size=Z, ddrm:eta=E, repaint:jump_length=J,jump_samples=R,eta=E or replacement [default: pigdm, and dps
    /// for quantise]
    #[arg(long, value_name = "NAME:OPTIONS", requires = "restore")]
    method: Option<String>,
    /// Standard deviation of the noise of the observation, in units of [−1, 1]
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.0,
        requires = "restore"
    )]
    noise: f64,
    /// The file holds a whole picture: apply the operator and the noise to it first
    #[arg(long, requires = "restore")]
    degrade: bool,
}

impl RestoreArguments {
    /// The restoration, or `None` without `--restore`.
    pub fn start(&self, pipeline: &Pipeline, sample: SampleOptions) -> Result<Option<Restoration>> {
        let Some(file) = &self.restore else {
            return Ok(None);
        };
        let missing = || Error::invalid("operator", "given with --restore", "nothing");
        let degradation = cli::degradation(self.operator.as_deref().ok_or_else(missing)?)?;
        let [height, width] = pipeline.sample_size();
        let black = vec![-1.0; pipeline.channels() * height * width];
        let [_, channels, ..] = pipeline.observe(&black, &degradation, 0.0, 0)?.dims();
        let (mut values, _) = if self.degrade {
            cli::picture(file, pipeline.channels())?
        } else {
            cli::picture(file, channels)?
        };
        if self.degrade {
            let observed = pipeline.observe(&values, &degradation, self.noise, sample.seed)?;
            values = observed.into_data().iter().collect();
        }
        let method = self.method.as_deref().map(cli::restore_method);
        let options = RestoreOptions {
            method: method.transpose()?,
            noise: self.noise,
            sample,
            ..RestoreOptions::new(degradation)
        };
        pipeline.restore(&values, &options).map(Some)
    }
}
