//! Options of distributions and sampling runs: plain objects from JavaScript.

use std::rc::Rc;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::arguments;
use super::options::{Fields, is_given, refused};
use crate::Result;
use crate::distribution::{
    Cauchy, Component, Discrete, Distribution, Exponential, FormulaDensity, GaussianMixture,
    Laplace, Normal, PiecewiseLinear, Power, Proposal, Triangular, Uniform,
};

const KINDS: [&str; 11] = [
    "uniform",
    "normal",
    "exponential",
    "laplace",
    "triangular",
    "cauchy",
    "power",
    "mixture",
    "piecewise-linear",
    "formula",
    "discrete",
];
const PROPOSALS: [&str; 5] = ["uniform", "normal", "exponential", "laplace", "cauchy"];

/// Number of samples and seed.
pub(super) struct Run {
    pub count: usize,
    pub seed: u32,
}

impl Run {
    fn take(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            count: fields.whole("count")?.unwrap_or(1),
            seed: fields.whole("seed")?.unwrap_or(0) as u32,
        })
    }
}

/// The proposal and c of rejection sampling.
type Rejecting = (Option<Proposal>, Option<f64>);

/// Parses a distribution. Returns its kind, the distribution, and its normalising constant.
pub(super) fn target(description: &JsValue) -> Result<(&'static str, Rc<dyn Distribution>, f64)> {
    let expected = "an object with a kind and its parameters";
    let mut fields = Fields::read("density", expected, description)?;
    let kind = fields.choice("kind", &KINDS)?;
    let kind = kind.ok_or_else(|| refused("density", expected, description))?;
    let mut number = |name: &str| required(&mut fields, name);
    let distribution: Rc<dyn Distribution> = match kind {
        "uniform" => Rc::new(Uniform::new(number("low")?, number("high")?)?),
        "normal" => Rc::new(Normal::new(number("mean")?, number("sd")?)?),
        "exponential" => Rc::new(Exponential::new(number("rate")?)?),
        "laplace" => Rc::new(Laplace::new(number("location")?, number("scale")?)?),
        "triangular" => Rc::new(Triangular::new(
            number("low")?,
            number("mode")?,
            number("high")?,
        )?),
        "cauchy" => Rc::new(Cauchy::new(number("location")?, number("scale")?)?),
        "power" => Rc::new(Power::new(number("exponent")?, number("high")?)?),
        "mixture" => Rc::new(GaussianMixture::new(&components(
            &fields.take("components"),
        )?)?),
        "discrete" => Rc::new(Discrete::new(
            &list(&mut fields, "values")?,
            &list(&mut fields, "weights")?,
        )?),
        "piecewise-linear" => {
            let drawn =
                PiecewiseLinear::new(&list(&mut fields, "knots")?, &list(&mut fields, "heights")?)?;
            let area = drawn.area();
            return Ok((kind, Rc::new(drawn), area));
        }
        _ => {
            let source = fields.take("source");
            let text = source.as_string();
            let text = text.ok_or_else(|| refused("source", "a text", &source))?;
            let typed = FormulaDensity::new(
                &text,
                required(&mut fields, "low")?,
                required(&mut fields, "high")?,
            )?;
            let integral = typed.integral();
            return Ok((kind, Rc::new(typed), integral));
        }
    };
    Ok((kind, distribution, 1.0))
}

fn required(fields: &mut Fields, name: &str) -> Result<f64> {
    let number = fields.number(name)?;
    number.ok_or_else(|| refused(name, "a number", &JsValue::UNDEFINED))
}

fn list(fields: &mut Fields, name: &str) -> Result<Vec<f64>> {
    let list = fields.doubles(name)?;
    list.ok_or_else(|| refused(name, "a list of numbers", &JsValue::UNDEFINED))
}

fn components(value: &JsValue) -> Result<Vec<Component>> {
    let expected = "a list of objects { weight, mean, sd }";
    let component = |value: &JsValue| {
        let mut fields = Fields::read("components", expected, value)?;
        let component = Component {
            weight: required(&mut fields, "weight")?,
            mean: required(&mut fields, "mean")?,
            std: required(&mut fields, "sd")?,
        };
        fields.finish(expected)?;
        Ok(component)
    };
    let components = arguments::list("components", expected, value)?;
    components.iter().map(component).collect()
}

/// Options of `sample`; without proposal and c for the inverse transform.
pub(super) fn sampler(options: &JsValue) -> Result<(Run, Option<Rejecting>)> {
    let expected = "an object of the options method, count, seed, and for rejection proposal, c";
    let mut fields = Fields::read("options", expected, options)?;
    let method = fields.choice("method", &["inverse-cdf", "rejection"])?;
    let run = Run::take(&mut fields)?;
    let rejecting = match method {
        Some("rejection") => Some(rejecting(&mut fields)?),
        _ => None,
    };
    fields.finish(expected)?;
    Ok((run, rejecting))
}

/// Options of `inverseTransform`.
pub(super) fn run(options: &JsValue) -> Result<Run> {
    let expected = "an object of the options count, seed";
    let mut fields = Fields::read("options", expected, options)?;
    let run = Run::take(&mut fields)?;
    fields.finish(expected)?;
    Ok(run)
}

/// Options of `rejection`.
pub(super) fn rejection(options: &JsValue) -> Result<(Run, Option<Proposal>, Option<f64>)> {
    let expected = "an object of the options proposal, c, count, seed";
    let mut fields = Fields::read("options", expected, options)?;
    let run = Run::take(&mut fields)?;
    let (proposal, c) = rejecting(&mut fields)?;
    fields.finish(expected)?;
    Ok((run, proposal, c))
}

/// Options of `envelope`.
pub(super) fn envelope(options: &JsValue) -> Result<(Vec<f64>, Option<Proposal>, Option<f64>)> {
    let expected = "an object of the options proposal, c, xs";
    let mut fields = Fields::read("options", expected, options)?;
    let (proposal, c) = rejecting(&mut fields)?;
    let xs = fields.doubles("xs")?.unwrap_or_default();
    fields.finish(expected)?;
    Ok((xs, proposal, c))
}

fn rejecting(fields: &mut Fields) -> Result<Rejecting> {
    let proposal = fields.take("proposal");
    let proposal = is_given(&proposal).then(|| self::proposal(&proposal));
    Ok((proposal.transpose()?, fields.number("c")?))
}

/// Parses a proposal: a kind, or an object with the kind and parameters.
fn proposal(value: &JsValue) -> Result<Proposal> {
    let expected = "one of uniform, normal, exponential, laplace, cauchy, or an object { kind } with its parameters";
    let described = match value.as_string() {
        Some(_) => {
            let object = Object::new();
            // Setting a property of a new object cannot fail.
            let _ = Reflect::set(&object, &"kind".into(), value);
            object.into()
        }
        None => value.clone(),
    };
    let mut fields = Fields::read("proposal", expected, &described)?;
    let proposal = match fields.choice("kind", &PROPOSALS)? {
        Some("uniform") => Proposal::Uniform {
            low: fields.number("low")?,
            high: fields.number("high")?,
        },
        Some("normal") => Proposal::Normal {
            mean: fields.number("mean")?,
            std: fields.number("sd")?,
        },
        Some("exponential") => Proposal::Exponential {
            rate: fields.number("rate")?,
            origin: fields.number("origin")?,
        },
        Some("laplace") => Proposal::Laplace {
            location: fields.number("location")?,
            scale: fields.number("scale")?,
        },
        Some(_) => Proposal::Cauchy {
            location: fields.number("location")?,
            scale: fields.number("scale")?,
        },
        None => return Err(refused("proposal", expected, value)),
    };
    fields.finish(expected)?;
    Ok(proposal)
}

/// Converts a proposal to an object.
pub(super) fn described(proposal: &Proposal) -> JsValue {
    let [one, other] = match proposal {
        Proposal::Uniform { low, high } => [("low", low), ("high", high)],
        Proposal::Normal { mean, std } => [("mean", mean), ("sd", std)],
        Proposal::Exponential { rate, origin } => [("rate", rate), ("origin", origin)],
        Proposal::Laplace { location, scale } | Proposal::Cauchy { location, scale } => {
            [("location", location), ("scale", scale)]
        }
    };
    let object = Object::new();
    let fields = [one, other].map(|(name, value)| (name, JsValue::from(*value)));
    for (name, value) in [("kind", proposal.name().into())].into_iter().chain(fields) {
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
