//! Calls that stop, delete, weaken or start the recording itself.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Facts;
use crate::import::lenient::{Text, elements, texts};
use crate::model::{EventKind, Sink};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    is_multi_region_trail: Text<'a>,
    include_global_service_events: Text<'a>,
    event_selectors: Option<&'a RawValue>,
    advanced_event_selectors: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Selector<'a> {
    #[serde(borrow)]
    include_management_events: Text<'a>,
    read_write_type: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AdvancedSelector<'a> {
    #[serde(borrow)]
    field_selectors: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FieldSelector<'a> {
    #[serde(borrow)]
    field: Text<'a>,
    equals: Option<&'a RawValue>,
}

/// Pushes a change of the recording; false if the call changes nothing there.
pub(super) fn changed(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    if source != "cloudtrail" || !facts.succeeded() {
        return false;
    }
    let kind = match name {
        "StopLogging" | "DeleteTrail" | "StopEventDataStoreIngestion" | "DeleteEventDataStore" => EventKind::LogStopped,
        "StartLogging" | "StartEventDataStoreIngestion" => EventKind::LogStarted,
        "UpdateTrail" | "PutEventSelectors" if weakens(facts) => EventKind::LogStopped,
        _ => return false,
    };
    sink.event(&facts.event(kind));
    true
}

/// Whether the request takes management events, regions or global services out of a trail. What it was before is not in
/// the record; a trail that never recorded them is reported as well.
fn weakens(facts: &Facts<'_>) -> bool {
    let request = facts.call.request_parameters.json().unwrap_or_default();
    let request: Request<'_> = serde_json::from_str(&request).unwrap_or_default();
    let off = |flag: &Text<'_>| flag.or_empty().eq_ignore_ascii_case("false");
    if off(&request.is_multi_region_trail) || off(&request.include_global_service_events) {
        return true;
    }
    let selectors = elements(request.event_selectors).unwrap_or_default();
    let advanced = elements(request.advanced_event_selectors).unwrap_or_default();
    let simple_keeps = selectors.iter().any(|raw| {
        let selector: Selector<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        !off(&selector.include_management_events) && matches!(selector.read_write_type.or_empty(), "All" | "")
    });
    let advanced_keeps = advanced.iter().any(|raw| selects_management(raw));
    (!selectors.is_empty() || !advanced.is_empty()) && !simple_keeps && !advanced_keeps
}

fn selects_management(raw: &RawValue) -> bool {
    let selector: AdvancedSelector<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
    let fields = elements(selector.field_selectors).unwrap_or_default();
    let fields: Vec<FieldSelector<'_>> = fields.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let management = fields.iter().any(|field| {
        field.field.get() == Some("eventCategory")
            && texts(field.equals).unwrap_or_default().iter().any(|category| &**category == "Management")
    });
    management && !fields.iter().any(|field| field.field.get() == Some("readOnly"))
}
