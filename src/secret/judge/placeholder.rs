//! Values that stand for a secret: words that no issuer puts into a random value, and passwords of examples.

use super::Candidate;
use super::candidate::plain;
use super::vocabulary::{holds, is_one};

/// Words that no issuer puts into a random value.
const WORDS: &str = "\
    example changeme change_me change-me placeholder redacted replace insert- insert_ your- your_ yourtoken \
    yoursecret yourpassword yourkey dummy notreal not-a-real not_a_real xxxxx 00000000 < *** ... fixme todo sample \
    my-secret mysecret my_secret fake invalid deadbeef";
/// More of them, which a short random value might hold by chance.
const MORE_WORDS: &str = "\
    put- put_ goeshere goes-here goes_here token_here key_here secret_here password_here token-here key-here fill- fill_ change-this changethis change_this notasecret \
    not-a-secret not_a_secret notsecret not-secret  asdfgh lorem ipsum foobar bogus … &lt; \
    secret-here specify provide- provide_ correcthorse correct-horse abc123 test1234 qwerty enter- enter_ undefined \
    omitted hidden masked removed stripped scrubbed censored sanitized obfuscated";
/// Whole values that are passwords of examples and of local test databases.
const VALUES: &str = "\
    password passwd pass pwd secret token test testing user username admin root postgres mysql redis guest mongo \
    mongodb rabbitmq foo bar baz foobar qwerty letmein default null none true false undefined string value key \
    apikey api_key empty p pw x abc hunter2 xyz xyzzy opensesame secret1 password1 password123 pass123 s3cret s3cr3t \
    p4ssw0rd passw0rd p@ssw0rd p@ssword p%40ssword p%40ssw0rd bob alice demo dev local hello world 1234 12345 123456 \
    secret123 supersecret super_secret super-secret topsecret mypassword mypass mypw toto db_password some-password \
    postgrespw test123 testpass testpassword test_password some_password user_password userpass welcome welcome1 \
    welcome123 changeit admin123 admin1234 administrator adminpass rootpass rootpassword root123 123456789 \
    1234567890 12345678 87654321 11111111 passw0rd! password! password1! password123! p@ssw0rd! p@ssw0rd1 p@55w0rd \
    pa$$word pa$$w0rd verysecret yes no very_secret very-secret verysecretpassword s3cret! sekrit sekret shhh shhhh \
    monkey dragon iloveyou trustno1 minioadmin elastic neo4j anonymous couchbase grafana prom-operator tiger scott manager sa \
    system oracle wordpress drupal joomla magento drowssap vagrant ubuntu raspberry alpine toor docker jenkins \
    kibana rabbit airflow superset postgresql mariadb";
/// What a value says that names its own kind, with digits read as the letters they stand for.
const KINDS: &str = "\
    password passwort passwd passphrase passcode secret token apikey credential privatekey accesskey mypass userpass \
    rootpass adminpass dbpass";
/// So much of a long value is its beginning.
const HEAD: usize = 16;
/// In longer values any short word turns up by chance.
const LONGEST: usize = 100;

/// A word that stands for a secret, or a whole value that examples use.
pub(super) fn is_placeholder(candidate: &Candidate<'_>) -> bool {
    let body = candidate.body();
    // In a longer value a word turns up by chance, but not where people put it: at the beginning.
    let looked_at = if body.len() <= LONGEST { body } else { body.get(..HEAD).unwrap_or_default() };
    !candidate.folded.starts_with("-----begin") && holds(WORDS, looked_at)
}

/// A whole value that examples and local test databases use.
pub(super) fn is_example(candidate: &Candidate<'_>) -> bool {
    let folded = candidate.folded.as_str();
    let whole = folded.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let more = folded.len() <= LONGEST && !folded.starts_with("-----begin") && holds(MORE_WORDS, folded);
    more || folded.len() < 4 || is_one(VALUES, folded) || is_one(VALUES, whole) || is_repeated(whole)
}

/// `testtest`, `adminadmin`: a value of examples written twice.
fn is_repeated(whole: &str) -> bool {
    let (half, rest) = whole.split_at_checked(whole.len() / 2).unwrap_or_default();
    half == rest && is_one(VALUES, half)
}

/// Whether the value says what it is: `MyStrongPassword1234`, `s3cr3t-leaked`.
pub(super) fn names_its_kind(candidate: &Candidate<'_>) -> bool {
    let plain = plain(&unleet(&candidate.folded));
    candidate.secret.len() <= LONGEST && holds(KINDS, &plain)
}

fn unleet(folded: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        other => other,
    };
    folded.chars().map(letter).collect()
}
