//! What an edit changes, line by line.

use serde::{Deserialize, Serialize};

/// Lines of a comparison that are shown.
#[cfg(feature = "ssr")]
const LINES_MAX: usize = 2_000;
/// Lines that stay, shown around those that change.
#[cfg(feature = "ssr")]
const AROUND: usize = 3;
/// Time for finding the shortest comparison; after it a longer one does.
#[cfg(feature = "ssr")]
const SEARCH_MS: u64 = 100;

/// The difference of two texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Lines that are new.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
    /// What changes with a few lines around it.
    pub lines: Vec<Line>,
    /// True where there are more lines than these.
    pub is_cut: bool,
}

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub kind: LineKind,
    /// Its number in the deployed text, from 1; `None` where it is not in it. So is the other.
    pub before: Option<usize>,
    pub after: Option<usize>,
    pub text: String,
    /// True for a last line without a line end.
    pub is_open: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    /// Lines that stay are left out here.
    Gap,
    Same,
    Removed,
    Added,
}

#[cfg(feature = "ssr")]
impl Changes {
    /// Compares a text with another that takes its place.
    pub(super) fn between(before: &str, after: &str) -> Self {
        use similar::{ChangeTag, TextDiff};
        let compared = TextDiff::configure().timeout(std::time::Duration::from_millis(SEARCH_MS)).diff_lines(before, after);
        let mut changes = Self::default();
        for (n, group) in compared.grouped_ops(AROUND).iter().enumerate() {
            if n > 0 {
                changes.push(Line { kind: LineKind::Gap, before: None, after: None, text: String::new(), is_open: false });
            }
            for change in group.iter().flat_map(|op| compared.iter_changes(op)) {
                let kind = match change.tag() {
                    ChangeTag::Equal => LineKind::Same,
                    ChangeTag::Delete => LineKind::Removed,
                    ChangeTag::Insert => LineKind::Added,
                };
                changes.added += usize::from(kind == LineKind::Added);
                changes.removed += usize::from(kind == LineKind::Removed);
                let (before, after) = (change.old_index().map(|n| n + 1), change.new_index().map(|n| n + 1));
                let text = change.value().trim_end_matches('\n').to_owned();
                changes.push(Line { kind, before, after, text, is_open: change.missing_newline() });
            }
        }
        changes
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        } else {
            self.is_cut = true;
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn print(changes: &Changes) -> String {
        let number = |n: Option<usize>| n.map_or("-".to_owned(), |n| n.to_string());
        let line = |line: &Line| {
            let mark = match line.kind {
                LineKind::Gap => "…",
                LineKind::Same => " ",
                LineKind::Removed => "−",
                LineKind::Added => "+",
            };
            format!("{}/{} {mark}{}{}\n", number(line.before), number(line.after), line.text, if line.is_open { "¬" } else { "" })
        };
        changes.lines.iter().map(line).collect()
    }

    #[test]
    fn b11_a_comparison_has_what_changes_and_a_few_lines_around_it() {
        let before: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 2\n", "line two\nand more\n").replace("line 20\n", "line 20");
        let changes = Changes::between(&before, &after);
        assert_eq!((changes.added, changes.removed, changes.is_cut), (3, 2, false));
        let expected = "1/1  line 1\n2/- −line 2\n-/2 +line two\n-/3 +and more\n3/4  line 3\n4/5  line 4\n5/6  line 5\n-/- …\n\
                        17/18  line 17\n18/19  line 18\n19/20  line 19\n20/- −line 20\n-/21 +line 20¬\n";
        assert_eq!(print(&changes), expected);
    }

    #[test]
    fn b11_nothing_and_everything_are_comparisons_too() {
        assert_eq!(Changes::between("a\n", "a\n"), Changes::default());
        let long: String = (0..LINES_MAX * 2).map(|n| format!("{n}\n")).collect();
        let changes = Changes::between("", &long);
        assert_eq!((changes.added, changes.lines.len(), changes.is_cut), (LINES_MAX * 2, LINES_MAX, true));
    }
}
