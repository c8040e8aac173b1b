//! Copies of `setpriv` and `env` with their loader and libraries: what takes an instance's user inside an image, which need not have such
//! programs, and may not be asked for them: until then they are root.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

/// What sets variables.
pub(super) const ENV: &str = "/usr/bin/env";

/// The copy, and how it is started where an instance sees it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The directory with the copy.
    pub(crate) dir: PathBuf,
    /// How `setpriv` is started: the loader, its arguments and the program, below [`super::sandbox::BOOTSTRAP`].
    pub(crate) setpriv: Vec<OsString>,
    /// The same of `env`.
    pub(crate) env: Vec<OsString>,
}

impl Entry {
    /// Makes the copy in a new directory below `dir`, to be shown at `inside`. Errors: why it can't be made.
    pub(crate) async fn stage(dir: &Path, inside: &Path, setpriv: &Path) -> Result<Self, String> {
        let shown = |error: io::Error| format!("setpriv can't be copied: {error}");
        let asked = Command::new("ldd").arg(setpriv).arg(ENV).env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null()).output().await;
        let listed = String::from_utf8_lossy(&asked.map_err(|error| format!("ldd: {error}"))?.stdout).into_owned();
        let Needs { loader, libraries } = needs(&listed);
        let target = dir.join("enter");
        match fs::remove_dir_all(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(shown(error)),
            _ => {}
        }
        fs::create_dir(&target).map_err(shown)?;
        for file in libraries.iter().chain(&loader).map(PathBuf::as_path).chain([setpriv, ENV.as_ref()]) {
            let name = file.file_name().unwrap_or_default();
            fs::copy(file, target.join(name)).map_err(shown)?;
        }
        crate::package::share(&target).map_err(shown)?;
        let words = |program: &Path| {
            let loader = loader.as_deref().and_then(Path::file_name).map(|loader| inside.join(loader).into());
            let loaded = loader.into_iter().flat_map(|loader: OsString| [loader, "--library-path".into(), inside.into()]);
            loaded.chain([inside.join(program.file_name().unwrap_or_default()).into()]).collect()
        };
        Ok(Self { setpriv: words(setpriv), env: words(ENV.as_ref()), dir: target })
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Needs {
    /// `None` for a program that is linked statically.
    loader: Option<PathBuf>,
    libraries: Vec<PathBuf>,
}

/// What a program needs, as `ldd` lists it: `name => path (address)` for a library, `path (address)` for the loader.
fn needs(listed: &str) -> Needs {
    let mut needs = Needs { loader: None, libraries: Vec::new() };
    for line in listed.lines() {
        let path = line.split_ascii_whitespace().rev().find(|word| word.starts_with('/')).map(PathBuf::from);
        match path {
            Some(path) if line.contains("=>") => needs.libraries.push(path),
            Some(path) => needs.loader = Some(path),
            None => {}
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_1_the_loader_and_the_libraries_of_a_program_are_found() {
        let listed = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibcap-ng.so.0 => /lib/x86_64-linux-gnu/libcap-ng.so.0 (0x00007f4e)\n\
                      \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f4d)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f4f)\n";
        let expected = Needs {
            loader: Some("/lib64/ld-linux-x86-64.so.2".into()),
            libraries: vec!["/lib/x86_64-linux-gnu/libcap-ng.so.0".into(), "/lib/x86_64-linux-gnu/libc.so.6".into()],
        };
        assert_eq!(needs(listed), expected);
        assert_eq!(needs("\tnot a dynamic executable\n"), Needs { loader: None, libraries: vec![] });
    }
}
