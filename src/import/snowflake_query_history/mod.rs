//! `ACCOUNT_USAGE.QUERY_HISTORY` of Snowflake: the sessions in which queries ran, and the statements that make, change and
//! end users, their credentials and their roles. The text of other queries is not looked at, and that of none is kept.
//!
//! Columns: <https://docs.snowflake.com/en/sql-reference/account-usage/query_history>.

mod change;
mod statement;

use serde_json::Value;

use super::lookup::{Node, parse};
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{CredentialId, Event, EventKind, GapReason, IdentityKind, Outcome, StreamKey};
use crate::rules::check::Needs;
use statement::Statement;

const ID: &str = "snowflake-query-history";
/// The system of all ids.
const SYSTEM: &str = "snowflake";

/// Reads the query history of Snowflake.
pub(super) struct SnowflakeQueryHistory;

impl Importer for SnowflakeQueryHistory {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Snowflake query history"
    }

    fn how_to_export(&self) -> &'static str {
        "snow sql -q 'SELECT QUERY_ID, QUERY_TEXT, QUERY_TYPE, SESSION_ID, USER_NAME, ROLE_NAME, DATABASE_NAME, \
         EXECUTION_STATUS, ERROR_CODE, START_TIME FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY' --format csv > queries.csv"
    }

    fn layout(&self) -> Layout {
        Layout::Documents(&[])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["QUERY_ID", "QUERY_TEXT", "USER_NAME", "START_TIME"] },
            Shape { list: None, keys: &["query_id", "query_text", "user_name", "start_time"] },
        ]
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn gives(&self) -> Vec<Needs> {
        vec![Needs::Grants]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Queries { stream: StreamKey::new(ID, "") })
    }
}

struct Queries {
    stream: StreamKey,
}

impl Worker for Queries {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let Some(value) = parse(record, out) else { return };
        let query = Query::of(&value);
        let Some(time) = query.field("START_TIME").time() else {
            return out.problem(record, "START_TIME", GapReason::Damaged, "has no time that can be read");
        };
        out.sink.observed(&self.stream, time);
        let Some(user) = query.text("USER_NAME") else { return out.ignore("queries of nobody") };
        let requester = format!("snowflake/user/{user}");
        let (id, error) = (query.text("QUERY_ID"), query.text("ERROR_CODE"));
        let action = query.text("QUERY_TYPE");
        let mut event = Event::new(time, EventKind::Used, &self.stream, record.origin(id.as_deref()));
        event.outcome = query.outcome();
        event.error = error.as_deref().filter(|_| event.outcome != Outcome::Ok);
        event.requester = Some(&requester);
        event.requester_kind = IdentityKind::User;
        event.action = action.as_deref();
        let is_of_session = query.session(&event, &requester, out);
        let text = query.field("QUERY_TEXT").or_empty();
        let changed = match Statement::read(&text) {
            Some(statement) => change::told(&statement, &user, &event, out),
            None => false,
        };
        if !is_of_session && !changed {
            out.ignore("queries outside of a session");
        }
    }
}

/// A row, with names in capital letters as Snowflake writes them, or in small ones as some clients do.
struct Query<'a> {
    row: &'a Value,
}

impl<'a> Query<'a> {
    fn of(row: &'a Value) -> Self {
        Self { row }
    }

    fn field(&self, name: &str) -> Node<'a> {
        let node = Node::of(self.row);
        let capital = node.key(name);
        if capital.exists() { capital } else { node.key(&name.to_ascii_lowercase()) }
    }

    fn text(&self, name: &str) -> Option<std::borrow::Cow<'a, str>> {
        self.field(name).text()
    }

    /// 3001 is a lack of privileges: <https://docs.snowflake.com/en/user-guide/security-access-control-overview>.
    fn outcome(&self) -> Outcome {
        let status = self.field("EXECUTION_STATUS").or_empty();
        match self.field("ERROR_CODE").or_empty().trim_start_matches('0') {
            _ if status.eq_ignore_ascii_case("SUCCESS") => Outcome::Ok,
            "3001" => Outcome::Denied,
            _ => Outcome::Error,
        }
    }

    /// Pushes the use of the session in which the query ran; false if none is named.
    fn session(&self, event: &Event<'_>, user: &str, out: &mut Out<'_>) -> bool {
        let Some(session) = self.text("SESSION_ID").filter(|id| id != "0") else { return false };
        let (role, database) = (self.text("ROLE_NAME"), self.text("DATABASE_NAME"));
        let mut usage = event.clone();
        usage.credential = Some(CredentialId::issued(SYSTEM, &format!("session/{session}")));
        usage.credential_kind = "snowflake-session";
        usage.principal = Some(user);
        usage.requester = None;
        usage.requester_kind = IdentityKind::Unknown;
        usage.scope = role.as_deref();
        usage.target = database.as_deref();
        out.sink.event(&usage);
        true
    }
}
