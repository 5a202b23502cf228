//! Detection of peaks that are too narrow for any grid, from the subexpressions of the formula.

use super::Expression;

/// Number of points at which the subexpressions are evaluated.
const GRID: usize = 1024;
/// Maximum number of candidate positions, per subexpression and in total.
const MAX_PLACES_OF_PART: usize = 16;
const MAX_PLACES: usize = 512;
/// Maximum number of evaluations around the candidates times the [cost](Expression::cost) of the formula: a fraction of
/// a second.
const MAX_WORK: usize = 20_000_000;
/// Bisections of the distance to a candidate, down to the spacing of floating-point numbers.
const HALVINGS: i32 = 48;
/// Fraction of a grid step within which a candidate counts as a pole.
const NEAR: f64 = 1e-3;
/// Steps of a search between two grid points.
const SEARCH: usize = 60;
/// Relative excess of a value over the mean of its neighbours one grid step away, above which it is a peak.
const MAX_SURPRISE: f64 = 0.01;

/// Positions of narrow peaks, in increasing order: at or beside the zeros and extrema of the subexpressions and the
/// ends of the interval, where the function exceeds its values one grid step to the left and right. The peak of
/// `exp(-((x - 0.3)/1e-9)^2)` is at the zero of `x - 0.3`.
pub(super) fn peaks(expression: &Expression, [low, high]: [f64; 2]) -> Vec<f64> {
    let search = Search {
        expression,
        ends: [low, high],
        step: (high - low) / GRID as f64,
    };
    let mut places: Vec<f64> = search.places();
    places.extend([low, high]);
    let mut peaks: Vec<f64> = places
        .into_iter()
        .flat_map(|place| search.beside(place))
        .collect();
    peaks.sort_by(f64::total_cmp);
    peaks.dedup();
    peaks
}

struct Search<'a> {
    expression: &'a Expression,
    ends: [f64; 2],
    step: f64,
}

/// What a subexpression has between two points.
#[derive(Clone, Copy)]
enum Find {
    Zero,
    Least,
    Largest,
}

/// The find, and the two points.
type Bracket = (Find, f64, f64);

impl Search<'_> {
    /// Fewer candidates for long formulas.
    fn max_places(&self) -> usize {
        let around = 2 * HALVINGS as usize * 3 + SEARCH;
        (MAX_WORK / (around * self.expression.cost())).clamp(1, MAX_PLACES)
    }

    fn values(&self, x: f64) -> Vec<f64> {
        let mut values = Vec::new();
        self.expression.evaluate_parts(x, &mut values);
        values
    }

    /// Zeros and extrema of the subexpressions.
    fn places(&self) -> Vec<f64> {
        let [low, high] = self.ends;
        let x = |index: usize| match index {
            GRID => high,
            index => low + self.step * index as f64,
        };
        let table: Vec<Vec<f64>> = (0..=GRID).map(|index| self.values(x(index))).collect();
        let parts = table[0].len();
        let mut brackets: Vec<Vec<Bracket>> = vec![Vec::new(); parts];
        for (part, brackets) in brackets.iter_mut().enumerate() {
            let at = |index: usize| table[index][part];
            for index in 0..GRID {
                if (at(index) <= 0.0) != (at(index + 1) <= 0.0) {
                    brackets.push((Find::Zero, x(index), x(index + 1)));
                }
                let before = at(index.saturating_sub(1));
                let find = match (at(index), at(index + 1)) {
                    (here, after) if here < before && here <= after => Find::Least,
                    (here, after) if here > before && here >= after => Find::Largest,
                    _ => continue,
                };
                brackets.push((find, x(index - 1), x(index + 1)));
            }
        }
        // An oscillating subexpression has many, of which only some are used, so that all subexpressions are covered.
        let most = (self.max_places() / parts.max(1)).clamp(1, MAX_PLACES_OF_PART);
        let chosen = brackets
            .into_iter()
            .enumerate()
            .flat_map(|(part, brackets)| {
                let every = brackets.len().div_ceil(most).max(1);
                let chosen = brackets.into_iter().step_by(every);
                chosen.map(move |(find, from, to)| (find, part, from, to))
            });
        let chosen = chosen.take(self.max_places());
        let mut places = Vec::new();
        let mut poles = Vec::new();
        for (find, part, from, to) in chosen {
            match find {
                Find::Zero => {
                    let zero = self.zero(part, from, to);
                    let is_pole = zero
                        .iter()
                        .any(|x| !self.expression.evaluate(*x).is_finite());
                    let kind = if is_pole { &mut poles } else { &mut places };
                    kind.extend(zero);
                }
                Find::Least => places.push(self.extreme(part, from, to, 1.0)),
                Find::Largest => places.push(self.extreme(part, from, to, -1.0)),
            }
        }
        // Panels shrink towards a pole by themselves, and must not end at it.
        let is_apart = |place: &f64| {
            poles
                .iter()
                .all(|pole| (pole - place).abs() > NEAR * self.step)
        };
        places.retain(is_apart);
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// The zero of a subexpression, by bisection: two adjacent numbers.
    fn zero(&self, part: usize, mut from: f64, mut to: f64) -> [f64; 2] {
        let begins_low = self.values(from)[part] <= 0.0;
        for _ in 0..SEARCH {
            let middle = 0.5 * from + 0.5 * to;
            if (self.values(middle)[part] <= 0.0) == begins_low {
                from = middle;
            } else {
                to = middle;
            }
        }
        [from, to]
    }

    /// The minimum of a subexpression times a sign, by golden-section search.
    fn extreme(&self, part: usize, mut from: f64, mut to: f64, sign: f64) -> f64 {
        const GOLDEN: f64 = 0.618_033_988_749_894_8;
        let value = |x: f64| sign * self.values(x)[part];
        let [mut left, mut right] = [to - GOLDEN * (to - from), from + GOLDEN * (to - from)];
        let [mut at_left, mut at_right] = [value(left), value(right)];
        for _ in 0..SEARCH {
            if at_left <= at_right {
                (to, right, at_right) = (right, left, at_left);
                left = to - GOLDEN * (to - from);
                at_left = value(left);
            } else {
                (from, left, at_left) = (left, right, at_right);
                right = from + GOLDEN * (to - from);
                at_right = value(right);
            }
        }
        0.5 * left + 0.5 * right
    }

    /// The candidate and its neighbours on both sides that are peaks.
    fn beside(&self, place: f64) -> Vec<f64> {
        let mut found: Vec<f64> = self.surprise(place).map(|_| place).into_iter().collect();
        for side in [-1.0, 1.0] {
            let near =
                (0..HALVINGS).map(|halving| place + side * self.step * 0.5_f64.powi(halving));
            let surprises = near.filter_map(|x| Some((self.surprise(x)?, x)));
            let largest = surprises.max_by(|(a, _), (b, _)| a.total_cmp(b));
            found.extend(largest.map(|(_, x)| x));
        }
        found
    }

    /// The value at an interior x, if it is far above the mean of the values one grid step to its left and right.
    fn surprise(&self, x: f64) -> Option<f64> {
        let [low, high] = self.ends;
        if !(x > low && x < high) {
            return None;
        }
        let at = |x: f64| self.expression.evaluate(x.clamp(low, high));
        let [left, here, right] = [at(x - self.step), at(x), at(x + self.step)];
        let largest = left.abs().max(here.abs()).max(right.abs());
        let is_far = here - 0.5 * (left + right) > MAX_SURPRISE * largest;
        (is_far && here.is_finite()).then_some(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks_of(source: &str, ends: [f64; 2]) -> Vec<f64> {
        peaks(&Expression::parse(source).unwrap(), ends)
    }

    #[test]
    fn smooth_formulas_have_none() {
        for source in ["exp(-x^2/2)", "1 + sin(5*x)^2", "x^2", "1/(1 + x^2)"] {
            let found = peaks_of(source, [-3.0, 3.0]);
            assert!(found.is_empty(), "{source}: {found:?}");
        }
    }

    #[test]
    fn peaks_of_any_width_are_at_the_zeros_and_extremes_of_parts() {
        for source in [
            "exp(-((x - 0.123)/1e-9)^2)",
            "1 + exp(-((x - 0.123)/1e-12)^2)*1e12",
            "1/(1e-16 + (x - 0.123)^2)",
            "max(0, 1 - abs(x - 0.123)/1e-7)",
            "exp(-1e14*(x^2 - 0.246*x + 0.015129))",
        ] {
            let found = peaks_of(source, [-10.0, 10.0]);
            assert!(
                found.iter().any(|x| (x - 0.123).abs() < 1e-7),
                "{source}: {found:?}"
            );
        }
        let at_the_end = peaks_of("x*exp(-x/1e-7)", [0.0, 1.0]);
        assert!(
            at_the_end.iter().any(|x| (3e-8..3e-7).contains(x)),
            "{at_the_end:?}"
        );
    }
}
