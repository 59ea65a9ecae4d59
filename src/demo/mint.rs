//! Invented secrets and ids. `@{kind label}` in a file of the company stands for one; the same label always gives the
//! same value, and no value stands in the repository.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Error, openssh};
use crate::model::Secret;

/// The company's account, where a marker names none.
const ACCOUNT: &str = "111122223333";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Something that was invented for the company.
#[derive(Clone, Debug)]
pub struct Minted {
    /// Its marker without the braces: `aws-key ci-deploy`.
    pub marker: String,
    /// Whether it is an id that may be shown, not a secret.
    pub public: bool,
    /// The value.
    pub value: Secret,
}

/// Replaces the markers in `text` by their values, for texts that talk about the company.
pub fn resolve(text: &str) -> Result<String, Error> {
    Mint::default().expand("text", text)
}

/// Makes values and remembers which ones.
#[derive(Default)]
pub(super) struct Mint {
    minted: BTreeMap<String, Minted>,
}

impl Mint {
    /// Replaces the markers in `text`, which comes from `file`.
    pub(super) fn expand(&mut self, file: &str, text: &str) -> Result<String, Error> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("@{") {
            let (marker, after) = after.split_once('}').ok_or_else(|| Error::content(file, "a marker has no end"))?;
            out.push_str(before);
            out.push_str(&self.value(file, marker)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The value of one marker: `aws-session late 444455556666`.
    pub(super) fn value(&mut self, file: &str, marker: &str) -> Result<String, Error> {
        if let Some(minted) = self.minted.get(marker) {
            return Ok(minted.value.expose().to_owned());
        }
        let words: Vec<&str> = marker.split(' ').collect();
        let made = make(&words).ok_or_else(|| Error::content(file, format!("unknown marker `{marker}`")))?;
        let public = matches!(words.first(), Some(&("aws-key" | "aws-session" | "hmac" | "uuid")));
        let minted = Minted { marker: marker.to_owned(), public, value: Secret::new(made.clone()) };
        self.minted.insert(marker.to_owned(), minted);
        Ok(made)
    }

    /// Everything that was made, in order of the markers.
    pub(super) fn into_minted(self) -> Vec<Minted> {
        self.minted.into_values().collect()
    }
}

/// Bytes that look random and follow from `label` alone.
pub(super) fn bytes(label: &str, count: usize) -> Vec<u8> {
    let block = |counter: u32| Sha256::digest(format!("overstay demo\0{label}\0{counter}"));
    (0_u32..).flat_map(block).take(count).collect()
}

/// A number below `limit` that follows from `label` alone.
pub(super) fn number(label: &str, limit: u64) -> u64 {
    let value = bytes(label, 8).iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    value % limit.max(1)
}

/// An id in the form of a version 4 UUID.
pub(super) fn uuid(label: &str) -> String {
    let text = letters(label, 32, HEX);
    let mut out = String::new();
    for (index, digit) in text.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(match index {
            12 => '4',
            16 => 'a',
            _ => digit,
        });
    }
    out
}

fn make(words: &[&str]) -> Option<String> {
    let (kind, label) = (*words.first()?, *words.get(1)?);
    let seed = format!("{kind} {label}");
    let argument = words.get(2).copied();
    Some(match kind {
        "aws-key" => format!("AKIA{}", key_body(&seed, argument)?),
        "aws-session" => format!("ASIA{}", key_body(&seed, argument)?),
        "aws-secret" => STANDARD.encode(bytes(&seed, 30)),
        "aws-session-token" => format!("IQoJb3JpZ2luX2Vj{}", STANDARD.encode(bytes(&seed, 300))),
        "github-token" => checked("ghp_", &seed, 0),
        "github-token-broken" => checked("ghp_", &seed, 1),
        "npm-token" => checked("npm_", &seed, 0),
        "vault-token" => format!("hvs.{}", URL_SAFE_NO_PAD.encode(bytes(&seed, 69))),
        "openssh-key" => openssh::private_key(&seed, false),
        "openssh-key-sealed" => openssh::private_key(&seed, true),
        "hmac" => format!("hmac-sha256:{}", letters(&seed, 64, HEX)),
        "uuid" => uuid(&seed),
        "base62" => letters(&seed, argument?.parse().ok()?, BASE62),
        "hex" => letters(&seed, argument?.parse().ok()?, HEX),
        _ => return None,
    })
}

/// The part of an access key id after `AKIA`: ten bytes in base 32, of which the first six carry the account, shifted
/// by seven bits, under a leading one.
fn key_body(seed: &str, account: Option<&str>) -> Option<String> {
    let account: u64 = account.unwrap_or(ACCOUNT).parse().ok()?;
    let mut raw = bytes(seed, 10);
    let noise = u64::from(*raw.first()? & 0x7f);
    let head = (1 << 47) | (account << 7) | noise;
    raw.splice(..6, head.to_be_bytes().into_iter().skip(2));
    let value = raw.iter().fold(0_u128, |value, byte| (value << 8) | u128::from(*byte));
    let letter = |index: u32| BASE32.get(usize::try_from((value >> (75 - 5 * index)) & 31).ok()?).copied();
    (0..16).map(|index| letter(index).map(char::from)).collect()
}

/// 30 letters under a prefix, with the CRC-32 of the letters in base 62 behind them; wrong by `off`.
fn checked(prefix: &str, seed: &str, off: u32) -> String {
    let body = letters(seed, 30, BASE62);
    let mut sum = crc32fast::hash(body.as_bytes()).wrapping_add(off);
    let mut digits: Vec<u8> = Vec::new();
    for _ in 0..6 {
        digits.extend(BASE62.get((sum % 62) as usize));
        sum /= 62;
    }
    let tail: String = digits.iter().rev().map(|digit| char::from(*digit)).collect();
    format!("{prefix}{body}{tail}")
}

fn letters(seed: &str, count: usize, alphabet: &[u8]) -> String {
    let letter = |byte: u8| alphabet.get(usize::from(byte) % alphabet.len()).copied().map(char::from);
    bytes(seed, count).into_iter().filter_map(letter).collect()
}
