//! The trait of a sampling method, and the enum of all samplers.

use super::catalog::{Entry, OptionValue, Value};
use super::{Method, Plan, Trajectory};
use crate::{Error, Result};

/// A sampling method: its name, its options, and its evaluations along a trajectory. Each has a file of its own.
pub trait SamplingMethod: Clone + Default {
    /// Names, papers and options; one entry for each variant that has a name of its own.
    const ENTRIES: &'static [Entry];

    /// Name of the entry of this variant.
    fn name(&self) -> &'static str {
        Self::ENTRIES[0].name
    }

    /// Selects the variant with this name.
    fn select(&mut self, _name: &str) {}

    /// The field that holds the option with this name; `None` if there is none.
    fn option(&mut self, _name: &str) -> Option<&mut dyn OptionValue> {
        None
    }

    /// `_class_name` of the scheduler of diffusers with this method, for networks trained on discrete timesteps.
    fn scheduler(&self) -> Option<&'static str> {
        None
    }

    /// The evaluations of a run.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option outside its range, and for a trajectory that the method does not support.
    fn plan(&self, trajectory: &Trajectory) -> Result<Plan>;
}

/// Defines [`Method`] and [`CATALOG`](super::catalog::CATALOG) from the list of all samplers.
macro_rules! samplers {
    ($($(#[$doc:meta])* $variant:ident($method:ty),)*) => {
        /// A sampling method with its options.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Method {
            $($(#[$doc])* $variant($method),)*
        }

        /// All samplers, in the order of the documentation.
        pub const CATALOG: [Entry; COUNT] = concat(&[$(<$method>::ENTRIES),*]);
        const COUNT: usize = 0 $(+ <$method>::ENTRIES.len())*;

        impl Method {
            /// The method with this name in the catalog, with its default options.
            pub fn named(name: &str) -> Option<Self> {
                $(if <$method>::ENTRIES.iter().any(|entry| entry.name == name) {
                    let mut method = <$method>::default();
                    method.select(name);
                    return Some(Self::$variant(method));
                })*
                None
            }

            /// Name in JavaScript and in the documentation.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(method) => method.name(),)*
                }
            }

            /// Selects the variant of the same method with this name in the catalog.
            pub(crate) fn select(&mut self, name: &str) {
                match self {
                    $(Self::$variant(method) => method.select(name),)*
                }
            }

            /// `_class_name` of the scheduler of diffusers that implements this method for networks trained on discrete
            /// timesteps; `None` where diffusers has none.
            pub fn scheduler(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant(method) => method.scheduler(),)*
                }
            }

            fn field(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
                match self {
                    $(Self::$variant(method) => method.option(name),)*
                }
            }

            fn evaluations(&self, trajectory: &Trajectory) -> Result<Plan> {
                match self {
                    $(Self::$variant(method) => method.plan(trajectory),)*
                }
            }
        }

        $(impl From<$method> for Method {
            fn from(method: $method) -> Self {
                Self::$variant(method)
            }
        })*
    };
}

pub(super) use samplers;

impl Method {
    /// The value of the option with this name in the catalog; `None` where the method has no such option.
    pub fn option(&self, name: &str) -> Option<Value> {
        self.clone().field(name).map(|field| field.get())
    }

    /// Sets the option with this name in the catalog; no effect where the method has no such option.
    pub fn set_option(&mut self, name: &str, value: Value) {
        if let Some(field) = self.field(name) {
            field.set(value);
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
        self.evaluations(trajectory)?.check()
    }
}
