# The commands of a working day. `just` lists them.

_default:
    @just --list --unsorted

# Everything CI checks.
ready:
    ./.ci/run

# Unit and integration tests.
test *ARGS:
    cargo test --locked {{ARGS}}

# Format and lint.
lint:
    cargo fmt
    cargo clippy --locked --all-targets -- -D warnings

# Writes the golden outputs in reports/ anew. Read the difference before you commit it.
reports:
    ./.ci/reports reports

# Draws the picture in the README (needs Python).
screenshot:
    COLUMNS=100 cargo run --locked --release --quiet -- demo --color always 2> /dev/null | .ci/terminal-svg > reports/terminal.svg

# The synthetic company, found by the real pipeline.
demo *ARGS:
    cargo run --locked -- demo {{ARGS}}

# Recall and precision on the labelled corpus; `just corpus faults` names every miss and every false report.
corpus WHAT="table":
    CORPUS={{WHAT}} cargo test --locked --test corpus -- --nocapture

# Mutated input for everything that reads foreign bytes: so many for each target.
fuzz RUNS="100000":
    FUZZ_RUNS={{RUNS}} cargo test --locked --test fuzz -- --nocapture

# Throughput of the secret engine.
bench:
    cargo bench --locked
