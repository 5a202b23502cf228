use super::super::Expression;
use super::*;

#[track_caller]
fn value(source: &str) -> f64 {
    Expression::parse(source).unwrap().evaluate(3.0)
}

#[test]
fn operators_bind_as_on_paper() {
    for (source, expected) in [
        ("1 + 2 * x", 7.0),
        ("(1 + 2) * x", 9.0),
        ("-x^2", -9.0),
        ("2^-x", 0.125),
        ("2^3^2", 512.0),
        ("8 / 2 / 2", 2.0),
        ("8 - 2 - 2", 4.0),
        ("2 - -x", 5.0),
        ("2 * -x^2", -18.0),
        ("--x", 3.0),
        ("1e2 + 2.5e-1 + .5", 100.75),
        ("2 · x − 1", 5.0),
    ] {
        assert_eq!(value(source), expected, "{source}");
    }
}

#[test]
fn functions_are_applied() {
    assert_eq!(value("max(min(x, 2), 1) + sqrt(abs(-16))"), 6.0);
    assert_eq!(value("sign(0) + sign(-x)"), -1.0);
    assert!((value("exp(ln(x)) + cos(pi) + e") - (2.0 + E)).abs() < 1e-15);
    assert_eq!(
        value("log2(8) + log10(100) + floor(2.7) + ceil(2.1) + round(2.5)"),
        13.0
    );
    assert!(value("max(0, sqrt(-x))").is_nan());
}

#[test]
fn mistakes_are_found_at_their_column() {
    for (source, column, reason) in [
        ("", 1, "a number"),
        ("exp(-x^2", 9, ") expected before the end"),
        ("2x", 2, "an operator"),
        ("x(1 + x)", 2, "x is not a function"),
        ("1 + * x", 5, "before *"),
        ("x + foo(x)", 5, "there is no foo"),
        ("sin x", 5, "( after sin"),
        ("min(x)", 6, ", and the second"),
        ("(x + 1))", 8, "closes nothing"),
        ("1.2.3", 1, "1.2.3 is not a number"),
        ("x + ", 5, "before the end"),
        ("y", 1, "there is no y"),
        ("x $ 2", 3, "an operator"),
        ("sin(x, 2)", 6, ") expected before ,"),
    ] {
        let Err(Error::Formula {
            column: found,
            reason: given,
        }) = Expression::parse(source)
        else {
            panic!("{source} was read");
        };
        assert_eq!(found, column, "{source}: {given}");
        assert!(given.contains(reason), "{source}: {given}");
    }
}

#[test]
fn deep_and_long_formulas_are_refused_and_not_the_end() {
    for source in [
        "(".repeat(5000),
        "-".repeat(9000),
        "2^".repeat(4000),
        "x+".repeat(6000),
    ] {
        assert!(Expression::parse(&source).is_err());
    }
    let many = vec!["x"; 3000].join("+");
    assert_eq!(value(&many), 9000.0);
}
