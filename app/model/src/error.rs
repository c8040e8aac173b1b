//! The one error type a client may see, and the table of its codes.

use serde::{Deserialize, Serialize};

/// What a caller may know of a failure: a code of the table and one sentence that says what to do.
///
/// Internal causes never travel in it; they go to the log once, with the request id that the caller also gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {message}")]
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
}

/// Result of every port method.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error of this code with a message for the caller.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// 400 `InvalidArgument` with a free text.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message)
    }

    /// 500 `InternalServerError`; the cause belongs into the log, not in here.
    pub fn internal() -> Self {
        Self::new(ErrorCode::InternalServerError, "an internal error occurred; try again, and quote the request id when asking for help")
    }

    /// HTTP status of the code.
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

macro_rules! error_codes {
    ($( $(#[doc = $doc:literal])* $variant:ident => $status:literal; )*) => {
        /// Error codes on the wire: `fc-api.md` 1.5. The variant's name is the code's spelling.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode { $( $(#[doc = $doc])* $variant, )* }

        impl ErrorCode {
            /// Every code, in the table's order.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$variant, )* ];

            /// The code's spelling in error bodies.
            pub fn as_str(self) -> &'static str {
                match self { $( ErrorCode::$variant => stringify!($variant), )* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $( ErrorCode::$variant => $status, )* }
            }
        }
    };
}

error_codes! {
    /// A value is outside its rule; the message names the value and the rule.
    InvalidArgument => 400;
    /// A protected resource was asked for without the header that proves who asks.
    MissingRequiredHeader => 400;
    /// No operation has this method and path.
    PathNotSupported => 400;
    /// A body is over its limit; nothing was stored.
    EntityTooLarge => 400;
    /// A quota of resources is used up.
    LimitExceededError => 400;
    /// The additional version of an alias is its main version.
    AdditionalVersionContainsMajorVersion => 400;
    /// The caller is known and may not do this.
    AccessDenied => 403;
    /// The signature computed from the request differs from the one sent.
    SignatureNotMatch => 403;
    /// No enabled access key has this id.
    InvalidAccessKeyID => 403;
    /// The console's caller has no valid session.
    Unauthenticated => 401;
    /// The body of a request stopped coming, or took too long as a whole; nothing was stored.
    RequestTimeout => 408;
    /// No such service in the region.
    ServiceNotFound => 404;
    /// No such function in the service.
    FunctionNotFound => 404;
    /// The service has no such version.
    VersionNotFound => 404;
    /// The service has no such alias.
    AliasNotFound => 404;
    /// The function has no such trigger.
    TriggerNotFound => 404;
    /// The qualifier has no asynchronous configuration.
    AsyncConfigNotExists => 404;
    /// The qualifier has no limit of instances.
    OnDemandConfigNotFound => 404;
    /// The qualifier has no instances that are kept ready.
    ProvisionConfigNotFound => 404;
    /// The layer has no such version, or does not exist; our word, since the vendor's is unknown.
    LayerVersionNotFound => 404;
    /// The region has no such custom domain.
    DomainNameNotFound => 404;
    /// A custom domain has no route for the path.
    DomainRouteNotFound => 404;
    /// No task of the function has this id.
    StatefulAsyncInvocationNotFound => 404;
    /// The function has no such instance, or has it no more.
    InstanceNotFound => 404;
    /// The region has no such bulk action; our word, the vendor has none.
    BulkActionNotFound => 404;
    /// The install has no such region.
    RegionNotFound => 404;
    /// No such user or access key.
    AccountEntityNotFound => 404;
    /// A task with this id exists; nothing was run.
    StatefulAsyncInvocationAlreadyExists => 409;
    /// A service of this name exists in the region.
    ServiceAlreadyExists => 409;
    /// A function of this name exists in the service.
    FunctionAlreadyExists => 409;
    /// A trigger of this name exists on the function.
    TriggerAlreadyExists => 409;
    /// An alias of this name exists in the service.
    AliasAlreadyExists => 409;
    /// The custom domain exists, in this region or in another one.
    DomainNameAlreadyExists => 409;
    /// An alias or a trigger still leads to the version or alias; our word, since the vendor's is unknown (`fc-api.md` 3.4).
    QualifierInUse => 409;
    /// The function still has triggers.
    FunctionNotEmpty => 409;
    /// The service still has functions or published versions.
    ServiceNotEmpty => 409;
    /// Another writer changed the resource at the same time.
    ConcurrentUpdateError => 409;
    /// The If-Match value is not the resource's current ETag.
    PreconditionFailed => 412;
    /// A custom runtime has no file to start.
    CAFileNotFound => 412;
    /// The file that starts a custom runtime may not be executed.
    CAFilePermission => 412;
    /// A custom runtime ended before it listened on its port.
    CAExited => 412;
    /// The invocation was ended by a stop request.
    AsyncInvocationStopped => 412;
    /// The request rate is over its limit.
    ResourceThrottled => 429;
    /// No instance is free under the concurrency limit.
    ResourceExhausted => 429;
    /// The caller went away before the answer.
    ClientClosedRequest => 499;
    /// The outcome of a task could not be sent to its destination.
    DestinationDeliveryFailed => 500;
    /// Something broke on our side; the log has the cause under the request id.
    InternalServerError => 500;
    /// An HTTP function failed, or its answer can't be passed on.
    BadResponse => 502;
    /// The server is draining or its store can't be written; nothing was stored.
    ServiceUnavailable => 503;
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_spelled_once_and_has_an_error_status() {
        let mut seen = std::collections::HashSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }
}
