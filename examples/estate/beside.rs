//! What lies beside the trail: logs of other systems, tables, exports, source files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Files by their path below the estate.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    logs: BTreeMap<&'static str, Vec<(i64, String)>>,
    tables: BTreeMap<&'static str, (&'static str, Vec<String>)>,
    files: BTreeMap<String, Vec<u8>>,
    /// Entries of the policy by its keys.
    policy: BTreeMap<&'static str, Vec<String>>,
}

impl Beside {
    /// A line of a log at a moment in seconds since 1970; lines are written in order of time.
    pub(crate) fn line(&mut self, log: &'static str, at: i64, line: String) {
        self.logs.entry(log).or_default().push((at, line));
    }

    /// A row of a table with this header.
    pub(crate) fn row(&mut self, table: &'static str, header: &'static str, row: String) {
        self.tables.entry(table).or_insert((header, Vec::new())).1.push(row);
    }

    /// A whole file.
    pub(crate) fn file(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), content.into());
    }

    /// An entry under a key of the policy, as it stands there.
    pub(crate) fn decide(&mut self, key: &'static str, entry: String) {
        self.policy.entry(key).or_default().push(entry);
    }

    /// The policy: what always holds, and the entries.
    pub(crate) fn policy(&self, always: &str) -> String {
        let parts = self.policy.iter().map(|(key, entries)| format!("{key}:\n{}\n", entries.join("\n")));
        [always.to_owned()].into_iter().chain(parts).collect()
    }

    /// Writes all of them below `folder`.
    pub(crate) fn write(mut self, folder: &Path) -> io::Result<()> {
        for (name, lines) in &mut self.logs {
            lines.sort();
            let text = lines.iter().flat_map(|(_, line)| [line, "\n"]).collect::<String>();
            self.files.insert((*name).to_owned(), text.into_bytes());
        }
        for (name, (header, rows)) in self.tables {
            self.files.insert(name.to_owned(), format!("{header}\n{}\n", rows.join("\n")).into_bytes());
        }
        for (name, content) in self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, content)?;
        }
        Ok(())
    }
}
