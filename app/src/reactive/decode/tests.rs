use super::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Wrapped(String),
    Pair(u8, i64),
    Named { at: Option<u64> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Id(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Thing {
    id: Id,
    text: String,
    share: f64,
    signed: i32,
    flag: bool,
    nothing: Option<u32>,
    kinds: Vec<Kind>,
    outcome: Result2,
    names: BTreeMap<String, (char, u16)>,
    #[serde(default)]
    missing: u8,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

type Result2 = std::result::Result<String, Kind>;

fn thing() -> Thing {
    Thing {
        id: Id("f_1".to_owned()),
        text: "Ä \"<b>\"\\ / \u{1}\u{8}\u{c}\n\r\t 任务 🦀".to_owned(),
        share: -0.25,
        signed: i32::MIN,
        flag: true,
        nothing: None,
        kinds: vec![Kind::Plain, Kind::Wrapped(String::new()), Kind::Pair(255, i64::MIN), Kind::Named { at: Some(u64::MAX) }],
        outcome: Err(Kind::Plain),
        names: BTreeMap::from([("a b".to_owned(), ('ü', 1)), (String::new(), ('"', 65_535))]),
        missing: 0,
        rest: serde_json::Map::from_iter([("deep".to_owned(), json!([{"x": [1, -2, 3.5, "y", null, {}]}, []]))]),
    }
}

fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    for text in [serde_json::to_string(value).unwrap(), serde_json::to_string_pretty(value).unwrap()] {
        assert_eq!(from_json::<T>(&text).as_ref(), Ok(value), "{text}");
    }
}

#[test]
fn what_serde_json_writes_is_read_back() {
    same(&thing());
    same(&json!(thing()));
    same(&String::from("\u{10ffff}\"\""));
    same(&());
}

#[test]
fn unknown_fields_are_skipped_and_missing_ones_take_their_default() {
    let mut value = json!(thing());
    value["missing"].take();
    value.as_object_mut().unwrap().remove("missing");
    let text = value.to_string();
    assert_eq!(from_json::<Thing>(&text).unwrap().missing, 0);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Less {
        signed: i64,
    }
    assert_eq!(from_json::<Less>(&text), Ok(Less { signed: i64::from(i32::MIN) }));
    assert_eq!(from_json::<Less>("{}"), Err(Broken));
}

#[test]
fn escapes_are_undone() {
    let check = |text: &str, expected: std::result::Result<&str, Broken>| {
        assert_eq!(from_json::<String>(text), expected.map(str::to_owned), "{text}");
    };
    check(r#""\u00fc\/\ud83e\udd80 \"x\"""#, Ok("ü/🦀 \"x\""));
    check(r#" "a" "#, Ok("a"));
    for broken in [r#""\ud83e""#, r#""\ud83e\u0041""#, r#""\udd80""#, r#""\x""#, r#""\u00f""#, r#""a"#, r#""a" b"#, "", "a", "1"] {
        check(broken, Err(Broken));
    }
}

#[test]
fn broken_text_is_refused() {
    let good = serde_json::to_string(&thing()).unwrap();
    for (end, _) in good.char_indices() {
        assert_eq!(from_json::<Thing>(good.get(..end).unwrap()), Err(Broken), "{end}");
    }
    for text in ["[1 2]", "[1,,2]", "[,1]", "[1", "{\"a\" 1}", "{a:1}", "[1]]", "nul", "tru", "[1,]x"] {
        assert_eq!(from_json::<Value>(text), Err(Broken), "{text}");
    }
    assert_eq!(from_json::<u8>("256"), Err(Broken));
    assert_eq!(from_json::<u8>("-1"), Err(Broken));
    assert_eq!(from_json::<Kind>("\"Unknown\""), Err(Broken));
    assert_eq!(from_json::<Kind>("{\"Plain\":null,\"Wrapped\":\"\"}"), Err(Broken));
}

#[test]
fn depth_has_a_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(from_json::<Value>(&nested(128)).is_ok());
    assert_eq!(from_json::<Value>(&nested(129)), Err(Broken));
    assert_eq!(from_json::<de::IgnoredAny>(&nested(100_000)).map(|_| ()), Err(Broken));
}
