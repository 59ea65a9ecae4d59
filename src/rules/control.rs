//! Frameworks as data: literal lists of published ids, and the labels under which people ask for them.
//!
//! Findings never name a framework; checks cite entries of these lists. A row whose relation is `conflict` is kept so
//! that it can be explained, but it is of a type that cannot become a [`Control`] of a finding.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::model::{Control, Relation};
use crate::yaml;

use super::embedded;
use super::nearest::suggestion;

/// A file of `rules/controls` that says something impossible.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no YAML of the right form.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// A label points to an id that its framework does not list.
    #[error("rules/controls: label {label} of {framework} points to {id}, which is not in its list{suggestion}")]
    LabelWithoutId {
        /// The framework's key.
        framework: String,
        /// The label.
        label: String,
        /// The id that is not listed.
        id: String,
        /// The nearest id.
        suggestion: String,
    },
    /// Two files describe one framework.
    #[error("rules/controls: framework {0} is described twice")]
    Twice(String),
    /// There is no framework at all.
    #[error("rules/controls holds no framework")]
    Empty,
    /// A check cites something that no list holds.
    #[error("{check}: unknown control `{given}`{suggestion}")]
    Unknown {
        /// The check.
        check: String,
        /// What it cites.
        given: String,
        /// The nearest citation.
        suggestion: String,
    },
    /// A check cites an id that only stands in a conflict row.
    #[error("{check}: `{given}` conflicts with the label {label} and is never emitted: {why}")]
    Conflict {
        /// The check.
        check: String,
        /// What it cites.
        given: String,
        /// The label.
        label: String,
        /// Why they conflict.
        why: String,
    },
    /// A check cites one published form of a label and leaves out another.
    #[error("{check}: cites `{given}` for the label {label} without `{missing}`; both are shown, or none")]
    HalfOfLabel {
        /// The check.
        check: String,
        /// What it cites.
        given: String,
        /// The label.
        label: String,
        /// What is missing.
        missing: String,
    },
}

/// A row that is known to be wrong: this label never means this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The label asked for.
    pub label: String,
    /// The citation (`framework key/id`) that looks like it.
    pub cites: String,
    /// Why it is another thing.
    pub why: String,
}

/// A label people ask for, and what it means in publications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The four fields and the title.
    pub control: Control,
    /// Why it means that.
    pub why: String,
    always: bool,
}

/// All frameworks.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    published: BTreeMap<String, Control>,
    meanings: BTreeMap<String, Vec<Meaning>>,
    unverifiable: Vec<Meaning>,
    conflicts: Vec<Conflict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    key: String,
    framework: String,
    version: String,
    ids: BTreeMap<String, String>,
    labels: Vec<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Label {
    #[serde(rename = "label")]
    asked: String,
    id: Option<String>,
    relation: RowRelation,
    #[serde(default)]
    shown: Shown,
    why: String,
}

/// What a row may say. Only some of it is a [`Relation`].
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RowRelation {
    Exact,
    Primary,
    Secondary,
    Unverifiable,
    Conflict,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Shown {
    #[default]
    Always,
    OnRequest,
}

impl Controls {
    /// The frameworks inside the binary.
    pub fn embedded() -> Result<Self, Error> {
        Self::read(embedded::yaml("rules/controls/"))
    }

    /// Frameworks from files, given as name and text.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut controls = Self::default();
        let mut keys = BTreeSet::new();
        for (name, text) in files {
            let file: File = yaml::parse(name, text)?;
            if !keys.insert(file.key.clone()) {
                return Err(Error::Twice(file.key));
            }
            controls.add(&file)?;
        }
        if controls.published.is_empty() { Err(Error::Empty) } else { Ok(controls) }
    }

    /// All citations (`framework key/id`) in order.
    pub fn citations(&self) -> impl Iterator<Item = &str> {
        self.published.keys().map(String::as_str)
    }

    /// The rows that are known to be wrong.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// Everything a label means, for `explain`: empty where nobody asks under this label.
    pub fn label(&self, label: &str) -> Vec<&Meaning> {
        let known = self.meanings.values().flatten().chain(&self.unverifiable);
        known.filter(|meaning| meaning.control.requested_label.eq_ignore_ascii_case(label)).collect()
    }

    /// The clauses that citations stand for, each under the label in use for it. Unknown citations were refused when
    /// the checks were read, so none is lost here.
    pub fn resolve(&self, cites: &[String]) -> Vec<Control> {
        let mut controls = Vec::new();
        for cite in cites {
            let labelled: Vec<Control> = self.always(cite).map(|meaning| meaning.control.clone()).collect();
            if labelled.is_empty() {
                controls.extend(self.published.get(cite).cloned());
            }
            controls.extend(labelled);
        }
        controls
    }

    /// Refuses citations that are unknown, in conflict, or only one half of a label with two published forms.
    pub fn admit(&self, check: &str, cites: &[String]) -> Result<(), Error> {
        for given in cites {
            self.admit_one(check, given)?;
            for meaning in self.always(given).filter(|meaning| meaning.is_leading()) {
                let label = &meaning.control.requested_label;
                if let Some(missing) = self.leading(label).find(|cite| !cites.iter().any(|given| given == cite)) {
                    let (check, given) = (check.to_owned(), given.clone());
                    return Err(Error::HalfOfLabel { check, given, label: label.clone(), missing: missing.to_owned() });
                }
            }
        }
        Ok(())
    }

    fn admit_one(&self, check: &str, given: &str) -> Result<(), Error> {
        if let Some(conflict) = self.conflicts.iter().find(|conflict| conflict.cites == given) {
            let (label, why) = (conflict.label.clone(), conflict.why.clone());
            return Err(Error::Conflict { check: check.to_owned(), given: given.to_owned(), label, why });
        }
        if self.published.contains_key(given) {
            return Ok(());
        }
        let suggestion = suggestion(given, self.citations());
        Err(Error::Unknown { check: check.to_owned(), given: given.to_owned(), suggestion })
    }

    fn always(&self, cite: &str) -> impl Iterator<Item = &Meaning> {
        self.meanings.get(cite).into_iter().flatten().filter(|meaning| meaning.always)
    }

    fn leading<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |meaning: &&Meaning| meaning.always && meaning.control.requested_label == label;
        let cites = move |(cite, meanings): (&'a String, &'a Vec<Meaning>)| {
            meanings.iter().filter(named).any(Meaning::is_leading).then_some(cite.as_str())
        };
        self.meanings.iter().filter_map(cites)
    }

    fn add(&mut self, file: &File) -> Result<(), Error> {
        for (id, title) in &file.ids {
            self.published.insert(format!("{}/{id}", file.key), published(file, id, title));
        }
        for row in &file.labels {
            self.add_label(file, row)?;
        }
        Ok(())
    }

    fn add_label(&mut self, file: &File, row: &Label) -> Result<(), Error> {
        let title = match &row.id {
            Some(id) => file.ids.get(id).ok_or_else(|| without_id(file, row, id))?.clone(),
            None => String::new(),
        };
        let cites = format!("{}/{}", file.key, row.id.as_deref().unwrap_or_default());
        let relation = match row.relation {
            RowRelation::Exact => Relation::Exact,
            RowRelation::Primary => Relation::Primary,
            RowRelation::Secondary => Relation::Secondary,
            RowRelation::Unverifiable => Relation::Unverifiable,
            RowRelation::Conflict => {
                let conflict = Conflict { label: row.asked.clone(), cites, why: row.why.clone() };
                self.conflicts.push(conflict);
                return Ok(());
            }
        };
        let control = Control {
            requested_label: row.asked.clone(),
            framework: file.framework.clone(),
            published_id: row.id.clone(),
            version: file.version.clone(),
            title,
            relation,
        };
        let meaning = Meaning { control, why: row.why.clone(), always: row.shown == Shown::Always };
        match row.id {
            Some(_) => self.meanings.entry(cites).or_default().push(meaning),
            None => self.unverifiable.push(meaning),
        }
        Ok(())
    }
}

impl Meaning {
    /// The label's own text or the requirement that it means, and not one it merely touches.
    fn is_leading(&self) -> bool {
        matches!(self.control.relation, Relation::Exact | Relation::Primary)
    }
}

fn published(file: &File, id: &str, title: &str) -> Control {
    Control {
        requested_label: id.to_owned(),
        framework: file.framework.clone(),
        published_id: Some(id.to_owned()),
        version: file.version.clone(),
        title: title.to_owned(),
        relation: Relation::Related,
    }
}

fn without_id(file: &File, row: &Label, id: &str) -> Error {
    Error::LabelWithoutId {
        framework: file.key.clone(),
        label: row.asked.clone(),
        id: id.to_owned(),
        suggestion: suggestion(id, file.ids.keys().map(String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cites(list: &[&str]) -> Vec<String> {
        list.iter().map(|cite| (*cite).to_owned()).collect()
    }

    #[test]
    fn the_label_with_two_published_forms_is_shown_with_both() {
        let controls = Controls::embedded().unwrap();
        let shown = controls.resolve(&cites(&["nist-csf-1.1/PR.AC-4", "nist-csf-2.0/PR.AA-05"]));
        let seen: Vec<_> = shown.iter().map(|c| (c.requested_label.as_str(), c.published_id.as_deref())).collect();
        assert_eq!(seen, [("PR.AC-4", Some("PR.AC-4")), ("PR.AC-4", Some("PR.AA-05"))]);
    }

    #[test]
    fn half_of_a_label_is_refused() {
        let error = Controls::embedded().unwrap().admit("x", &cites(&["nist-csf-2.0/PR.AA-05"])).unwrap_err();
        assert!(error.to_string().contains("nist-csf-1.1/PR.AC-4"), "{error}");
    }

    #[test]
    fn an_unknown_id_is_an_error_that_names_the_nearest() {
        let error = Controls::embedded().unwrap().admit("x", &cites(&["nist-csf-2.0/PR.AA-5"])).unwrap_err();
        assert!(error.to_string().contains("did you mean `nist-csf-2.0/PR.AA-05`"), "{error}");
    }

    #[test]
    fn a_conflict_row_is_refused_when_cited_and_absent_when_resolved() {
        let controls = Controls::embedded().unwrap();
        let given = cites(&["owasp-nhi-2025/NHI3:2025"]);
        let error = controls.admit("x", &given).unwrap_err();
        assert!(error.to_string().contains("never emitted"), "{error}");
        assert!(controls.label("NHI-03").iter().all(|m| m.control.published_id.as_deref() != Some("NHI3:2025")));
        assert_eq!(controls.conflicts().len(), 1);
    }

    #[test]
    fn a_label_of_an_id_that_is_not_listed_is_an_error() {
        let text = "key: k\nframework: F\nversion: '1'\nids: {A-1: a}\nlabels:\n- {label: L, id: A-2, relation: exact, why: w}\n";
        let error = Controls::read([("f", text)]).unwrap_err();
        assert!(error.to_string().contains("did you mean `A-1`"), "{error}");
    }
}
