//! Sampling methods from names and options.

use super::{SchedulerClass, SchedulerConfig};
use crate::sampler::catalog::CATALOG;
use crate::sampler::dormand_prince::Tolerance;
use crate::sampler::dpm_solver::{Equation, Mode, SolverType, Target};
use crate::sampler::langevin::Annealing;
use crate::sampler::pndm::WarmUp;
use crate::sampler::probability_flow::Solver;
use crate::sampler::reverse_sde::{Corrector, Options as ReverseSde, Predictor};
use crate::sampler::{Method, ddim, unipc};
use crate::{Error, Result};

/// Source of a method's options: a JavaScript object, or the arguments of a program. Names are those of the
/// [catalog](crate::sampler::catalog); each option is taken once.
pub trait MethodOptions {
    /// One of several words, if given.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an invalid value, as for the methods below.
    fn choice(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>>;
    /// A Boolean, if given.
    fn flag(&mut self, name: &str) -> Result<Option<bool>>;
    /// A number, if given.
    fn number(&mut self, name: &str) -> Result<Option<f64>>;
    /// An integer, if given.
    fn whole(&mut self, name: &str) -> Result<Option<usize>>;
    /// Returns an error if the option is given although this sampler does not have it.
    fn refuse(&mut self, name: &str, sampler: &str) -> Result<()>;

    /// `solver`: integrator of the probability flow.
    fn solver(&mut self) -> Result<Option<Solver>> {
        let name = self.choice("solver", &["euler", "heun", "rk4"])?;
        Ok(name.map(|name| match name {
            "euler" => Solver::Euler,
            "heun" => Solver::Heun,
            _ => Solver::RungeKutta4,
        }))
    }

    /// `absolute_tolerance`, `relative_tolerance`, `max_evaluations`: tolerance of the adaptive solver.
    fn tolerance(&mut self, default: Tolerance) -> Result<Tolerance> {
        let mut tolerance = default;
        replace(&mut tolerance.absolute, self.number("absolute_tolerance")?);
        replace(&mut tolerance.relative, self.number("relative_tolerance")?);
        replace(
            &mut tolerance.most_evaluations,
            self.whole("max_evaluations")?,
        );
        Ok(tolerance)
    }
}

impl SchedulerConfig {
    /// The method with this name in the catalog and its own options. Without a name it is the scheduler's own method.
    /// Options that are not given are those of the scheduler.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a name that is not in the catalog, for an option that this sampler does not have,
    /// and for an invalid value.
    pub fn method_named(
        &self,
        name: Option<&str>,
        options: &mut impl MethodOptions,
    ) -> Result<Method> {
        let name = name.unwrap_or(self.method.name());
        let Some(entry) = CATALOG.iter().find(|entry| entry.name == name) else {
            let names = CATALOG.map(|entry| entry.name).join(", ");
            return Err(Error::invalid("sampler", format!("one of {names}"), name));
        };
        let method = read(name, options, self)?;
        let all = CATALOG.iter().flat_map(|entry| entry.options);
        for other in all {
            if entry.options.iter().all(|own| own.name != other.name) {
                options.refuse(other.name, name)?;
            }
        }
        Ok(method)
    }
}

fn read(name: &str, given: &mut impl MethodOptions, scheduler: &SchedulerConfig) -> Result<Method> {
    use SchedulerClass as Class;
    let base = |class: Class| {
        if scheduler.method.name() == name {
            Ok(scheduler.method.clone())
        } else {
            scheduler.method_of(class)
        }
    };
    let reverse_sde = |predictor| {
        let corrector = None;
        Method::ReverseSde(ReverseSde {
            predictor,
            corrector,
        })
    };
    Ok(match name {
        "ddpm" => base(Class::Ddpm)?,
        "ddim" => ddim_method(given)?,
        "probability-flow" => Method::ProbabilityFlow {
            solver: given.solver()?.unwrap_or(Solver::Heun),
        },
        "dormand-prince" => Method::DormandPrince(given.tolerance(Tolerance::default())?),
        "euler" => Method::Euler,
        "euler-ancestral" => Method::EulerAncestral,
        "heun" => Method::Heun,
        "kdpm2" => base(Class::Kdpm2)?,
        "kdpm2-ancestral" => base(Class::Kdpm2Ancestral)?,
        "lms" => Method::Lms {
            order: given.whole("order")?.unwrap_or(4),
        },
        "pndm" => {
            let mut method = base(Class::Pndm)?;
            if let (Method::Pndm(options), Some(skip)) =
                (&mut method, given.flag("skip_prk_steps")?)
            {
                options.warm_up = if skip {
                    WarmUp::LowerOrders
                } else {
                    WarmUp::RungeKutta
                };
            }
            method
        }
        "ipndm" => Method::Ipndm,
        "dpm-solver" => dpm_solver(Target::Noise, given, scheduler)?,
        "dpm-solver++" => dpm_solver(Target::Clean, given, scheduler)?,
        "deis" => {
            let mut method = base(Class::Deis)?;
            if let Method::Deis(options) = &mut method {
                replace(&mut options.order, given.whole("order")?);
                replace(
                    &mut options.lower_order_final,
                    given.flag("lower_order_final")?,
                );
            }
            method
        }
        "unipc" => unipc_method(base(Class::UniPc)?, given)?,
        "euler-maruyama" => reverse_sde(Predictor::EulerMaruyama),
        "reverse-diffusion" => reverse_sde(Predictor::ReverseDiffusion),
        "ancestral" => reverse_sde(Predictor::Ancestral),
        "predictor-corrector" => predictor_corrector(base(Class::ScoreSdeVe)?, given)?,
        "langevin" => Method::Langevin {
            step_size: required(given, "step_size")?,
        },
        "annealed-langevin" => Method::AnnealedLangevin(Annealing {
            steps_per_level: given.whole("steps_per_level")?.unwrap_or(5),
            step_size: required(given, "step_size")?,
        }),
        _ => base(Class::Consistency)?,
    })
}

fn replace<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

/// A required number, whose value depends on the data.
fn required(given: &mut impl MethodOptions, name: &str) -> Result<f64> {
    let expected = "given: the variance of the noise of a step";
    let value = given.number(name)?;
    value.ok_or_else(|| Error::invalid(name, expected, "nothing"))
}

fn ddim_method(given: &mut impl MethodOptions) -> Result<Method> {
    Ok(Method::Ddim {
        eta: given.number("eta")?.unwrap_or(0.0),
        noise_estimate: match given.flag("use_clipped_model_output")? {
            Some(true) => ddim::NoiseEstimate::Rederived,
            _ => ddim::NoiseEstimate::FromModel,
        },
    })
}

fn dpm_solver(
    target: Target,
    given: &mut impl MethodOptions,
    scheduler: &SchedulerConfig,
) -> Result<Method> {
    let mode = given.choice("mode", &["multistep", "singlestep"])?;
    let class = match (mode, &scheduler.method) {
        (Some("singlestep"), _) => SchedulerClass::DpmSolverSinglestep,
        (None, Method::DpmSolver(own)) if own.mode == Mode::Singlestep => {
            SchedulerClass::DpmSolverSinglestep
        }
        _ => SchedulerClass::DpmSolverMultistep,
    };
    let mut method = scheduler.method_of(class)?;
    if let Method::DpmSolver(options) = &mut method {
        if options.target != target {
            options.equation = Equation::Ode;
        }
        options.target = target;
        replace(&mut options.order, given.whole("order")?);
        let solver_type = given.choice("solver_type", &["midpoint", "heun"])?;
        let solver_type = solver_type.map(|name| match name {
            "heun" => SolverType::Heun,
            _ => SolverType::Midpoint,
        });
        replace(&mut options.solver_type, solver_type);
        let equation = given.flag("stochastic")?.map(|stochastic| {
            if stochastic {
                Equation::Sde
            } else {
                Equation::Ode
            }
        });
        replace(&mut options.equation, equation);
        replace(
            &mut options.lower_order_final,
            given.flag("lower_order_final")?,
        );
        replace(&mut options.euler_at_final, given.flag("euler_at_final")?);
    }
    Ok(method)
}

fn unipc_method(mut method: Method, given: &mut impl MethodOptions) -> Result<Method> {
    if let Method::UniPc(options) = &mut method {
        replace(&mut options.order, given.whole("order")?);
        let variant = given.choice("variant", &["bh1", "bh2"])?;
        let variant = variant.map(|name| match name {
            "bh1" => unipc::Variant::Bh1,
            _ => unipc::Variant::Bh2,
        });
        replace(&mut options.variant, variant);
        let target = given
            .flag("predict_clean")?
            .map(|clean| if clean { Target::Clean } else { Target::Noise });
        replace(&mut options.target, target);
        replace(
            &mut options.lower_order_final,
            given.flag("lower_order_final")?,
        );
    }
    Ok(method)
}

fn predictor_corrector(mut method: Method, given: &mut impl MethodOptions) -> Result<Method> {
    if let Method::ReverseSde(options) = &mut method {
        let predictors = ["euler-maruyama", "reverse-diffusion", "ancestral"];
        let predictor = given.choice("predictor", &predictors)?;
        let predictor = predictor.map(|name| match name {
            "euler-maruyama" => Predictor::EulerMaruyama,
            "ancestral" => Predictor::Ancestral,
            _ => Predictor::ReverseDiffusion,
        });
        replace(&mut options.predictor, predictor);
        let mut corrector = options.corrector.unwrap_or(Corrector {
            steps: 1,
            snr: 0.15,
        });
        replace(&mut corrector.steps, given.whole("corrector_steps")?);
        replace(&mut corrector.snr, given.number("snr")?);
        options.corrector = Some(corrector);
    }
    Ok(method)
}
