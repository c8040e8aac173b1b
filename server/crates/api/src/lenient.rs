//! JSON documents as the SDKs send them: member names in any case, booleans as texts in any case (`fc-api.md` 1.3).
//!
//! The names come from the types: serde hands the fields of each struct to `deserialize_struct`. Keys of maps are data and stay.

use crate::error::{ApiError, ApiResult};
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, Expected, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a document; nothing at all counts as the empty object.
pub(crate) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    let value = if bytes.trim_ascii().is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_slice(bytes).map_err(|e| ApiError::invalid(format!("the request body is not valid JSON: {e}")))?
    };
    if !value.is_object() {
        return Err(ApiError::invalid("the request body must be a JSON object"));
    }
    T::deserialize(Lenient(value)).map_err(|fault| ApiError::invalid(fault.to_string()))
}

/// What is wrong with which member.
#[derive(Debug)]
struct Fault {
    /// Path of the member, outermost first; empty for the document itself.
    path: Vec<String>,
    problem: String,
}

impl Fault {
    fn within(mut self, member: impl Into<String>) -> Self {
        self.path.insert(0, member.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.is_empty() {
            true => write!(f, "the request body {}", self.problem),
            false => write!(f, "member '{}' {}", self.path.join("."), self.problem),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self { path: Vec::new(), problem: format!("is set to an invalid value ({problem})") }
    }

    fn invalid_type(actual: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = match expected.to_string().as_str() {
            "u32" | "u64" => "a whole number from 0 on".to_owned(),
            "i32" | "i64" => "a whole number".to_owned(),
            other if other.starts_with("struct") || other == "a map" => "an object".to_owned(),
            other => other.to_owned(),
        };
        Self::custom(format!("expected: {expected}; actual: {actual}"))
    }

    fn invalid_value(actual: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(actual, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self { path: vec![field.to_owned()], problem: "is required".to_owned() }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self { path: vec![field.to_owned()], problem: "is given twice".to_owned() }
    }
}

/// A value whose structs are read leniently, at every depth.
struct Lenient(Value);

impl<'de> Deserializer<'de> for Lenient {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::String(value) => visitor.visit_string(value),
            Value::Number(value) => match (value.as_u64(), value.as_i64(), value.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
            },
            Value::Array(values) => visitor.visit_seq(Items { values: values.into_iter(), at: 0 }),
            Value::Object(members) => visitor.visit_map(Members { members: members.into_iter(), fields: &[], value: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0 {
            Value::String(text) if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(Members { members: members.into_iter(), fields, value: None }),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map enum
        identifier ignored_any
    }
}

/// Members of an object: with `fields`, under the field's name; without, as they are.
struct Members {
    members: serde_json::map::IntoIter,
    fields: &'static [&'static str],
    value: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((given, value)) = self.members.next() else { return Ok(None) };
        let name = self.fields.iter().find(|field| field.eq_ignore_ascii_case(&given)).map_or(given, |field| (*field).to_owned());
        self.value = Some((name.clone(), value));
        seed.deserialize(Lenient(Value::String(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, value) = self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its name"))?;
        seed.deserialize(Lenient(value)).map_err(|fault| fault.within(name))
    }
}

struct Items {
    values: std::vec::IntoIter<Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(value) = self.values.next() else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Lenient(value)).map(Some).map_err(|fault| fault.within((self.at - 1).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Outer {
        max_age: Option<u32>,
        enabled: Option<bool>,
        inner: Option<Inner>,
        list: Vec<Inner>,
        map: BTreeMap<String, String>,
        share: Option<f64>,
    }

    #[derive(Debug, PartialEq, Default, Deserialize)]
    struct Inner {
        key: String,
    }

    fn check(json: &str, expected: Result<Outer, &str>) {
        let actual = from_slice::<Outer>(json.as_bytes()).map_err(|e| e.0.message);
        assert_eq!(actual, expected.map_err(str::to_owned), "{json}");
    }

    #[test]
    fn names_and_booleans_in_any_case() {
        let inner = || Inner { key: "x".to_owned() };
        check("", Ok(Outer::default()));
        check(r#"{"MAXAGE":5,"Enabled":"True"}"#, Ok(Outer { max_age: Some(5), enabled: Some(true), ..Outer::default() }));
        check(r#"{"enabled":"FALSE","maxAge":null}"#, Ok(Outer { enabled: Some(false), ..Outer::default() }));
        check(r#"{"Inner":{"Key":"x"},"LIST":[{"KEY":"x"}]}"#, Ok(Outer { inner: Some(inner()), list: vec![inner()], ..Outer::default() }));
        check(r#"{"unknown":{"a":[1]},"share":1}"#, Ok(Outer { share: Some(1.0), ..Outer::default() }));
    }

    #[test]
    fn keys_of_maps_stay_as_they_are() {
        let map = BTreeMap::from([("Key".to_owned(), "1".to_owned()), ("MAP".to_owned(), "2".to_owned())]);
        check(r#"{"map":{"Key":"1","MAP":"2"}}"#, Ok(Outer { map, ..Outer::default() }));
    }

    #[test]
    fn errors_name_the_member() {
        check("{", Err("the request body is not valid JSON: EOF while parsing an object at line 1 column 1"));
        check("[]", Err("the request body must be a JSON object"));
        check(
            r#"{"maxAge":-1}"#,
            Err("member 'maxAge' is set to an invalid value (expected: a whole number from 0 on; actual: integer `-1`)"),
        );
        check(
            r#"{"maxAge":"x"}"#,
            Err(r#"member 'maxAge' is set to an invalid value (expected: a whole number from 0 on; actual: string "x")"#),
        );
        check(r#"{"list":[{"key":"a"},{}]}"#, Err("member 'list.1.key' is required"));
        check(r#"{"inner":3}"#, Err("member 'inner' is set to an invalid value (expected: an object; actual: integer `3`)"));
        check(r#"{"maxAge":1,"MaxAge":2}"#, Err("member 'maxAge' is given twice"));
        check(r#"{"enabled":"yes"}"#, Err(r#"member 'enabled' is set to an invalid value (expected: a boolean; actual: string "yes")"#));
    }
}
