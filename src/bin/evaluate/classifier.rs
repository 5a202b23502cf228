//! Loading or training of the classifier.

use std::path::Path;

use tweedie::checkpoint::write_folder;
use tweedie::cli::progress_bar;
use tweedie::evaluation::{Data, FeatureSpace, Training};
use tweedie::{Error, Result};

use crate::arguments::Arguments;

/// Reads the classifier, so that evaluations share one feature space; trains and writes it if there is none.
///
/// # Errors
/// [`Error::InvalidOption`] where the file's classifier was trained on other images.
pub fn feature_space(arguments: &Arguments, data: &Data) -> Result<FeatureSpace> {
    let (path, device) = (arguments.classifier(), arguments.device.open());
    let name = path.display().to_string();
    if path.exists() {
        let bytes = std::fs::read(&path).map_err(|error| Error::malformed(&name, error))?;
        let space = FeatureSpace::from_bytes(&bytes, &device);
        let space = space.map_err(|error| Error::malformed(&name, error))?;
        if space.about().checksum != data.checksum() {
            let expected =
                "a classifier trained on these images; to train a new one, name another file";
            return Err(Error::invalid("--classifier", expected, name));
        }
        return Ok(space);
    }
    let training = Training {
        steps: arguments.classifier_steps,
        seed: arguments.seed,
        ..Training::default()
    };
    let template = "classifier {bar:30} {pos}/{len} steps, {msg}, {eta} left";
    let bar = progress_bar(training.steps, template);
    let space = FeatureSpace::train(data, &training, &device, |step, loss| {
        bar.set_message(format!("loss {loss:.3}"));
        bar.set_position(step as u64);
    })?;
    bar.finish_and_clear();
    write_folder(Path::new(""), [(name, space.to_bytes()?)])?;
    Ok(space)
}
