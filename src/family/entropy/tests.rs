use super::*;

fn of(named: Named) -> Option<f64> {
    entropy(&PointData::draw(named, 2, 0).unwrap())
}

#[test]
fn a_gaussian_has_its_closed_form() {
    let single = Branch::point(1.0, 0.3, [2.0, -1.0]);
    let expected = (TAU * 0.09).ln() + 1.0;
    let found = entropy_of(&[single]);
    assert!((found - expected).abs() < 1e-9, "{found} but {expected}");
}

#[test]
fn separate_gaussians_add_the_entropy_of_the_choice() {
    let choice = -(0.2 * 0.2f64.ln() + 0.8 * 0.8f64.ln());
    let variance = Named::TwoGaussians.moments().variance;
    let expected = TAU.ln() + 1.0 + choice - variance.ln();
    let found = of(Named::TwoGaussians).unwrap();
    assert!((found - expected).abs() < 1e-6, "{found} but {expected}");
    // The eight components overlap slightly.
    let variance = Named::EightGaussians.moments().variance;
    let separate = (TAU * 0.25).ln() + 1.0 + 8f64.ln() - variance.ln();
    let found = of(Named::EightGaussians).unwrap();
    assert!(found < separate && found > separate - 0.05, "{found}");
}

#[test]
fn nodes_of_a_curve_have_its_weight() {
    for named in [
        Named::TwoMoons,
        Named::SwissRoll,
        Named::Spiral,
        Named::Smiley,
    ] {
        let branches = branches(named).unwrap();
        let nodes = branches.iter().flat_map(Branch::nodes);
        let weight: f64 = nodes.map(|(_, weight)| weight).sum();
        assert!((weight - 1.0).abs() < 1e-12, "{named:?}: {weight}");
    }
}

#[test]
fn a_wide_circle_is_locally_a_line() {
    // The entropy of a uniform angle along the circle plus that of the normal noise across it, up to the effect of
    // curvature.
    let circle = Branch::arc(1.0, 0.01, 1.0, [0.0, TAU]);
    let expected = TAU.ln() + 0.5 * ((TAU * 1e-4).ln() + 1.0);
    let found = entropy_of(&[circle]);
    assert!((found - expected).abs() < 1e-4, "{found} but {expected}");
}

#[test]
fn curves_are_those_that_are_drawn() {
    // The mean negative log-density of draws must match the entropy.
    for named in [Named::TwoMoons, Named::Rings, Named::Spiral, Named::Smiley] {
        let nodes: Vec<(f64, [f64; 2], f64)> = branches(named)
            .unwrap()
            .iter()
            .flat_map(|branch| branch.nodes().into_iter().map(|(p, w)| (branch.std, p, w)))
            .collect();
        let surprise = |[x, y]: [f64; 2]| {
            let terms = nodes.iter().map(|(std, [a, b], weight)| {
                let square = ((x - a).powi(2) + (y - b).powi(2)) / (std * std);
                weight * (-0.5 * square).exp() / (TAU * std * std)
            });
            -terms.sum::<f64>().ln()
        };
        let points = named.draw(2000, 1);
        let mean = points.iter().map(|point| surprise(*point)).sum::<f64>() / 2000.0;
        let scale = named.moments().variance.sqrt();
        let expected = of(named).unwrap() + 2.0 * scale.ln();
        assert!(
            (mean - expected).abs() < 0.1,
            "{named:?}: {mean} but {expected}"
        );
    }
}

#[test]
fn entropies_are_in_standardised_coordinates_or_absent() {
    let variance: f64 = 4.0 / 3.0;
    let found = of(Named::Checkerboard).unwrap();
    assert!((found - (8f64.ln() - variance.ln())).abs() < 1e-12);
    let moons = of(Named::TwoMoons).unwrap();
    assert!((moons - 1.6866).abs() < 1e-3, "{moons}");
    assert_eq!(of(Named::Pinwheel), None);
    let given = PointData::from_points(&[0.0, 1.0, 2.0, 3.0]).unwrap();
    assert_eq!(entropy(&given), None);
}
