//! Metadata of all samplers, for tables, menus and forms.

mod parameter;
mod value;

pub use parameter::{Domain, Parameter};
pub use value::Value;

/// Metadata of a sampler, for menus and documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Name in JavaScript, and [`Method::name`](super::Method::name).
    pub name: &'static str,
    /// Display name.
    pub title: &'static str,
    /// Authors and year of the paper.
    pub paper: &'static str,
    /// Address of the paper.
    pub url: &'static str,
    /// Whether the sampler adds fresh noise, with default options.
    pub is_stochastic: bool,
    /// Network evaluations per step, with default options; for the adaptive solver, per attempted step.
    pub evaluations: usize,
    /// Options of this sampler.
    pub options: &'static [Parameter],
}

const fn entry(
    name: &'static str,
    title: &'static str,
    [paper, url]: [&'static str; 2],
    options: &'static [Parameter],
) -> Entry {
    Entry {
        name,
        title,
        paper,
        url,
        is_stochastic: false,
        evaluations: 1,
        options,
    }
}

impl Entry {
    const fn stochastic(mut self) -> Self {
        self.is_stochastic = true;
        self
    }

    const fn evaluating(mut self, evaluations: usize) -> Self {
        self.evaluations = evaluations;
        self
    }
}

const SONG_2021: [&str; 2] = ["Song et al. 2021", "https://arxiv.org/abs/2011.13456"];
const KARRAS_2022: [&str; 2] = ["Karras et al. 2022", "https://arxiv.org/abs/2206.00364"];
const ZHANG_2023: [&str; 2] = ["Zhang & Chen 2023", "https://arxiv.org/abs/2204.13902"];
const SONG_2019: [&str; 2] = ["Song & Ermon 2019", "https://arxiv.org/abs/1907.05600"];

/// All samplers, in the order of the documentation.
pub const CATALOG: [Entry; 23] = [
    entry(
        "ddpm",
        "DDPM",
        ["Ho, Jain & Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
        &[],
    )
    .stochastic(),
    entry(
        "ddim",
        "DDIM",
        [
            "Song, Meng & Ermon 2021",
            "https://arxiv.org/abs/2010.02502",
        ],
        parameter::DDIM,
    ),
    entry(
        "probability-flow",
        "Probability-flow ODE",
        SONG_2021,
        parameter::PROBABILITY_FLOW,
    )
    .evaluating(2),
    entry(
        "dormand-prince",
        "Probability-flow ODE, adaptive",
        [
            "Dormand & Prince 1980",
            "https://doi.org/10.1016/0771-050X(80)90013-3",
        ],
        parameter::DORMAND_PRINCE,
    )
    .evaluating(6),
    entry("euler", "Euler", KARRAS_2022, &[]),
    entry("euler-ancestral", "Euler ancestral", KARRAS_2022, &[]).stochastic(),
    entry("heun", "Heun", KARRAS_2022, &[]).evaluating(2),
    entry("kdpm2", "KDPM2", KARRAS_2022, &[]).evaluating(2),
    entry("kdpm2-ancestral", "KDPM2 ancestral", KARRAS_2022, &[])
        .stochastic()
        .evaluating(2),
    entry(
        "lms",
        "Linear multistep",
        [
            "Bashforth & Adams 1883",
            "https://archive.org/details/attempttest00bashrich",
        ],
        parameter::LMS,
    ),
    entry(
        "pndm",
        "PNDM",
        ["Liu et al. 2022", "https://arxiv.org/abs/2202.09778"],
        parameter::PNDM,
    ),
    entry("ipndm", "IPNDM", ZHANG_2023, &[]),
    entry(
        "dpm-solver",
        "DPM-Solver",
        ["Lu et al. 2022", "https://arxiv.org/abs/2206.00927"],
        parameter::DPM_SOLVER,
    ),
    entry(
        "dpm-solver++",
        "DPM-Solver++",
        ["Lu et al. 2022", "https://arxiv.org/abs/2211.01095"],
        parameter::DPM_SOLVER,
    ),
    entry("deis", "DEIS", ZHANG_2023, parameter::DEIS),
    entry(
        "unipc",
        "UniPC",
        ["Zhao et al. 2023", "https://arxiv.org/abs/2302.04867"],
        parameter::UNIPC,
    ),
    entry("euler-maruyama", "Euler–Maruyama", SONG_2021, &[]).stochastic(),
    entry("reverse-diffusion", "Reverse diffusion", SONG_2021, &[]).stochastic(),
    entry("ancestral", "Ancestral", SONG_2021, &[]).stochastic(),
    entry(
        "predictor-corrector",
        "Predictor–corrector",
        SONG_2021,
        parameter::PREDICTOR_CORRECTOR,
    )
    .stochastic()
    .evaluating(2),
    entry("langevin", "Langevin", SONG_2019, parameter::LANGEVIN).stochastic(),
    entry(
        "annealed-langevin",
        "Annealed Langevin",
        SONG_2019,
        parameter::ANNEALED_LANGEVIN,
    )
    .stochastic()
    .evaluating(5),
    entry(
        "consistency",
        "Consistency, multistep",
        ["Song et al. 2023", "https://arxiv.org/abs/2303.01469"],
        &[],
    )
    .stochastic(),
];
