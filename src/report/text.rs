//! Makes text from inputs safe to show: what a file name or an export says must not drive a terminal or a renderer.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;

/// Whether a character could move the cursor, hide text or reverse its order: controls, bidirectional overrides,
/// invisible characters and line separators.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text with white space characters as blanks and unsafe characters spelled out, as in `\u{1b}`.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            _ if is_unsafe(character) => {
                let _infallible = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// [`plain`] text of at most `most` characters; a cut is shown.
pub(super) fn clip(text: &str, most: usize) -> String {
    let head: String = text.chars().take(most + 1).collect();
    let safe = plain(&head);
    if safe.chars().count() <= most {
        return safe.into_owned();
    }
    safe.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// [`plain`] text of at most `most` characters, cut in the middle: the ends of paths and ids tell most.
pub(super) fn squeeze(text: &str, most: usize) -> String {
    let bounded = clip(text, 4096);
    let length = bounded.chars().count();
    if length <= most || most < 8 {
        return bounded;
    }
    let head = (most - 1) / 4;
    let tail = most - 1 - head;
    bounded.chars().take(head).chain(['…']).chain(bounded.chars().skip(length - tail)).collect()
}

/// An ARN without its partition, service and account: `user/ci-deploy`; other ids as they are.
pub(super) fn short_id(id: &str) -> &str {
    let resource = || id.strip_prefix("arn:")?.splitn(5, ':').nth(4);
    resource().filter(|resource| !resource.is_empty()).unwrap_or(id)
}

/// A time to the minute, in UTC: `2026-01-31 12:00 UTC`.
pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A count with thousands separators: `1,284`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 file`, `1,284 files`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_is_spelled_out() {
        assert_eq!(plain("a\u{1b}]0;owned\u{7}b\u{9b}2J"), "a\\u{1b}]0;owned\\u{7}b\\u{9b}2J");
    }

    #[test]
    fn a_bidirectional_override_is_spelled_out() {
        assert_eq!(plain("exe.\u{202e}gpj"), "exe.\\u{202e}gpj");
        assert_eq!(plain("\u{2066}x\u{2069}"), "\\u{2066}x\\u{2069}");
    }

    #[test]
    fn a_line_break_becomes_a_blank() {
        assert_eq!(plain("a\r\nb\tc"), "a  b c");
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        assert_eq!(plain("Schlüssel 鍵 مفتاح"), "Schlüssel 鍵 مفتاح");
    }

    #[test]
    fn a_cut_is_shown_and_escapes_count_towards_the_length() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
        assert!(clip(&"\u{1b}".repeat(100), 10).chars().count() <= 10);
    }

    #[test]
    fn a_squeezed_path_keeps_both_ends() {
        let short = squeeze("repositories/payments/.github/workflows/deploy.yml", 24);
        assert_eq!(short.chars().count(), 24);
        assert!(short.starts_with("repos…") && short.ends_with("deploy.yml"), "{short}");
    }

    #[test]
    fn an_arn_is_shortened_to_what_it_names() {
        assert_eq!(short_id("arn:aws:iam::111122223333:user/ci"), "user/ci");
        assert_eq!(
            ["arn:", "arn:aws:iam", "AKIA", "a:b:c:d:e:f"].map(short_id),
            ["arn:", "arn:aws:iam", "AKIA", "a:b:c:d:e:f"]
        );
    }

    #[test]
    fn counts_have_thousands_separators() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "file", "files"), "1 file");
    }
}
