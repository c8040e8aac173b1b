use super::super::filters::Filters;
use super::words::filter_words;
use crate::navigation::use_location;
use crate::reactive::memo;
use crate::routes::{self, FunctionPage, Route};
use crate::ui::{Back, Erase, Fact, Facts, Glyph, Hint, LinkButton, PageHead, Panel, dynamic};
use leptos::prelude::*;
use model::{BulkFilter, FunctionRef, format, limits};

/// The two files that a list's tasks are had as.
#[component]
pub(super) fn Export(function: FunctionRef) -> impl IntoView {
    let search = use_location().search;
    let filters = memo(move || Filters::read(&search.read()));
    let list = Route::Function(function.clone(), FunctionPage::Tasks);
    let within = format!("{} – {}", function.function, function.region);
    view! {
        {dynamic(move || {
            let back = filters.with(|filters| filters.link(&list, |_| ()));
            view! { <Back href=back>{t!("Asynchronous Tasks")}</Back> }.erase()
        })}
        <PageHead title=t!("Export Tasks") within small=true/>
        <Panel narrow=true>
            {dynamic(move || {
                let (function, filters) = (function.clone(), filters.get());
                match filters.is_refused {
                    true => view! { <p role="alert" class="text-bad">{filters.problem}</p> }.erase(),
                    false => view! { <Files function filters/> }.erase(),
                }
            })}
        </Panel>
    }
    .erase()
}

#[component]
fn Files(function: FunctionRef, filters: Filters) -> impl IntoView {
    let pairs = routes::pairs(&filters.print());
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let file = |form: &str| routes::task_export(&function, &pairs, form);
    let (csv, lines) = (file("csv"), file("jsonl"));
    let words = filter_words(&BulkFilter { tasks: filters.filter.clone(), ..BulkFilter::default() }, &function.clone().into());
    let most = format::count(limits::EXPORT_ROWS_MAX);
    view! {
        <div class="space-y-4">
            <Facts>
                <Fact name=t!("Filter") wide=true>{words}</Fact>
            </Facts>
            <Hint>
                {t!("A file holds the records of at most {most} tasks, in the order of the list, without input and return value. If more match, its last line says so.", most)}
            </Hint>
            <div class="flex flex-wrap gap-2">
                <LinkButton href=csv icon=Glyph::Download external=true>"CSV"</LinkButton>
                <LinkButton href=lines icon=Glyph::Download external=true>{t!("JSON lines")}</LinkButton>
            </div>
        </div>
    }
    .erase()
}
