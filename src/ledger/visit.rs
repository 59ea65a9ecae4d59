//! A minute and a network, held in few bytes: a session can have many, and a ledger holds many sessions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;

use super::timeline::Network;

/// A minute with a use from a network; ordered by minute, then by network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Visit {
    minute: u32,
    /// 4 or 6, then the bytes of the /24 or /48.
    network: [u8; 7],
}

impl Visit {
    /// Of a use at this time; nothing before 1970, when no log was written.
    pub(super) fn of(time: Timestamp, network: Network) -> Option<Self> {
        let minute = minute(time)?;
        let mut packed = [0; 7];
        match network.0 {
            IpAddr::V4(address) => {
                packed[0] = 4;
                packed[1..4].copy_from_slice(&address.octets()[..3]);
            }
            IpAddr::V6(address) => {
                packed[0] = 6;
                packed[1..].copy_from_slice(&address.octets()[..6]);
            }
        }
        Some(Self { minute, network: packed })
    }

    /// The start of the minute.
    pub(super) fn time(self) -> Option<Timestamp> {
        start(self.minute)
    }

    /// Whether two are of one minute.
    pub(super) fn is_with(self, other: Self) -> bool {
        self.minute == other.minute
    }

    /// The network.
    pub(super) fn network(self) -> Network {
        let (family, bytes) = (self.network[0], &self.network[1..]);
        if family == 4 {
            let mut octets = [0; 4];
            octets[..3].copy_from_slice(&bytes[..3]);
            return Network(Ipv4Addr::from(octets).into());
        }
        let mut octets = [0; 16];
        octets[..6].copy_from_slice(bytes);
        Network(Ipv6Addr::from(octets).into())
    }
}

/// Minutes since 1970; nothing before.
pub(super) fn minute(time: Timestamp) -> Option<u32> {
    u32::try_from(time.as_second().div_euclid(60)).ok()
}

/// The start of a minute.
pub(super) fn start(minute: u32) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(minute) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minute_and_network_come_back_and_keep_their_order() {
        let time = |second| Timestamp::from_second(second).expect("a time");
        let of = |second, address: &str| {
            let network = Network::of(address.parse().expect("an address"));
            (Visit::of(time(second), network).expect("after 1970"), network)
        };
        let all = [of(60, "198.51.100.7"), of(119, "203.0.113.1"), of(119, "2001:db8:1::1"), of(120, "192.0.2.1")];
        assert!(all.is_sorted_by(|a, b| a.0 < b.0));
        for (visit, network) in all {
            assert_eq!(visit.network(), network);
            assert_eq!(visit.time().map(Timestamp::as_second), Some(if visit.minute == 2 { 120 } else { 60 }));
        }
        assert_eq!(Visit::of(time(-1), all[0].1), None);
        assert!(size_of::<Visit>() <= 12);
    }
}
