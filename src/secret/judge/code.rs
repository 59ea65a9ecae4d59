//! Values that are a part of a program: expressions, names, paths of members, minified lines.

use super::candidate::plain;
use super::language::wordiness;
use super::vocabulary::{ends, is_one};
use super::{Candidate, shape};

/// How the names of things end that are no secrets though a word like `token` or `credential` is in them.
const PUBLIC_ENDINGS: &str = "\
    id ids name arn type version url uri path file hash digest checksum label field header provider clienttoken \
    nexttoken pagetoken changetoken continuationtoken requesttoken synctoken cancellationtoken purchasetoken \
    idempotencytoken forwardtoken backwardtoken locktoken actiontoken updatetoken accessor expiresat createdat \
    authorizedat prefix suffix source expiry ttl length size count limit index regex pattern format policy required \
    enabled env var variable param parameter key_prefix endpoint host port class method algorithm mode state status \
    scope scopes audience issuer title description message error hint prompt placeholder example ref mount volume \
    store manager service resolver rotation lifetime column table csrftoken xsrftoken tokens secretname selector \
    namespace syncpolicy pubkey publickey publishablekey sitekey fingerprint thumbprint keyid kid annotation role \
    group handler helper plugin usage kind directory dir location encoding \
    encryption alg tokenizer tokenization claims backoff cert certs crl cacert refresh interval timeout seconds minutes \
    hours days strategy validator validators verifier length min max";
/// Words of names that hold public digests.
const DIGEST_NAMES: &str = "\
    sha md5 hash digest checksum integrity commit revision fingerprint etag thumbprint rev blob tree oid nonce \
    vector plaintext ciphertext expected salt iv crc";

/// A call, a member, an operator: what the program computes.
pub(super) fn is_expression(candidate: &Candidate<'_>) -> bool {
    let text = candidate.secret;
    let marks = ["::", "()", "->", "=>", "!=", "&&", "||", " + ", "\\(", "](", "${", "$this", "self.", "this."];
    let called = candidate.before.trim_end_matches(['"', '\'', '`']).ends_with('(');
    // The padding of base 64 compares nothing.
    let unpadded = text.trim_end_matches('=');
    marks.iter().any(|mark| unpadded.contains(mark))
        || called
        || text.ends_with(['(', '[', '{', '\\', ';'])
        || (text.contains(['(', '[']) && text.ends_with([')', ']']))
        || is_member(text)
}

/// An item of a list, whose neighbour says secret: `["secrets", "pods"]`. What a function is given after a name is none:
/// `define('DB_PASSWORD', '...')`.
pub(super) fn is_list_item(candidate: &Candidate<'_>) -> bool {
    let before = candidate.before.trim_end_matches([' ', '\t', '"', '\'', '`', '\\']);
    let Some(item) = before.strip_suffix(',') else { return false };
    let mut outside = item.trim_end_matches(['"', '\'', '\\']).rsplitn(2, ['"', '\'']);
    let (name, call) = (outside.next().unwrap_or_default(), outside.next().unwrap_or_default());
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    !plain || !call.trim_end().trim_end_matches('\\').ends_with('(')
}

/// `config.auth.token`: names between dots, each of them a word or an identifier.
fn is_member(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let name = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && (wordiness(part) > 0.6 || part.len() <= 4)
    };
    parts.len() >= 2 && parts.iter().all(name)
}

/// The value repeats the name it is assigned to, or the other way round: `ENV_TOKEN = "MY_ENV_TOKEN"`.
pub(super) fn is_own_name(candidate: &Candidate<'_>) -> bool {
    let (name, value) = (candidate.plain_name(), plain(candidate.secret));
    name.len() >= 5 && value.len() >= 5 && (name.contains(&value) || value.contains(&name))
}

/// The name says that the value is an id, a place or a marker: `accessKeyId`, `nextToken`, `AWS::AppSync::ApiKey`.
pub(super) fn is_public_name(candidate: &Candidate<'_>) -> bool {
    let name = candidate.plain_name();
    let typed = candidate.before.contains("::") && candidate.before.contains(&format!("::{}", candidate.name));
    typed || ends(PUBLIC_ENDINGS, &name)
}

/// A digest of known length beside a word that says so, or in the form of a lock file.
pub(super) fn is_digest(candidate: &Candidate<'_>) -> bool {
    let text = candidate.folded.as_str();
    let form = ["sha1-", "sha256-", "sha384-", "sha512-", "h1:", "sha1:", "sha256:", "sha512:", "md5:", "sri-"];
    let length = matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) && shape::is_hex(text);
    let said = |text: &str| words(text).any(|word| is_one(DIGEST_NAMES, word) || word.starts_with("sha"));
    form.iter().any(|mark| text.starts_with(mark)) || (length && said(&candidate.before))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic())
}

/// A line of minified code: long, and dense with what programs are made of.
pub(super) fn is_minified(candidate: &Candidate<'_>) -> bool {
    let around = candidate.around;
    let count = |wanted: &[u8]| memchr::memmem::find_iter(around, wanted).count();
    let marks = count(b"function(") + count(b"){") + count(b"=>") + count(b"&&") + count(b"return ") + count(b");");
    around.len() >= 600 && !around.contains(&b'\n') && marks >= 6
}

/// Two words or more with nothing but `-`, `_` or `.` between: `cockroachdb-node`, `dokuwiki.local-tls`, `X-Api-Key`.
/// A part may end in one digit.
fn is_compound(secret: &str) -> bool {
    let mut parts = 0;
    let compound = secret.split(['-', '_', '.']).all(|part| {
        parts += 1;
        let letters = part.strip_suffix(|last: char| last.is_ascii_digit()).unwrap_or(part);
        let tail = letters.get(1..).unwrap_or_default();
        let one_case =
            tail.bytes().all(|byte| byte.is_ascii_lowercase()) || letters.bytes().all(|byte| byte.is_ascii_uppercase());
        letters.len() <= 16 && letters.bytes().all(|byte| byte.is_ascii_alphabetic()) && one_case
    });
    compound && parts >= 2
}

/// Prose, names and identifiers, where only the name of a variable says that something is secret.
pub(super) fn is_readable(candidate: &Candidate<'_>) -> bool {
    let secret = candidate.secret;
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    let letters = secret.bytes().any(|byte| byte.is_ascii_alphabetic());
    let words = wordiness(secret);
    // A password may be made of words; then it is graded and not set aside, unless it is a name or a sentence.
    let plain = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':'));
    let name = plain && (digits == 0 || (digits <= 2 && secret.contains(['-', '_', '.'])));
    let sentence = secret.contains(' ') && words > 0.6;
    if is_compound(secret) {
        return true;
    }
    if candidate.is_password() {
        return !letters || sentence || (name && words > 0.85);
    }
    !letters || sentence || words > 0.6 || (digits == 0 && words > 0.45 && name)
}
