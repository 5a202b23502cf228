//! The README's table of samplers says what the code has.
#![cfg(not(target_family = "wasm"))]

use tweedie::sampler::catalog::CATALOG;

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}

#[test]
fn the_table_of_samplers_is_the_catalog() {
    let readme = include_str!("../README.md");
    let rows: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| sampler |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected = CATALOG.map(|entry| {
        let options: Vec<String> = entry
            .options
            .iter()
            .map(|option| format!("`{}`", camel_case(option.name)))
            .collect();
        let options = match options.is_empty() {
            true => String::new(),
            false => format!(" {}", options.join(", ")),
        };
        format!(
            "| `{}` |{options} | [{}]({}) |",
            entry.name, entry.paper, entry.url
        )
    });
    assert_eq!(rows, expected);
}
