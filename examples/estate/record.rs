//! One CloudTrail record as AWS documents it:
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.

use std::fmt::Write;

use jiff::Timestamp;

use super::random::Random;

/// Who calls: the `userIdentity` of a record, with what else depends on the caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The JSON of `userIdentity`.
    pub(crate) identity: String,
    /// The address, or the name of a service.
    pub(crate) address: String,
    /// The user agent.
    pub(crate) agent: &'static str,
}

/// A call; what is not set is not in the record.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// Seconds since 1970.
    pub(crate) time: i64,
    /// The account that records it.
    pub(crate) account: &'a str,
    /// Such as `s3`.
    pub(crate) source: &'a str,
    /// Such as `GetObject`.
    pub(crate) name: &'a str,
    /// Who calls.
    pub(crate) caller: &'a Caller,
    /// The JSON of `requestParameters`.
    pub(crate) request: Option<String>,
    /// The JSON of `responseElements`.
    pub(crate) response: Option<String>,
    /// The error code.
    pub(crate) error: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A call that was accepted, without parameters.
    pub(crate) fn new(time: i64, account: &'a str, (source, name): (&'a str, &'a str), caller: &'a Caller) -> Self {
        Self { time, account, source, name, caller, request: None, response: None, error: None }
    }

    /// The record as one line.
    pub(crate) fn json(&self, random: &mut Random) -> String {
        let Self { account, source, name, caller, .. } = self;
        let mut json = String::with_capacity(1600);
        let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
        let _ = write!(
            json,
            r#"{{"eventVersion":"1.09","userIdentity":{},"eventTime":"{}","eventSource":"{source}.amazonaws.com","#,
            caller.identity,
            instant(self.time)
        );
        let _ = write!(
            json,
            r#""eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"{}","userAgent":"{}","#,
            caller.address, caller.agent
        );
        if let Some(error) = self.error {
            let _ = write!(json, r#""errorCode":"{error}","errorMessage":"The request failed with {error}","#);
        }
        let _ = write!(
            json,
            r#""requestParameters":{},"responseElements":{},"requestID":"{}","eventID":"{}","#,
            or_null(&self.request),
            or_null(&self.response),
            random.uuid(),
            random.uuid()
        );
        let _ = write!(
            json,
            r#""readOnly":{},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{source}.us-east-1.amazonaws.com"}}}}"#,
            self.error.is_none() && self.response.is_none()
        );
        json
    }
}

/// `2026-01-02T03:04:05Z`.
pub(crate) fn instant(time: i64) -> String {
    Timestamp::from_second(time).map(|time| time.to_string()).unwrap_or_default()
}

/// The form in which STS writes an end: `Jan 2, 2026, 3:04:05 AM`.
pub(crate) fn spoken(time: i64) -> String {
    let zoned = Timestamp::from_second(time).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    zoned.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

/// A user with a key.
pub(crate) fn user(account: &str, name: &str, key: &str, address: String) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"IAMUser","principalId":"AIDAFAKE{name}","arn":"arn:aws:iam::{account}:user/{name}","accountId":"{account}","accessKeyId":"{key}","userName":"{name}"}}"#
        ),
        address,
        agent: "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#5.10.0 md/arch#x86_64 lang/python#3.11.6",
    }
}

/// A session of a role.
pub(crate) fn session(account: &str, role: &str, name: &str, key: &str, began: i64, address: String) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"AssumedRole","principalId":"AROAFAKE{role}:{name}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{name}","accountId":"{account}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAFAKE{role}","arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{}","mfaAuthenticated":"false"}}}}}}"#,
            instant(began)
        ),
        address,
        agent: "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/s3#1.47.5",
    }
}

/// A workload that shows the token of its pipeline.
pub(crate) fn pipeline(subject: &str, address: String) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"WebIdentityUser","principalId":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}}"#
        ),
        address,
        agent: "aws-sdk-js/3.450.0 os/linux#5.15 lang/js md/nodejs#20.8.1 api/sts#3.450.0 configure-aws-credentials-for-github-actions",
    }
}

/// A service of AWS.
pub(crate) fn service(name: &str) -> Caller {
    let host = format!("{name}.amazonaws.com");
    Caller {
        identity: format!(r#"{{"type":"AWSService","invokedBy":"{host}"}}"#),
        address: host,
        agent: "AWS Internal",
    }
}
