//! Options of any member, as JSON that includes the name of the model.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::MEMBERS;
use super::member::{Family, Member, Plan};
use crate::random::Generator;
use crate::{Error, Result};

/// The key that names the model.
const MODEL: &str = "model";
/// The key that names a preset; the other options override its values.
const PRESET: &str = "preset";

/// An entry of the table of members.
#[derive(Debug)]
pub struct Registration {
    name: &'static str,
    defaults: fn() -> Result<Value>,
    presets: fn() -> Result<Vec<(&'static str, Value)>>,
    plan: fn(&Value) -> Result<Plan>,
    build: fn(&Value, usize, &mut Generator) -> Result<Box<dyn Member>>,
}

impl Registration {
    /// The entry of a member type.
    pub(super) const fn of<F: Family>() -> Self {
        Self {
            name: F::NAME,
            defaults: || json(&F::Options::default()),
            presets: || {
                let presets = F::presets().into_iter();
                presets
                    .map(|(name, options)| Ok((name, json(&options)?)))
                    .collect()
            },
            plan: |values| Ok(F::plan(&read::<F::Options>(values)?)),
            build: |values, classes, generator| {
                let member = F::new(&read(values)?, classes, generator)?;
                Ok(Box::new(member))
            },
        }
    }

    /// The name of the model in options.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The names of the model's presets.
    ///
    /// # Errors
    /// None: presets are built in and valid.
    pub fn presets(&self) -> Result<Vec<&'static str>> {
        let presets = (self.presets)()?;
        Ok(presets.into_iter().map(|(name, _)| name).collect())
    }
}

fn json(options: &impl Serialize) -> Result<Value> {
    serde_json::to_value(options).map_err(|error| Error::invalid(MODEL, error.to_string(), ""))
}

fn read<T: DeserializeOwned>(values: &Value) -> Result<T> {
    T::deserialize(values).map_err(|error| Error::invalid("options", error.to_string(), values))
}

/// The complete options of one member, with correct types. Ranges are checked when the member is built.
#[derive(Clone, Debug)]
pub struct FamilyOptions {
    registration: &'static Registration,
    values: Map<String, Value>,
}

impl FamilyOptions {
    /// The default options of a model.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an unknown name; it lists the names of the models.
    pub fn new(model: &str) -> Result<Self> {
        let registration = find(model)?;
        Ok(Self {
            registration,
            values: object((registration.defaults)()?)?,
        })
    }

    /// The options of a preset of a model.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an unknown name; it lists the names of the models or of the presets.
    pub fn preset(model: &str, preset: &str) -> Result<Self> {
        let registration = find(model)?;
        let presets = (registration.presets)()?;
        let names: Vec<&str> = presets.iter().map(|(name, _)| *name).collect();
        let expected = match &names[..] {
            [] => format!("left out: the model {model} has no presets"),
            names => format!("one of {}", names.join(", ")),
        };
        let found = presets.into_iter().find(|(name, _)| *name == preset);
        let (_, values) = found.ok_or_else(|| Error::invalid(PRESET, expected, preset))?;
        Ok(Self {
            registration,
            values: object(values)?,
        })
    }

    /// Converts the typed options of a member.
    ///
    /// # Errors
    /// None for options that can be serialised as JSON.
    pub fn of<F: Family>(options: &F::Options) -> Result<Self> {
        Ok(Self {
            registration: find(F::NAME)?,
            values: object(json(options)?)?,
        })
    }

    /// Reads an object with the entry `model`, optionally `preset` (the default is the model's default options), and
    /// any options of the model, which override them.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option that the model does not have, and for a value of the wrong type.
    pub fn from_json(value: &Value) -> Result<Self> {
        let given = value
            .as_object()
            .ok_or_else(|| Error::invalid("options", "an object", value))?;
        let text = |key: &str| match given.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(other) => Err(Error::invalid(key, "a name", other)),
        };
        let model = text(MODEL)?.unwrap_or("");
        let mut options = match text(PRESET)? {
            Some(preset) => Self::preset(model, preset)?,
            None => Self::new(model)?,
        };
        let own = |key: &&String| *key != MODEL && *key != PRESET;
        for key in given.keys().filter(own) {
            options.set(key, &given[key])?;
        }
        Ok(options)
    }

    /// Sets one option.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if the model does not have the option, or the value has the wrong type.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<()> {
        if !self.values.contains_key(name) {
            let names: Vec<&str> = self.values.keys().map(String::as_str).collect();
            let expected = format!(
                "an option of the model {}, which are {}",
                self.model(),
                names.join(", ")
            );
            return Err(Error::invalid(format!("option {name}"), expected, value));
        }
        let mut values = self.values.clone();
        values.insert(name.to_owned(), value.clone());
        // All other values are valid, so an error concerns this one.
        (self.registration.plan)(&Value::Object(values.clone())).map_err(|error| match error {
            Error::InvalidOption { expected, .. } => {
                Error::invalid(name, format!("of the right type ({expected})"), value)
            }
            other => other,
        })?;
        self.values = values;
        Ok(())
    }

    /// The name of the model.
    pub fn model(&self) -> &'static str {
        self.registration.name
    }

    /// All options, and the name of the model, as JSON.
    pub fn to_json(&self) -> Value {
        let mut values = self.values.clone();
        values.insert(MODEL.to_owned(), self.model().into());
        Value::Object(values)
    }

    /// The length, batch size and seed of the training run.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number of steps or a batch size out of range.
    pub fn plan(&self) -> Result<Plan> {
        let plan = (self.registration.plan)(&Value::Object(self.values.clone()))?;
        within("batch", plan.batch, 1..=MAX_BATCH)?;
        within("steps", plan.steps, 1..=MAX_STEPS)?;
        Ok(plan)
    }

    /// Builds a member with initial weights for data with `classes` classes; 0 if the data have none.
    ///
    /// # Errors
    /// [`Error::InvalidOption`], which names the invalid option.
    pub fn build(&self, classes: usize, generator: &mut Generator) -> Result<Box<dyn Member>> {
        (self.registration.build)(&Value::Object(self.values.clone()), classes, generator)
    }
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(values) => Ok(values),
        other => Err(Error::invalid("options", "an object", other)),
    }
}

fn find(model: &str) -> Result<&'static Registration> {
    let found = MEMBERS.iter().find(|member| member.name == model);
    found.ok_or_else(|| {
        let names: Vec<&str> = MEMBERS.iter().map(Registration::name).collect();
        Error::invalid(MODEL, format!("one of {}", names.join(", ")), model)
    })
}

/// Maximum batch size.
pub const MAX_BATCH: usize = 1 << 16;
/// Maximum number of training steps; larger values are rejected as likely mistakes.
pub const MAX_STEPS: usize = 10_000_000;
/// Maximum number of units per hidden layer.
pub const MAX_WIDTH: usize = 1024;
/// Maximum number of hidden layers.
pub const MAX_DEPTH: usize = 16;

/// Checks that the value of an option lies in a range.
///
/// # Errors
/// [`Error::InvalidOption`] if it does not.
pub fn within<T: PartialOrd + Copy + std::fmt::Display + std::fmt::Debug>(
    name: &str,
    value: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = format!("between {} and {}", range.start(), range.end());
    Err(Error::invalid(name, expected, value))
}

/// Checks the width and depth of a perceptron.
///
/// # Errors
/// [`Error::InvalidOption`] for a width or a depth out of range.
pub fn check_network(width: usize, depth: usize) -> Result<()> {
    within("width", width, 1..=MAX_WIDTH)?;
    within("depth", depth, 1..=MAX_DEPTH)
}

/// The layer sizes of a perceptron, from the inputs to the outputs: `depth` hidden layers of `width` units.
pub fn sizes(inputs: usize, width: usize, depth: usize, outputs: usize) -> Vec<usize> {
    let mut sizes = vec![width; depth + 2];
    sizes[0] = inputs;
    sizes[depth + 1] = outputs;
    sizes
}
