//! Attributes of one type.

use crate::value::{IntoValue, Text, Value};
use leptos::prelude::{AddAnyAttr, NodeRef, RenderEffect, RenderHtml, untrack};
use leptos::tachys::html::attribute::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::tachys::html::attribute::{Attribute, NamedAttributeKey, NextAttribute};
use leptos::tachys::html::element::{ElementType, HtmlElement};
use leptos::tachys::html::event::{EventDescriptor, On, on};
use leptos::tachys::html::node_ref::{NodeRefAttr, node_ref};
use leptos::tachys::renderer::{Rndr, types::Element, types::Event};
use leptos::wasm_bindgen::JsCast;
use std::sync::Arc;

/// What an event runs, without its closure's type.
pub type Handler<E> = Box<dyn FnMut(<E as EventDescriptor>::EventType)>;

/// Hides a trait of Leptos by taking its name.
pub trait Hidden {}

/// An attribute.
#[derive(Clone)]
pub struct Named {
    name: &'static str,
    value: Value,
}

/// An attribute in the page.
pub struct InPage {
    element: Element,
    shown: Shown,
}

enum Shown {
    Fixed(Text),
    Live(RenderEffect<Text>),
}

fn put(element: &Element, name: &str, text: &Text) {
    match text {
        Some(text) => Rndr::set_attribute(element, name, text),
        None => Rndr::remove_attribute(element, name),
    }
}

/// Keeps an attribute at what is read; `before` is what the page has.
fn follow(element: Element, name: &'static str, read: Arc<dyn Fn() -> Text + Send + Sync>, before: Option<Text>) -> RenderEffect<Text> {
    let update = move |before: Option<Text>| {
        let text = read();
        if before.as_ref() != Some(&text) {
            put(&element, name, &text);
        }
        text
    };
    RenderEffect::new_with_value(update, before)
}

impl Named {
    fn show(self, element: &Element, before: Option<Text>) -> InPage {
        let Named { name, value } = self;
        let shown = match value {
            Value::Fixed(text) => {
                if before.as_ref() != Some(&text) {
                    put(element, name, &text);
                }
                Shown::Fixed(text)
            }
            Value::Live(read) => Shown::Live(follow(element.clone(), name, read, before)),
        };
        InPage { element: element.clone(), shown }
    }
}

impl Attribute for Named {
    const MIN_LENGTH: usize = 0;

    type State = InPage;
    type AsyncOutput = Self;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        0
    }

    /// Never: the server has Leptos' own attributes.
    fn to_html(self, _buf: &mut String, _class: &mut String, _style: &mut String, _inner_html: &mut String) {}

    fn hydrate<const FROM_SERVER: bool>(self, el: &Element) -> InPage {
        // The page has what the server saw.
        let before = match &self.value {
            Value::Fixed(text) => text.clone(),
            Value::Live(read) => untrack(|| read()),
        };
        self.show(el, Some(before))
    }

    fn build(self, el: &Element) -> InPage {
        self.show(el, None)
    }

    fn rebuild(self, state: &mut InPage) {
        let before = match &state.shown {
            Shown::Fixed(text) => Some(text.clone()),
            Shown::Live(effect) => effect.take_value(),
        };
        let element = state.element.clone();
        *state = self.show(&element, before);
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn keys(&self) -> Vec<NamedAttributeKey> {
        vec![NamedAttributeKey::Attribute(self.name.into())]
    }
}

impl NextAttribute for Named {
    type Output<NewAttr: Attribute> = Vec<AnyAttribute>;

    fn add_any_attr<NewAttr: Attribute>(self, new_attr: NewAttr) -> Vec<AnyAttribute> {
        vec![self.into_any_attr(), new_attr.into_any_attr()]
    }
}

macro_rules! attributes {
    ($($method:ident $name:literal)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            fn $method(self, value: impl IntoValue) -> Self::Output<Named> {
                self.attr($name, value)
            }
        )*
    };
}

/// What `view!` calls for attributes, event handlers and references.
pub trait Attributes: Sized + AddAnyAttr {
    /// Sets the attribute with this name.
    fn attr(self, name: &'static str, value: impl IntoValue) -> Self::Output<Named> {
        self.add_any_attr(Named { name, value: value.into_value() })
    }

    /// Listens to an event.
    fn on<E>(self, event: E, handler: impl FnMut(E::EventType) + 'static) -> Self::Output<On<E, Handler<E>>>
    where
        E: EventDescriptor + Send + 'static,
        E::EventType: From<Event> + 'static,
    {
        self.add_any_attr(on(event, Box::new(handler)))
    }

    /// Keeps a reference to the element.
    fn node_ref<E>(self, node: NodeRef<E>) -> Self::Output<NodeRefAttr<E, NodeRef<E>>>
    where
        E: ElementType,
        E::Output: JsCast + Clone + 'static,
    {
        self.add_any_attr(node_ref(node))
    }

    attributes! {
        accept "accept"
        action "action"
        aria_activedescendant "aria-activedescendant"
        aria_autocomplete "aria-autocomplete"
        aria_busy "aria-busy"
        aria_controls "aria-controls"
        aria_current "aria-current"
        aria_describedby "aria-describedby"
        aria_disabled "aria-disabled"
        aria_expanded "aria-expanded"
        aria_haspopup "aria-haspopup"
        aria_hidden "aria-hidden"
        aria_invalid "aria-invalid"
        aria_label "aria-label"
        aria_labelledby "aria-labelledby"
        aria_live "aria-live"
        aria_pressed "aria-pressed"
        aria_selected "aria-selected"
        aria_sort "aria-sort"
        aria_valuemax "aria-valuemax"
        aria_valuemin "aria-valuemin"
        aria_valuenow "aria-valuenow"
        aria_valuetext "aria-valuetext"
        autocapitalize "autocapitalize"
        autocomplete "autocomplete"
        autofocus "autofocus"
        checked "checked"
        class "class"
        cols "cols"
        colspan "colspan"
        datetime "datetime"
        disabled "disabled"
        download "download"
        enctype "enctype"
        form "form"
        formaction "formaction"
        hidden "hidden"
        href "href"
        id "id"
        inputmode "inputmode"
        label "label"
        lang "lang"
        list "list"
        max "max"
        maxlength "maxlength"
        method "method"
        min "min"
        multiple "multiple"
        name "name"
        novalidate "novalidate"
        open "open"
        pattern "pattern"
        placeholder "placeholder"
        popover "popover"
        popovertarget "popovertarget"
        readonly "readonly"
        rel "rel"
        required "required"
        role "role"
        rows "rows"
        scope "scope"
        selected "selected"
        spellcheck "spellcheck"
        step "step"
        tabindex "tabindex"
        target "target"
        title "title"
        r#for "for"
        r#type "type"
        value "value"
        wrap "wrap"
    }
}

impl<E, At, Ch> Attributes for HtmlElement<E, At, Ch>
where
    E: ElementType + Send,
    At: Attribute + Send,
    Ch: RenderHtml + Send,
{
}
