//! Values from the JSON of our own server.
//!
//! Not `serde_json`'s reader: the words that it has for broken text were a twentieth of what the browser loads for the task list, and
//! nobody would read them.

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt::{Display, Formatter};

/// Values within values that are read at most.
const DEPTH_MAX: u8 = 128;

/// The text is no JSON, or not that of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl Display for Broken {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken JSON")
    }
}

impl std::error::Error for Broken {}

impl de::Error for Broken {
    fn custom<T: Display>(_: T) -> Self {
        Broken
    }
}

type Result<T> = std::result::Result<T, Broken>;

/// Reads a value from all of the text.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    reader.skip_space();
    if reader.at == text.len() { Ok(value) } else { Err(Broken) }
}

struct Reader<'de> {
    text: &'de str,
    /// Bytes that are read.
    at: usize,
    depth: u8,
}

impl<'de> Reader<'de> {
    fn byte(&self) -> u8 {
        // No JSON has a zero byte outside of strings.
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// The first byte of what comes next.
    fn peek(&mut self) -> u8 {
        self.skip_space();
        self.byte()
    }

    fn take(&mut self, wanted: u8) -> Result<()> {
        if self.peek() != wanted {
            return Err(Broken);
        }
        self.at += 1;
        Ok(())
    }

    /// A word or a number: all up to the next mark.
    fn token(&mut self) -> &'de str {
        self.skip_space();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let token = rest.split([',', '}', ']', ':', ' ', '\n', '\r', '\t', '"']).next().unwrap_or_default();
        self.at += token.len();
        token
    }

    fn word(&mut self, wanted: &str) -> Result<()> {
        if self.token() == wanted { Ok(()) } else { Err(Broken) }
    }

    fn flag(&mut self) -> Result<bool> {
        match self.token() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Broken),
        }
    }

    fn string(&mut self) -> Result<Cow<'de, str>> {
        self.take(b'"')?;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.text.get(self.at..).ok_or(Broken)?;
            let end = rest.find(['"', '\\']).ok_or(Broken)?;
            let plain = rest.get(..end).ok_or(Broken)?;
            let is_over = rest.as_bytes().get(end) == Some(&b'"');
            self.at += end + 1;
            if text.is_empty() {
                text = Cow::Borrowed(plain);
            } else {
                text.to_mut().push_str(plain);
            }
            if is_over {
                return Ok(text);
            }
            text.to_mut().push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first).ok_or(Broken);
                }
                if self.text.get(self.at..self.at + 2) != Some("\\u") {
                    return Err(Broken);
                }
                self.at += 2;
                let second = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(Broken)?;
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + second).ok_or(Broken);
            }
            _ => return Err(Broken),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Broken)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Broken)
    }

    /// What `read` makes of the list or object that begins here.
    fn within<T>(&mut self, open: u8, close: u8, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.take(open)?;
        self.deeper()?;
        let value = read(self)?;
        self.depth -= 1;
        self.take(close)?;
        Ok(value)
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(Broken) } else { Ok(()) }
    }

    /// True when there is another element, whose comma is read then.
    fn has_next(&mut self, is_first: &mut bool, close: u8) -> Result<bool> {
        if self.peek() == close {
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
        }
        Ok(true)
    }

    fn skip(&mut self) -> Result<()> {
        match self.peek() {
            b'"' => self.string().map(|_| ()),
            b'[' => self.within(b'[', b']', |reader| {
                let mut is_first = true;
                while reader.has_next(&mut is_first, b']')? {
                    reader.skip()?;
                }
                Ok(())
            }),
            b'{' => self.within(b'{', b'}', |reader| {
                let mut is_first = true;
                while reader.has_next(&mut is_first, b'}')? {
                    reader.string()?;
                    reader.take(b':')?;
                    reader.skip()?;
                }
                Ok(())
            }),
            _ if self.token().is_empty() => Err(Broken),
            _ => Ok(()),
        }
    }

    fn list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.within(b'[', b']', |reader| visitor.visit_seq(Elements { reader, is_first: true }))
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.within(b'{', b'}', |reader| visitor.visit_map(Elements { reader, is_first: true }))
    }
}

macro_rules! numbers {
    ($($method:ident $kind:ty, $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(self.token().parse::<$kind>().map_err(|_| Broken)?)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Broken;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'"' => self.deserialize_str(visitor),
            b'[' => self.list(visitor),
            b'{' => self.object(visitor),
            b'n' => self.deserialize_unit(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            _ => {
                let token = self.token();
                if let Ok(number) = token.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = token.parse() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(token.parse().map_err(|_| Broken)?)
                }
            }
        }
    }

    numbers! {
        deserialize_i8 i64, visit_i64;
        deserialize_i16 i64, visit_i64;
        deserialize_i32 i64, visit_i64;
        deserialize_i64 i64, visit_i64;
        deserialize_u8 u64, visit_u64;
        deserialize_u16 u64, visit_u64;
        deserialize_u32 u64, visit_u64;
        deserialize_u64 u64, visit_u64;
        deserialize_f32 f64, visit_f64;
        deserialize_f64 f64, visit_f64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.flag()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.string()?.into_owned())
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.word("null")?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == b'n' {
            self.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _name: &'static str, _len: usize, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _name: &'static str, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _name: &'static str, _variants: &'static [&'static str], visitor: V) -> Result<V::Value> {
        match self.peek() {
            b'{' => self.within(b'{', b'}', |reader| visitor.visit_enum(Variant { reader })),
            _ => match self.string()? {
                Cow::Borrowed(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
                Cow::Owned(name) => visitor.visit_enum(StringDeserializer::new(name)),
            },
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf }
}

/// Of a list or an object.
struct Elements<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_first: bool,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Broken;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if !self.reader.has_next(&mut self.is_first, b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Broken;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if !self.reader.has_next(&mut self.is_first, b'}')? {
            return Ok(None);
        }
        if self.reader.peek() != b'"' {
            return Err(Broken);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant with what it holds: the one member of an object.
struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Broken;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        let name = seed.deserialize(&mut *self.reader)?;
        self.reader.take(b':')?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Broken;

    fn unit_variant(self) -> Result<()> {
        <()>::deserialize(self.reader)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.reader.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.reader.object(visitor)
    }
}

#[cfg(test)]
mod tests;
