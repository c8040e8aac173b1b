use super::api::SignIn as SignInFn;
use crate::chrome::{LanguageLinks, Logo};
use crate::forms::{FormState, PostedForm};
use crate::pages::search::forget_recent;
use crate::reactive::{effect, use_query};
use crate::ui::{Erase, ErrorSummary, HiddenField, NoticeBar, Submit, TextField, Title};
use leptos::prelude::*;
use server_fn::ServerFn;

/// `/login`. A plain post even where scripts run: what follows starts from a page with the session.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let next = use_query().with_untracked(|query| query.get("next").unwrap_or_default());
    let form = FormState::new(SignInFn::PATH, Signal::stored(false), Signal::stored(None), Signal::stored(false));
    provide_context(form);
    let action = use_context::<PostedForm>().unwrap_or_default().action(SignInFn::PATH);
    // Who is here has signed out, or is signed in no longer.
    effect(forget_recent);
    let failed = form.error.with_untracked(Option::is_some);
    view! {
        <Title text=t!("Sign in – Taskyard")/>
        <main id="main" class="grid min-h-dvh grid-rows-[1fr_auto_2fr] justify-items-center px-4">
            <div></div>
            <div class="w-full max-w-88">
                <p class="mb-6 flex items-center justify-center gap-2.5 text-head font-semibold tracking-tight">
                    <Logo class="size-6"/>
                    "Taskyard"
                </p>
                <NoticeBar/>
                <div class="rounded-panel border border-line bg-surface p-6">
                    <h1 class="mb-4 text-title font-semibold tracking-tight">{t!("Sign in")}</h1>
                    <form method="post" action=action class="space-y-4">
                        <ErrorSummary error=form.error/>
                        <HiddenField name="next" value=next/>
                        <TextField name="user" label=t!("User name") autocomplete="username" required=true autofocus=!failed/>
                        <TextField name="password" label=t!("Password") kind="password" autocomplete="current-password" required=true/>
                        <Submit>{t!("Sign in")}</Submit>
                    </form>
                </div>
                <p class="mt-4 flex justify-center gap-4 text-meta text-muted">
                    <LanguageLinks class="hover:text-ink aria-current:text-ink"/>
                </p>
            </div>
        </main>
    }
    .erase()
}
