//! Class labels on the command line.

use crate::{Error, Pipeline, Result};

/// A class label for each of `count` images; the given classes, each a name or a number, are repeated in turn. Empty
/// without classes.
///
/// # Errors
/// [`Error::InvalidOption`] for a value that is neither the name nor the number of a class.
pub fn class_labels(pipeline: &Pipeline, classes: &[String], count: usize) -> Result<Vec<usize>> {
    let read = |class: &String| {
        let mut names = pipeline.labels().unwrap_or_default().iter();
        let named = names.position(|name| name == class.trim());
        let number = class.trim().parse().ok();
        let number = number.filter(|number| *number < pipeline.class_count());
        named.or(number).ok_or_else(|| {
            let expected = match (pipeline.labels(), pipeline.class_count()) {
                (_, 0) => "left out: the model has no classes".to_owned(),
                (Some(names), last) => format!("one of {}, or 0 to {}", names.join(", "), last - 1),
                (None, last) => format!("0 to {}", last - 1),
            };
            Error::invalid("class_labels", expected, class)
        })
    };
    let classes: Vec<usize> = classes.iter().map(read).collect::<Result<_>>()?;
    Ok(classes.into_iter().cycle().take(count).collect())
}
