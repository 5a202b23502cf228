//! A table in Markdown and in CSV.

/// Rows of text under a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(header: &[&str]) -> Self {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        Self {
            header,
            rows: Vec::new(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row, filled up with empty cells or cut to the columns.
    pub fn push(&mut self, mut row: Vec<String>) {
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    /// As Markdown has it, the first column to the left and the others to the right.
    pub fn to_markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let mut text = line(&self.header);
        let alignment = (0..self.header.len()).map(|column| match column {
            0 => "---".to_owned(),
            _ => "---:".to_owned(),
        });
        text += &format!("|{}|\n", alignment.collect::<Vec<_>>().join("|"));
        self.rows.iter().for_each(|row| text += &line(row));
        text
    }

    /// As comma-separated values (RFC 4180).
    pub fn to_csv(&self) -> String {
        let cell = |cell: &String| {
            if cell.contains([',', '"', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let lines = std::iter::once(&self.header).chain(&self.rows);
        let line = |cells: &Vec<String>| cells.iter().map(cell).collect::<Vec<_>>().join(",");
        lines.map(|cells| line(cells) + "\n").collect()
    }
}
