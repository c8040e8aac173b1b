//! Tags in forms, lists and addresses (C-81).

use crate::routes::Route;
use crate::ui::{Erase, TextArea, TextLink};
use leptos::prelude::*;
use model::Region;

/// A tag as lists and addresses have it: `team=billing`, or the key alone where the value is empty.
pub(crate) fn print_tag(key: &str, value: &str) -> String {
    if value.is_empty() { key.to_owned() } else { format!("{key}={value}") }
}

/// Reads what [`print_tag`] wrote; an empty text is no tag.
#[cfg(any(feature = "ssr", test))]
pub(super) fn parse_tag(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (!text.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

/// The field for all tags of a service.
#[component]
pub(super) fn TagsField(value: String) -> impl IntoView {
    view! {
        <TextArea
            name="tags"
            label=t!("Tags")
            value
            mono=true
            help=t!("One KEY=VALUE a line, or one JSON object; at most 20. Keys have 1 to 64 characters, values up to 128.")
        />
    }
    .erase()
}

/// A link to the services that have the tag.
#[component]
pub(crate) fn TagLink(region: Region, tag: String) -> impl IntoView {
    let label = t!("{tag}: services with this tag", tag);
    view! { <TextLink href=Route::Services(region).with_query(&[("tag", &tag)]) label>{tag.clone()}</TextLink> }.erase()
}

#[cfg(feature = "ssr")]
pub(super) use read::read_tags;

#[cfg(feature = "ssr")]
mod read {
    use crate::pages::create_function::parse_environment;
    use model::{Tags, limits};

    /// Reads the field; the error is its message.
    pub fn read_tags(text: &str) -> Result<Tags, String> {
        let tags = Tags(parse_environment(text)?);
        if tags.0.len() > limits::TAGS_MAX {
            return Err(t!("Use at most {most} tags.", most = limits::TAGS_MAX));
        }
        for (key, value) in &tags.0 {
            let start = key.to_ascii_lowercase();
            if start.starts_with("aliyun") || start.starts_with("acs:") {
                return Err(t!("A tag key cannot start with aliyun or acs:.").to_owned());
            }
            if [key, value].iter().any(|text| text.contains("http://") || text.contains("https://")) {
                return Err(t!("A tag cannot contain http:// or https://.").to_owned());
            }
        }
        if !tags.0.is_empty()
            && let Err(error) = tags.validate()
        {
            return Err(crate::language::message(error.message.into()));
        }
        Ok(tags)
    }

    #[cfg(test)]
    mod tests {
        use super::super::{parse_tag, print_tag};
        use super::*;
        use crate::pages::create_function::print_environment;

        #[test]
        fn c81_tags_are_read_line_by_line_within_their_limits() {
            let check = |text: &str, expected: Result<usize, &str>| {
                let found = read_tags(text);
                let found =
                    found.as_ref().map(|tags| tags.0.len()).map_err(|message| message.split_inclusive(": ").next().unwrap_or(message));
                assert_eq!(found, expected, "{text}");
            };
            check("", Ok(0));
            check("team=billing\nempty=\nTeam=x=y", Ok(3));
            check(r#"{"a=b":"c"}"#, Ok(1));
            check("aliyunx=1", Err("A tag key cannot start with aliyun or acs:."));
            check("ACS:x=1", Err("A tag key cannot start with aliyun or acs:."));
            check("x=see http://a", Err("A tag cannot contain http:// or https://."));
            check(&(0..20).map(|n| format!("k{n}=v\n")).collect::<String>(), Ok(20));
            check(&(0..21).map(|n| format!("k{n}=v\n")).collect::<String>(), Err("Use at most 20 tags."));
            check("alone", Err("Line 1: "));
            assert!(read_tags(&format!("{}=v", "k".repeat(65))).is_err_and(|message| message.contains("64")));
        }

        #[test]
        fn c81_printed_tags_read_back() {
            for (key, value) in [("team", "billing"), ("only", ""), ("a", "b=c"), ("ä", "x y")] {
                assert_eq!(parse_tag(&print_tag(key, value)), Some((key.to_owned(), value.to_owned())));
            }
            for key in ["a=b", "{a", " a"] {
                let tags = Tags([(key.to_owned(), "v".to_owned())].into_iter().collect());
                assert_eq!(read_tags(&print_environment(&tags.0)), Ok(tags), "{key}");
            }
        }
    }
}
