#!/usr/bin/env python3
"""Replays captures on as many processes as wanted and merges their reports, with Dask.

    python3 examples/merge_with_dask.py --workers 2 windfall one.pcap two.pcap ... > whole.json

`windfall merge` is associative and commutative, so whatever maps and reduces can spread captures over machines: here
Dask's bag maps each capture to its report, and folds the reports pairwise as they come. With the address of a Dask
scheduler (--scheduler tcp://...), its workers do it; captures and windfall must be where they can read them.

Exit status: that of `windfall merge`. Needs the Python package distributed (Debian: python3-distributed).
"""

import argparse
import subprocess
import sys

import dask.bag
from distributed import Client, LocalCluster


def run(command, **more):
    """Standard output of windfall; 0 and 1 are results, all else is a fault."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command}: exit status {done.returncode}\n{done.stderr.decode()}")
    return done.stdout


def replayed(windfall, capture):
    return run([windfall, "replay", "--format", "json", "--flows", "all", capture])


def merged(windfall, reports):
    return run([windfall, "merge", "--format", "json", "-"], input=b"".join(reports))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("windfall", help="the program")
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--workers", type=int, default=2, help="processes on this machine")
    parser.add_argument("--scheduler", help="a scheduler's address, instead of processes on this machine")
    options = parser.parse_args()

    windfall = options.windfall
    if options.scheduler:
        client = Client(options.scheduler)
    else:
        cluster = LocalCluster(
            n_workers=options.workers, threads_per_worker=1, processes=True, dashboard_address=None
        )
        client = Client(cluster)
    with client:
        workers = len(client.scheduler_info()["workers"])
        print(f"{workers} worker processes, {len(options.captures)} captures", file=sys.stderr)
        bag = dask.bag.from_sequence(options.captures, partition_size=1)
        reports = bag.map(lambda capture: replayed(windfall, capture))
        report = reports.reduction(
            lambda part: merged(windfall, part), lambda parts: merged(windfall, parts), split_every=2
        ).compute()
    sys.stdout.buffer.write(report)
    sys.stdout.flush()
    # One report alone, merged: it is the status that is asked for.
    return subprocess.run([windfall, "merge", "-"], input=report, stdout=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
