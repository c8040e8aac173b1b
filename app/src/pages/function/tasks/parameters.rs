use super::super::FunctionFields;
use super::super::http_input::{RequestFields, RequestSetup};
use super::submit_api::{Parameters, SaveHttpParameters, SaveTaskParameters, TaskParameters};
use crate::reactive::{Load, use_data, use_query};
use crate::routes::{FunctionPage, Route};
use crate::ui::{Back, Cancel, Erase, FormActions, HiddenField, JsonEditor, PageHead, Panel, PostForm, Submit, Template};
use leptos::prelude::*;
use model::{FunctionRef, limits};
use server_fn::ServerFn;

/// The event that is sent while none was saved.
#[cfg(feature = "ssr")]
pub(crate) const DEFAULT_EVENT: &str = "{}";

/// Events as the platform's triggers send them.
pub(crate) const TEMPLATES: &[Template] = &[
    Template { name: "empty", label: || t!("Empty"), text: "{}" },
    Template {
        name: "timer",
        label: || t!("Timer"),
        text: "{\n  \"triggerTime\": \"2026-11-24T12:00:00Z\",\n  \"triggerName\": \"every-hour\",\n  \"payload\": \"\"\n}",
    },
    Template {
        name: "http",
        label: || t!("HTTP request"),
        text: "{\n  \"version\": \"v1\",\n  \"rawPath\": \"/orders\",\n  \"headers\": {\n    \"Content-Type\": \"application/json\"\n  },\n  \
               \"queryParameters\": {\n    \"page\": \"1\"\n  },\n  \"body\": \"{\\\"id\\\": 1}\",\n  \"isBase64Encoded\": false,\n  \
               \"requestContext\": {\n    \"http\": {\n      \"method\": \"POST\",\n      \"path\": \"/orders\",\n      \"protocol\": \"HTTP/1.1\",\n      \
               \"sourceIp\": \"192.0.2.1\"\n    }\n  }\n}",
    },
    Template {
        name: "object",
        label: || t!("Object storage"),
        text: "{\n  \"events\": [\n    {\n      \"eventName\": \"ObjectCreated:PutObject\",\n      \"eventSource\": \"acs:oss\",\n      \
               \"eventTime\": \"2026-11-24T12:00:00.000Z\",\n      \"eventVersion\": \"1.0\",\n      \"region\": \"cn-hangzhou\",\n      \"oss\": {\n        \
               \"bucket\": {\n          \"name\": \"my-bucket\"\n        },\n        \"object\": {\n          \"key\": \"in/photo.jpg\",\n          \
               \"size\": 122539\n        }\n      }\n    }\n  ]\n}",
    },
    Template {
        name: "log",
        label: || t!("Log"),
        text: "{\n  \"parameter\": {},\n  \"source\": {\n    \"projectName\": \"my-project\",\n    \"logstoreName\": \"my-logs\",\n    \"shardId\": 0,\n    \
               \"beginCursor\": \"MTUyOTQ4MDU1MDI5OTYxNTcxNg==\",\n    \"endCursor\": \"MTUyOTQ4MDU1MDI5OTYxNTcxOA==\"\n  },\n  \
               \"jobName\": \"my-job\",\n  \"taskId\": \"1\"\n}",
    },
    Template {
        name: "message",
        label: || t!("Message"),
        text: "{\n  \"TopicName\": \"my-topic\",\n  \"MessageId\": \"2F5B3C082B923D4EAC694B76D928\",\n  \"Message\": \"hello\",\n  \
               \"PublishTime\": 1795521600000\n}",
    },
];

/// `…/{function}/task-parameters`; `?next=submit` leads on to submitting.
#[component]
pub(crate) fn ParametersPage(function: FunctionRef) -> impl IntoView {
    view! {
        <Back href=Route::Function(function.clone(), FunctionPage::Tasks).path()>{t!("Asynchronous Tasks")}</Back>
        <PageHead title=t!("Configure Task Parameters") within=format!("{} – {}", function.function, function.region) small=true/>
        <Panel narrow=true>
            <ParametersContent function/>
        </Panel>
    }
    .erase()
}

/// The form, on its own page or in the dialog over the list.
#[component]
pub(super) fn ParametersContent(function: FunctionRef, #[prop(optional, into)] on_close: Option<Callback<()>>) -> impl IntoView {
    let query = use_query();
    let next = query.with_untracked(|query| query.get("next")).filter(|_| on_close.is_none()).unwrap_or_default();
    let parameters = {
        let function = function.clone();
        use_data(move || TaskParameters { function: function.clone() })
    };
    view! {
        <Load
            data=parameters
            rows=8
            view={move |parameters: ReadSignal<Parameters>| {
                let (function, next) = (function.clone(), next.clone());
                match parameters.get_untracked() {
                    Parameters::Event(event) => view! { <ParametersForm function event next on_close/> }.erase(),
                    Parameters::Request(setup) => view! { <RequestForm function setup next on_close/> }.erase(),
                }
            }}
        />
    }
    .erase()
}

#[component]
pub(super) fn ParametersForm(
    function: FunctionRef,
    event: String,
    /// `submit` leads on to submitting.
    next: String,
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let back = Route::Function(function.clone(), FunctionPage::Tasks).path();
    let done = move |()| {
        if let Some(close) = on_close {
            close.run(());
        }
    };
    let help = t!("What the function receives from further submissions. JSON is usual, not required.");
    view! {
        <PostForm path=SaveTaskParameters::PATH class="max-w-3xl space-y-4" on_done=Callback::new(done)>
            <FunctionFields function/>
            <HiddenField name="next" value=next/>
            <JsonEditor name="event" label=t!("Event") value=event help templates=TEMPLATES max_bytes=limits::ASYNC_PAYLOAD_BYTES_MAX/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}

/// The request to an HTTP function (C-22).
#[component]
fn RequestForm(
    function: FunctionRef,
    setup: RequestSetup,
    /// `submit` leads on to submitting.
    next: String,
    on_close: Option<Callback<()>>,
) -> impl IntoView {
    let back = Route::Function(function.clone(), FunctionPage::Tasks).path();
    view! {
        <PostForm path=SaveHttpParameters::PATH class="max-w-3xl space-y-4" on_done=on_close>
            <FunctionFields function/>
            <HiddenField name="next" value=next/>
            <RequestFields setup/>
            <FormActions>
                <Submit>{t!("OK")}</Submit>
                <Cancel href=back on_cancel=on_close/>
            </FormActions>
        </PostForm>
    }
    .erase()
}
