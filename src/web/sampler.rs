//! The choice of a sampler as JavaScript makes it.

use super::options::{Fields, camel_case};
use crate::checkpoint::{SchedulerClass, SchedulerConfig};
use crate::sampler::catalog::CATALOG;
use crate::sampler::dormand_prince::Tolerance;
use crate::sampler::dpm_solver::{Equation, Mode, SolverType, Target};
use crate::sampler::langevin::Annealing;
use crate::sampler::pndm::WarmUp;
use crate::sampler::probability_flow::Solver;
use crate::sampler::reverse_sde::{Corrector, Options as ReverseSde, Predictor};
use crate::sampler::{Method, ddim, unipc};
use crate::{Error, Result};

/// Reads the sampler and its own options out of the fields; `None` is the checkpoint's own. What the fields do not say
/// is as the checkpoint's scheduler has it. Beside it the names of the sampler's options, for messages.
pub(super) fn method(
    fields: &mut Fields,
    scheduler: &SchedulerConfig,
) -> Result<(Option<Method>, Option<String>)> {
    let names = CATALOG.map(|entry| entry.name);
    let chosen = fields.choice("sampler", &names)?;
    let name = chosen.unwrap_or(scheduler.method.name());
    let entry = CATALOG.iter().find(|entry| entry.name == name);
    let own = entry.map(|entry| entry.options).unwrap_or_default();
    let method = read(name, fields, scheduler)?;
    let own: Vec<String> = own.iter().map(|own| camel_case(own.name)).collect();
    for option in CATALOG.iter().flat_map(|entry| entry.options) {
        let option = camel_case(option.name);
        if !own.contains(&option) {
            fields.refuse(&option, "sampler", name)?;
        }
    }
    let is_own_of_the_checkpoint = chosen.is_none() && method == scheduler.method;
    Ok((
        (!is_own_of_the_checkpoint).then_some(method),
        (!own.is_empty()).then(|| own.join(", ")),
    ))
}

/// The sampler of this name with the options that the fields give; what they do not say is as the checkpoint's scheduler has it.
pub(super) fn read(name: &str, fields: &mut Fields, scheduler: &SchedulerConfig) -> Result<Method> {
    use SchedulerClass as Class;
    let base = |class: Class| match scheduler.method.name() == name {
        true => Ok(scheduler.method.clone()),
        false => scheduler.method_of(class),
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
        "ddim" => ddim_method(fields)?,
        "probability-flow" => Method::ProbabilityFlow {
            solver: fields.solver()?.unwrap_or(Solver::Heun),
        },
        "dormand-prince" => Method::DormandPrince(tolerance(fields, Tolerance::default())?),
        "euler" => Method::Euler,
        "euler-ancestral" => Method::EulerAncestral,
        "heun" => Method::Heun,
        "kdpm2" => base(Class::Kdpm2)?,
        "kdpm2-ancestral" => base(Class::Kdpm2Ancestral)?,
        "lms" => Method::Lms {
            order: fields.whole("order")?.unwrap_or(4),
        },
        "pndm" => {
            let mut method = base(Class::Pndm)?;
            if let (Method::Pndm(options), Some(skip)) = (&mut method, fields.flag("skipPrkSteps")?)
            {
                options.warm_up = match skip {
                    true => WarmUp::LowerOrders,
                    false => WarmUp::RungeKutta,
                };
            }
            method
        }
        "ipndm" => Method::Ipndm,
        "dpm-solver" => dpm_solver(Target::Noise, fields, scheduler)?,
        "dpm-solver++" => dpm_solver(Target::Clean, fields, scheduler)?,
        "deis" => {
            let mut method = base(Class::Deis)?;
            if let Method::Deis(options) = &mut method {
                replace(&mut options.order, fields.whole("order")?);
                replace(
                    &mut options.lower_order_final,
                    fields.flag("lowerOrderFinal")?,
                );
            }
            method
        }
        "unipc" => unipc_method(base(Class::UniPc)?, fields)?,
        "euler-maruyama" => reverse_sde(Predictor::EulerMaruyama),
        "reverse-diffusion" => reverse_sde(Predictor::ReverseDiffusion),
        "ancestral" => reverse_sde(Predictor::Ancestral),
        "predictor-corrector" => predictor_corrector(base(Class::ScoreSdeVe)?, fields)?,
        "langevin" => Method::Langevin {
            step_size: required(fields, "stepSize")?,
        },
        "annealed-langevin" => Method::AnnealedLangevin(Annealing {
            steps_per_level: fields.whole("stepsPerLevel")?.unwrap_or(5),
            step_size: required(fields, "stepSize")?,
        }),
        _ => base(Class::Consistency)?,
    })
}

/// How exact the adaptive solver has to be.
pub(super) fn tolerance(fields: &mut Fields, default: Tolerance) -> Result<Tolerance> {
    let mut tolerance = default;
    replace(&mut tolerance.absolute, fields.number("absoluteTolerance")?);
    replace(&mut tolerance.relative, fields.number("relativeTolerance")?);
    replace(
        &mut tolerance.most_evaluations,
        fields.whole("maxEvaluations")?,
    );
    Ok(tolerance)
}

fn replace<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

/// A number that has no default, since it depends on the data.
fn required(fields: &mut Fields, name: &str) -> Result<f64> {
    let expected = "given: the variance of a step's noise";
    let value = fields.number(name)?;
    value.ok_or_else(|| Error::invalid(name, expected, "nothing"))
}

fn ddim_method(fields: &mut Fields) -> Result<Method> {
    Ok(Method::Ddim {
        eta: fields.number("eta")?.unwrap_or(0.0),
        direction: match fields.flag("useClippedModelOutput")? {
            Some(true) => ddim::Direction::FromClipped,
            _ => ddim::Direction::Predicted,
        },
    })
}

fn dpm_solver(target: Target, fields: &mut Fields, scheduler: &SchedulerConfig) -> Result<Method> {
    let mode = fields.choice("mode", &["multistep", "singlestep"])?;
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
        replace(&mut options.order, fields.whole("order")?);
        let solver_type = fields.choice("solverType", &["midpoint", "heun"])?;
        let solver_type = solver_type.map(|name| match name {
            "heun" => SolverType::Heun,
            _ => SolverType::Midpoint,
        });
        replace(&mut options.solver_type, solver_type);
        let equation = fields
            .flag("stochastic")?
            .map(|stochastic| match stochastic {
                true => Equation::Sde,
                false => Equation::Ode,
            });
        replace(&mut options.equation, equation);
        replace(
            &mut options.lower_order_final,
            fields.flag("lowerOrderFinal")?,
        );
        replace(&mut options.euler_at_final, fields.flag("eulerAtFinal")?);
    }
    Ok(method)
}

fn unipc_method(mut method: Method, fields: &mut Fields) -> Result<Method> {
    if let Method::UniPc(options) = &mut method {
        replace(&mut options.order, fields.whole("order")?);
        let variant = fields.choice("variant", &["bh1", "bh2"])?;
        let variant = variant.map(|name| match name {
            "bh1" => unipc::Variant::Bh1,
            _ => unipc::Variant::Bh2,
        });
        replace(&mut options.variant, variant);
        let target = fields.flag("predictClean")?.map(|clean| match clean {
            true => Target::Clean,
            false => Target::Noise,
        });
        replace(&mut options.target, target);
        replace(
            &mut options.lower_order_final,
            fields.flag("lowerOrderFinal")?,
        );
    }
    Ok(method)
}

fn predictor_corrector(mut method: Method, fields: &mut Fields) -> Result<Method> {
    if let Method::ReverseSde(options) = &mut method {
        let predictors = ["euler-maruyama", "reverse-diffusion", "ancestral"];
        let predictor = fields.choice("predictor", &predictors)?;
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
        replace(&mut corrector.steps, fields.whole("correctorSteps")?);
        replace(&mut corrector.snr, fields.number("snr")?);
        options.corrector = Some(corrector);
    }
    Ok(method)
}
