//! Operators and methods of restoration on the command line.

use std::path::Path;

use crate::dataset::images::ImageData;
use crate::pipeline::{RePaintOptions, RestoreMethod};
use crate::restore::{Degradation, METHODS, OPERATORS};
use crate::{Error, Result};

/// A name with options, `NAME[:option=value,…]`.
struct Named<'a> {
    argument: &'static str,
    name: &'a str,
    options: Vec<(&'a str, &'a str)>,
}

impl<'a> Named<'a> {
    fn parse(argument: &'static str, text: &'a str) -> Result<Self> {
        let (name, options) = text.split_once(':').unwrap_or((text, ""));
        let option = |part: &'a str| {
            let wrong = || Error::invalid(argument, "of the form NAME:option=value,…", text);
            part.split_once('=').ok_or_else(wrong)
        };
        let options = options.split(',').filter(|part| !part.is_empty());
        Ok(Self {
            argument,
            name,
            options: options.map(option).collect::<Result<_>>()?,
        })
    }

    fn text(&mut self, name: &str) -> Option<&'a str> {
        let same = |(own, _): &(&str, &str)| own.replace('-', "_") == name;
        let index = self.options.iter().position(same)?;
        Some(self.options.remove(index).1)
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong = |_| Error::invalid(format!("{}.{name}", self.argument), "a number", text);
        text.parse().map(Some).map_err(wrong)
    }

    fn required<T: std::str::FromStr>(&mut self, name: &str) -> Result<T> {
        let number = self.number(name)?;
        let missing = || {
            let name = format!("{}.{name}", self.argument);
            Error::invalid(name, "given, as in NAME:option=value", "nothing")
        };
        number.ok_or_else(missing)
    }

    fn finish<T>(self, value: T) -> Result<T> {
        match self.options.first() {
            None => Ok(value),
            Some((option, _)) => {
                let expected = format!("an option of {}", self.name);
                Err(Error::invalid(self.argument, expected, option))
            }
        }
    }
}

/// Reads an operator: `downsample:factor=4`, `inpaint:mask=FILE` with hidden pixels in black, `blur:sigma=2`,
/// `motion-blur:length=7,angle=30`, `grey`, `crop:top=0,left=0,height=14,width=28`, `quantise:levels=4`.
///
/// # Errors
/// [`Error::InvalidOption`] names the option, and those of the file of a mask.
pub fn degradation(text: &str) -> Result<Degradation> {
    let mut named = Named::parse("operator", text)?;
    let degradation = match named.name {
        "inpaint" => {
            let file = named.text("mask");
            let missing =
                || Error::invalid("operator.mask", "given: the file of a picture", "nothing");
            let mask = picture(Path::new(file.ok_or_else(missing)?), 1)?.0;
            let known = |value: f32| f32::from(value >= 0.0);
            Degradation::Inpaint {
                mask: mask.into_iter().map(known).collect(),
            }
        }
        "downsample" => Degradation::Downsample {
            factor: named.required("factor")?,
        },
        "blur" => Degradation::Blur {
            std: named.required("sigma")?,
        },
        "motion-blur" => Degradation::MotionBlur {
            length: named.required("length")?,
            angle: named.number("angle")?.unwrap_or(0.0),
        },
        "grey" => Degradation::Grey,
        "crop" => Degradation::Crop {
            corner: [named.required("top")?, named.required("left")?],
            size: [named.required("height")?, named.required("width")?],
        },
        "quantise" => Degradation::Quantise {
            levels: named.required("levels")?,
        },
        other => {
            // Matrices have no text form.
            let names = OPERATORS.map(|entry| entry.name);
            let names = names.into_iter().filter(|name| *name != "linear");
            let expected = format!("one of {}", names.collect::<Vec<_>>().join(", "));
            return Err(Error::invalid("operator", expected, other));
        }
    };
    named.finish(degradation)
}

/// Reads a method: `pigdm`, `dps:step_size=100`, `ddrm:eta=0.85`, `repaint:jump_length=10,jump_samples=5,eta=1`,
/// `replacement`.
///
/// # Errors
/// [`Error::InvalidOption`] names the option.
pub fn restore_method(text: &str) -> Result<RestoreMethod> {
    let mut named = Named::parse("method", text)?;
    let Some(method) = RestoreMethod::from_name(named.name) else {
        let names = METHODS.map(|entry| entry.name).join(", ");
        return Err(Error::invalid(
            "method",
            format!("one of {names}"),
            named.name,
        ));
    };
    let method = match method {
        RestoreMethod::Dps { step_size } => RestoreMethod::Dps {
            step_size: named.number("step_size")?.unwrap_or(step_size),
        },
        RestoreMethod::Ddrm { eta } => RestoreMethod::Ddrm {
            eta: named.number("eta")?.unwrap_or(eta),
        },
        RestoreMethod::RePaint(own) => RestoreMethod::RePaint(RePaintOptions {
            jump_length: named.number("jump_length")?.unwrap_or(own.jump_length),
            jump_samples: named.number("jump_samples")?.unwrap_or(own.jump_samples),
            eta: named.number("eta")?,
        }),
        other => other,
    };
    named.finish(method)
}

/// Reads a PNG, JPEG or WebP file: `[channels, height, width]` with values in [−1, 1], and height and width.
///
/// # Errors
/// [`Error::MalformedFile`] names the file and the problem.
pub fn picture(path: &Path, channels: usize) -> Result<(Vec<f32>, [usize; 2])> {
    let image = ImageData::read_picture(path)?;
    Ok((image.samples(channels)?.values().to_vec(), image.size()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_methods_are_read_from_text() {
        let method = |text| restore_method(text).unwrap();
        assert_eq!(method("pigdm"), RestoreMethod::PiGdm);
        let step_size = 2.5;
        assert_eq!(
            method("dps:step-size=2.5"),
            RestoreMethod::Dps { step_size }
        );
        let repaint = RePaintOptions {
            jump_samples: 3,
            eta: Some(1.0),
            ..RePaintOptions::default()
        };
        let text = "repaint:jump_samples=3,eta=1";
        assert_eq!(method(text), RestoreMethod::RePaint(repaint));
        let crop = degradation("crop:top=1,left=2,height=3,width=4").unwrap();
        assert_eq!(format!("{crop:?}"), "Crop { corner: [1, 2], size: [3, 4] }");
        let grey = degradation("grey").unwrap();
        assert_eq!(grey.name(), "grey");
    }

    #[test]
    fn wrong_text_is_refused_by_the_name_of_the_option() {
        let operator = |text| degradation(text).unwrap_err().to_string();
        assert!(operator("smear").starts_with("operator must be one of inpaint"));
        assert!(operator("downsample").starts_with("operator.factor must be given"));
        assert!(operator("downsample:factor=two").starts_with("operator.factor must be a number"));
        assert!(operator("grey:factor=2").contains("an option of grey"));
        assert!(operator("blur:2").contains("NAME:option=value"));
        assert!(operator("inpaint").starts_with("operator.mask must be given"));
        let method = restore_method("dpss").unwrap_err().to_string();
        assert!(
            method.starts_with("method must be one of pigdm"),
            "{method}"
        );
    }
}
