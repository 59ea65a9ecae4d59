//! Settings that guard the issuing of access: conditional access, role settings, who is trusted for a domain.

use super::Audit;
use crate::import::Out;
use crate::model::{EventKind, Sink};

/// Pushes what was relaxed; false if nothing was.
pub(super) fn relaxed(audit: &Audit<'_>, out: &mut Out<'_>) -> bool {
    let name = audit.activity.as_str();
    match name {
        "delete conditional access policy" => was_in_force(audit) && weakened(audit, out.sink),
        "update conditional access policy" => loosened(audit) && weakened(audit, out.sink),
        "set federation settings on domain" | "set domain authentication" | "disable strong authentication" => {
            weakened(audit, out.sink)
        }
        _ if name.starts_with("update role setting") && name.contains("pim") => {
            let known = eased(audit);
            out.note(
                "changed role settings of which the record does not say that they were relaxed",
                u64::from(!known),
            );
            known && weakened(audit, out.sink)
        }
        _ if name.starts_with("offboard") && name.contains("pim") => weakened(audit, out.sink),
        _ => false,
    }
}

fn weakened(audit: &Audit<'_>, sink: &mut dyn Sink) -> bool {
    let target = audit.entry.part.each("targetResources").find_map(|(_, target)| target.first(&["displayName", "id"]));
    let mut event = audit.event(EventKind::Weakened);
    event.target = target;
    sink.event(&event);
    true
}

/// Without spaces, so that a setting and its value can be looked for.
fn states(audit: &Audit<'_>) -> Option<(String, String)> {
    let dense = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    let mut all = audit.modified().filter(|(name, ..)| *name == "ConditionalAccessPolicy");
    all.next().map(|(_, old, new)| (dense(&old), dense(&new)))
}

const IN_FORCE: &str = r#""state":"enabled""#;

fn was_in_force(audit: &Audit<'_>) -> bool {
    states(audit).is_none_or(|(old, _)| old.contains(IN_FORCE))
}

/// Switched off or to reporting only, or no longer asking for a second factor.
fn loosened(audit: &Audit<'_>) -> bool {
    let Some((old, new)) = states(audit) else { return false };
    let asks = |text: &str| text.contains(r#""mfa""#) || text.contains("authenticationstrength\":{");
    old.contains(IN_FORCE) && (!new.contains(IN_FORCE) || (asks(&old) && !asks(&new)))
}

/// A requirement of a role that was switched off.
fn eased(audit: &Audit<'_>) -> bool {
    const GUARDS: [&str; 6] = ["approv", "mfa", "multifactor", "justification", "ticket", "authenticationcontext"];
    audit.modified().any(|(name, old, new)| {
        let name = name.to_lowercase();
        let guards = GUARDS.iter().any(|guard| name.contains(guard));
        guards && old.to_lowercase().contains("true") && new.to_lowercase().contains("false")
    })
}
