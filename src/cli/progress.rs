//! Progress bars.

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar of `length` with an indicatif template.
pub fn progress_bar(length: usize, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
