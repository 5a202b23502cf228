//! Methods with steps of their own: DDRM and RePaint.

use std::sync::Arc;

use super::options::{RePaintOptions, RestoreMethod};
use super::{UNCORRECTED, check_count};
use crate::checkpoint::scheduler::{SchedulerClass, SchedulerConfig};
use crate::diffusion::{NoiseLevel, Process};
use crate::pipeline::{Pipeline, SampleOptions, UNetDenoiser};
use crate::restore::{Ddrm, Observation, RePaint, Restorer, repaint};
use crate::sampler::{
    Combination, Ddim, Evaluation, MAX_STEPS, Method, Plan, Run, Sampling, Step, Update,
};
use crate::{Error, Result};

impl Pipeline {
    pub(super) fn with_own_steps(
        &self,
        observation: Observation<4>,
        sample: &SampleOptions,
        method: RestoreMethod,
    ) -> Result<Run<Restorer<UNetDenoiser, 4>, 4>> {
        let options = ddim_options(sample, method)?;
        let plan = options.check(self, self.sample_size())?;
        check_count(observation.values.dims()[0], plan.batch)?;
        let steps = to_the_data(&plan.scheduler.process, plan.trajectory.steps);
        let (noise, generator) = self.noise(&options, plan.batch, self.sample_size());
        let undecomposed = || {
            let expected =
                "pigdm, dps or replacement: the operator has no singular value decomposition";
            Error::invalid("method", expected, method.name())
        };
        let (noisy, visits, update): (_, Vec<usize>, Arc<dyn Update<4>>) = match method {
            RestoreMethod::RePaint(options) => {
                let visits = visits(steps.len(), options)?;
                let update = self.repaint(&steps, &visits, &observation, options);
                let update = update.ok_or_else(undecomposed)?;
                let noisy = noise * plan.trajectory.initial_noise;
                (noisy, visits, Arc::new(update))
            }
            RestoreMethod::Ddrm { eta } => {
                let update = Ddrm::new(steps.clone(), &observation, eta);
                let update = update.ok_or_else(undecomposed)?;
                let noisy = update.initial(noise, steps[0].from);
                (noisy, (0..steps.len()).collect(), Arc::new(update))
            }
            _ => return Err(undecomposed()),
        };
        let evaluation = |index: usize| Evaluation::new(steps[index].from, Combination::SAMPLE);
        let evaluations = Plan::Fixed(visits.into_iter().map(evaluation).collect());
        let sampling = Sampling::new(noisy, evaluations, plan.scheduler.clipping, generator);
        let denoiser = self.denoiser(&plan.class_labels, options.guidance());
        Ok(Run::new(
            sampling.with_update(update),
            Restorer::new(denoiser, observation, UNCORRECTED),
        ))
    }

    fn repaint(
        &self,
        steps: &[Step],
        visits: &[usize],
        observation: &Observation<4>,
        options: RePaintOptions,
    ) -> Option<RePaint> {
        let own = RePaintDefaults::of(&self.scheduler, steps.len());
        let eta = options.eta.unwrap_or(own.eta);
        RePaint::new(steps, visits, observation, eta, own.back)
    }
}

/// The options of RePaint that the checkpoint's scheduler determines.
struct RePaintDefaults<'a> {
    eta: f64,
    back: repaint::Return<'a>,
}

impl<'a> RePaintDefaults<'a> {
    fn of(scheduler: &'a SchedulerConfig, steps: usize) -> Self {
        let own = (
            scheduler.class,
            scheduler.process.schedule(),
            &scheduler.method,
        );
        match own {
            (SchedulerClass::RePaint, Some(schedule), Method::Ddim(Ddim { eta, .. })) => Self {
                eta: *eta,
                back: repaint::Return::PerTimestep {
                    schedule,
                    stride: schedule.len() / steps,
                },
            },
            _ => Self {
                eta: 0.0,
                back: repaint::Return::Direct,
            },
        }
    }
}

/// DDIM's trajectory for the methods with steps of their own.
fn ddim_options(sample: &SampleOptions, method: RestoreMethod) -> Result<SampleOptions> {
    let expected = format!("left out: {} takes steps of its own", method.name());
    if let Some(sampler) = &sample.method {
        return Err(Error::invalid("sampler", expected, sampler.name()));
    }
    if let Some(start) = &sample.start {
        return Err(Error::invalid("start", expected, start.strength));
    }
    Ok(SampleOptions {
        method: Some(Ddim::default().into()),
        ..sample.clone()
    })
}

/// The steps, with the last one ending at the scale of the data.
fn to_the_data(process: &Process, mut steps: Vec<Step>) -> Vec<Step> {
    if let (Process::Edm { .. } | Process::Consistency { .. }, Some(last)) =
        (process, steps.last_mut())
    {
        last.to = NoiseLevel {
            alpha: 1.0,
            sigma: last.to.noise_to_signal(),
            ..last.to
        };
    }
    steps
}

fn visits(steps: usize, options: RePaintOptions) -> Result<Vec<usize>> {
    let (length, samples) = (options.jump_length, options.jump_samples);
    let count = repaint::visit_count(steps, length, samples);
    if count > MAX_STEPS {
        let expected = format!("so small that the run has at most {MAX_STEPS} evaluations");
        let found = format!("{samples}, for {count} evaluations");
        return Err(Error::InvalidOption {
            name: "jump_samples".to_owned(),
            expected,
            value: found,
        });
    }
    Ok(repaint::visits(steps, length, samples))
}
