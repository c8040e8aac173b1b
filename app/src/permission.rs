//! Which forms a role may not send: what their buttons say instead. The server refuses by itself, form or not (`server/src/web/audited.rs`).

use crate::bootstrap::Bootstrap;
use leptos::prelude::*;

/// What stands for the terminal among the forms.
pub(crate) const LOG_ON: &str = "/log_on";

/// Why the role of the signed-in user keeps it from this server function; `None` when it does not.
pub(crate) fn refusal(path: &str) -> Option<String> {
    with_context::<Bootstrap, _>(|boot| {
        boot.refused.iter().find(|(function, _)| path.ends_with(function.as_str())).map(|(_, why)| why.clone())
    })
    .flatten()
}

#[cfg(feature = "ssr")]
pub(crate) use table::refused;

#[cfg(feature = "ssr")]
mod table {
    use super::LOG_ON;
    use model::{Action, Role};

    /// The last segment of the path of each server function that changes something or runs code, and what it needs. What everybody may do who is
    /// signed in is not in it.
    const FORMS: &[(&str, Action)] = &[
        (LOG_ON, Action::InstanceExec),
        ("/submit_task", Action::InvokeFunction),
        ("/test_function", Action::InvokeFunction),
        ("/test_http_function", Action::InvokeFunction),
        ("/stop_task", Action::StopStatefulAsyncInvocation),
        ("/reexecute_task", Action::ReexecuteStatefulAsyncInvocation),
        ("/reexecute_with_changes", Action::ReexecuteStatefulAsyncInvocation),
        ("/redeliver", Action::RedriveDestination),
        ("/resume_queue", Action::PutQueue),
        ("/drain_instance", Action::DrainInstance),
        ("/save_task_parameters", Action::PutTaskParameters),
        ("/save_http_parameters", Action::PutTaskParameters),
        ("/start_bulk", Action::StartBulkAction),
        ("/stop_bulk", Action::StopBulkAction),
        ("/retry_bulk", Action::RetryBulkAction),
        ("/dismiss_dead_letters", Action::DismissDeadLetters),
        ("/create_service", Action::CreateService),
        ("/configure_service", Action::UpdateService),
        ("/delete_service", Action::DeleteService),
        ("/create_function", Action::CreateFunction),
        ("/modify_configurations", Action::UpdateFunction),
        ("/modify_instance", Action::UpdateFunction),
        ("/modify_lifecycle", Action::UpdateFunction),
        ("/upload_code", Action::UpdateFunction),
        ("/deploy_source", Action::UpdateFunction),
        ("/delete_function", Action::DeleteFunction),
        ("/modify_async_policy", Action::PutFunctionAsyncInvokeConfig),
        ("/modify_destinations", Action::PutFunctionAsyncInvokeConfig),
        ("/create_trigger", Action::CreateTrigger),
        ("/modify_trigger", Action::UpdateTrigger),
        ("/switch_trigger", Action::UpdateTrigger),
        ("/run_trigger", Action::RunTrigger),
        ("/delete_trigger", Action::DeleteTrigger),
        ("/publish_version", Action::PublishServiceVersion),
        ("/delete_version", Action::DeleteServiceVersion),
        ("/create_alias", Action::CreateAlias),
        ("/modify_alias", Action::UpdateAlias),
        ("/delete_alias", Action::DeleteAlias),
        ("/create_user", Action::CreateUser),
        ("/change_role", Action::ChangeUserRole),
        ("/reset_password", Action::ResetPassword),
        ("/switch_user", Action::EnableUser),
        ("/delete_user", Action::DeleteUser),
    ];

    /// The server functions that a role may not call, with the reason for their buttons.
    pub(crate) fn refused(role: Role) -> Vec<(String, String)> {
        let is_refused = |(_, action): &&(&str, Action)| !role.allows(*action);
        let why = |(function, action): &(&str, Action)| {
            ((*function).to_owned(), t!("Needs {action}, which the role {role} does not include.", action, role = role.as_str()))
        };
        FORMS.iter().filter(is_refused).map(why).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn c82_forms_of_other_roles_say_what_they_need() {
            assert_eq!(refused(Role::Admin), []);
            let of = |role| refused(role).into_iter().map(|(function, _)| function).collect::<Vec<_>>();
            assert_eq!(of(Role::Viewer).len(), FORMS.len());
            assert!(!of(Role::Operator).contains(&"/stop_task".to_owned()) && of(Role::Operator).contains(&"/delete_function".to_owned()));
            assert!(!of(Role::Invoker).contains(&"/submit_task".to_owned()) && of(Role::Invoker).contains(&"/stop_task".to_owned()));
            let stop = refused(Role::Viewer).into_iter().find(|(function, _)| function == "/stop_task").unwrap();
            assert_eq!(stop.1, "Needs fc:StopStatefulAsyncInvocation, which the role viewer does not include.");
        }

        #[test]
        fn c82_the_table_names_server_functions() {
            let known: Vec<String> = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
            for (function, _) in FORMS.iter().filter(|(function, _)| *function != LOG_ON) {
                assert_eq!(known.iter().filter(|path| path.ends_with(function)).count(), 1, "{function}");
            }
        }
    }
}
