//! Quality of image models: distances in the feature space of a classifier trained on the same data.
//!
//! | topic | item, file |
//! |---|---|
//! | training and held-out data | [`Data`], `data.rs` |
//! | a small convolutional classifier | [`Classifier`], `classifier.rs` |
//! | its feature space | [`FeatureSpace`], `feature_space.rs` |
//! | Fréchet distance, precision and recall in feature space | [`Reference`], `reference.rs` |
//! | sampler, options and sample count of a table row | [`Row`], `row.rs` |
//! | sampling in batches | [`sample_images`], `sampling.rs` |
//! | tables in Markdown and CSV | [`Table`], `table.rs` |

mod classifier;
mod data;
mod feature_space;
mod reference;
mod row;
mod sampling;
mod table;

pub use classifier::{Classifier, FEATURES, ImageKind};
pub use data::Data;
pub use feature_space::{About, FeatureSpace, Training};
pub use reference::{Comparison, Reference};
pub use row::{Row, labels_of};
pub use sampling::{Request, SampledImages, sample_images};
pub use table::Table;
