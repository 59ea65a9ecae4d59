//! A framework clause in words: the label that was asked for and the published id, both, and how they relate.

use crate::model::{Control, Relation};

/// Both labels in one line: `NHI-03 = NHI7:2025 Long-Lived Secrets (OWASP NHI Top 10)`.
pub(super) fn both(control: &Control) -> String {
    let Control { requested_label: label, framework, title, .. } = control;
    let published = match &control.published_id {
        None => return format!("{label} ({framework}: no published id found)"),
        Some(id) => format!("{id} {title} ({framework} {})", control.version),
    };
    let published = published.replace(" )", ")");
    if Some(label) == control.published_id.as_ref() { published } else { format!("{label} = {published}") }
}

/// Both labels without the title, for narrow places: `NHI-03 = NHI7:2025 (OWASP NHI Top 10 2025)`.
pub(super) fn brief(control: &Control) -> String {
    let Control { requested_label: label, framework, version, .. } = control;
    match &control.published_id {
        None => format!("{label} ({framework}: no published id found)"),
        Some(id) if id == label => format!("{id} ({framework} {version})"),
        Some(id) => format!("{label} = {id} ({framework} {version})"),
    }
}

/// Whether the clause is what somebody asked for, and not one that is merely touched as well.
pub(super) fn is_main(control: &Control) -> bool {
    matches!(control.relation, Relation::Exact | Relation::Primary | Relation::Unverifiable)
}
