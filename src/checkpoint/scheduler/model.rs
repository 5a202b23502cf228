//! The forward process and the prediction type of the network.

use super::options::Options;
use super::{SchedulerClass, continuous};
use crate::diffusion::{Prediction, Process, Sde};
use crate::{Error, Result};

/// Forward process of models of a class.
pub(super) fn process(class: SchedulerClass, options: &Options) -> Result<Process> {
    let sigma_data = options.sigma_data.unwrap_or(0.5);
    Ok(match class {
        SchedulerClass::EdmEuler | SchedulerClass::EdmDpmSolver => Process::Edm { sigma_data },
        SchedulerClass::Consistency => Process::Consistency { sigma_data },
        SchedulerClass::FlowMatchEuler | SchedulerClass::FlowMatchHeun => Process::FlowMatching {
            timesteps: options.timesteps() as f64,
        },
        SchedulerClass::ScoreSdeVe => {
            let (sigma_min, sigma_max) = continuous::sigma_range(options, 0.01, 1348.0)?;
            Process::Sde(Sde::VarianceExploding {
                sigma_min,
                sigma_max,
            })
        }
        SchedulerClass::ScoreSdeVp => {
            let beta_min = options.beta_min.unwrap_or(0.1);
            let beta_max = options.beta_max.unwrap_or(20.0);
            if beta_min > beta_max {
                let expected = format!("at most beta_max, which is {beta_max:?}");
                return Err(Error::invalid("beta_min", expected, beta_min));
            }
            Process::Sde(Sde::VariancePreserving { beta_min, beta_max })
        }
        SchedulerClass::Ipndm => Process::Angular,
        _ => Process::Discrete(options.schedule(class)?),
    })
}

/// Prediction type of models of a class.
pub(super) fn prediction(class: SchedulerClass, options: &Options) -> Result<Prediction> {
    let sigma_data = options.sigma_data.unwrap_or(0.5);
    match class {
        SchedulerClass::EdmEuler | SchedulerClass::EdmDpmSolver => match options.prediction()? {
            Prediction::Noise => Ok(Prediction::Edm { sigma_data }),
            Prediction::Velocity => Ok(Prediction::EdmVelocity { sigma_data }),
            _ => {
                let value = options.prediction_type.as_deref().unwrap_or_default();
                Err(Error::unsupported(
                    "prediction_type",
                    value,
                    "epsilon, v_prediction",
                ))
            }
        },
        SchedulerClass::Consistency => Ok(Prediction::Consistency {
            sigma_data,
            sigma_min: options.sigma_min.unwrap_or(0.002),
        }),
        SchedulerClass::FlowMatchEuler | SchedulerClass::FlowMatchHeun => {
            Ok(Prediction::FlowVelocity)
        }
        SchedulerClass::ScoreSdeVe => Ok(Prediction::Score),
        SchedulerClass::Ipndm => Ok(Prediction::Velocity),
        _ => options.prediction(),
    }
}
