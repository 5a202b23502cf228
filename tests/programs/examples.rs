//! The examples of the library, run as their first lines say.

use std::process::Command;

/// What the example prints. `cargo test` has built it before.
fn run(name: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", name])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {messages}");
    String::from_utf8(output.stdout).unwrap()
}

/// The numbers of a line.
fn numbers(line: &str) -> Vec<f64> {
    let words = line.split(|letter: char| letter.is_whitespace() || letter == ',');
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn sample_draws_digits() {
    let drawing = run("sample");
    let lines: Vec<&str> = drawing.lines().collect();
    assert_eq!(lines.len(), 28);
    assert!(lines.iter().all(|line| line.chars().count() == 3 * 28 * 2));
    let ink = drawing.matches('█').count() as f64 / (6 * 28 * 28) as f64;
    assert!((0.02..0.3).contains(&ink), "{ink}\n{drawing}");
}

#[test]
fn the_sampler_of_ones_own_is_of_second_order() {
    let table = run("sampler_of_your_own");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .map(numbers)
        .filter(|row| row.len() == 3)
        .collect();
    assert_eq!(rows.len(), 5, "{table}");
    let [_, first, second] = rows[4][..] else {
        panic!("{table}")
    };
    assert!(second < first / 5.0, "{table}");
}

#[test]
fn a_digit_is_likelier_than_its_negative() {
    let text = run("log_likelihood");
    let bits: Vec<f64> = text.lines().flat_map(numbers).collect();
    assert!(bits.len() == 2 && bits[0] < bits[1], "{text}");
}

#[test]
fn both_ways_to_sample_a_formula_fit_it() {
    let text = run("distribution");
    for way in ["inverse transform: p-value ", "rejection:         p-value "] {
        let line = text.lines().find_map(|line| line.strip_prefix(way));
        let p_value = numbers(line.unwrap_or_default());
        assert!(p_value.first().is_some_and(|p| *p > 1e-3), "{text}");
    }
}
