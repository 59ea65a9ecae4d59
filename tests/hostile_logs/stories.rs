//! One hour of four logs, a record a minute: a credential is used every minute, and revoked in minute 20.

use serde_json::{Value, json};

/// The minute of the revocation.
pub(crate) const REVOKED: u64 = 20;

/// A log, by the record of a minute.
pub(crate) struct Story {
    /// The importer that reads it.
    pub(crate) format: &'static str,
    /// The record of a minute at a time, which is written as the format does.
    pub(crate) record: fn(u64, &str) -> Value,
    /// Where the time of a record stands.
    pub(crate) time: &'static str,
}

pub(crate) const STORIES: [Story; 4] = [
    Story { format: "aws-cloudtrail", record: trail, time: "/eventTime" },
    Story { format: "vault-audit", record: vault, time: "/time" },
    Story { format: "kubernetes-audit", record: cluster, time: "/stageTimestamp" },
    Story { format: "example-access-broker", record: broker, time: "/ts" },
];

impl Story {
    /// The record of a minute of the hour.
    pub(crate) fn at(&self, minute: u64) -> Value {
        (self.record)(minute, &format!("2026-03-01T10:{minute:02}:00Z"))
    }

    /// The whole hour, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        (0..60).map(|minute| self.at(minute).to_string()).collect()
    }
}

fn id(minute: u64) -> String {
    format!("00000000-0000-4000-8000-{minute:012}")
}

fn trail(minute: u64, time: &str) -> Value {
    let key = |letter: &str| ["AKIA", "IABCDEFGHIJKLM", letter].concat();
    let user = |name: &str, key: String| {
        json!({"type": "IAMUser", "arn": format!("arn:aws:iam::111122223333:user/{name}"), "accountId": "111122223333",
               "accessKeyId": key, "userName": name})
    };
    let mut record = json!({
        "eventVersion": "1.11", "eventTime": time, "eventID": id(minute), "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "cli", "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333", "responseElements": null, "requestParameters": null,
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "userIdentity": user("ci", key("NO")),
    });
    if minute == REVOKED {
        record["eventSource"] = "iam.amazonaws.com".into();
        record["eventName"] = "DeleteAccessKey".into();
        record["userIdentity"] = user("ann", key("PQ"));
        record["requestParameters"] = json!({"userName": "ci", "accessKeyId": key("NO")});
    }
    record
}

fn vault(minute: u64, time: &str) -> Value {
    let accessor = |letter: &str| format!("hmac-sha256:{}", letter.repeat(64));
    let of = |letter: &str, path: &str, data: Value| {
        json!({"time": time, "type": "response",
            "auth": {"accessor": accessor(letter), "display_name": letter, "policies": ["default"], "token_type": "service"},
            "request": {"id": id(minute), "operation": "update", "path": path, "data": data,
                        "client_token_accessor": accessor(letter), "remote_address": "198.51.100.7"}})
    };
    if minute == REVOKED {
        return of("b", "auth/token/revoke-accessor", json!({"accessor": accessor("a")}));
    }
    of("a", "secret/data/x", Value::Null)
}

fn cluster(minute: u64, time: &str) -> Value {
    let of = |user: &str, verb: &str, object: Value, token: &str| {
        json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": id(minute),
            "stage": "ResponseComplete", "requestURI": "/x", "verb": verb,
            "user": {"username": user, "extra": {"authentication.kubernetes.io/credential-id": [token]}},
            "sourceIPs": ["198.51.100.7"], "userAgent": "kubectl", "objectRef": object,
            "responseStatus": {"code": 200}, "requestReceivedTimestamp": time, "stageTimestamp": time})
    };
    let account = "system:serviceaccount:shop:web";
    if minute == REVOKED {
        let object = json!({"resource": "serviceaccounts", "namespace": "shop", "name": "web", "apiVersion": "v1"});
        return of("ann", "delete", object, "X509SHA256=abab");
    }
    let object = json!({"resource": "configmaps", "namespace": "shop", "name": "x", "apiVersion": "v1"});
    of(account, "get", object, "JTI=7aab86c3-0000-4000-8000-000000000001")
}

fn broker(minute: u64, time: &str) -> Value {
    let event = if minute == REVOKED { "credential.revoked" } else { "credential.used" };
    json!({"ts": time, "id": id(minute), "event": event, "tenant": "acme", "subject": "ann",
           "request": {"id": "REQ-1042"}, "credential": {"id": "c-1"}, "actor": {"kind": "user", "name": "ann"}})
}
