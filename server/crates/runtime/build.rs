//! Builds the program with which a sandbox begins (`enter/main.rs`), to be put into this crate as it is.

use std::{env, error::Error, path::PathBuf, process::Command};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=enter/main.rs");
    let program = PathBuf::from(env::var("OUT_DIR")?).join("enter");
    let mut rustc = Command::new(env::var("RUSTC")?);
    rustc.args(["--edition=2024", "--crate-type=bin", "--crate-name=enter", "enter/main.rs", "--target", &env::var("TARGET")?]);
    // No library, not even the C one, and nothing that is read from a disk but the program itself.
    rustc.args(["-Copt-level=s", "-Cpanic=abort", "-Crelocation-model=static", "-Cstrip=symbols"]);
    rustc.args(["-nostartfiles", "-nostdlib", "-static"].map(|flag| format!("-Clink-arg={flag}")));
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let built = rustc.arg("-o").arg(&program).status()?;
    if !built.success() {
        return Err(format!("{} can't be built: {built}", program.display()).into());
    }
    Ok(())
}
