//! What a person or a program reads: tables or JSON on standard output.

use serde_json::Value;

/// How answers are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// As JSON.
    pub(crate) json: bool,
}

impl Screen {
    /// Shows a list: a JSON array of `items`, or a table of their `rows`.
    pub(crate) fn list(self, items: &[Value], headers: &[&str], rows: &[Vec<String>]) {
        if self.json {
            self.line(&Value::from(items.to_vec()).to_string());
        } else {
            self.line(table(headers, rows).trim_end());
        }
    }

    /// Shows one thing: JSON, or a text.
    pub(crate) fn one(self, item: &Value, text: &str) {
        if self.json {
            self.line(&item.to_string());
        } else {
            self.line(text);
        }
    }

    /// Shows a line as it is.
    #[expect(clippy::unused_self, reason = "whoever writes to the screen holds it")]
    pub(crate) fn line(self, text: &str) {
        use std::io::Write;
        // A reader that has seen enough closes the pipe; that is no error of ours.
        if writeln!(std::io::stdout().lock(), "{text}").is_err() {
            std::process::exit(0);
        }
    }
}

/// Columns as wide as their widest cell.
fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = headers
        .iter()
        .enumerate()
        .map(|(column, header)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            widest.max(header.chars().count())
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(headers.to_vec());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}

/// The beginning of a text, on one line.
pub(crate) fn brief(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let kept: String = line.chars().take(longest.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// A word as messages spell it.
pub(crate) fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [
            vec!["a".to_owned(), "long cell".to_owned()],
            vec!["äöü".to_owned(), String::new()],
        ];
        assert_eq!(table(&["X", "Y"], &rows), "X    Y\na    long cell\näöü\n");
    }

    #[test]
    fn a_long_text_is_cut_to_one_line() {
        assert_eq!(brief("a\n b", 10), "a b");
        assert_eq!(brief("abcdef", 4), "abc…");
    }
}
