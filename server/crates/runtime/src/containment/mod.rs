//! What keeps a function to itself (`product.md` 4.7): its user, files, processes, network, system calls, memory, CPU and disk.
//!
//! How it was decided (measured on two cores of a Firecracker VM, Linux 6.18, medians of 30 starts of `/bin/true`):
//!
//! | way | isolation | start | what speaks against it |
//! | --- | --- | --- | --- |
//! | `bubblewrap` (Debian package, also Flatpak's) as root, a program of ours inside (`enter/main.rs`) | all namespaces, own uid, no capabilities | + 4 ms, with `setpriv` and `env` of the system for it + 6 ms | one more program to install |
//! | the same as an ordinary user, in a user namespace | the same, uid of the server | + 4 ms | the kernel must allow user namespaces |
//! | namespaces by `nix`/`rustix` in a child of our own | the same | + 2 ms | mounts, `pivot_root`, uid maps and a reaper between fork and exec of a threaded server: 600 lines of security code to keep right |
//! | `landlock` alone | files, not processes, network or memory | + 0 ms | no private `/tmp`, a `kill -9 -1` reaches the server |
//! | `seccompiler` alone | system calls | + 0 ms | no view of its own; taken as a second layer: bubblewrap loads its programs |
//! | `cgroups-rs` | limits only | + 0 ms | brings D-Bus and OCI types for what is a dozen small files here (`cgroup.rs`) |
//!
//! So bubblewrap builds the namespaces, `seccompiler` filters system calls inside them, and limits are control groups of version 1 or 2,
//! or the process's own resource limits where neither can be written. What the kernel denies is found out at the start by trying it
//! (`detect.rs`), told in the log, by `taskyard doctor`, and made fatal by `--containment strict`.

mod cgroup;
mod detect;
mod enter;
mod etc;
mod report;
mod root;
mod sandbox;
mod syscalls;

pub(crate) use cgroup::{Cgroup, Subgroup};
pub(crate) use detect::{Contained, Containment, Request};
pub use report::{Containment as ContainmentMode, Finding, Piece, State};
pub(crate) use sandbox::Places;
