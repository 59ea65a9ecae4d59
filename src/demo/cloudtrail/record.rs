//! The parts of a CloudTrail record that say who called and which session was opened.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Error;
use super::super::mint::Mint;
use super::{Opened, Session, Trail, american, unique_id};

/// Who calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Caller {
    /// An IAM user with an access key.
    User {
        /// The user's name.
        name: String,
        /// The label of the key.
        key: String,
    },
    /// A person at the console, known by name and password.
    Console {
        /// The user's name.
        name: String,
    },
    /// Somebody with a token of an OIDC provider.
    Web {
        /// The provider's host.
        provider: String,
        /// The token's subject.
        subject: String,
    },
    /// Somebody with an assertion of a SAML provider.
    Saml {
        /// The provider's name.
        provider: String,
        /// The person.
        subject: String,
    },
    /// A service of AWS, by its host name.
    Service(String),
    /// A session that an earlier call opened.
    #[serde(skip)]
    Session {
        /// The session.
        session: Session,
        /// Since when.
        issued: Timestamp,
    },
}

/// The `userIdentity` of a record.
pub(super) fn identity(trail: &Trail, mint: &mut Mint, file: &str, caller: &Caller) -> Result<Value, Error> {
    let account = &trail.account;
    Ok(match caller {
        Caller::User { name, key } => json!({
            "type": "IAMUser",
            "principalId": unique_id("AIDA", name),
            "arn": format!("arn:aws:iam::{account}:user/{name}"),
            "accountId": account,
            "accessKeyId": mint.value(file, &marker("aws-key", key, account))?,
            "userName": name,
        }),
        Caller::Console { name } => json!({
            "type": "IAMUser",
            "principalId": unique_id("AIDA", name),
            "arn": format!("arn:aws:iam::{account}:user/{name}"),
            "accountId": account,
            "userName": name,
        }),
        Caller::Web { provider, subject } => json!({
            "type": "WebIdentityUser",
            "principalId": format!("arn:aws:iam::{account}:oidc-provider/{provider}:sts.amazonaws.com:{subject}"),
            "userName": subject,
            "identityProvider": format!("arn:aws:iam::{account}:oidc-provider/{provider}"),
        }),
        Caller::Saml { provider, subject } => json!({
            "type": "SAMLUser",
            "principalId": format!("{}:{subject}", unique_id("", provider)),
            "userName": subject,
            "identityProvider": format!("arn:aws:iam::{account}:saml-provider/{provider}"),
        }),
        Caller::Service(name) => json!({ "type": "AWSService", "invokedBy": name }),
        Caller::Session { session, issued } => json!({
            "type": "AssumedRole",
            "principalId": format!("{}:{}", unique_id("AROA", &session.role), session.name),
            "arn": session_arn(account, session),
            "accountId": account,
            "accessKeyId": mint.value(file, &marker("aws-session", &session.key, account))?,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": unique_id("AROA", &session.role),
                    "arn": format!("arn:aws:iam::{account}:role/{}", session.role),
                    "accountId": account,
                    "userName": session.role,
                },
                "attributes": {
                    "creationDate": issued.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                    "mfaAuthenticated": "false",
                },
            },
        }),
    })
}

/// Request and response of the call that opens a session.
pub(super) fn issuance(
    trail: &Trail,
    mint: &mut Mint,
    file: &str,
    caller: &Caller,
    opened: &Opened,
) -> Result<(Value, Value), Error> {
    let (account, session) = (&trail.account, &opened.session);
    let end = opened.at.checked_add(session.ttl).unwrap_or(Timestamp::MAX);
    let seconds = session.ttl.as_secs();
    let request = json!({
        "roleArn": format!("arn:aws:iam::{account}:role/{}", session.role),
        "roleSessionName": session.name,
        "durationSeconds": seconds,
    });
    let mut response = json!({
        "credentials": {
            "accessKeyId": mint.value(file, &marker("aws-session", &session.key, account))?,
            "sessionToken": mint.value(file, &format!("aws-session-token {}", session.key))?,
            "expiration": american(end),
        },
        "assumedRoleUser": {
            "assumedRoleId": format!("{}:{}", unique_id("AROA", &session.role), session.name),
            "arn": session_arn(account, session),
        },
    });
    if let (Caller::Web { provider, subject }, Some(fields)) = (caller, response.as_object_mut()) {
        fields.insert("subjectFromWebIdentityToken".to_owned(), json!(subject));
        fields.insert("provider".to_owned(), json!(format!("arn:aws:iam::{account}:oidc-provider/{provider}")));
        fields.insert("audience".to_owned(), json!("sts.amazonaws.com"));
    }
    Ok((request, response))
}

/// The marker of a key; the account is named where it is not the company's first.
fn marker(kind: &str, label: &str, account: &str) -> String {
    if account == "111122223333" { format!("{kind} {label}") } else { format!("{kind} {label} {account}") }
}

fn session_arn(account: &str, session: &Session) -> String {
    format!("arn:aws:sts::{account}:assumed-role/{}/{}", session.role, session.name)
}
