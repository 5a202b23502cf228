//! The choice of a sampler from JavaScript.

use super::options::{Fields, camel_case};
use crate::Result;
use crate::checkpoint::SchedulerConfig;
use crate::checkpoint::scheduler::MethodOptions;
use crate::sampler::Method;
use crate::sampler::catalog::CATALOG;

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
    let entry = CATALOG.iter().find(|entry| entry.name == name);
    let own = entry.map(|entry| entry.options).unwrap_or_default();
    let own: Vec<String> = own.iter().map(|own| camel_case(own.name)).collect();
    let is_own_of_the_checkpoint = chosen.is_none() && method == scheduler.method;
    Ok((
        (!is_own_of_the_checkpoint).then_some(method),
        (!own.is_empty()).then(|| own.join(", ")),
    ))
}

/// Fields have names in camel case.
impl MethodOptions for Fields {
    fn choice(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        Fields::choice(self, &camel_case(name), words)
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        Fields::flag(self, &camel_case(name))
    }

    fn number(&mut self, name: &str) -> Result<Option<f64>> {
        Fields::number(self, &camel_case(name))
    }

    fn whole(&mut self, name: &str) -> Result<Option<usize>> {
        Fields::whole(self, &camel_case(name))
    }

    fn refuse(&mut self, name: &str, sampler: &str) -> Result<()> {
        Fields::refuse(self, &camel_case(name), "sampler", sampler)
    }
}
