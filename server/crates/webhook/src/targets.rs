//! Which addresses may be called: what a user writes into a configuration must not become a request that only this machine may make
//! (server-side request forgery).

use http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::Service;

/// The reach of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// Also this machine and its private networks, but never link-local addresses and the known addresses of cloud metadata services, which
    /// hand credentials to whoever asks.
    Any,
    /// Only addresses of the public internet.
    Public,
}

/// Where clouds answer with credentials outside of the link-local ranges.
const METADATA: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254))];

impl Targets {
    /// True when the address may be called.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if METADATA.contains(&address) {
            return false;
        }
        let is_private = match address {
            IpAddr::V4(v4) if v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() => return false,
            IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast() => return false,
            IpAddr::V4(v4) => is_private_v4(v4),
            // An IPv4 address inside of an IPv6 one is reached as such by whoever translates it.
            IpAddr::V6(v6) if embedded_v4(v6).is_some_and(|v4| !self.allows(IpAddr::V4(v4))) => return false,
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.segments().starts_with(&[0x2001, 0xdb8]),
        };
        self == Self::Any || !is_private
    }

    /// Checks an address before it is called, as far as that goes without looking its name up.
    pub(crate) fn check(self, url: &str) -> Result<Uri, String> {
        let uri: Uri = url.parse().map_err(|error| format!("the address can't be read: {error}"))?;
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else { return Err("the address names no host".to_owned()) };
        if uri.authority().is_some_and(|authority| authority.as_str() != host) && uri.port_u16().is_none() {
            return Err("the address names a port that there is not".to_owned());
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let is_local_name = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
        let denied = literal.is_some_and(|address| !self.allows(address)) || is_local_name && self == Self::Public;
        if denied { Err(self.refusal(host)) } else { Ok(uri) }
    }

    /// Why an address is not called, for the user.
    fn refusal(self, what: &str) -> String {
        match self {
            Self::Any => format!("webhooks must not call {what}: link-local, metadata and multicast addresses are never called"),
            Self::Public => format!(
                "webhooks must not call {what}: this server calls public addresses only (start it with --webhook-targets any to allow others)"
            ),
        }
    }
}

fn is_private_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    v4.is_loopback()
        || v4.is_private()
        || v4.is_documentation()
        || a == 0
        // Shared by providers and by the networks of clouds and containers.
        || a == 100 && (64..128).contains(&b)
        || (a, b, c) == (192, 0, 0)
        // Benchmarks.
        || a == 198 && (b == 18 || b == 19)
        // Reserved.
        || a >= 240
}

/// The IPv4 address that an IPv6 one of NAT64, 6to4 or the old compatible form stands for.
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        _ => None,
    }
}

/// Looks names up and keeps what may be called. The check is here and not before the call, since a name can resolve differently each time.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    targets: Targets,
    names: GaiResolver,
}

impl Resolver {
    pub(crate) fn new(targets: Targets) -> Self {
        Self { targets, names: GaiResolver::new() }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Service::poll_ready(&mut self.names, context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (targets, host, looked_up) = (self.targets, name.to_string(), self.names.call(name));
        Box::pin(async move {
            let allowed: Vec<SocketAddr> = looked_up.await?.filter(|address| targets.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, targets.refusal(&host)));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_addresses_each_setting_allows() {
        let check = |address: &str, any: bool, public: bool| {
            let ip = address.parse().unwrap();
            assert_eq!((Targets::Any.allows(ip), Targets::Public.allows(ip)), (any, public), "{address}");
        };
        for public in ["8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
            check(public, true, true);
        }
        for private in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "0.1.2.3",
            "240.0.0.1",
            "::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::1",
            "::10.0.0.1",
            "2001:db8::1",
        ] {
            check(private, true, false);
        }
        for never in [
            "169.254.169.254",
            "fe80::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "100.100.100.200",
            "::ffff:100.100.100.200",
            "fd00:ec2::254",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
        ] {
            check(never, false, false);
        }
    }

    #[test]
    fn an_address_that_is_written_as_a_number_is_checked_before_it_is_stored() {
        let check = |url: &str, any: bool, public: bool| {
            assert_eq!((Targets::Any.check(url).is_ok(), Targets::Public.check(url).is_ok()), (any, public), "{url}");
        };
        check("https://example.org/hook", true, true);
        check("http://127.0.0.1:9000/", true, false);
        check("http://[::1]/", true, false);
        check("http://localhost/", true, false);
        check("http://a.LOCALHOST/", true, false);
        check("http://169.254.169.254/latest/meta-data", false, false);
        check("http://host:99999999/", false, false);
        assert!(Targets::Public.check("http://10.0.0.1/").unwrap_err().contains("--webhook-targets"));
    }
}
