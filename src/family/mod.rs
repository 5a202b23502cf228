//! Generative models of points of every kind that the lectures compare, under one trainer.
//!
//! A member is one file: it implements [`Member`] (what it computes) and [`Family`] (how it is named and configured), and has one line in the table [`MEMBERS`].
//! [`FamilyTrainer`] draws batches, watches for divergence, saves and resumes; [`FamilyOptions`] reads options as JSON. What a member cannot compute, it says by name.
//!
//! | model | file | source |
//! |---|---|---|
//! | generative adversarial network | [`gan`] | Goodfellow et al. 2014, <https://arxiv.org/abs/1406.2661> |
//! | the Dirac-GAN, whose training can be drawn | [`dirac_gan`] | Mescheder et al. 2018, <https://arxiv.org/abs/1801.04406> |
//! | variational autoencoder | [`vae`] | Kingma & Welling 2014, <https://arxiv.org/abs/1312.6114> |
//! | energy-based model | [`energy`] | Tieleman 2008, <https://doi.org/10.1145/1390156.1390290> |
//!
//! | fits beside them | file |
//! |---|---|
//! | one Gaussian for a mixture by either direction of the KL divergence | [`kl`] |
//!
//! | what they share | file |
//! |---|---|
//! | automatic differentiation, also of gradients | [`graph`] |
//! | named weights with their optimiser; perceptrons | [`Network`], `network.rs`; [`Dense`], `dense.rs` |
//! | the trait of a member; what it is given | `member.rs`, `request.rs` |
//! | options as JSON, presets | `options.rs` |
//! | modes that samples cover, divergences on a grid | [`measure`] |
//! | the loop; files | `trainer.rs`, `state.rs` |

mod dense;
pub mod dirac_gan;
pub mod energy;
pub mod gan;
pub mod graph;
pub mod kl;
pub mod measure;
mod member;
mod network;
mod options;
mod request;
mod state;
#[cfg(test)]
mod tests;
mod trainer;
pub mod vae;

pub use dense::{Activation, Dense};
pub use member::{Capabilities, Family, Losses, Member, Plan};
pub use network::Network;
pub use options::{
    FamilyOptions, MAX_BATCH, MAX_DEPTH, MAX_STEPS, MAX_WIDTH, Registration, check_network, sizes,
    within,
};
pub use request::{Batch, DIMENSIONS, MAX_SAMPLES, SampleRequest, check_latents, check_points};
pub use state::load;
pub use trainer::FamilyTrainer;

/// All kinds of members, in the order of menus.
pub static MEMBERS: &[Registration] = &[
    Registration::of::<gan::Gan>(),
    Registration::of::<vae::Vae>(),
    Registration::of::<energy::EnergyModel>(),
];
