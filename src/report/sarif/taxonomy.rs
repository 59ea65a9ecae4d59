//! The frameworks as SARIF taxonomies. Published ids only: the label that was asked for stands in a property.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::{Component, ComponentReference, Taxon, TaxonReference, Text};
use crate::model::{Control, Finding};
use crate::report::text::clip;

/// All published clauses that the findings bear on, by framework and version.
pub(super) struct Taxonomies(BTreeMap<(String, String), BTreeMap<String, String>>);

impl Taxonomies {
    /// Those of these findings.
    pub(super) fn of(findings: &[&Finding]) -> Self {
        let mut taxonomies = BTreeMap::new();
        for control in findings.iter().flat_map(|finding| &finding.controls) {
            let Some(id) = &control.published_id else { continue };
            let taxa: &mut BTreeMap<_, _> =
                taxonomies.entry((control.framework.clone(), control.version.clone())).or_default();
            taxa.entry(id.clone()).or_insert_with(|| control.title.clone());
        }
        Self(taxonomies)
    }

    /// References to all of them.
    pub(super) fn references(&self) -> Vec<ComponentReference> {
        (0..).zip(self.0.keys()).map(|(index, (name, _))| ComponentReference { name: name.clone(), index }).collect()
    }

    /// References to the published clauses among `controls`, each once.
    pub(super) fn taxa<'a>(&self, controls: impl IntoIterator<Item = &'a Control>) -> Vec<TaxonReference> {
        let places: BTreeSet<_> = controls.into_iter().filter_map(|control| self.place(control)).collect();
        let name = |index| self.0.keys().nth(index).map(|(name, _)| name.clone()).unwrap_or_default();
        places
            .into_iter()
            .map(|(component, index, id)| TaxonReference {
                id: id.to_owned(),
                index,
                tool_component: ComponentReference { name: name(component), index: component },
            })
            .collect()
    }

    /// The taxonomies themselves.
    pub(super) fn into_components(self) -> Vec<Component> {
        let component = |((name, version), taxa): ((String, String), BTreeMap<String, String>)| Component {
            name,
            version,
            is_comprehensive: false,
            taxa: taxa
                .into_iter()
                .map(|(id, title)| Taxon { id, short_description: Text { text: clip(&title, 1000) } })
                .collect(),
        };
        self.0.into_iter().map(component).collect()
    }

    fn place<'a>(&self, control: &'a Control) -> Option<(usize, usize, &'a str)> {
        let id = control.published_id.as_deref()?;
        let of_control =
            |(framework, version): &(String, String)| (framework, version) == (&control.framework, &control.version);
        let component = self.0.keys().position(of_control)?;
        let (_, taxa) = self.0.iter().nth(component)?;
        Some((component, taxa.keys().position(|known| known == id)?, id))
    }
}
