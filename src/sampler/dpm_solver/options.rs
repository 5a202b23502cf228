//! Options of DPM-Solver and DPM-Solver++.

use super::{ends_clean, evaluations};
use crate::diffusion::NoiseLevel;
use crate::sampler::catalog::{
    Domain, Entry, LOWER_ORDER_FINAL, OptionValue, Parameter, flags, words,
};
use crate::sampler::{Combination, Plan, SamplingMethod, Trajectory};
use crate::{Error, Result};

/// The quantity that is approximated by a polynomial in the log-SNR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The noise `eps_hat`: DPM-Solver (Lu et al. 2022a, <https://arxiv.org/abs/2206.00927>).
    Noise,
    /// The clean sample `x0_hat`: DPM-Solver++ (Lu et al. 2022b, <https://arxiv.org/abs/2211.01095>).
    Clean,
}

impl Target {
    /// The estimate that an evaluation at this level records.
    pub(in crate::sampler) fn estimate(self, level: NoiseLevel) -> Combination {
        match self {
            Self::Noise => Combination::noise_estimate(level),
            Self::Clean => Combination::CLEAN,
        }
    }
}

/// Where the evaluations of a step take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One evaluation per step; earlier evaluations are reused.
    Multistep,
    /// Up to three evaluations per step, which are not reused.
    Singlestep,
}

/// Approximation of the derivative at second order; in singlestep mode also at third order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolverType {
    /// `"midpoint"`: half of the first coefficient (Lu et al. 2022b, algorithms 1 and 2).
    Midpoint,
    /// `"heun"`: the coefficient of the Taylor expansion.
    Heun,
}

/// The equation that is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equation {
    /// The probability-flow ODE.
    Ode,
    /// The reverse-time SDE: the variants `sde-` (Lu et al. 2022b, section 5).
    Sde,
}

/// Options of DPM-Solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Order, 1 to 3.
    pub order: usize,
    /// `algorithm_type`, with and without `++`
    pub target: Target,
    /// `algorithm_type`, with and without `sde-`
    pub equation: Equation,
    /// Selects one of diffusers' two schedulers.
    pub mode: Mode,
    /// `solver_type`
    pub solver_type: SolverType,
    /// Multistep: whether the order is lowered in the last two steps of a run with fewer than 15. Singlestep: whether
    /// lower orders fill up a number of steps that is not a multiple of the order.
    pub lower_order_final: bool,
    /// Whether the last step is of order 1.
    pub euler_at_final: bool,
}

impl Default for Options {
    /// DPM-Solver++(2M), as in diffusers.
    fn default() -> Self {
        Self {
            order: 2,
            target: Target::Clean,
            equation: Equation::Ode,
            mode: Mode::Multistep,
            solver_type: SolverType::Midpoint,
            lower_order_final: true,
            euler_at_final: false,
        }
    }
}

flags!(Target { Noise, Clean });
flags!(Equation { Ode, Sde });
words!(Mode {
    Multistep = "multistep",
    Singlestep = "singlestep",
});
words!(SolverType {
    Midpoint = "midpoint",
    Heun = "heun",
});

const OPTIONS: &[Parameter] = &[
    Parameter::order(3, 2),
    Parameter::new(
        "mode",
        "Mode",
        "Multistep: one evaluation per step, reusing previous ones. Singlestep: up to as many evaluations per step as the order.",
        Domain::choice(Mode::WORDS, "multistep"),
    ),
    Parameter::new(
        "solver_type",
        "Second-order form",
        "Approximation of the derivative at second order.",
        Domain::choice(SolverType::WORDS, "midpoint"),
    ),
    Parameter::new(
        "stochastic",
        "Stochastic",
        "Solves the reverse-time SDE instead of the ODE.",
        Domain::flag(false),
    ),
    LOWER_ORDER_FINAL,
    Parameter::new(
        "euler_at_final",
        "Euler at the end",
        "Uses order one in the last step.",
        Domain::flag(false),
    ),
];

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[
        Entry::new(
            "dpm-solver",
            "DPM-Solver",
            ["Lu et al. 2022", "https://arxiv.org/abs/2206.00927"],
        )
        .with(OPTIONS),
        Entry::new(
            "dpm-solver++",
            "DPM-Solver++",
            ["Lu et al. 2022", "https://arxiv.org/abs/2211.01095"],
        )
        .with(OPTIONS),
    ];

    fn name(&self) -> &'static str {
        match self.target {
            Target::Noise => "dpm-solver",
            Target::Clean => "dpm-solver++",
        }
    }

    /// The equation of a checkpoint's scheduler is that of its own target alone.
    fn select(&mut self, name: &str) {
        let target = match name {
            "dpm-solver" => Target::Noise,
            _ => Target::Clean,
        };
        if self.target != target {
            self.equation = Equation::Ode;
        }
        self.target = target;
    }

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        Some(match name {
            "order" => &mut self.order,
            "mode" => &mut self.mode,
            "solver_type" => &mut self.solver_type,
            "stochastic" => &mut self.equation,
            "lower_order_final" => &mut self.lower_order_final,
            "euler_at_final" => &mut self.euler_at_final,
            _ => return None,
        })
    }

    fn scheduler(&self) -> Option<&'static str> {
        Some(match self.mode {
            Mode::Multistep => "DPMSolverMultistepScheduler",
            Mode::Singlestep => "DPMSolverSinglestepScheduler",
        })
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        evaluations(trajectory, self).map(Plan::from)
    }
}

impl Options {
    pub(super) fn check(&self, trajectory: &Trajectory) -> Result<()> {
        if !(1..=3).contains(&self.order) {
            return Err(Error::invalid("order", "1, 2 or 3", self.order));
        }
        let noise_sde = self.target == Target::Noise && self.equation == Equation::Sde;
        if noise_sde && self.order == 3 {
            let expected =
                "1 or 2 for the SDE in the noise; the SDE in the clean sample supports 3";
            return Err(Error::invalid("order", expected, self.order));
        }
        if noise_sde && self.mode == Mode::Singlestep {
            let expected =
                "multistep for the SDE in the noise; the SDE in the clean sample supports both";
            return Err(Error::invalid("mode", expected, self.mode));
        }
        if self.target == Target::Noise && ends_clean(trajectory) {
            let expected = "sigma_min for dpm-solver: its log-SNR must stay finite; dpm-solver++ can end at zero";
            return Err(Error::invalid("final_sigma", expected, "zero"));
        }
        match self.target {
            Target::Noise => trajectory.needs_signal(),
            Target::Clean => Ok(()),
        }
    }
}
