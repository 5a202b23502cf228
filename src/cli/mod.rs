//! Code shared by the native programs.

mod arguments;
mod classes;
mod device;
mod grid;
mod image_size;
mod images;
mod progress;
mod restoration;
mod text_options;

pub use arguments::{finite, in_arguments, sampler, with_samplers};
pub use classes::class_labels;
pub use device::DeviceKind;
pub use grid::Picture;
pub use image_size::ImageSize;
pub use images::read_images;
pub use progress::progress_bar;
pub use restoration::{degradation, picture, restore_method};
pub use text_options::TextOptions;
