use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// Made for this test with `openssl req -x509`; its key was thrown away.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBdTCCARqgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5jbGllbnQu
ZXhhbXBsZTAeFw0yNjExMjIwNjE2NTNaFw0yNzExMjIwNjE2NTNaMBkxFzAVBgNV
BAMMDmNsaWVudC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7Znu
Ud/OFrLQpfcXJ9r7Q6sNqWyGvGlKb2/TZl6GMekaGY/UYdzSJ6ZdI0XOUG6is2GV
1p1qhyNui4xhT7b1eqNTMFEwHQYDVR0OBBYEFIv9anNtYIvbEChhIP4gxN2Xy2qm
MB8GA1UdIwQYMBaAFIv9anNtYIvbEChhIP4gxN2Xy2qmMA8GA1UdEwEB/wQFMAMB
Af8wCgYIKoZIzj0EAwIDSQAwRgIhAL6YAHMUVwbIb07Y8udosbuEJpW/flugPAfU
P4FcjpvLAiEA7o68g/orfVbA0mj0XMenTw834xz1PARcjIzhC6+9kGE=
-----END CERTIFICATE-----
";

/// Something with the certificate's public point inside, as a private key structure has it.
fn key_structure() -> Vec<u8> {
    let der = private_key::body(CERTIFICATE);
    let (_, certificate) = X509Certificate::from_der(&der).expect("a certificate");
    let Ok(PublicKey::EC(point)) = certificate.public_key().parsed() else { panic!("a point") };
    [&[0x30, 0x77, 0x02, 0x01, 0x01], point.data()].concat()
}

fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
    reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
}

#[test]
fn the_certificate_of_the_key_says_when_the_pair_ends() {
    let mut reading = Reading::default();
    beside(&key_structure(), [b"", CERTIFICATE.as_bytes()], &mut reading);
    assert_eq!(reading.expiry, Some(Expiry::At("2027-11-22T06:16:53Z".parse().unwrap())));
    assert_eq!(told(&reading, "certificate-subject"), Some("CN=client.example"));
    assert_eq!(told(&reading, "certificate-not-before"), Some("2026-11-22T06:16:53Z"));
}

#[test]
fn a_certificate_of_another_key_says_nothing_about_the_end() {
    let mut reading = Reading::default();
    beside(b"another key structure", [CERTIFICATE.as_bytes(), b""], &mut reading);
    assert_eq!(reading.expiry, None);
    assert!(told(&reading, "certificate-beside").is_some_and(|text| text.contains("not shown")));
}

#[test]
fn a_kubeconfig_entry_tells_the_end_of_its_client_certificate() {
    let label = "EC PRIVATE KEY";
    let key = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(key_structure()));
    let secret = STANDARD.encode(key);
    let text = format!(
        "users:\n- name: admin\n  user:\n    client-certificate-data: {}\n    client-key-data: {secret}\n",
        STANDARD.encode(CERTIFICATE)
    );
    let start = text.find("client-key-data").expect("there");
    let around =
        Surroundings { text: text.as_bytes(), whole: start..text.len() - 1, range: start + 17..text.len() - 1 };
    let reading = kubeconfig(&secret, &around);
    assert_eq!(told(&reading, "certificate-subject"), Some("CN=client.example"));
    assert!(reading.expiry.and_then(Expiry::at).is_some());
}

#[test]
fn a_damaged_certificate_is_passed_over() {
    let mut reading = Reading::default();
    let cut = CERTIFICATE.replace("MIIBdTCC", "MIIBdTCD");
    beside(&key_structure(), [b"-----BEGIN CERTIFICATE-----\nAAAA", cut.as_bytes()], &mut reading);
    assert_eq!(reading.readouts, []);
}
