//! Generative models of points of every kind that the lectures compare, under one trainer.
//!
//! A member is one file: it implements [`Member`] (what it computes) and [`Family`] (how it is named and configured), and has one line in the table [`MEMBERS`].
//! [`FamilyTrainer`] draws batches, watches for divergence, saves and resumes; [`FamilyOptions`] reads options as JSON. What a member cannot compute, it says by name.
//!
//! | model | file | source |
//! |---|---|---|
//! | generative adversarial network | `gan.rs`, `gan/` | Goodfellow et al. 2014, <https://arxiv.org/abs/1406.2661> |
//!
//! | what they share | file |
//! |---|---|
//! | automatic differentiation, also of gradients | [`graph`] |
//! | named weights with their optimiser; perceptrons | [`Network`], `network.rs`; [`Dense`], `dense.rs` |
//! | the trait of a member; what it is given | `member.rs`, `request.rs` |
//! | options as JSON, presets | `options.rs` |
//! | the loop; files | `trainer.rs`, `state.rs` |

mod dense;
pub mod graph;
mod member;
mod network;
mod options;
mod request;
mod state;
mod trainer;

pub use dense::{Activation, Dense};
pub use member::{Capabilities, Family, Losses, Member, Plan};
pub use network::Network;
pub use options::{
    FamilyOptions, MAX_BATCH, MAX_DEPTH, MAX_STEPS, MAX_WIDTH, Registration, check_network, sizes,
    within,
};
pub use request::{Batch, DIMENSIONS, MAX_SAMPLES, SampleRequest, check_points};
pub use state::load;
pub use trainer::FamilyTrainer;

/// All kinds of members, in the order of menus.
pub static MEMBERS: &[Registration] = &[];
