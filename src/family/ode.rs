//! Explicit Runge–Kutta methods for `dx/dt = v(x, t)` with a fixed step size.

use serde::{Deserialize, Serialize};

/// An explicit Runge–Kutta method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OdeMethod {
    /// Euler: `x + h·v(x, t)`; order 1, one evaluation per step.
    Euler,
    /// Midpoint: uses the slope in the middle of the step; order 2, two evaluations per step.
    #[default]
    Midpoint,
    /// Heun: uses the mean of the slopes at both ends; order 2, two evaluations per step.
    Heun,
}

impl OdeMethod {
    /// Evaluations of `v` per step.
    pub fn evaluations(self) -> usize {
        match self {
            Self::Euler => 1,
            Self::Midpoint | Self::Heun => 2,
        }
    }

    /// The state after one step of size `h`, which may be negative.
    pub fn step(
        self,
        x: &[f32],
        t: f32,
        h: f32,
        mut velocity: impl FnMut(&[f32], f32) -> Vec<f32>,
    ) -> Vec<f32> {
        let slope = velocity(x, t);
        match self {
            Self::Euler => moved(x, &slope, h),
            Self::Midpoint => {
                let middle = moved(x, &slope, h / 2.0);
                moved(x, &velocity(&middle, t + h / 2.0), h)
            }
            Self::Heun => {
                let end = velocity(&moved(x, &slope, h), t + h);
                moved(&moved(x, &slope, h / 2.0), &end, h / 2.0)
            }
        }
    }

    /// The `steps + 1` states from time `from` to time `to`; the first is `x`.
    pub fn solve(
        self,
        x: Vec<f32>,
        [from, to]: [f32; 2],
        steps: usize,
        mut velocity: impl FnMut(&[f32], f32) -> Vec<f32>,
    ) -> Vec<Vec<f32>> {
        let h = (to - from) / steps as f32;
        let mut states = vec![x];
        for index in 0..steps {
            let t = from + index as f32 * h;
            let next = self.step(&states[index], t, h, &mut velocity);
            states.push(next);
        }
        states
    }
}

/// `x + h·slope`
fn moved(x: &[f32], slope: &[f32], h: f32) -> Vec<f32> {
    x.iter()
        .zip(slope)
        .map(|(x, slope)| x + h * slope)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error at the end of `dx/dt = x·cos t`, whose exact solution is `exp(sin t)`.
    fn error(method: OdeMethod, steps: usize) -> f32 {
        let velocity = |x: &[f32], t: f32| vec![x[0] * libm::cosf(t)];
        let states = method.solve(vec![1.0], [0.0, 1.0], steps, velocity);
        assert_eq!(states.len(), steps + 1);
        (states[steps][0] - libm::expf(libm::sinf(1.0))).abs()
    }

    #[test]
    fn twice_the_steps_divide_the_error_by_two_to_the_order() {
        for (method, factor) in [
            (OdeMethod::Euler, 2.0),
            (OdeMethod::Midpoint, 4.0),
            (OdeMethod::Heun, 4.0),
        ] {
            let ratio = error(method, 8) / error(method, 16);
            assert!((ratio / factor - 1.0).abs() < 0.2, "{method:?}: {ratio}");
        }
    }

    #[test]
    fn the_way_back_leads_to_the_start() {
        let velocity = |x: &[f32], t: f32| vec![x[0] * libm::cosf(t)];
        let there = OdeMethod::Heun.solve(vec![1.0], [0.0, 1.0], 50, velocity);
        let back = OdeMethod::Heun.solve(there[50].clone(), [1.0, 0.0], 50, velocity);
        assert!((back[50][0] - 1.0).abs() < 1e-4);
    }
}
