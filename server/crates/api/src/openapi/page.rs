//! The document as a page to read: plain HTML without scripts.

use serde_json::Value;
use std::collections::BTreeMap;

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn html(document: &Value) -> String {
    let mut by_tag: BTreeMap<&str, String> = BTreeMap::new();
    for (path, methods) in members(document.get("paths")) {
        for (method, operation) in members(Some(methods)) {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
            by_tag.entry(tag).or_default().push_str(&operation_html(path, method, operation));
        }
    }
    let mut links = String::new();
    let mut sections = String::new();
    for (tag, operations) in &by_tag {
        let tag = escaped(tag);
        links.push_str(&format!("<a href=\"#{tag}\">{tag}</a>"));
        sections.push_str(&format!("<section><h2 id=\"{tag}\">{tag}</h2>{operations}</section>"));
    }
    let info = |name: &str| escaped(text(document.pointer(&format!("/info/{name}"))));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} API</title><link rel=\"stylesheet\" href=\"/openapi.css\"></head><body><main><h1>{title} API</h1><p>{summary}</p>\
         <p>{about}</p><p>The same as an <a href=\"/openapi.json\">OpenAPI 3.1 document</a>.</p><nav aria-label=\"Operations\">{links}</nav>\
         {sections}</main></body></html>\n",
        title = info("title"),
        summary = info("summary"),
        about = info("description"),
    )
}

fn operation_html(path: &str, method: &str, operation: &Value) -> String {
    let id = text(operation.get("operationId"));
    let about = operation.get("description").map_or(String::new(), |about| format!("<p>{}</p>", escaped(text(Some(about)))));
    let body = operation.pointer("/requestBody/content").map_or(String::new(), |content| content_html("Request", content));
    format!(
        "<details id=\"{id}\"><summary><span class=\"method\">{}</span> <span class=\"path\">{}</span> · {}</summary>\
         <div><h3>{id}</h3>{about}{}{body}{}</div></details>",
        method.to_ascii_uppercase(),
        escaped(path),
        escaped(text(operation.get("summary"))),
        parameters_html(operation),
        responses_html(operation),
        id = escaped(id),
    )
}

fn parameters_html(operation: &Value) -> String {
    let rows: String = operation.get("parameters").and_then(Value::as_array).into_iter().flatten().map(parameter_html).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>{rows}</table>")
}

fn parameter_html(parameter: &Value) -> String {
    format!(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
        escaped(text(parameter.get("name"))),
        escaped(text(parameter.get("in"))),
        escaped(&kind(parameter.get("schema").unwrap_or(&Value::Null))),
        escaped(text(parameter.get("description"))),
    )
}

/// A schema's type in few words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    let range = match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!(" {least}–{most}"),
        _ => String::new(),
    };
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        kind => text(kind).to_owned(),
    };
    format!("{kinds}{range}")
}

fn responses_html(operation: &Value) -> String {
    let mut all = String::from("<h4>Answers</h4><table>");
    for (status, response) in members(operation.get("responses")) {
        let headers: Vec<String> = members(response.get("headers")).map(|(name, _)| escaped(name)).collect();
        let about = escaped(text(response.get("description")));
        all.push_str(&format!("<tr><td><code>{status}</code></td><td>{about}</td><td>{}</td></tr>", headers.join(", ")));
    }
    all.push_str("</table>");
    for (status, response) in members(operation.get("responses")).filter(|(status, _)| status.starts_with('2')) {
        if let Some(content) = response.get("content") {
            all.push_str(&content_html(status, content));
        }
    }
    all
}

fn content_html(title: &str, content: &Value) -> String {
    let one = |(kind, body): (&String, &Value)| {
        let schema = body.get("schema").map_or(String::new(), |schema| format!("{schema:#}"));
        format!("<h4>{}: {}</h4><pre>{}</pre>", escaped(title), escaped(kind), escaped(&schema))
    };
    members(Some(content)).map(one).collect()
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
