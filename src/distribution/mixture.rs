//! Mixtures of normal distributions.

use super::{Distribution, Normal, Side, Tail, numeric_inverse, unit};
use crate::{Error, Result};

/// Upper limit of the number of components.
const MAX_COMPONENTS: usize = 100;

/// One component of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Relative weight.
    pub weight: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
}

/// A weighted sum of normal densities: `p(x) = Σ w_k·N(x; mean_k, std_k²)`. The weights are normalised.
///
/// ```
/// use tweedie::distribution::{Component, Distribution, GaussianMixture};
///
/// let mixture = GaussianMixture::new(&[
///     Component { weight: 1.0, mean: -2.0, std: 0.5 },
///     Component { weight: 3.0, mean: 2.0, std: 0.5 },
/// ])?;
/// assert_eq!(mixture.mean(), Some(1.0));
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    /// Normalised weights, and the components.
    components: Vec<(f64, Normal)>,
}

impl GaussianMixture {
    /// # Errors
    /// [`InvalidOption`](Error::InvalidOption) for zero or more than 100 components, and for a weight or standard
    /// deviation that is not above 0.
    pub fn new(components: &[Component]) -> Result<Self> {
        if !(1..=MAX_COMPONENTS).contains(&components.len()) {
            let expected = format!("a list of 1 to {MAX_COMPONENTS}");
            return Err(Error::invalid("components", expected, components.len()));
        }
        let weights = || components.iter().map(|component| component.weight);
        let unit = unit(weights());
        let total: f64 = weights().map(|weight| weight / unit).sum();
        let normal = |component: &Component| {
            let Component { weight, .. } = *component;
            if !(weight.is_finite() && weight > 0.0) {
                return Err(Error::invalid("weight", "a finite number above 0", weight));
            }
            Ok((
                weight / unit / total,
                Normal::new(component.mean, component.std)?,
            ))
        };
        let components = components.iter().map(normal).collect::<Result<_>>()?;
        Ok(Self { components })
    }

    fn sum(&self, term: impl Fn(&Normal) -> f64) -> f64 {
        let terms = self.components.iter();
        terms.map(|(weight, normal)| weight * term(normal)).sum()
    }

    fn mean_of_components(&self) -> f64 {
        self.sum(|normal| normal.mean().unwrap_or_default())
    }
}

impl Distribution for GaussianMixture {
    fn density(&self, x: f64) -> f64 {
        self.sum(|normal| normal.density(x))
    }

    fn ln_density(&self, x: f64) -> f64 {
        let exponents = self.components.iter();
        let exponents = exponents.map(|(weight, normal)| weight.ln() + normal.ln_density(x));
        let largest = exponents.clone().fold(f64::NEG_INFINITY, f64::max);
        if largest.is_finite() {
            largest
                + exponents
                    .map(|exponent| (exponent - largest).exp())
                    .sum::<f64>()
                    .ln()
        } else {
            largest
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        self.sum(|normal| normal.cdf(x)).min(1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        self.sum(|normal| normal.survival(x)).min(1.0)
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if u > 0.5 {
            numeric_inverse(self, Side::Upper, 1.0 - u)
        } else {
            numeric_inverse(self, Side::Lower, u)
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if w > 0.5 {
            numeric_inverse(self, Side::Lower, 1.0 - w)
        } else {
            numeric_inverse(self, Side::Upper, w)
        }
    }

    fn support(&self) -> [f64; 2] {
        [f64::NEG_INFINITY, f64::INFINITY]
    }

    fn tail(&self, side: Side) -> Tail {
        // The component that dominates the tail.
        let tails = self.components.iter().map(|(_, normal)| normal.tail(side));
        let heaviest = tails.reduce(|one, other| {
            if one.weight(other, side).is_lt() {
                other
            } else {
                one
            }
        });
        heaviest.unwrap_or(Tail::Bounded)
    }

    fn mean(&self) -> Option<f64> {
        Some(self.mean_of_components())
    }

    fn variance(&self) -> Option<f64> {
        let mean = self.mean_of_components();
        let apart = |normal: &Normal| normal.mean().unwrap_or_default() - mean;
        Some(self.sum(|normal| normal.std().powi(2) + apart(normal).powi(2)))
    }

    fn landmarks(&self) -> Vec<f64> {
        let means = self.components.iter();
        let mut means: Vec<f64> = means.filter_map(|(_, normal)| normal.mean()).collect();
        means.sort_by(f64::total_cmp);
        means
    }

    fn has_closed_form_inverse(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(weight: f64, mean: f64, std: f64) -> Component {
        Component { weight, mean, std }
    }

    #[test]
    fn weights_of_any_size_are_relative() {
        for size in [f64::MAX, 1e300, 1e-300] {
            let mixture = [component(size, -1.0, 0.1), component(0.25 * size, 1.0, 0.1)];
            let mixture = GaussianMixture::new(&mixture).unwrap();
            assert!((mixture.mean().unwrap() + 0.6).abs() < 1e-12, "{size:e}");
        }
    }

    #[test]
    fn components_that_are_none_are_refused() {
        assert!(GaussianMixture::new(&[]).is_err());
        assert!(GaussianMixture::new(&[component(1.0, 0.0, 1.0); 101]).is_err());
        for bad in [
            component(0.0, 0.0, 1.0),
            component(-1.0, 0.0, 1.0),
            component(f64::NAN, 0.0, 1.0),
            component(1.0, f64::INFINITY, 1.0),
            component(1.0, 0.0, 0.0),
            component(1.0, 0.0, 1e-200),
            component(1.0, 0.0, 1e300),
            component(1.0, 1e300, 1.0),
        ] {
            assert!(
                GaussianMixture::new(&[component(2.0, 0.0, 1.0), bad]).is_err(),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn one_component_is_the_normal() {
        let mixture = GaussianMixture::new(&[component(0.3, 1.0, 2.0)]).unwrap();
        let normal = Normal::new(1.0, 2.0).unwrap();
        for x in [-1000.0, -3.0, 1.0, 5.5, 1e5] {
            assert!(
                (mixture.ln_density(x) - normal.ln_density(x)).abs()
                    <= 1e-12 * normal.ln_density(x).abs()
            );
        }
        for u in [1e-300, 1e-10, 0.1, 0.5, 0.9, 1.0 - 1e-10] {
            let (found, exact) = (mixture.inverse_cdf(u), normal.inverse_cdf(u));
            assert!(
                (found - exact).abs() <= 1e-13 * exact.abs().max(1.0),
                "{u}: {found} is not {exact}"
            );
        }
    }

    #[test]
    fn the_narrowest_and_the_widest_have_quantiles() {
        for std in [1e-100, 1e100] {
            let mixture = GaussianMixture::new(&[component(1.0, 0.0, std)]).unwrap();
            let found = mixture.inverse_cdf(0.9) / std;
            assert!((found - 1.2815515655446004).abs() < 1e-9, "{std}: {found}");
        }
    }

    #[test]
    fn the_widest_component_rules_the_tails() {
        let mixture = GaussianMixture::new(&[
            component(1.0, 5.0, 1.0),
            component(1.0, -1.0, 2.0),
            component(1.0, 1.0, 2.0),
        ])
        .unwrap();
        assert_eq!(
            mixture.tail(Side::Upper),
            Tail::Gaussian {
                mean: 1.0,
                std: 2.0
            }
        );
        assert_eq!(
            mixture.tail(Side::Lower),
            Tail::Gaussian {
                mean: -1.0,
                std: 2.0
            }
        );
    }
}
