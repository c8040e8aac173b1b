//! What a page says after a change: `?notice=<word>` with a closed list of words, so that a link can't put words in our mouth.

macro_rules! notices {
    ($( $variant:ident => $word:literal, $text:literal; )*) => {
        /// A change that was just made.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Notice { $( $variant, )* }

        impl Notice {
            /// Every notice.
            pub const ALL: &'static [Notice] = &[ $( Notice::$variant, )* ];

            /// The word in the query string.
            pub fn as_str(self) -> &'static str {
                match self { $( Notice::$variant => $word, )* }
            }

            /// The sentence on the page.
            pub fn text(self) -> &'static str {
                match self { $( Notice::$variant => t!($text), )* }
            }
        }
    };
}

notices! {
    ServiceCreated => "service-created", "The service was created.";
    ServiceSaved => "service-saved", "The service was saved.";
    ServiceDeleted => "service-deleted", "The service was deleted.";
    VersionPublished => "version-published", "The version was published.";
    VersionDeleted => "version-deleted", "The version was deleted.";
    AliasCreated => "alias-created", "The alias was created.";
    AliasSaved => "alias-saved", "The alias was saved. It applies to what is invoked from now on.";
    AliasDeleted => "alias-deleted", "The alias was deleted.";
    FunctionCreated => "function-created", "The function was created.";
    FunctionDeleted => "function-deleted", "The function was deleted.";
    ConfigurationSaved => "configuration-saved", "The configuration was saved. It applies from the next invocation on.";
    TriggerSaved => "trigger-saved", "The trigger was saved.";
    TriggerDeleted => "trigger-deleted", "The trigger was deleted.";
    TriggerRun => "trigger-run", "The trigger was run.";
    TriggerMissing => "trigger-missing", "The function was created, its trigger was not.";
    CodeUpdated => "code-updated", "The code was updated. It runs from the next invocation on.";
    PolicySaved => "policy-saved", "The asynchronous policy was saved.";
    TaskSubmitted => "task-submitted", "The task was submitted.";
    TaskStopped => "task-stopped", "The task was stopped.";
    TaskStopping => "task-stopping", "The task is being stopped.";
    StopLostSucceeded => "stop-lost-succeeded", "The task ended before it could be stopped: Succeeded.";
    StopLostFailed => "stop-lost-failed", "The task ended before it could be stopped: Failed.";
    StopLostExpired => "stop-lost-expired", "The task ended before it could be stopped: Expired.";
    StopLostInvalid => "stop-lost-invalid", "The task ended before it could be stopped: Invalid.";
    StopLostStopped => "stop-lost-stopped", "The task ended before it could be stopped: Stopped.";
    DeliveryAsked => "delivery-asked", "The outcome is being delivered again.";
    DestinationsSaved => "destinations-saved", "The destinations were saved. They apply to tasks that are submitted from now on.";
    DestinationsInCircle => "destinations-in-circle", "The destinations were saved. One of them has this function as its own destination: the two may call each other without end.";
    TaskReexecuted => "task-reexecuted", "A new task with the same input was submitted.";
    ParametersSaved => "parameters-saved", "The task parameters were saved. The next submission sends them.";
    KeyDisabled => "key-disabled", "The access key was disabled. Calls that it signs are refused from now on.";
    KeyEnabled => "key-enabled", "The access key was enabled.";
    KeyDeleted => "key-deleted", "The access key was deleted.";
    ViewSaved => "view-saved", "The view was saved.";
    ViewDeleted => "view-deleted", "The view was deleted.";
    UserSaved => "user-saved", "The user was changed.";
    UserDeleted => "user-deleted", "The user was deleted.";
    PasswordChanged => "password-changed", "The password was changed.";
    SessionEnded => "session-ended", "The session was ended.";
    SignedOut => "signed-out", "You have signed out.";
}

impl Notice {
    /// Reads a word of the query string.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|notice| notice.as_str() == word)
    }
}
