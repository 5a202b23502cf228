//! Metadata of the methods and operators, for menus and documentation.

use crate::sampler::catalog::{Domain, Parameter};

/// Metadata of a method.
#[derive(Clone, Copy, Debug)]
pub struct MethodEntry {
    /// Name in JavaScript and in the programs.
    pub name: &'static str,
    /// Name in menus.
    pub title: &'static str,
    /// Authors and year of the paper.
    pub paper: &'static str,
    /// Address of the paper.
    pub url: &'static str,
    /// Names of the operators that it supports.
    pub operators: &'static [&'static str],
    /// Whether it works with every sampler; otherwise it takes steps of its own.
    pub is_for_any_sampler: bool,
    /// Whether an evaluation takes the gradient of the network, which costs about two further evaluations.
    pub needs_gradient: bool,
    /// Options of the method.
    pub options: &'static [Parameter],
}

/// Metadata of an operator.
#[derive(Clone, Copy, Debug)]
pub struct OperatorEntry {
    /// Name in JavaScript and in the programs.
    pub name: &'static str,
    /// Name in menus.
    pub title: &'static str,
    /// What is observed, as a sentence.
    pub meaning: &'static str,
    /// Its numeric options; masks and matrices are not listed.
    pub options: &'static [Parameter],
}

const LINEAR: &[&str] = &[
    "inpaint",
    "downsample",
    "blur",
    "motion-blur",
    "grey",
    "crop",
    "linear",
];
const ALL: &[&str] = &[
    "inpaint",
    "downsample",
    "blur",
    "motion-blur",
    "grey",
    "crop",
    "quantise",
    "linear",
];
const DECOMPOSED: &[&str] = &["inpaint", "downsample", "blur", "grey", "crop"];
const PROJECTIONS: &[&str] = &["inpaint", "downsample", "grey", "crop"];

/// Default of `step_size`.
pub const STEP_SIZE: f64 = 100.0;
/// Upper limit of `step_size`.
pub const MAX_STEP_SIZE: f64 = 10_000.0;
/// Default of `eta` for DDRM (Kawar et al. 2022, section 5).
pub const DDRM_ETA: f64 = 0.85;
/// Default of `jump_length` and `jump_samples`, as in diffusers.
pub const JUMPS: usize = 10;
/// Upper limit of `jump_length` and `jump_samples`.
pub const MAX_JUMPS: usize = 1000;

/// All methods.
pub const METHODS: [MethodEntry; 5] = [
    MethodEntry {
        name: "pigdm",
        title: "ΠGDM",
        paper: "Song et al. 2023",
        url: "https://openreview.net/forum?id=9_gsMA8MRKQ",
        operators: LINEAR,
        is_for_any_sampler: true,
        needs_gradient: true,
        options: &[],
    },
    MethodEntry {
        name: "dps",
        title: "DPS",
        paper: "Chung et al. 2023",
        url: "https://arxiv.org/abs/2209.14687",
        operators: ALL,
        is_for_any_sampler: true,
        needs_gradient: true,
        options: &[Parameter {
            name: "step_size",
            title: "Step size",
            meaning: "Strength of the pull towards the observation",
            domain: Domain::Number {
                range: [0.0, MAX_STEP_SIZE],
                default: Some(STEP_SIZE),
            },
        }],
    },
    MethodEntry {
        name: "ddrm",
        title: "DDRM",
        paper: "Kawar et al. 2022",
        url: "https://arxiv.org/abs/2201.11793",
        operators: DECOMPOSED,
        is_for_any_sampler: false,
        needs_gradient: false,
        options: &[Parameter {
            name: "eta",
            title: "Eta",
            meaning: "Amount of fresh noise in each step: 0 for none, 1 for fresh noise only",
            domain: Domain::Number {
                range: [0.0, 1.0],
                default: Some(DDRM_ETA),
            },
        }],
    },
    MethodEntry {
        name: "repaint",
        title: "RePaint",
        paper: "Lugmayr et al. 2022",
        url: "https://arxiv.org/abs/2201.09865",
        operators: PROJECTIONS,
        is_for_any_sampler: false,
        needs_gradient: false,
        options: &[
            Parameter {
                name: "jump_length",
                title: "Jump length",
                meaning: "Number of steps by which a jump goes back",
                domain: Domain::Whole {
                    range: [1, MAX_JUMPS],
                    default: JUMPS,
                },
            },
            Parameter {
                name: "jump_samples",
                title: "Jump samples",
                meaning: "Number of times that each part of the run is sampled; 1 for no jumps",
                domain: Domain::Whole {
                    range: [1, MAX_JUMPS],
                    default: JUMPS,
                },
            },
            Parameter {
                name: "eta",
                title: "Eta",
                meaning: "Noise of a step: 0 for DDIM, 1 for DDPM",
                domain: Domain::Number {
                    range: [0.0, 1.0],
                    default: Some(0.0),
                },
            },
        ],
    },
    MethodEntry {
        name: "replacement",
        title: "Replacement",
        paper: "Song et al. 2021",
        url: "https://arxiv.org/abs/2011.13456",
        operators: LINEAR,
        is_for_any_sampler: true,
        needs_gradient: false,
        options: &[],
    },
];

const fn number(
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
    range: [f64; 2],
    default: f64,
) -> Parameter {
    Parameter {
        name,
        title,
        meaning,
        domain: Domain::Number {
            range,
            default: Some(default),
        },
    }
}

/// All operators.
pub const OPERATORS: [OperatorEntry; 8] = [
    OperatorEntry {
        name: "inpaint",
        title: "Hidden pixels",
        meaning: "The pixels where the mask is 1 are known",
        options: &[],
    },
    OperatorEntry {
        name: "downsample",
        title: "Downsample",
        meaning: "The mean of each block of pixels is known",
        options: &[Parameter {
            name: "factor",
            title: "Factor",
            meaning: "Side of a block in pixels; it must divide height and width",
            domain: Domain::Whole {
                range: [2, 64],
                default: 4,
            },
        }],
    },
    OperatorEntry {
        name: "blur",
        title: "Gaussian blur",
        meaning: "The image convolved with a Gaussian is known",
        options: &[number(
            "sigma",
            "Sigma",
            "Standard deviation of the Gaussian in pixels",
            [1e-3, 64.0],
            2.0,
        )],
    },
    OperatorEntry {
        name: "motion-blur",
        title: "Motion blur",
        meaning: "The mean over a line through each pixel is known",
        options: &[
            number(
                "length",
                "Length",
                "Length of the line in pixels",
                [1.0, 64.0],
                7.0,
            ),
            number(
                "angle",
                "Angle",
                "Angle in degrees, counterclockwise from the horizontal",
                [-360.0, 360.0],
                0.0,
            ),
        ],
    },
    OperatorEntry {
        name: "grey",
        title: "Grey",
        meaning: "The mean of the channels is known",
        options: &[],
    },
    OperatorEntry {
        name: "crop",
        title: "Crop",
        meaning: "A window is known, and the image around it is generated",
        options: &[],
    },
    OperatorEntry {
        name: "quantise",
        title: "Few colours",
        meaning: "The nearest of a few evenly spaced values of each pixel and channel is known",
        options: &[Parameter {
            name: "levels",
            title: "Levels",
            meaning: "Number of values of each channel",
            domain: Domain::Whole {
                range: [2, 256],
                default: 4,
            },
        }],
    },
    OperatorEntry {
        name: "linear",
        title: "Matrix",
        meaning: "The product of a matrix with the image is known",
        options: &[],
    },
];
