//! The values of a method's options, by the names of the catalog.

use crate::sampler::dpm_solver::{Equation, Mode, SolverType, Target};
use crate::sampler::pndm::WarmUp;
use crate::sampler::probability_flow::Solver;
use crate::sampler::reverse_sde::Predictor;
use crate::sampler::unipc::Variant;
use crate::sampler::{Method, ddim, dpm_solver, reverse_sde, unipc};

/// Value of an option, in its [`Domain`](super::Domain).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A Boolean.
    Flag(bool),
    /// A word, as in JavaScript.
    Word(&'static str),
    /// An integer.
    Whole(usize),
    /// A number.
    Number(f64),
}

impl Method {
    /// The value of the option with this name in the catalog; `None` where the method has no such option.
    pub fn option(&self, name: &str) -> Option<Value> {
        Some(match (self, name) {
            (Self::Ddim { eta, .. }, "eta") => Value::Number(*eta),
            (Self::Ddim { noise_estimate, .. }, "use_clipped_model_output") => {
                Value::Flag(*noise_estimate == ddim::NoiseEstimate::Rederived)
            }
            (Self::ProbabilityFlow { solver }, "solver") => Value::Word(match solver {
                Solver::Euler => "euler",
                Solver::Heun => "heun",
                Solver::RungeKutta4 => "rk4",
            }),
            (Self::DormandPrince(tolerance), "absolute_tolerance") => {
                Value::Number(tolerance.absolute)
            }
            (Self::DormandPrince(tolerance), "relative_tolerance") => {
                Value::Number(tolerance.relative)
            }
            (Self::DormandPrince(tolerance), "max_evaluations") => {
                Value::Whole(tolerance.most_evaluations)
            }
            (Self::Lms { order }, "order") => Value::Whole(*order),
            (Self::Pndm(options), "skip_prk_steps") => {
                Value::Flag(options.warm_up == WarmUp::LowerOrders)
            }
            (Self::DpmSolver(options), _) => return options.option(name),
            (Self::Deis(options), "order") => Value::Whole(options.order),
            (Self::Deis(options), "lower_order_final") => Value::Flag(options.lower_order_final),
            (Self::UniPc(options), _) => return options.option(name),
            (Self::ReverseSde(options), _) => return options.option(name),
            (Self::Langevin { step_size }, "step_size") => Value::Number(*step_size),
            (Self::AnnealedLangevin(annealing), "steps_per_level") => {
                Value::Whole(annealing.steps_per_level)
            }
            (Self::AnnealedLangevin(annealing), "step_size") => Value::Number(annealing.step_size),
            _ => return None,
        })
    }
}

impl dpm_solver::Options {
    fn option(&self, name: &str) -> Option<Value> {
        Some(match name {
            "order" => Value::Whole(self.order),
            "mode" => Value::Word(match self.mode {
                Mode::Multistep => "multistep",
                Mode::Singlestep => "singlestep",
            }),
            "solver_type" => Value::Word(match self.solver_type {
                SolverType::Midpoint => "midpoint",
                SolverType::Heun => "heun",
            }),
            "stochastic" => Value::Flag(self.equation == Equation::Sde),
            "lower_order_final" => Value::Flag(self.lower_order_final),
            "euler_at_final" => Value::Flag(self.euler_at_final),
            _ => return None,
        })
    }
}

impl unipc::Options {
    fn option(&self, name: &str) -> Option<Value> {
        Some(match name {
            "order" => Value::Whole(self.order),
            "variant" => Value::Word(match self.variant {
                Variant::Bh1 => "bh1",
                Variant::Bh2 => "bh2",
            }),
            "predict_clean" => Value::Flag(self.target == Target::Clean),
            "lower_order_final" => Value::Flag(self.lower_order_final),
            _ => return None,
        })
    }
}

impl reverse_sde::Options {
    /// The options of predictor–corrector sampling; the predictors by themselves have none.
    fn option(&self, name: &str) -> Option<Value> {
        let corrector = self.corrector?;
        Some(match name {
            "predictor" => Value::Word(match self.predictor {
                Predictor::EulerMaruyama => "euler-maruyama",
                Predictor::ReverseDiffusion => "reverse-diffusion",
                Predictor::Ancestral => "ancestral",
            }),
            "corrector_steps" => Value::Whole(corrector.steps),
            "snr" => Value::Number(corrector.snr),
            _ => return None,
        })
    }
}
