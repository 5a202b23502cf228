//! Samplers: one method per file, and one resumable loop that runs all of them.
//!
//! A step goes from a noise level `(alpha, sigma)` to a less noisy one `(alpha', sigma')`. The next sample is a linear
//! combination whose factors, a [`Combination`], depend only on the levels. Multistep methods and methods with several
//! evaluations per step are lists of [evaluations](Evaluation). One loop, [`Sampling`], runs them all.
//!
//! | method | file | source |
//! |---|---|---|
//! | DDPM, the ancestral sampler | `ddpm.rs` | Ho, Jain & Abbeel 2020, <https://arxiv.org/abs/2006.11239> |
//! | DDIM | `ddim.rs` | Song, Meng & Ermon 2021, <https://arxiv.org/abs/2010.02502> |
//! | DDIM inversion | `ddim_inversion.rs` | the same, section 4.3 |
//! | probability-flow ODE: Euler, Heun, RK4 | `probability_flow.rs`, `runge_kutta.rs` | Song et al. 2021, <https://arxiv.org/abs/2011.13456> |
//! | probability-flow ODE with adaptive steps | `dormand_prince.rs` | Dormand & Prince 1980 |
//! | Heun | `heun.rs` | Karras et al. 2022, algorithm 1 |
//! | Euler, Euler ancestral | `euler.rs` | Karras et al. 2022, <https://arxiv.org/abs/2206.00364> |
//! | KDPM2, KDPM2 ancestral | `kdpm2.rs` | Karras et al. 2022, algorithm 2 |
//! | LMS | `lms.rs` | Bashforth & Adams 1883 |
//! | PNDM, PLMS | `pndm.rs` | Liu et al. 2022, <https://arxiv.org/abs/2202.09778> |
//! | IPNDM | `ipndm.rs` | Zhang & Chen 2023, <https://arxiv.org/abs/2204.13902> |
//! | DPM-Solver, DPM-Solver++ and their SDE variants | `dpm_solver.rs` | Lu et al. 2022, <https://arxiv.org/abs/2206.00927>, <https://arxiv.org/abs/2211.01095> |
//! | DEIS | `deis.rs` | Zhang & Chen 2023, <https://arxiv.org/abs/2204.13902> |
//! | UniPC | `unipc.rs` | Zhao et al. 2023, <https://arxiv.org/abs/2302.04867> |
//! | reverse-time SDE: Euler–Maruyama, reverse diffusion, ancestral; predictor–corrector | `reverse_sde.rs` | Song et al. 2021, <https://arxiv.org/abs/2011.13456> |
//! | Langevin dynamics, annealed | `langevin.rs` | Song & Ermon 2019, <https://arxiv.org/abs/1907.05600> |
//! | consistency models, multistep | `consistency.rs` | Song et al. 2023, <https://arxiv.org/abs/2303.01469> |

pub mod catalog;
mod clipping;
mod combination;
pub mod consistency;
pub mod ddim;
pub mod ddim_inversion;
pub mod ddpm;
pub mod deis;
pub mod dormand_prince;
pub mod dpm_solver;
pub mod euler;
pub mod heun;
pub mod ipndm;
pub mod kdpm2;
mod lagrange;
pub mod langevin;
pub mod lms;
mod method;
mod plan;
pub mod pndm;
pub mod probability_flow;
pub mod reverse_sde;
mod run;
pub mod runge_kutta;
mod sampling;
mod step;
mod trajectory;
pub mod unipc;

pub use clipping::Clipping;
pub use combination::{Combination, MAX_HISTORY};
pub use ddim::Ddim;
pub use ddpm::Ddpm;
pub use euler::{Euler, EulerAncestral};
pub use heun::Heun;
pub use ipndm::Ipndm;
pub use langevin::Langevin;
pub use lms::Lms;
pub use probability_flow::ProbabilityFlow;

pub use method::SamplingMethod;
pub use plan::{Correction, Evaluation, Plan};
pub use run::Run;
pub use sampling::{Progress, Sampling, Terms, Update};
pub use step::Step;
pub(crate) use trajectory::MAX_STEPS;
pub use trajectory::Trajectory;

use crate::Result;
use catalog::{Entry, OptionValue, concat};

// Every sampler, in the order of the documentation. The catalog, the enum and all names follow from this list.
method::samplers! {
    /// The ancestral sampler of DDPM, which draws from the posterior `q(x_s | x_t, x_0)`.
    Ddpm(ddpm::Ddpm),
    /// The non-Markovian sampler of DDIM.
    Ddim(ddim::Ddim),
    /// The deterministic flow with the same marginals as the diffusion.
    ProbabilityFlow(probability_flow::ProbabilityFlow),
    /// The same flow with adaptive steps.
    DormandPrince(dormand_prince::Tolerance),
    /// Euler's method for the same flow.
    Euler(euler::Euler),
    /// Euler's method to a lower level, followed by fresh noise.
    EulerAncestral(euler::EulerAncestral),
    /// Heun's method for the same flow.
    Heun(heun::Heun),
    /// The midpoint method, with the midpoint in the logarithm of the noise level.
    Kdpm2(kdpm2::Noise),
    /// Adams–Bashforth in `sigma/alpha`, exact for uneven steps.
    Lms(lms::Lms),
    /// Pseudo numerical methods: Adams–Bashforth slopes in DDIM's step.
    Pndm(pndm::Options),
    /// PNDM with Adams–Bashforth slopes of order up to 4 from the first step, without a Runge–Kutta start.
    Ipndm(ipndm::Ipndm),
    /// Exponential integrators in the log-SNR.
    DpmSolver(dpm_solver::Options),
    /// Exponential integrators with polynomials in `ln(sigma/alpha)`.
    Deis(deis::Options),
    /// Predictor and corrector of one family, with one evaluation per step.
    UniPc(unipc::Options),
    /// The reverse-time stochastic differential equation.
    ReverseSde(reverse_sde::Options),
    /// Langevin dynamics at one noise level.
    Langevin(langevin::Langevin),
    /// Langevin dynamics at a decreasing sequence of noise levels.
    AnnealedLangevin(langevin::Annealing),
    /// Multistep consistency sampling: the model's estimate of `x_0`, with fresh noise added back.
    Consistency(consistency::Options),
}
