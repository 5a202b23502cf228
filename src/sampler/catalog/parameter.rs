//! Options of the samplers, for forms: names, descriptions, ranges and defaults.

/// An option of a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Field name in this crate; the JavaScript name is the same in camel case.
    pub name: &'static str,
    /// Display name.
    pub title: &'static str,
    /// Description, one sentence.
    pub meaning: &'static str,
    /// Range, and the default where neither the caller nor the checkpoint's scheduler sets the option.
    pub domain: Domain,
}

/// Type, range and default of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// A Boolean.
    Flag {
        /// Default value.
        default: bool,
    },
    /// One of several words.
    Choice {
        /// All words, as in JavaScript.
        words: &'static [&'static str],
        /// Default value.
        default: &'static str,
    },
    /// An integer.
    Whole {
        /// Minimum and maximum; where there is no upper limit, the largest useful value.
        range: [usize; 2],
        /// Default value.
        default: usize,
    },
    /// A number.
    Number {
        /// Minimum and maximum; where there is no upper limit, the largest useful value.
        range: [f64; 2],
        /// Default value; `None` where it depends on the data, so that the option is required.
        default: Option<f64>,
    },
}

impl Parameter {
    const fn new(
        name: &'static str,
        title: &'static str,
        meaning: &'static str,
        domain: Domain,
    ) -> Self {
        Self {
            name,
            title,
            meaning,
            domain,
        }
    }
}

const fn flag(default: bool) -> Domain {
    Domain::Flag { default }
}

const fn choice(words: &'static [&'static str], default: &'static str) -> Domain {
    Domain::Choice { words, default }
}

const fn whole(least: usize, most: usize, default: usize) -> Domain {
    let range = [least, most];
    Domain::Whole { range, default }
}

const fn number(least: f64, most: f64, default: Option<f64>) -> Domain {
    let range = [least, most];
    Domain::Number { range, default }
}

const fn order(most: usize, default: usize) -> Parameter {
    let meaning = "Maximum number of estimates that a step combines.";
    Parameter::new("order", "Order", meaning, whole(1, most, default))
}

const LOWER_ORDER_FINAL: Parameter = Parameter::new(
    "lower_order_final",
    "Lower orders at the end",
    "Lowers the order in the last steps, which stabilises short runs. Off by default in singlestep mode.",
    flag(true),
);

const STEP_SIZE: Parameter = Parameter::new(
    "step_size",
    "Step size",
    "Variance of the noise of a step at the least noisy level.",
    number(1e-9, 1.0, None),
);

pub(super) const DDIM: &[Parameter] = &[
    Parameter::new(
        "eta",
        "Eta",
        "Fresh noise per step: 0 for none, 1 for as much as DDPM.",
        number(0.0, 1.0, Some(0.0)),
    ),
    Parameter::new(
        "use_clipped_model_output",
        "Noise from the clipped estimate",
        "Re-derives the noise from the clipped estimate; recommended with strong guidance.",
        flag(false),
    ),
];

pub(super) const PROBABILITY_FLOW: &[Parameter] = &[Parameter::new(
    "solver",
    "Solver",
    "Evaluations per step: Euler one, Heun two, Runge–Kutta four, with increasing accuracy.",
    choice(&["euler", "heun", "rk4"], "heun"),
)];

pub(super) const DORMAND_PRINCE: &[Parameter] = &[
    Parameter::new(
        "absolute_tolerance",
        "Absolute tolerance",
        "Maximum error of a step.",
        number(1e-6, 1.0, Some(1e-3)),
    ),
    Parameter::new(
        "relative_tolerance",
        "Relative tolerance",
        "Maximum error of a step, relative to the sample.",
        number(1e-6, 1.0, Some(1e-3)),
    ),
    Parameter::new(
        "max_evaluations",
        "Evaluations",
        "Maximum number of network evaluations.",
        whole(7, 10_000, 1000),
    ),
];

pub(super) const LMS: &[Parameter] = &[order(4, 4)];

pub(super) const PNDM: &[Parameter] = &[Parameter::new(
    "skip_prk_steps",
    "Without Runge–Kutta steps",
    "Starts with lower orders instead of three steps of four evaluations.",
    flag(false),
)];

pub(super) const DPM_SOLVER: &[Parameter] = &[
    order(3, 2),
    Parameter::new(
        "mode",
        "Mode",
        "Multistep: one evaluation per step, reusing previous ones. Singlestep: up to as many evaluations per step as the order.",
        choice(&["multistep", "singlestep"], "multistep"),
    ),
    Parameter::new(
        "solver_type",
        "Second-order form",
        "Approximation of the derivative at second order.",
        choice(&["midpoint", "heun"], "midpoint"),
    ),
    Parameter::new(
        "stochastic",
        "Stochastic",
        "Solves the reverse-time SDE instead of the ODE.",
        flag(false),
    ),
    LOWER_ORDER_FINAL,
    Parameter::new(
        "euler_at_final",
        "Euler at the end",
        "Uses order one in the last step.",
        flag(false),
    ),
];

pub(super) const DEIS: &[Parameter] = &[order(3, 2), LOWER_ORDER_FINAL];

pub(super) const UNIPC: &[Parameter] = &[
    order(6, 2),
    Parameter::new(
        "variant",
        "B(h)",
        "Function of the step size h: h, or exp(h) − 1.",
        choice(&["bh1", "bh2"], "bh2"),
    ),
    Parameter::new(
        "predict_clean",
        "In the clean estimate",
        "Integrates the clean estimate instead of the noise.",
        flag(true),
    ),
    LOWER_ORDER_FINAL,
];

pub(super) const PREDICTOR_CORRECTOR: &[Parameter] = &[
    Parameter::new(
        "predictor",
        "Predictor",
        "Discretisation of the SDE between two noise levels.",
        choice(
            &["euler-maruyama", "reverse-diffusion", "ancestral"],
            "reverse-diffusion",
        ),
    ),
    Parameter::new(
        "corrector_steps",
        "Corrector steps",
        "Number of Langevin steps at each level.",
        whole(0, 20, 1),
    ),
    Parameter::new(
        "snr",
        "Signal to noise",
        "Signal-to-noise ratio of a Langevin step, which determines its size.",
        number(0.01, 1.0, Some(0.15)),
    ),
];

pub(super) const LANGEVIN: &[Parameter] = &[STEP_SIZE];

pub(super) const ANNEALED_LANGEVIN: &[Parameter] = &[
    Parameter::new(
        "steps_per_level",
        "Steps per level",
        "Number of Langevin steps at each noise level.",
        whole(1, 100, 5),
    ),
    STEP_SIZE,
];
