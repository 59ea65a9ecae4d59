//! How caller addresses are compared: networks for "how far apart", hosts for "how many at once".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::timeline::Network;

/// Whether an address says where in the world a caller is. Addresses inside a private network do not: they reach a
/// provider through an endpoint or a translation and show beside the public address of the same host.
pub(super) fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let carrier = first == 100 && (64..128).contains(&second);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || carrier)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

/// The /24 of an IPv4 address, the /48 of an IPv6 address.
pub(super) fn network(address: IpAddr) -> Network {
    Network(match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00)),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
    })
}

/// What is taken for one host: an IPv4 address, the /64 of an IPv6 address (hosts change the rest at will).
pub(super) fn host(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_inside_a_private_network_are_not_public() {
        for inside in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "fd00::1"] {
            assert!(!is_public(&ip(inside)), "{inside}");
        }
        for outside in ["198.51.100.7", "100.128.0.1", "172.32.0.1", "2001:db8::1"] {
            assert!(is_public(&ip(outside)), "{outside}");
        }
    }

    #[test]
    fn networks_are_a_24_and_a_48() {
        assert_eq!(network(ip("198.51.100.7")), Network(ip("198.51.100.0")));
        assert_eq!(network(ip("2001:db8:1:2::3")), Network(ip("2001:db8:1::")));
    }

    #[test]
    fn two_temporary_addresses_of_one_ipv6_network_are_one_host() {
        assert_eq!(host(ip("2001:db8:1:2::3")), host(ip("2001:db8:1:2:aaaa::9")));
        assert_ne!(host(ip("192.0.2.1")), host(ip("192.0.2.2")));
    }
}
