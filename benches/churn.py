#!/usr/bin/env python3
"""Whether a replay's memory stays flat while connections come and go for an hour.

Pipes `attack churn` (all bundled captures over and over, each time of other devices) into `windfall replay -`, reads
every few seconds what the kernel says the process holds (VmRSS), and tells the least, the median and the most of each
ten minutes. Ends with status 1 if one of them rises above the second by more than 5 %: in the first the tables fill.
Standard library only, Linux.

    benches/churn.py --out DIR                  an hour
    benches/churn.py --out DIR --minutes 3      whether it runs
"""

import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

EVERY = 5
GROWTH = 1.05
# Of how many parts a run is told; the first is when the tables fill.
PARTS = 6


def arguments():
    root = pathlib.Path(__file__).resolve().parent.parent
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="a folder for samples, report and verdict")
    parser.add_argument("--minutes", type=int, default=60, help="how long [60]")
    parser.add_argument("--programs", type=pathlib.Path, default=target / "release", help="built with --release")
    parser.add_argument("flags", nargs="*", help="further flags of replay, after --")
    return parser.parse_args()


def held(pid):
    """VmRSS in kB, or None once the process is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(sizes[0]) if sizes else None


def sample(maker, windfall, path):
    """What windfall held while it was fed: (seconds, kB)."""
    samples, begun = [], time.monotonic()
    with path.open("w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["seconds", "held_kb"])
        while maker.poll() is None and (kb := held(windfall.pid)) is not None:
            samples.append((time.monotonic() - begun, kb))
            table.writerow([round(samples[-1][0]), kb])
            out.flush()
            time.sleep(EVERY)
    return samples


def parts(samples, seconds):
    """The least, the median and the most of each part, in kB."""
    found = []
    for number in range(PARTS):
        begins, ends = number * seconds / PARTS, (number + 1) * seconds / PARTS
        kb = [kb for at, kb in samples if begins <= at < ends]
        if kb:
            found.append((min(kb), round(statistics.median(kb)), max(kb)))
    return found


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    make = [options.programs / "examples/attack", "churn", "--minutes", str(options.minutes)]
    # One network's rows are enough: what counts is what all of them left.
    few = ["--format", "json", "--flows", "failing", "--client", "10.0.0.0/24"]
    run = [options.programs / "windfall", "replay", *few, *options.flags, "-"]
    report = options.out / "report.json"
    with report.open("wb") as out:
        maker = subprocess.Popen(make, stdout=subprocess.PIPE)
        windfall = subprocess.Popen(run, stdin=maker.stdout, stdout=out)
        maker.stdout.close()
        samples = sample(maker, windfall, options.out / "samples.csv")
        status = windfall.wait()
    found = parts(samples, options.minutes * 60)
    told = json.loads(report.read_text())
    lines = ["| part of the run | least | median | most |", "| ---: | ---: | ---: | ---: |"]
    for number, sizes in enumerate(found):
        each = options.minutes / PARTS
        cells = " | ".join(f"{kb / 1e3:.1f} MB" for kb in sizes)
        lines.append(f"| minutes {number * each:g} to {(number + 1) * each:g} | {cells} |")
    frames = sum(capture["frames"] for capture in told["captures"])
    hits = ", ".join(f"`{name}` {count:,}" for name, count in told["summary"]["limits_hit"].items())
    lines += ["", f"{frames:,} frames. Counters: {hits or 'none'}."]
    (options.out / "table.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    flat = len(found) == PARTS and max(most for _, _, most in found[2:]) <= found[1][2] * GROWTH
    if status not in (0, 1) or not flat:
        sys.exit(f"churn.py: memory grew, or windfall failed (status {status})")
    print("flat")


if __name__ == "__main__":
    main()
