//! The README's tables match the code.

use tweedie::dataset::Named;
use tweedie::sampler::catalog::CATALOG;

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}

/// The rows of the table whose header starts with `head`.
fn table(head: &str) -> Vec<&'static str> {
    include_str!("../../README.md")
        .lines()
        .skip_while(|line| !line.starts_with(head))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect()
}

#[test]
fn the_table_of_data_sets_lists_them_all() {
    let expected = Named::ALL.map(|named| {
        let description = named.description().trim_end_matches('.');
        format!("| `{}` | {description} |", named.name())
    });
    assert_eq!(table("| data set |"), expected);
}

#[test]
fn the_table_of_samplers_is_the_catalog() {
    let rows = table("| sampler |");
    let expected = CATALOG.map(|entry| {
        let options: Vec<String> = entry
            .options
            .iter()
            .map(|option| format!("`{}`", camel_case(option.name)))
            .collect();
        let options = if options.is_empty() {
            String::new()
        } else {
            format!(" {}", options.join(", "))
        };
        format!(
            "| `{}` |{options} | [{}]({}) |",
            entry.name, entry.paper, entry.url
        )
    });
    assert_eq!(rows, expected);
}
