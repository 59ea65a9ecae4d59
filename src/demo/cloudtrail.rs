//! Writes CloudTrail log files, one a day, in the folders in which S3 holds them, from a schedule of calls.

mod record;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::mint::{Mint, number};
use super::schedule::When;
use super::{Error, write as write_file};
use record::Caller;

/// The trail of one account and region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Trail {
    account: String,
    region: String,
    /// Who calls, by a name of this file.
    callers: BTreeMap<String, Caller>,
    /// What they do.
    calls: Vec<Call>,
}

/// A call to AWS, once or repeatedly. `{n}` in its texts is the number of the repetition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Call {
    when: When,
    /// Who calls; the session of the call that this one follows, where nobody is named.
    #[serde(default)]
    by: Option<String>,
    /// `s3:GetObject`.
    #[serde(rename = "call")]
    action: String,
    /// Addresses, used in turn.
    #[serde(default)]
    ip: Vec<String>,
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    request: Value,
    #[serde(default)]
    response: Value,
    #[serde(default)]
    error: Option<String>,
    /// The session that this call opens.
    #[serde(default)]
    issues: Option<Session>,
    /// What happens in that session.
    #[serde(default)]
    then: Vec<Call>,
}

/// A session of a role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Session {
    role: String,
    name: String,
    /// The label of its key.
    key: String,
    ttl: SignedDuration,
}

/// A session that a call has opened.
#[derive(Clone, Debug)]
struct Opened {
    session: Session,
    at: Timestamp,
    /// The record of the call, where an address or agent that is not given is taken from.
    from: (String, String),
}

/// Writes the files of `trail`, read from `file`, below `dir`.
pub(super) fn write(dir: &Path, file: &str, trail: &Trail, mint: &mut Mint) -> Result<(), Error> {
    let mut writer = Writer { file, trail, mint, records: Vec::new() };
    for (index, call) in trail.calls.iter().enumerate() {
        writer.call(call, &format!("{} {index}", trail.account), None)?;
    }
    let mut days: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut records = writer.records;
    records.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    for (time, _, record) in records {
        days.entry(time.strftime("%Y/%m/%d").to_string()).or_default().push(record);
    }
    for (day, of_day) in days {
        let (account, region) = (&trail.account, &trail.region);
        let ending = unique_id("", &format!("{account} {day}"));
        let name = format!("{account}_CloudTrail_{region}_{}T2355Z_{ending}.json.gz", day.replace('/', ""));
        let path = dir.join(format!("AWSLogs/{account}/CloudTrail/{region}/{day}/{name}"));
        write_file(&path, &compressed(&json!({ "Records": of_day }), &path)?)?;
    }
    Ok(())
}

fn compressed(value: &Value, path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::fast());
    encoder.write_all(value.to_string().as_bytes()).map_err(failed)?;
    encoder.finish().map_err(failed)
}

struct Writer<'a> {
    file: &'a str,
    trail: &'a Trail,
    mint: &'a mut Mint,
    /// Time, event id and record.
    records: Vec<(Timestamp, String, Value)>,
}

impl Writer<'_> {
    fn call(&mut self, call: &Call, label: &str, parent: Option<&Opened>) -> Result<(), Error> {
        for (n, time) in call.when.times(label, parent.map(|opened| opened.at)) {
            let label = format!("{label} {n}");
            let caller = self.caller(call, parent)?;
            let origin = origin(call, n, &caller, parent);
            let opened = call.issues.as_ref().map(|session| {
                let mut session = session.clone();
                session.key = session.key.replace("{n}", &n.to_string());
                session.name = session.name.replace("{n}", &n.to_string());
                Opened { session, at: time, from: origin.clone() }
            });
            self.record(call, &label, (n, time), &caller, &origin, opened.as_ref())?;
            for (index, next) in call.then.iter().enumerate() {
                self.call(next, &format!("{label}.{index}"), opened.as_ref().or(parent))?;
            }
        }
        Ok(())
    }

    fn caller(&self, call: &Call, parent: Option<&Opened>) -> Result<Caller, Error> {
        match (&call.by, parent) {
            (Some(name), _) => {
                let known = self.trail.callers.get(name).cloned();
                known.ok_or_else(|| Error::content(self.file, format!("unknown caller `{name}`")))
            }
            (None, Some(opened)) => Ok(Caller::Session { session: opened.session.clone(), issued: opened.at }),
            (None, None) => Err(Error::content(self.file, format!("nobody calls {}", call.action))),
        }
    }

    fn record(
        &mut self,
        call: &Call,
        label: &str,
        (n, time): (u64, Timestamp),
        caller: &Caller,
        (address, agent): &(String, String),
        opened: Option<&Opened>,
    ) -> Result<(), Error> {
        let (service, name) = call
            .action
            .split_once(':')
            .ok_or_else(|| Error::content(self.file, format!("`{}` is no service:Call", call.action)))?;
        let id = super::mint::uuid(&format!("event {label}"));
        let (mut request, mut response) = (self.filled(&call.request, n)?, self.filled(&call.response, n)?);
        if let Some(opened) = opened {
            (request, response) = record::issuance(self.trail, self.mint, self.file, caller, opened)?;
        }
        let reads = ["Get", "List", "Describe", "Head"].iter().any(|start| name.starts_with(start));
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": record::identity(self.trail, self.mint, self.file, caller)?,
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": self.trail.region,
            "sourceIPAddress": address,
            "userAgent": agent,
            "requestParameters": request,
            "responseElements": response,
            "requestID": super::mint::uuid(&format!("request {label}")),
            "eventID": id,
            "readOnly": reads,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": self.trail.account,
            "eventCategory": "Management",
        });
        if let (Some(error), Some(fields)) = (&call.error, record.as_object_mut()) {
            fields.insert("errorCode".to_owned(), json!(error));
            fields.insert("errorMessage".to_owned(), json!("the request was refused"));
        }
        self.records.push((time, id, record));
        Ok(())
    }

    /// `value` with its markers and `{n}` replaced, in texts at any depth.
    fn filled(&mut self, value: &Value, n: u64) -> Result<Value, Error> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let text = self.mint.expand(self.file, &value.to_string().replace("{n}", &n.to_string()))?;
        serde_json::from_str(&text).map_err(|error| Error::content(self.file, error.to_string()))
    }
}

/// The address and user agent of repetition `n`.
fn origin(call: &Call, n: u64, caller: &Caller, parent: Option<&Opened>) -> (String, String) {
    if let Caller::Service(name) = caller {
        return (name.clone(), name.clone());
    }
    let inherited = parent.map(|opened| opened.from.clone()).unwrap_or_default();
    let turn = usize::try_from(n).unwrap_or(0) % call.ip.len().max(1);
    let address = call.ip.get(turn).cloned().unwrap_or(inherited.0);
    let agent = call.agent.clone().unwrap_or(inherited.1);
    (address, agent)
}

/// The moment as CloudTrail writes the end of a session.
fn american(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

/// An id of the form that AWS gives roles and users: a prefix and seventeen letters.
fn unique_id(prefix: &str, label: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letter = |index: u32| {
        let at = usize::try_from(number(&format!("{prefix} {label} {index}"), 32)).unwrap_or(0);
        char::from(LETTERS.get(at).copied().unwrap_or(b'A'))
    };
    format!("{prefix}{}", (0..17).map(letter).collect::<String>())
}
