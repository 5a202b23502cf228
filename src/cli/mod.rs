//! What the native programs share.

mod grid;

pub use grid::Picture;
