//! The verbs that talk to nobody.

use super::surroundings::{Page, Program, parse};
use crate::output::Output;
use crate::problem::{Outcome, Problem};
use crate::profile::{self, Profile};
use crate::verbs::{Prompts, Verb};
use clap::CommandFactory;
use std::io::Cursor;
use std::path::Path;

fn output(page: &Page) -> Output {
    let (out, err) = (Box::new(page.clone()), Box::new(page.clone()));
    Output { out, err, is_json: false, has_colour: false, is_terminal: false }
}

#[test]
fn i5_each_shell_gets_a_script_that_knows_the_verbs() {
    for shell in ["bash", "zsh", "fish"] {
        let page = Page::default();
        let Verb::Completion(completion) = parse(&format!("taskyard completion {shell}")).unwrap() else { panic!() };
        completion.run(&mut Program::command(), &mut output(&page)).unwrap();
        for word in ["taskyard", "invoke", "watch", "access-key-id", "Succeeded"] {
            assert!(page.text().contains(word), "{shell} {word}");
        }
    }
    assert!(parse("taskyard completion cmd").is_err());
}

/// Runs `configure` with answers at the terminal, if there is one, and standard input.
fn configure(file: &Path, words: &str, answers: Option<[&str; 2]>, variables: &[(&str, &str)], input: &str) -> Outcome<String> {
    let Verb::Configure(configure) = parse(&format!("taskyard configure{words}")).unwrap() else { panic!() };
    let env = |name: &str| {
        let given = variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| (name == "TASKYARD_CONFIG").then(|| file.to_string_lossy().into_owned()))
    };
    let [answer, secret] = answers.map_or([None, None], |answers| answers.map(|answer| Some(answer.to_owned())));
    let page = Page::default();
    let ask = |_: &str| Ok(answer.clone());
    let ask_secret = |_: &str| Ok(secret.clone());
    let prompts = Prompts { env: &env, ask: &ask, ask_secret: &ask_secret, input: Box::new(Cursor::new(input.to_owned())) };
    configure.run(prompts, &mut output(&page)).map(|()| page.text())
}

#[test]
fn i5_configure_writes_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let read = |name: &str| {
        let Profile { endpoint, region, access_key_id, access_key_secret } = profile::read(&file, name).unwrap().unwrap();
        [endpoint, region, access_key_id, access_key_secret].map(Option::unwrap_or_default).join(" ")
    };
    let flags = " --endpoint 10.0.0.5:3000 --region cn-shanghai --access-key-id me";
    // Nobody at a terminal: the secret comes by standard input, or by a variable before it.
    let told = configure(&file, flags, None, &[], "s3cret\nmore").unwrap();
    assert!(told.contains("profile 'default' is in") && !told.contains("s3cret"), "{told}");
    assert_eq!(read("default"), "http://10.0.0.5:3000 cn-shanghai me s3cret");
    configure(&file, &format!("{flags} --profile ci"), None, &[("TASKYARD_ACCESS_KEY_SECRET", "of-env")], "other").unwrap();
    assert_eq!(read("ci"), "http://10.0.0.5:3000 cn-shanghai me of-env");
    // At a terminal; what is answered with an empty line stays.
    configure(&file, "", Some(["", ""]), &[], "").unwrap();
    assert_eq!(read("default"), "http://10.0.0.5:3000 cn-shanghai me s3cret");
    configure(&file, " --access-key-id you --region r", Some(["", "hush"]), &[], "").unwrap();
    assert_eq!(read("default"), "http://10.0.0.5:3000 r you hush");
    // Another id does not inherit the secret.
    configure(&file, " --access-key-id they", Some(["", ""]), &[], "").unwrap();
    assert_eq!(read("default"), "http://10.0.0.5:3000 r they ");
}

#[test]
fn i5_configure_refuses_what_can_not_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let check = |words: &str, part: &str| {
        let Err(Problem::Usage(text)) = configure(&file, words, None, &[], "s") else { panic!("{words} was accepted") };
        assert!(text.contains(part), "{text}");
        assert!(!file.exists());
    };
    check("", "access key id is missing");
    check(" --access-key-id me --endpoint ftp://x", "neither http:// nor https://");
}
