//! The public half of a secret that its name tells: the client id or the user name on one of the lines around it.

use super::{Reading, Surroundings, login};

/// The public half stands within so many bytes of the secret, and within so many lines.
const NEAR: usize = 240;
const LINES: usize = 3;
/// No client id is longer, and none shorter.
const CLIENT_ID: std::ops::RangeInclusive<usize> = 6..=100;

/// Reads what stands beside `secret`.
pub(super) fn read(secret: &str, around: &Surroundings<'_>) -> Reading {
    let mut reading = Reading::default();
    let range = &around.range;
    let text = |from: usize, to: usize| around.text.get(from..to.min(around.text.len())).unwrap_or_default();
    let before = String::from_utf8_lossy(text(range.start.saturating_sub(NEAR), range.start)).into_owned();
    let after = String::from_utf8_lossy(text(range.end, range.end.saturating_add(NEAR))).into_owned();
    let name = before.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    let before: Vec<&str> = before.rsplit('\n').take(LINES + 1).collect();
    let lines: Vec<&str> = before.into_iter().chain(after.split('\n').take(LINES + 1)).collect();
    if name.contains("client") {
        let ids = lines.iter().filter_map(|line| assigned(line, &["client_id", "clientid", "client-id"]));
        let fits = |id: &&str| CLIENT_ID.contains(&id.len()) && *id != secret;
        ids.into_iter().find(fits).into_iter().for_each(|id| reading.tell("client-id", id));
    } else if ["pass", "pwd"].iter().any(|word| name.contains(word)) {
        let users = lines.iter().filter_map(|line| assigned(line, &["username", "user_name", "user", "login"]));
        let plain = |user: &&str| login::is_plain_name(user) && *user != secret;
        users.into_iter().find(plain).into_iter().for_each(|user| reading.tell("user", user));
    }
    reading
}

/// The value that a line assigns to one of these names.
fn assigned<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    let folded = line.to_ascii_lowercase();
    let value = |name: &&str| {
        let from = line.get(folded.find(*name)? + name.len()..)?;
        let rest = from.trim_start_matches(['"', '\'', ']', ')', ' ', '\t']);
        let rest = rest.strip_prefix([':', '=', ','])?.trim_start_matches(['=', '>', ' ', '\t', '"', '\'', '`']);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
        let end = rest.find(|c: char| !plain(c)).unwrap_or(rest.len());
        rest.get(..end).filter(|value| !value.is_empty())
    };
    names.iter().find_map(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, secret: &str) -> Vec<(String, String)> {
        let start = text.find(secret).unwrap_or_default();
        let range = start..start + secret.len();
        let reading = read(secret, &Surroundings { text: text.as_bytes(), whole: range.clone(), range });
        reading.readouts.iter().map(|fact| (fact.name.to_string(), fact.value.to_string())).collect()
    }

    fn fact(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn a_client_secret_tells_the_client_id_beside_it() {
        let json = "{\"clientId\": \"web-4711\",\n \"clientSecret\": \"s3cr3tvalue\"}";
        assert_eq!(told(json, "s3cr3tvalue"), fact("client-id", "web-4711"));
        let env = "OAUTH_CLIENT_SECRET=s3cr3tvalue\nOAUTH_CLIENT_ID=web-4711\n";
        assert_eq!(told(env, "s3cr3tvalue"), fact("client-id", "web-4711"));
    }

    #[test]
    fn a_password_tells_its_user_and_nothing_that_could_be_a_secret() {
        assert_eq!(told("username: shop\npassword: s3cr3tvalue\n", "s3cr3tvalue"), fact("user", "shop"));
        assert!(told("username: 9F86d081884c7d65\npassword: s3cr3tvalue\n", "s3cr3tvalue").is_empty());
        assert!(told("user: samesame\npassword: samesame\n", "samesame").is_empty());
    }

    #[test]
    fn what_stands_far_away_belongs_to_something_else() {
        assert!(told("username: shop\n\n\n\n\npassword: s3cr3tvalue\n", "s3cr3tvalue").is_empty());
    }
}
