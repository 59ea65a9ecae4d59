//! Reports made by hand: an ordinary one, and one in which everything that an input could say is hostile.

use std::collections::BTreeSet;

use jiff::Timestamp;
use overstay::ledger::PopulationRow;
use overstay::model::{
    CheckSummary, CommitPlace, Compared, Confidence, Control, Evidence, Exception, Finding, FindingBuilder,
    FingerprintKey, Gap, GapReason, Inconclusive, Input, InputSummary, Lapsed, MemberPlace, Metric, MetricUnit, Place,
    Relation, Severity, StandingClass, Subject, SubjectKind, Suppressed, Triage, Written,
};
use overstay::report::{Report, StreamWindow};
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;

const HOSTILE: [&str; 10] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31mred",
    "=HYPERLINK(\"http://192.0.2.1\")",
    "a|b|c",
    "`rm -rf`",
    "<script>alert(1)</script>",
    "[click](http://192.0.2.1/)",
    "one\ntwo\r\nthree\u{2028}four",
    "exe.\u{202e}gpj\u{2066}\u{200b}\u{e0041}",
    "{0} {braces} %s \\u001b",
];

pub(crate) fn key() -> FingerprintKey {
    FingerprintKey::new(vec![7; 32])
}

pub(crate) fn sample() -> Report {
    Report {
        version: "0.1.0".to_owned(),
        command: "scan".to_owned(),
        as_of: time("2026-01-31T12:00:00Z"),
        as_of_source: "newest record of aws-cloudtrail".to_owned(),
        key_id: key().id(),
        rules_sha256: "0".repeat(64),
        rules: rules(),
        findings: vec![
            finding("live-leaked-secret", Some("I08"), subject("AKIAFAKE"), Severity::Critical),
            finding("rotation-overdue", Some("A07"), subject("AKIAFAKE"), Severity::High),
            finding("idle-credential", Some("A03"), subject("AKIAOTHER"), Severity::Medium),
            finding("hardcoded-secret", None, subject("#0123456789ab"), Severity::Low),
        ],
        triage: Triage::default(),
        summaries: vec![summary("live-leaked-secret", 3), summary("never-used-credential", 0)],
        inputs: vec![InputSummary {
            name: "infra".into(),
            format: "git".into(),
            sha256: None,
            bytes: 5000,
            items: 42,
            ignored: 0,
            notes: vec!["commits 14".to_owned()],
        }],
        gaps: vec![gap("logs/b.json.gz", GapReason::Damaged, 1), gap("infra/a.png", GapReason::Skipped, 1204)],
        streams: vec![StreamWindow {
            importer: "aws-cloudtrail".into(),
            scope: "111122223333".into(),
            from: time("2026-01-01T00:00:00Z"),
            to: time("2026-01-31T12:00:00Z"),
            records: 1204,
            holes: vec![(time("2026-01-03T00:00:00Z"), time("2026-01-04T00:00:00Z"))],
        }],
        set_aside: [("documentation-key".to_owned(), 2)].into(),
        filtered: Vec::new(),
        population: vec![PopulationRow {
            kind: "aws-access-key-id".to_owned(),
            title: "AWS access key".to_owned(),
            standing: "standing".to_owned(),
            status: "active".to_owned(),
            seen_in: "code+export+log".to_owned(),
            count: 3,
        }],
        metrics: vec![
            Metric::new(
                "jit-coverage",
                "privileged uses through just-in-time access",
                MetricUnit::Share,
                "a log".into(),
            )
            .of(2, 5)
            .part("static credential", 3),
            Metric::new("overstay", "hours from the last use to the end", MetricUnit::Hours, "a log".into())
                .unknown("nothing to measure"),
        ],
        met: BTreeSet::new(),
        elapsed: None,
    }
}

fn rules() -> CheckRules {
    let controls = Controls::embedded().expect("controls");
    CheckRules::embedded(&controls).expect("checks")
}

pub(crate) fn hostile() -> Report {
    let mut report = sample();
    let long = "x\u{1b}".repeat(5000);
    report.findings = HOSTILE.iter().chain([&long.as_str()]).map(|text| poisoned(text)).collect();
    for (gap, text) in report.gaps.iter_mut().zip(HOSTILE) {
        (gap.what, gap.detail, gap.effect) = (text.into(), text.into(), text.into());
    }
    let inconclusive = |text: &&str| Inconclusive { subject: (*text).to_owned(), reason: (*text).to_owned() };
    for summary in &mut report.summaries {
        summary.inconclusive = HOSTILE.iter().map(inconclusive).collect();
    }
    report.inputs[0].name = HOSTILE.concat().into();
    report.streams[0].scope = HOSTILE.concat().into();
    report.triage = triage(&report.findings, &HOSTILE.concat());
    report.as_of_source = HOSTILE.concat();
    report.set_aside = HOSTILE.iter().map(|text| ((*text).to_owned(), 1)).collect();
    report
}

/// What does not count: each finding once as suppressed and once as known, and every word of it `text`.
fn triage(findings: &[Finding], text: &str) -> Triage {
    let exception = Exception {
        target: text.to_owned(),
        covers: text.to_owned(),
        written: Written::InSource,
        at: text.to_owned(),
        owner: text.to_owned(),
        requester: None,
        approver: Some(text.to_owned()),
        reason: text.to_owned(),
        expires: "2026-12-31".parse().expect("a day"),
    };
    let suppressed = |finding: &Finding| Suppressed { finding: finding.clone(), by: vec![exception.clone()] };
    Triage {
        suppressed: findings.iter().map(suppressed).collect(),
        lapsed: vec![Lapsed { exception: exception.clone(), hid: vec![text.to_owned(); 3] }],
        warnings: vec![text.to_owned()],
        baseline: Some(Compared { file: text.to_owned(), known: findings.to_vec(), fixed: None }),
    }
}

fn poisoned(text: &str) -> Finding {
    let mut finding = finding("hardcoded-secret", None, subject(text), Severity::Critical);
    let input = Input::of(text, b"");
    let commit = Place::Commit(Box::new(CommitPlace {
        commit: text.into(),
        path: text.into(),
        line: 1,
        column: 1,
        author_date: None,
    }));
    finding.evidence = vec![
        Evidence::new(text, &input, commit).with_record_id(Some(text)),
        Evidence::new(text, &input, Place::Pointer { pointer: text.to_owned() }),
    ];
    text.clone_into(&mut finding.message);
    text.clone_into(&mut finding.fix);
    text.clone_into(&mut finding.severity_reason);
    text.clone_into(&mut finding.subject.title);
    finding.subject.principal = Some(text.to_owned());
    finding.facts = vec![(text.to_owned(), text.to_owned())];
    text.clone_into(&mut finding.controls[0].title);
    finding
}

fn finding(check: &str, catalogue: Option<&str>, subject: Subject, severity: Severity) -> Finding {
    let id = key().fingerprint("finding", format!("{check} {}", subject.id).as_bytes());
    let mut finding = FindingBuilder::new(check, id, subject, severity, "live and leaked")
        .message("The key in deploy.yml is live and was used two hours before the cut-off.")
        .confidence(Confidence::High)
        .standing(StandingClass::Standing)
        .fact("identity", "arn:aws:iam::111122223333:user/ci-deploy")
        .evidence(evidence())
        .build()
        .expect("has evidence");
    finding.catalogue = catalogue.map(str::to_owned);
    "Deactivate the key and let the workflow assume a role.".clone_into(&mut finding.fix);
    finding.controls = controls();
    finding
}

fn evidence() -> Vec<Evidence> {
    let code = Input::of("infra/.github/workflows/deploy.yml", b"code");
    let trail = Input::of("logs/trail.json.gz", b"trail");
    let export = Input::streamed("exports/account.json");
    let commit = Place::Commit(Box::new(CommitPlace {
        commit: "3f2a91c0".repeat(5),
        path: ".github/workflows/deploy.yml".to_owned(),
        line: 11,
        column: 5,
        author_date: Some(time("2023-04-02T00:00:00Z")),
    }));
    let jar = Input::of("lib/app.jar", b"jar");
    let member = Place::Member(Box::new(MemberPlace {
        member: "in.zip!/conf/db.yml".to_owned(),
        line: 3,
        column: 7,
        introduced: None,
    }));
    vec![
        Evidence::new("last use", &trail, Place::Record { index: 17, offset: 4096 })
            .with_record_id(Some("6f1c0c3e-0000-4000-8000-000000000000")),
        Evidence::new("key id in code", &code, commit),
        Evidence::new("key id in code", &code, Place::Line { line: 11, column: 5 }),
        Evidence::new("status", &export, Place::Pointer { pointer: "/UserDetailList/3".to_owned() }),
        Evidence::new("key id in code", &jar, member),
    ]
}

fn subject(id: &str) -> Subject {
    Subject {
        kind: SubjectKind::Credential,
        class: "aws-access-key-id".to_owned(),
        id: id.to_owned(),
        title: "AWS access key".to_owned(),
        principal: Some("arn:aws:iam::111122223333:user/ci-deploy".to_owned()),
    }
}

fn controls() -> Vec<Control> {
    let control = |label: &str, framework: &str, id: Option<&str>, title: &str, relation| Control {
        requested_label: label.to_owned(),
        framework: framework.to_owned(),
        published_id: id.map(str::to_owned),
        version: "2025".to_owned(),
        title: title.to_owned(),
        relation,
    };
    vec![
        control("NHI-03", "OWASP NHI Top 10", Some("NHI7:2025"), "Long-Lived Secrets", Relation::Primary),
        control("GOV-2", "MAESTRO", None, "time-limited privileged roles", Relation::Unverifiable),
    ]
}

fn summary(check: &str, examined: u64) -> CheckSummary {
    let inconclusive = Inconclusive { subject: "AKIA".to_owned(), reason: "the log covers January only".to_owned() };
    CheckSummary {
        check: check.to_owned(),
        catalogue: Some("A02".to_owned()),
        title: format!("What {check} looks for"),
        examined,
        fired: 1,
        held_back: 0,
        inconclusive: vec![inconclusive],
        parameters: vec![("days".to_owned(), "90".to_owned())],
    }
}

fn gap(what: &str, reason: GapReason, count: u64) -> Gap {
    Gap {
        what: what.into(),
        reason,
        detail: "gzip stream ends early".into(),
        effect: "later events are missing".into(),
        count,
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}
