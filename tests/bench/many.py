#!/usr/bin/python3
"""Peak resident memory of one publisher with many transfers at once, for small and for large videos.

    tests/bench/many.py [--transfers 256] [--seconds 10] [--runs 3]

The sink answers no PUT until that many are open at once, so that all are in transfer together. Then small videos go to
their end; large ones (sparse) go on side by side for a while, chunk after chunk, until the publisher is told to stop.
"""
import argparse
import pathlib
import statistics
import tempfile
import time

import bench
from spg_site import wait_for

SMALL, LARGE = 1_000_000, 2_000_000_000


def peak_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0  # it has ended and is not waited for yet


def run(sink, site, size, transfers, seconds):
    """(peak MB, how many transfers were open at once at most)"""
    site.forget_posts()
    sink.reset()
    sink.set(hold=True)
    site.schedule(size, transfers, time.time() - 1)
    publisher = site.publisher()
    peak = 0.0

    def sample():
        nonlocal peak
        peak = max(peak, peak_mb(publisher.pid))
        return peak

    try:
        # A small video has left at once, and the publisher waits 30 s for the answer; a large one trickles.
        patience = 25 if size == SMALL else 120
        deadline = time.monotonic() + patience
        wait_for("transfers", lambda: sample() and (sink.state()["open_puts"] >= transfers
                                                    or time.monotonic() > deadline), patience + 30)
        most = sink.state()["most_open_puts"]
        sink.set(hold=False)
        until = time.monotonic() + seconds
        wait_for("the end of the sample",
                 lambda: sample() and (time.monotonic() > until or sink.state()["puts"] >= transfers and size == SMALL),
                 seconds + 30)
        sample()
        return peak, most
    finally:
        sink.set(hold=False)
        bench.end([publisher])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transfers", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with bench.running_sink() as sink, \
            bench.running(sink, sets=[f"publisher_transfers={options.transfers}"]) as site, \
            tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        site.people(options.transfers)
        site.videos(bench.random_file(pathlib.Path(folder) / "small.mp4", SMALL))
        site.videos(bench.sparse_file(pathlib.Path(folder) / "large.mp4", LARGE))
        for words, size in (("1 MB", SMALL), ("2 GB", LARGE)):
            peaks = []
            for _ in range(options.runs):
                peak, most = run(sink, site, size, options.transfers, options.seconds)
                peaks.append(peak)
                print(f"{most} transfers of {words} at once: peak {peak:.1f} MB", flush=True)
                if most < options.transfers:
                    raise SystemExit("not all were in transfer at once in time: is the machine busy?")
            bench.figure(f"resident MB, {options.transfers} transfers of {words}", 48, statistics.median(peaks), "MB")


if __name__ == "__main__":
    main()
