use super::*;
use model::{AliasName, TriggerName, VersionId};

fn function() -> FunctionRef {
    FunctionRef {
        region: Region::from_stored("cn-hangzhou"),
        service: ServiceName::from_stored("create"),
        function: FunctionName::from_stored("f_1"),
    }
}

#[test]
fn every_route_is_read_back_from_its_path() {
    let region = Region::from_stored("cn-hangzhou");
    let service = function().service_ref();
    let mut routes = vec![
        Route::Home,
        Route::SignIn,
        Route::Components,
        Route::Tasks(region.clone()),
        Route::CreateTaskFunction(region.clone()),
        Route::Services(region.clone()),
        Route::CreateService(region),
        Route::Functions(service.clone()),
        Route::CreateFunction(service.clone()),
        Route::DeleteService(service.clone()),
    ];
    // An alias called like a fixed word.
    let alias = |name: &str| AliasName::from_stored(name);
    let service_pages = [
        ServicePage::Versions,
        ServicePage::PublishVersion,
        ServicePage::DeleteVersion(VersionId::from_stored(17)),
        ServicePage::Aliases,
        ServicePage::CreateAlias,
        ServicePage::ModifyAlias(alias("delete")),
        ServicePage::DeleteAlias(alias("modify")),
    ];
    routes.extend(service_pages.map(|page| Route::Service(service.clone(), page)));
    let admin = [
        AdminPage::Overview,
        AdminPage::Metrics,
        AdminPage::Connect,
        AdminPage::Audit,
        AdminPage::AccessKeys,
        AdminPage::CreateAccessKey,
        AdminPage::DeleteAccessKey("TY/1".to_owned()),
        AdminPage::AllTasks,
        AdminPage::SavedViews,
        AdminPage::SaveView,
        AdminPage::Search,
        AdminPage::Users,
        AdminPage::CreateUser,
        AdminPage::User("create-user".to_owned()),
        AdminPage::DeadLetters,
        AdminPage::Instances,
        AdminPage::Bulks,
        AdminPage::Bulk("a/b".to_owned()),
        AdminPage::Settings,
    ];
    routes.extend(admin.map(|page| Route::Admin(Region::from_stored("cn-hangzhou"), page)));
    use FunctionPage::*;
    let pages = [
        Code,
        UploadCode,
        Configurations,
        ModifyConfigurations,
        Triggers,
        CreateTrigger,
        // A trigger called like a fixed word.
        ModifyTrigger(TriggerName::from_stored("delete")),
        DeleteTrigger(TriggerName::from_stored("modify")),
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
        Terminal(InstanceId::from_stored("c-1/?")),
        Delete,
    ];
    routes.extend(pages.map(|page| Route::Function(function(), page)));
    // A task called like a fixed word, and one that needs encoding (SC-18).
    for id in ["submit", "a/b %?#", "任务-1", ".."] {
        routes.push(Route::task(&function().task(TaskId::from_stored(id))));
    }
    for route in routes {
        assert_eq!(Route::parse(&route.path()), Some(route.clone()), "{}", route.path());
    }
}

#[test]
fn unknown_and_broken_paths_are_no_route() {
    for path in [
        "/a",
        "/a/b",
        "/a/services/s",
        "/a/services/s/functions/f/nothing",
        "/a/services/s/versions/0/delete",
        "/a/services/s/versions/1",
        "/a%2/tasks",
        "/%ff/tasks",
    ] {
        assert_eq!(Route::parse(path), None, "{path}");
    }
}

#[test]
fn sc01_open_redirects_are_ignored() {
    let check = |next: &str, to: &str| assert_eq!(safe_next(next), to, "{next:?}");
    check("/cn-hangzhou/tasks?search=a", "/cn-hangzhou/tasks?search=a");
    check("//evil.example/tasks", "/");
    check("https://evil.example/cn/tasks", "/");
    check("/\\evil.example/tasks", "/");
    check("/login", "/");
    check("", "/");
    check("/a\r\nSet-Cookie:x/tasks", "/");
}

#[test]
fn query_values_are_encoded_and_empty_ones_left_out() {
    assert_eq!(query(&[("a", "x y&z"), ("b", ""), ("c", "ü")]), "?a=x%20y%26z&c=%C3%BC");
    assert_eq!(query(&[("b", "")]), "");
}

#[test]
fn query_strings_are_read_back() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        let read = pairs(text);
        assert_eq!(read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(), expected, "{text:?}");
    };
    check("?a=x%20y%26z&c=%C3%BC", &[("a", "x y&z"), ("c", "ü")]);
    // As browsers send forms.
    check("a=1+%2B&a=2&b=", &[("a", "1 +"), ("a", "2"), ("b", "")]);
    check("a=%zz&b&c=%25", &[("c", "%")]);
    check("", &[]);
}

#[test]
fn c02_a_region_switch_keeps_the_kind_of_page() {
    let to = Region::from_stored("cn-shanghai");
    let moved = Route::Function(function(), FunctionPage::AsyncConfig).in_region(to.clone());
    assert_eq!(moved.path(), "/cn-shanghai/services/create/functions/f_1/async");
    assert_eq!(moved.region(), Some(&to));
}
