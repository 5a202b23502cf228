//! CSV files with two numbers per line.

/// Separator between two columns.
#[derive(Clone, Copy, PartialEq)]
enum Separator {
    Semicolon,
    Tab,
    Comma,
    Spaces,
}

/// The points of a CSV text, and notes about ignored columns.
pub(super) struct Table {
    pub points: Vec<[f64; 2]>,
    pub notes: Vec<String>,
}

/// Names of columns with row numbers. The first is pandas' name for an unnamed column.
const INDEX_NAMES: [&str; 4] = ["unnamed: 0", "index", "id", "row"];

/// Text in UTF-16 that was decoded as UTF-8 contains the character NUL, as do spreadsheets and other binary files.
const NOT_TEXT: &str =
    "it contains the character NUL, so it is not text in UTF-8: save it as CSV in UTF-8";

/// The first two columns of each line, after an optional column of row numbers. Errors describe the problem and its
/// line.
pub(super) fn parse(text: &str) -> Result<Table, String> {
    if text.contains('\0') {
        return Err(NOT_TEXT.to_owned());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .map(str::trim)
        .zip(1..)
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let header = lines.next_if(|(first, _)| is_header(first));
    let header = header.map(|(line, _)| cells(line, Separator::of(line)).collect::<Vec<_>>());
    let lines: Vec<(&str, usize)> = lines.collect();
    let width = lines.first().map_or(0, |(line, _)| width(line));
    let mut notes = Vec::new();
    let index = row_numbers(header.as_deref(), &lines, width);
    if let Some(name) = &index {
        notes.push(match width {
            2 => format!("The first column {name}: if it holds row numbers, remove it."),
            _ => format!("The first column {name} and is taken for row numbers: it is skipped."),
        });
    }
    let skipped = usize::from(index.is_some() && width > 2);
    if width > skipped + 2 {
        let columns = width - skipped;
        notes.push(format!("Only the first two of {columns} columns are read."));
    }
    let points = lines
        .iter()
        .map(|(line, number)| point(line, *number, skipped));
    Ok(Table {
        points: points.collect::<Result<_, _>>()?,
        notes,
    })
}

/// Number of cells of a line up to the last non-empty one.
fn width(line: &str) -> usize {
    let cells: Vec<&str> = cells(line, Separator::of(line)).collect();
    cells
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |last| last + 1)
}

/// The reason why the first column contains row numbers, as written by pandas and R: "has no name".
fn row_numbers(header: Option<&[&str]>, lines: &[(&str, usize)], width: usize) -> Option<String> {
    if width < 2 {
        return None;
    }
    let first = |line: &str| {
        cells(line, Separator::of(line))
            .next()
            .and_then(|cell| cell.parse::<f64>().ok())
    };
    let numbers: Vec<Option<f64>> = lines.iter().map(|(line, _)| first(line)).collect();
    let counts = |start: f64| {
        numbers
            .iter()
            .enumerate()
            .all(|(row, number)| *number == Some(start + row as f64))
    };
    let counts = width > 2 && (counts(0.0) || counts(1.0));
    let are_words = numbers.iter().all(Option::is_none);
    match header {
        Some(["", ..]) => Some("has no name".to_owned()),
        // The names start at the second column.
        Some(names) if names.len() + 1 == width && width > 2 && (counts || are_words) => {
            Some("has no name".to_owned())
        }
        Some([name, ..]) if counts && INDEX_NAMES.contains(&name.to_ascii_lowercase().as_str()) => {
            Some(format!("is called {}, counts the rows", quoted(name)))
        }
        // Two or three points may start with 0, 1, 2 by chance; longer lists are unlikely to.
        None if counts && lines.len() > 2 => Some("counts the rows".to_owned()),
        _ => None,
    }
}

/// Whether the line is a header: no cell starts like a number. `nan` starts like a name, but stands for a number. After
/// an unnamed column, the names may be 0, 1, 2, …, the default names of a pandas frame.
fn is_header(line: &str) -> bool {
    let begins_like_a_number = |cell: &str| {
        let cell = cell.trim_start_matches(['+', '-', '.', ',', '−']);
        let not_a_number = ["nan", "inf", "infinity", "na", "null"];
        cell.starts_with(|letter: char| letter.is_ascii_digit())
            || not_a_number.contains(&cell.to_ascii_lowercase().as_str())
    };
    let names: Vec<&str> = cells(line, Separator::of(line)).collect();
    match names[..] {
        ["", "0", ..] => {
            let mut numbered = names[1..].iter().enumerate();
            numbered.all(|(index, name)| *name == index.to_string())
        }
        _ => !names.iter().any(|name| begins_like_a_number(name)),
    }
}

impl Separator {
    /// Where the line contains a semicolon or a tab, the comma is a decimal sign.
    fn of(line: &str) -> Self {
        if line.contains(';') {
            Self::Semicolon
        } else if line.contains('\t') {
            Self::Tab
        } else if is_comma_separated(line) {
            Self::Comma
        } else {
            Self::Spaces
        }
    }
}

/// A single comma separates two columns. In two words with one comma each, `0,5 1,5`, it is the decimal sign.
fn is_comma_separated(line: &str) -> bool {
    let decimal = |word: &str| {
        let sides = word.split_once(',');
        sides.is_some_and(|(left, right)| {
            left.ends_with(|c: char| c.is_ascii_digit())
                && right.starts_with(|c: char| c.is_ascii_digit())
                && !right.contains(',')
        })
    };
    let mut words = line.split_whitespace();
    line.contains(',') && !(words.clone().count() > 1 && words.all(decimal))
}

fn cells(line: &str, separator: Separator) -> impl Iterator<Item = &str> {
    let is_separator = move |letter: char| match separator {
        Separator::Semicolon => letter == ';',
        Separator::Tab => letter == '\t',
        Separator::Comma => letter == ',',
        Separator::Spaces => letter.is_whitespace(),
    };
    line.split(is_separator)
        .map(|cell| cell.trim().trim_matches('"').trim())
        .filter(move |cell| separator != Separator::Spaces || !cell.is_empty())
}

/// The two columns after the skipped ones.
fn point(line: &str, number: usize, skipped: usize) -> Result<[f64; 2], String> {
    let separator = Separator::of(line);
    let mut cells = cells(line, separator).skip(skipped);
    let mut coordinate = |column: usize| match cells.next() {
        None | Some("") => Err(format!("line {number} has no column {column}")),
        Some(cell) => finite(cell, separator).ok_or_else(|| {
            format!(
                "line {number}, column {column} is no finite number: {}",
                quoted(cell)
            )
        }),
    };
    Ok([coordinate(skipped + 1)?, coordinate(skipped + 2)?])
}

fn finite(cell: &str, separator: Separator) -> Option<f64> {
    let cell = cell.replace('−', "-");
    let cell = match separator {
        Separator::Comma => cell,
        _ => cell.replace(',', "."),
    };
    // Values must be finite in `f32`.
    let is_finite = |value: &f64| (*value as f32).is_finite();
    cell.parse().ok().filter(is_finite)
}

/// The cell as quoted in messages.
fn quoted(cell: &str) -> String {
    const MAX_SHOWN: usize = 40;
    match cell.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &cell[..end]),
        None => format!("{cell:?}"),
    }
}
