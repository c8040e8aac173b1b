//! `taskyard completion`.

use crate::output::Output;
use crate::problem::Outcome;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// Arguments of `completion`.
#[derive(Debug, Args)]
#[command(after_help = "For example:
  taskyard completion bash > ~/.local/share/bash-completion/completions/taskyard
  taskyard completion zsh > ~/.zfunc/_taskyard
  taskyard completion fish > ~/.config/fish/completions/taskyard.fish")]
pub struct Completion {
    #[arg(value_enum)]
    shell: SupportedShell,
}

/// Shells that have a script.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SupportedShell {
    Bash,
    Zsh,
    Fish,
}

impl Completion {
    /// Prints the script for a program with these verbs.
    pub(crate) fn run(&self, program: &mut clap::Command, output: &mut Output) -> Outcome<()> {
        let shell = match self.shell {
            SupportedShell::Bash => Shell::Bash,
            SupportedShell::Zsh => Shell::Zsh,
            SupportedShell::Fish => Shell::Fish,
        };
        let name = program.get_name().to_owned();
        // Into memory first: the generator has no way to say that the output was closed.
        let mut script = Vec::new();
        clap_complete::generate(shell, program, name, &mut script);
        output.raw(&script)
    }
}
