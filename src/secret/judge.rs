//! Tells values that only look like secrets: each kind has a name, under which it is counted and not reported.

use super::entropy;
use crate::rules::secret::{Breadth, SecretRule};

/// Words that no issuer puts into a random value.
const PLACEHOLDER_WORDS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "redacted",
    "replace",
    "insert-",
    "insert_",
    "your-",
    "your_",
    "yourtoken",
    "yoursecret",
    "yourpassword",
    "yourkey",
    "dummy",
    "notreal",
    "not-a-real",
    "not_a_real",
    "xxxxx",
    "00000000",
    "<",
    "***",
    "...",
    "fixme",
    "todo",
    "sample",
    "my-secret",
    "mysecret",
    "my_secret",
    "fake",
    "invalid",
    "deadbeef",
];
/// Whole values that are passwords of examples and of local test databases.
const PLACEHOLDER_VALUES: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "test",
    "testing",
    "user",
    "username",
    "admin",
    "root",
    "postgres",
    "mysql",
    "redis",
    "guest",
    "mongo",
    "mongodb",
    "rabbitmq",
    "foo",
    "bar",
    "baz",
    "foobar",
    "qwerty",
    "letmein",
    "default",
    "null",
    "none",
    "true",
    "false",
    "undefined",
    "string",
    "value",
    "key",
    "apikey",
    "api_key",
    "empty",
    "p",
    "pw",
    "x",
    "abc",
    "hunter2",
    "xyz",
    "xyzzy",
    "opensesame",
    "secret1",
    "password1",
    "password123",
    "pass123",
    "s3cret",
    "s3cr3t",
    "p4ssw0rd",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "p%40ssword",
    "p%40ssw0rd",
    "bob",
    "alice",
    "demo",
    "dev",
    "local",
    "hello",
    "world",
    "1234",
    "12345",
    "123456",
    "secret123",
    "supersecret",
    "super_secret",
    "super-secret",
    "topsecret",
    "mypassword",
    "mypass",
    "mypw",
    "toto",
    "db_password",
    "some-password",
    "postgrespw",
    "test123",
    "testpass",
    "testpassword",
    "test_password",
    "some_password",
    "user_password",
    "userpass",
];
/// How values begin or what they hold that are looked up elsewhere at run time.
const REFERENCES: &[&str] = &[
    "${",
    "{{",
    "}}",
    "$(",
    "#{",
    "<%",
    "%(",
    "os.environ",
    "process.env",
    "getenv",
    "env.",
    "secrets.",
    "vault:",
    "ssm:",
    "arn:aws:",
    "op://",
    "keyvault",
    "valuefrom",
    "secretkeyref",
    "@microsoft.",
    "sm://",
    "env!(",
    "{0}",
    "{}",
];

/// How the names of things end that are no secrets though a word like `token` or `credential` is in them.
const PUBLIC_ENDINGS: &[&str] = &[
    "id",
    "ids",
    "name",
    "arn",
    "type",
    "version",
    "url",
    "uri",
    "path",
    "file",
    "hash",
    "digest",
    "checksum",
    "label",
    "field",
    "header",
    "provider",
    "clienttoken",
    "nexttoken",
    "pagetoken",
    "changetoken",
    "continuationtoken",
    "requesttoken",
    "synctoken",
    "cancellationtoken",
    "purchasetoken",
    "idempotencytoken",
    "forwardtoken",
    "backwardtoken",
    "locktoken",
    "actiontoken",
    "updatetoken",
    "accessor",
    "expiresat",
    "createdat",
    "authorizedat",
    "prefix",
    "suffix",
    "source",
];

/// Why a value is set aside, or nothing if it may be real. `name` is the text before it on its line, as far as it may
/// belong to the name it is assigned to.
pub(super) fn set_aside(rule: &SecretRule, secret: &str, name: &[u8]) -> Option<&'static str> {
    let folded = secret.to_ascii_lowercase();
    let body = significant(rule, &folded);
    if is_documentation_value(rule, secret) {
        Some("documentation-key")
    } else if is_reference(rule, &folded) {
        Some("reference")
    } else if is_placeholder(rule, &folded, body) {
        Some("placeholder")
    } else if is_sequential(body) {
        Some("sequential")
    } else if is_uniform(body)
        || rule.min_entropy.is_some_and(|least| entropy::bits_per_byte(secret.as_bytes()) < least)
    {
        Some("low-entropy")
    } else if matches!(rule.breadth, Breadth::Named | Breadth::Generic) && is_readable(secret, name) {
        Some("readable-words")
    } else if rule.breadth == Breadth::Generic && is_public_name(name) {
        Some("public-name")
    } else {
        None
    }
}

fn is_documentation_value(rule: &SecretRule, secret: &str) -> bool {
    rule.documentation_values.iter().any(|value| match value.strip_prefix('*') {
        Some(ending) => secret.ends_with(ending),
        None => value == secret,
    })
}

/// The value without the literal that all values of its kind begin with.
fn significant<'a>(rule: &SecretRule, folded: &'a str) -> &'a str {
    let prefix = rule.keywords.iter().map(|keyword| keyword.to_ascii_lowercase());
    prefix.filter_map(|prefix| folded.strip_prefix(prefix.as_str())).min_by_key(|rest| rest.len()).unwrap_or(folded)
}

fn is_reference(rule: &SecretRule, folded: &str) -> bool {
    let variable = |text: &str| {
        text.strip_prefix('$').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    };
    rule.breadth != Breadth::Narrow
        && (variable(folded)
            || (folded.starts_with('%') && folded.ends_with('%'))
            || (folded.starts_with('{') && folded.ends_with('}'))
            || (folded.starts_with('[') && folded.ends_with(']'))
            || REFERENCES.iter().any(|mark| folded.contains(mark)))
}

fn is_placeholder(rule: &SecretRule, folded: &str, body: &str) -> bool {
    let pem = folded.starts_with("-----begin");
    // In long random text any short word turns up by chance, so words count only where the value is short.
    let short = body.len() <= 100 && !pem;
    (short && PLACEHOLDER_WORDS.iter().any(|word| body.contains(word)))
        || (rule.breadth != Breadth::Narrow && (folded.len() < 4 || PLACEHOLDER_VALUES.contains(&folded)))
}

/// Eight or more neighbours in the order of the alphabet or of the digits.
fn is_sequential(body: &str) -> bool {
    let mut run = 1;
    body.as_bytes().windows(2).any(|pair| {
        let follows = pair[1] == pair[0].wrapping_add(1) || (pair[0] == b'9' && pair[1] == b'0');
        run = if follows { run + 1 } else { 1 };
        run >= 8
    })
}

/// Two thirds or more of the same character, or two alternating ones.
fn is_uniform(body: &str) -> bool {
    body.len() >= 8 && entropy::bits_per_byte(body.as_bytes()) < 1.6
}

/// Words, paths, code and names, where only the name of a variable says that something is secret.
fn is_readable(secret: &str, name: &[u8]) -> bool {
    let count = |test: fn(&u8) -> bool| secret.bytes().filter(test).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let code = secret.contains("::") || secret.contains("()") || secret.contains("->") || secret.contains("://");
    let parts = secret.split(['-', '_', '.', '/', ':', ' ']);
    let words = parts.filter(|part| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic())).count();
    let path = secret.starts_with(['/', '.', '~']) || name.contains(&b'(');
    // 2026-08-03T15:28:07Z
    let date = secret.len() >= 19
        && matches!(secret.as_bytes(), [b'1' | b'2', _, _, _, b'-', _, _, b'-', _, _, b'T' | b' ', ..]);
    code || path || date || letters == 0 || words >= 2 || (digits == 0 && !is_mixed(secret))
}

/// Whether upper case follows lower case more often than in `camelCase`.
fn is_mixed(secret: &str) -> bool {
    let humps =
        secret.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    humps.count() * 6 >= secret.len()
}

/// Whether the name that a value is assigned to says that it is an id, a place or a marker: `accessKeyId`, `nextToken`,
/// `AWS::AppSync::ApiKey`.
fn is_public_name(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let name = name.trim_end_matches([' ', '\t', '"', '\'', '`', '=', ':', '>', ']']);
    let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')).map_or(0, |at| at + 1);
    let (before, identifier) = name.split_at(start);
    let plain = identifier.replace(['_', '-'], "");
    before.ends_with("::") || PUBLIC_ENDINGS.iter().any(|ending| plain.ends_with(ending))
}
