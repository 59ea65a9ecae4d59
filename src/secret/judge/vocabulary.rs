//! Lists of words, written as one text each.

/// Whether a word of the list occurs in `text`.
pub(super) fn holds(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|word| text.contains(word))
}

/// Whether `text` is a word of the list.
pub(super) fn is_one(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|word| word == text)
}

/// Whether `text` begins with a word of the list.
pub(super) fn begins(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|word| text.starts_with(word))
}

/// Whether `text` ends with a word of the list.
pub(super) fn ends(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|word| text.ends_with(word))
}
