//! Networks as a policy writes them, and the address ranges that say nothing about an origin.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network in CIDR form, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    address: IpAddr,
    prefix: u8,
}

impl Subnet {
    /// Reads `198.51.100.0/24`, `2001:db8::/32` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), |prefix| prefix.parse().ok())?;
        (prefix <= longest).then_some(Self { address, prefix })
    }

    /// Whether it lies in the /24 (IPv4) or /48 (IPv6) that begins at `network`.
    pub fn lies_in(&self, network: IpAddr) -> bool {
        Self { address: network, prefix: if network.is_ipv4() { 24 } else { 48 } }.contains(self.address)
    }

    /// Whether `address` lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// Addresses inside a private network: they are reused everywhere and name no origin.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || is_shared(v4)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || is_local(v6),
    }
}

/// 100.64.0.0/10, the range of carrier-grade NAT.
fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0xc0 == 64
}

/// `fc00::/7` (unique local) and `fe80::/10` (link local).
fn is_local(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_contains_its_own_addresses_only() {
        let subnet = Subnet::parse("198.51.100.0/24").unwrap();
        assert!(subnet.contains("198.51.100.7".parse().unwrap()));
        assert!(!subnet.contains("198.51.101.7".parse().unwrap()));
        assert!(!subnet.contains("2001:db8::1".parse().unwrap()));
        assert!(Subnet::parse("2001:db8::/32").unwrap().contains("2001:db8:1::1".parse().unwrap()));
        assert!(Subnet::parse("0.0.0.0/0").unwrap().contains("203.0.113.1".parse().unwrap()));
        assert!(Subnet::parse("198.51.100.7").unwrap().lies_in("198.51.100.0".parse().unwrap()));
        assert!(Subnet::parse("203.0.113.1").unwrap().contains("203.0.113.1".parse().unwrap()));
    }

    #[test]
    fn nonsense_is_no_subnet() {
        for text in ["198.51.100.0/33", "198.51.100/24", "/24", "", "2001:db8::/129"] {
            assert!(Subnet::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn private_addresses_name_no_origin_and_public_ones_do() {
        for text in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "100.64.0.1", "::1", "fd00::1"] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["203.0.113.9", "100.128.0.1", "2001:db8::1"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
