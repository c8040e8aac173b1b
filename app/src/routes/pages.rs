//! The last segments of addresses: pages of one service and of one function.

use model::{AliasName, BulkAction, InstanceId, TaskId, TriggerName, VersionId};

/// A page of one service beside that of its functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServicePage {
    Versions,
    PublishVersion,
    DeleteVersion(VersionId),
    Aliases,
    CreateAlias,
    ModifyAlias(AliasName),
    DeleteAlias(AliasName),
}

impl ServicePage {
    /// The list that a page belongs to.
    pub fn list(&self) -> Self {
        match self {
            ServicePage::Versions | ServicePage::PublishVersion | ServicePage::DeleteVersion(_) => ServicePage::Versions,
            ServicePage::Aliases | ServicePage::CreateAlias | ServicePage::ModifyAlias(_) | ServicePage::DeleteAlias(_) => {
                ServicePage::Aliases
            }
        }
    }

    /// The last segments of the path.
    pub(super) fn parts(&self) -> Vec<String> {
        let word = |word: &str| vec![word.to_owned()];
        let of = |list: &str, id: String, word: &str| vec![list.to_owned(), id, word.to_owned()];
        match self {
            ServicePage::Versions => word("versions"),
            ServicePage::PublishVersion => word("publish-version"),
            ServicePage::DeleteVersion(version) => of("versions", version.to_string(), "delete"),
            ServicePage::Aliases => word("aliases"),
            ServicePage::CreateAlias => word("create-alias"),
            ServicePage::ModifyAlias(alias) => of("aliases", alias.to_string(), "modify"),
            ServicePage::DeleteAlias(alias) => of("aliases", alias.to_string(), "delete"),
        }
    }

    pub(super) fn parse(parts: &[&str]) -> Option<Self> {
        Some(match parts {
            ["versions"] => ServicePage::Versions,
            ["publish-version"] => ServicePage::PublishVersion,
            ["versions", version, "delete"] => ServicePage::DeleteVersion(VersionId::parse(version).ok()?),
            ["aliases"] => ServicePage::Aliases,
            ["create-alias"] => ServicePage::CreateAlias,
            ["aliases", alias, "modify"] => ServicePage::ModifyAlias(AliasName::from_stored(*alias)),
            ["aliases", alias, "delete"] => ServicePage::DeleteAlias(AliasName::from_stored(*alias)),
            _ => return None,
        })
    }
}

/// A page that belongs to no function: the whole region's, how programs come in, who may, who did what, what went wrong and what is done
/// about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminPage {
    Overview,
    Metrics,
    Connect,
    Audit,
    AccessKeys,
    CreateAccessKey,
    /// Of the key with this id.
    DeleteAccessKey(String),
    /// Those of every function of the region.
    AllTasks,
    /// Asks whether to do this to many of them.
    Many(BulkAction),
    SavedViews,
    /// Asks for the name of a list's filters.
    SaveView,
    Search,
    Users,
    CreateUser,
    /// Of the user with this name.
    User(String),
    DeadLetters,
    /// Those of every function of the region.
    Instances,
    Bulks,
    /// The bulk action with this id.
    Bulk(String),
    Settings,
}

impl AdminPage {
    /// The list that a page belongs to.
    pub fn list(&self) -> Self {
        match self {
            AdminPage::Overview => AdminPage::Overview,
            AdminPage::Metrics => AdminPage::Metrics,
            AdminPage::Connect => AdminPage::Connect,
            AdminPage::Audit => AdminPage::Audit,
            AdminPage::AccessKeys | AdminPage::CreateAccessKey | AdminPage::DeleteAccessKey(_) => AdminPage::AccessKeys,
            AdminPage::AllTasks | AdminPage::Many(_) => AdminPage::AllTasks,
            AdminPage::SavedViews | AdminPage::SaveView => AdminPage::SavedViews,
            AdminPage::Search => AdminPage::Search,
            AdminPage::Users | AdminPage::CreateUser | AdminPage::User(_) => AdminPage::Users,
            AdminPage::DeadLetters => AdminPage::DeadLetters,
            AdminPage::Instances => AdminPage::Instances,
            AdminPage::Bulks | AdminPage::Bulk(_) => AdminPage::Bulks,
            AdminPage::Settings => AdminPage::Settings,
        }
    }

    /// The last segments of the path.
    pub(super) fn parts(&self) -> Vec<String> {
        match self {
            AdminPage::Overview => vec!["overview".to_owned()],
            AdminPage::Metrics => vec!["metrics".to_owned()],
            AdminPage::Connect => vec!["connect".to_owned()],
            AdminPage::Audit => vec!["audit".to_owned()],
            AdminPage::AccessKeys => vec!["access-keys".to_owned()],
            AdminPage::CreateAccessKey => vec!["create-access-key".to_owned()],
            AdminPage::DeleteAccessKey(id) => vec!["access-keys".to_owned(), id.clone(), "delete".to_owned()],
            AdminPage::AllTasks => vec!["all-tasks".to_owned()],
            AdminPage::Many(BulkAction::Stop) => vec!["stop-tasks".to_owned()],
            AdminPage::Many(BulkAction::Reexecute) => vec!["reexecute-tasks".to_owned()],
            AdminPage::SavedViews => vec!["saved-views".to_owned()],
            AdminPage::SaveView => vec!["save-view".to_owned()],
            AdminPage::Search => vec!["search".to_owned()],
            AdminPage::Users => vec!["users".to_owned()],
            AdminPage::CreateUser => vec!["create-user".to_owned()],
            AdminPage::User(name) => vec!["users".to_owned(), name.clone()],
            AdminPage::DeadLetters => vec!["dead-letters".to_owned()],
            AdminPage::Instances => vec!["instances".to_owned()],
            AdminPage::Bulks => vec!["bulk".to_owned()],
            AdminPage::Bulk(id) => vec!["bulk".to_owned(), id.clone()],
            AdminPage::Settings => vec!["settings".to_owned()],
        }
    }

    pub(super) fn parse(parts: &[&str]) -> Option<Self> {
        Some(match parts {
            ["overview"] => AdminPage::Overview,
            ["metrics"] => AdminPage::Metrics,
            ["connect"] => AdminPage::Connect,
            ["audit"] => AdminPage::Audit,
            ["access-keys"] => AdminPage::AccessKeys,
            ["create-access-key"] => AdminPage::CreateAccessKey,
            ["access-keys", id, "delete"] => AdminPage::DeleteAccessKey((*id).to_owned()),
            ["all-tasks"] => AdminPage::AllTasks,
            ["stop-tasks"] => AdminPage::Many(BulkAction::Stop),
            ["reexecute-tasks"] => AdminPage::Many(BulkAction::Reexecute),
            ["saved-views"] => AdminPage::SavedViews,
            ["save-view"] => AdminPage::SaveView,
            ["search"] => AdminPage::Search,
            ["users"] => AdminPage::Users,
            ["create-user"] => AdminPage::CreateUser,
            ["users", name] => AdminPage::User((*name).to_owned()),
            ["dead-letters"] => AdminPage::DeadLetters,
            ["instances"] => AdminPage::Instances,
            ["bulk"] => AdminPage::Bulks,
            ["bulk", id] => AdminPage::Bulk((*id).to_owned()),
            ["settings"] => AdminPage::Settings,
            _ => return None,
        })
    }
}

/// A page of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionPage {
    Code,
    UploadCode,
    Configurations,
    ModifyConfigurations,
    Triggers,
    CreateTrigger,
    ModifyTrigger(TriggerName),
    DeleteTrigger(TriggerName),
    Test,
    AsyncConfig,
    ModifyAsyncPolicy,
    ModifyDestinations,
    Logs,
    Tasks,
    SubmitTask,
    TaskParameters,
    ExportTasks,
    StopTasks,
    ReexecuteTasks,
    Task(TaskId),
    Metrics,
    Instances,
    /// A page of its own, without the console's frame; the server sends it.
    Terminal(InstanceId),
    Delete,
}

impl FunctionPage {
    /// The last segments of the path.
    pub(super) fn word(&self) -> &'static str {
        match self {
            FunctionPage::Code => "code",
            FunctionPage::UploadCode => "upload-code",
            FunctionPage::Configurations => "configurations",
            FunctionPage::ModifyConfigurations => "modify-configurations",
            FunctionPage::Triggers | FunctionPage::ModifyTrigger(_) | FunctionPage::DeleteTrigger(_) => "triggers",
            FunctionPage::CreateTrigger => "create-trigger",
            FunctionPage::Test => "test",
            FunctionPage::AsyncConfig => "async",
            FunctionPage::ModifyAsyncPolicy => "modify-async-policy",
            FunctionPage::ModifyDestinations => "modify-destinations",
            FunctionPage::Logs => "logs",
            FunctionPage::Tasks | FunctionPage::Task(_) => "tasks",
            FunctionPage::SubmitTask => "submit-task",
            FunctionPage::TaskParameters => "task-parameters",
            FunctionPage::Metrics => "metrics",
            FunctionPage::ExportTasks => "export-tasks",
            FunctionPage::StopTasks => "stop-tasks",
            FunctionPage::ReexecuteTasks => "reexecute-tasks",
            FunctionPage::Instances | FunctionPage::Terminal(_) => "instances",
            FunctionPage::Delete => "delete",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        use FunctionPage::*;
        [
            Code,
            UploadCode,
            Configurations,
            ModifyConfigurations,
            Triggers,
            CreateTrigger,
            Test,
            AsyncConfig,
            ModifyAsyncPolicy,
            ModifyDestinations,
            Logs,
            Tasks,
            SubmitTask,
            TaskParameters,
            Metrics,
            ExportTasks,
            StopTasks,
            ReexecuteTasks,
            Instances,
            Delete,
        ]
        .into_iter()
        .find(|page| page.word() == word)
    }

    /// What is done to a trigger.
    pub(super) fn of_trigger(name: &str, word: &str) -> Option<Self> {
        let name = TriggerName::from_stored(name);
        match word {
            "modify" => Some(FunctionPage::ModifyTrigger(name)),
            "delete" => Some(FunctionPage::DeleteTrigger(name)),
            _ => None,
        }
    }

    /// The tab that a page belongs to.
    pub fn tab(&self) -> Self {
        match self {
            FunctionPage::Code | FunctionPage::UploadCode | FunctionPage::Delete => FunctionPage::Code,
            FunctionPage::Configurations | FunctionPage::ModifyConfigurations => FunctionPage::Configurations,
            FunctionPage::Triggers | FunctionPage::CreateTrigger | FunctionPage::ModifyTrigger(_) | FunctionPage::DeleteTrigger(_) => {
                FunctionPage::Triggers
            }
            FunctionPage::Test => FunctionPage::Test,
            FunctionPage::AsyncConfig | FunctionPage::ModifyAsyncPolicy | FunctionPage::ModifyDestinations => FunctionPage::AsyncConfig,
            FunctionPage::Logs => FunctionPage::Logs,
            FunctionPage::Metrics => FunctionPage::Metrics,
            FunctionPage::Instances | FunctionPage::Terminal(_) => FunctionPage::Instances,
            _ => FunctionPage::Tasks,
        }
    }
}
