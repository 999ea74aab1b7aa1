#!/usr/bin/env python3
"""How the cost of a packet grows: with flows open at once, with the size of packets, and what more workers gain.

Makes captures, measures them with `windfall bench`, and writes what it finds between the markers of
docs/performance.md, as CSV and SVG in docs/performance/. Standard library only. One capture at a time is on disk (some
2.5 GB at most), unless --keep; what lies there already, from benches/peers.sh too, is used and left.

    benches/scale.py                           everything, some ten minutes
    benches/scale.py --quick --docs /tmp/try   small, elsewhere: whether it runs
    benches/scale.py --peers peers.txt         also puts in what benches/peers.sh printed
"""

import argparse
import csv
import datetime
import json
import math
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKETS_EACH = 16
# Of flows that are open at once, for a graph; the last two tell what one takes.
LIVE = [1_000, 10_000, 100_000, 500_000, 1_000_000]
WORKERS = [1, 2, 4]
SNAPLENS = [64, 128, 256, 512, 1024, 262144]


def die(message, status=2):
    print(f"scale.py: {message}", file=sys.stderr)
    sys.exit(status)


def say(message):
    print(f"scale.py: {message}", file=sys.stderr, flush=True)


def whole_number(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return number


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small captures and few rounds: no figures to quote")
    parser.add_argument("--rounds", type=whole_number, default=7, help="rounds of each measurement [7]")
    parser.add_argument("--flows", type=whole_number, default=52_000, help="flows of the gateway's capture [52000]")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "target/bench", help="captures [target/bench]")
    parser.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs", help="what is written [docs]")
    parser.add_argument("--peers", type=pathlib.Path, help="what benches/peers.sh printed")
    parser.add_argument("--note", default="", help="what to say of this machine besides")
    parser.add_argument("--only", choices=["live", "gateway", "size", "peers"], action="append", help="may be repeated")
    parser.add_argument("--keep", action="store_true", help="keep the captures, and use those that were kept")
    return parser.parse_args()


def built(example):
    """windfall and an example, built for release."""
    say("building")
    build = ["cargo", "build", "--quiet", "--locked", "--release", "--bin", "windfall", "--example", example]
    subprocess.run(build, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release/windfall", target / "release/examples" / example


class Bench:
    """Makes captures and measures them."""

    def __init__(self, options):
        self.options = options
        options.dir.mkdir(parents=True, exist_ok=True)
        self.program, self.maker = built("traffic")

    def measure(self, name, how, workers=None, rounds=None):
        """Figures of a capture made with these flags; one that holds little is gone over more often."""
        path = self.options.dir / name
        is_new = not path.exists()
        if is_new:
            say(f"making {path}")
            part = path.with_suffix(".part")
            subprocess.run([self.maker, *how, "--out", part], check=True, stderr=subprocess.DEVNULL)
            part.rename(path)
        results = []
        for number in workers or [1]:
            say(f"measuring {name}, workers: {number}")
            rounds = rounds or self.options.rounds
            # The bound is out of the way: it is the table that is measured.
            run = [self.program, "bench", "--max-flows", str(2 * LIVE[-1]), "--workers", str(number)]
            run += ["--format", "json", "--repeat", str(rounds), path]
            told = subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout
            results.append(json.loads(told))
        if is_new and not self.options.keep:
            path.unlink()
        return results


def live_flows(bench):
    """Cost a packet and memory against the number of flows that are open at once."""
    rows = []
    for flows in [1_000, 10_000, 20_000] if bench.options.quick else LIVE:
        how = ["--live", str(flows), "--packets-each", str(PACKETS_EACH)]
        rounds = bench.options.rounds * (5 if flows <= 10_000 else 1)
        (figures,) = bench.measure(f"live-{flows}-{PACKETS_EACH}.pcap", how, rounds=rounds)
        run = figures["runs"][0]
        rows.append(
            {"live_flows": flows, "packets": figures["packets"], "rounds": figures["rounds"]}
            | spread("ns_per_packet", run["ns_per_packet"])
            | {"peak_memory_mb": megabytes(run["peak_memory_bytes"])}
        )
    return rows


def gateway(bench):
    """Stages and workers, on the gateway's capture."""
    name, how = f"gateway-{bench.options.flows}.pcap", ["--flows", str(bench.options.flows)]
    results = bench.measure(name, how, workers=[1, 2] if bench.options.quick else WORKERS)
    stages = [
        {"stage": stage["stage"]} | spread("ns_per_packet", stage["ns_per_packet"])
        for stage in results[0]["stages"]
    ]
    workers = []
    for figures in results:
        run = figures["runs"][-1]
        workers.append(
            {"workers": run["workers"], "packets": figures["packets"], "rounds": figures["rounds"]}
            | spread("ns_per_packet", run["ns_per_packet"])
            | spread("speedup", run["speedup"], digits=2)
            | {
                "million_packets_per_second": round(run["packets_per_second"]["median"] / 1e6, 2),
                "gigabytes_per_second": round(run["file_bytes_per_second"]["median"] / 1e9, 2),
                "peak_memory_mb": megabytes(run["peak_memory_bytes"]),
            }
        )
    return stages, workers


def sizes(bench):
    """Cost against captured bytes a packet."""
    rows = []
    flows = str(bench.options.flows)
    for snaplen in SNAPLENS[1::2] if bench.options.quick else SNAPLENS:
        name = f"gateway-{flows}.pcap" if snaplen == SNAPLENS[-1] else f"gateway-{flows}-{snaplen}.pcap"
        (figures,) = bench.measure(name, ["--flows", flows, "--snaplen", str(snaplen)])
        run = figures["runs"][0]
        rows.append(
            {
                "snap_length": snaplen,
                "captured_bytes_per_packet": round(figures["bytes"] / figures["packets"], 1),
                "packets": figures["packets"],
                "rounds": figures["rounds"],
            }
            | spread("ns_per_packet", run["ns_per_packet"])
        )
    return rows


def spread(name, figures, digits=1):
    fields = {"median": name, "min": f"{name}_min", "max": f"{name}_max"}
    return {field: round(figures[part], digits) for part, field in fields.items()}


def megabytes(size):
    return None if size is None else round(size / 1e6, 1)


# --- what is written ------------------------------------------------------------------------------------------------


def write_csv(path, rows):
    with path.open("w", newline="") as out:
        table = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def markdown(rows, columns):
    """A table; columns are headings with what they show of a row."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " ---: |" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(str(show(row)) for show in columns.values()) + " |")
    return "\n".join(lines)


def of(name, digits=1):
    """Median with the least and the most."""
    return lambda row: f"{row[name]:.{digits}f} ({row[name + '_min']:.{digits}f}–{row[name + '_max']:.{digits}f})"


def memory(row):
    return "unknown" if row["peak_memory_mb"] is None else f"{row['peak_memory_mb']:.0f} MB"


def bytes_a_flow(rows):
    """From the two largest: what is there without flows falls out of the difference."""
    few, many = rows[-2:]
    if few["peak_memory_mb"] is None:
        return "unknown"
    grown = (many["peak_memory_mb"] - few["peak_memory_mb"]) * 1e6
    each = grown / (many["live_flows"] - few["live_flows"])
    return f"{each:.0f} bytes (from {few['live_flows']:,} flows to {many['live_flows']:,})"


def graph(title, x_title, y_title, points, log=False):
    """An SVG of medians, with bars from the least to the most. Points are (x, label of x, median, min, max)."""
    width, height, left, right, top, bottom = 640, 320, 70, 20, 40, 60
    scale = math.log10 if log else float
    xs = [scale(point[0]) for point in points]
    low, high = min(xs), max(xs)
    step = nice_step(max(point[4] for point in points) / 5)
    y_max = math.ceil(max(point[4] for point in points) / step) * step

    def x_of(x):
        return left + 20 + (scale(x) - low) / ((high - low) or 1) * (width - left - right - 40)

    def y_of(y):
        return height - bottom - y / y_max * (height - top - bottom)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="22" font-size="15">{title}</text>',
    ]
    for tick in range(round(y_max / step) + 1):
        y = y_of(tick * step)
        out.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick * step:g}</text>')
    line = " ".join(f"{x_of(x):.1f},{y_of(median):.1f}" for x, _, median, _, _ in points)
    out.append(f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>')
    for x, label, median, least, most in points:
        x = x_of(x)
        bar = f"M{x:.1f} {y_of(least):.1f}V{y_of(most):.1f}"
        out.append(f'<path d="{bar}" stroke="#06c" stroke-opacity=".5" stroke-width="4"/>')
        out.append(f'<circle cx="{x:.1f}" cy="{y_of(median):.1f}" r="4" fill="#06c"/>')
        out.append(f'<text x="{x:.1f}" y="{height - bottom + 18}" text-anchor="middle">{label}</text>')
    middle = (top + height - bottom) / 2
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 14}" text-anchor="middle">{x_title}</text>')
    out.append(f'<text transform="translate(18 {middle}) rotate(-90)" text-anchor="middle">{y_title}</text>')
    return "\n".join([*out, "</svg>", ""])


def nice_step(least):
    """1, 2 or 5 times a power of ten."""
    power = 10 ** len(str(int(least))) / 100
    while True:
        for digit in (1, 2, 5):
            if digit * power >= least:
                return digit * power
        power *= 10


def points_of(rows, x, y="ns_per_packet", label=lambda value: f"{value:,}"):
    return [(row[x], label(row[x]), row[y], row[y + "_min"], row[y + "_max"]) for row in rows]


def in_short(count):
    return f"{count / 1e6:g} M" if count >= 1_000_000 else f"{count / 1e3:g} k"


def put(document, name, text):
    """Between `<!-- name -->` and `<!-- /name -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if begin not in document or end not in document:
        die(f"the document has no {begin} ... {end}")
    before, rest = document.split(begin, 1)
    return f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}"


def machine():
    cpu, memory_kb = platform.processor() or "unknown processor", None
    try:
        cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())[1]
        memory_kb = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    except (OSError, TypeError):
        pass
    rust = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    memory_said = f", {memory_kb / 1e6:.0f} GB" if memory_kb else ""
    day = datetime.datetime.now(datetime.timezone.utc).date()
    return f"{os.cpu_count()} processors ({cpu}){memory_said}, {platform.system()} {platform.release()}, {rust}; {day}."


def write_live(document, docs, rows):
    write_csv(docs / "performance/live-flows.csv", rows)
    title = "Cost of a packet by flows open at once"
    points = points_of(rows, "live_flows", label=in_short)
    svg = graph(title, "flows open at once", "ns a packet", points, log=True)
    (docs / "performance/live-flows.svg").write_text(svg)
    columns = {
        "flows open at once": lambda row: f"{row['live_flows']:,}",
        "ns a packet": of("ns_per_packet"),
        "peak memory": memory,
    }
    ratio = rows[-1]["ns_per_packet"] / next(row for row in rows if row["live_flows"] == 10_000)["ns_per_packet"]
    said = (
        f"A live flow takes {bytes_a_flow(rows)}. A packet costs {ratio:.2f} times as much at "
        f"{rows[-1]['live_flows']:,} flows as at 10,000."
    )
    return put(document, "live-flows", f"{markdown(rows, columns)}\n\n{said}")


def write_gateway(document, docs, stages, workers):
    write_csv(docs / "performance/stages.csv", stages)
    write_csv(docs / "performance/workers.csv", workers)
    svg = graph("What more workers gain", "workers", "times one worker", points_of(workers, "workers", "speedup"))
    (docs / "performance/workers.svg").write_text(svg)
    document = put(
        document, "stages", markdown(stages, {"stage": lambda row: row["stage"], "ns a packet": of("ns_per_packet")})
    )
    columns = {
        "workers": lambda row: row["workers"],
        "ns a packet": of("ns_per_packet"),
        "million packets a second": lambda row: row["million_packets_per_second"],
        "GB a second": lambda row: row["gigabytes_per_second"],
        "times one worker": of("speedup", 2),
        "peak memory": memory,
    }
    return put(document, "workers", markdown(workers, columns))


def write_sizes(document, docs, rows):
    write_csv(docs / "performance/packet-size.csv", rows)
    points = points_of(rows, "captured_bytes_per_packet", label=lambda size: f"{size:.0f}")
    svg = graph("Cost of a packet by its size", "captured bytes a packet, on average", "ns a packet", points)
    (docs / "performance/packet-size.svg").write_text(svg)
    columns = {
        "snap length": lambda row: f"{row['snap_length']:,}",
        "captured bytes a packet": lambda row: f"{row['captured_bytes_per_packet']:.0f}",
        "ns a packet": of("ns_per_packet"),
    }
    return put(document, "packet-size", markdown(rows, columns))


def main():
    options = arguments()
    page = options.docs / "performance.md"
    (options.docs / "performance").mkdir(parents=True, exist_ok=True)
    if not page.exists():
        page.write_text((ROOT / "docs/performance.md").read_text())
    if options.quick:
        options.rounds, options.flows = min(options.rounds, 3), min(options.flows, 1000)
    wanted = options.only or ["live", "gateway", "size"]
    # Written after each part: what was measured stays, whatever happens next.
    if options.peers:
        told = options.peers.read_text().strip()
        page.write_text(put(page.read_text(), "peers", f"```text\n{told}\n```"))
    if wanted != ["peers"]:
        bench = Bench(options)
        page.write_text(put(page.read_text(), "machine", f"{machine()} {options.note}".strip()))
    if "live" in wanted:
        page.write_text(write_live(page.read_text(), options.docs, live_flows(bench)))
    if "gateway" in wanted:
        page.write_text(write_gateway(page.read_text(), options.docs, *gateway(bench)))
    if "size" in wanted:
        page.write_text(write_sizes(page.read_text(), options.docs, sizes(bench)))
    say(f"wrote {page}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        die(f"{failed.cmd[0]} ended with status {failed.returncode}", 3)
    except OSError as failed:
        die(failed, 3)
