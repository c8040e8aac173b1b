//! What can be done, by name: the one list of which policies of access keys and the audit speak (`console.md` C-82, C-86).

/// What an action does to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// Changes nothing.
    Read,
    /// Runs a function; its record is the task or the log, not the audit.
    Invoke,
    /// Changes what is stored or ends what runs.
    Change,
    /// Opens a way into an instance.
    LogOn,
    /// Signs somebody in or out, or changes who may come in: never a call of the API.
    Account,
}

macro_rules! actions {
    ($( $kind:ident: $( $variant:ident )*; )*) => {
        /// An action: an operation of the vendor's API by its name, or one of our own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $( $( $variant, )* )* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Action] = &[ $( $( Action::$variant, )* )* ];

            /// The name that policies, refusals and the audit use: `fc:` and the operation.
            pub fn as_str(self) -> &'static str {
                match self { $( $( Action::$variant => concat!("fc:", stringify!($variant)), )* )* }
            }

            /// What it does.
            pub fn kind(self) -> ActionKind {
                match self { $( $( Action::$variant => ActionKind::$kind, )* )* }
            }
        }
    };
}

actions! {
    Read:
        GetService ListServices GetFunction GetFunctionCode ListFunctions GetTrigger ListTriggers ListServiceVersions GetAlias ListAliases
        GetFunctionAsyncInvokeConfig ListFunctionAsyncInvokeConfigs GetStatefulAsyncInvocation GetStatefulAsyncInvocationLogs ListStatefulAsyncInvocations
        ListStatefulAsyncInvocationFunctions ListInstances GetFunctionOnDemandConfig ListOnDemandConfigs GetProvisionConfig
        ListProvisionConfigs ListReservedCapacities GetResourceTags ListTaggedResources GetAccountSettings GetQueue GetLayerVersion GetLayerVersionByArn
        ListLayers ListLayerVersions GetCustomDomain ListCustomDomains GetMetrics GetTaskParameters GetBulkAction ListBulkActions ListDeadLetters
        ListAuditEntries ListUsers ListUserSessions ListAccessKeys;
    Invoke:
        InvokeFunction;
    Change:
        CreateService UpdateService DeleteService CreateFunction UpdateFunction DeleteFunction CreateTrigger UpdateTrigger DeleteTrigger RunTrigger
        PublishServiceVersion DeleteServiceVersion CreateAlias UpdateAlias DeleteAlias PutFunctionAsyncInvokeConfig
        DeleteFunctionAsyncInvokeConfig StopStatefulAsyncInvocation ReexecuteStatefulAsyncInvocation RedriveDestination
        PutFunctionOnDemandConfig DeleteFunctionOnDemandConfig PutProvisionConfig TagResource UntagResource PutQueue PurgeQueue
        PutTaskParameters DrainInstance CreateLayerVersion DeleteLayerVersion PutLayerACL CreateCustomDomain UpdateCustomDomain
        DeleteCustomDomain StartBulkAction StopBulkAction RetryBulkAction DismissDeadLetters;
    LogOn:
        InstanceExec;
    Account:
        SignIn SignOut CreateAccessKey EnableAccessKey DisableAccessKey DeleteAccessKey CreateUser ChangeUserRole ResetPassword
        EnableUser DisableUser DeleteUser ChangePassword EndSession;
}

impl Action {
    /// True when each time that it is done, or refused to somebody known, is written into the audit.
    pub fn is_audited(self) -> bool {
        !matches!(self.kind(), ActionKind::Read | ActionKind::Invoke)
    }

    /// The action of this name, with or without `fc:`.
    pub fn parse(name: &str) -> Option<Self> {
        let bare = |text: &'static str| text.trim_start_matches("fc:");
        Self::ALL.iter().copied().find(|action| action.as_str() == name || bare(action.as_str()) == name)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c82_what_reads_is_named_get_or_list_and_nothing_else_is() {
        for action in Action::ALL {
            let name = action.as_str().trim_start_matches("fc:");
            assert_eq!(action.kind() == ActionKind::Read, name.starts_with("Get") || name.starts_with("List"), "{action}");
            assert_eq!((Action::parse(name), Action::parse(action.as_str())), (Some(*action), Some(*action)));
        }
        assert_eq!(Action::parse("fc:Nothing"), None);
    }

    #[test]
    fn c86_reads_and_invocations_are_not_audited() {
        assert!(!Action::GetFunction.is_audited() && !Action::InvokeFunction.is_audited());
        for action in [Action::StopStatefulAsyncInvocation, Action::InstanceExec, Action::SignIn, Action::DeleteAccessKey] {
            assert!(action.is_audited(), "{action}");
        }
    }
}
