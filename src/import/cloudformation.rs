//! Templates of AWS CloudFormation, JSON or YAML: access keys that a template makes, and outputs that hand out their
//! secrets.
//!
//! A template knows no id of a key: what it makes is known by the template and its logical name only. Literal passwords
//! are counted and not read; the file is read as text as well.

use super::lookup::{Node, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Credential, CredentialId, Expiry, GapReason, Readout, StandingClass};

/// Properties that are secrets where they are written out.
const SECRETS: &[&str] =
    &["MasterUserPassword", "Password", "SecretString", "AuthToken", "AdminPassword", "OAuthToken"];

/// Reads templates of CloudFormation.
pub(super) struct Cloudformation;

impl Importer for Cloudformation {
    fn id(&self) -> &'static str {
        "cloudformation"
    }

    fn title(&self) -> &'static str {
        "AWS CloudFormation template"
    }

    fn how_to_export(&self) -> &'static str {
        "aws cloudformation get-template --stack-name NAME --query TemplateBody > template.json"
    }

    fn layout(&self) -> Layout {
        Layout::Documents(&[])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[Shape { list: None, keys: &["AWSTemplateFormatVersion", "Resources"] }]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["AWSTemplateFormatVersion", "\"AWSTemplateFormatVersion\""]
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, name: &str) -> Box<dyn Worker> {
        Box::new(Template { named: name.to_owned() })
    }
}

struct Template {
    named: String,
}

impl Worker for Template {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(value) = parse(record, out) else { return };
        let template = Node::of(&value);
        if template.key("Resources").entries().next().is_none() {
            return out.problem(record, "Resources", GapReason::Damaged, "has no Resources");
        }
        let mut found = false;
        for (name, resource) in template.key("Resources").entries() {
            let properties = resource.key("Properties");
            let literal =
                |property: &&&str| properties.key(property).0.and_then(|value| value.as_str()).is_some_and(is_literal);
            out.note("properties that hold a secret in clear", SECRETS.iter().filter(literal).count() as u64);
            if resource.key("Type").text().as_deref() == Some("AWS::IAM::AccessKey") {
                found = true;
                self.access_key(template, name, properties, record, out);
            }
        }
        let has_default = |parameter: &Node<'_>| {
            parameter.key("NoEcho").truth() == Some(true)
                && parameter.key("Default").text().is_some_and(|text| is_literal(&text))
        };
        let defaults = template.key("Parameters").entries().filter(|(_, parameter)| has_default(parameter)).count();
        out.note("secret parameters with a default in clear", defaults as u64);
        if !found {
            out.ignore("templates that make no credential");
        }
    }
}

impl Template {
    fn access_key(&self, template: Node<'_>, name: &str, properties: Node<'_>, record: &Record<'_>, out: &mut Out<'_>) {
        let evidence = record.evidence("access key of the template", &format!("Resources/{name}"));
        let id = CredentialId::derived("aws", &format!("{}#{name}", self.named));
        let title = "AWS access key that a template makes";
        let mut key = Credential::observed(id, "aws-access-key-id", title, evidence);
        key.standing = StandingClass::Standing;
        key.expiry = Expiry::Never;
        if let Some(user) = self::user(template, properties.key("UserName")) {
            key.readouts.push(Readout::new("user-name", &user));
        }
        for (output, body) in template.key("Outputs").entries() {
            if hands_out(body.key("Value"), name) {
                key.readouts.push(Readout::new("secret-in-output", output));
            }
        }
        out.sink.credential(key);
    }
}

/// The name of a user: written out, or that of the resource it refers to.
fn user(template: Node<'_>, value: Node<'_>) -> Option<String> {
    let name = value.text().or_else(|| value.key("Ref").text())?;
    let named = template.key("Resources").key(&name).at("Properties.UserName").text();
    Some(named.unwrap_or(name).into_owned())
}

/// Whether a value is the secret of an access key: `!GetAtt KEY.SecretAccessKey` in either form.
fn hands_out(value: Node<'_>, key: &str) -> bool {
    let (long, short) = (value.key("Fn::GetAtt"), value.text());
    let parts = long.texts();
    let dotted = format!("{key}.SecretAccessKey");
    short.as_deref() == Some(dotted.as_str()) || parts == [dotted.as_str()] || parts == [key, "SecretAccessKey"]
}

/// Not a reference: `{{resolve:...}}`, a substitution.
fn is_literal(text: &str) -> bool {
    !text.is_empty() && !text.contains("{{resolve:") && !text.contains("${")
}
