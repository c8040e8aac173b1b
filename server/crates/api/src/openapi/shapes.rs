//! The pieces that operations are described with: parameters, bodies and answers, each with a schema.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// A type's schema: its own for what is read or for what is written, as the generator is set.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type.
pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.root_schema_for::<T>()
}

/// A boolean as text, in any case.
pub(super) fn flag(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"})
}

/// Milliseconds since the epoch.
pub(super) fn instant(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "format": "int64"})
}

/// The schema of a parameter.
pub(super) enum ParamSchema {
    Of(SchemaOf),
    Plain(Value),
}

/// A parameter beside the path.
pub(super) struct Param {
    /// `query` or `header`.
    pub place: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub schema: ParamSchema,
    pub is_required: bool,
}

impl Param {
    /// Without it the call is refused.
    pub(super) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}

pub(super) fn param(place: &'static str, name: &'static str, about: &'static str, schema: SchemaOf) -> Param {
    Param { place, name, about, schema: ParamSchema::Of(schema), is_required: false }
}

fn query(name: &'static str, about: &'static str, schema: Value) -> Param {
    Param { place: "query", name, about, schema: ParamSchema::Plain(schema), is_required: false }
}

/// Free text in the query.
pub(super) fn text(name: &'static str, about: &'static str) -> Param {
    query(name, about, json!({"type": "string"}))
}

/// A whole number in the query.
pub(super) fn integer(name: &'static str, least: i64, most: i64, about: &'static str) -> Param {
    query(name, about, json!({"type": "integer", "minimum": least, "maximum": most}))
}

/// One of some words in the query.
pub(super) fn one_of(name: &'static str, words: &[&str], about: &'static str) -> Param {
    query(name, about, json!({"type": "string", "enum": words}))
}

/// What a request carries.
pub(super) enum Body {
    None,
    Json(SchemaOf),
    /// Whatever the function understands.
    Bytes,
}

/// What an answer carries.
pub(super) enum Content {
    Nothing,
    Json(SchemaOf),
    Bytes,
}

/// An answer of success.
pub(super) struct Answer {
    pub status: u16,
    pub about: &'static str,
    pub content: Content,
    /// Names and meanings, beside the request id.
    pub headers: &'static [(&'static str, &'static str)],
    /// The member of the document that holds what the schema says.
    pub member: Option<&'static str>,
    /// Further members, all texts.
    pub texts: Vec<&'static str>,
    /// Further members, all whole numbers.
    pub numbers: Vec<&'static str>,
}

impl Answer {
    fn new(status: u16, about: &'static str, content: Content) -> Self {
        Self { status, about, content, headers: &[], member: None, texts: Vec::new(), numbers: Vec::new() }
    }

    /// A document.
    pub(super) fn json<T: JsonSchema>() -> Self {
        Self::new(200, "Done.", Content::Json(of::<T>))
    }

    /// A document with the resource's ETag.
    pub(super) fn tagged<T: JsonSchema>() -> Self {
        Self { headers: &[("ETag", "For If-Match; without quotes.")], ..Self::json::<T>() }
    }

    /// No body, and no content type.
    pub(super) fn nothing() -> Self {
        Self::new(204, "Done.", Content::Nothing)
    }

    /// The document below a member.
    pub(super) fn named(self, member: &'static str) -> Self {
        Self { member: Some(member), ..self }
    }

    /// With one more text beside it.
    pub(super) fn and(mut self, member: &'static str) -> Self {
        self.texts.push(member);
        self
    }

    /// With one more number beside it.
    pub(super) fn and_number(mut self, member: &'static str) -> Self {
        self.numbers.push(member);
        self
    }

    /// The result of a synchronous invocation.
    pub(super) fn result() -> Self {
        let headers = &[
            ("X-Fc-Code-Checksum", "CRC-64/XZ of the code that ran."),
            ("X-Fc-Error-Type", "There when the function failed: HandledInvocationError or UnhandledInvocationError."),
            ("X-Fc-Log-Result", "With X-Fc-Log-Type Tail: the end of the log as base64."),
            ("X-Fc-Runtime-Note", "Our addition: which interpreter stood in for the runtime's exact version."),
        ];
        Self { headers, ..Self::new(200, "What the function gave, or its error object.", Content::Bytes) }
    }

    /// An asynchronous invocation that is durable.
    pub(super) fn accepted() -> Self {
        let headers = &[("X-Fc-Stateful-Async-Invocation-Id", "There when the invocation is a task.")];
        Self { headers, ..Self::new(202, "Accepted: it survives whatever happens from now on.", Content::Nothing) }
    }

    /// A websocket.
    pub(super) fn upgraded() -> Self {
        Self::new(101, "The connection is a websocket from here on.", Content::Nothing)
    }
}

/// A page of a list.
pub(super) fn list<T: JsonSchema>(member: &'static str) -> Answer {
    Answer { texts: vec!["nextToken"], ..Answer::json::<Vec<T>>().named(member) }
}
