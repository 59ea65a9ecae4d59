//! What the exports of an account of AWS say: users, roles, keys, the credential report.

use serde_json::{Value, json};

use super::beside::Beside;
use super::plot::{DAY, HOUR, Plot};
use super::record::instant;
use super::trail::Key;

/// The columns of the credential report.
const REPORT: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
                      password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,\
                      access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
                      access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
                      access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,\
                      cert_2_active,cert_2_last_rotated";

/// The exports of one account so far.
#[derive(Debug, Default)]
pub(crate) struct Account {
    users: Vec<Value>,
    groups: Vec<Value>,
    roles: Vec<Value>,
    keys: Vec<(String, Value)>,
    report: Vec<String>,
}

/// A user to be exported. Ages are in days before the end of the log.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// Its name.
    pub(crate) name: String,
    /// How old it is.
    pub(crate) age: i64,
    /// Its tags.
    pub(crate) tags: Value,
    /// The names of policies of AWS that are attached.
    pub(crate) attached: Vec<&'static str>,
    /// The statements of its own policy.
    pub(crate) statements: Value,
    /// Its groups.
    pub(crate) groups: Vec<String>,
    /// Whether it has a second factor, where it has a password.
    pub(crate) password: Option<bool>,
    /// Its keys: key, age, and how long ago it was used.
    pub(crate) keys: Vec<(Key, i64, Option<i64>)>,
}

/// A role to be exported.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// Its name.
    pub(crate) name: String,
    /// How old it is, in days.
    pub(crate) age: i64,
    /// The statements of its trust policy.
    pub(crate) trust: Value,
    /// The names of policies of AWS that are attached.
    pub(crate) attached: Vec<&'static str>,
    /// The statements of its own policy.
    pub(crate) statements: Value,
    /// The longest session, in seconds.
    pub(crate) longest: i64,
    /// How many days ago it was used.
    pub(crate) used: i64,
}

impl User {
    /// A user of two years that may read a bucket and has an owner.
    pub(crate) fn new(plot: &mut Plot) -> Self {
        Self {
            name: format!("plot-{}", plot.next()),
            age: 730,
            tags: json!([{"Key": "owner", "Value": "platform"}]),
            attached: Vec::new(),
            statements: json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"}]),
            groups: Vec::new(),
            password: None,
            keys: Vec::new(),
        }
    }

    /// The same as an administrator.
    pub(crate) fn administrator(plot: &mut Plot) -> Self {
        Self { attached: vec!["AdministratorAccess"], ..Self::new(plot) }
    }

    /// With a key of such an age that was used so long ago.
    pub(crate) fn with_key(mut self, plot: &mut Plot, age: i64, used: Option<i64>) -> (Self, Key) {
        let key = plot.key_of(&self.name);
        self.keys.push((key.clone(), age, used));
        (self, key)
    }

    /// Puts it into the exports of the account; its ARN.
    pub(crate) fn export(&self, plot: &mut Plot) -> String {
        let ago = |plot: &Plot, days: i64| instant(plot.at(-days * DAY - 2 * HOUR));
        let arn = format!("arn:aws:iam::{}:user/{}", plot.account, self.name);
        let made = ago(plot, self.age);
        let exported = json!({"Path": "/", "UserName": self.name, "UserId": format!("AIDAFAKE{}", plot.next()), "Arn": arn,
            "CreateDate": made, "GroupList": self.groups, "AttachedManagedPolicies": attached(&self.attached),
            "UserPolicyList": own(&self.statements), "Tags": self.tags});
        let (password, mfa) = match self.password {
            Some(mfa) => (format!("true,{0},{0},N/A", ago(plot, 3)), mfa),
            None => ("false,N/A,N/A,N/A".to_owned(), false),
        };
        let mut row = vec![self.name.clone(), arn.clone(), made, password, mfa.to_string()];
        for slot in 0..2 {
            let Some((key, age, used)) = self.keys.get(slot) else {
                row.push("false,N/A,N/A,N/A,N/A".to_owned());
                continue;
            };
            let (made, last) = (ago(plot, *age), used.map(|days| ago(plot, days)));
            let last = last.map_or_else(|| "N/A,N/A,N/A".to_owned(), |last| format!("{last},us-east-1,s3"));
            row.push(format!("true,{made},{last}"));
            let listed = json!({"UserName": self.name, "AccessKeyId": key.id, "Status": "Active", "CreateDate": made});
            plot.exports().keys.push((self.name.clone(), listed));
        }
        let exports = plot.exports();
        exports.report.push(row.join(",") + ",false,N/A,false,N/A");
        exports.users.push(exported);
        arn
    }
}

impl Role {
    /// A role of two years that a function takes and that was used lately.
    pub(crate) fn new(plot: &mut Plot) -> Self {
        let name = format!("plot-{}", plot.next());
        Self {
            name,
            age: 730,
            trust: json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]),
            attached: Vec::new(),
            statements: json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"}]),
            longest: 3600,
            used: 2,
        }
    }

    /// The same as an administrator.
    pub(crate) fn administrator(plot: &mut Plot) -> Self {
        Self { attached: vec!["AdministratorAccess"], ..Self::new(plot) }
    }

    /// Puts it into the exports of the account; its ARN.
    pub(crate) fn export(&self, plot: &mut Plot) -> String {
        let arn = format!("arn:aws:iam::{}:role/{}", plot.account, self.name);
        let role = json!({"Path": "/", "RoleName": self.name, "RoleId": format!("AROAFAKE{}", plot.next()), "Arn": arn,
            "CreateDate": instant(plot.at(-self.age * DAY)), "AttachedManagedPolicies": attached(&self.attached),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": self.trust},
            "RolePolicyList": own(&self.statements), "MaxSessionDuration": self.longest, "InstanceProfileList": [],
            "Tags": [{"Key": "Team", "Value": "web"}],
            "RoleLastUsed": {"LastUsedDate": instant(plot.at(-self.used * DAY)), "Region": "us-east-1"}});
        plot.exports().roles.push(role);
        arn
    }
}

/// The name of a policy of AWS in an export.
fn attached(names: &[&str]) -> Value {
    let policy = |name: &&str| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")});
    names.iter().map(policy).collect()
}

fn own(statements: &Value) -> Value {
    json!([{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}])
}

impl Plot {
    /// The exports of the account in which things happen now.
    pub(crate) fn exports(&mut self) -> &mut Account {
        self.accounts.entry(self.account.clone()).or_default()
    }
}

impl Account {
    /// A group with a policy of AWS.
    pub(crate) fn group(&mut self, account: &str, name: &str, policy: &str) {
        self.groups.push(json!({"Path": "/", "GroupName": name, "GroupId": format!("AGPAFAKE{name}"),
            "Arn": format!("arn:aws:iam::{account}:group/{name}"), "CreateDate": "2022-01-12T09:00:00Z",
            "GroupPolicyList": [], "AttachedManagedPolicies": attached(&[policy])}));
    }

    /// The row of the root user in the report, with a key or without.
    pub(crate) fn root(&mut self, account: &str, key: Option<&str>) {
        let key =
            key.map_or_else(|| "false,N/A,N/A,N/A,N/A".to_owned(), |made| format!("true,{made},{made},us-east-1,s3"));
        self.report.push(format!(
            "<root_account>,arn:aws:iam::{account}:root,2021-11-02T07:00:00Z,not_supported,2026-01-09T08:00:00Z,\
             not_supported,not_supported,true,{key},false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        ));
    }

    /// The files of an account as of a moment in seconds since 1970.
    pub(crate) fn write(self, account: &str, at: i64, beside: &mut Beside) {
        let folder = format!("exports/{account}");
        let all = json!({"UserDetailList": self.users, "GroupDetailList": self.groups, "RoleDetailList": self.roles,
            "Policies": [], "IsTruncated": false});
        beside.file(&format!("{folder}/account-authorization.json"), all.to_string());
        let named = instant(at).replace(':', "_");
        let report = format!("{REPORT}\n{}\n", self.report.join("\n"));
        beside.file(&format!("{folder}/credential-report-{named}.csv"), report);
        for keys in self.keys.chunk_by(|(one, _), (other, _)| one == other) {
            let listed: Vec<&Value> = keys.iter().map(|(_, key)| key).collect();
            let user = keys.first().map(|(user, _)| user.as_str()).unwrap_or_default();
            let file = format!("{folder}/access-keys/{user}.json");
            beside.file(&file, json!({"AccessKeyMetadata": listed}).to_string());
        }
    }
}
