//! A match as a judge sees it: the value, the name it is assigned to, and what stands around it.

use std::borrow::Cow;

use crate::rules::secret::SecretRule;
use crate::secret::evidence::Surroundings;

/// How much of the line before and after a value is looked at.
const BESIDE: usize = 96;
/// How much of the text around a value tells minified code from written code.
const NEIGHBOURHOOD: usize = 400;
/// What stands between a name and its value.
const SEPARATORS: [char; 16] = [' ', '\t', '\r', '"', '\'', '`', '=', ':', '>', ']', '(', ',', '\\', '|', '{', '?'];

/// A value that may be a secret.
pub(super) struct Candidate<'a> {
    pub(super) rule: &'a SecretRule,
    /// As matched.
    pub(super) secret: &'a str,
    /// In lower case.
    pub(super) folded: String,
    /// The identifier before the value on its line, in lower case with its `_`, `-` and `.`; empty where there is none.
    pub(super) name: String,
    /// The line before the value, in lower case.
    pub(super) before: String,
    /// The line after the value.
    pub(super) after: Cow<'a, str>,
    /// The text around the value, across lines.
    pub(super) around: &'a [u8],
}

impl<'a> Candidate<'a> {
    pub(super) fn new(rule: &'a SecretRule, secret: &'a str, at: &Surroundings<'a>) -> Self {
        let range = at.range.clone();
        let slice = |from: usize, to: usize| at.text.get(from..to.min(at.text.len())).unwrap_or_default();
        let before = slice(range.start.saturating_sub(BESIDE), range.start);
        let before = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let after = slice(range.end, range.end.saturating_add(BESIDE));
        let after = after.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let before = String::from_utf8_lossy(before).to_ascii_lowercase();
        // A value on a line of its own below its name: the match begins with the name.
        let first = slice(at.whole.start, range.start).split(|&byte| byte == b'\n').next().unwrap_or_default();
        let spans_lines = at.whole.start.saturating_add(first.len()) < range.start && first.len() <= BESIDE;
        let naming = if spans_lines { String::from_utf8_lossy(first).to_ascii_lowercase() } else { before.clone() };
        Self {
            rule,
            secret,
            folded: secret.to_ascii_lowercase(),
            name: name_in(&naming).to_owned(),
            before,
            after: String::from_utf8_lossy(after),
            around: slice(range.start.saturating_sub(NEIGHBOURHOOD), range.end.saturating_add(NEIGHBOURHOOD)),
        }
    }

    /// The same place with what the value encodes in place of the value.
    pub(super) fn holding<'b>(&'b self, secret: &'b str) -> Candidate<'b> {
        Candidate {
            rule: self.rule,
            secret,
            folded: secret.to_ascii_lowercase(),
            name: self.name.clone(),
            before: self.before.clone(),
            after: Cow::Borrowed(&self.after),
            around: self.around,
        }
    }

    /// The value in lower case without the literal that all values of its kind begin with.
    pub(super) fn body(&self) -> &str {
        let prefixes = self.rule.keywords.iter().map(|keyword| keyword.to_ascii_lowercase());
        let bodies = prefixes.filter_map(|prefix| self.folded.strip_prefix(prefix.as_str()));
        bodies.min_by_key(|rest| rest.len()).unwrap_or(&self.folded)
    }

    /// The name without anything but letters and digits.
    pub(super) fn plain_name(&self) -> String {
        plain(&self.name)
    }

    /// Whether the name says that people choose the value.
    pub(super) fn is_password(&self) -> bool {
        let name = if self.name.is_empty() { &self.before } else { &self.name };
        ["pass", "pwd"].iter().any(|word| name.contains(word))
    }
}

/// Letters and digits only.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The last identifier of a line, where the line ends in front of a value. `key="Password" value="` is named by its key.
fn name_in(before: &str) -> &str {
    let trimmed = before.trim_end_matches(SEPARATORS);
    let trimmed = match trimmed.strip_suffix("value") {
        Some(rest) if rest.ends_with([' ', '\t', '"', '\'']) => rest.trim_end_matches(SEPARATORS),
        _ => trimmed,
    };
    let start = trimmed.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    let start = start.and_then(|at| Some(at + trimmed.get(at..)?.chars().next()?.len_utf8()));
    trimmed.get(start.unwrap_or_default()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn the_name_is_the_identifier_before_the_separators() {
        for (before, name) in [
            ("    \"db.password\": \"", "db.password"),
            ("export token=", "token"),
            ("<add key=\"password\" value=\"", "password"),
            ("config['secret_key'] = '", "secret_key"),
            ("schlüssel: ", "ssel"),
            ("", ""),
        ] {
            assert_eq!(name_in(before), name);
        }
    }
}
