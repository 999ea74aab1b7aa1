//! Which interface to watch when none is named.
//!
//! Input: the interfaces, and whether this machine forwards. Output: one, with the reason in words. On a gateway the
//! devices are behind the interface with a private address that does not lead to the world: on the other one, their
//! addresses are translated. Elsewhere it is the one that leads to the world. Bridges of containers and virtual
//! machines also forward and have private addresses, but no Apple device is behind them.

use std::net::IpAddr;

use super::interfaces::LocalInterface;

/// How names of interfaces begin that are made for containers, virtual machines and tunnels.
const NOT_DEVICES: [&str; 13] = [
    "br-",
    "cali",
    "cni",
    "docker",
    "flannel",
    "lxc",
    "lxd",
    "podman",
    "tailscale",
    "veth",
    "virbr",
    "vnet",
    "wg",
];

/// The interface to watch, and why.
pub(super) fn choose(all: &[LocalInterface], forwards: bool) -> Option<(String, String)> {
    let usable: Vec<&LocalInterface> = all
        .iter()
        .filter(|it| it.up && it.running && !it.loopback && it.name != "any")
        .collect();
    let inside = |it: &&&LocalInterface| {
        !it.default_route
            && it.addresses.iter().any(is_private)
            && !NOT_DEVICES.iter().any(|start| it.name.starts_with(start))
    };
    if forwards && let Some(it) = usable.iter().find(inside) {
        let why = "this machine forwards, and devices are behind this interface: it has a private address and not the default route";
        return Some((it.name.clone(), why.to_owned()));
    }
    if let Some(it) = usable.iter().find(|it| it.default_route) {
        return Some((it.name.clone(), "it has the default route".to_owned()));
    }
    let addressed = usable.iter().find(|it| !it.addresses.is_empty());
    if let Some(it) = addressed {
        let why = "no interface has the default route; it is the first one up with an address";
        return Some((it.name.clone(), why.to_owned()));
    }
    // A mirror port has no address.
    let why = "no interface has an address; it is the first one up";
    let first = usable.first()?;
    Some((first.name.clone(), why.to_owned()))
}

/// Private (RFC 1918), or unique local (RFC 4193).
fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, address: &str, default_route: bool) -> LocalInterface {
        LocalInterface {
            name: name.to_owned(),
            up: true,
            running: true,
            loopback: name == "lo",
            addresses: address.parse().into_iter().collect(),
            default_route,
        }
    }

    fn chosen(all: &[LocalInterface], forwards: bool) -> Option<String> {
        choose(all, forwards).map(|(name, _)| name)
    }

    #[test]
    fn a_gateway_watches_its_inside_and_others_the_way_out() {
        let all = [
            interface("any", "", false),
            interface("lo", "127.0.0.1", false),
            interface("docker0", "172.17.0.1", false),
            interface("wan0", "203.0.113.7", true),
            interface("lan0", "192.168.1.1", false),
        ];
        assert_eq!(chosen(&all, true).as_deref(), Some("lan0"));
        assert_eq!(chosen(&all, false).as_deref(), Some("wan0"));
        assert_eq!(chosen(&all[..4], true).as_deref(), Some("wan0"));
    }

    #[test]
    fn what_is_down_or_loops_back_is_never_chosen() {
        let mut down = interface("eth0", "10.0.0.2", true);
        down.running = false;
        let loopback = interface("lo", "127.0.0.1", false);
        assert_eq!(chosen(&[down.clone(), loopback.clone()], false), None);
        let mirror = interface("eth1", "", false);
        let all = [down, loopback, mirror];
        assert_eq!(chosen(&all, false).as_deref(), Some("eth1"));
    }
}
