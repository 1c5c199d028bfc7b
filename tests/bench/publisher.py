#!/usr/bin/python3
"""Figures of the publisher, as ratios within one run; prints, never judges. SPG_BUILD names a plain build.

    tests/bench/publisher.py [--posts 20] [--megabytes 1000] [--runs 3]

1. punctuality: from a lone post's due second to its init request, as the sandbox saw it
2. cost: CPU seconds of the publisher for one video, against reading the same file by dd in the same run

Memory is measured by tests/integration/test_footprint.py.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import spg_site  # noqa: E402
from spg_site import rfc3339, wait_for  # noqa: E402


def punctuality(site, user, video_id, posts):
    """Milliseconds between due second and init, one lone post after the other, while `publisher` runs as from cron."""
    delays = []
    publisher = site.start_program("publisher")
    for number in range(posts):
        if publisher.poll() is not None:
            publisher.stdout.close()
            publisher = site.start_program("publisher")
        due = time.time() + 2.5
        post = user.new_post(video_id, due_at=rfc3339(due), caption=f"bench {number}")
        wait_for("sent", lambda: user.post(post["id"])["publish_id"], 30)
        publish_id = user.post(post["id"])["publish_id"]
        call = next(c for c in site.sandbox.get("calls?route=video_init") if c["publish_id"] == publish_id)
        delays.append((call["time"] - due) * 1000)
    publisher.terminate()
    publisher.wait(30)
    publisher.stdout.close()
    return sorted(delays)


def cpu_of(command):
    """CPU seconds of one process (which may replace itself)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def publisher_run(site):
    return cpu_of([str(spg_site.REPO / "deploy/quickstart"), "--dir", str(site.dir), "run", "publisher", "--once"])


def publisher_cost(site, user, video_id):
    """What one video costs beyond a run with nothing to do (which includes the starting shell)."""
    idle = publisher_run(site)
    post = user.new_post(video_id, due_at=rfc3339(time.time()))
    cpu = publisher_run(site)
    assert user.post(post["id"])["state"] in ("processing", "published"), user.post(post["id"])
    return cpu - idle


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    limits = [f"quota_{kind}_per_minute=100000" for kind in ("init", "creator_info", "status")]
    build = os.environ.get("SPG_BUILD", str(spg_site.REPO / "build"))
    with spg_site.running_site(build=build, sets=limits) as site, \
            tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        site.sandbox.patch("settings", rate_limits=False, daily_post_cap=100000, pending_draft_cap=100000)
        user = site.connect()
        small = spg_site.make_video(pathlib.Path(folder) / "small.mp4")
        delays = punctuality(site, user, site.ready_video(user, small), options.posts)
        print(f"init after the due second, {len(delays)} lone posts: median {statistics.median(delays):.0f} ms, "
              f"highest {delays[-1]:.0f} ms, lowest {delays[0]:.0f} ms")

        large = spg_site.pad_video(small, pathlib.Path(folder) / "large.mp4", options.megabytes * 1_000_000)
        video_id = site.ready_video(user, large)
        ratios = []
        for _ in range(options.runs):
            ours = publisher_cost(site, user, video_id)
            copy = cpu_of(["dd", f"if={large}", "of=/dev/null", "bs=64k"])
            ratios.append(ours / copy)
            print(f"CPU for {options.megabytes} MB: publisher {ours:.2f} s, reading it by dd {copy:.2f} s")
        print(f"median ratio {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main()
