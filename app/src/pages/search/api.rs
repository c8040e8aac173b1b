use crate::error::Result;
use leptos::prelude::*;
use model::Region;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// The text that was looked for.
    pub text: String,
    pub hits: Vec<Hit>,
    /// More was found than is here.
    pub is_partial: bool,
}

/// What a hit is; its word is also how browsers remember it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HitKind {
    Task,
    Request,
    Page,
    Function,
    Service,
}

impl HitKind {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            HitKind::Task => t!("Task"),
            HitKind::Request => t!("Request"),
            HitKind::Page => t!("Page"),
            HitKind::Function => t!("Function"),
            HitKind::Service => t!("Service"),
        }
    }
}

/// A place to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub kind: HitKind,
    pub words: String,
    /// What it belongs to.
    pub place: String,
    pub href: String,
}

/// What bears a name or id like this in a region, and the region's pages called so.
#[server(input = Json)]
pub async fn search(region: Region, text: String) -> Result<Results> {
    let (console, _) = crate::server::signed_in()?;
    let role = console.user.as_ref().map(|user| user.role);
    let text = text.trim().to_owned();
    let found = console.control.find_in_region(&region, &text).await?;
    let is_partial = found.is_partial;
    Ok(Results { hits: read::hits(&region, role, &text, found), text, is_partial })
}

#[cfg(feature = "ssr")]
mod read {
    use super::{Hit, HitKind};
    use crate::language::words;
    use crate::routes::{AdminPage, FunctionPage, Route};
    use model::{Action, Found, Region, Role, ServiceRef};

    /// Pages of a region that are found by their titles, by somebody of this role. The titles are those of the pages, in English.
    fn pages(region: &Region, role: Option<Role>) -> Vec<(&'static str, Route)> {
        let admin = |page| Route::Admin(region.clone(), page);
        let mut pages = vec![
            ("Overview", admin(AdminPage::Overview)),
            ("Task Execution Functions", Route::Tasks(region.clone())),
            ("All Tasks", admin(AdminPage::AllTasks)),
            ("Saved Views", admin(AdminPage::SavedViews)),
            ("Services & Functions", Route::Services(region.clone())),
            ("Create Service", Route::CreateService(region.clone())),
            ("Create Function", Route::CreateTaskFunction(region.clone())),
            ("Metrics", admin(AdminPage::Metrics)),
            ("Instances", admin(AdminPage::Instances)),
            ("Dead Letters", admin(AdminPage::DeadLetters)),
            ("Bulk Actions", admin(AdminPage::Bulks)),
            ("Connect", admin(AdminPage::Connect)),
            ("Access Keys", admin(AdminPage::AccessKeys)),
            ("Create Access Key", admin(AdminPage::CreateAccessKey)),
            ("Audit", admin(AdminPage::Audit)),
        ];
        if role.is_some_and(|role| role.allows(Action::ListUsers)) {
            pages.extend([("Users", admin(AdminPage::Users)), ("Create User", admin(AdminPage::CreateUser))]);
        }
        pages
    }

    /// Whole ids come first: whoever has one knows what he wants.
    pub fn hits(region: &Region, role: Option<Role>, text: &str, found: Found) -> Vec<Hit> {
        if text.is_empty() {
            return Vec::new();
        }
        let hit = |kind: HitKind, words: String, place: String, href: String| Hit { kind, words, place, href };
        let lower = text.to_lowercase();
        let mut hits = Vec::new();
        hits.extend(found.tasks.into_iter().map(|task| {
            let place = format!("{}/{}", task.function.service, task.function.function);
            hit(HitKind::Task, task.id.to_string(), place, Route::task(&task).path())
        }));
        hits.extend(found.requests.into_iter().map(|function| {
            let place = t!("Logs of {service}/{function}", service = function.service, function = function.function);
            // The tab shows the last minutes unless it is asked for more.
            let logs = Route::Function(function, FunctionPage::Logs).with_query(&[("requestId", text), ("minutes", "44640")]);
            hit(HitKind::Request, text.to_owned(), place, logs)
        }));
        let is_called = |title: &str| title.to_lowercase().contains(&lower);
        // By the title in the user's language, and by that of the documentation.
        let called = pages(region, role).into_iter().filter(|&(title, _)| is_called(title) || is_called(words(title)));
        hits.extend(called.map(|(title, route)| hit(HitKind::Page, words(title).to_owned(), String::new(), route.path())));
        hits.extend(found.functions.into_iter().map(|function| {
            let (words, place) = (function.function.to_string(), function.service.to_string());
            hit(HitKind::Function, words, place, Route::Function(function, FunctionPage::Tasks).path())
        }));
        hits.extend(found.services.into_iter().map(|service| {
            let words = service.to_string();
            hit(HitKind::Service, words, String::new(), Route::Functions(ServiceRef { region: region.clone(), service }).path())
        }));
        hits
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use model::{FunctionName, FunctionRef, ServiceName, TaskId};

        #[test]
        fn sc27_whole_ids_come_before_pages_functions_and_services() {
            let region = Region::from_stored("r");
            let function = FunctionRef {
                region: region.clone(),
                service: ServiceName::from_stored("audits"),
                function: FunctionName::from_stored("auditor"),
            };
            let found = Found {
                services: vec![function.service.clone()],
                functions: vec![function.clone()],
                tasks: vec![function.task(TaskId::from_stored("audit"))],
                requests: vec![function],
                is_partial: false,
            };
            let lines: Vec<String> = hits(&region, Some(Role::Viewer), "audit", found)
                .into_iter()
                .map(|hit| format!("{:?} {} {}", hit.kind, hit.words, hit.href))
                .collect();
            let below = "/r/services/audits/functions/auditor";
            assert_eq!(
                lines,
                [
                    format!("Task audit {below}/tasks/audit"),
                    format!("Request audit {below}/logs?requestId=audit&minutes=44640"),
                    "Page Audit /r/audit".to_owned(),
                    format!("Function auditor {below}/tasks"),
                    "Service audits /r/services/audits/functions".to_owned(),
                ]
            );
            assert!(hits(&region, Some(Role::Viewer), "", Found::default()).is_empty());
        }

        #[test]
        fn sc27_every_page_that_is_found_is_there_by_its_title() {
            for (title, route) in pages(&Region::from_stored("r"), Some(Role::Admin)) {
                assert_eq!(Route::parse(&route.path()).as_ref(), Some(&route), "{title}");
            }
            let called = |role| pages(&Region::from_stored("r"), Some(role)).iter().any(|(title, _)| *title == "Users");
            assert!(called(Role::Admin) && !called(Role::Operator), "results respect permissions");
        }
    }
}
