#!/usr/bin/python3
"""To the second: how far behind their due second posts reach TikTok, many at once and one alone.

    tests/bench/burst.py [--posts 2000 --accounts 1000 --target 15] [--runs 3] [--ahead 150] [--latency 300]
                         [--transfers 256]
    tests/bench/burst.py --lone 60 [...]

A burst: all posts are due in one second; the figure is the time from that second to the last init request, as the sink
saw it. Lone posts: one each two seconds; the figures are the median and the 99th percentile of the init request behind
its post's second. Publishers are started as cron does, a new one each minute, the first --ahead seconds before.
"""
import argparse
import contextlib
import pathlib
import statistics
import tempfile
import threading
import time

import bench
from spg_site import wait_for

VIDEO_BYTES = 1_000_000
MINUTE = 60


@contextlib.contextmanager
def cron(site):
    """A new publisher each minute, as long as the block lasts."""
    stop = threading.Event()
    started = []

    def loop():
        began = time.monotonic()
        while not stop.is_set():
            started.append(site.publisher())
            stop.wait(began + MINUTE * len(started) - time.monotonic())

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        bench.end(started)


def wait_for_inits(sink, posts, seconds):
    """Until every post has had its init or the time is over; [(open_id, time)]"""
    deadline = time.monotonic() + seconds
    wait_for("inits", lambda: sink.state()["inits"] >= posts or time.monotonic() > deadline, seconds + 60, pause=0.5)
    return sink.inits()


def burst(sink, site, options):
    """Seconds from the due second to the last init; None when not all came."""
    site.forget_posts()
    sink.reset()
    due = time.time() + options.ahead
    site.schedule(VIDEO_BYTES, options.posts, due)
    with cron(site):
        inits = wait_for_inits(sink, options.posts, due - time.time() + options.limit)
        sent_at = None
        if len(inits) >= options.posts:
            with contextlib.suppress(AssertionError):
                wait_for("uploads", lambda: sink.state()["puts"] >= options.posts, 60, pause=0.5)
                sent_at = time.time() - due
    behind = [at - due for _, at in inits]
    print(f"{len(inits)} inits of {options.posts}: first {min(behind, default=0):.2f} s, median "
          f"{statistics.median(behind or [0]):.2f} s, last {max(behind, default=0):.2f} s behind; all sent after "
          f"{'-' if sent_at is None else f'{sent_at:.1f} s'}; states {site.states()}", flush=True)
    if len(inits) > options.posts:
        print(f"more inits than posts: {len(inits)}")
    return max(behind) if len(inits) >= options.posts else None


def bursts(sink, site, options):
    times = [burst(sink, site, options) for _ in range(options.runs)]
    # a run that did not end counts as its limit
    measured = statistics.median([options.limit if seconds is None else seconds for seconds in times])
    bench.figure(f"{options.posts} posts in one second, last init after", options.target, measured, "s")


def lone(sink, site, options):
    site.forget_posts()
    sink.reset()
    first = float(int(time.time()) + options.ahead)
    site.schedule(VIDEO_BYTES, options.lone, first, spacing=2.0)
    with cron(site):
        inits = wait_for_inits(sink, options.lone, options.ahead + 2 * options.lone + 60)
    due = {open_id: at.timestamp() for open_id, at in
           site.sql("SELECT a.open_id, p.due_at FROM post p JOIN account a ON a.id = p.account_id")}
    behind = [(at - due[open_id]) * 1000 for open_id, at in inits]
    print(f"{len(inits)} lone posts of {options.lone}: init behind the due second, ms: median "
          f"{statistics.median(behind):.1f}, p90 {bench.percentile(behind, 0.9):.1f}, p99 "
          f"{bench.percentile(behind, 0.99):.1f}, lowest {min(behind):.1f}, highest {max(behind):.1f}", flush=True)
    if len(inits) != options.lone:
        raise SystemExit(f"{len(inits)} inits of {options.lone} posts")
    bench.figure("lone post, init behind its second, median", 150, statistics.median(behind), "ms")
    bench.figure("lone post, init behind its second, p99", 500, bench.percentile(behind, 0.99), "ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--target", type=float, default=15)
    parser.add_argument("--limit", type=float, default=300, help="seconds after the due second a run may take")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ahead", type=int, default=150)
    parser.add_argument("--latency", type=int, default=300)
    parser.add_argument("--transfers", type=int, default=256)
    parser.add_argument("--lone", type=int, default=0, help="so many lone posts instead of a burst")
    options = parser.parse_args()
    with bench.running_sink(latency_ms=options.latency) as sink, \
            bench.running(sink, sets=[f"publisher_transfers={options.transfers}"]) as site, \
            tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        # a lone post has its account to itself
        site.people(options.lone or options.accounts)
        site.videos(bench.random_file(pathlib.Path(folder) / "video.mp4", VIDEO_BYTES))
        (lone if options.lone else bursts)(sink, site, options)


if __name__ == "__main__":
    main()
