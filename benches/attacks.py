#!/usr/bin/env python3
"""What attacks cost a replay with its usual bounds, and whether the required connections in their middle are judged right.

Pipes each attack of examples/attack.rs into `windfall replay -`, and writes what it finds between the markers of
docs/limits.md. Standard library only, Linux; nothing is written but that page. A quarter of an hour in all.

    benches/attacks.py                                     every attack
    benches/attacks.py --packets 20000 --page /tmp/l.md    small, elsewhere: whether it runs
    benches/attacks.py --only syn-flood --only fragments   some; prints the table and writes nothing
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import scale  # noqa: E402  machine(), markdown(), put()

ROOT = scale.ROOT
ATTACKS = [
    "syn-flood",
    "dns-random",
    "mdns-storm",
    "fragments",
    "tiny-hellos",
    "quic-initials",
    "control-names",
]
# The devices in the middle of the attacks.
DEVICES = ["--client", "10.0.0.0/8", "--client", "2001:db8:7::/48"]
# What a row says of a requirement: all that a reader acts on.
FIELDS = ["status", "cause", "origin", "attempts"]


def say(message):
    print(f"attacks.py: {message}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=scale.whole_number, help="of each attack [what reaches the bounds]")
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "docs/limits.md", help="what is written")
    parser.add_argument("--only", choices=ATTACKS, action="append", help="may be repeated")
    parser.add_argument("--note", default="", help="what to say of this machine besides")
    return parser.parse_args()


class Siege:
    """Attacks made by one program and judged by the other."""

    def __init__(self, packets):
        self.packets = packets
        self.program, self.maker = scale.built("attack")

    def replay(self, what, *flags):
        """Standard output of a replay, with the processor time (s) and peak memory (bytes) it took."""
        make = [self.maker, what, *(["--packets", str(self.packets)] if self.packets else [])]
        maker = subprocess.Popen(make, stdout=subprocess.PIPE)
        run = [self.program, "replay", *flags, "-"]
        windfall = subprocess.Popen(run, stdin=maker.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        maker.stdout.close()
        told = windfall.stdout.read()
        complaint = windfall.stderr.read().decode()
        _, status, used = os.wait4(windfall.pid, 0)
        windfall.returncode = os.waitstatus_to_exitcode(status)
        # 1: something required is failing, which is what the captures in the middle show.
        if maker.wait() != 0 or windfall.returncode not in (0, 1):
            sys.exit(f"attacks.py: {what}: windfall {windfall.returncode}, {complaint}")
        return told, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024

    def judged(self, what):
        """The report on the devices, with the requirements by pattern and device."""
        told, _, _ = self.replay(what, "--format", "json", *DEVICES)
        report = json.loads(told)
        rows = [row for row in report["requirements"] if row["client"]]
        fares = {(row["pattern"], *row["client"]["addresses"]): [row[field] for field in FIELDS] for row in rows}
        return report, fares

    def row(self, attack, expected):
        say(attack)
        begun = time.monotonic()
        _, seconds, peak = self.replay(attack)
        report, fares = self.judged(attack)
        right = sum(fares.get(who) == so for who, so in expected.items())
        for who, so in expected.items():
            if fares.get(who) != so:
                say(f"  {who}: {fares.get(who)}, not {so}")
        say(f"  {time.monotonic() - begun:.0f} s")
        return {
            "attack": attack,
            "packets": sum(capture["frames"] for capture in report["captures"]),
            "seconds": seconds,
            "peak": peak,
            "counters": report["summary"]["limits_hit"],
            "right": f"{right} of {len(expected)}",
        }


def table(rows):
    def counters(row):
        return ", ".join(f"`{name}` {count:,}" for name, count in row["counters"].items()) or "none"

    columns = {
        "attack": lambda row: f"`{row['attack']}`",
        "packets": lambda row: f"{row['packets']:,}",
        "processor time": lambda row: f"{row['seconds']:.1f} s",
        "ns a packet": lambda row: f"{row['seconds'] * 1e9 / row['packets']:,.0f}",
        "peak memory": lambda row: f"{row['peak'] / 1e6:,.0f} MB",
        "what it counted": counters,
        "verdicts right": lambda row: row["right"],
    }
    return scale.markdown(rows, columns)


def main():
    options = arguments()
    siege = Siege(options.packets)
    _, expected = siege.judged("meanwhile")
    rows = [siege.row(attack, expected) for attack in options.only or ATTACKS]
    told = table(rows)
    print(told)
    if not options.only:
        page = options.page if options.page.exists() else ROOT / "docs/limits.md"
        said = f"{scale.machine()} {options.note}".strip()
        options.page.write_text(scale.put(scale.put(page.read_text(), "attacks", told), "machine", said))
        say(f"wrote {options.page}")


if __name__ == "__main__":
    main()
