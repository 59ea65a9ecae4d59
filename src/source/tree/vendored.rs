//! Directories that tools fill with other people's code or with copies of what is examined anyway.

use std::ffi::OsStr;
use std::path::Path;

/// Names that stand for installed dependencies or caches wherever they appear.
const NAMES: &[&str] = &[
    ".gradle",
    ".mypy_cache",
    ".nox",
    ".pnpm-store",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    "__pycache__",
    "bower_components",
    "node_modules",
];

/// Names that mean it only together with a file the tool leaves in them.
const MARKED: &[(&str, &str)] =
    &[(".venv", "pyvenv.cfg"), ("env", "pyvenv.cfg"), ("target", "CACHEDIR.TAG"), ("venv", "pyvenv.cfg")];

/// Whether `directory` is left out unless the user asks for it.
pub(super) fn is_vendored(name: &OsStr, directory: &Path) -> bool {
    let Some(name) = name.to_str() else { return false };
    let marker = MARKED.iter().find(|(marked, _)| *marked == name);
    NAMES.contains(&name) || marker.is_some_and(|(_, file)| directory.join(file).symlink_metadata().is_ok())
}
