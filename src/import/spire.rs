//! Registration entries of SPIRE. What an entry gives out is short-lived; the entry itself stays unless it ends.

use super::Shape;
use super::ends::end;
use super::listing::{Element, Holder, Listed};
use crate::model::{Expiry, IdentityKind, Readout};

/// Reads `spire-server entry show`.
pub(super) static FORMAT: Listed = Listed {
    id: "spire",
    title: "SPIRE registration entries",
    how_to_export: "spire-server entry show -output json > entries.json",
    lists: &["entries"],
    openings: &[],
    shapes: &[Shape { list: None, keys: &["spiffe_id", "parent_id", "selectors"] }],
    elements: &[Element::Other(entry)],
};

fn entry(holder: &mut Holder<'_, '_, '_>) {
    let node = holder.node;
    let (domain, path) = (node.at("spiffe_id.trust_domain").or_empty(), node.at("spiffe_id.path").or_empty());
    if domain.is_empty() {
        return holder.damaged("spiffe_id", "names no SPIFFE id");
    }
    let id = format!("spiffe://{domain}{path}");
    let mut facts = holder.facts(&[("entry", &["id"]), ("hint", &["hint"])]);
    for (key, name) in
        [("x509_svid_ttl", "max-session-seconds"), ("jwt_svid_ttl", "jwt-seconds"), ("expires_at", "entry-ends")]
    {
        // 0 stands for the server's own default, and for no end.
        let text = node.key(key).text().filter(|text| &**text != "0");
        facts.extend(text.map(|text| Readout::new(name, &text)));
    }
    for selector in node.key("selectors").list() {
        let text = format!("{}:{}", selector.key("type").or_empty(), selector.key("value").or_empty());
        facts.push(Readout::new("selector", &text));
    }
    holder.identity("spire", &id, IdentityKind::Workload, |identity| {
        identity.created = node.key("created_at").time();
        identity.facts.append(&mut facts);
    });
    let ends = node.key("expires_at").text().is_some_and(|text| text != "0");
    holder.lasts(if ends { end(node.key("expires_at"), Expiry::Unknown) } else { Expiry::Never });
    for right in ["admin", "downstream"] {
        if node.key(right).truth() == Some(true) {
            holder.gives("spire", &id, right, &domain);
        }
    }
}
