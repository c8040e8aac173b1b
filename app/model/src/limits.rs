//! Every limit of the product that is not a setting, in one place (`product.md` 3, `fc-api.md` 3–5, `console.md` 3).

/// Characters of a service or function name.
pub const NAME_CHARS_MAX: usize = 128;
/// Characters of a task id.
pub const TASK_ID_CHARS_MAX: usize = 128;
/// Characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 256;
/// Characters of a handler.
pub const HANDLER_CHARS_MAX: usize = 256;
/// Bytes of an asynchronous invocation's event.
pub const ASYNC_PAYLOAD_BYTES_MAX: usize = 128 * 1024;
/// Bytes of a synchronous invocation's event and of its result.
pub const SYNC_PAYLOAD_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes of a task's result that are kept.
pub const RESULT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one log line; the rest is cut and the cut is said.
pub const LOG_LINE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of log kept of one request; the rest is dropped and the drop is said.
pub const LOG_REQUEST_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Bytes of the text that a search of logs looks for.
pub const LOG_SEARCH_BYTES_MAX: usize = 1_024;
/// Lines of a page of found log lines: default and most.
pub const LOG_PAGE_LINES_DEFAULT: u32 = 1_000;
/// See [`LOG_PAGE_LINES_DEFAULT`].
pub const LOG_PAGE_LINES_MAX: u32 = 10_000;
/// Bytes of log that `X-Fc-Log-Type: Tail` returns.
pub const LOG_TAIL_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a code package as base64 in an API body, after decoding.
pub const CODE_ZIP_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Bytes of a code package after unpacking.
pub const CODE_UNPACKED_BYTES_MAX: u64 = 500 * 1024 * 1024;
/// Files and folders in a code package.
pub const CODE_ENTRIES_MAX: usize = 20_000;
/// Bytes of a file of a code package that the console's editor takes.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;
/// Layers of one function.
pub const LAYERS_MAX: usize = 5;
/// Characters of a layer's name.
pub const LAYER_NAME_CHARS_MAX: usize = 64;
/// Runtimes that a layer may say it is for.
pub const LAYER_RUNTIMES_MAX: usize = 30;
/// Custom domains of an install.
pub const DOMAINS_MAX: u32 = 1_000;
/// Characters of a domain's name.
pub const DOMAIN_CHARS_MAX: usize = 253;
/// Routes of one custom domain.
pub const DOMAIN_ROUTES_MAX: usize = 200;
/// Bytes of a route's path.
pub const ROUTE_PATH_BYTES_MAX: usize = 1_024;
/// Bytes of a custom domain's certificate.
pub const CERTIFICATE_BYTES_MAX: usize = 20 * 1024;
/// Cipher suites that a custom domain may name.
pub const CIPHER_SUITES_MAX: usize = 50;
/// Bytes of all environment variables of a function, keys and values together.
pub const ENVIRONMENT_BYTES_MAX: usize = 4 * 1024;
/// Tags of one service.
pub const TAGS_MAX: usize = 20;
/// Characters of a tag's name.
pub const TAG_NAME_CHARS_MAX: usize = 64;
/// Characters of a tag's value.
pub const TAG_VALUE_CHARS_MAX: usize = 128;
/// Triggers of one function (`console.md` C-61).
pub const TRIGGERS_MAX: u32 = 50;
/// Bytes of the text that a time trigger sends along (`console.md` U-04).
pub const TRIGGER_MESSAGE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a trigger's configuration as JSON.
pub const TRIGGER_CONFIG_BYTES_MAX: usize = 16 * 1024;
/// Seconds between two runs of an interval trigger at most: a year.
pub const TRIGGER_INTERVAL_S_MAX: u64 = 366 * 86_400;
/// Tasks that one page of a list compares with what no index finds, a qualifier or the beginning of very many ids: a page that is not
/// full by then ends there, with a token that goes on.
pub const TASK_WALK_ROWS_MAX: u32 = 10_000;
/// Tasks of one bulk action.
pub const BULK_TASKS_MAX: u64 = 100_000;
/// Tasks above which a bulk action is confirmed by typing their number.
pub const BULK_TYPED_ABOVE: u64 = 1_000;
/// Tasks looked at to say how many a bulk action would take.
pub const BULK_PREVIEW_ROWS_MAX: u32 = 200_000;
/// Rows of a page of a bulk action's tasks.
pub const BULK_PAGE_ROWS_MAX: u32 = 1_000;
/// Bulk actions in a list.
pub const BULK_LIST_MAX: u32 = 50;
/// Tasks that are chosen one by one for a bulk action.
pub const BULK_IDS_MAX: usize = 200;
/// Tasks that one file of exported tasks holds.
pub const EXPORT_ROWS_MAX: u64 = 100_000;
/// Dead letters are counted among so many of the latest tasks of one function and state, and in so many of all together.
pub const DEAD_LETTER_ROWS_MAX: u32 = 10_000;
/// See [`DEAD_LETTER_ROWS_MAX`].
pub const DEAD_LETTER_ALL_ROWS_MAX: u32 = 100_000;
/// Functions, and states of functions where states are chosen, that a page of a region's tasks looks at: those with the latest submissions.
pub const REGION_TASK_FUNCTIONS_MAX: usize = 2_000;
/// Names of functions that the filter of a region's tasks offers.
pub const REGION_FUNCTION_NAMES_MAX: usize = 200;
/// Instances of a region that are listed.
pub const REGION_INSTANCES_SHOWN_MAX: usize = 1_000;
/// Tasks made from one that its page names.
pub const REEXECUTIONS_SHOWN_MAX: u32 = 20;
/// Results of each kind that a search of a region shows.
pub const FOUND_MAX: u32 = 20;
/// Names of each kind that a search of a region looks through.
pub const SEARCH_NAMES_MAX: u32 = 10_000;
/// Saved views of one user.
pub const VIEWS_MAX: u32 = 100;
/// Characters of a saved view's name (`console.md` B-05).
pub const VIEW_NAME_CHARS_MAX: usize = 64;
/// Bytes of a saved view's address.
pub const VIEW_ADDRESS_BYTES_MAX: usize = 4 * 1024;
/// Tasks counted before one in its queue; who has more ahead waits long either way.
pub const QUEUE_AHEAD_MAX: u32 = 10_000;
/// Retries after function errors.
pub const RETRY_ATTEMPTS_MAX: u32 = 8;
/// Retries after function errors when nothing is configured.
pub const RETRY_ATTEMPTS_DEFAULT: u32 = 3;
/// Seconds that a due task may wait for its first run.
pub const EVENT_AGE_S_MAX: u64 = 2_592_000;
/// Seconds that a due task may wait when nothing is configured.
pub const EVENT_AGE_S_DEFAULT: u64 = 86_400;
/// Seconds by which a submission may be delayed.
pub const ASYNC_DELAY_S_MAX: u64 = 3_600;
/// Seconds of one execution.
pub const TIMEOUT_S_MAX: u64 = 86_400;
/// Seconds of one execution when nothing is configured.
pub const TIMEOUT_S_DEFAULT: u64 = 60;
/// Megabytes of memory of an instance: the least, the most, the step.
pub const MEMORY_MB_MIN: u64 = 64;
/// See [`MEMORY_MB_MIN`].
pub const MEMORY_MB_MAX: u64 = 32_768;
/// See [`MEMORY_MB_MIN`].
pub const MEMORY_MB_STEP: u64 = 64;
/// Megabytes of memory when the API names none.
pub const MEMORY_MB_DEFAULT: u64 = 128;
/// Instances of one function that a limit or a minimum may name.
pub const INSTANCES_MAX: u32 = 10_000;
/// Requests that one instance serves at once.
pub const INSTANCE_CONCURRENCY_MAX: u32 = 200;
/// Seconds of the initializer.
pub const INITIALIZATION_TIMEOUT_S_MAX: u64 = 300;
/// Seconds of the initializer when nothing is configured.
pub const INITIALIZATION_TIMEOUT_S_DEFAULT: u64 = 3;
/// Rows of a page of resources: default and most.
pub const PAGE_ROWS_DEFAULT: u32 = 20;
/// See [`PAGE_ROWS_DEFAULT`].
pub const PAGE_ROWS_MAX: u32 = 100;
/// Rows of a page of tasks when none is asked for.
pub const TASK_PAGE_ROWS_DEFAULT: u32 = 50;
/// First wait before a retry, in milliseconds; each further one doubles.
pub const RETRY_WAIT_FIRST_MS: i64 = 500;
/// Longest wait before a retry, in milliseconds.
pub const RETRY_WAIT_MS_MAX: i64 = 60_000;
/// Bytes of the text that names a destination.
pub const DESTINATION_BYTES_MAX: usize = 2 * 1024;
/// Retries of a delivery to a destination, spaced like those of a task (`fc-api.md` 4.6).
pub const DELIVERY_RETRIES_MAX: u32 = 3;
/// Bytes kept of the reason why a delivery failed.
pub const DELIVERY_ERROR_BYTES_MAX: usize = 1_000;
/// Seconds within which a webhook has to answer.
pub const WEBHOOK_TIMEOUT_S: u64 = 10;
/// Bytes of an API body that carries neither a code package nor an event.
pub const API_DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of an API body that carries a code package: [`CODE_ZIP_BYTES_MAX`] as base64 and the document around it.
pub const API_CODE_BODY_BYTES_MAX: usize = 140 * 1024 * 1024;
/// Bytes of a refused API body that are read and dropped so that the client gets to read the answer.
pub const API_DRAIN_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Connections of the HTTP server at once, websockets included, when nothing is configured; one more is answered with a 503. Where the
/// process may not have so many descriptors there are fewer, see [`DESCRIPTORS_SPARED`].
pub const CONNECTIONS_DEFAULT: u32 = 16_384;
/// Descriptors that connections leave to the store, to functions and to files.
pub const DESCRIPTORS_SPARED: u64 = 1_024;
/// Connections beyond the limit that are told so at once; further ones are closed without a word.
pub const REFUSED_CONNECTIONS_MAX: usize = 256;
/// Seconds within which the head of a request has to be there, counted from the connection's beginning or from the end of its answer
/// before, when nothing is configured. So it is also the time that a connection may lie idle: longer than the 60 s for which proxies keep
/// theirs, so that it is they who close one.
pub const IDLE_TIMEOUT_S_DEFAULT: u64 = 75;
/// Seconds for which no byte of a request's body need come, or none of an answer be taken, when nothing is configured.
pub const STALL_TIMEOUT_S_DEFAULT: u64 = 60;
/// Seconds within which a whole body of a request has to be there.
pub const BODY_S_MAX: u64 = 3_600;
/// Bytes of a request's head: its first line and all headers. The buffers of a connection have this size too.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of a request. The number that the HTTP library has room for on its stack: with any other it allocates for every request.
pub const HEADERS_MAX: usize = 100;
/// Megabytes of request bodies in memory at once, from the announcement of the body until the answer, when nothing is configured: three code
/// packages of the most bytes. While a package is unpacked it takes up to three times its body. A body beyond it is a 429.
pub const UPLOAD_MEMORY_MB_DEFAULT: u32 = 512;
/// The least that can be configured: one code package of the most bytes.
pub const UPLOAD_MEMORY_MB_MIN: u32 = 140;
/// Bytes up to which a body is a small one and has room of its own, so that events are taken while large uploads fill theirs.
pub const SMALL_BODY_BYTES_MAX: usize = ASYNC_PAYLOAD_BYTES_MAX;
/// Bytes of small request bodies in memory at once.
pub const SMALL_BODIES_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes of a form of the console without a file, as a browser posts it.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a call of the console's script.
pub const CALL_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a form of the console with a code package that are read; the package is looked at up to [`CODE_ZIP_BYTES_MAX`], and the rest is
/// dropped so that the browser gets to read the answer.
pub const UPLOAD_FORM_BYTES_MAX: usize = CODE_ZIP_BYTES_MAX + 64 * 1024 * 1024;
/// Seconds for which a download link of a code package is valid (`fc-api.md` 3.2).
pub const CODE_LINK_S: i64 = 3_600;
/// Characters of the name of a container image.
pub const IMAGE_CHARS_MAX: usize = 512;
/// Port that a custom runtime listens on when none is configured.
pub const CA_PORT_DEFAULT: u16 = 9_000;
/// Seconds that a hook of an instance's life may take.
pub const HOOK_TIMEOUT_S_MAX: u64 = 90;
/// Seconds that a hook may take when nothing is configured.
pub const HOOK_TIMEOUT_S_DEFAULT: u64 = 3;
/// Bytes of all headers of a request to an HTTP function, or of its answer (`fc-api.md` 3.3).
pub const HTTP_HEADERS_BYTES_MAX: usize = 8 * 1024;
/// Bytes of path and query of a request to an HTTP function.
pub const HTTP_URI_BYTES_MAX: usize = 4 * 1024;
/// Rows of a page of instances (`fc-api.md` 1.7).
pub const INSTANCE_PAGE_ROWS_MAX: u32 = 1_000;
/// Words of a command that is run in an instance.
pub const EXEC_COMMAND_WORDS_MAX: usize = 256;
/// Bytes of a command that is run in an instance.
pub const EXEC_COMMAND_BYTES_MAX: usize = 16 * 1024;
/// Seconds without traffic after which a command in an instance is ended (`fc-api.md` 3.6.1): when none are given.
pub const EXEC_IDLE_S_DEFAULT: u64 = 120;
/// See [`EXEC_IDLE_S_DEFAULT`]: the most.
pub const EXEC_IDLE_S_MAX: u64 = 3_600;
/// Seconds without traffic after which the console's terminal is ended (`console.md` C-78).
pub const TERMINAL_IDLE_S: u64 = 600;
/// Commands in one instance at once.
pub const EXEC_SESSIONS_MAX: u32 = 4;
/// Access keys of the install.
pub const ACCESS_KEYS_MAX: u32 = 100;
/// Characters of an access key's name (`console.md` SC-26).
pub const ACCESS_KEY_NAME_CHARS_MAX: usize = 64;
/// Services that one access key may be limited to.
pub const ACCESS_KEY_SERVICES_MAX: usize = 50;
/// Rows of a page of the audit: default and most.
pub const AUDIT_ROWS_DEFAULT: u32 = 50;
/// See [`AUDIT_ROWS_DEFAULT`].
pub const AUDIT_ROWS_MAX: u32 = 1_000;
/// Characters of a name or path in an audit entry; the rest is cut.
pub const AUDIT_TEXT_CHARS_MAX: usize = 512;
/// Signatures that replay protection remembers at once on one server; about 50 bytes each.
pub const REPLAY_NONCES_MAX: usize = 1_000_000;
/// Days that figures of functions are kept (`console.md` C-79).
pub const METRIC_DAYS: i64 = 31;
/// Points of a window of figures, about.
pub const METRIC_POINTS_MAX: i64 = 120;
/// Users of the console.
pub const USERS_MAX: u32 = 1_000;
/// Characters of a user's name.
pub const USER_NAME_CHARS_MAX: usize = 64;
/// Characters of a password: the least, the most.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// See [`PASSWORD_CHARS_MIN`].
pub const PASSWORD_CHARS_MAX: usize = 1_000;
/// Characters of what a browser says it is that are kept of a session.
pub const AGENT_CHARS_MAX: usize = 200;
