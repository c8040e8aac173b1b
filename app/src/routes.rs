//! The only place that spells a path of the console: typed addresses, their text and back.

mod pages;

pub use pages::{AdminPage, FunctionPage, ServicePage};

use crate::notice::Notice;
use model::{ChangeScope, FunctionName, FunctionRef, InstanceId, Region, ServiceName, ServiceRef, TaskId, TaskRef};

/// A page of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`: leads to the default region's overview.
    Home,
    SignIn,
    /// `Task Execution Functions`.
    Tasks(Region),
    CreateTaskFunction(Region),
    Services(Region),
    CreateService(Region),
    DeleteService(ServiceRef),
    Functions(ServiceRef),
    CreateFunction(ServiceRef),
    Service(ServiceRef, ServicePage),
    Function(FunctionRef, FunctionPage),
    /// What belongs to no region, within the frame of one.
    Admin(Region, AdminPage),
    /// Every component in all its states; nothing leads to it.
    Components,
}

impl Route {
    /// Reads an encoded path; `None` when no page has it.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect::<Option<_>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let service =
            |region: &str, service: &str| ServiceRef { region: Region::from_stored(region), service: ServiceName::from_stored(service) };
        let function = |region: &str, service: &str, function: &str| FunctionRef {
            region: Region::from_stored(region),
            service: ServiceName::from_stored(service),
            function: FunctionName::from_stored(function),
        };
        Some(match parts.as_slice() {
            [] => Route::Home,
            ["login"] => Route::SignIn,
            ["-", "components"] => Route::Components,
            [region, "tasks"] => Route::Tasks(Region::from_stored(*region)),
            [region, "create-task-function"] => Route::CreateTaskFunction(Region::from_stored(*region)),
            [region, "services"] => Route::Services(Region::from_stored(*region)),
            [region, "create-service"] => Route::CreateService(Region::from_stored(*region)),
            [region, "services", name, "functions"] => Route::Functions(service(region, name)),
            [region, "services", name, "create-function"] => Route::CreateFunction(service(region, name)),
            [region, "services", name, "delete"] => Route::DeleteService(service(region, name)),
            [region, "services", name, "functions", f, "tasks", id] => {
                Route::Function(function(region, name, f), FunctionPage::Task(TaskId::from_stored(*id)))
            }
            [region, "services", name, "functions", f, "instances", id, "terminal"] => {
                Route::Function(function(region, name, f), FunctionPage::Terminal(InstanceId::from_stored(*id)))
            }
            [region, "services", name, "functions", f, "triggers", trigger, word] => {
                Route::Function(function(region, name, f), FunctionPage::of_trigger(trigger, word)?)
            }
            [region, "services", name, "functions", f, page] => Route::Function(function(region, name, f), FunctionPage::parse(page)?),
            [region, "services", name, rest @ ..] => Route::Service(service(region, name), ServicePage::parse(rest)?),
            [region, rest @ ..] => Route::Admin(Region::from_stored(*region), AdminPage::parse(rest)?),
        })
    }

    /// The encoded path.
    pub fn path(&self) -> String {
        match self {
            Route::Home => "/".to_owned(),
            Route::SignIn => "/login".to_owned(),
            Route::Components => "/-/components".to_owned(),
            Route::Tasks(region) => join(&[region.as_str(), "tasks"]),
            Route::CreateTaskFunction(region) => join(&[region.as_str(), "create-task-function"]),
            Route::Services(region) => join(&[region.as_str(), "services"]),
            Route::CreateService(region) => join(&[region.as_str(), "create-service"]),
            Route::Functions(s) => join(&[s.region.as_str(), "services", s.service.as_str(), "functions"]),
            Route::CreateFunction(s) => join(&[s.region.as_str(), "services", s.service.as_str(), "create-function"]),
            Route::DeleteService(s) => join(&[s.region.as_str(), "services", s.service.as_str(), "delete"]),
            Route::Service(s, page) => {
                let rest = page.parts();
                let parts: Vec<&str> =
                    [s.region.as_str(), "services", s.service.as_str()].into_iter().chain(rest.iter().map(String::as_str)).collect();
                join(&parts)
            }
            Route::Function(f, page) => {
                let mut parts = vec![f.region.as_str(), "services", f.service.as_str(), "functions", f.function.as_str(), page.word()];
                match page {
                    FunctionPage::Task(id) => parts.push(id.as_str()),
                    FunctionPage::Terminal(id) => parts.extend([id.as_str(), "terminal"]),
                    FunctionPage::ModifyTrigger(name) => parts.extend([name.as_str(), "modify"]),
                    FunctionPage::DeleteTrigger(name) => parts.extend([name.as_str(), "delete"]),
                    _ => {}
                }
                join(&parts)
            }
            Route::Admin(region, page) => {
                let rest = page.parts();
                join(&[region.as_str()].into_iter().chain(rest.iter().map(String::as_str)).collect::<Vec<_>>())
            }
        }
    }

    /// The path with query pairs; empty values are left out.
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        format!("{}{}", self.path(), query(pairs))
    }

    /// The path that also says what was just done.
    pub fn with_notice(&self, notice: Notice) -> String {
        self.with_query(&[("notice", notice.as_str())])
    }

    /// The region of the page; the three pages outside of regions have none.
    pub fn region(&self) -> Option<&Region> {
        match self {
            Route::Home | Route::SignIn | Route::Components => None,
            Route::Tasks(region)
            | Route::CreateTaskFunction(region)
            | Route::Services(region)
            | Route::CreateService(region)
            | Route::Admin(region, _) => Some(region),
            Route::Functions(s) | Route::CreateFunction(s) | Route::DeleteService(s) | Route::Service(s, _) => Some(&s.region),
            Route::Function(f, _) => Some(&f.region),
        }
    }

    /// The same kind of page in another region (C-02).
    pub fn in_region(mut self, to: Region) -> Self {
        match &mut self {
            Route::Home | Route::SignIn | Route::Components => {}
            Route::Tasks(region)
            | Route::CreateTaskFunction(region)
            | Route::Services(region)
            | Route::CreateService(region)
            | Route::Admin(region, _) => *region = to,
            Route::Functions(s) | Route::CreateFunction(s) | Route::DeleteService(s) | Route::Service(s, _) => s.region = to,
            Route::Function(f, _) => f.region = to,
        }
        self
    }

    /// The list to go to when this page's thing does not exist.
    pub fn parent(&self) -> Self {
        match self {
            Route::Home | Route::SignIn | Route::Components => Route::Home,
            Route::Tasks(region) | Route::CreateTaskFunction(region) => Route::Tasks(region.clone()),
            Route::Services(region) | Route::CreateService(region) => Route::Services(region.clone()),
            Route::Functions(s) | Route::CreateFunction(s) | Route::DeleteService(s) => Route::Services(s.region.clone()),
            Route::Service(s, ServicePage::Versions | ServicePage::Aliases | ServicePage::Configuration) => Route::Functions(s.clone()),
            Route::Service(s, page) => Route::Service(s.clone(), page.list()),
            Route::Function(f, FunctionPage::Task(_)) => Route::Function(f.clone(), FunctionPage::Tasks),
            Route::Function(f, FunctionPage::Terminal(_)) => Route::Function(f.clone(), FunctionPage::Instances),
            Route::Function(f, _) => Route::Functions(f.service_ref()),
            Route::Admin(region, page) => Route::Admin(region.clone(), page.list()),
        }
    }

    /// The label of the list, for links that lead to it.
    pub fn list_label(&self) -> String {
        match self {
            Route::Services(_) => t!("Services").to_owned(),
            Route::Functions(s) => t!("Functions of {service}", service = s.service),
            Route::Service(s, page) if page.list() == ServicePage::Versions => t!("Versions of {service}", service = s.service),
            Route::Service(s, ServicePage::Configuration) => t!("Configuration of {service}", service = s.service),
            Route::Service(s, _) => t!("Aliases of {service}", service = s.service),
            Route::Function(f, _) => f.function.to_string(),
            Route::Admin(_, AdminPage::Overview) => t!("Overview").to_owned(),
            Route::Admin(_, AdminPage::Metrics) => t!("Metrics").to_owned(),
            Route::Admin(_, AdminPage::Connect) => t!("Connect").to_owned(),
            Route::Admin(_, AdminPage::Audit) => t!("Audit").to_owned(),
            Route::Admin(_, AdminPage::AllTasks | AdminPage::Many(_)) => t!("All Tasks").to_owned(),
            Route::Admin(_, AdminPage::SavedViews | AdminPage::SaveView) => t!("Saved Views").to_owned(),
            Route::Admin(_, AdminPage::Search) => t!("Search").to_owned(),
            Route::Admin(_, AdminPage::DeadLetters) => t!("Dead Letters").to_owned(),
            Route::Admin(_, AdminPage::Instances) => t!("Instances").to_owned(),
            Route::Admin(_, AdminPage::Settings) => t!("Settings").to_owned(),
            Route::Admin(_, AdminPage::Bulks) => t!("Bulk Actions").to_owned(),
            Route::Admin(_, AdminPage::Users | AdminPage::CreateUser | AdminPage::User(_)) => t!("Users").to_owned(),
            Route::Admin(..) => t!("Access Keys").to_owned(),
            _ => t!("Task Execution Functions").to_owned(),
        }
    }

    /// A task's own page.
    pub fn task(task: &TaskRef) -> Self {
        Route::Function(task.function.clone(), FunctionPage::Task(task.id.clone()))
    }
}

/// Where the region select goes; the server answers with the page to be on.
pub const REGION_SWITCH: &str = "/console/region";
/// Where live pages listen.
pub const LIVE: &str = "/console/live";
/// Where the lines of a task's or a function's log are had as they are written.
pub const LIVE_LOG: &str = "/console/live-log";
/// Where code packages are had.
pub const CODE_DOWNLOAD: &str = "/console/code";
/// Where a task's event and return value are had.
pub const PAYLOAD_DOWNLOAD: &str = "/console/payload";
/// Where the lines of a task's or a function's log are had as a file.
pub const LOG_DOWNLOAD: &str = "/console/log";
/// Where audit entries are had as a file.
pub const AUDIT_DOWNLOAD: &str = "/console/audit";
/// Where the tasks of a list are had as a file.
pub const TASK_EXPORT: &str = "/console/tasks";
/// Where the outcomes of a bulk action are had as a file.
pub const BULK_DOWNLOAD: &str = "/console/bulk";
/// Where a terminal's page is, as a pattern for the server; [`FunctionPage::Terminal`] has the address of each.
pub const TERMINAL_PAGE: &str = "/{region}/services/{service}/functions/{function}/instances/{instance}/terminal";
/// Where a terminal's page connects.
pub const TERMINAL: &str = "/console/terminal";
/// Below this are the server functions.
pub const SERVER_FNS: &str = "/console/fn";

/// The stream of changes within a scope.
pub fn live(scope: &ChangeScope) -> String {
    let pairs = match scope {
        ChangeScope::Region(region) => vec![("region", region.as_str())],
        ChangeScope::Function(f) => function_pairs(f),
        ChangeScope::Task(task) => {
            let mut pairs = function_pairs(&task.function);
            pairs.push(("task", task.id.as_str()));
            pairs
        }
    };
    format!("{LIVE}{}", query(&pairs))
}

/// The websocket of a terminal.
pub fn terminal(function: &FunctionRef, instance: &InstanceId) -> String {
    let mut pairs = function_pairs(function);
    pairs.push(("instance", instance.as_str()));
    format!("{TERMINAL}{}", query(&pairs))
}

/// The code package of a function as a qualifier shows it; an empty one is `LATEST`.
pub fn code_download(function: &FunctionRef, qualifier: &str) -> String {
    let mut pairs = function_pairs(function);
    pairs.push(("qualifier", qualifier));
    format!("{CODE_DOWNLOAD}{}", query(&pairs))
}

/// What is stored of a task's event (`input`) or return value (`result`), as a file.
pub fn payload_download(task: &TaskRef, part: &str) -> String {
    let mut pairs = function_pairs(&task.function);
    pairs.extend([("task", task.id.as_str()), ("part", part)]);
    format!("{PAYLOAD_DOWNLOAD}{}", query(&pairs))
}

/// The log of a task, or of its function where none is given, as a file; only the lines that the pairs of a `LogQuery` ask for.
pub fn log_download(function: &FunctionRef, task: Option<&TaskId>, wanted: &[(&str, &str)]) -> String {
    let mut pairs = function_pairs(function);
    pairs.extend(task.map(|id| ("task", id.as_str())));
    pairs.extend(wanted);
    format!("{LOG_DOWNLOAD}{}", query(&pairs))
}

/// The tasks that the pairs of a list's address show, as a file of this form (`csv`, `jsonl`).
pub fn task_export(function: &FunctionRef, wanted: &[(&str, &str)], format: &str) -> String {
    let mut pairs = function_pairs(function);
    pairs.extend(wanted);
    pairs.push(("format", format));
    format!("{TASK_EXPORT}{}", query(&pairs))
}

/// What came of each task of a bulk action, as a file.
pub fn bulk_download(region: &Region, id: &str) -> String {
    format!("{BULK_DOWNLOAD}{}", query(&[("region", region.as_str()), ("id", id)]))
}

/// The lines of a function's log as they are written, of those that the pairs of a `LogQuery` ask for.
pub fn live_log(function: &FunctionRef, wanted: &[(&str, &str)]) -> String {
    let mut pairs = function_pairs(function);
    pairs.extend(wanted);
    format!("{LIVE_LOG}{}", query(&pairs))
}

/// Sign-in that leads back to an address of ours.
pub fn sign_in_then(next: &str) -> String {
    Route::SignIn.with_query(&[("next", next)])
}

/// The address if it is one of our own pages, else the start page: what comes from outside is not followed to other sites.
pub fn safe_next(next: &str) -> String {
    let (path, rest) = next.split_at(next.find(['?', '#']).unwrap_or(next.len()));
    let plain = path.starts_with('/') && !path.starts_with("//") && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    match Route::parse(path) {
        Some(route) if plain && route != Route::SignIn => format!("{}{rest}", route.path()),
        _ => Route::Home.path(),
    }
}

fn function_pairs(f: &FunctionRef) -> Vec<(&'static str, &str)> {
    vec![("region", f.region.as_str()), ("service", f.service.as_str()), ("function", f.function.as_str())]
}

/// A query string with its question mark; empty values are left out, and with none left the text is empty.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.is_empty() { '?' } else { '&' });
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

/// The pairs of a raw query string, decoded; broken ones are left out.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| decode(&text.replace('+', " "));
    let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(name, value)| Some((decoded(name)?, decoded(value)?))).collect()
}

fn join(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts {
        path.push('/');
        encode(part, &mut path);
    }
    path
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, and commas, which need it nowhere.
fn encode(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~,".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for nibble in [byte >> 4, byte & 15] {
                into.push(char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')));
            }
        }
    }
}

/// Undoes percent-encoding; `None` when the bytes are no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let nibble = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).and_then(|n| u8::try_from(n).ok());
        bytes.push(if byte == b'%' { nibble(rest.next())? << 4 | nibble(rest.next())? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
