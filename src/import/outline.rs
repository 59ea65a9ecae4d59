//! The keys of a JSON or YAML object, also of one that is cut: enough to tell formats apart.

use std::collections::BTreeSet;

/// How many keys are collected.
const MAX_KEYS: usize = 512;
/// Keys whose text tells what an object is; they are collected with it: `kind=ClusterRole`.
const TELLING: &[&str] = &["kind", "type"];

/// The keys of the object that `text` starts with, and those of the objects directly in it, or in a list directly in it,
/// as `outer.inner`; what it calls itself as `kind=Pod`. An object that a text directly in it holds counts like one
/// directly in it. What follows the object, or is cut off, does not matter.
pub(super) fn keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut outer = String::new();
    let mut open: Vec<char> = Vec::new();
    let mut last: Option<String> = None;
    let mut telling: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                if open == ['{'] && last.is_none() && chars.as_str().starts_with("{\\\"") {
                    keys_in_text(chars.as_str(), &outer, &mut keys);
                }
                last = string(&mut chars);
                if let (Some(key), Some(value)) = (telling.take(), &last) {
                    keys.insert(format!("{key}={value}"));
                }
            }
            ':' if open.last() == Some(&'{') => {
                let Some(key) = last.take() else { continue };
                match open.as_slice() {
                    [_] => {
                        telling = TELLING.contains(&key.as_str()).then(|| key.clone());
                        outer.clone_from(&key);
                        keys.insert(key);
                    }
                    [_, _] | [_, '[', _] => {
                        keys.insert(format!("{outer}.{key}"));
                    }
                    _ => {}
                }
            }
            '{' | '[' => {
                telling = None;
                open.push(c);
            }
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

/// How much of an object in a text is looked at.
const MAX_INNER: usize = 8192;

/// The keys of the object that a text of JSON holds, of which this is the rest, as `outer.key`.
fn keys_in_text(rest: &str, outer: &str, found: &mut BTreeSet<String>) {
    let mut text = String::new();
    let mut chars = rest.chars().take(MAX_INNER);
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => text.extend(chars.next().map(|c| if matches!(c, 'n' | 'r' | 't') { ' ' } else { c })),
            _ => text.push(c),
        }
    }
    found.extend(keys(&text).iter().filter(|key| !key.contains(['.', '='])).map(|key| format!("{outer}.{key}")));
}

/// An object of a YAML document: its keys, as [`keys`] has them, and the list of the document it stands in.
#[derive(Debug, Default)]
pub(super) struct YamlObject {
    /// The key of the list.
    pub(super) list: Option<&'static str>,
    /// Its keys.
    pub(super) keys: BTreeSet<String>,
}

/// The objects of the YAML documents in `text`: the documents themselves, and before each the elements of its lists under
/// a key of `containers`. Only block style is understood, as programs write it; a last line may be cut.
pub(super) fn yaml_objects(text: &str, containers: &'static [&'static str], max: usize) -> Vec<YamlObject> {
    let (mut found, mut document, mut outer) = (Vec::new(), YamlObject::default(), String::new());
    let (mut list, mut at): (Option<&'static str>, Option<usize>) = (None, None);
    for line in text.lines() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if line.starts_with("---") || line.starts_with("...") {
            found.push(std::mem::take(&mut document));
            list = None;
        } else if body.is_empty() || body.starts_with('#') {
            // Says nothing.
        } else if let (Some(list), Some(rest), true) =
            (list, body.strip_prefix("- "), at.is_none_or(|at| at == indent + 2))
        {
            found.push(YamlObject { list: Some(list), keys: BTreeSet::new() });
            at = Some(indent + 2);
            key_of_line(rest, true, &mut outer, found.last_mut().map(|object| &mut object.keys));
        } else if indent == 0 {
            key_of_line(body, true, &mut outer, Some(&mut document.keys));
            (list, at) = (containers.iter().find(|name| body.strip_prefix(**name) == Some(":")).copied(), None);
        } else if let (Some(_), Some(at)) = (list, at) {
            let object = found.last_mut().map(|object| &mut object.keys);
            key_of_line(body, indent == at, &mut outer, object.filter(|_| indent == at || indent == at + 2));
        } else {
            key_of_line(body, false, &mut outer, Some(&mut document.keys).filter(|_| indent <= 4));
        }
        if found.len() >= max {
            break;
        }
    }
    found.push(document);
    found.retain(|object| !object.keys.is_empty());
    found
}

/// Notes the key that a line begins with: one of the object itself, or of the object under `outer`.
fn key_of_line(line: &str, is_own: bool, outer: &mut String, keys: Option<&mut BTreeSet<String>>) {
    let is_key = |(key, _): &(&str, &str)| key.len() < 256 && !key.starts_with("- ");
    let Some((key, value)) = line.split_once(':').filter(is_key) else { return };
    let (key, value) = (key.trim_matches(['"', '\'']), value.trim().trim_matches(['"', '\'']));
    let Some(keys) = keys.filter(|keys| keys.len() < MAX_KEYS) else { return };
    if !is_own {
        keys.insert(format!("{outer}.{key}"));
        return;
    }
    if TELLING.contains(&key) && value.len() < 256 {
        keys.insert(format!("{key}={value}"));
    }
    key.clone_into(outer);
    keys.insert(key.to_owned());
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
    fn what_an_object_calls_itself_is_told() {
        let found = keys(r#"{"kind": "Pod", "type": {"a": "b"}, "spec": {"kind": "x"}}"#);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["kind", "kind=Pod", "spec", "spec.kind", "type", "type.a"]);
    }

    #[test]
    fn the_objects_of_yaml_are_its_documents_and_the_elements_of_known_lists() {
        let text = "# c\nkind: List\nitems:\n- kind: Role\n  metadata:\n    name: x\n  rules:\n  - verbs:\n\
                    - kind: Pod\nmetadata: {}\n---\nkind: \"Role\"\nmetadata:\n  name: y\n";
        let found = super::yaml_objects(text, &["items"], 64);
        let shown: Vec<String> = found
            .iter()
            .map(|object| format!("{:?} {}", object.list, object.keys.iter().cloned().collect::<Vec<_>>().join(" ")))
            .collect();
        assert_eq!(
            shown,
            [
                "Some(\"items\") kind kind=Role metadata metadata.name rules",
                "Some(\"items\") kind kind=Pod",
                "None items kind kind=List metadata",
                "None kind kind=Role metadata metadata.name",
            ]
        );
    }

    #[test]
    fn an_object_in_a_text_counts_like_one_in_the_object() {
        let found = keys(r#"{"id": 7, "message": "{\"a\": {\"b\": \"}\"},\n\"c\": 1, \"d", "e": "{f\": 1}"}"#);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["e", "id", "message", "message.a", "message.c"]);
    }

    #[test]
    fn what_follows_the_object_is_not_read() {
        assert_eq!(keys(r#"{"a":1}{"b":2}"#).len(), 1);
    }
}
