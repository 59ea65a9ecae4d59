//! Paths as they may be shown: old forms of the API carry tokens in the path.

use std::borrow::Cow;

/// The path with every part that may be a token, or a secret that stands in for one, taken out.
pub(super) fn shown(path: &str) -> Cow<'_, str> {
    const CARRIERS: &[&str] = &[
        "auth/token/lookup/",
        "auth/token/renew/",
        "auth/token/revoke/",
        "auth/token/revoke-orphan/",
        "auth/token/lookup-accessor/",
        "auth/token/revoke-accessor/",
    ];
    if let Some(carrier) = CARRIERS.iter().find(|carrier| path.starts_with(**carrier)) {
        return Cow::Owned(format!("{carrier}*"));
    }
    if !path.split('/').any(is_token) {
        return Cow::Borrowed(path);
    }
    let parts: Vec<&str> = path.split('/').map(|part| if is_token(part) { "*" } else { part }).collect();
    Cow::Owned(parts.join("/"))
}

/// Tokens of all ages: `hvs.`, `hvb.`, `hvr.` and, before 1.10, `s.`, `b.`, `r.` with 24 characters or more.
fn is_token(part: &str) -> bool {
    let rest = part.strip_prefix("hv").unwrap_or(part);
    let body = ["s.", "b.", "r."].iter().find_map(|prefix| rest.strip_prefix(prefix));
    body.is_some_and(|body| body.len() >= 20)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_token_in_a_path_is_not_shown() {
        let token = format!("hvs.{}", "FAKE".repeat(8));
        assert_eq!(shown(&format!("auth/token/lookup/{token}")), "auth/token/lookup/*");
        assert_eq!(shown(&format!("cubbyhole/{token}/x")), "cubbyhole/*/x");
        assert_eq!(shown("database/creds/readonly"), "database/creds/readonly");
    }
}
