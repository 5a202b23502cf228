//! Sampling methods, and the plan of each for a trajectory.

use super::probability_flow::{self, Coordinates, Solver};
use super::{
    Evaluation, Plan, Step, Trajectory, consistency, ddim, ddpm, deis, dormand_prince, dpm_solver,
    euler, ipndm, kdpm2, langevin, lms, pndm, reverse_sde, unipc,
};
use crate::{Error, Result};

/// A sampling method with its options.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// The ancestral sampler of DDPM, which draws from the posterior `q(x_s | x_t, x_0)`.
    Ddpm {
        /// Variance of the draw.
        variance: ddpm::Variance,
    },
    /// The non-Markovian sampler of DDIM.
    Ddim {
        /// Scales the noise added in each step: 0 is deterministic, 1 is the DDPM posterior.
        eta: f64,
        /// Noise estimate that carries over to the next level.
        noise_estimate: ddim::NoiseEstimate,
    },
    /// The deterministic flow with the same marginals as the diffusion.
    ProbabilityFlow {
        /// How the ordinary differential equation is integrated.
        solver: Solver,
    },
    /// The same flow with adaptive steps.
    DormandPrince(dormand_prince::Tolerance),
    /// Euler's method for the same flow.
    Euler,
    /// Euler's method to a lower level, followed by fresh noise.
    EulerAncestral,
    /// Heun's method for the same flow.
    Heun,
    /// The midpoint method, with the midpoint in the logarithm of the noise level.
    Kdpm2(kdpm2::Noise),
    /// Adams–Bashforth in `sigma/alpha`, exact for uneven steps.
    Lms {
        /// Number of slopes that a step combines, 1 to 4.
        order: usize,
    },
    /// Pseudo numerical methods: Adams–Bashforth slopes in DDIM's step.
    Pndm(pndm::Options),
    /// PNDM with Adams–Bashforth slopes of order up to 4 from the first step, without a Runge–Kutta start.
    Ipndm,
    /// Exponential integrators in the log-SNR.
    DpmSolver(dpm_solver::Options),
    /// Exponential integrators with polynomials in `ln(sigma/alpha)`.
    Deis(deis::Options),
    /// Predictor and corrector of one family, with one evaluation per step.
    UniPc(unipc::Options),
    /// The reverse-time stochastic differential equation.
    ReverseSde(reverse_sde::Options),
    /// Langevin dynamics at one noise level.
    Langevin {
        /// `epsilon`, the variance of each step's noise.
        step_size: f64,
    },
    /// Langevin dynamics at a decreasing sequence of noise levels.
    AnnealedLangevin(langevin::Annealing),
    /// Multistep consistency sampling: the model's estimate of `x_0`, with fresh noise added back.
    Consistency(consistency::Options),
}

impl Method {
    /// Name in JavaScript and in the documentation.
    pub fn name(&self) -> &'static str {
        use dpm_solver::Target;
        use reverse_sde::Predictor;
        match self {
            Self::Ddpm { .. } => "ddpm",
            Self::Ddim { .. } => "ddim",
            Self::ProbabilityFlow { .. } => "probability-flow",
            Self::DormandPrince(_) => "dormand-prince",
            Self::Euler => "euler",
            Self::EulerAncestral => "euler-ancestral",
            Self::Heun => "heun",
            Self::Kdpm2(kdpm2::Noise::None) => "kdpm2",
            Self::Kdpm2(kdpm2::Noise::Ancestral) => "kdpm2-ancestral",
            Self::Lms { .. } => "lms",
            Self::Pndm(_) => "pndm",
            Self::Ipndm => "ipndm",
            Self::DpmSolver(options) => match options.target {
                Target::Noise => "dpm-solver",
                Target::Clean => "dpm-solver++",
            },
            Self::Deis(_) => "deis",
            Self::UniPc(_) => "unipc",
            Self::ReverseSde(options) => match (options.corrector, options.predictor) {
                (Some(_), _) => "predictor-corrector",
                (None, Predictor::EulerMaruyama) => "euler-maruyama",
                (None, Predictor::ReverseDiffusion) => "reverse-diffusion",
                (None, Predictor::Ancestral) => "ancestral",
            },
            Self::Langevin { .. } => "langevin",
            Self::AnnealedLangevin(_) => "annealed-langevin",
            Self::Consistency(_) => "consistency",
        }
    }

    /// The plan of the method for a trajectory.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option outside its range, and for a trajectory with fewer steps than the method
    /// needs; [`Error::NonFinite`] where the noise levels lead to factors that are not finite in `f32`.
    pub fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        if trajectory.remaining().is_empty() {
            return Err(Error::invalid("steps", "at least 1", 0));
        }
        let steps = trajectory.remaining();
        let flow = |solver| {
            let coordinates = Coordinates::of(&trajectory.process);
            probability_flow::evaluations(steps, solver, &trajectory.process, coordinates)
        };
        let evaluations = match self {
            Self::DormandPrince(tolerance) => {
                let integration =
                    dormand_prince::Integration::new(steps, &trajectory.process, *tolerance)?;
                return Ok(Plan::Adaptive(integration));
            }
            Self::Ddpm { variance } => ddpm::evaluations(steps, *variance),
            Self::Ddim {
                eta,
                noise_estimate,
            } => {
                if !(eta.is_finite() && *eta >= 0.0) {
                    return Err(Error::invalid("eta", "a number of at least 0", eta));
                }
                ddim::evaluations(steps, *eta, *noise_estimate)
            }
            Self::ProbabilityFlow { solver } => flow(*solver),
            Self::Euler => single(steps, euler::euler),
            Self::EulerAncestral => single(steps, euler::ancestral),
            Self::Heun => flow(Solver::Heun),
            Self::Kdpm2(noise) => kdpm2::evaluations(trajectory, *noise),
            Self::Lms { order } => lms::evaluations(trajectory, *order)?,
            Self::Pndm(options) => pndm::evaluations(trajectory, options)?,
            Self::Ipndm => ipndm::evaluations(trajectory),
            Self::DpmSolver(options) => dpm_solver::evaluations(trajectory, options)?,
            Self::Deis(options) => deis::evaluations(trajectory, options)?,
            Self::UniPc(options) => unipc::evaluations(trajectory, options)?,
            Self::ReverseSde(options) => reverse_sde::evaluations(trajectory, options)?,
            Self::Langevin { step_size } => langevin::evaluations(trajectory, *step_size)?,
            Self::AnnealedLangevin(annealing) => langevin::annealed(trajectory, annealing)?,
            Self::Consistency(options) => consistency::evaluations(trajectory, options),
        };
        Plan::Fixed(evaluations).check()
    }
}

/// One evaluation per step.
fn single(steps: &[Step], update: fn(Step) -> super::Combination) -> Vec<Evaluation> {
    let evaluation = |step: &Step| Evaluation::new(step.from, update(*step));
    steps.iter().map(evaluation).collect()
}
