//! The part of HCL that policies use.

use serde_json::Value;

use super::Fault;
use crate::import::lookup::Node;
use crate::model::{Effect, Statement};

/// How deep lists and maps may nest.
const MAX_DEPTH: usize = 32;

/// One `path` block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    path: String,
    capabilities: Vec<String>,
    /// Something limits what may be asked: parameters, wrapping.
    is_limited: bool,
}

impl Block {
    /// The block as a statement.
    pub(super) fn statement(self) -> Statement {
        let denies = self.capabilities.iter().any(|capability| capability == "deny");
        let actions = self.capabilities.into_iter().map(Into::into).collect::<Vec<Box<str>>>();
        Statement {
            effect: if denies { Effect::Deny } else { Effect::Allow },
            resources: vec![self.path.into()],
            conditions: if self.is_limited { "{\"parameters\":\"limited\"}".into() } else { "".into() },
            ..Statement::allow(actions)
        }
    }

    fn set(&mut self, key: &str, value: &Parsed) {
        match (key, value) {
            ("capabilities", Parsed::List(texts)) => {
                self.capabilities.extend(texts.iter().map(|text| text.to_ascii_lowercase()));
            }
            ("policy", Parsed::Text(text)) => self.capabilities.extend(old_policy(text)),
            (
                "allowed_parameters"
                | "denied_parameters"
                | "required_parameters"
                | "min_wrapping_ttl"
                | "control_group",
                _,
            ) => {
                self.is_limited = true;
            }
            _ => {}
        }
    }
}

/// The shorthand of old versions.
fn old_policy(text: &str) -> Vec<String> {
    let all: &[&str] = match text {
        "deny" => &["deny"],
        "read" => &["read", "list"],
        "write" => &["create", "read", "update", "delete", "list"],
        "sudo" => &["create", "read", "update", "delete", "list", "sudo"],
        _ => &[],
    };
    all.iter().map(|text| (*text).to_owned()).collect()
}

/// A value as far as it matters.
enum Parsed {
    Text(String),
    List(Vec<String>),
    Other,
}

/// The blocks of a policy in JSON: `{"path": {"secret/*": {"capabilities": ["read"]}}}`.
pub(super) fn json(text: &str) -> Result<Vec<Block>, Fault> {
    let bad = |_| Fault { line: 1, what: "is not valid JSON" };
    let value: Value = serde_json::from_str(text).map_err(bad)?;
    let maps = match Node::of(&value).key("path").0 {
        Some(Value::Array(maps)) => maps.iter().map(Node::of).collect(),
        Some(map) => vec![Node::of(map)],
        None => return Err(Fault { line: 1, what: "holds no path" }),
    };
    let block = |(path, body): (&str, Node<'_>)| {
        let mut block = Block { path: path.to_owned(), ..Block::default() };
        for (key, value) in body.entries() {
            let texts = value.texts().into_iter().map(std::borrow::Cow::into_owned).collect();
            let parsed =
                if key == "policy" { Parsed::Text(value.or_empty().into_owned()) } else { Parsed::List(texts) };
            block.set(key, &parsed);
        }
        block
    };
    Ok(maps.into_iter().flat_map(Node::entries).map(block).collect())
}

/// The blocks of a policy.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, Fault> {
    let mut reader = Reader { rest: text, line: 1 };
    let mut blocks = Vec::new();
    while let Some(block) = reader.block()? {
        blocks.push(block);
    }
    Ok(blocks)
}

/// How many blocks there are before the text goes wrong.
pub(super) fn blocks_before_damage(text: &str) -> usize {
    let mut reader = Reader { rest: text, line: 1 };
    std::iter::from_fn(|| reader.block().ok().flatten()).count()
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    fn block(&mut self) -> Result<Option<Block>, Fault> {
        self.space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let word = self.word();
        self.space();
        if word == "name" && self.eat('=') {
            self.value(0)?;
            return self.block_after_name();
        }
        if word != "path" {
            return Err(self.fault("holds something other than paths"));
        }
        let mut block = Block { path: self.text()?, ..Block::default() };
        self.space();
        self.eat('=');
        self.space();
        if !self.eat('{') {
            return Err(self.fault("has no opening brace after a path"));
        }
        loop {
            self.space();
            if self.eat('}') {
                return Ok(Some(block));
            }
            let key = if self.rest.starts_with('"') { self.text()? } else { self.word() };
            self.space();
            let assigned = self.eat('=') || self.eat(':');
            self.space();
            if key.is_empty() || !assigned && !self.rest.starts_with('{') {
                return Err(self.fault("has a setting without a name or value"));
            }
            let value = self.value(0)?;
            block.set(&key, &value);
            self.space();
            self.eat(',');
        }
    }

    /// A policy may name itself; once is enough.
    fn block_after_name(&mut self) -> Result<Option<Block>, Fault> {
        self.space();
        if self.rest.is_empty() {
            Ok(None)
        } else if self.rest.starts_with("path") {
            self.block()
        } else {
            Err(self.fault("holds something other than paths"))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Parsed, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.fault("is nested too deeply"));
        }
        self.space();
        match self.rest.chars().next() {
            Some('"') => Ok(Parsed::Text(self.text()?)),
            Some('[') => self.list(depth),
            Some('{') => self.map(depth),
            Some(c) if c.is_ascii_alphanumeric() || c == '-' => {
                self.word();
                Ok(Parsed::Other)
            }
            _ => Err(self.fault("has a value that cannot be read")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Parsed, Fault> {
        self.eat('[');
        let mut texts = Vec::new();
        loop {
            self.space();
            if self.eat(']') {
                return Ok(Parsed::List(texts));
            }
            if let Parsed::Text(text) = self.value(depth + 1)? {
                texts.push(text);
            }
            self.space();
            if !self.eat(',') && !self.rest.starts_with(']') {
                return Err(self.fault("has a list without a comma between its elements"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Parsed, Fault> {
        self.eat('{');
        loop {
            self.space();
            if self.eat('}') {
                return Ok(Parsed::Other);
            }
            let key = if self.rest.starts_with('"') { self.text()? } else { self.word() };
            self.space();
            let assigned = self.eat('=') || self.eat(':');
            if key.is_empty() || !assigned && !self.rest.starts_with('{') {
                return Err(self.fault("has a setting without a name or value"));
            }
            self.value(depth + 1)?;
            self.space();
            self.eat(',');
        }
    }

    fn text(&mut self) -> Result<String, Fault> {
        if !self.eat('"') {
            return Err(self.fault("has no text where one must stand"));
        }
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\n' => break,
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                _ => text.push(c),
            }
        }
        Err(self.fault("has a text without an end"))
    }

    fn word(&mut self) -> String {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let word = word.to_owned();
        self.rest = rest;
        word
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// White space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest.trim_start();
            self.line += self.rest.get(..self.rest.len() - rest.len()).unwrap_or_default().matches('\n').count();
            self.rest = rest;
            let end = if rest.starts_with('#') || rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            } else {
                return;
            };
            let (comment, rest) = rest.split_at(end);
            self.line += comment.matches('\n').count();
            self.rest = rest;
        }
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault { line: self.line, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |block: Block| format!("{} {} {}", block.path, block.capabilities.join("+"), block.is_limited);
        blocks(text).expect("a policy").into_iter().map(show).collect()
    }

    #[test]
    fn paths_with_their_capabilities_are_read() {
        let text = "# c\nname = \"x\"\npath \"secret/data/*\" {\n  capabilities = [\"read\", \"LIST\",]\n}\n\
            /* more */ path \"sys/+/x\" { policy = \"sudo\" } // end\n\
            path \"a\" {\n  capabilities = [\"update\"]\n  allowed_parameters = { \"*\" = [], \"x\" = [1, true] }\n}\n\
            path \"b\" { capabilities = [\"deny\"] min_wrapping_ttl = \"1h\" }";
        assert_eq!(
            shown(text),
            [
                "secret/data/* read+list false",
                "sys/+/x create+read+update+delete+list+sudo false",
                "a update true",
                "b deny true",
            ]
        );
    }

    #[test]
    fn json_says_the_same() {
        let text =
            r#"{"path": {"secret/*": {"capabilities": ["read"]}, "a": {"policy": "read", "denied_parameters": {}}}}"#;
        let blocks = json(text).expect("a policy");
        assert_eq!(blocks.len(), 2);
        assert!(
            blocks.iter().any(|block| block.path == "a" && block.is_limited && block.capabilities == ["read", "list"])
        );
    }

    #[test]
    fn a_damaged_policy_is_told_by_its_line() {
        for (text, line) in [
            ("path \"a\" {\n capabilities = [\"read\"\n}\n", 3),
            ("path \"a\" {\n", 2),
            ("\n\npath \"a", 3),
            ("resource \"x\" \"y\" {}", 1),
            ("path \"a\" { capabilities = read }\nx", 2),
        ] {
            assert_eq!(blocks(text).expect_err(text).line, line, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends_early() {
        let text = format!("path \"a\" {{ x = {}", "[".repeat(100_000));
        assert_eq!(blocks(&text).expect_err("too deep").what, "is nested too deeply");
    }
}
