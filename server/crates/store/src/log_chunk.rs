//! How the lines of a chunk are packed.
//!
//! The first byte tells the form: `[` is the JSON of earlier releases, [`PLAIN`] the lines one after the other, [`ZSTD`] the same compressed.
//! A plain line is the time since the line before, its length and stream in one number, and its text; numbers are LEB128. Levels are not
//! stored: they are read from the texts.

use model::{LogLevel, LogLine, LogStream, UnixMillis};

/// Form of lines that are not compressed.
const PLAIN: u8 = 1;
/// Form of compressed lines: the plain size, then a Zstandard frame.
const ZSTD: u8 = 2;
/// Fewer bytes are not worth the time that compressing them takes.
const ZSTD_BYTES_MIN: usize = 1_024;
/// The fastest level of Zstandard's own: the higher ones gained nothing on logs.
const ZSTD_LEVEL: i32 = 1;
/// More bytes than any chunk has: what claims to have more is damaged.
const PLAIN_BYTES_MAX: usize = 256 << 20;

/// Packs lines.
pub(crate) fn pack(lines: &[LogLine]) -> Vec<u8> {
    let mut plain = vec![PLAIN];
    let mut before = 0_i64;
    for line in lines {
        put(zigzag(line.at.0.wrapping_sub(before)), &mut plain);
        put((line.text.len() as u64) << 2 | stream_code(line.stream), &mut plain);
        plain.extend_from_slice(line.text.as_bytes());
        before = line.at.0;
    }
    if plain.len() < ZSTD_BYTES_MIN {
        return plain;
    }
    let mut packed = vec![ZSTD];
    put(plain.len() as u64, &mut packed);
    match zstd::bulk::compress(&plain, ZSTD_LEVEL) {
        Ok(frame) if frame.len() + packed.len() < plain.len() => {
            packed.extend_from_slice(&frame);
            packed
        }
        _ => plain,
    }
}

/// Unpacks what any release has packed. Errors: what is wrong with it.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<LogLine>, String> {
    match packed.split_first() {
        None => Ok(Vec::new()),
        Some((b'[', _)) => from_json(packed),
        Some((&PLAIN, plain)) => from_plain(plain),
        Some((&ZSTD, mut rest)) => {
            let size = usize::try_from(take(&mut rest)?).ok().filter(|size| *size <= PLAIN_BYTES_MAX).ok_or("its size is out of bounds")?;
            let plain = zstd::bulk::decompress(rest, size).map_err(|error| error.to_string())?;
            from_plain(plain.get(1..).unwrap_or_default())
        }
        Some((form, _)) => Err(format!("form {form} is unknown")),
    }
}

/// The levels of lines as bits: 0 for lines without one, 1 to 5 for those of [`LogLevel::ALL`].
pub(crate) fn level_bits(lines: &[LogLine]) -> i64 {
    lines.iter().fold(0, |bits, line| bits | line.level.map_or(1, level_bit))
}

/// The bit of one level.
pub(crate) fn level_bit(level: LogLevel) -> i64 {
    2 << level as i64
}

/// Bytes of lines before packing, line feeds included.
pub(crate) fn raw_bytes(lines: &[LogLine]) -> usize {
    lines.iter().map(|line| line.text.len() + 1).sum()
}

fn from_json(packed: &[u8]) -> Result<Vec<LogLine>, String> {
    let lines: Vec<(i64, LogStream, String)> = serde_json::from_slice(packed).map_err(|error| error.to_string())?;
    Ok(lines.into_iter().map(|(at, stream, text)| LogLine::new(UnixMillis(at), stream, text)).collect())
}

fn from_plain(mut rest: &[u8]) -> Result<Vec<LogLine>, String> {
    let mut lines = Vec::new();
    let mut at = 0_i64;
    while !rest.is_empty() {
        at = at.wrapping_add(unzigzag(take(&mut rest)?));
        let length_and_stream = take(&mut rest)?;
        let length = usize::try_from(length_and_stream >> 2).map_err(|error| error.to_string())?;
        let (text, after) = rest.split_at_checked(length).ok_or("it ends within a line")?;
        let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
        lines.push(LogLine::new(UnixMillis(at), stream_of(length_and_stream & 3)?, text));
        rest = after;
    }
    Ok(lines)
}

fn stream_code(stream: LogStream) -> u64 {
    match stream {
        LogStream::Stdout => 0,
        LogStream::Stderr => 1,
        LogStream::System => 2,
    }
}

fn stream_of(code: u64) -> Result<LogStream, String> {
    match code {
        0 => Ok(LogStream::Stdout),
        1 => Ok(LogStream::Stderr),
        2 => Ok(LogStream::System),
        _ => Err("a line has an unknown stream".to_owned()),
    }
}

/// Numbers near zero become small ones, whatever their sign.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Appends a number, seven bits a byte.
fn put(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front.
fn take(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or("it ends within a number")?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number has no end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn i4_the_json_of_earlier_releases_is_read() {
        let lines = unpack(br#"[[5,"Stdout","a"],[6,"Stderr","2022-04-01T10:04:19.024Z id [ERROR] b"],[6,"System",""]]"#).unwrap();
        let expected = [
            LogLine::new(UnixMillis(5), LogStream::Stdout, "a"),
            LogLine::new(UnixMillis(6), LogStream::Stderr, "2022-04-01T10:04:19.024Z id [ERROR] b"),
            LogLine::new(UnixMillis(6), LogStream::System, ""),
        ];
        assert_eq!(lines, expected);
        assert_eq!(lines[1].level, Some(LogLevel::Error));
    }

    #[test]
    fn i4_what_is_damaged_is_an_error_and_no_panic() {
        let lines: Vec<LogLine> = (0..200).map(|n| LogLine::new(UnixMillis(n), LogStream::Stdout, format!("line {n} of a log"))).collect();
        for packed in [pack(&lines), pack(&lines[..3])] {
            for cut in 1..packed.len() {
                if let Ok(read) = unpack(&packed[..cut]) {
                    assert!(read.len() < lines.len());
                }
            }
        }
        assert!(unpack(&[9]).is_err());
        assert!(unpack(&[ZSTD, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
        assert!(unpack(&[PLAIN, 0, 3]).is_err());
        assert!(unpack(&[PLAIN, 0, 4, 0xff]).is_err());
    }

    #[test]
    fn i4_levels_become_bits() {
        let line = |text: &str| LogLine::new(UnixMillis(1), LogStream::Stdout, format!("2022-04-01T10:04:19.024Z id {text}"));
        assert_eq!(level_bits(&[line("[DEBUG] a"), line("b")]), 0b11);
        assert_eq!(level_bits(&[line("[CRITICAL] a")]), 0b10_0000);
        assert_eq!(level_bits(&[]), 0);
    }

    proptest! {
        #[test]
        fn i4_unpack_gives_what_pack_got(lines in prop::collection::vec((any::<i64>(), 0u64..3, ".{0,60}"), 0..80)) {
            let lines: Vec<LogLine> = lines
                .into_iter()
                .map(|(at, stream, text)| LogLine::new(UnixMillis(at), stream_of(stream).unwrap(), text))
                .collect();
            prop_assert_eq!(unpack(&pack(&lines)), Ok(lines));
        }
    }
}
