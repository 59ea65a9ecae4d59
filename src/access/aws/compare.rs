//! The operators of conditions, as AWS documents them.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use crate::access::pattern::{covers_exactly, is_every_resource};

/// A known operator, without its set prefix and `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Text { kind: Text, negated: bool },
    Number { wanted: Wanted },
    Date { wanted: Wanted },
    Bool,
    Binary,
    Address { negated: bool },
    Arn { negated: bool },
    Null,
}

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Equal,
    IgnoreCase,
    Like,
}

/// Which order of the request's value and the policy's value is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The operator of this name in lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let text = |kind, negated| Some(Self::Text { kind, negated });
        match name {
            "stringequals" => text(Text::Equal, false),
            "stringnotequals" => text(Text::Equal, true),
            "stringequalsignorecase" => text(Text::IgnoreCase, false),
            "stringnotequalsignorecase" => text(Text::IgnoreCase, true),
            "stringlike" => text(Text::Like, false),
            "stringnotlike" => text(Text::Like, true),
            "bool" => Some(Self::Bool),
            "binaryequals" => Some(Self::Binary),
            "ipaddress" => Some(Self::Address { negated: false }),
            "notipaddress" => Some(Self::Address { negated: true }),
            "arnequals" | "arnlike" => Some(Self::Arn { negated: false }),
            "arnnotequals" | "arnnotlike" => Some(Self::Arn { negated: true }),
            "null" => Some(Self::Null),
            other => match (other.strip_prefix("numeric"), other.strip_prefix("date")) {
                (Some(order), _) => Some(Self::Number { wanted: Wanted::named(order)? }),
                (_, Some(order)) => Some(Self::Date { wanted: Wanted::named(order)? }),
                _ => None,
            },
        }
    }

    /// Whether none of the values may match; such an operator holds where the request lacks the key.
    pub(super) fn is_negated(self) -> bool {
        match self {
            Self::Text { negated, .. } | Self::Address { negated } | Self::Arn { negated } => negated,
            Self::Number { wanted } | Self::Date { wanted } => wanted == Wanted::NotEqual,
            Self::Bool | Self::Binary | Self::Null => false,
        }
    }
}

impl Wanted {
    fn named(name: &str) -> Option<Self> {
        match name {
            "equals" => Some(Self::Equal),
            "notequals" => Some(Self::NotEqual),
            "lessthan" => Some(Self::Less),
            "lessthanequals" => Some(Self::LessOrEqual),
            "greaterthan" => Some(Self::Greater),
            "greaterthanequals" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    /// For a negated operator: whether the values match, so that the caller can negate.
    fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equal | Self::NotEqual => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Whether the value of a request matches one value of a policy, negation left to the caller; nothing where one of them
/// cannot be read as what the operator compares.
pub(super) fn compare(comparison: Comparison, wanted: &str, value: &str) -> Option<bool> {
    match comparison {
        Comparison::Text { kind: Text::Equal, .. } | Comparison::Binary => Some(wanted == value),
        Comparison::Text { kind: Text::IgnoreCase, .. } => Some(wanted.to_lowercase() == value.to_lowercase()),
        Comparison::Text { kind: Text::Like, .. } => Some(covers_exactly(wanted, value)),
        Comparison::Bool => Some(wanted.eq_ignore_ascii_case(value)),
        Comparison::Arn { .. } => Some(arn_matches(wanted, value)),
        Comparison::Number { wanted: order } => Some(order.fits(number(value)?.partial_cmp(&number(wanted)?)?)),
        Comparison::Date { wanted: order } => Some(order.fits(instant(value)?.cmp(&instant(wanted)?))),
        Comparison::Address { .. } => network_holds(wanted, value),
        Comparison::Null => None,
    }
}

/// An instant as policies write it: a date, a time with its offset, or seconds since 1970.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    let day = || Some(text.parse::<civil::Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(day)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// Each of the six parts of an ARN is matched by itself.
fn arn_matches(pattern: &str, arn: &str) -> bool {
    if is_every_resource(pattern) {
        return true;
    }
    let (wanted, parts): (Vec<&str>, Vec<&str>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| covers_exactly(wanted, part))
}

/// Whether a network in CIDR notation holds an address.
fn network_holds(network: &str, address: &str) -> Option<bool> {
    let (base, length) = network.split_once('/').map_or((network, None), |(base, length)| (base, Some(length)));
    let (base, address): (IpAddr, IpAddr) = (base.trim().parse().ok()?, address.trim().parse().ok()?);
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32_u32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return Some(false),
    };
    let length: u32 = length.map_or(Some(width), |length| length.parse().ok())?;
    let apart = width.checked_sub(length)?;
    Some(apart == 128 || base >> apart == address >> apart)
}
