//! What is examined: paths, a list of them, the standard input, what is staged, or the commits since a revision.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::scan::{self, Scope};

use super::Error;

/// A list of paths may have this many bytes.
const MOST_LIST_BYTES: u64 = 256 << 20;

/// What is examined.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Inputs {
    /// Repositories, trees, export files, log files or folders of them, in any mix; recognised by content; - is the
    /// standard input
    #[arg(required_unless_present_any = ["files_from", "staged", "since"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Examine the paths that this file lists as well, one a line or separated by NUL; - is the standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "since"])]
    files_from: Option<PathBuf>,
    /// Examine only what is staged in the repository at PATH [default: here], as before a commit
    #[arg(long, conflicts_with_all = ["since", "no_history"])]
    staged: bool,
    /// Examine only what the commits of REV..HEAD bring in, in the repository at PATH [default: here]
    #[arg(long, value_name = "REV", conflicts_with = "no_history")]
    since: Option<String>,
    /// Leave out the history of repositories
    #[arg(long)]
    no_history: bool,
    /// Leave archives and compressed files closed
    #[arg(long)]
    no_archives: bool,
}

/// The same, read.
pub(super) struct Asked {
    /// The paths of the command line.
    pub(super) paths: Vec<PathBuf>,
    /// The paths of the list.
    pub(super) listed: Option<Vec<PathBuf>>,
    /// How much of them.
    pub(super) scope: Scope,
    /// Whether the history of repositories is examined.
    pub(super) history: bool,
    /// Whether archives and compressed files are opened.
    pub(super) archives: bool,
}

impl Inputs {
    /// Whether all of what the paths name is examined, so that what is not found is not there.
    pub(super) fn is_whole(&self) -> bool {
        let stdin = self.paths.iter().any(|path| path == Path::new("-"));
        !self.staged && self.since.is_none() && self.files_from.is_none() && !stdin
    }

    /// Reads the list, and of the environment which index a hook is to look at.
    pub(super) fn read(self, environment: Environment<'_>) -> Result<Asked, Error> {
        let stdin = Path::new("-");
        let readers = self.paths.iter().chain(&self.files_from).filter(|path| *path == stdin).count();
        if readers > 1 {
            return Err(Error::Usage("the standard input can be read once: - stands twice".to_owned()));
        }
        let scope = match self.since {
            Some(rev) => Scope::Since(rev),
            None if self.staged => {
                // Git names the index of the commit to come to the hooks of the repository in which they run.
                let index = environment("GIT_INDEX_FILE").filter(|name| self.paths.is_empty() && !name.is_empty());
                Scope::Staged { index: index.map(PathBuf::from) }
            }
            None => Scope::All,
        };
        if scope != Scope::All && readers > 0 {
            return Err(Error::Usage(
                "--staged and --since look at repositories, not at the standard input".to_owned(),
            ));
        }
        let here = scope != Scope::All && self.paths.is_empty();
        let paths = if here { vec![PathBuf::from(".")] } else { self.paths };
        let listed = self.files_from.map(|path| list(&path)).transpose()?;
        Ok(Asked { paths, listed, scope, history: !self.no_history, archives: !self.no_archives })
    }
}

fn list(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::List { path: path.to_owned(), source };
    let mut source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).map_err(failed)?)
    };
    let mut bytes = Vec::new();
    source.by_ref().take(MOST_LIST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_LIST_BYTES {
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, "larger than a list of paths can be")));
    }
    let paths = scan::listed_paths(&bytes);
    if paths.is_empty() {
        return Err(Error::Usage(format!("--files-from {}: the list names no path", path.display())));
    }
    Ok(paths)
}
