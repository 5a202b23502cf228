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
    let meaning = "How many estimates a step combines, at most.";
    Parameter::new("order", "Order", meaning, whole(1, most, default))
}

const LOWER_ORDER_FINAL: Parameter = Parameter::new(
    "lower_order_final",
    "Lower orders at the end",
    "Steadies the last steps of a short run; singlestep leaves it off unless told.",
    flag(true),
);

const STEP_SIZE: Parameter = Parameter::new(
    "step_size",
    "Step size",
    "The variance of a step’s noise, at the least noisy level.",
    number(1e-9, 1.0, None),
);

pub(super) const DDIM: &[Parameter] = &[
    Parameter::new(
        "eta",
        "Eta",
        "Fresh noise per step: 0 none, 1 as much as DDPM.",
        number(0.0, 1.0, Some(0.0)),
    ),
    Parameter::new(
        "use_clipped_model_output",
        "Noise from the clipped estimate",
        "Keeps the noise consistent with the clipped picture; strong guidance needs it.",
        flag(false),
    ),
];

pub(super) const PROBABILITY_FLOW: &[Parameter] = &[Parameter::new(
    "solver",
    "Solver",
    "Euler asks the network once per step, Heun twice, Runge–Kutta four times, and each errs less.",
    choice(&["euler", "heun", "rk4"], "heun"),
)];

pub(super) const DORMAND_PRINCE: &[Parameter] = &[
    Parameter::new(
        "absolute_tolerance",
        "Absolute tolerance",
        "The error allowed in a step.",
        number(1e-6, 1.0, Some(1e-3)),
    ),
    Parameter::new(
        "relative_tolerance",
        "Relative tolerance",
        "The error allowed in a step, in units of the sample.",
        number(1e-6, 1.0, Some(1e-3)),
    ),
    Parameter::new(
        "max_evaluations",
        "Evaluations",
        "How often it asks the network before it gives up.",
        whole(7, 10_000, 1000),
    ),
];

pub(super) const LMS: &[Parameter] = &[order(4, 4)];

pub(super) const PNDM: &[Parameter] = &[Parameter::new(
    "skip_prk_steps",
    "Without Runge–Kutta steps",
    "Begins with lower orders instead of three steps of four evaluations.",
    flag(false),
)];

pub(super) const DPM_SOLVER: &[Parameter] = &[
    order(3, 2),
    Parameter::new(
        "mode",
        "Mode",
        "One evaluation per step and a look back, or steps of up to as many evaluations as the order.",
        choice(&["multistep", "singlestep"], "multistep"),
    ),
    Parameter::new(
        "solver_type",
        "Second-order form",
        "How a step of order two places its slopes.",
        choice(&["midpoint", "heun"], "midpoint"),
    ),
    Parameter::new(
        "stochastic",
        "Stochastic",
        "Solves the reverse-time SDE in place of the ODE.",
        flag(false),
    ),
    LOWER_ORDER_FINAL,
    Parameter::new(
        "euler_at_final",
        "Euler at the end",
        "Takes the last step with order one.",
        flag(false),
    ),
];

pub(super) const DEIS: &[Parameter] = &[order(3, 2), LOWER_ORDER_FINAL];

pub(super) const UNIPC: &[Parameter] = &[
    order(6, 2),
    Parameter::new(
        "variant",
        "B(h)",
        "The function of the step’s length: h, or exp(h) − 1.",
        choice(&["bh1", "bh2"], "bh2"),
    ),
    Parameter::new(
        "predict_clean",
        "In the clean estimate",
        "Integrates the clean estimate in place of the noise.",
        flag(true),
    ),
    LOWER_ORDER_FINAL,
];

pub(super) const PREDICTOR_CORRECTOR: &[Parameter] = &[
    Parameter::new(
        "predictor",
        "Predictor",
        "What goes from one noise level to the next.",
        choice(
            &["euler-maruyama", "reverse-diffusion", "ancestral"],
            "reverse-diffusion",
        ),
    ),
    Parameter::new(
        "corrector_steps",
        "Corrector steps",
        "Langevin steps at each level.",
        whole(0, 20, 1),
    ),
    Parameter::new(
        "snr",
        "Signal to noise",
        "The ratio in a Langevin step, which sets its size.",
        number(0.01, 1.0, Some(0.15)),
    ),
];

pub(super) const LANGEVIN: &[Parameter] = &[STEP_SIZE];

pub(super) const ANNEALED_LANGEVIN: &[Parameter] = &[
    Parameter::new(
        "steps_per_level",
        "Steps per level",
        "Langevin steps at each noise level.",
        whole(1, 100, 5),
    ),
    STEP_SIZE,
];
