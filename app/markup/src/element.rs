//! Elements: Leptos' own, and in the browser their like of one type.

pub use leptos::tachys::html::element::*;

/// Any element.
#[cfg(feature = "hydrate")]
pub type Element = HtmlElement<Custom<&'static str>, (), ()>;

// The names are what browsers call elements in HTML documents: when a view is drawn again, Leptos compares the two.
#[cfg(feature = "hydrate")]
macro_rules! elements {
    ($($function:ident $name:literal)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub fn $function() -> Element {
                custom($name)
            }
        )*
    };
}

#[cfg(feature = "hydrate")]
elements! {
    a "A"
    article "ARTICLE"
    aside "ASIDE"
    b "B"
    br "BR"
    button "BUTTON"
    caption "CAPTION"
    code "CODE"
    col "COL"
    colgroup "COLGROUP"
    datalist "DATALIST"
    dd "DD"
    details "DETAILS"
    dialog "DIALOG"
    div "DIV"
    dl "DL"
    dt "DT"
    em "EM"
    fieldset "FIELDSET"
    figcaption "FIGCAPTION"
    figure "FIGURE"
    footer "FOOTER"
    form "FORM"
    h1 "H1"
    h2 "H2"
    h3 "H3"
    header "HEADER"
    hr "HR"
    i "I"
    img "IMG"
    input "INPUT"
    kbd "KBD"
    label "LABEL"
    legend "LEGEND"
    li "LI"
    main "MAIN"
    mark "MARK"
    nav "NAV"
    noscript "NOSCRIPT"
    ol "OL"
    optgroup "OPTGROUP"
    option "OPTION"
    output "OUTPUT"
    p "P"
    pre "PRE"
    progress "PROGRESS"
    section "SECTION"
    select "SELECT"
    small "SMALL"
    span "SPAN"
    strong "STRONG"
    summary "SUMMARY"
    table "TABLE"
    tbody "TBODY"
    td "TD"
    textarea "TEXTAREA"
    tfoot "TFOOT"
    th "TH"
    thead "THEAD"
    time "TIME"
    tr "TR"
    ul "UL"
}
