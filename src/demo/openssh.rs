//! Private keys in OpenSSH's own format, with the right structure and invented numbers.
//! The format: <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::mint::bytes;

const KIND: &[u8] = b"ssh-ed25519";

/// An Ed25519 key as text; with a passphrase when `sealed`, which then only shows in the header.
pub(super) fn private_key(seed: &str, sealed: bool) -> String {
    let public = bytes(&format!("{seed} public"), 32);
    let mut out = b"openssh-key-v1\0".to_vec();
    let (cipher, derivation): (&[u8], &[u8]) = if sealed { (b"aes256-ctr", b"bcrypt") } else { (b"none", b"none") };
    string(&mut out, cipher);
    string(&mut out, derivation);
    string(&mut out, &if sealed { options(seed) } else { Vec::new() });
    out.extend(1_u32.to_be_bytes());
    let mut key = Vec::new();
    string(&mut key, KIND);
    string(&mut key, &public);
    string(&mut out, &key);
    string(&mut out, &if sealed { bytes(&format!("{seed} sealed"), 144) } else { private(seed, &public) });
    armour(&out)
}

/// What `bcrypt` needs: a salt and the number of rounds.
fn options(seed: &str) -> Vec<u8> {
    let mut out = Vec::new();
    string(&mut out, &bytes(&format!("{seed} salt"), 16));
    out.extend(16_u32.to_be_bytes());
    out
}

/// The private part: two equal check numbers, the key, a comment, and padding to the block size.
fn private(seed: &str, public: &[u8]) -> Vec<u8> {
    let check = bytes(&format!("{seed} check"), 4);
    let mut out = [check.clone(), check].concat();
    string(&mut out, KIND);
    string(&mut out, public);
    string(&mut out, &[bytes(&format!("{seed} private"), 32), public.to_vec()].concat());
    string(&mut out, b"deploy@acme.example");
    for padding in 1_u8.. {
        if out.len() % 8 == 0 {
            break;
        }
        out.push(padding);
    }
    out
}

fn string(out: &mut Vec<u8>, value: &[u8]) {
    out.extend((value.len() as u32).to_be_bytes());
    out.extend(value);
}

fn armour(binary: &[u8]) -> String {
    const LABEL: &str = "OPENSSH PRIVATE KEY";
    let text = STANDARD.encode(binary);
    let mut out = format!("-----BEGIN {LABEL}-----\n");
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 70 == 0 {
            out.push('\n');
        }
        out.push(letter);
    }
    out + &format!("\n-----END {LABEL}-----")
}
