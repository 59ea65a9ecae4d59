//! Google service-account key files: the fields beside the private key.

use super::{Reading, Surroundings, private_key};

/// The other fields lie within so many bytes of the key.
const FILE: usize = 4096;

/// Reads project, account and key id from the JSON around the key.
pub(super) fn service_account(secret: &str, around: &Surroundings<'_>) -> Reading {
    let mut reading = private_key::read(secret, around);
    let (before, after) = around.beside(FILE);
    // Only this object: braces do not occur inside the file.
    let before = before.rsplit(|&byte| byte == b'{').next().unwrap_or_default();
    let after = after.split(|&byte| byte == b'}').next().unwrap_or_default();
    let texts = [before, around.matched(), after].map(String::from_utf8_lossy);
    for (field, name) in [("client_email", "email"), ("project_id", "gcp-project"), ("private_key_id", "key-id")] {
        if let Some(value) = texts.iter().find_map(|text| value_of(text, field)) {
            reading.tell(name, &value);
        }
    }
    reading
}

/// The string value of a field; quotes may be escaped, as in a JSON file that lies inside a JSON string.
fn value_of(text: &str, field: &str) -> Option<String> {
    let quoted = text.match_indices(field).map(|(at, _)| &text[at + field.len()..]);
    quoted
        .filter_map(|rest| rest.trim_start_matches(['\\', '"']).trim_start().strip_prefix(':'))
        .filter_map(|rest| rest.trim_start().trim_start_matches('\\').strip_prefix('"'))
        .map(|rest| rest.chars().take_while(|c| !matches!(c, '"' | '\\' | '\n')).collect::<String>())
        .find(|value| !value.is_empty() && !value.contains("-----"))
}

#[cfg(test)]
mod tests {
    use super::value_of;

    #[test]
    fn a_field_is_read_from_plain_and_from_escaped_json() {
        let plain = r#"{"client_email": "ci@example.iam.gserviceaccount.com", "x": 1}"#;
        let escaped = r#"{\"client_email\":\"ci@example.iam.gserviceaccount.com\"}"#;
        for text in [plain, escaped] {
            assert_eq!(value_of(text, "client_email").as_deref(), Some("ci@example.iam.gserviceaccount.com"));
        }
    }

    #[test]
    fn a_missing_field_and_one_without_value_are_nothing() {
        assert_eq!(value_of(r#"{"project_id": ""}"#, "project_id"), None);
        assert_eq!(value_of("{}", "project_id"), None);
    }
}
