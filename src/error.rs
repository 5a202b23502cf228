//! One error type: each variant states the condition that was violated, and the value.

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a sentence that also says what would be right.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option has a value outside its domain.
    #[error("{name} must be {expected}, but is {value}")]
    InvalidOption {
        /// Name of the option, as the caller wrote it.
        name: String,
        /// What would be right.
        expected: String,
        /// What was given.
        value: String,
    },
    /// A configuration asks for something that this crate does not do.
    #[error("{name} = {value} is not supported; supported: {supported}")]
    Unsupported {
        /// Name of the option in the configuration.
        name: String,
        /// The value asked for.
        value: String,
        /// The values that work.
        supported: String,
    },
    /// A file of a checkpoint is not there.
    #[error("the checkpoint has no {name}; it has: {present}")]
    MissingFile {
        /// Path inside the checkpoint.
        name: String,
        /// The files that are there, comma separated.
        present: String,
    },
    /// A file of a checkpoint cannot be read.
    #[error("{name} cannot be read: {reason}")]
    MalformedFile {
        /// Path inside the checkpoint.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be written.
    #[error("{name} cannot be written: {reason}")]
    Unwritable {
        /// Its path.
        name: String,
        /// Why.
        reason: String,
    },
    /// The network needs a tensor that the weights do not hold.
    #[error("the weights have no tensor {name}, which the network needs with shape {expected:?}")]
    MissingTensor {
        /// Name of the tensor in the state dict.
        name: String,
        /// Shape that the configuration implies.
        expected: Vec<usize>,
    },
    /// The weights hold tensors that the network has no place for.
    #[error("the weights hold {count} tensors that the network does not use, the first is {first}")]
    UnusedTensors {
        /// Name of the first of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// A tensor has another shape than the configuration implies.
    #[error("tensor {name} has shape {found:?}, but the network needs {expected:?}")]
    TensorShape {
        /// Name of the tensor in the state dict.
        name: String,
        /// Shape that the configuration implies.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The adaptive solver cannot meet its tolerance with the evaluations that it may use.
    #[error(
        "the tolerance was not met: the solver stopped at timestep {time:.3} after {evaluations} network evaluations; allow more of them, or a larger tolerance"
    )]
    Tolerance {
        /// Network evaluations that were used.
        evaluations: usize,
        /// What the network is told of the level that was reached.
        time: f64,
    },
    /// A run has left the numbers that `f32` has.
    #[error(
        "{what} of {} is not finite; check the scheduler's noise levels, the weights, and options such as guidance_scale, step_size or snr",
        steps(*.first, *.last, *.of)
    )]
    NonFinite {
        /// What it is: `"a coefficient"`, `"the sample"`.
        what: String,
        /// The first step, from 1, that may have them.
        first: usize,
        /// The step at which they were found; the same where every step was looked at.
        last: usize,
        /// Steps of the run.
        of: usize,
    },
    /// Training has diverged; the weights are the last good ones.
    #[error(
        "training diverged: the loss of step {step} was {loss:.3e}; the last good weights are kept: go on with a smaller learning rate"
    )]
    Diverged {
        /// The step, counted from 0.
        step: usize,
        /// Its loss.
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
    /// A formula cannot be read.
    #[error("the formula is wrong at column {column}: {reason}")]
    Formula {
        /// Column, from 1, of the first character that is wrong.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// No multiple of the proposal's density covers the target's.
    #[error(
        "no c makes c·q an envelope of p: {reason}; choose a proposal with heavier tails or a wider support, or set c by hand"
    )]
    Envelope {
        /// Where p/q grows without bound.
        reason: String,
    },
    /// The device cannot be opened, or was lost.
    #[error("{0}")]
    Device(String),
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

    /// A stable name of the variant, for programs: `"invalid-option"`, `"missing-tensor"`, ...
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

/// A value as messages show it: lists and strings may be of any length.
pub(crate) fn shortened(mut value: String) -> String {
    const MAX_CHARACTERS: usize = 200;
    if let Some((end, _)) = value.char_indices().nth(MAX_CHARACTERS) {
        value.truncate(end);
        value.push('…');
    }
    value
}
