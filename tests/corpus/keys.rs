//! Private keys with the right structure and invented numbers, in each armour.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use overstay::demo;

use super::make::bytes;

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
const ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const PBES2: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];

/// A block of the kind, without a line end behind it.
pub(crate) fn private_key(seed: &str, kind: &str) -> String {
    match kind {
        "rsa-pkcs1" => pem("RSA PRIVATE KEY", "", &rsa(seed)),
        "rsa-pkcs8" => pem("PRIVATE KEY", "", &pkcs8(RSA, &rsa(seed))),
        "ed25519-pkcs8" => pem("PRIVATE KEY", "", &pkcs8(ED25519, &der(OCTETS, &[&bytes(seed, 32)]))),
        "ec-sec1" => pem("EC PRIVATE KEY", "", &ec(seed)),
        "dsa" => pem("DSA PRIVATE KEY", "", &numbers(seed, &[257, 32, 256, 256, 32])),
        "rsa-encrypted" => {
            let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B2C3D4E5F60718293A4B5C6D7E8F9\n\n";
            pem("RSA PRIVATE KEY", header, &bytes(seed, 1200))
        }
        "pkcs8-encrypted" => {
            let method = der(SEQUENCE, &[PBES2, &der(SEQUENCE, &[&der(OCTETS, &[&bytes(seed, 16)])])]);
            pem("ENCRYPTED PRIVATE KEY", "", &der(SEQUENCE, &[&method, &der(OCTETS, &[&bytes(seed, 1216)])]))
        }
        "openssh" => demo::resolve(&format!("@{{openssh-key {seed}}}")).expect("a key"),
        "openssh-encrypted" => demo::resolve(&format!("@{{openssh-key-sealed {seed}}}")).expect("a key"),
        "pgp" => pgp(seed),
        "putty" => putty(seed),
        "cosign" => {
            let (salt, text) = (STANDARD.encode(bytes(seed, 32)), STANDARD.encode(bytes(seed, 300)));
            let json = format!(
                r#"{{"kdf":{{"name":"scrypt","params":{{"N":65536,"r":8,"p":1}},"salt":"{salt}"}},"cipher":{{"name":"nacl/secretbox","nonce":"{salt}"}},"ciphertext":"{text}"}}"#
            );
            pem("ENCRYPTED SIGSTORE PRIVATE KEY", "", json.as_bytes())
        }
        _ => panic!("there is no key `{kind}`"),
    }
}

/// PKCS #1: version, modulus, exponents, primes and what is computed from them.
fn rsa(seed: &str) -> Vec<u8> {
    numbers(seed, &[256, 3, 256, 128, 128, 128, 128, 128])
}

/// A sequence of zero and integers of so many bytes.
fn numbers(seed: &str, sizes: &[usize]) -> Vec<u8> {
    let mut content = der(INTEGER, &[&[0]]);
    for (index, &size) in sizes.iter().enumerate() {
        let mut number = bytes(&format!("{seed} {index}"), size);
        number[0] = number[0] & 0x7f | 0x40;
        content.extend(der(INTEGER, &[&number]));
    }
    der(SEQUENCE, &[&content])
}

fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[&der(INTEGER, &[&[0]]), &der(SEQUENCE, &[algorithm]), &der(OCTETS, &[key])])
}

fn ec(seed: &str) -> Vec<u8> {
    let public = [&[0, 4][..], &bytes(&format!("{seed} public"), 64)].concat();
    let parts = [
        der(INTEGER, &[&[1]]),
        der(OCTETS, &[&bytes(seed, 32)]),
        der(0xa0, &[P256]),
        der(0xa1, &[&der(BITS, &[&public])]),
    ];
    der(SEQUENCE, &[&parts.concat()])
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=127 => out.push(length as u8),
        128..=255 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

fn pem(label: &str, header: &str, content: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{header}{}-----END {label}-----", lines(content))
}

fn lines(content: &[u8]) -> String {
    let text = STANDARD.encode(content);
    text.as_bytes().chunks(64).fold(String::new(), |out, line| out + &String::from_utf8_lossy(line) + "\n")
}

/// RFC 9580: a version 4 secret-key packet without a passphrase, and the checksum of the armour.
fn pgp(seed: &str) -> String {
    let number = |index: u8, size: usize| {
        let mut value = bytes(&format!("{seed} {index}"), size);
        value[0] |= 0x80;
        [&((size * 8) as u16).to_be_bytes()[..], &value].concat()
    };
    let secret = [number(2, 256), number(3, 128), number(4, 128), number(5, 128)].concat();
    let sum = secret.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)));
    let body =
        [&[4, 0x66, 0x55, 0x44, 0x33, 1][..], &number(0, 256), &[0, 17, 1, 0, 1], &[0], &secret, &sum.to_be_bytes()]
            .concat();
    let packet = [&[0x95][..], &(body.len() as u16).to_be_bytes(), &body].concat();
    let check = STANDARD.encode(&crc24(&packet).to_be_bytes()[1..]);
    let label = "PGP PRIVATE KEY BLOCK";
    format!("-----BEGIN {label}-----\n\n{}={check}\n-----END {label}-----", lines(&packet))
}

fn crc24(data: &[u8]) -> u32 {
    data.iter().fold(0x00b7_04ce, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 16, |sum: u32, _| {
            let next = sum << 1;
            if next & 0x0100_0000 == 0 { next } else { next ^ 0x0186_4cfb }
        })
    })
}

fn putty(seed: &str) -> String {
    let label = "PuTTY-User-Key-File";
    let mac: String = bytes(seed, 32).iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
    format!(
        "{label}-3: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\n{}Private-Lines: 1\n{}Private-MAC: {mac}",
        lines(&bytes(seed, 51)),
        lines(&bytes(&format!("{seed} private"), 36)),
    )
}
