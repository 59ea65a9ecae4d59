//! The keys of a JSON object, also of one that is cut: enough to tell formats apart.

use std::collections::BTreeSet;

/// How many keys are collected.
const MAX_KEYS: usize = 512;

/// The keys of the object that `text` starts with, and those of the objects directly in it, or in a list directly in it,
/// as `outer.inner`. What follows the object, or is cut off, does not matter.
pub(super) fn keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut outer = String::new();
    let mut open: Vec<char> = Vec::new();
    let mut last: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => last = string(&mut chars),
            ':' if open.last() == Some(&'{') => {
                let Some(key) = last.take() else { continue };
                match open.as_slice() {
                    [_] => {
                        outer.clone_from(&key);
                        keys.insert(key);
                    }
                    [_, _] | [_, '[', _] => {
                        keys.insert(format!("{outer}.{key}"));
                    }
                    _ => {}
                }
            }
            '{' | '[' => open.push(c),
            '}' | ']' => {
                open.pop();
            }
            _ => {}
        }
        if open.is_empty() && !keys.is_empty() || keys.len() >= MAX_KEYS || open.len() > 128 {
            break;
        }
    }
    keys
}

fn string(chars: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(text),
            '\\' => {
                chars.next();
            }
            _ if text.len() < 256 => text.push(c),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn the_keys_of_two_levels_are_found_even_if_the_object_is_cut() {
        let found = keys(r#"{"a": 1, "b": {"c": ["d", {"e": 1}], "f\"": 2}, "g": "h:i", "j": "cut"#);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["a", "b", "b.c", "b.f", "g", "j"]);
    }

    #[test]
    fn the_keys_of_objects_in_a_list_are_found() {
        let found = keys(r#"{"a": [{"b": {"c": 1}}, {"d": [{"e": 1}]}]}"#);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["a", "a.b", "a.d"]);
    }

    #[test]
    fn what_follows_the_object_is_not_read() {
        assert_eq!(keys(r#"{"a":1}{"b":2}"#).len(), 1);
    }
}
