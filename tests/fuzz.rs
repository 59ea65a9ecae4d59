//! Mutated input for everything that reads bytes of strangers. A run is decided by its seed, so each failure comes back.
//! There is no feedback from coverage: the seeds are the examples and fixtures of all formats, the injuries random.
//!
//! `just fuzz 100000` runs that many inputs for each target; `FUZZ_SEED` begins another sequence.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the builders of repositories are shared with the tests of the source layer")]
#![expect(dead_code, reason = "builders and recorder are shared with other tests")]

#[path = "../src/source/archive/tests/build.rs"]
mod build;
#[path = "source/bundle.rs"]
mod bundle;
#[path = "archives/build.rs"]
mod layout;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "source/pack.rs"]
mod pack;
#[path = "fuzz/packed.rs"]
mod packed;
#[path = "importers/recorder.rs"]
mod recorder;
#[path = "source/repo.rs"]
mod repo;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use overstay::import::{Formats, Limits, import};
use overstay::model::{FingerprintKey, GapReason};
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::rules::secret::{SecretRules, sample};
use overstay::secret::Engine;
use overstay::source::Options;
use overstay::source::text::{Decoded, decode};

use mutate::Dice;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let rules = SecretRules::embedded().expect("the rules");
    Engine::new(&rules, &FingerprintKey::new(b"fuzz".to_vec())).expect("the engine")
});

/// Every example of every rule.
static EXAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let rules = SecretRules::embedded().expect("the rules");
    let examples = rules.iter().flat_map(|rule| rule.examples.iter().map(move |example| (&rule.id, example)));
    examples.map(|(id, example)| sample::example(id, example).expect("an example").text.into_bytes()).collect()
});

#[expect(clippy::print_stdout, reason = "how much was run is what a long run is for")]
/// Runs a target over damaged seeds; a panic or a broken promise names the input that shows it.
fn fuzz(name: &str, seeds: &[Vec<u8>], runs: u64, target: impl Fn(&[u8])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (runs, first) = (number("FUZZ_RUNS").unwrap_or(runs), number("FUZZ_SEED").unwrap_or(0));
    for seed in first..first + runs {
        let mut dice = Dice::new(seed);
        let (one, other) = (&seeds[dice.below(seeds.len())], &seeds[dice.below(seeds.len())]);
        let input = dice.damaged(one, other);
        let survived = catch_unwind(AssertUnwindSafe(|| target(&input))).is_ok();
        let shown = || String::from_utf8_lossy(&input).into_owned();
        assert!(survived, "{name}: FUZZ_SEED={seed} FUZZ_RUNS=1 fails on {:?}", shown());
    }
    println!("{name}: {runs} executions from seed {first}, no failure");
}

/// The engine's promises on any text: places lie in the text and in order, and Debug works.
fn examine(text: &[u8]) {
    let examined = ENGINE.examine(text);
    for found in &examined.matches {
        assert!(found.range.start <= found.range.end && found.range.end <= text.len(), "{}", found.rule);
        assert!(found.line >= 1 && found.column >= 1);
        let newlines = memchr::memchr_iter(b'\n', &text[..found.range.start]).count() as u64;
        assert_eq!(found.line, newlines + 1, "{}", found.rule);
    }
    assert!(!format!("{examined:?}").is_empty());
}

#[test]
fn the_engine_survives_damaged_examples() {
    fuzz("engine", &EXAMPLES, 2000, examine);
}

#[test]
fn the_decoders_survive_damaged_encodings() {
    let encoded = |text: &Vec<u8>| {
        let wide: Vec<u8> = text.iter().flat_map(|byte| [*byte, 0]).collect();
        let hex: String = text.iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"));
        let percent: String = text.iter().fold(String::new(), |out, byte| out + &format!("%{byte:02X}"));
        let escapes: String = text.iter().fold(String::new(), |out, byte| out + &format!("\\u00{byte:02x}"));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, text).expect("memory");
        let gzip = STANDARD.encode(gzip.finish().expect("memory"));
        let twice = STANDARD.encode(STANDARD.encode(text));
        [STANDARD.encode(text), hex, percent, escapes, gzip, twice].map(String::into_bytes).into_iter().chain([wide])
    };
    let seeds: Vec<Vec<u8>> = EXAMPLES.iter().step_by(5).flat_map(encoded).collect();
    fuzz("decoders", &seeds, 1000, |bytes| {
        if let Decoded::Text(text) = decode(bytes) {
            examine(&text);
        }
    });
}

#[test]
fn every_importer_survives_damaged_exports() {
    let files = walkdir::WalkDir::new("fixtures/import").sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    let seeds: Vec<Vec<u8>> = files.map(|entry| std::fs::read(entry.path()).expect("a fixture")).collect();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("export");
    let limits = Limits {
        max_record_bytes: 1 << 16,
        max_document_bytes: 1 << 18,
        max_converted_bytes: 1 << 18,
        max_expansion: 10,
        ..Limits::default()
    };
    let formats = Formats::shipped().expect("sound mappings");
    fuzz("importers", &seeds, 150, |bytes| {
        std::fs::write(&path, bytes).expect("a file");
        let _any = formats.recognise(&path).expect("readable");
        for importer in formats.iter() {
            let mut recorder = recorder::Recorder::default();
            import(importer, &path, "export", &limits, &mut recorder);
            assert_eq!(recorder.inputs.len(), 1, "{} examines a file once", importer.id());
            assert!(recorder.gaps.iter().all(|gap| gap.reason != GapReason::Internal), "{}", importer.id());
        }
    });
}

/// The most memory that the process ever held, in MiB; nothing where the system does not say.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}

#[test]
fn files_of_columns_survive_damage_in_bounded_memory() {
    let files = walkdir::WalkDir::new("fixtures/import").sort_by_file_name().into_iter().filter_map(Result::ok);
    let columnar = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "parquet"));
    let seeds: Vec<Vec<u8>> = columnar.map(|entry| std::fs::read(entry.path()).expect("a fixture")).collect();
    let formats = Formats::shipped().expect("sound mappings");
    let importer = formats.find("aws-cloudtrail").expect("an importer of records");
    let read = |input: &[u8]| {
        let _any = formats.recognise_head(input).expect("readable");
        let mut recorder = recorder::Recorder::default();
        overstay::import::read(importer, input, "columns", &Limits::default(), &mut recorder);
        assert_eq!(recorder.inputs.len(), 1);
        assert!(recorder.gaps.iter().all(|gap| gap.reason != GapReason::Internal), "{:?}", recorder.gaps);
    };
    fuzz("columns", &seeds, 300, read);
    // One wrong byte leaves most of the file as it should be, so that the decoders of pages meet it.
    for seed in &seeds {
        for (turn, at) in (4..seed.len() - 4).step_by(61).enumerate() {
            let mut input = seed.clone();
            input[at] ^= [0x01, 0x80, 0xff, 0x10][turn % 4];
            read(&input);
        }
    }
    // A group of rows may take a gibibyte: what small files claim must not take more.
    assert!(peak_mib().is_none_or(|peak| peak < 2048), "{:?} MiB", peak_mib());
}

#[test]
fn a_repository_survives_damaged_packs_and_deltas() {
    let base = b"line one\nline two with some words\n".repeat(20);
    let whole = pack_of(&base, None);
    let delta = [&[0xa8, 5, 0xae, 5, 0xb0, 0xa8, 2, 6][..], b"more!\n"].concat();
    let with_delta = |delta: &[u8]| {
        let repo = repo::Repo::bare();
        written(&repo, &base, Some(delta));
        scan(&repo)
    };
    assert_eq!(with_delta(&delta), 1, "the seed itself is whole");
    fuzz("deltas", &[delta], 150, |bytes| {
        with_delta(bytes);
    });
    fuzz("packs", &[whole], 150, |bytes| {
        let repo = repo::Repo::bare();
        let path = written(&repo, &base, None);
        std::fs::remove_file(&path).expect("the own pack");
        std::fs::write(&path, bytes).expect("a pack");
        scan(&repo);
    });
}

#[test]
fn archives_of_every_kind_survive_damage() {
    fuzz("archives", &packed::archives(), 1000, packed::open);
}

#[test]
fn bundles_survive_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.bundle");
    let seeds = packed::bundles();
    std::fs::write(&path, &seeds[0]).expect("a file");
    assert!(packed::unbundle(&path), "the seed itself is whole");
    fuzz("bundles", &seeds, 300, |bytes| {
        std::fs::write(&path, bytes).expect("a file");
        packed::unbundle(&path);
    });
}

/// The bytes of a pack with a blob, a delta of it, and perhaps a delta as it is given.
fn pack_of(base: &[u8], delta: Option<&[u8]>) -> Vec<u8> {
    let repo = repo::Repo::bare();
    std::fs::read(written(&repo, base, delta)).expect("a pack")
}

fn written(repo: &repo::Repo, base: &[u8], delta: Option<&[u8]>) -> std::path::PathBuf {
    let mut pack = pack::PackWriter::default();
    let place = pack.blob(base);
    pack.appended(place, base, b"a tail\n");
    if let Some(delta) = delta {
        pack.entry(7, pack::blob_id(base).as_bytes(), delta, pack::blob_id(&[base, b"more!\n"].concat()));
    }
    pack.write(&repo.git, "1")
}

/// How many blobs hold an exclamation mark.
fn scan(repo: &repo::Repo) -> usize {
    let Ok(repository) = overstay::source::Repository::open(&repo.root, "repo") else { return 0 };
    let scanned = repository.scan_blobs(&Options::default(), &|text: &[u8]| text.contains(&b'!').then_some(()));
    assert!(scanned.gaps.iter().all(|gap| gap.reason != GapReason::Internal), "{:?}", scanned.gaps);
    scanned.hits.len()
}

#[test]
fn the_policy_survives_damage() {
    let controls = Controls::embedded().expect("controls");
    let rules = CheckRules::embedded(&controls).expect("checks");
    let seeds = ["rules/policy/default.yaml", "fixtures/acme/overstay.yaml", "overstay.yaml"]
        .map(|path| std::fs::read(path).expect("a policy"));
    fuzz("policy", &seeds, 500, |bytes| {
        let _refused = Policy::parse("overstay.yaml", &String::from_utf8_lossy(bytes), &rules);
    });
}
