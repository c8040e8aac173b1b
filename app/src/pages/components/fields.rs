//! Fields: as they are at first, filled in, and refused.

use super::page::{Form, section, shown};
use crate::ui::{
    CheckField, CheckGroup, CodeEditor, Erase, FileField, JsonEditor, NumberField, RadioGroup, SelectField, Template, TextArea, TextField,
};
use leptos::prelude::*;

const TEMPLATES: &[Template] = &[Template { name: "empty", label: || "Empty object", text: "{}" }];
const CHOICES: [(&str, &str); 2] = [("one", "One"), ("two", "Two")];

pub(super) fn all() -> Vec<AnyView> {
    let fields = view! {
        <div class="grid grid-cols-1 items-start gap-8 lg:grid-cols-2">
            {shown("Ready", view! { <Form><Fields names=READY/></Form> }.erase())}
            {shown("Refused", view! { <Form refused=REFUSALS><Fields names=REFUSED/></Form> }.erase())}
        </div>
    }
    .erase();
    vec![section("Fields", fields), section("Editors", editors())]
}

/// The fields' names: an address leads to a field by its name, so each is there once.
struct Names {
    text: &'static str,
    password: &'static str,
    number: &'static str,
    area: &'static str,
    select: &'static str,
    radio: &'static str,
    check: &'static str,
    group: &'static str,
    file: &'static str,
}

const READY: Names = Names {
    text: "text",
    password: "secret",
    number: "number",
    area: "area",
    select: "select",
    radio: "radio",
    check: "check",
    group: "group",
    file: "file",
};
const REFUSED: Names = Names {
    text: "bad_text",
    password: "bad_secret",
    number: "bad_number",
    area: "bad_area",
    select: "bad_select",
    radio: "bad_radio",
    check: "bad_check",
    group: "bad_group",
    file: "bad_file",
};
const REFUSALS: &[(&str, &str)] = &[
    ("bad_text", "A function with this name exists."),
    ("bad_secret", "Use 8 to 1000 characters for the password."),
    ("bad_number", "Enter 1 to 86400 seconds."),
    ("bad_area", "The message exceeds 4 KB."),
    ("bad_select", "Choose a size."),
    ("bad_radio", "Choose one."),
    ("bad_check", "This has to be accepted."),
    ("bad_group", "Choose at least one method."),
    ("bad_file", "The file is not a valid ZIP archive."),
];

#[component]
fn Fields(names: Names) -> impl IntoView {
    let options = || CHOICES.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <TextField name=names.text label="Text" value="ev-hello" help="What helps to fill it in." mono=true/>
        <TextField name=names.password label="Password" kind="password" required=true/>
        <NumberField name=names.number label="Timeout (seconds)" value="60" max=86_400 help="1 to 86400."/>
        <TextArea name=names.area label="Lines" value="one\ntwo"/>
        <SelectField name=names.select label="Choice" options=options() value="two"/>
        <RadioGroup name=names.radio label="One of a few" options=CHOICES.to_vec() value="one"/>
        <CheckField name=names.check label="Yes or no" checked=true help="What it does."/>
        <CheckGroup name=names.group label="Some of a few" options=CHOICES.to_vec() values=vec!["two".to_owned()]/>
        <FileField name=names.file label="File" accept=".zip,application/zip" help="A ZIP archive."/>
    }
    .erase()
}

fn editors() -> AnyView {
    let text = || RwSignal::new("import json\n\n\ndef handler(event, context):\n    return json.dumps({\"n\": 1})\n".to_owned());
    view! {
        <div class="grid grid-cols-1 gap-8 lg:grid-cols-2">
            <Form>
                <JsonEditor name="json" label="Event" value="{\"n\": 1}" help="JSON as a rule." templates=TEMPLATES max_bytes=1_024/>
            </Form>
            <Form>
                <CodeEditor
                    name="code"
                    label="Text of index.py"
                    file="index.py".to_owned()
                    text=text()
                    stored=text()
                    read_only=false
                    leave="Leave it?"
                />
            </Form>
        </div>
    }
    .erase()
}
