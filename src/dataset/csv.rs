//! Two numbers to a line, as spreadsheets and programs write them.

/// What lies between two columns.
#[derive(Clone, Copy, PartialEq)]
enum Separator {
    Semicolon,
    Tab,
    Comma,
    Spaces,
}

/// The first two columns of each line. A reason says what is wrong with which line.
pub(super) fn parse(text: &str) -> Result<Vec<[f64; 2]>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .map(str::trim)
        .zip(1..)
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    // The names of the columns.
    if let Some((first, _)) = lines.peek()
        && is_header(first)
    {
        lines.next();
    }
    lines.map(|(line, number)| point(line, number)).collect()
}

/// Whether no column of the line begins like a number: names, that is. `nan` would be one of them, but stands for a number.
fn is_header(line: &str) -> bool {
    let begins_like_a_number = |cell: &str| {
        let cell = cell.trim_start_matches(['+', '-', '.', ',', '−']);
        let not_a_number = ["nan", "inf", "infinity", "na", "null"];
        cell.starts_with(|letter: char| letter.is_ascii_digit())
            || not_a_number.contains(&cell.to_ascii_lowercase().as_str())
    };
    !cells(line, Separator::of(line)).any(begins_like_a_number)
}

impl Separator {
    /// Where there is a semicolon or a tab, the comma is a decimal sign.
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

/// One comma between two columns; with two words of a comma each, `0,5 1,5`, it is the decimal sign.
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

fn point(line: &str, number: usize) -> Result<[f64; 2], String> {
    let separator = Separator::of(line);
    let mut cells = cells(line, separator);
    let mut coordinate = |column: usize| match cells.next() {
        None | Some("") => Err(format!("line {number} has no column {column}")),
        Some(cell) => finite(cell, separator).ok_or_else(|| {
            format!(
                "line {number}, column {column} is no finite number: {}",
                quoted(cell)
            )
        }),
    };
    Ok([coordinate(1)?, coordinate(2)?])
}

fn finite(cell: &str, separator: Separator) -> Option<f64> {
    let cell = cell.replace('−', "-");
    let cell = match separator {
        Separator::Comma => cell,
        _ => cell.replace(',', "."),
    };
    // What overflows an f32 would not stay finite.
    let is_finite = |value: &f64| (*value as f32).is_finite();
    cell.parse().ok().filter(is_finite)
}

/// The cell as a message shows it.
fn quoted(cell: &str) -> String {
    const MOST: usize = 40;
    match cell.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", &cell[..end]),
        None => format!("{cell:?}"),
    }
}
