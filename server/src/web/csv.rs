//! Lines of CSV files (RFC 4180) that spreadsheets take for text.

/// One line. A cell that a spreadsheet would take for a formula gets an apostrophe in front, which tells it to show the rest as it is.
pub(super) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (n, cell) in cells.into_iter().enumerate() {
        if n > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

fn push_cell(line: &mut String, cell: &str) {
    let is_formula =
        cell.trim_start_matches([' ', '\u{a0}', '\u{feff}']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !is_formula && !cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        line.push_str(cell);
        return;
    }
    line.push('"');
    if is_formula {
        line.push('\'');
    }
    // Excel reads no NUL, and stops there.
    line.push_str(&cell.replace('\0', "\u{fffd}").replace('"', "\"\""));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b19_a_cell_is_never_a_formula() {
        let check = |cell: &str, expected: &str| assert_eq!(line([cell, "x"]), format!("{expected},x\r\n"), "{cell:?}");
        check("job-7", "job-7");
        check("", "");
        check("a,b", "\"a,b\"");
        check("say \"hi\"\nthere", "\"say \"\"hi\"\"\nthere\"");
        check("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\"");
        for formula in ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u{feff}=1", "＝1", "－1"] {
            let line = line([formula]);
            assert!(line.starts_with("\"'"), "{line:?}");
        }
    }
}
