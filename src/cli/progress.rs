//! Progress bars.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `length` by one of indicatif's templates.
pub fn progress_bar(length: usize, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
