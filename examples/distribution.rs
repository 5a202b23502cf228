//! Samples a density given by a formula, in two ways: `cargo run --release --example distribution`
//!
//! The inverse transform turns one uniform number into one sample. Rejection proposes from a simpler density `q` and keeps what lies below
//! the target's `p`; its acceptance rate is `1/c`, where `c·q` is the lowest envelope over `p`.

use tweedie::Result;
use tweedie::distribution::{FormulaDensity, InverseTransform, Normal, Rejection, goodness_of_fit};
use tweedie::random::Generator;

const COUNT: usize = 20_000;

fn main() -> Result<()> {
    // A density up to a constant factor on an interval.
    let target = FormulaDensity::new("exp(-x^2) * (1 + sin(5*x)^2)", -3.0, 3.0)?;
    println!("area under the formula: {:.6}\n", target.integral());

    // The seed gives the uniform numbers of `torch.rand(n, dtype=torch.float64)`.
    let mut generator = Generator::new(0);
    let inverse = InverseTransform::new(&target).sample(COUNT, &mut generator)?;
    print_histogram(&inverse);
    let fit = goodness_of_fit(&target, &inverse)?;
    println!(
        "\ninverse transform: p-value {:.3} (Kolmogorov–Smirnov)",
        fit.p_value
    );

    let proposal = Normal::new(0.0, 1.0)?;
    let rejection = Rejection::new(&target, &proposal, None)?; // `None`: the least `c`
    let c = rejection.envelope().c;
    let accepted = rejection.sample(COUNT, &mut generator)?;
    let fit = goodness_of_fit(&target, &accepted)?;
    println!(
        "rejection:         p-value {:.3}, c = {c:.4}, {:.1} % accepted",
        fit.p_value,
        100.0 / c
    );
    Ok(())
}

fn print_histogram(samples: &[f64]) {
    const BINS: usize = 24;
    let mut counts = [0; BINS];
    for x in samples {
        let bin = (x + 3.0) / 6.0 * BINS as f64;
        counts[(bin as usize).min(BINS - 1)] += 1;
    }
    for (bin, count) in counts.into_iter().enumerate() {
        let x = -3.0 + (bin as f64 + 0.5) * 6.0 / BINS as f64;
        println!("{x:6.2} {}", "█".repeat(count * 300 / samples.len()));
    }
}
