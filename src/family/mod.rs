//! The generative models of points that the lectures compare, all trained by one trainer.
//!
//! Each member is a module that implements [`Member`] (its computations) and [`Family`] (its name and options), and has
//! one line in the table [`MEMBERS`]. [`FamilyTrainer`] draws batches, detects divergence, saves and resumes;
//! [`FamilyOptions`] reads options from JSON. Queries that a member does not support return an error that names the
//! quantity.
//!
//! | model | file | source |
//! |---|---|---|
//! | diffusion with a fixed or learned variance | [`diffusion`] | Ho et al. 2020, <https://arxiv.org/abs/2006.11239>; Nichol & Dhariwal 2021, <https://arxiv.org/abs/2102.09672> |
//! | generative adversarial network | [`gan`] | Goodfellow et al. 2014, <https://arxiv.org/abs/1406.2661> |
//! | the Dirac-GAN, a GAN with two parameters | [`dirac_gan`] | Mescheder et al. 2018, <https://arxiv.org/abs/1801.04406> |
//! | normalizing flow of affine couplings | [`real_nvp`] | Dinh et al. 2017, <https://arxiv.org/abs/1605.08803> |
//! | normalizing flow of rational-quadratic splines | [`spline_flow`], [`rational_quadratic`] | Durkan et al. 2019, <https://arxiv.org/abs/1906.04032> |
//! | variational autoencoder | [`vae`] | Kingma & Welling 2014, <https://arxiv.org/abs/1312.6114> |
//! | energy-based model | [`energy`] | Tieleman 2008, <https://doi.org/10.1145/1390156.1390290> |
//! | score matching, annealed Langevin dynamics | [`score`] | Song & Ermon 2019, <https://arxiv.org/abs/1907.05600> |
//! | flow matching, optimal-transport pairing, reflow | [`flow_matching`] | Lipman et al. 2023, <https://arxiv.org/abs/2210.02747> |
//! | progressive distillation of diffusion | [`progressive`] | Salimans & Ho 2022, <https://arxiv.org/abs/2202.00512> |
//! | guidance by a classifier and without one | [`guidance`] | Dhariwal & Nichol 2021, <https://arxiv.org/abs/2105.05233>; Ho & Salimans 2022, <https://arxiv.org/abs/2207.12598> |
//! | fine-tuning of a diffusion model by low-rank adaptation | [`lora`] | Hu et al. 2022, <https://arxiv.org/abs/2106.09685> |
//! | consistency training and distillation | [`consistency`] | Song et al. 2023, <https://arxiv.org/abs/2303.01469> |
//!
//! | other fits | file |
//! |---|---|
//! | one Gaussian for a mixture by either direction of the KL divergence | [`kl`] |
//!
//! | shared code | file |
//! |---|---|
//! | automatic differentiation, including derivatives of gradients | [`graph`] |
//! | named parameters with their optimiser; perceptrons | [`Network`], `network.rs`; [`Dense`], `dense.rs` |
//! | perceptrons with a point and a time as inputs | `time_network.rs` |
//! | denoisers: noisy points for training, sampling and densities | `denoising.rs` |
//! | linear assignment; Runge–Kutta methods | [`assignment`]; [`ode`] |
//! | the trait of all members; batches and requests | `member.rs`, `request.rs` |
//! | common to both flows: layers, likelihood, positions after each layer | [`flow`], [`coupling`], `passage.rs` |
//! | options as JSON, presets | `options.rs` |
//! | mode coverage, divergences on a grid, the entropy of data sets | [`measure`], `entropy.rs` |
//! | the training loop; files | `trainer.rs`, `state.rs` |

pub mod assignment;
pub mod consistency;
pub mod coupling;
mod denoising;
mod dense;
pub mod diffusion;
pub mod dirac_gan;
pub mod energy;
mod entropy;
pub mod flow;
pub mod flow_matching;
pub mod gan;
pub mod graph;
pub mod guidance;
pub mod kl;
pub mod lora;
pub mod measure;
mod member;
mod network;
pub mod ode;
mod options;
mod passage;
pub mod progressive;
pub mod rational_quadratic;
pub mod real_nvp;
mod request;
pub mod score;
pub mod spline_flow;
mod state;
#[cfg(test)]
mod tests;
mod time_network;
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

/// All members, in menu order.
pub static MEMBERS: &[Registration] = &[
    Registration::of::<diffusion::Diffusion>(),
    Registration::of::<gan::Gan>(),
    Registration::of::<real_nvp::RealNvp>(),
    Registration::of::<spline_flow::SplineFlow>(),
    Registration::of::<vae::Vae>(),
    Registration::of::<energy::EnergyModel>(),
    Registration::of::<score::ScoreModel>(),
    Registration::of::<flow_matching::FlowMatching>(),
    Registration::of::<progressive::Progressive>(),
    Registration::of::<consistency::Consistency>(),
    Registration::of::<guidance::Guidance>(),
    Registration::of::<lora::Lora>(),
];
