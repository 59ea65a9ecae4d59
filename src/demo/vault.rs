//! Writes a Vault audit log from a schedule of requests: a request and a response record for each.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::mint::{Mint, uuid};
use super::schedule::When;
use super::{Error, write as write_file};

/// One audit device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Device {
    /// Tokens that were issued before the log begins, by name.
    #[serde(default)]
    tokens: BTreeMap<String, Issued>,
    requests: Vec<Request>,
}

/// A token and when it was issued.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Issued {
    at: Timestamp,
    token: Token,
}

/// A token. `{n}` in its name is the number of the repetition that issued it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Token {
    name: String,
    display: String,
    policies: Vec<String>,
    ttl: SignedDuration,
    #[serde(default)]
    entity: String,
}

/// A request to Vault, once or repeatedly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Request {
    when: When,
    /// The token it carries; the token of the request that this one follows, where none is named. A login has none.
    #[serde(default)]
    token: Option<String>,
    /// `read database/creds/readonly`.
    call: String,
    /// The type of the mount: `kubernetes`, `jwt`, `database`, `kv`.
    mount: String,
    ip: String,
    #[serde(default)]
    data: Value,
    /// The lease that comes with the answer.
    #[serde(default)]
    lease: Option<String>,
    /// The token that this login issues.
    #[serde(default)]
    issues: Option<Token>,
    /// What is done with that token.
    #[serde(default)]
    then: Vec<Request>,
}

/// Writes the log of `device`, read from `file`, to `path`.
pub(super) fn write(path: &Path, file: &str, device: &Device, mint: &mut Mint) -> Result<(), Error> {
    let mut writer = Writer { file, device, mint, records: Vec::new() };
    for (index, request) in device.requests.iter().enumerate() {
        writer.request(request, &format!("vault {index}"), None)?;
    }
    let mut records = writer.records;
    records.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let mut text = String::new();
    for (_, _, pair) in records {
        for record in pair {
            text.push_str(&record.to_string());
            text.push('\n');
        }
    }
    write_file(path, text.as_bytes())
}

struct Writer<'a> {
    file: &'a str,
    device: &'a Device,
    mint: &'a mut Mint,
    /// Time, id, and the request record before the response record.
    records: Vec<(Timestamp, String, [Value; 2])>,
}

impl Writer<'_> {
    fn request(&mut self, request: &Request, label: &str, parent: Option<&Issued>) -> Result<(), Error> {
        for (n, time) in request.when.times(label, parent.map(|issued| issued.at)) {
            let label = format!("{label} {n}");
            let carried = match &request.token {
                Some(name) => Some(self.named(name)?),
                None => parent.cloned(),
            };
            let issued = request.issues.as_ref().map(|token| {
                let mut token = token.clone();
                token.name = token.name.replace("{n}", &n.to_string());
                Issued { at: time, token }
            });
            self.record(request, &label, (n, time), carried.as_ref(), issued.as_ref())?;
            for (index, next) in request.then.iter().enumerate() {
                self.request(next, &format!("{label}.{index}"), issued.as_ref().or(parent))?;
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<Issued, Error> {
        let known = self.device.tokens.get(name).cloned();
        known.ok_or_else(|| Error::content(self.file, format!("unknown token `{name}`")))
    }

    fn record(
        &mut self,
        request: &Request,
        label: &str,
        (n, time): (u64, Timestamp),
        carried: Option<&Issued>,
        issued: Option<&Issued>,
    ) -> Result<(), Error> {
        let (operation, path) = request
            .call
            .split_once(' ')
            .ok_or_else(|| Error::content(self.file, format!("`{}` is no operation and path", request.call)))?;
        let path = path.replace("{n}", &n.to_string());
        let id = uuid(&format!("request {label}"));
        let auth = carried.map(|carried| self.auth(carried)).transpose()?;
        let mut asked = json!({
            "id": id,
            "operation": operation,
            "mount_type": request.mount,
            "mount_point": mount_point(&path),
            "namespace": { "id": "root" },
            "path": path,
            "remote_address": request.ip,
            "remote_port": 41000 + n % 2000,
        });
        if let (Some(auth), Some(fields)) = (&auth, asked.as_object_mut()) {
            fields.insert("client_token".to_owned(), auth["client_token"].clone());
            fields.insert("client_token_accessor".to_owned(), auth["accessor"].clone());
        }
        if let (false, Some(fields)) = (request.data.is_null(), asked.as_object_mut()) {
            fields.insert("data".to_owned(), self.filled(&request.data)?);
        }
        // A renewal answers with the token that it renews.
        let renewed = carried.filter(|_| path.ends_with("renew-self"));
        let response = self.response(request, n, issued.or(renewed))?;
        let record = |kind: &str, time: Timestamp| {
            let mut record = json!({ "time": time.to_string(), "type": kind, "request": asked });
            if let (Some(auth), Some(fields)) = (&auth, record.as_object_mut()) {
                fields.insert("auth".to_owned(), auth.clone());
            }
            record
        };
        let answered = time.checked_add(SignedDuration::from_millis(4)).unwrap_or(time);
        let (first, mut second) = (record("request", time), record("response", answered));
        if let Some(fields) = second.as_object_mut() {
            fields.insert("response".to_owned(), response);
        }
        self.records.push((time, id, [first, second]));
        Ok(())
    }

    fn response(&mut self, request: &Request, n: u64, issued: Option<&Issued>) -> Result<Value, Error> {
        let mut response = json!({ "mount_type": request.mount });
        let Some(fields) = response.as_object_mut() else { return Ok(response) };
        if let Some(issued) = issued {
            fields.insert("auth".to_owned(), self.auth(issued)?);
        }
        if let Some(lease) = &request.lease {
            let lease = self.mint.expand(self.file, &lease.replace("{n}", &n.to_string()))?;
            fields.insert("secret".to_owned(), json!({ "lease_id": lease }));
        }
        Ok(response)
    }

    /// What a record says about the token that it carries or issues; its value and accessor only as Vault hashes them.
    fn auth(&mut self, issued: &Issued) -> Result<Value, Error> {
        let token = &issued.token;
        Ok(json!({
            "client_token": self.mint.value(self.file, &format!("hmac token-{}", token.name))?,
            "accessor": self.mint.value(self.file, &format!("hmac {}", token.name))?,
            "display_name": token.display,
            "policies": token.policies,
            "token_policies": token.policies,
            "entity_id": token.entity,
            "token_type": "service",
            "token_issue_time": issued.at.to_string(),
            "token_ttl": token.ttl.as_secs(),
        }))
    }

    fn filled(&mut self, value: &Value) -> Result<Value, Error> {
        let text = self.mint.expand(self.file, &value.to_string())?;
        serde_json::from_str(&text).map_err(|error| Error::content(self.file, error.to_string()))
    }
}

/// The mount of a path: two folders below `auth/`, one elsewhere.
fn mount_point(path: &str) -> String {
    let depth = if path.starts_with("auth/") { 2 } else { 1 };
    path.split_inclusive('/').take(depth).collect()
}
