use super::*;

fn profile(id: &str) -> Profile {
    Profile {
        endpoint: Some("http://127.0.0.1:3000".to_owned()),
        region: None,
        access_key_id: Some(id.to_owned()),
        access_key_secret: Some("a \"secret\"".to_owned()),
    }
}

#[test]
fn i5_a_profile_is_written_for_its_owner_only_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new").join("taskyard").join("config.toml");
    assert_eq!(read(&file, DEFAULT), Ok(None));
    write(&file, DEFAULT, &profile("first")).unwrap();
    write(&file, "staging", &profile("second")).unwrap();
    write(&file, DEFAULT, &profile("third")).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read(&file, DEFAULT), Ok(Some(profile("third"))));
    assert_eq!(read(&file, "staging"), Ok(Some(profile("second"))));
    assert_eq!(read(&file, "other"), Ok(None));
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn i5_a_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    write(&file, DEFAULT, &profile("first")).unwrap();
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let Err(Problem::Usage(text)) = read(&file, DEFAULT) else { panic!("{mode:o} was read") };
        assert!(text.contains("chmod 600"), "{text}");
        assert!(write(&file, DEFAULT, &profile("second")).is_err(), "nor is it written");
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(read(&file, DEFAULT).is_ok());
}

#[test]
fn i5_what_is_wrong_in_the_file_is_named_without_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let check = |text: &str, part: &str| {
        drop(std::fs::remove_file(&file));
        store(&file, text).unwrap();
        let Err(Problem::Usage(told)) = read(&file, DEFAULT) else { panic!("{text} was read") };
        assert!(told.contains(part) && !told.contains("hush"), "{told}");
    };
    check("[default]\naccess_key_secret = \"hush\nendpoint = 1", "line 2");
    check("[default]\naccess_key_secret = [\"hush\"]", "profile 'default'");
    check("[default]\nsecret = \"hush\"", "unknown field `secret`");
    check("default = 5", "profile 'default'");
}

#[test]
fn i5_where_the_file_lies() {
    let check = |variables: &[(&str, &str)], expected: Option<&str>| {
        let env = |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(path(&env), expected.map(PathBuf::from), "{variables:?}");
    };
    check(&[("HOME", "/home/u")], Some("/home/u/.config/taskyard/config.toml"));
    check(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/c")], Some("/c/taskyard/config.toml"));
    check(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "c")], Some("/home/u/.config/taskyard/config.toml"));
    check(&[("TASKYARD_CONFIG", "/x.toml"), ("HOME", "/home/u")], Some("/x.toml"));
    check(&[], None);
}
