//! The family.
pub mod graph;
