use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::{Budget, Encoding, Layer, layers};

const SAYING: &str = "user=deploy\npassword=correct horse battery staple\n";

fn decoded(text: &[u8]) -> Vec<Layer> {
    layers(text, &mut Budget::of(text.len()), |_, _| {})
}

/// The only layer of a text, as a string, and its encodings.
fn only(text: &[u8]) -> (String, Vec<Encoding>) {
    let layers = decoded(text);
    let [layer] = layers.as_slice() else { panic!("{} layers", layers.len()) };
    (String::from_utf8(layer.bytes.clone()).unwrap(), layer.encodings.clone())
}

/// What stands in a text where its only layer says `word`.
fn written(text: &str, word: &str) -> String {
    let layers = decoded(text.as_bytes());
    let [layer] = layers.as_slice() else { panic!("{} layers", layers.len()) };
    let start = layer.bytes.windows(word.len()).position(|window| window == word.as_bytes()).unwrap();
    text[layer.origin(text.as_bytes(), &(start..start + word.len()))].to_owned()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

#[test]
fn base64_between_other_text_is_decoded() {
    let text = format!("data: \"{}\"", BASE64_STANDARD.encode(SAYING));
    assert_eq!(only(text.as_bytes()), (SAYING.to_owned(), vec![Encoding::Base64]));
}

#[test]
fn base64url_is_told_by_its_alphabet() {
    let saying = "what?>>>~~~???>>>what?>>>~~~";
    let text = BASE64_URL_SAFE_NO_PAD.encode(saying);
    assert_eq!(only(text.as_bytes()), (saying.to_owned(), vec![Encoding::Base64Url]));
}

#[test]
fn base64_wrapped_into_lines_is_one_layer() {
    let saying = SAYING.repeat(5);
    let whole = BASE64_STANDARD.encode(&saying);
    let lines: Vec<&str> = whole.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let text = format!("key: |\n  {}\nnext: line", lines.join("\r\n  "));
    assert_eq!(only(text.as_bytes()).0, saying);
}

#[test]
fn gzip_inside_base64_is_inflated() {
    let text = BASE64_STANDARD.encode(gzip(SAYING.as_bytes()));
    assert_eq!(only(text.as_bytes()), (SAYING.to_owned(), vec![Encoding::Base64, Encoding::Gzip]));
}

#[test]
fn utf16_inside_base64_is_decoded_as_powershell_encodes_commands() {
    let text = BASE64_STANDARD.encode(utf16(SAYING));
    assert_eq!(only(text.as_bytes()), (SAYING.to_owned(), vec![Encoding::Base64, Encoding::Utf16]));
}

#[test]
fn hexadecimal_digits_are_decoded_with_and_without_their_mark() {
    for mark in ["", "0x"] {
        let text = format!("blob = {mark}{};", hex(SAYING.as_bytes()));
        assert_eq!(only(text.as_bytes()), (SAYING.to_owned(), vec![Encoding::Hex]));
    }
}

#[test]
fn a_word_with_three_percent_escapes_is_decoded_and_one_with_two_is_not() {
    let (text, encodings) = only(b"curl 'https://a.example/?q=%7B%22a%22%3A1%7D' -v");
    assert_eq!((text.as_str(), encodings), ("https://a.example/?q={\"a\":1}", vec![Encoding::Percent]));
    assert_eq!(decoded(b"https://a.example/?q=%7Bab%7D"), []);
}

#[test]
fn a_quoted_document_is_decoded_line_by_line() {
    let (text, encodings) = only(br#"body: "{\"name\":\"a\/b\",\"more\":\"\u0041\x42\"}""#);
    assert_eq!((text.as_str(), encodings), (r#"body: "{"name":"a/b","more":"AB"}""#, vec![Encoding::Escapes]));
}

#[test]
fn escapes_that_hide_nothing_are_left_alone() {
    assert_eq!(decoded(br#"printf("usage: %s\n\t-h  \"help\"\n"); /^\s*\/\/.*$/"#), []);
}

#[test]
fn utf16_appended_to_other_text_is_decoded() {
    let text = [b"first line\n".as_slice(), &utf16("password = hunter, as ever\r\n")].concat();
    assert_eq!(only(&text), ("password = hunter, as ever\r\n".to_owned(), vec![Encoding::Utf16]));
}

#[test]
fn names_paths_and_digests_are_no_layers() {
    let text = b"src/very/long/path/to/some_file_name_of_java/AbstractFactoryBean 6b86b273ff34fce19d6b804eff5a3f57\
        47ada4eaa22f1d49c01e52ddb7875b4b aBstractSingletonProxyFactoryBeanImplementationFactoryProvider";
    assert_eq!(decoded(text), []);
}

#[test]
fn pictures_and_hashes_are_counted_by_name() {
    let noise: Vec<u8> = (0..90_u8).map(|byte| byte.wrapping_mul(167)).collect();
    let noise = BASE64_STANDARD.encode(&noise);
    let text = format!("url(data:image/png;base64,{noise}) integrity=\"sha512-{noise}\"");
    let mut budget = Budget::of(text.len());
    assert_eq!(layers(text.as_bytes(), &mut budget, |_, _| {}), []);
    assert_eq!((budget.left.media, budget.left.hashes), (1, 1));
}

#[test]
fn a_decoded_place_is_traced_back_to_where_it_is_written() {
    let base64 = format!("x = {}", BASE64_STANDARD.encode("abcdefSECRETabcdef.."));
    assert_eq!(written(&base64, "SECRET"), BASE64_STANDARD.encode("SECRET"));
    let hexed = format!("x = {}", hex(b"abcdefSECRETabcdef"));
    assert_eq!(written(&hexed, "SECRET"), hex(b"SECRET"));
    assert_eq!(written("a?b=%41%42%43SEC%52ET&c", "SECRET"), "SEC%52ET");
    assert_eq!(written(r#"{\"a\":\"SEC\u0052ET\"}"#, "SECRET"), r"SEC\u0052ET");
}

#[test]
fn what_the_budget_does_not_suffice_for_is_counted() {
    let bomb = BASE64_STANDARD.encode(gzip(&vec![b'a'; 4 << 20]));
    let mut budget = Budget::of(bomb.len());
    let layers = layers(bomb.as_bytes(), &mut budget, |_, _| {});
    assert!(layers.iter().map(|layer| layer.bytes.len()).sum::<usize>() <= 4 * bomb.len() + (64 << 10));
    assert_eq!(budget.left.beyond_budget, 1);
}

#[test]
fn a_truncated_gzip_says_what_it_says_until_then() {
    let lines: Vec<String> = (0..5000).map(|line| format!("line {line}\n")).collect();
    let whole = gzip(lines.concat().as_bytes());
    let text = BASE64_STANDARD.encode(&whole[..whole.len() / 2]);
    assert!(only(text.as_bytes()).0.starts_with("line 0\nline 1\n"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_decode_more_than_its_budget(text in any::<Vec<u8>>()) {
        bounded(&text);
    }

    #[test]
    fn no_mix_of_marks_makes_it_panic(text in r#"([A-Za-z0-9+/=_-]{0,30}|[\\%"nux0{}/:]{0,9}|H4sI|%[4-7][0-9A-F]|\\u00[4-7][0-9]){0,40}"#) {
        bounded(text.as_bytes());
    }
}

fn bounded(text: &[u8]) {
    let layers = decoded(text);
    let total: usize = layers.iter().map(|layer| layer.bytes.len()).sum();
    assert!(total <= 4 * text.len() + (64 << 10));
    for layer in layers {
        let length = layer.bytes.len();
        for inner in [0..0, 0..length, length / 2..length, length..length + 9] {
            let origin = layer.origin(text, &inner);
            assert!(layer.outer.start <= origin.start && origin.start <= origin.end && origin.end <= layer.outer.end);
        }
    }
}
