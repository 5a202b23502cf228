//! Sampling methods from names and options.

use super::{SchedulerClass, SchedulerConfig};
use crate::sampler::catalog::{CATALOG, Entry, Parameter, Value};
use crate::sampler::{Method, SamplingMethod};
use crate::{Error, Result};

/// Source of a method's options: a JavaScript object, or the arguments of a program. Each option is taken once.
pub trait MethodOptions {
    /// The value of an option of the [catalog](crate::sampler::catalog), if given.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a value of the wrong type, and for a word that is none of the choices.
    fn value(&mut self, option: &Parameter) -> Result<Option<Value>>;

    /// # Errors
    /// [`Error::InvalidOption`] if the option is given although this sampler does not have it.
    fn refuse(&mut self, name: &str, sampler: &str) -> Result<()>;

    /// All given values of these options, by name.
    ///
    /// # Errors
    /// Those of [`value`](Self::value).
    fn values(&mut self, options: &[Parameter]) -> Result<Vec<(&'static str, Value)>> {
        let value = |option: &Parameter| Ok(self.value(option)?.map(|value| (option.name, value)));
        let values: Result<Vec<_>> = options.iter().map(value).collect();
        Ok(values?.into_iter().flatten().collect())
    }

    /// The method with the options that are given for it.
    ///
    /// # Errors
    /// Those of [`value`](Self::value).
    fn over<M: SamplingMethod>(&mut self, mut method: M) -> Result<M> {
        let name = method.name();
        let entry = M::ENTRIES.iter().find(|entry| entry.name == name);
        for (name, value) in self.values(entry.map_or(&[], |entry| entry.options))? {
            if let Some(field) = method.option(name) {
                field.set(value);
            }
        }
        Ok(method)
    }
}

impl SchedulerConfig {
    /// The method with this name in the catalog and its own options. Without a name it is the scheduler's own method.
    /// Options that are not given are those of the scheduler.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a name that is not in the catalog, for an option that this sampler does not have,
    /// for an invalid value, and for a required option that is not given.
    pub fn method_named(
        &self,
        name: Option<&str>,
        given: &mut impl MethodOptions,
    ) -> Result<Method> {
        let name = name.unwrap_or(self.method.name());
        let (Some(entry), Some(method)) = (Entry::named(name), Method::named(name)) else {
            let names = CATALOG.map(|entry| entry.name).join(", ");
            return Err(Error::invalid("sampler", format!("one of {names}"), name));
        };
        let values = given.values(entry.options)?;
        let is_given = |option: &&Parameter| values.iter().any(|(name, _)| *name == option.name);
        let mut required = entry.options.iter().filter(|option| option.is_required());
        if let Some(missing) = required.find(|option| !is_given(option)) {
            let expected = format!("given: {}", missing.meaning);
            return Err(Error::invalid(missing.name, expected, "nothing"));
        }
        for other in CATALOG.iter().flat_map(|entry| entry.options) {
            if entry.options.iter().all(|own| own.name != other.name) {
                given.refuse(other.name, name)?;
            }
        }
        self.completed(method, &values)
    }

    /// The method with these options. The others are those of the scheduler of diffusers for the method, with this
    /// configuration.
    fn completed(&self, default: Method, values: &[(&'static str, Value)]) -> Result<Method> {
        let with_values = |mut method: Method| {
            method.select(default.name());
            for (name, value) in values {
                method.set_option(name, *value);
            }
            method
        };
        let is_own = std::mem::discriminant(&self.method) == std::mem::discriminant(&default);
        // The options may decide which scheduler it is.
        let method = with_values(if is_own {
            self.method.clone()
        } else {
            default.clone()
        });
        match SchedulerClass::of(&method) {
            Some(class) if SchedulerClass::of(&self.method) != Some(class) => {
                Ok(with_values(self.method_of(class)?))
            }
            _ => Ok(method),
        }
    }
}
