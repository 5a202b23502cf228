//! How good a model of images is: distances in the feature space of a classifier that is trained on the same data.
//!
//! | what | where |
//! |---|---|
//! | the data, and what is held out of them | [`Data`], `data.rs` |
//! | a small convolutional classifier | [`Classifier`], `classifier.rs` |
//! | the space of its features: trained, saved, read | [`FeatureSpace`], `feature_space.rs` |
//! | Fréchet distance, precision and recall in it | [`Reference`], `reference.rs` |
//! | what is sampled, and how | [`Row`], `row.rs` |
//! | many samples in batches | [`sample_images`], `sampling.rs` |
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
