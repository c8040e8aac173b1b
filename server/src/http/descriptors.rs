//! Each connection is a descriptor of the process, of which the kernel allows so many.

use model::limits::DESCRIPTORS_SPARED;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// How many of the wanted connections the process may have, after it has been allowed as many descriptors as the machine lets it.
pub(crate) fn connections_allowed(wanted: usize) -> usize {
    let needed = (wanted as u64).saturating_add(DESCRIPTORS_SPARED);
    let descriptors = match allow(needed) {
        Ok(descriptors) => descriptors,
        Err(error) => {
            tracing::warn!(%error, "the limit of descriptors can't be read or changed");
            return wanted;
        }
    };
    let allowed = usize::try_from(places(descriptors, wanted as u64)).unwrap_or(wanted);
    if allowed < wanted {
        tracing::warn!(wanted, allowed, descriptors, "fewer connections than --max-connections: raise the hard limit of open files");
    }
    allowed
}

/// Raises the process's own limit as far as it is needed and as it may go; returns it.
fn allow(needed: u64) -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let raised = needed.min(hard).max(soft);
    if raised > soft {
        setrlimit(Resource::RLIMIT_NOFILE, raised, hard)?;
    }
    Ok(raised)
}

/// Connections that so many descriptors suffice for: where there are few, half of them.
fn places(descriptors: u64, wanted: u64) -> u64 {
    wanted.min(descriptors.saturating_sub(DESCRIPTORS_SPARED).max(descriptors / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_6_connections_leave_descriptors_to_the_rest_of_the_server() {
        assert_eq!(places(1_000_000, 16_384), 16_384);
        assert_eq!(places(10_000, 16_384), 8_976);
        assert_eq!(places(1_024, 16_384), 512);
        assert_eq!(places(1_024, 100), 100);
    }

    #[test]
    fn i5_6_the_process_is_allowed_what_it_needs() {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, hard.min(1_024), hard).unwrap();
        assert_eq!(connections_allowed(1_000), usize::try_from(places(hard.min(2_024), 1_000)).unwrap());
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap(), (hard.min(2_024), hard));
    }
}
