use super::*;

/// Settings from flags, variables and the text of a profile file.
fn resolve(flags: Connection, variables: &[(&str, &str)], profiles: &str) -> Outcome<Settings> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let table: toml::Table = profiles.parse().unwrap();
    for (name, value) in table {
        profile::write(&file, &name, &value.try_into().unwrap()).unwrap();
    }
    let env = |name: &str| {
        let given = variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| (name == "TASKYARD_CONFIG").then(|| file.to_string_lossy().into_owned()))
    };
    Settings::resolve(&flags, &env, &|_| Ok(None))
}

fn shown(settings: Outcome<Settings>) -> String {
    let Settings { endpoint, region, key } = settings.unwrap();
    format!("{endpoint} {region} {} {}", key.id, key.secret)
}

const PROFILES: &str = r#"
[default]
endpoint = "https://tasks.example.org"
region = "cn-shanghai"
access_key_id = "of-default"
access_key_secret = "d"
[staging]
endpoint = "10.0.0.5:3000"
access_key_id = "of-staging"
access_key_secret = "s"
"#;

const VARIABLES: [(&str, &str); 4] = [
    ("TASKYARD_ENDPOINT", "http://env:1"),
    ("TASKYARD_REGION", "env-region"),
    ("TASKYARD_ACCESS_KEY_ID", "of-env"),
    ("TASKYARD_ACCESS_KEY_SECRET", "e"),
];

#[test]
fn i5_flags_count_before_the_environment_and_that_before_the_default_profile() {
    let none = Connection::default;
    assert_eq!(shown(resolve(none(), &[], PROFILES)), "https://tasks.example.org cn-shanghai of-default d");
    assert_eq!(shown(resolve(none(), &VARIABLES, PROFILES)), "http://env:1 env-region of-env e");
    let flags = Connection { endpoint: Some("http://flag".to_owned()), region: Some("r".to_owned()), ..none() };
    assert_eq!(shown(resolve(flags, &VARIABLES, PROFILES)), "http://flag r of-env e");
    assert_eq!(shown(resolve(none(), &VARIABLES[2..], "")), "http://127.0.0.1:3000  of-env e");
}

#[test]
fn i5_a_named_profile_counts_before_the_environment() {
    let flags = Connection { profile: Some("staging".to_owned()), ..Connection::default() };
    assert_eq!(shown(resolve(flags, &VARIABLES, PROFILES)), "http://10.0.0.5:3000 env-region of-staging s");
    let variable = [("TASKYARD_PROFILE", "staging")];
    assert_eq!(shown(resolve(Connection::default(), &variable, PROFILES)), "http://10.0.0.5:3000  of-staging s");
    let unknown = Connection { profile: Some("prod".to_owned()), ..Connection::default() };
    assert!(matches!(resolve(unknown, &VARIABLES, PROFILES), Err(Problem::Usage(text)) if text.contains("no profile 'prod'")));
}

#[test]
fn i5_the_vendors_variables_are_read_too() {
    let vendor = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "of-vendor"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "v")];
    assert_eq!(shown(resolve(Connection::default(), &vendor, "")), "http://127.0.0.1:3000  of-vendor v");
    let both: Vec<(&str, &str)> = vendor.into_iter().chain(VARIABLES).collect();
    assert!(shown(resolve(Connection::default(), &both, "")).ends_with("of-env e"));
}

#[test]
fn i5_an_id_is_never_used_with_the_secret_of_another() {
    let flags = |id: &str| Connection { access_key_id: Some(id.to_owned()), ..Connection::default() };
    assert!(shown(resolve(flags("of-default"), &VARIABLES, PROFILES)).ends_with("of-default d"));
    let only_secret = [("TASKYARD_ACCESS_KEY_SECRET", "e")];
    assert!(shown(resolve(flags("mine"), &only_secret, PROFILES)).ends_with("mine e"));
    // Nobody is there to be asked.
    assert!(
        matches!(resolve(flags("mine"), &VARIABLES, PROFILES), Err(Problem::Usage(text)) if text.contains("secret of access key 'mine'"))
    );
    let asked = Settings::resolve(&flags("mine"), &|_| None, &|text| Ok(Some(format!("<{text}>"))));
    assert!(shown(asked).ends_with("mine <Secret of access key mine: >"));
    assert!(matches!(resolve(Connection::default(), &[], ""), Err(Problem::Usage(text)) if text.contains("taskyard configure")));
}

#[test]
fn i5_endpoints() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(Endpoint::parse(text).ok().map(|endpoint| endpoint.to_string()).as_deref(), expected, "{text}");
    };
    check("127.0.0.1:3000", Some("http://127.0.0.1:3000"));
    check("http://127.0.0.1:3000/", Some("http://127.0.0.1:3000"));
    check("https://tasks.example.org", Some("https://tasks.example.org"));
    check("http://[::1]:3000", Some("http://[::1]:3000"));
    for bad in ["", "ftp://x", "http://x/console", "http://user@x", "http://x?y=1", "http://", "a b"] {
        check(bad, None);
    }
}
