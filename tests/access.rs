//! The evaluation of policies on tables of cases whose answers are derived from the providers' documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use overstay::access::{Question, judges};
use overstay::import::{IMPORTERS, Limits, read};
use overstay::ledger::{Fold, Joining, Ledger};
use overstay::model::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";
/// The levels of the organisation, from above.
const LEVELS: [(&str, &str); 3] = [("root", "r-ab12"), ("unit", "ou-ab12-cdef3456"), ("account", ACCOUNT)];

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    reference: String,
    cases: Vec<Case>,
}

/// One case: who holds what, what is asked, and the answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    /// What the documentation says, which decides the case.
    rule: String,
    /// `user`, the default, or `role`.
    #[serde(default)]
    who: Option<String>,
    /// Inline policies.
    #[serde(default)]
    policies: Vec<Value>,
    /// Attached policies by name.
    #[serde(default)]
    managed: BTreeMap<String, Value>,
    /// Attached policies that the export does not hold.
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    groups: BTreeMap<String, Value>,
    #[serde(default)]
    boundary: Option<Value>,
    #[serde(default)]
    missing_boundary: bool,
    /// Service control policies by level.
    #[serde(default)]
    organisation: BTreeMap<String, Vec<Value>>,
    /// Resource control policies by level.
    #[serde(default)]
    resource_policies: BTreeMap<String, Vec<Value>>,
    /// The account is the management account.
    #[serde(default)]
    management: bool,
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
    #[serde(default)]
    as_of: Option<String>,
    /// The action.
    ask: String,
    /// The resource; any where it is not given.
    #[serde(default)]
    on: Option<String>,
    expect: Verdict,
    /// What the reason must say.
    #[serde(default)]
    says: Option<String>,
}

impl Case {
    fn id(&self) -> String {
        let name = if self.who.as_deref() == Some("role") { "role/work" } else { "user/ci" };
        format!("arn:aws:iam::{ACCOUNT}:{name}")
    }

    /// The answer of `aws iam get-account-authorization-details`.
    fn account(&self) -> Value {
        let is_role = self.who.as_deref() == Some("role");
        let document = |statements: &Value| json!({"Version": "2012-10-17", "Statement": statements});
        let inline = |(place, statements): (usize, &Value)| json!({"PolicyName": format!("p{place}"), "PolicyDocument": document(statements)});
        let inline: Vec<Value> = self.policies.iter().enumerate().map(inline).collect();
        let arn = |name: &String| format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let attached: Vec<Value> = self
            .managed
            .keys()
            .map(arn)
            .chain(self.missing.iter().cloned())
            .map(|arn| json!({"PolicyArn": arn}))
            .collect();
        let version = |arn: String, statements: &Value| json!({"Arn": arn, "PolicyVersionList": [{"IsDefaultVersion": true, "Document": document(statements)}]});
        let mut policies: Vec<Value> = self.managed.iter().map(|(name, it)| version(arn(name), it)).collect();
        policies.extend(self.boundary.as_ref().map(|statements| version(BOUNDARY.to_owned(), statements)));
        let mut who =
            json!({"Arn": self.id(), "CreateDate": "2024-01-01T00:00:00Z", "AttachedManagedPolicies": attached});
        who[if is_role { "RoleName" } else { "UserName" }] = json!("x");
        who[if is_role { "RolePolicyList" } else { "UserPolicyList" }] = json!(inline);
        who["GroupList"] = json!(self.groups.keys().collect::<Vec<_>>());
        if self.boundary.is_some() || self.missing_boundary {
            who["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": BOUNDARY});
        }
        if let Some(tags) = &self.tags {
            who["Tags"] = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        }
        let group = |(name, statements): (&String, &Value)| {
            let policies = json!([{"PolicyName": "g", "PolicyDocument": document(statements)}]);
            json!({"Arn": format!("arn:aws:iam::{ACCOUNT}:group/{name}"), "GroupName": name, "GroupPolicyList": policies})
        };
        let groups: Vec<Value> = self.groups.iter().map(group).collect();
        let (users, roles) = if is_role { (vec![], vec![who]) } else { (vec![who], vec![]) };
        json!({"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies})
    }

    /// The tree of the organisation with its policies, as it is exported; nothing where the case has none.
    fn tree(&self) -> Option<Value> {
        if self.organisation.is_empty() && self.resource_policies.is_empty() {
            return None;
        }
        let mut below: Vec<Value> = Vec::new();
        for (level, id) in LEVELS.iter().rev() {
            let mut policies = attached(level, self.organisation.get(*level), "SERVICE_CONTROL_POLICY");
            policies.extend(attached(level, self.resource_policies.get(*level), "RESOURCE_CONTROL_POLICY"));
            below = vec![json!({"Id": id, "Name": id, "Policies": policies, "Children": below})];
        }
        below.pop()
    }

    fn ledger(&self) -> Ledger {
        let mut fold = Fold::new();
        push(&mut fold, "aws-account-authorization", &self.account());
        if let Some(tree) = self.tree() {
            push(&mut fold, "aws-organizations", &tree);
        }
        if self.management {
            let organisation =
                json!({"Organization": {"Id": "o-abcdef1234", "MasterAccountId": ACCOUNT, "FeatureSet": "ALL"}});
            push(&mut fold, "aws-organizations", &organisation);
        }
        let as_of = self.as_of.as_deref().unwrap_or("2026-06-01T00:00:00Z").parse().expect("a time");
        fold.finish(&Joining { as_of: Some(as_of), ..Joining::default() })
    }
}

/// The policies of one level: a name is one of AWS's own, without content.
fn attached(level: &str, policies: Option<&Vec<Value>>, kind: &str) -> Vec<Value> {
    let policy = |(place, policy): (usize, &Value)| {
        if let Some(name) = policy.as_str() {
            return json!({"Id": format!("p-{name}"), "Type": kind});
        }
        let content = json!({"Version": "2012-10-17", "Statement": policy}).to_string();
        json!({"Id": format!("p-{level}{place}{}", &kind[..3]), "Type": kind, "Content": content})
    };
    policies.into_iter().flatten().enumerate().map(policy).collect()
}

fn push(fold: &mut Fold, importer: &str, export: &Value) {
    let importer = IMPORTERS.iter().find(|known| known.id() == importer).expect("an importer");
    let text = serde_json::to_vec(export).expect("JSON");
    read(*importer, text.as_slice(), importer.id(), &Limits::default(), fold);
}

/// What is wrong with a case, in words.
fn check(file: &str, case: &Case) -> Option<String> {
    let ledger = case.ledger();
    assert!(ledger.gaps.is_empty(), "{}: {:?}", case.rule, ledger.gaps);
    let estate = ledger.estate();
    let judges = judges(&estate);
    let id = case.id();
    let question = Question { principal: &id, action: &case.ask, resource: case.on.as_deref() };
    let decision = judges["aws"].decide(&question);
    let says = case.says.as_ref().is_none_or(|says| decision.why.contains(says));
    let proven = decision.verdict != Verdict::Allowed || decision.deciding.iter().all(|it| !it.evidence.is_empty());
    let right = decision.verdict == case.expect && says && proven;
    (!right).then(|| format!("{file}: {} ({}): {:?}, {}", case.rule, case.ask, decision.verdict, decision.why))
}

#[test]
fn every_case_of_aws_is_answered_as_its_documentation_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/access/aws");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("text");
        let table: Table = overstay::yaml::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        assert!(table.reference.starts_with("https://docs.aws.amazon.com/"), "{name}");
        count += table.cases.len();
        wrong.extend(table.cases.iter().filter_map(|case| check(&name, case)));
    }
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 150, "{count} cases");
}
