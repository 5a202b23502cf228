use super::super::{Envelope, Power, Triangular};
use super::*;

const LAPLACE: Proposal = Proposal::Laplace {
    location: None,
    scale: None,
};
const NORMAL: Proposal = Proposal::Normal {
    mean: None,
    std: None,
};
const CAUCHY: Proposal = Proposal::Cauchy {
    location: None,
    scale: None,
};
const EXPONENTIAL: Proposal = Proposal::Exponential {
    rate: None,
    origin: None,
};
const UNIFORM: Proposal = Proposal::Uniform {
    low: None,
    high: None,
};

#[track_caller]
fn fitted_c(target: &dyn Distribution, proposal: Proposal) -> f64 {
    let fitted = proposal
        .fitted(target)
        .unwrap()
        .distribution(target)
        .unwrap();
    Envelope::new(target, &*fitted, None).unwrap().c
}

#[test]
fn the_fit_is_the_least_envelope_where_that_is_known() {
    let normal = Normal::new(1.0, 2.0).unwrap();
    assert_eq!(
        NORMAL.fitted(&normal).unwrap(),
        Proposal::Normal {
            mean: Some(1.0),
            std: Some(2.0)
        }
    );
    // For a normal the best Laplace density has the scale std.
    assert_eq!(
        LAPLACE.fitted(&normal).unwrap(),
        Proposal::Laplace {
            location: Some(1.0),
            scale: Some(2.0)
        }
    );
    let exponential = Exponential::new(0.7).unwrap();
    assert_eq!(
        EXPONENTIAL.fitted(&exponential).unwrap(),
        Proposal::Exponential {
            rate: Some(0.7),
            origin: Some(0.0)
        }
    );
    assert_eq!(fitted_c(&Power::new(2.0, 2.0).unwrap(), UNIFORM), 3.0);
}

#[test]
fn fitted_tails_cover_the_targets() {
    let component = |weight, mean, std| super::super::Component { weight, mean, std };
    for components in [
        [component(0.5, 0.0, 0.1), component(0.5, 0.0, 3.0)],
        [component(0.9, -4.0, 0.5), component(0.1, 4.0, 2.0)],
        [component(0.5, -2.0, 1.0), component(0.5, 2.0, 1.0)],
    ] {
        let mixture = super::super::GaussianMixture::new(&components).unwrap();
        assert!(fitted_c(&mixture, NORMAL) < 16.0);
        assert!(fitted_c(&mixture, LAPLACE) < 16.0);
    }
    assert!(fitted_c(&Exponential::new(3.0).unwrap(), LAPLACE) <= 2.0 + 1e-9);
    assert!(fitted_c(&Uniform::new(5.0, 6.0).unwrap(), NORMAL) < 2.5);
    assert!(fitted_c(&Uniform::new(5.0, 6.0).unwrap(), EXPONENTIAL) < 10.0);
}

#[test]
fn a_cauchy_proposal_covers_every_target_and_is_the_default_for_heavy_tails() {
    let cauchy = Cauchy::new(2.0, 0.5).unwrap();
    assert_eq!(
        CAUCHY.fitted(&cauchy).unwrap(),
        Proposal::Cauchy {
            location: Some(2.0),
            scale: Some(0.5)
        }
    );
    assert_eq!(Proposal::default_for(&cauchy), CAUCHY);
    let normal = Normal::new(1.0, 2.0).unwrap();
    assert_eq!(Proposal::default_for(&normal), LAPLACE);
    // √(2π/e) with the scale of the target; a wider proposal is no better.
    assert!(fitted_c(&normal, CAUCHY) < 1.5204);
    let targets: [&dyn Distribution; 5] = [
        &cauchy,
        &Laplace::new(-3.0, 2.0).unwrap(),
        &Exponential::new(0.2).unwrap(),
        &Uniform::new(5.0, 6.0).unwrap(),
        &Triangular::new(-2.0, 1.0, 2.0).unwrap(),
    ];
    for target in targets {
        let c = fitted_c(target, CAUCHY);
        assert!((1.0 - 1e-9..4.0).contains(&c), "{c}");
    }
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let normal = Normal::new(0.0, 1.0).unwrap();
    for proposal in [UNIFORM, EXPONENTIAL] {
        let error = proposal.fitted(&normal).unwrap_err().to_string();
        assert!(
            error.contains("since the target's support has no end there"),
            "{error}"
        );
    }
    let die = Discrete::new(&[1.0, 2.0], &[1.0, 1.0]).unwrap();
    assert!(NORMAL.fitted(&die).is_err());
    assert!(
        Proposal::Normal {
            mean: None,
            std: Some(0.0)
        }
        .fitted(&normal)
        .is_err()
    );
    // No light-tailed proposal covers a Cauchy distribution; the parameters are still filled in for the error
    // message.
    let cauchy = Cauchy::new(0.0, 1.0).unwrap();
    let fitted = LAPLACE
        .fitted(&cauchy)
        .unwrap()
        .distribution(&cauchy)
        .unwrap();
    assert!(matches!(
        Envelope::new(&cauchy, &*fitted, None),
        Err(Error::Envelope { .. })
    ));
}
