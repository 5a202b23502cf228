//! Random distributions and formulas.

use std::rc::Rc;

use tweedie::distribution::{
    Cauchy, Component, Discrete, Distribution, Envelope, Exponential, FormulaDensity,
    GaussianMixture, InverseTransform, Laplace, Normal, PiecewiseLinear, Power, Proposal,
    Rejection, Triangular, Uniform, goodness_of_fit,
};
use tweedie::random::Generator;

use super::choices::Choices;

/// A density is rejected, or all its functions return in bounded time.
pub fn densities(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    if let Some(density) = density(&mut choices) {
        examine(density, &mut choices);
    }
}

/// The same for a formula.
pub fn formulas(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let source = formula(&mut choices);
    let (low, high) = match choices.below(3) {
        0 => (0.0, 1.0),
        1 => (-3.0, 3.0),
        _ => (choices.number(), choices.number()),
    };
    if let Ok(density) = FormulaDensity::new(&source, low, high) {
        examine(Rc::new(density), &mut choices);
    }
}

fn density(choices: &mut Choices<'_>) -> Option<Rc<dyn Distribution>> {
    let kind = choices.below(10);
    let mut list = |most: usize, sorted: bool| {
        let mut list: Vec<f64> = (0..choices.below(most)).map(|_| choices.number()).collect();
        if sorted {
            list.sort_by(f64::total_cmp);
        }
        list
    };
    if kind == 8 {
        let (knots, heights) = (list(12, true), list(12, false));
        let heights: Vec<f64> = heights.iter().map(|height| height.abs()).collect();
        let count = knots.len().min(heights.len());
        let drawn = PiecewiseLinear::new(&knots[..count], &heights[..count]);
        return drawn.ok().map(|drawn| Rc::new(drawn) as _);
    }
    if kind == 9 {
        let (values, weights) = (list(12, true), list(12, false));
        let weights: Vec<f64> = weights.iter().map(|weight| weight.abs()).collect();
        let count = values.len().min(weights.len());
        let discrete = Discrete::new(&values[..count], &weights[..count]);
        return discrete.ok().map(|discrete| Rc::new(discrete) as _);
    }
    let [a, b, c] = [choices.number(), choices.number(), choices.number()];
    Some(match kind {
        0 => Rc::new(Uniform::new(a, b).ok()?),
        1 => Rc::new(Normal::new(a, b).ok()?),
        2 => Rc::new(Exponential::new(a).ok()?),
        3 => Rc::new(Laplace::new(a, b).ok()?),
        4 => Rc::new(Triangular::new(a, b, c).ok()?),
        5 => Rc::new(Cauchy::new(a, b).ok()?),
        6 => Rc::new(Power::new(a, b).ok()?),
        _ => {
            let component = |choices: &mut Choices<'_>| Component {
                weight: choices.number(),
                mean: choices.number(),
                std: choices.number(),
            };
            let components: Vec<Component> =
                (0..=choices.below(4)).map(|_| component(choices)).collect();
            Rc::new(GaussianMixture::new(&components).ok()?)
        }
    })
}

fn proposal(choices: &mut Choices<'_>) -> Proposal {
    let kind = choices.below(4);
    let [one, other] = [(); 2].map(|()| choices.flag().then(|| choices.number()));
    match kind {
        0 => Proposal::Uniform {
            low: one,
            high: other,
        },
        1 => Proposal::Normal {
            mean: one,
            std: other,
        },
        2 => Proposal::Exponential {
            rate: one,
            origin: other,
        },
        _ => Proposal::Laplace {
            location: one,
            scale: other,
        },
    }
}

fn examine(density: Rc<dyn Distribution>, choices: &mut Choices<'_>) {
    let [low, high] = density.support();
    assert!(low <= high, "the support is {low} to {high}");
    let _ = (density.mean(), density.variance());
    for u in [0.0, 1e-12, 0.3, 0.5, 0.9, 1.0 - 1e-12, 1.0] {
        let x = density.inverse_cdf(u);
        assert!((low..=high).contains(&x), "{x} is beyond the support");
        let p = density.cdf(x);
        assert!((0.0..=1.0).contains(&p), "the CDF at {x} is {p}");
    }
    let mut generator = Generator::new(1);
    let samples = InverseTransform::new(density.clone())
        .sample(50, &mut generator)
        .unwrap();
    assert!(samples.iter().all(|x| x.is_finite()), "{samples:?}");
    let _ = goodness_of_fit(&*density, &samples);
    let c = choices.flag().then(|| choices.number());
    let proposal = proposal(choices)
        .fitted(&*density)
        .and_then(|proposal| proposal.distribution(&*density));
    let Ok(proposal) = proposal else { return };
    let proposal: Rc<dyn Distribution> = proposal.into();
    let _ = Envelope::new(&*density, &*proposal, None);
    let Ok(rejection) = Rejection::new(density, proposal, c) else {
        return;
    };
    let envelope = rejection.envelope();
    let rate = envelope.acceptance_rate;
    assert!(rate > 0.0 && rate <= 1.0 + 1e-6, "{envelope:?}");
    let mut samples = [0.0; 5];
    rejection.fill_within(&mut samples, 10_000, &mut generator);
}

/// A formula from the grammar, or from pieces of it in any order.
fn formula(choices: &mut Choices<'_>) -> String {
    if choices.once_in(4) {
        const PIECES: [&str; 24] = [
            "x", "1", "1e9", "1e-300", "pi", "e", "(", ")", "+", "-", "*", "/", "^", ",", "sin(",
            "exp(", "min(", "abs(", "floor(", " ", ".", "é", "2e", "−",
        ];
        let pieces: Vec<&str> = (0..choices.below(60))
            .map(|_| choices.one_of(&PIECES))
            .collect();
        return pieces.concat();
    }
    let depth = choices.below(6);
    let mut text = expression(choices, depth);
    if choices.once_in(8) {
        let times = choices.one_of(&[2, 50, 500]);
        text = vec![text; times].join("+");
        text.truncate(
            text.char_indices()
                .nth(9000)
                .map_or(text.len(), |(end, _)| end),
        );
    }
    match choices.below(3) {
        0 => format!("exp(-({text})^2)"),
        1 => format!("1+sin({text})"),
        _ => text,
    }
}

fn expression(choices: &mut Choices<'_>, depth: usize) -> String {
    if depth == 0 || choices.is_empty() {
        return match choices.below(3) {
            0 => choices.number().abs().to_string(),
            _ => "x".to_owned(),
        };
    }
    match choices.below(4) {
        0 => {
            let name = choices.one_of(&[
                "sqrt", "exp", "ln", "sin", "cos", "tan", "asin", "atan", "sinh", "abs", "floor",
                "sign",
            ]);
            format!("{name}({})", expression(choices, depth - 1))
        }
        1 => format!("-({})", expression(choices, depth - 1)),
        _ => {
            let operator = choices.one_of(&["+", "-", "*", "/", "^"]);
            let left = expression(choices, depth - 1);
            format!("({left}){operator}({})", expression(choices, depth - 1))
        }
    }
}
