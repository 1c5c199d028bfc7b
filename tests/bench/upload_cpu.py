#!/usr/bin/python3
"""CPU per uploaded gigabyte: the publisher against `curl -T`, the same file to the same sink, turn by turn.

    tests/bench/upload_cpu.py [--megabytes 1000] [--pairs 5]

The ratio is that of the whole processes, from their start to their end: what the publisher spends on the database, on
looking at the queue and on following the post is in it. Its fixed part is measured with a tiny post and told beside it.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import bench

TINY_BYTES = 1000


def cpu_of(process):
    """CPU seconds, user and system, of a process at its end."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{process.args} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def publisher_cpu(site, size):
    site.forget_posts()
    site.schedule(size, 1, time.time() - 1)
    cpu = cpu_of(site.publisher("--once"))
    assert site.states() in ({"processing": 1}, {"published": 1}), site.states()
    return cpu


def curl_cpu(sink, path):
    return cpu_of(subprocess.Popen(["curl", "-sS", "-T", path, f"{sink.url}/curl"], stdin=subprocess.DEVNULL))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    size = options.megabytes * 1_000_000
    with bench.running_sink() as sink, bench.running(sink) as site, \
            tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        large = bench.random_file(pathlib.Path(folder) / "large.mp4", size)
        site.people(1)
        site.videos(large)
        site.videos(bench.random_file(pathlib.Path(folder) / "tiny.mp4", TINY_BYTES))
        ours, theirs, fixed, ratios = [], [], [], []
        for number in range(options.pairs + 1):
            sent = sink.state()["bytes"]
            one, other = publisher_cpu(site, size), curl_cpu(sink, large)
            assert sink.state()["bytes"] - sent == 2 * size, "not all bytes arrived, or some came twice"
            if number == 0:
                continue  # the first pair fills the page cache
            ours.append(one)
            theirs.append(other)
            fixed.append(publisher_cpu(site, TINY_BYTES))
            ratios.append(one / other)
            print(f"{options.megabytes} MB: publisher {one:.3f} s, curl {other:.3f} s, ratio {one / other:.3f}; "
                  f"publisher with {TINY_BYTES} bytes {fixed[-1]:.3f} s", flush=True)
    per_gb = 1e9 / size
    print(f"CPU per GB, median: publisher {statistics.median(ours) * per_gb:.3f} s, curl "
          f"{statistics.median(theirs) * per_gb:.3f} s; publisher's fixed cost {bench.spread(fixed, 3)} s")
    print("ratio without the fixed cost: "
          + bench.spread([(one - base) / other for one, base, other in zip(ours, fixed, theirs)], 3))
    print("ratio, whole process: " + bench.spread(ratios, 3))
    bench.figure("CPU per GB uploaded, against curl -T", 1.15, statistics.median(ratios), "x")


if __name__ == "__main__":
    main()
