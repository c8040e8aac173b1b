//! The second layer: system calls that no function needs and through which machines are administered or attacked are refused.

use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch};
use std::collections::BTreeMap;

/// Refused with `EPERM`: namespaces and mounts, modules, keys, tracing of the kernel, clocks, and what has been a way out before.
const REFUSED: &[i64] = &[
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    libc::SYS_acct,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
];

/// Flags of `clone` that make namespaces.
const NAMESPACES: i32 = libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// On x86-64 the same calls have a second number each, for programs of the x32 kind, which the kernel may serve too.
const X32_BIT: Option<i64> = if cfg!(target_arch = "x86_64") { Some(0x4000_0000) } else { None };

/// The programs. Errors: this processor is not one that filters can be made for.
pub(crate) fn programs() -> Result<Vec<BpfProgram>, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    refused.insert(libc::SYS_clone, namespace_flags()?);
    // The flags of `clone3` lie in memory, out of a filter's reach: programs fall back to `clone` when the kernel seems not to have it.
    let unknown = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let programs = [(refused, libc::EPERM), (unknown, libc::ENOSYS)];
    programs.into_iter().map(|(rules, errno)| program(with_x32(rules), errno, arch)).collect()
}

/// The same rules for both numbers of each call.
fn with_x32(mut rules: BTreeMap<i64, Vec<SeccompRule>>) -> BTreeMap<i64, Vec<SeccompRule>> {
    if let Some(bit) = X32_BIT {
        let twins: Vec<_> = rules.iter().map(|(call, rule)| (call | bit, rule.clone())).collect();
        rules.extend(twins);
    }
    rules
}

/// One rule for each flag: any of them is enough.
fn namespace_flags() -> Result<Vec<SeccompRule>, String> {
    let flags = (0..i32::BITS).map(|bit| u64::from(NAMESPACES as u32 & 1 << bit)).filter(|flag| *flag != 0);
    let rules = flags.map(|flag| {
        let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(flag), flag)?;
        SeccompRule::new(vec![condition])
    });
    rules.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn program(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: i32, arch: TargetArch) -> Result<BpfProgram, String> {
    let refusal = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch).map_err(|error| error.to_string())?;
    BpfProgram::try_from(filter).map_err(|error| error.to_string())
}

/// A program as bubblewrap reads it.
pub(crate) fn bytes(program: &BpfProgram) -> Vec<u8> {
    program.iter().flat_map(|word| [&word.code.to_ne_bytes()[..], &[word.jt, word.jf], &word.k.to_ne_bytes()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_whole_words_and_short() {
        let programs = programs().unwrap();
        assert_eq!(programs.len(), 2);
        for program in programs.iter().map(bytes) {
            assert!(program.len().is_multiple_of(8) && program.len() > 8 && program.len() < 4_096 * 8, "{}", program.len());
        }
    }
}
