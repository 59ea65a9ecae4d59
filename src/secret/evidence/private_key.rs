//! Private keys in PEM, OpenSSH, PGP and PuTTY form: kind, passphrase, and the certificate that lies beside.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Reading, Surroundings, certificate};

/// A certificate is looked for within so many bytes before and after the key.
const BESIDE: usize = 16 * 1024;
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads a private key as it stands in text; line ends may be written as `\n`.
pub(super) fn read(block: &str, around: &Surroundings<'_>) -> Reading {
    let mut reading = Reading::default();
    let der = body(block);
    if block.contains("PuTTY-User-Key-File") {
        reading.tell("key-type", "PuTTY");
        passphrase(&mut reading, !block.contains("Encryption: none"));
    } else if block.contains("PGP PRIVATE KEY") {
        reading.tell("key-type", "PGP");
    } else if block.contains("OPENSSH PRIVATE KEY") {
        openssh(&der, &mut reading);
    } else {
        pem(block, &der, &mut reading);
    }
    let (before, after) = around.beside(BESIDE);
    certificate::beside(&der, [before, after], &mut reading);
    reading
}

fn passphrase(reading: &mut Reading, set: bool) {
    reading.tell("passphrase", if set { "set" } else { "none" });
}

fn pem(block: &str, der: &[u8], reading: &mut Reading) {
    let label = block.split("-----").nth(1).unwrap_or_default().trim_start_matches("BEGIN ");
    let encrypted = label.starts_with("ENCRYPTED") || block.contains("4,ENCRYPTED");
    let kind = match label.strip_suffix("PRIVATE KEY").unwrap_or_default().trim() {
        "" | "ENCRYPTED" => "PKCS#8",
        other => other.trim_start_matches("ENCRYPTED "),
    };
    reading.tell("key-type", kind);
    passphrase(reading, encrypted);
    // PKCS#1, PKCS#8 and SEC1 are all one DER sequence.
    if !encrypted && der.first() != Some(&0x30) {
        reading.doubted("its content is no key structure");
    } else {
        reading.confirmed();
    }
}

/// `openssh-key-v1`: magic, cipher name, key-derivation name and options, number of keys, public key.
/// <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>
fn openssh(der: &[u8], reading: &mut Reading) {
    reading.tell("key-type", "OpenSSH");
    let Some(mut rest) = der.strip_prefix(OPENSSH_MAGIC) else {
        reading.doubted("its content is no OpenSSH key");
        return;
    };
    let Some(cipher) = string(&mut rest) else { return };
    passphrase(reading, cipher != b"none");
    reading.confirmed();
    let public = string(&mut rest).and_then(|_kdf| string(&mut rest)).and_then(|_options| {
        rest = rest.get(4..)?;
        string(&mut rest)
    });
    let algorithm = public.and_then(|mut public| string(&mut public)).and_then(|name| std::str::from_utf8(name).ok());
    if let Some(algorithm) = algorithm {
        reading.tell("algorithm", algorithm);
    }
}

/// A string of the SSH wire format: its length in four bytes, then its bytes.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (text, tail) = tail.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = tail;
    Some(text)
}

/// The bytes that a PEM block encodes; header lines (`Proc-Type: ...`) are skipped.
pub(super) fn body(block: &str) -> Vec<u8> {
    let inner = block.split("-----").nth(2).unwrap_or_default();
    let lines = inner.split(['\n', '\r']).flat_map(|line| line.split("\\n")).filter(|line| !line.contains(':'));
    let text: String =
        lines.flat_map(str::chars).filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/')).collect();
    // An escaped line end that was not recognised as one leaves a stray letter; such a block is not decoded.
    decode(&text).unwrap_or_default()
}

/// Base 64, with or without padding.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let usable = text.trim_end_matches('=');
    // One digit too many encodes nothing: the block was cut.
    let usable = if usable.len() % 4 == 1 { usable.get(..usable.len() - 1)? } else { usable };
    GeneralPurpose::new(&STANDARD, config).decode(usable).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as BASE64;

    use super::*;

    fn read_alone(block: &str) -> Reading {
        read(block, &Surroundings { text: block.as_bytes(), whole: 0..block.len(), range: 0..block.len() })
    }

    fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
        reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
    }

    fn openssh_key(cipher: &str) -> String {
        let mut bytes = OPENSSH_MAGIC.to_vec();
        let mut put = |text: &[u8]| {
            bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
            bytes.extend_from_slice(text);
        };
        put(cipher.as_bytes());
        put(b"none");
        put(b"");
        bytes.extend_from_slice(&1_u32.to_be_bytes());
        let algorithm = b"ssh-ed25519";
        let public = [&(algorithm.len() as u32).to_be_bytes()[..], algorithm, &[0; 36]].concat();
        bytes.extend_from_slice(&(public.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&public);
        let label = "OPENSSH PRIVATE KEY";
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", BASE64.encode(bytes))
    }

    #[test]
    fn an_openssh_key_tells_whether_it_has_a_passphrase_and_its_algorithm() {
        let open = read_alone(&openssh_key("none"));
        assert_eq!((told(&open, "passphrase"), told(&open, "algorithm")), (Some("none"), Some("ssh-ed25519")));
        assert_eq!(told(&read_alone(&openssh_key("aes256-ctr")), "passphrase"), Some("set"));
    }

    #[test]
    fn both_forms_of_an_encrypted_pem_key_are_told() {
        let body = BASE64.encode([0x30; 48]);
        let old =
            format!("-----BEGIN {}-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X\n\n{body}\n-----END", "RSA PRIVATE KEY");
        let new = format!("-----BEGIN {}-----\n{body}\n-----END", "ENCRYPTED PRIVATE KEY");
        for block in [old, new] {
            assert_eq!(told(&read_alone(&block), "passphrase"), Some("set"));
        }
    }

    #[test]
    fn a_block_with_escaped_line_ends_decodes_like_one_with_real_ones() {
        let body = BASE64.encode([0x30; 48]);
        let (head, tail) = body.split_at(32);
        let block = |end: &str| format!("-----BEGIN {}-----{end}{head}{end}{tail}{end}-----END", "PRIVATE KEY");
        assert_eq!(super::body(&block("\n")), [0x30; 48]);
        assert_eq!(super::body(&block("\\n")), [0x30; 48]);
    }

    #[test]
    fn a_block_that_holds_no_key_is_doubted() {
        let block = format!("-----BEGIN {}-----\n{}\n-----END", "PRIVATE KEY", BASE64.encode("just some text here"));
        assert!(matches!(read_alone(&block).confidence, Some((crate::model::Confidence::Low, _))));
    }
}
