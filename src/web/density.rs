//! Bindings of one-dimensional distributions.

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::{Float64Array, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::arguments::{double_array, doubles};
use super::density_options::{self, Run, target};
use super::density_sampler::{Method, WasmDensitySampler, WasmRejection};
use crate::distribution::{
    Distribution, Envelope, Fit, FitTest, InverseTransform, Proposal, Rejection, goodness_of_fit,
};
use crate::random::Generator;
use crate::{Error, Result};

/// Maximum number of samples of a run that also returns its uniforms.
const MAX_PICTURED: usize = 1_000_000;
/// Maximum expected number of proposals of a run that returns all proposals.
const MAX_PROPOSALS: f64 = 1e7;
/// Maximum number of samples of a test.
const MAX_TESTED: u32 = 20_000_000;

pub(super) type Shared = Rc<dyn Distribution>;

/// A distribution that can be sampled.
#[wasm_bindgen]
pub struct WasmDensity {
    kind: &'static str,
    distribution: Shared,
    normalizer: f64,
    /// Created at the first use.
    inverse: OnceCell<Rc<InverseTransform<Shared>>>,
}

/// Exact properties of a distribution.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    kind: &'static str,
    is_discrete: bool,
    support: [f64; 2],
    mean: Option<f64>,
    variance: Option<f64>,
    has_closed_form_inverse: bool,
    normalizer: f64,
}

#[wasm_bindgen]
impl WasmDensity {
    /// Creates a distribution from an object with its kind and parameters.
    ///
    /// # Errors
    /// `invalid-option` names the parameter, `formula` has the column.
    #[wasm_bindgen(constructor)]
    pub fn new(description: JsValue) -> Result<Self, JsValue> {
        let (kind, distribution, normalizer) = target(&description)?;
        Ok(Self {
            kind,
            distribution,
            normalizer,
            inverse: OnceCell::new(),
        })
    }

    /// Support, moments and other exact properties.
    pub fn summary(&self) -> Result<JsValue, JsValue> {
        let distribution = &self.distribution;
        plain(&Summary {
            kind: self.kind,
            is_discrete: !distribution.values().is_empty(),
            support: distribution.support(),
            mean: distribution.mean(),
            variance: distribution.variance(),
            has_closed_form_inverse: distribution.has_closed_form_inverse(),
            normalizer: self.normalizer,
        })
    }

    /// p at each x.
    ///
    /// # Errors
    /// `invalid-option` for anything but a `Float64Array`.
    pub fn density(&self, xs: Float64Array) -> Result<Vec<f64>, JsValue> {
        let mut xs = doubles("xs", &xs)?;
        replace(&mut xs, |x| self.distribution.density(x));
        Ok(xs)
    }

    /// F at each x.
    ///
    /// # Errors
    /// `invalid-option` for anything but a `Float64Array`.
    pub fn cdf(&self, xs: Float64Array) -> Result<Vec<f64>, JsValue> {
        let mut xs = doubles("xs", &xs)?;
        replace(&mut xs, |x| self.distribution.cdf(x));
        Ok(xs)
    }

    /// The inverse CDF at each u.
    ///
    /// # Errors
    /// `invalid-option` for a u outside [0, 1].
    #[wasm_bindgen(js_name = inverseCdf)]
    pub fn inverse_cdf(&self, us: Float64Array) -> Result<Vec<f64>, JsValue> {
        let mut us = doubles("us", &us)?;
        if let Some(u) = us.iter().find(|u| !(0.0..=1.0).contains(*u)) {
            return Err(Error::invalid("us", "numbers from 0 to 1", u).into());
        }
        self.distribution.invert(&mut us);
        Ok(us)
    }

    /// Starts a run that fills arrays with samples.
    ///
    /// # Errors
    /// `invalid-option` names the option, `envelope` states why there is no envelope.
    pub fn sampler(&self, options: JsValue) -> Result<WasmDensitySampler, JsValue> {
        let (run, method) = density_options::sampler(&options)?;
        let method = match method {
            None => {
                crate::distribution::sample_count(run.count)?;
                Method::Inverse(self.inverse())
            }
            Some((proposal, c)) => {
                let rejection = self.rejecting(proposal, c)?;
                rejection.check(run.count)?;
                Method::Rejection(rejection)
            }
        };
        Ok(WasmDensitySampler::new(method, run))
    }

    /// Inverse transform sampling that also returns the uniforms: `{ u, x }`.
    ///
    /// # Errors
    /// `invalid-option` names the option.
    #[wasm_bindgen(js_name = inverseTransform)]
    pub fn inverse_transform(&self, options: JsValue) -> Result<Object, JsValue> {
        let Run { count, seed } = density_options::run(&options)?;
        if !(1..=MAX_PICTURED).contains(&count) {
            let expected = format!("between 1 and {MAX_PICTURED}");
            return Err(Error::invalid("count", expected, count).into());
        }
        let mut values = vec![0.0; count];
        Generator::new(seed).fill_uniform(&mut values);
        let u = Float64Array::from(&values[..]);
        self.inverse().invert(&mut values);
        object(&[("u", u.into()), ("x", double_values(&values))])
    }

    /// Starts a run of rejection sampling that returns all proposals.
    ///
    /// # Errors
    /// `invalid-option` names the option, `envelope` states why there is no envelope.
    pub fn rejection(&self, options: JsValue) -> Result<WasmRejection, JsValue> {
        let (Run { count, seed }, proposal, c) = density_options::rejection(&options)?;
        let rejection = self.rejecting(proposal, c)?;
        rejection.check(count)?;
        let rate = rejection.envelope().acceptance_rate;
        if count as f64 / rate > MAX_PROPOSALS {
            let most = (MAX_PROPOSALS * rate).floor();
            let expected =
                format!("at most {most}, to need no more than {MAX_PROPOSALS:e} proposals");
            return Err(Error::invalid("count", expected, count).into());
        }
        Ok(WasmRejection::new(rejection, Run { count, seed }))
    }

    /// The envelope of the distribution by a proposal.
    ///
    /// # Errors
    /// `invalid-option` names the option, `envelope` states why there is no envelope.
    pub fn envelope(&self, options: JsValue) -> Result<Object, JsValue> {
        let (xs, proposal, c) = density_options::envelope(&options)?;
        let (proposal, distribution) = self.proposal(proposal)?;
        let (p, q) = (&*self.distribution, &*distribution);
        let envelope = Envelope::new(p, q, c)?;
        let height = xs.iter().map(|x| envelope.c * q.density(*x));
        let height: Vec<f64> = height.collect();
        let resulting = xs.iter().map(|x| envelope.resulting(p, q, *x));
        let resulting: Vec<f64> = resulting.collect();
        object(&[
            ("proposal", density_options::described(&proposal)),
            ("supremum", envelope.supremum.into()),
            ("at", envelope.at.into()),
            ("c", envelope.c.into()),
            ("acceptanceRate", envelope.acceptance_rate.into()),
            ("breaks", plain(&envelope.breaks)?),
            ("distance", envelope.distance.into()),
            ("height", double_values(&height)),
            ("resulting", double_values(&resulting)),
        ])
    }

    /// Goodness-of-fit test of samples.
    ///
    /// # Errors
    /// `invalid-option` for too few or too many samples, and for NaN.
    pub fn test(&self, samples: Float64Array) -> Result<Object, JsValue> {
        double_array("samples", &samples)?;
        if samples.length() > MAX_TESTED {
            let expected = format!("at most {MAX_TESTED}");
            return Err(Error::invalid("samples", expected, samples.length()).into());
        }
        let fit = goodness_of_fit(&*self.distribution, &samples.to_vec())?;
        fitted(&fit)
    }
}

impl WasmDensity {
    fn inverse(&self) -> Rc<InverseTransform<Shared>> {
        let make = || Rc::new(InverseTransform::new(self.distribution.clone()));
        self.inverse.get_or_init(make).clone()
    }

    fn proposal(&self, proposal: Option<Proposal>) -> Result<(Proposal, Shared)> {
        let target = &*self.distribution;
        let proposal = proposal.unwrap_or_else(|| Proposal::default_for(target));
        let proposal = proposal.fitted(target)?;
        Ok((proposal, proposal.distribution(target)?.into()))
    }

    fn rejecting(
        &self,
        proposal: Option<Proposal>,
        c: Option<f64>,
    ) -> Result<Rejection<Shared, Shared>> {
        let (_, proposal) = self.proposal(proposal)?;
        Rejection::new(self.distribution.clone(), proposal, c)
    }
}

fn replace(values: &mut [f64], function: impl Fn(f64) -> f64) {
    for value in values {
        *value = function(*value);
    }
}

fn fitted(fit: &Fit) -> Result<Object, JsValue> {
    let (test, degrees_of_freedom) = match fit.test {
        FitTest::KolmogorovSmirnov => ("kolmogorov-smirnov", JsValue::NULL),
        FitTest::ChiSquared { degrees_of_freedom } => {
            ("chi-squared", (degrees_of_freedom as u32).into())
        }
    };
    object(&[
        ("test", test.into()),
        ("statistic", fit.statistic.into()),
        ("pValue", fit.p_value.into()),
        ("degreesOfFreedom", degrees_of_freedom),
        ("count", (fit.count as u32).into()),
        ("mean", fit.mean.into()),
        ("variance", fit.variance.into()),
    ])
}

pub(super) fn double_values(values: &[f64]) -> JsValue {
    Float64Array::from(values).into()
}

pub(super) fn object(fields: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from(*name), value)?;
    }
    Ok(object)
}

fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}
