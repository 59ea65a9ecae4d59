//! Examples in rule files, written so that no line of them looks like a live secret to anybody's scanner.
//!
//! `«` and `»` enclose the secret; `{name:argument}` is replaced by characters made up from the rule's id. The fillers
//! are documented in `rules/README.md`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A text to be scanned, and where in it the secret lies.
#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    /// The text, fillers replaced and marks removed.
    pub text: String,
    /// Byte offset of the secret.
    pub start: usize,
    /// Byte offset behind the secret.
    pub end: usize,
}

/// Reads an example of the rule `id`: exactly one secret is marked.
pub fn example(id: &str, source: &str) -> Result<Sample, String> {
    let flaw = || format!("example `{source}` must mark one secret with « and »");
    let (before, rest) = source.split_once('«').ok_or_else(flaw)?;
    let (secret, after) = rest.split_once('»').ok_or_else(flaw)?;
    if [before, secret, after].iter().any(|part| part.contains(['«', '»'])) {
        return Err(flaw());
    }
    let mut noise = Noise::new(id, source);
    let mut text = fill(before, &mut noise)?;
    let start = text.len();
    text.push_str(&fill(secret, &mut noise)?);
    let end = text.len();
    text.push_str(&fill(after, &mut noise)?);
    Ok(Sample { text, start, end })
}

/// Reads a counter-example of the rule `id`.
pub fn counter_example(id: &str, source: &str) -> Result<String, String> {
    if source.contains(['«', '»']) {
        return Err(format!("counter-example `{source}` marks a secret, and it must hold none"));
    }
    fill(source, &mut Noise::new(id, source))
}

/// CRC-32 (ISO-HDLC) as six base-62 digits, alphabet 0-9A-Za-z, padded with zeros on the left.
pub fn crc32_base62(body: &[u8]) -> String {
    let mut rest = crc32fast::hash(body) as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().map(|&byte| char::from(byte)).collect()
}

fn fill(source: &str, noise: &mut Noise) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = source;
    while let Some(open) = rest.find('{') {
        let (text, from) = rest.split_at(open);
        out.push_str(text);
        if let Some((name, argument, length)) = filler(from) {
            out.push_str(&replace(name, argument, noise)?);
            rest = &from[length..];
        } else {
            out.push('{');
            rest = &from[1..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The filler that `from` begins with: name, argument and length. Other braces are plain text.
fn filler(from: &str) -> Option<(&str, &str, usize)> {
    if from.starts_with("{}") {
        return Some(("", "", 2));
    }
    let close = from.find('}')?;
    let (name, argument) = from.get(1..close)?.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!name.is_empty() && name.bytes().all(plain)).then_some((name, argument, close + 1))
}

fn replace(name: &str, argument: &str, noise: &mut Noise) -> Result<String, String> {
    let count = || argument.parse::<usize>().ok().filter(|&count| count <= 100_000);
    let bad = || format!("filler `{{{name}:{argument}}}` has no sensible number");
    Ok(match name {
        "" => String::new(),
        "crc32" | "wrong-crc32" => {
            let body = noise.text(BASE62, count().ok_or_else(bad)?);
            let sum = crc32_base62(if name == "crc32" { body.as_bytes() } else { b"something else" });
            body + &sum
        }
        "base64-of" => STANDARD.encode(argument),
        "jwt" => token(argument, noise),
        "pem" => pem(argument, noise),
        _ => {
            let alphabet = alphabet(name).ok_or_else(|| format!("there is no filler `{name}`"))?;
            noise.text(alphabet, count().ok_or_else(bad)?)
        }
    })
}

fn alphabet(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "digit" => &BASE62[..10],
        "upper" => &BASE62[10..36],
        "lower" => &BASE62[36..],
        "letter" => &BASE62[10..],
        "alnum" => BASE62,
        "upnum" => &BASE62[..36],
        "lownum" => b"0123456789abcdefghijklmnopqrstuvwxyz",
        "hex" => b"0123456789abcdef",
        "uphex" => b"0123456789ABCDEF",
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "bech32" => b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        _ => return None,
    })
}

/// A signed-looking token; the argument is its claims as `name=value,name=value`.
fn token(claims: &str, noise: &mut Noise) -> String {
    let claims: serde_json::Map<String, serde_json::Value> = claims
        .split(',')
        .filter_map(|claim| claim.split_once('='))
        .map(|(name, value)| {
            let value = value.parse::<i64>().map_or_else(|_| value.into(), Into::into);
            (name.trim().to_owned(), value)
        })
        .collect();
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::Value::Object(claims).to_string());
    format!("{header}.{payload}.{}", noise.text(alphabet("base64url").unwrap_or(BASE62), 86))
}

fn pem(label: &str, noise: &mut Noise) -> String {
    let lines: String = (0..8).map(|_| noise.text(alphabet("base64").unwrap_or(BASE62), 64) + "\n").collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----")
}

/// Characters that look random and are the same in each run.
struct Noise(u64);

impl Noise {
    fn new(id: &str, source: &str) -> Self {
        let seed = id.bytes().chain(source.bytes());
        Self(seed.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)))
    }

    /// The next number of the SplitMix64 sequence.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[(self.next() % alphabet.len() as u64) as usize])).collect()
    }
}
