//! The error type of the crate.

/// Result type of all fallible functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error. Its message states what was wrong, the value, and what is allowed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option has a value outside its range.
    #[error("{name} must be {expected}, but is {value}")]
    InvalidOption {
        /// Name of the option, as spelled by the caller.
        name: String,
        /// The allowed values.
        expected: String,
        /// The given value.
        value: String,
    },
    /// A configuration requires a feature that this crate does not support.
    #[error("{name} = {value} is not supported; supported: {supported}")]
    Unsupported {
        /// Name of the option in the configuration.
        name: String,
        /// The given value.
        value: String,
        /// The supported values.
        supported: String,
    },
    /// A file of a checkpoint is missing.
    #[error("the checkpoint has no {name}; it has: {present}")]
    MissingFile {
        /// Path inside the checkpoint.
        name: String,
        /// The existing files, comma separated.
        present: String,
    },
    /// A file of a checkpoint is malformed.
    #[error("{name} cannot be read: {reason}")]
    MalformedFile {
        /// Path inside the checkpoint.
        name: String,
        /// Description of the problem.
        reason: String,
    },
    /// A file cannot be written.
    #[error("{name} cannot be written: {reason}")]
    Unwritable {
        /// Path of the file.
        name: String,
        /// Reason.
        reason: String,
    },
    /// The weights lack a tensor that the network needs.
    #[error("the weights have no tensor {name}, which the network needs with shape {expected:?}")]
    MissingTensor {
        /// Name of the tensor in the state dict.
        name: String,
        /// Shape required by the configuration.
        expected: Vec<usize>,
    },
    /// The weights contain tensors that the network does not use.
    #[error(
        "the weights contain {count} tensors that the network does not use, the first is {first}"
    )]
    UnusedTensors {
        /// Name of the first such tensor.
        first: String,
        /// Number of such tensors.
        count: usize,
    },
    /// A tensor has a shape that does not match the configuration.
    #[error("tensor {name} has shape {found:?}, but the network needs {expected:?}")]
    TensorShape {
        /// Name of the tensor in the state dict.
        name: String,
        /// Shape required by the configuration.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The adaptive solver cannot meet its tolerance within its maximum number of evaluations.
    #[error(
        "the tolerance was not met: the solver stopped at timestep {time:.3} after {evaluations} network evaluations; allow more of them, or a larger tolerance"
    )]
    Tolerance {
        /// Number of network evaluations.
        evaluations: usize,
        /// Time of the last level, as the network is conditioned on it.
        time: f64,
    },
    /// A value is not finite in `f32`.
    #[error(
        "{what} of {} is not finite; check the scheduler's noise levels, the weights, and options such as guidance_scale, step_size or snr",
        steps(*.first, *.last, *.of)
    )]
    NonFinite {
        /// Description of the value: `"a coefficient"`, `"the sample"`.
        what: String,
        /// First step, from 1, that may have produced it.
        first: usize,
        /// Step at which it was detected; equal to `first` where every step is checked.
        last: usize,
        /// Total number of steps.
        of: usize,
    },
    /// Training has diverged; the model has the last good weights.
    #[error(
        "training diverged: the loss of step {step} was {loss:.3e}; the last good weights are kept: go on with a smaller learning rate"
    )]
    Diverged {
        /// Step, counted from 0.
        step: usize,
        /// Loss of that step.
        loss: f64,
    },
    /// A generative model cannot compute what was asked for.
    #[error("the model {model} has no {quantity}; it has: {present}")]
    NoCapability {
        /// Name of the model.
        model: String,
        /// What was asked for.
        quantity: String,
        /// What it can compute, comma separated.
        present: String,
    },
    /// A formula cannot be parsed.
    #[error("the formula is wrong at column {column}: {reason}")]
    Formula {
        /// Column, from 1, of the first invalid character.
        column: usize,
        /// Description of the problem.
        reason: String,
    },
    /// No multiple of the proposal density bounds the target density.
    #[error(
        "no c makes c·q an envelope of p: {reason}; choose a proposal with heavier tails or a wider support, or set c by hand"
    )]
    Envelope {
        /// Where the ratio p/q is unbounded.
        reason: String,
    },
    /// A result was requested before it exists.
    #[error("{result} is available after {after}, but {state}")]
    NotReady {
        /// What was requested.
        result: String,
        /// When it exists.
        after: String,
        /// How far the run is.
        state: String,
    },
    /// The device cannot be opened, or was lost.
    #[error("{0}")]
    Device(String),
}

/// What an error says about an option or a value of a configuration: [`Error::subject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Name of the option, as spelled by the caller.
    pub option: &'a str,
    /// The allowed values, as in the message.
    pub expected: &'a str,
    /// The given value, shortened.
    pub value: &'a str,
}

impl Error {
    /// An [`Error::InvalidOption`].
    pub fn invalid(
        name: impl Into<String>,
        expected: impl Into<String>,
        value: impl std::fmt::Debug,
    ) -> Self {
        Self::InvalidOption {
            name: name.into(),
            expected: expected.into(),
            value: shortened(format!("{value:?}")),
        }
    }

    /// An [`Error::Unsupported`].
    pub fn unsupported(
        name: impl Into<String>,
        value: impl std::fmt::Debug,
        supported: impl Into<String>,
    ) -> Self {
        Self::Unsupported {
            name: name.into(),
            value: shortened(format!("{value:?}")),
            supported: supported.into(),
        }
    }

    /// An [`Error::MalformedFile`].
    pub fn malformed(name: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::MalformedFile {
            name: name.into(),
            reason: reason.to_string(),
        }
    }

    /// An [`Error::Unwritable`].
    pub fn unwritable(name: impl std::fmt::Display, reason: impl std::fmt::Display) -> Self {
        Self::Unwritable {
            name: name.to_string(),
            reason: reason.to_string(),
        }
    }

    /// The option that the error is about, with the allowed values and the given one; `None` for other errors.
    pub fn subject(&self) -> Option<Subject<'_>> {
        match self {
            Self::InvalidOption {
                name: option,
                expected,
                value,
            }
            | Self::Unsupported {
                name: option,
                supported: expected,
                value,
            } => Some(Subject {
                option,
                expected,
                value,
            }),
            _ => None,
        }
    }

    /// Stable name of the variant, for programs: `"invalid-option"`, `"missing-tensor"`, ...
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid-option",
            Self::Unsupported { .. } => "unsupported",
            Self::MissingFile { .. } => "missing-file",
            Self::MalformedFile { .. } => "malformed-file",
            Self::Unwritable { .. } => "unwritable",
            Self::MissingTensor { .. } => "missing-tensor",
            Self::UnusedTensors { .. } => "unused-tensors",
            Self::TensorShape { .. } => "tensor-shape",
            Self::Tolerance { .. } => "tolerance",
            Self::NonFinite { .. } => "non-finite",
            Self::Diverged { .. } => "diverged",
            Self::NoCapability { .. } => "no-capability",
            Self::Formula { .. } => "formula",
            Self::Envelope { .. } => "envelope",
            Self::NotReady { .. } => "not-ready",
            Self::Device(_) => "device",
        }
    }
}

fn steps(first: usize, last: usize, of: usize) -> String {
    if first == last {
        format!("step {last} of {of}")
    } else {
        format!("one of the steps {first} to {last} of {of}")
    }
}

/// A value as quoted in messages; long lists and strings are shortened.
pub(crate) fn shortened(mut value: String) -> String {
    const MAX_CHARACTERS: usize = 200;
    if let Some((end, _)) = value.char_indices().nth(MAX_CHARACTERS) {
        value.truncate(end);
        value.push('…');
    }
    value
}
