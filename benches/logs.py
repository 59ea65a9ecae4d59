#!/usr/bin/env python3
"""Measures the reading of CloudTrail logs, in paired runs on the same invented estate.

    benches/logs.py                    plain and compressed, against cat, zcat and, where they are installed, DuckDB and polars
    benches/logs.py --install          the same; first fetches DuckDB and polars from PyPI into a virtual environment
    benches/logs.py threads            two threads against one
    benches/logs.py files              many small compressed files, as CloudTrail writes them, against one large one
    benches/logs.py memory             1, 4 and 16 times the events with the same credentials, then few credentials

DuckDB and polars do the join of issuances, uses and revocations by access key and nothing else; overstay does everything
that a scan does. Before anything is measured, DuckDB's answer must be that of overstay for every key. CPU is user plus
system time of all threads and children; ratios are medians of paired rounds.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import venv

from compare import OVERSTAY, ROOT, run

PEERS = ["duckdb==2.0.0", "polars==2.1.0"]
IDENTITY = "STRUCT(accessKeyId VARCHAR)"
ANSWER = "STRUCT(credentials STRUCT(accessKeyId VARCHAR), accessKey STRUCT(accessKeyId VARCHAR))"
REQUEST = "STRUCT(accessKeyId VARCHAR, status VARCHAR)"
JOIN = f"""
CREATE TABLE log AS SELECT * FROM read_json('{{log}}', format = 'newline_delimited', columns = {{{{
    eventTime: 'VARCHAR', eventSource: 'VARCHAR', eventName: 'VARCHAR', userIdentity: '{IDENTITY}',
    requestParameters: '{REQUEST}', responseElements: '{ANSWER}'}}}});
CREATE TABLE answer AS
WITH uses AS (
    SELECT userIdentity.accessKeyId AS key, count(*) AS uses, min(eventTime) AS first_use, max(eventTime) AS last_use
    FROM log WHERE userIdentity.accessKeyId IS NOT NULL GROUP BY 1),
issued AS (
    SELECT coalesce(responseElements.credentials.accessKeyId, responseElements.accessKey.accessKeyId) AS key,
           min(eventTime) AS issued
    FROM log WHERE eventSource IN ('sts.amazonaws.com', 'iam.amazonaws.com') GROUP BY 1 HAVING key IS NOT NULL),
revoked AS (
    SELECT requestParameters.accessKeyId AS key, min(eventTime) AS revoked FROM log
    WHERE eventName = 'DeleteAccessKey' OR (eventName = 'UpdateAccessKey' AND requestParameters.status = 'Inactive')
    GROUP BY 1)
SELECT key, coalesce(uses, 0) AS uses, first_use, last_use, issued, revoked
FROM uses FULL JOIN issued USING (key) FULL JOIN revoked USING (key);
"""
POLARS = """
import polars as pl
text, some = pl.String, pl.Struct
key = some({{"accessKeyId": text}})
schema = {{"eventTime": text, "eventSource": text, "eventName": text, "userIdentity": key,
          "requestParameters": some({{"accessKeyId": text, "status": text}}),
          "responseElements": some({{"credentials": key, "accessKey": key}})}}
log = pl.scan_ndjson({log!r}, schema=schema, ignore_errors=True)
time, inside = pl.col("eventTime"), lambda of, *path: __import__("functools").reduce(
    lambda at, name: at.struct.field(name), path, pl.col(of))
uses = log.with_columns(key=inside("userIdentity", "accessKeyId")).drop_nulls("key").group_by("key").agg(
    pl.len().alias("uses"), time.min().alias("first_use"), time.max().alias("last_use"))
issued = log.filter(pl.col("eventSource").is_in(["sts.amazonaws.com", "iam.amazonaws.com"])).with_columns(
    key=pl.coalesce(inside("responseElements", "credentials", "accessKeyId"),
                    inside("responseElements", "accessKey", "accessKeyId"))).drop_nulls("key").group_by("key").agg(
    time.min().alias("issued"))
revoked = log.filter(pl.col("eventName").is_in(["DeleteAccessKey", "UpdateAccessKey"])).with_columns(
    key=inside("requestParameters", "accessKeyId")).group_by("key").agg(time.min().alias("revoked"))
print(uses.join(issued, on="key", how="full", coalesce=True).join(revoked, on="key", how="full", coalesce=True).collect())
"""


def install(folder):
    """The peers in a virtual environment of their own."""
    if not (folder / "bin/python").exists():
        venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", *PEERS], check=True)


def estate(folder, layout, events, credentials, per_file=1000):
    """Writes an invented log; its folder."""
    program = ROOT / "target/release/examples/estate"
    if not program.exists():
        subprocess.run(["cargo", "build", "--quiet", "--release", "--example", "estate"], cwd=ROOT, check=True)
    numbers = ["--events", events, "--credentials", credentials, "--records-per-file", per_file]
    subprocess.run([program, "--layout", layout, *map(str, numbers), folder], check=True)
    return folder / "logs"


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def scan(logs, *more):
    return [str(OVERSTAY), "scan", "--no-progress", "-q", *more, str(logs)]


def duckdb(python, log, after="", threads=2):
    sql = f"SET threads = {threads};" + JOIN.format(log=log) + after
    return [str(python), "-c", f"import duckdb\nc = duckdb.connect()\nc.execute({sql!r})\n{CHECK if after else ''}"]


CHECK = "found = c.fetchall()\nassert not found, found[:5]\n"
OURS = """
CREATE TABLE ours AS SELECT credential AS key, uses, strftime(first_use, '%Y-%m-%dT%H:%M:%SZ') AS first_use,
    strftime(last_use, '%Y-%m-%dT%H:%M:%SZ') AS last_use,
    list_filter(from_json(switches, '["JSON"]'), lambda s: s->>'kind' IN ('revoked', 'disabled'))[1]->>'time' AS revoked
FROM '{table}' WHERE credential SIMILAR TO 'A[KS]IA.*';
CREATE VIEW theirs AS SELECT key, uses, first_use, last_use, revoked FROM answer;
(SELECT 'DuckDB only', * FROM (FROM theirs EXCEPT FROM ours)) UNION ALL
(SELECT 'overstay only', * FROM (FROM ours EXCEPT FROM theirs));
"""


def agree(python, log, folder):
    """DuckDB's answer must be ours for every key: uses, first and last use, revocation."""
    subprocess.run(scan(log, "--ledger", str(folder / "ledger")), stdout=subprocess.DEVNULL, check=False)
    table = next((folder / "ledger").rglob("timelines.parquet"))
    subprocess.run(duckdb(python, log, OURS.format(table=table)), check=True)
    print("DuckDB's answer is that of overstay for every key")


def paired(commands, rounds):
    """Wall, CPU and peak of each command, round by round, after one run that is not counted."""
    for command in commands.values():
        run(command)
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def show(title, runs, first="overstay"):
    print(f"\n{title:32}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'CPU of overstay / it':>22}")
    for name, measured in runs.items():
        wall, cpu, peak = (statistics.median(column) for column in zip(*measured))
        ratio = statistics.median(ours[1] / max(other[1], 1e-3) for ours, other in zip(runs[first], measured))
        print(f"{name:32}{cpu:9.2f}{wall:9.2f}{peak:10.0f}{ratio:22.2f}")


def peers(arguments, log):
    python = arguments.peers / "bin/python"
    if not python.exists():
        return {}
    return {"DuckDB": duckdb(python, log), "polars": [str(python), "-c", POLARS.format(log=str(log))]}


def compare(arguments, folder):
    plain = estate(folder / "plain", "ndjson", arguments.events, arguments.credentials) / "trail.ndjson"
    python = arguments.peers / "bin/python"
    if python.exists():
        agree(python, plain, folder)
    commands = {"overstay": scan(plain), "cat": f"cat '{plain}'"}
    show(f"NDJSON, {plain.stat().st_size >> 20} MiB", paired(commands | peers(arguments, plain), arguments.rounds))
    zipped = estate(folder / "zipped", "gz", arguments.events, arguments.credentials) / "trail.ndjson.gz"
    commands = {"overstay": scan(zipped), "zcat": f"zcat '{zipped}'"}
    title = f"the same as .gz, {zipped.stat().st_size >> 20} MiB"
    show(title, paired(commands | peers(arguments, zipped), arguments.rounds))


def threads(arguments, folder):
    plain = estate(folder, "ndjson", arguments.events, arguments.credentials)
    runs = paired({f"{n} threads": scan(plain, "--threads", str(n)) for n in (1, 2)}, arguments.rounds)
    wall = [statistics.median(one[0] for one in runs[f"{n} threads"]) for n in (1, 2)]
    gain = statistics.median(a[0] / b[0] for a, b in zip(runs["1 threads"], runs["2 threads"]))
    print(f"one thread {wall[0]:.2f} s, two {wall[1]:.2f} s: {gain:.2f} times as fast")


def files(arguments, folder):
    small = estate(folder / "small", "s3", arguments.events, arguments.credentials, arguments.per_file)
    large = estate(folder / "large", "gz", arguments.events, arguments.credentials)
    count = sum(1 for _ in small.rglob("*.gz"))
    runs = paired({"overstay": scan(large), f"{count} files": scan(small)}, arguments.rounds)
    show(f"small {size(small) >> 20} MiB, large {size(large) >> 20} MiB", runs)
    factor = statistics.median(b[1] / a[1] for a, b in zip(runs["overstay"], runs[f"{count} files"]))
    print(f"per byte: {factor * size(large) / size(small):.2f} times the CPU of the large file")


def memory(arguments, folder):
    peaks = []
    sizes = [(1, arguments.credentials), (4, arguments.credentials), (16, arguments.credentials), (1, arguments.credentials // 16)]
    for times, credentials in sizes:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            logs = estate(pathlib.Path(place), "gz", arguments.events * times, credentials)
            peaks.append(run(scan(logs))[2])
            print(f"{arguments.events * times:>10} events, {credentials:>6} credentials: peak {peaks[-1]:.0f} MiB")
    slope = (peaks[0] - peaks[3]) * 1024 / (arguments.credentials - arguments.credentials // 16)
    print(f"{slope:.2f} KiB for each further credential")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = {"compare": compare, "threads": threads, "files": files, "memory": memory}
    parser.add_argument("what", nargs="?", choices=list(every), default="compare")
    parser.add_argument("--install", action="store_true", help="fetch DuckDB and polars from PyPI")
    parser.add_argument("--peers", type=pathlib.Path, default=pathlib.Path.home() / ".cache/overstay-peers/logs")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--credentials", type=int, default=65_000)
    parser.add_argument("--per-file", type=int, default=1000, help="records of a small file")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.install:
        install(arguments.peers)
    if not OVERSTAY.exists():
        sys.exit(f"{OVERSTAY} is not there: cargo build --release")
    with tempfile.TemporaryDirectory() as folder:
        every[arguments.what](arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
