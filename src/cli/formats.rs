//! `overstay formats`: what can be examined, how to export it, what can be written, and whether a mapping does what it
//! should.

mod check;
mod fields;

use std::path::PathBuf;

use crate::import::Formats;
use crate::report::REPORTERS;

use super::screen::{Screen, print};
use super::{Error, Exit};

/// What is always recognised without an importer.
const CODE: [(&str, &str); 3] = [
    ("git repository", "work tree, bare, worktree or submodule checkout; all history, every distinct blob once"),
    ("directory tree", "all text files; binary content and .git internals are left out, and this is said"),
    (
        "archives in them",
        "zip (jar, war, whl, nupkg, docx, xlsx, apk), tar, gz, bz2, xz, zst, lz4, 7z, ar (deb), cpio, and the layers of \
         container images; three deep, never written to disk",
    ),
];

/// List what can be examined, how to export it, and what can be written; or check a log format of your own
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Check the description of a log format, and with a sample what it makes of it
    Check {
        /// The description: rules/import/README.md explains the language
        mapping: PathBuf,
        /// A log of this format
        sample: Option<PathBuf>,
    },
}

/// Prints the list, or checks.
pub(super) fn run(arguments: Arguments, screen: Screen) -> Result<Exit, Error> {
    match arguments.what {
        Some(What::Check { mapping, sample }) => check::run(&mapping, sample.as_deref(), screen),
        None => list(screen),
    }
}

fn list(screen: Screen) -> Result<Exit, Error> {
    let paint = screen.paint();
    let mut lines = vec![paint.bold("Code: overstay scan PATH")];
    for (name, what) in CODE {
        lines.push(format!("  {}", paint.command(name)));
        lines.extend(screen.wrap(what, "    "));
    }
    lines.extend([String::new(), paint.bold("Exports and logs: files, .gz or folders of them, recognised by content")]);
    for importer in Formats::shipped()?.iter() {
        lines.push(format!("  {}  {}", paint.command(importer.id()), importer.title()));
        lines.extend(screen.wrap(importer.how_to_export(), "    "));
    }
    lines.extend([
        String::new(),
        paint.bold("Logs of your own: a YAML file describes the format (overstay formats check FILE)"),
        format!("  {}", paint.command("overstay scan --mapping FILE LOG")),
    ]);
    lines.extend([String::new(), paint.bold("Reports: -f FORMAT[=FILE], several at once")]);
    for reporter in REPORTERS {
        lines.push(format!("  {}  {}", paint.command(reporter.id()), reporter.title()));
    }
    print(&lines)?;
    Ok(Exit::Clean)
}
