//! The documentation lists what the code has.

use tweedie::dataset::Named;

#[path = "../../examples/sampler_reference/main.rs"]
mod sampler_reference;

#[test]
fn the_table_of_data_sets_lists_them_all() {
    let rows: Vec<&str> = include_str!("../../docs/points.md")
        .lines()
        .skip_while(|line| !line.starts_with("| data set |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected = Named::ALL.map(|named| {
        let description = named.description().trim_end_matches('.');
        format!("| `{}` | {description} |", named.name())
    });
    assert_eq!(rows, expected);
}

#[test]
fn the_reference_and_the_types_of_the_samplers_are_current() {
    let remedy = "write them anew: cargo run --example sampler_reference";
    let page = sampler_reference::page().unwrap();
    assert!(include_str!("../../docs/samplers.md") == page, "{remedy}");
    let types = sampler_reference::types();
    let current = include_str!("../../src/web/js/sampler-options.d.ts");
    assert!(current == types, "{remedy}");
}
