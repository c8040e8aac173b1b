//! Pairs as lines of text.

/// One pair a line, such as `name=value` with `=` between the two.
pub(super) fn print(pairs: &[(String, String)], between: &str) -> String {
    pairs.iter().map(|(name, value)| format!("{name}{between}{value}\n")).collect()
}

/// Reads such lines; the error is the number of a line that has no separator.
#[cfg(any(feature = "ssr", test))]
pub(super) fn parse(text: &str, separator: char) -> Result<Vec<(String, String)>, usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let pair = |(n, line): (usize, &str)| {
        let (name, value) = line.split_once(separator).ok_or(n + 1)?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    };
    lines.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c22_pairs_are_read_back_from_their_lines() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = vec![pair("a", "1"), pair("a", "x=y: z"), pair("empty", "")];
        assert_eq!(parse(&print(&pairs, "="), '='), Ok(pairs.clone()));
        assert_eq!(parse(&print(&pairs, ": "), ':'), Ok(pairs));
        assert_eq!(parse("\r\n a = 1 \n\n", '='), Ok(vec![pair("a", "1")]));
        assert_eq!(parse("a=1\n\nb", '='), Err(3));
        assert_eq!(print(&[], "="), "");
    }
}
