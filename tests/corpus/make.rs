//! Makes the values of the corpus: the fillers of the rule examples, and functions for what an issuer computes.
//!
//! A function stands in `<<` and `>>` with its argument, whose fillers are replaced first. Checksums are computed here
//! anew, from the providers' descriptions, so that a fault of the engine's own arithmetic shows.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use overstay::rules::secret::sample;
use regex::{Captures, Regex};

use super::keys;

/// The names of the functions.
const FUNCTIONS: [&str; 10] = [
    "base64",
    "base64url",
    "crc32-upper-hex",
    "zuplo",
    "grafana",
    "gitlab-routable",
    "bech32",
    "aws-key",
    "nkey",
    "key",
];

/// A brace that does not begin a filler, as in code.
static PLAIN_BRACE: LazyLock<Regex> = LazyLock::new(|| {
    let filler = r"\{(?:\}|(?:[a-z0-9]+|wrong-crc32):[0-9]+\}|(?:jwt|pem|base64-of):)";
    Regex::new(&format!("(?<filler>{filler})|(?<brace>\\{{)")).expect("a pattern")
});

/// The text of a source. `«` and `»` stay where they are; the same seed gives the same text.
pub(crate) fn text(seed: &str, source: &str) -> String {
    let uuid = "{hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}";
    let mut out = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("<<") {
        out.push_str(before);
        let Some((name, argument, after)) = call(after) else {
            out.push_str("<<");
            rest = after;
            continue;
        };
        let argument = filled(seed, &argument.replace("{uuid}", uuid)).replace("\\n", "\n");
        out.push_str(&function(seed, name, &argument));
        rest = after;
    }
    out.push_str(rest);
    filled(seed, &out.replace("{uuid}", uuid))
}

/// Name and argument of the function that `text` begins with, and what follows.
fn call(text: &str) -> Option<(&str, &str, &str)> {
    let (call, after) = text.split_once(">>")?;
    let (name, argument) = call.split_once(' ')?;
    FUNCTIONS.contains(&name).then_some((name, argument, after))
}

/// Bytes that look random and follow from the seed.
pub(crate) fn bytes(seed: &str, count: usize) -> Vec<u8> {
    let hex = filled(seed, &format!("{{hex:{}}}", count * 2));
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks(2).map(|pair| (digit(pair[0]) << 4) | digit(pair[1])).collect()
}

fn filled(seed: &str, source: &str) -> String {
    let parts = source.split_inclusive(['«', '»']);
    let fill = |part: &str| {
        let mark = part.chars().last().filter(|last| matches!(last, '«' | '»'));
        let plain = part.trim_end_matches(['«', '»']);
        // `{}` is nothing, and behind a brace it keeps what follows from being taken for a filler.
        let plain = PLAIN_BRACE.replace_all(plain, |found: &Captures<'_>| {
            found.name("filler").map_or_else(|| "{{}".to_owned(), |filler| filler.as_str().to_owned())
        });
        let mut out = sample::counter_example(seed, &plain).unwrap_or_else(|error| panic!("{source}: {error}"));
        out.extend(mark);
        out
    };
    parts.map(fill).collect()
}

fn function(seed: &str, name: &str, argument: &str) -> String {
    match name {
        "base64" => STANDARD.encode(argument),
        "base64url" => URL_SAFE_NO_PAD.encode(argument),
        // Atlassian: the CRC-32 of everything before it, in upper-case hexadecimal.
        "crc32-upper-hex" => format!("{argument}{:08X}", crc32(argument.as_bytes())),
        // Zuplo: the CRC-32 of the body alone.
        "zuplo" => format!("{argument}_{:08x}", crc32(argument.as_bytes())),
        // Grafana: the CRC-32 of prefix and body, its bytes from the least significant on.
        "grafana" => {
            let body = format!("glsa_{argument}");
            format!("{body}_{:08x}", crc32(body.as_bytes()).swap_bytes())
        }
        "gitlab-routable" => gitlab_routable(argument),
        "bech32" => bech32(argument.trim_end_matches('1'), &bytes(seed, 32)),
        "aws-key" => aws_key(argument, &bytes(seed, 10)),
        "nkey" => nkey(argument, &bytes(seed, 32)),
        "key" => keys::private_key(seed, argument),
        _ => panic!("there is no function `{name}`"),
    }
}

/// Bit by bit, as the standard says.
fn crc32(data: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in data {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

/// `prefix|payload`: the payload in base 64, its length and the CRC-32 of all before in base 36.
fn gitlab_routable(argument: &str) -> String {
    let (prefix, payload) = argument.split_once('|').expect("prefix|payload");
    let payload = URL_SAFE_NO_PAD.encode(payload);
    let body = format!("{prefix}{payload}.01.{}", base36(payload.len() as u32, 2));
    format!("{body}{}", base36(crc32(body.as_bytes()), 7))
}

fn base36(mut number: u32, width: usize) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.len() < width {
        digits.push(char::from_digit(number % 36, 36).expect("a digit"));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// BIP 173, in capitals.
fn bech32(prefix: &str, data: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let mut groups = groups_of_five(data);
    let low = prefix.to_ascii_lowercase();
    let mut checked: Vec<u8> = low.bytes().map(|byte| byte >> 5).collect();
    checked.push(0);
    checked.extend(low.bytes().map(|byte| byte & 31));
    checked.extend(&groups);
    checked.extend([0; 6]);
    let sum = polymod(&checked) ^ 1;
    groups.extend((0..6).map(|index| (sum >> (5 * (5 - index)) & 31) as u8));
    let letters: String = groups.iter().map(|&group| char::from(LETTERS[usize::from(group)])).collect();
    format!("{prefix}1{letters}")
}

fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.iter().fold(1, |sum, &value| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(next, |next, bit| next ^ GENERATOR[bit])
    })
}

/// An AWS key id: 80 bits in base 32, of which 40 after the first are the account's number.
fn aws_key(prefix: &str, noise: &[u8]) -> String {
    let account = 123_456_789_012 + u64::from(noise[6]) * 1_000_003;
    let head = (1 << 47) | (account << 7) | u64::from(noise[5] & 0x7f);
    let raw = [&head.to_be_bytes()[2..], &noise[6..]].concat();
    format!("{prefix}{}", base32(&raw))
}

fn base32(data: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    groups_of_five(data).iter().map(|&group| char::from(letters[usize::from(group)])).collect()
}

/// A NATS seed: kind, 32 bytes, CRC-16 (XMODEM), in base 32.
fn nkey(kind: &str, key: &[u8]) -> String {
    let public: u8 = if kind == "A" { 0 } else { 20 << 3 };
    let mut raw = vec![(18 << 3) | (public >> 5), (public & 31) << 3];
    raw.extend(key);
    let sum = raw.iter().fold(0_u16, |sum, &byte| {
        (0..8).fold(sum ^ (u16::from(byte) << 8), |sum, _| (sum << 1) ^ (0x1021 & (sum >> 15).wrapping_neg()))
    });
    raw.extend(sum.to_le_bytes());
    base32(&raw)
}

fn groups_of_five(data: &[u8]) -> Vec<u8> {
    let bit = |index: usize| data.get(index / 8).map_or(0, |byte| byte >> (7 - index % 8) & 1);
    (0..(data.len() * 8).div_ceil(5))
        .map(|group| (0..5).fold(0, |value, at| value << 1 | bit(group * 5 + at)))
        .collect()
}
