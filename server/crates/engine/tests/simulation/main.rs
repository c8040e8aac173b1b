//! Deterministic simulation of the engine over the real store: one seed decides which submit, store call, attempt, timer, stop, crash,
//! pause, clock jump or store error happens next, and laws are checked after every step.
//!
//! `TASKYARD_SIM_SEEDS=5000` runs so many seeds per store instead of the usual few hundred, `TASKYARD_SIM_FROM=1000` begins elsewhere, and
//! `TASKYARD_SIM_SEED=42` replays one seed and prints every step. Long runs: `TASKYARD_SIM_SEEDS=5000 cargo test -p engine --test simulation`,
//! which has no time limit.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic, and a failing seed has to say how it is replayed"
)]

mod breakpoints;
mod clock;
mod dice;
mod executor;
mod gate;
mod hooks;
mod laws;
mod outbox_laws;
mod run;
mod stage;
mod steps;
mod timer_laws;
mod world;

use run::Backend;

#[test]
fn no_fault_breaks_a_law_on_sqlite() {
    run::seeds(Backend::Sqlite, 1, 100);
}

// The same on other seeds, so that two cores share the work.
#[test]
fn no_fault_breaks_a_law_on_sqlite_either() {
    run::seeds(Backend::Sqlite, 100_001, 100);
}

#[test]
fn no_fault_breaks_a_law_on_postgres() {
    run::seeds(Backend::Postgres, 1, 16);
}

#[test]
fn a_seed_replays_step_by_step() {
    for seed in 1..=4 {
        let (first, again) = (run::seed(Backend::Sqlite, seed), run::seed(Backend::Sqlite, seed));
        assert_eq!(first.map_err(|text| text.len()), again.map_err(|text| text.len()), "seed {seed} took two ways");
    }
}
