//! The choice of a sampler from JavaScript.

use super::options::{Fields, camel_case};
use crate::Result;
use crate::checkpoint::SchedulerConfig;
use crate::checkpoint::scheduler::MethodOptions;
use crate::sampler::catalog::{CATALOG, Domain, Entry, Parameter, Value};
use crate::sampler::probability_flow::Solver;
use crate::sampler::{Method, ProbabilityFlow};

/// Reads the sampler and its own options from the fields; `None` for the checkpoint's own sampler. Options that are not
/// given are those of the checkpoint's scheduler. Also returns the names of the sampler's options, for messages.
pub(super) fn method(
    fields: &mut Fields,
    scheduler: &SchedulerConfig,
) -> Result<(Option<Method>, Option<String>)> {
    let names = CATALOG.map(|entry| entry.name);
    let chosen = fields.choice("sampler", &names)?;
    let method = scheduler.method_named(chosen, fields)?;
    let name = chosen.unwrap_or(scheduler.method.name());
    let own = Entry::named(name)
        .map(|entry| entry.options)
        .unwrap_or_default();
    let own: Vec<String> = own.iter().map(|own| camel_case(own.name)).collect();
    let is_own_of_the_checkpoint = chosen.is_none() && method == scheduler.method;
    Ok((
        (!is_own_of_the_checkpoint).then_some(method),
        (!own.is_empty()).then(|| own.join(", ")),
    ))
}

/// Reads the option `solver` of an integration of the probability flow.
pub(super) fn solver(fields: &mut Fields, default: Solver) -> Result<Solver> {
    Ok(fields.over(ProbabilityFlow { solver: default })?.solver)
}

/// Fields have names in camel case.
impl MethodOptions for Fields {
    fn value(&mut self, option: &Parameter) -> Result<Option<Value>> {
        let name = camel_case(option.name);
        Ok(match option.domain {
            Domain::Flag { .. } => self.flag(&name)?.map(Value::Flag),
            Domain::Choice { words, .. } => self.choice(&name, words)?.map(Value::Word),
            Domain::Whole { .. } => self.whole(&name)?.map(Value::Whole),
            Domain::Number { .. } => self.number(&name)?.map(Value::Number),
        })
    }

    fn refuse(&mut self, name: &str, sampler: &str) -> Result<()> {
        Fields::refuse(self, &camel_case(name), "sampler", sampler)
    }
}
