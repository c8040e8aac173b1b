//! Log lines as a terminal would show them: their escape sequences are styles, or nothing (`console.md` B-13).

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};
use std::borrow::Cow;

/// A colour of a terminal's palette; which one it is on the screen is the theme's matter. Others are read as the nearest of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    /// Bright black.
    Grey,
}

/// How a part of a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    pub ink: Option<Ink>,
    pub ground: Option<Ink>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underlined: bool,
    pub struck: bool,
    /// Ink and ground change places.
    pub reversed: bool,
}

/// The parts of a line that look alike, in order, without any escape sequence.
pub fn parts(line: &str) -> Vec<(Style, String)> {
    if !has_escapes(line) {
        return vec![(Style::default(), line.to_owned())];
    }
    let (mut screen, mut parser) = (Screen::default(), Parser::<DefaultCharAccumulator>::new());
    let line = line.replace("\r\n", "\n");
    line.trim_end_matches('\r').bytes().for_each(|byte| parser.advance(&mut screen, byte));
    screen.parts
}

/// The line without its escape sequences.
pub fn plain(line: &str) -> Cow<'_, str> {
    if has_escapes(line) { Cow::Owned(parts(line).into_iter().map(|(_, text)| text).collect()) } else { Cow::Borrowed(line) }
}

fn has_escapes(line: &str) -> bool {
    line.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// What has been written so far, and the style of what comes next.
#[derive(Default)]
struct Screen {
    parts: Vec<(Style, String)>,
    style: Style,
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        match self.parts.last_mut() {
            Some((style, text)) if *style == self.style => text.push(c),
            _ => self.parts.push((self.style, c.to_string())),
        }
    }

    fn execute(&mut self, byte: u8) {
        // A return stands between what a terminal would have written over each other; bells and the like are nothing.
        match byte {
            b'\t' => self.print('\t'),
            b'\r' | b'\n' => self.print('\n'),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: u8) {
        if action == b'm' && intermediates.is_empty() && !ignore {
            self.style.set(params);
        }
    }
}

impl Style {
    /// Select Graphic Rendition (ECMA-48 8.3.117).
    fn set(&mut self, params: &Params) {
        let mut codes = params.iter();
        while let Some(code) = codes.next() {
            let code = match code {
                [38 | 48, rest @ ..] => {
                    let of_ink = code.first() == Some(&38);
                    let ink = match rest {
                        // With colons all stands in one parameter, with semicolons in those that follow.
                        [] => extended(codes.by_ref().filter_map(|code| code.first().copied())),
                        [2, _, red, green, blue, ..] => extended([2, *red, *green, *blue].into_iter()),
                        _ => extended(rest.iter().copied()),
                    };
                    *(if of_ink { &mut self.ink } else { &mut self.ground }) = ink;
                    continue;
                }
                [4, 0] => 24,
                [code, ..] => *code,
                [] => 0,
            };
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 | 21 => self.underlined = true,
                7 => self.reversed = true,
                9 => self.struck = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underlined = false,
                27 => self.reversed = false,
                29 => self.struck = false,
                30..=37 | 90..=97 => self.ink = Some(basic(code % 10 + if code < 90 { 0 } else { 8 })),
                39 => self.ink = None,
                40..=47 | 100..=107 => self.ground = Some(basic(code % 10 + if code < 100 { 0 } else { 8 })),
                49 => self.ground = None,
                _ => {}
            }
        }
    }
}

/// One of the first sixteen colours; the bright ones are those of the theme too.
fn basic(number: u16) -> Ink {
    match number {
        0 => Ink::Black,
        1 | 9 => Ink::Red,
        2 | 10 => Ink::Green,
        3 | 11 => Ink::Yellow,
        4 | 12 => Ink::Blue,
        5 | 13 => Ink::Magenta,
        6 | 14 => Ink::Cyan,
        8 => Ink::Grey,
        _ => Ink::White,
    }
}

/// `5;n` of the 256 colours, `2;r;g;b` of all.
fn extended(mut codes: impl Iterator<Item = u16>) -> Option<Ink> {
    match codes.next()? {
        5 => match codes.next()? {
            number @ 0..=15 => Some(basic(number)),
            number @ 16..=231 => {
                let level = |step: u16| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = number - 16;
                Some(nearest(level(cube / 36), level(cube / 6 % 6), level(cube % 6)))
            }
            number @ 232..=255 => {
                let level = 8 + 10 * (number - 232);
                Some(nearest(level, level, level))
            }
            _ => None,
        },
        2 => Some(nearest(codes.next()?, codes.next()?, codes.next()?)),
        _ => None,
    }
}

/// The colour of the palette with about this hue.
fn nearest(red: u16, green: u16, blue: u16) -> Ink {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most - least < 48 {
        return match most {
            0..=47 => Ink::Black,
            48..=159 => Ink::Grey,
            _ => Ink::White,
        };
    }
    let is_high = |part: u16| part - least > (most - least) / 2;
    match (is_high(red), is_high(green), is_high(blue)) {
        (true, true, _) => Ink::Yellow,
        (true, _, true) => Ink::Magenta,
        (true, ..) => Ink::Red,
        (_, true, true) => Ink::Cyan,
        (_, true, _) => Ink::Green,
        _ => Ink::Blue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn styled(change: fn(&mut Style)) -> Style {
        let mut style = Style::default();
        change(&mut style);
        style
    }

    fn check(line: &str, expected: &[(Style, &str)]) {
        let parts = parts(line);
        let parts: Vec<(Style, &str)> = parts.iter().map(|(style, text)| (*style, text.as_str())).collect();
        assert_eq!(parts, expected, "{line:?}");
    }

    #[test]
    fn b13_colours_and_bold_are_styles() {
        let red = styled(|style| style.ink = Some(Ink::Red));
        let plain = Style::default();
        check("no colour", &[(plain, "no colour")]);
        check("\x1b[31mred\x1b[0m rest", &[(red, "red"), (plain, " rest")]);
        check("\x1b[31mr\x1b[31med\x1b[39m", &[(red, "red")]);
        check("\x1b[1;91mb\x1b[22mr\x1b[m.", &[(Style { bold: true, ..red }, "b"), (red, "r"), (plain, ".")]);
        check("\x1b[41m!", &[(styled(|style| style.ground = Some(Ink::Red)), "!")]);
        check(
            "\x1b[90;107;2;3;4;7;9m!",
            &[(
                Style {
                    ink: Some(Ink::Grey),
                    ground: Some(Ink::White),
                    bold: false,
                    dim: true,
                    italic: true,
                    underlined: true,
                    struck: true,
                    reversed: true,
                },
                "!",
            )],
        );
        check("\x1b[4:0m.", &[(plain, ".")]);
    }

    #[test]
    fn b13_other_colours_are_the_nearest_of_the_palette() {
        let ink = |line: &str| parts(line).first().and_then(|(style, _)| style.ink);
        let check = |codes: &str, expected| assert_eq!(ink(&format!("\x1b[{codes}m.")), expected, "{codes}");
        check("38;5;9", Some(Ink::Red));
        check("38;5;208", Some(Ink::Yellow));
        check("38;5;21", Some(Ink::Blue));
        check("38;5;244", Some(Ink::Grey));
        check("38;5;255", Some(Ink::White));
        check("38;2;0;200;10", Some(Ink::Green));
        check("38:2::250:0:250", Some(Ink::Magenta));
        check("38:5:14", Some(Ink::Cyan));
        check("38;5", None);
        check("38;2;1", None);
        check("38;5;999", None);
        assert_eq!(parts("\x1b[38;5;9;1m."), [(Style { ink: Some(Ink::Red), bold: true, ..Style::default() }, ".".to_owned())]);
    }

    #[test]
    fn b13_every_other_sequence_is_left_out() {
        let check = |line: &str, expected: &str| assert_eq!(plain(line), expected, "{line:?}");
        check("a\x1b[2K\x1b[1;1Hb\x1b[?25l", "ab");
        check("\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x07.", "link.");
        check("\x1b]0;title\x07text", "text");
        check("\x1b(Bä\x1b=ü\x07", "äü");
        check("10 %\r20 %", "10 %\n20 %");
        check("a\tb\r", "a\tb");
        check("a\r\nb\nc", "a\nb\nc");
        check("end \x1b", "end ");
        check("end \x1b[3", "end ");
        check("\x1b[>31mno SGR", "no SGR");
        assert!(matches!(plain("nothing"), Cow::Borrowed("nothing")));
    }

    proptest! {
        #[test]
        fn b13_no_escape_is_left_of_any_line(line in "(\x1b|\\[|[0-9;:?m]|]|\x07|[a-zß\t\r]){0,40}") {
            prop_assert!(!plain(&line).contains(['\x1b', '\x07', '\r']));
        }
    }
}
