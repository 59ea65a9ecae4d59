//! Lists that APIs of many systems answer: told by tables, since they differ in names only.

use std::borrow::Cow;

use serde_json::Value;

use super::ends::end;
use super::lookup::{Node, more_follows, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{
    Credential, CredentialId, Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, LastUse, Readout,
    Standing, StandingClass, Status,
};

/// A system with all lists of it that are read.
pub(super) struct Listed {
    /// See [`Importer::id`].
    pub(super) id: &'static str,
    /// See [`Importer::title`].
    pub(super) title: &'static str,
    /// See [`Importer::how_to_export`].
    pub(super) how_to_export: &'static str,
    /// The keys of the lists whose elements are records.
    pub(super) lists: &'static [&'static str],
    /// See [`Importer::openings`].
    pub(super) openings: &'static [&'static str],
    /// By which keys elements of its lists are recognised and told apart.
    pub(super) shapes: &'static [Shape],
    /// What elements of these shapes are, in the same order. Names of keys are compared in small letters, and shapes
    /// beyond these are other spellings.
    pub(super) elements: &'static [Element],
}

/// What an element of a list is.
pub(super) enum Element {
    /// A credential.
    Credential(Listing),
    /// A credential, and the permissions that it carries as grants of its holder.
    CredentialWith(Listing, fn(&mut Holder<'_, '_, '_>)),
    /// Something else.
    Other(fn(&mut Holder<'_, '_, '_>)),
}

impl Importer for Listed {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn how_to_export(&self) -> &'static str {
        self.how_to_export
    }

    fn layout(&self) -> Layout {
        Layout::Documents(self.lists)
    }

    fn shapes(&self) -> &'static [Shape] {
        self.shapes
    }

    fn openings(&self) -> &'static [&'static str] {
        self.openings
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, name: &str) -> Box<dyn Worker> {
        Box::new(Reader { shapes: self.shapes, elements: self.elements, named: stem(name).to_owned() })
    }
}

/// The file's name without folders and its last ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

struct Reader {
    shapes: &'static [Shape],
    elements: &'static [Element],
    named: String,
}

impl Worker for Reader {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(mut value) = parse(record, out) else { return };
        if let Value::Object(object) = &mut value {
            *object = std::mem::take(object).into_iter().map(|(key, value)| (folded(&key), value)).collect();
        }
        let node = Node::of(&value);
        let is = |shape: &Shape| shape.keys.iter().all(|key| is_there(node, key));
        let Some((_, element)) = self.shapes.iter().zip(self.elements).find(|(shape, _)| is(shape)) else {
            return out.ignore("elements of other lists");
        };
        let mut holder = Holder { node, record, out, named: &self.named, expiry: Expiry::Never, id: None };
        match element {
            Element::Credential(listing) => listing.read(&mut holder),
            Element::CredentialWith(listing, more) => {
                listing.read(&mut holder);
                more(&mut holder);
            }
            Element::Other(read) => read(&mut holder),
        }
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        more_follows(page, NEXT, out);
    }
}

/// How answers say that there is more of the list.
const NEXT: &[&str] = &["next_page_token", "has_more", "next"];

/// `CREATED_ON` as `created_on`; names in camel case stay.
fn folded(key: &str) -> String {
    if key.bytes().any(|byte| byte.is_ascii_lowercase()) { key.to_owned() } else { key.to_ascii_lowercase() }
}

/// Whether a key stands there, whatever its value; of `kind=role` with this text.
fn is_there(node: Node<'_>, key: &str) -> bool {
    if let Some((key, text)) = key.split_once('=') {
        return node.key(key).text().as_deref() == Some(text);
    }
    let (outer, key) = key.rsplit_once('.').map_or((node, key), |(outer, key)| (node.at(outer), key));
    outer.0.is_some_and(|value| value.get(key).is_some())
}

/// One element, and where its facts go.
pub(super) struct Holder<'h, 'r, 'o> {
    /// The element.
    pub(super) node: Node<'h>,
    /// Its record.
    pub(super) record: &'h Record<'r>,
    /// Where facts, counts and problems go.
    pub(super) out: &'h mut Out<'o>,
    /// The file's name.
    pub(super) named: &'h str,
    /// When the credential that was read from the element ends.
    expiry: Expiry,
    /// Its id.
    id: Option<String>,
}

impl Holder<'_, '_, '_> {
    /// An identity with facts; those without a value are left out.
    pub(super) fn identity(&mut self, system: &str, id: &str, kind: IdentityKind, fill: impl FnOnce(&mut Identity)) {
        let mut identity = Identity::observed(system, id, kind, self.record.evidence("identity", ""));
        fill(&mut identity);
        self.out.sink.identity(identity);
    }

    /// A role or permission that somebody holds for as long as the credential of this element lives, or for good.
    pub(super) fn gives(&mut self, system: &str, holder: &str, role: &str, scope: &str) {
        self.grant(system, holder, GrantObject::Role(role.into()), scope);
    }

    /// The same for anything that can be given.
    pub(super) fn grant(&mut self, system: &str, holder: &str, object: GrantObject, scope: &str) {
        let evidence = self.record.evidence("permission", "");
        self.out.sink.grant(Grant {
            scope: scope.into(),
            standing: Standing::Standing,
            expiry: self.expiry,
            id: self.id.as_deref().unwrap_or_default().into(),
            ..Grant::observed(system, holder, object, evidence)
        });
    }

    /// Until when what the element gives is given.
    pub(super) fn lasts(&mut self, expiry: Expiry) {
        self.expiry = expiry;
    }

    /// Something in the element is wrong.
    pub(super) fn damaged(&mut self, inside: &str, detail: &str) {
        self.out.problem(self.record, inside, GapReason::Damaged, detail);
    }

    /// Facts of the element, as they stand.
    pub(super) fn facts(&self, facts: &[(&str, &[&str])]) -> Vec<Readout> {
        let one = |(name, paths): &(&str, &[&str])| {
            let mut texts: Vec<Cow<'_, str>> = self.node.first(paths).texts();
            texts.sort();
            (!texts.is_empty()).then(|| Readout::new(name, &texts.join(",")))
        };
        facts.iter().filter_map(one).collect()
    }
}

/// How a list of credentials is laid out. Paths are those of [`Node::at`]; of several the first that is there counts.
pub(super) struct Listing {
    /// The system of the ids.
    pub(super) system: &'static str,
    /// The type of credential: the id of its secret rule where it has one.
    pub(super) kind: &'static str,
    /// The human name of the type.
    pub(super) title: &'static str,
    /// The parts of the id, and what is put before it where ids of other types could be the same.
    pub(super) id: (&'static str, &'static [&'static str]),
    /// Whose it is, and what is put before it so that it is the id of an identity.
    pub(super) owner: (&'static str, &'static [&'static str]),
    /// When it was made, or last set anew.
    pub(super) created: &'static [&'static str],
    /// When it ends.
    pub(super) ends: Ends,
    /// When it was last used, and what it means that nothing stands there.
    pub(super) used: (&'static [&'static str], LastUse),
    /// Whether it works.
    pub(super) works: &'static [Works],
    /// Facts to tell: the name and the paths of each. Never a value of a secret.
    pub(super) facts: &'static [(&'static str, &'static [&'static str])],
}

/// How a list says when credentials end.
pub(super) enum Ends {
    /// Under these paths; without a value, or with one of those that mean it, as given.
    Or(&'static [&'static str], Expiry),
    /// Under these paths, but use moves the end.
    Slides(&'static [&'static str]),
    /// It does not say, and this is known of the type.
    Always(Expiry),
}

/// How a list says whether a credential works.
pub(super) enum Works {
    /// This path holds a truth value that says so.
    If(&'static str),
    /// This path holds a truth value that says that it does not.
    Unless(&'static str),
    /// This path holds this word, in any case, if it works, and another if it does not.
    Word(&'static str, &'static str),
}

impl Listing {
    /// Reads one element. An id that begins with `#` is one that only the file tells apart from others.
    pub(super) fn read(&self, holder: &mut Holder<'_, '_, '_>) {
        let node = holder.node;
        let (prefix, paths) = self.id;
        let parts: Vec<Cow<'_, str>> = paths.iter().filter_map(|path| node.at(path).text()).collect();
        if parts.is_empty() {
            return holder.damaged(paths.first().copied().unwrap_or_default(), "has no id");
        }
        let id = match prefix.strip_prefix('#') {
            Some(prefix) => {
                CredentialId::derived(self.system, &format!("{prefix}{}#{}", holder.named, parts.join("@")))
            }
            None => CredentialId::issued(self.system, &format!("{prefix}{}", parts.join("/"))),
        };
        holder.id = Some(id.to_string());
        let mut credential = Credential::observed(id, self.kind, self.title, holder.record.evidence(self.title, ""));
        let (prefix, paths) = self.owner;
        credential.principal = node.first(paths).text().map(|owner| format!("{prefix}{owner}").into());
        credential.created = node.first(self.created).time();
        (credential.expiry, credential.standing) = self.ends.of(node);
        holder.expiry = credential.expiry;
        let (paths, without) = self.used;
        credential.last_use = node.first(paths).time().map_or(without, LastUse::At);
        credential.status = status(self.works, node);
        credential.readouts = holder.facts(self.facts);
        holder.out.sink.credential(credential);
    }
}

impl Ends {
    fn of(&self, node: Node<'_>) -> (Expiry, StandingClass) {
        let expiry = match self {
            Self::Always(expiry) => *expiry,
            Self::Or(paths, without) => end(node.first(paths), *without),
            Self::Slides(paths) => return (end(node.first(paths), Expiry::Unknown), StandingClass::Standing),
        };
        (expiry, if expiry == Expiry::Never { StandingClass::Standing } else { StandingClass::Depends })
    }
}

/// What the list says about whether something works: every sign must say so.
pub(super) fn status(works: &[Works], node: Node<'_>) -> Status {
    let says = |sign: &Works| match sign {
        Works::If(path) => node.at(path).truth(),
        Works::Unless(path) => node.at(path).truth().map(|is| !is),
        Works::Word(path, word) => node.at(path).text().map(|text| text.eq_ignore_ascii_case(word)),
    };
    let said: Vec<bool> = works.iter().filter_map(says).collect();
    match said.iter().all(|works| *works) {
        _ if said.is_empty() => Status::Unknown,
        true => Status::Active,
        false => Status::Inactive,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_sign_that_it_does_not_work_is_enough() {
        let value = json!({"active": true, "revoked": true, "state": "ACTIVE"});
        let of = |works: &[Works]| status(works, Node::of(&value));
        assert_eq!(of(&[Works::If("active"), Works::Unless("revoked")]), Status::Inactive);
        assert_eq!(of(&[Works::If("active"), Works::Word("state", "active")]), Status::Active);
        assert_eq!(of(&[Works::If("enabled")]), Status::Unknown);
    }
}
