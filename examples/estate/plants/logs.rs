//! Logs that cannot be relied upon, and safeguards that were relaxed. Each log is that of an account of its own.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use overstay::model::Sha256Digest;
use serde_json::json;

use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::record::{Call, instant, service};
use crate::estate::session::{Session, Shown};
use crate::estate::trail::admin;

/// Stories about whole logs.
pub(crate) const WHOLE: &[super::Plant] = &[relaxed, cut_short, without_issue, held_and_not_used, changed];

fn log(account: &str) -> String {
    format!("aws-cloudtrail/{account}")
}

/// The trust of a role is opened to another account; to a role of its own, and nearly.
fn relaxed(plot: &mut Plot) {
    for (account, trusted, is_fault) in
        [("777700000021", "999900000001", true), ("777700000022", "777700000022", false)]
    {
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{trusted}:role/reader")}}]});
        let request = json!({"roleName": "shop", "policyDocument": trust.to_string()}).to_string();
        plot.inside(account, |plot| {
            plot.iam(-3 * DAY, "UpdateAssumeRolePolicy", request, None);
            let request = json!({"userName": "ann", "serialNumber": format!("arn:aws:iam::{account}:mfa/ann")});
            plot.iam(-2 * DAY, "DeactivateMFADevice", request.to_string(), Some("AccessDenied"));
        });
        plot.tell("weakened-safeguard", &log(account), is_fault);
    }
}

/// A record about a role, and one about an object, without what was asked for.
fn cut_short(plot: &mut Plot) {
    let calls = [("777700000023", ("iam", "CreateRole"), true), ("777700000024", ("s3", "PutBucketPolicy"), false)];
    for (account, call, is_fault) in calls {
        let caller = admin(account);
        let mut call = Call::new(plot.at(-4 * DAY), account, call, &caller);
        call.request =
            Some(r#"{"omitted":true,"originalSize":258042,"reason":"request parameters too large"}"#.to_owned());
        plot.push(&call);
        plot.tell("truncated-evidence", &log(account), is_fault);
    }
}

/// One use in 19 by a session that nobody was seen to take, and one in 20.
fn without_issue(plot: &mut Plot) {
    for (account, joined, is_fault) in [("777700000025", 18, true), ("777700000026", 19, false)] {
        plot.inside(account, |plot| {
            plot.recorded(10 * DAY, 10 * DAY + 12 * HOUR);
            let known = plot.session(10 * DAY + 5 * HOUR, HOUR);
            (0..joined).for_each(|use_| plot.session_used(&known, 60 + use_ * 180));
            let number = plot.next();
            let lost = Session::new(account, "unseen", number, plot.at(10 * DAY + 6 * HOUR), HOUR);
            plot.session_used(&lost, 1800);
        });
        plot.tell("unjoinable-use", &log(account), is_fault);
    }
}

/// Held for 48 of 50 hours and used in five or in six of them; all of it by asking again and for longer than needed.
fn held_and_not_used(plot: &mut Plot) {
    for (account, used, is_fault) in [("777700000027", 5, true), ("777700000028", 6, false)] {
        plot.inside(account, |plot| {
            plot.recorded(10 * DAY, 10 * DAY + 50 * HOUR);
            for number in 0..6 {
                let begin = 10 * DAY + 600 + number * 8 * HOUR;
                let session = plot.session_of("night-watch", begin, 8 * HOUR, &Shown::Assertion("ann"));
                if number < used {
                    plot.session_used(&session, 1800);
                }
                if number == 0 {
                    plot.tell("jit-in-name-only", &session.role_arn(), is_fault);
                    plot.faults(&["renewal-chain", "ttl-over-task"], &session.role_arn());
                }
            }
        });
    }
}

/// What CloudTrail delivered with its digest: one file has other content, one is not there, and all is well.
fn changed(plot: &mut Plot) {
    for (account, fault) in
        [("777700000031", Some("changed")), ("777700000032", Some("missing")), ("777700000033", None)]
    {
        let mut listed = Vec::new();
        for hour in 0..3 {
            let begin = plot.at(20 * DAY + hour * HOUR);
            let name = format!("{account}_CloudTrail_us-east-1_20260121T0{hour}00Z_{}.json.gz", plot.next());
            let caller = service("config");
            let record = |second| Call::new(begin + second, account, ("kms", "Decrypt"), &caller);
            let records: Vec<String> = (0..10).map(|n| record(n * 300).json(&mut plot.random)).collect();
            let delivered = format!(r#"{{"Records":[{}]}}"#, records.join(","));
            listed.push(json!({"s3Bucket": "acme-trail", "s3Object": format!("AWSLogs/{account}/CloudTrail/us-east-1/2026/01/21/{name}"),
                "hashValue": Sha256Digest::of(delivered.as_bytes()).to_string(), "hashAlgorithm": "SHA-256",
                "oldestEventTime": instant(begin), "newestEventTime": instant(begin + 2700)}));
            let found = match fault.filter(|_| hour == 1) {
                Some("missing") => continue,
                Some(_) => format!(r#"{{"Records":[{}]}}"#, records[1..].join(",")),
                None => delivered,
            };
            plot.beside.file(&format!("delivered/{account}/{name}"), packed(&found, if hour == 2 { 9 } else { 6 }));
        }
        let digest = json!({"awsAccountId": account, "digestStartTime": instant(plot.at(20 * DAY)),
            "digestEndTime": instant(plot.at(20 * DAY + 3 * HOUR)), "digestS3Bucket": "acme-trail",
            "digestSignatureAlgorithm": "SHA256withRSA", "previousDigestS3Object": null, "logFiles": listed});
        let name = format!(
            "delivered/{account}/{account}_CloudTrail-Digest_us-east-1_trail_us-east-1_20260121T030000Z.json.gz"
        );
        plot.beside.file(&name, packed(&digest.to_string(), 6));
        plot.tell("tampered-log", &log(account), fault.is_some());
    }
}

fn packed(text: &str, level: u32) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(level));
    let written = packed.write_all(text.as_bytes()).and_then(|()| packed.finish());
    written.unwrap_or_else(|_| unreachable!("memory takes every byte"))
}
