//! Tables in Markdown and CSV.

/// Rows of text under a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with this header.
    pub fn new(header: &[&str]) -> Self {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        Self {
            header,
            rows: Vec::new(),
        }
    }

    /// Whether the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row, padded or truncated to the columns of the header.
    pub fn push(&mut self, mut row: Vec<String>) {
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    /// Formats the table as Markdown, with the first column aligned left and the others right.
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

    /// Formats the table as comma-separated values (RFC 4180).
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
