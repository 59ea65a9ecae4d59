//! What kind of file a secret lies in, as far as its path tells. A fixture is often no secret, and sometimes one.

use super::Match;
use crate::model::{Confidence, Credential};
use crate::rules::secret::Breadth;

/// A kind of file in which look-alikes abound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Tests and their data.
    Test,
    /// Documentation.
    Documentation,
    /// Examples, samples, tutorials, templates to be filled in.
    Example,
    /// Code of others that was copied in.
    Vendored,
    /// A lock file: names, versions and digests of packages.
    Lock,
    /// Minified or generated code, source maps, style sheets, vector graphics.
    Generated,
}

/// Directories, by their name or by one of its parts (`integration-test`).
const DIRECTORIES: &[(Setting, &str)] = &[
    (
        Setting::Test,
        "test tests testing testdata testcert testcerts testlib testutil testutils unittest spec specs fixture \
        fixtures mock mocks e2e fuzz fuzzing cypress molecule bench benches benchmark benchmarks snapshots",
    ),
    (Setting::Documentation, "doc docs documentation"),
    (Setting::Example, "example examples sample samples demo demos tutorial tutorials quickstart playground"),
    (Setting::Vendored, "vendor vendored third_party thirdparty node_modules bower_components"),
];
/// Names of lock files.
const LOCKS: &str = "\
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock cargo.lock go.sum go.work.sum \
    poetry.lock pipfile.lock uv.lock pdm.lock composer.lock gemfile.lock podfile.lock packages.lock.json flake.lock \
    mix.lock pubspec.lock package.resolved gradle.lockfile conan.lock deno.lock chart.lock .terraform.lock.hcl \
    requirements.lock cartfile.resolved module.bazel.lock paket.lock rebar.lock";
const GENERATED: &str = "\
    .min.js .min.css .min.mjs .bundle.js .chunk.js .map .svg .css .pb.go .po .pot";
const DOCUMENTS: &str = "\
    .md .rst .adoc .asciidoc .mdx .markdown .textile .pod .org";
/// Parts of a file's name before its ending, between `.`, `-` and `_`.
const MARKS: &[(Setting, &str)] =
    &[(Setting::Test, "test tests spec mock fixture fixtures testing"), (Setting::Example, "example sample dist")];

/// The filters that judge a file, with what each sets aside.
pub(super) const FILTERS: &[(&str, &str)] = &[
    ("lock-file", "a value in a lock file that only its name makes a secret"),
    ("generated-code", "a value in minified or generated code that only its name makes a secret"),
];

impl Setting {
    /// Judges a path below the root of what is examined, with `/` between its parts.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase().replace('\\', "/");
        let (directories, file) = path.rsplit_once('/').unwrap_or(("", &path));
        by_name(file).or_else(|| directories.split('/').rev().find_map(by_directory))
    }

    /// The doubt that a file of this kind raises.
    pub fn doubt(self) -> &'static str {
        match self {
            Self::Test => "it lies in a test or its data",
            Self::Documentation => "it lies in documentation",
            Self::Example => "it lies in an example",
            Self::Vendored => "it lies in code copied from others",
            Self::Lock => "it lies in a lock file",
            Self::Generated => "it lies in generated code",
        }
    }

    /// The filter that sets a match aside here: only one that nothing but a name makes a secret.
    pub fn sets_aside(self, found: &Match) -> Option<&'static str> {
        match self {
            Self::Lock if found.breadth >= Breadth::Named => Some("lock-file"),
            Self::Generated if found.breadth >= Breadth::Named => Some("generated-code"),
            _ => None,
        }
    }

    /// Lowers the confidence of a credential that was found here. What anybody can make (a key, a password, a signed
    /// token) is made for tests more often than not; what only a provider issues was issued. A checksum keeps its word.
    pub fn lower(self, found: &Match, credential: &mut Credential) {
        let Some(exposure) = &mut credential.exposure else { return };
        let lowered = match exposure.confidence {
            _ if found.is_self_made => Confidence::Low,
            Confidence::High if found.is_confirmed() || self == Self::Vendored => return,
            Confidence::High => Confidence::Medium,
            Confidence::Medium | Confidence::Low => Confidence::Low,
        };
        let doubted = exposure.confidence == Confidence::Low && !exposure.doubt.is_empty();
        exposure.doubt =
            if doubted { format!("{}; {}", exposure.doubt, self.doubt()).into() } else { self.doubt().into() };
        exposure.confidence = lowered;
    }
}

fn by_name(file: &str) -> Option<Setting> {
    if LOCKS.split(' ').any(|name| name == file) {
        return Some(Setting::Lock);
    }
    if DOCUMENTS.split(' ').any(|ending| file.ends_with(ending)) {
        return Some(Setting::Documentation);
    }
    let marked = file.split(['.', '-', '_']).find_map(|part| listed(MARKS, part));
    if marked.is_some() || !GENERATED.split(' ').any(|ending| file.ends_with(ending)) {
        return marked;
    }
    Some(Setting::Generated)
}

fn by_directory(directory: &str) -> Option<Setting> {
    let part = || directory.split(['-', '_', '.']).find_map(|part| listed(DIRECTORIES, part));
    // git keeps its tests in `t`.
    let short = || (directory == "t").then_some(Setting::Test);
    listed(DIRECTORIES, directory).or_else(part).or_else(short)
}

fn listed(list: &[(Setting, &str)], name: &str) -> Option<Setting> {
    list.iter().find(|(_, names)| names.split(' ').any(|listed| listed == name)).map(|(setting, _)| *setting)
}

#[cfg(test)]
mod tests {
    use super::Setting;

    #[test]
    fn the_name_of_a_file_or_directory_tells_its_setting() {
        for (path, setting) in [
            ("src/settings.py", None),
            ("deploy/contest/latest.yaml", None),
            ("server/server_test.go", Some(Setting::Test)),
            ("tests/conftest.py", Some(Setting::Test)),
            ("pkg/e2e-tests/run.sh", Some(Setting::Test)),
            ("README.md", Some(Setting::Documentation)),
            ("samples/certs/ca-key.pem", Some(Setting::Example)),
            (".env.example", Some(Setting::Example)),
            ("web/yarn.lock", Some(Setting::Lock)),
            ("assets/app.min.js", Some(Setting::Generated)),
            ("vendor/github.com/x/y.go", Some(Setting::Vendored)),
        ] {
            assert_eq!(Setting::of(path), setting, "{path}");
        }
    }
}
