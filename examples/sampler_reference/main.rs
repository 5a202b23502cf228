//! Writes docs/samplers.md and src/web/js/sampler-options.d.ts from the catalog of samplers: `cargo run --example sampler_reference`
//!
//! A test compares the files with what this program writes.

mod page;
mod types;

pub use page::page;
pub use types::types;

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}

/// A number, in scientific notation if it is small.
fn short(number: f64) -> String {
    if number > 0.0 && number < 1e-3 {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

#[allow(dead_code, reason = "the test includes this file")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::write(root.join("docs/samplers.md"), page()?)?;
    std::fs::write(root.join("src/web/js/sampler-options.d.ts"), types())?;
    Ok(())
}
