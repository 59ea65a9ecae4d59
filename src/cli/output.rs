//! Where reports go: `-f FORMAT[=FILE]`, several at once, each file whole or not there at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::report::{self, Look, REPORTERS, Report, Reporter};
use crate::rules::nearest::suggestion;
use crate::source::file;

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Two formats for one standard output.
    #[error("two formats go to standard output; give all but one a file: -f sarif=overstay.sarif")]
    TwoForStdout,
    /// The file could not be written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The standard output could not be written.
    #[error("standard output: {0}")]
    Stdout(io::Error),
}

/// One `-f`.
#[derive(Clone)]
pub(super) struct Target {
    reporter: &'static dyn Reporter,
    /// Standard output where there is none.
    file: Option<PathBuf>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={:?}", self.reporter.id(), self.file)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').map_or((text, None), |(format, file)| (format, Some(file)));
        let known = || REPORTERS.iter().map(|reporter| reporter.id());
        let Some(reporter) = report::find(format) else {
            let list = known().collect::<Vec<_>>().join(", ");
            return Err(format!("no format `{format}`{}; formats: {list}", suggestion(format, known())));
        };
        match file {
            Some("") => Err(format!("write {format}=FILE, or {format} alone for standard output")),
            Some("-") | None => Ok(Self { reporter, file: None }),
            Some(file) => Ok(Self { reporter, file: Some(file.into()) }),
        }
    }
}

impl Target {
    /// Makes the file independent of the current directory.
    pub(super) fn make_absolute(&mut self) {
        if let Some(file) = &mut self.file
            && let Ok(absolute) = std::path::absolute(&*file)
        {
            *file = absolute;
        }
    }
}

/// The targets, checked together; the terminal format on standard output where there is none.
pub(super) fn targets(given: &[Target]) -> Result<Vec<Target>, Error> {
    if given.is_empty() {
        return Ok(REPORTERS.iter().take(1).map(|reporter| Target { reporter: *reporter, file: None }).collect());
    }
    if given.iter().filter(|target| target.file.is_none()).count() > 1 {
        return Err(Error::TwoForStdout);
    }
    Ok(given.to_vec())
}

/// Writes every target, also where another one fails. Returns the files written, and what failed.
pub(super) fn write(report: &Report, targets: &[Target], look: Look) -> (Vec<PathBuf>, Vec<Error>) {
    let (mut written, mut failed) = (Vec::new(), Vec::new());
    for target in targets {
        match &target.file {
            None => failed.extend(to_stdout(report, target.reporter, look).err().map(Error::Stdout)),
            Some(path) => match to_file(report, target.reporter, path, look.all) {
                Ok(()) => written.push(path.clone()),
                Err(source) => failed.push(Error::File { path: path.clone(), source }),
            },
        }
    }
    (written, failed)
}

fn to_stdout(report: &Report, reporter: &dyn Reporter, look: Look) -> io::Result<()> {
    let mut out = io::stdout().lock();
    reporter.write(report, &mut out, &look)?;
    out.flush()
}

/// A file appears under its name when it is whole. Devices and pipes are written straight; a symbolic link is refused,
/// for it may lead anywhere.
fn to_file(report: &Report, reporter: &dyn Reporter, path: &Path, all: bool) -> io::Result<()> {
    let look = Look { all, ..Look::default() };
    match fs::symlink_metadata(path).map(|meta| meta.file_type()) {
        Ok(kind) if kind.is_symlink() => Err(io::Error::other("is a symbolic link; name the file itself")),
        Ok(kind) if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(kind) if !kind.is_file() => reporter.write(report, &mut fs::File::options().write(true).open(path)?, &look),
        _ => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut file = file::to_share().tempfile_in(folder)?;
            reporter.write(report, file.as_file_mut(), &look)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}
