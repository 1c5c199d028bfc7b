#!/usr/bin/python3
"""Claim-and-finish of empty jobs per second: our queue against graphile-worker, the same PostgreSQL, turn by turn.

    tests/bench/queue_rate.py [--jobs 20000] [--accounts 1000] [--pairs 5] [--processes 2] [--batch 256]

Ours: lib/store/queue.h as the publisher uses it, by queue_bench; each finished post also gets the row of its timeline.
Theirs: its newest version with the settings of its own performance page (24 at a time, local queue of 500, finished
jobs in batches), on the Node that it asks for, in a database of its own; see graphile/. Its jobs are deleted when they
are done. Both are warm and connected before the jobs are added; the clock runs from the word to begin until the last
of the processes has found nothing more. Needs x86-64 or arm64, and npm's registry the first time.
"""
import argparse
import shutil
import statistics
import subprocess
import time

import bench

DATABASE = "graphile_bench"
VIDEO_BYTES = 1000


class Graphile:
    """Its worker beside a site: the cluster's superuser, as its role would not be one of ours."""

    def __init__(self, site):
        self.site = site
        self.folder = site.dir / "graphile"
        shutil.copytree(bench.npm_install("graphile", site.build), self.folder, symlinks=True)
        shutil.copy(bench.HERE / "graphile/worker.mjs", self.folder)
        self.node = next(self.folder.glob("node_modules/node-linux-*/bin/node"))
        self.psql("postgres", f"CREATE DATABASE {DATABASE}")

    def psql(self, database, statement):
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "spg_postgres",
                               "-h", str(self.site.dir / "run/postgresql"), "-d", database, "-c", statement],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def command(self):
        return ["setpriv", "--reuid=spg_postgres", "--regid=spg_postgres", "--init-groups", "--no-new-privs",
                "env", "-i", "PATH=/usr/bin:/bin", "NODE_ENV=production", str(self.node),
                str(self.folder / "worker.mjs"),
                f"postgres:///{DATABASE}?host={self.site.dir}/run/postgresql&user=spg_postgres"]

    def add(self, jobs):
        self.psql(DATABASE, "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY("
                  "SELECT json_populate_record(NULL::graphile_worker.job_spec, "
                  "json_build_object('identifier', 'noop', 'payload', json_build_object('id', n))) "
                  f"FROM generate_series(1, {jobs}) AS n))")
        self.psql(DATABASE, "VACUUM ANALYZE")

    def left(self):
        return int(self.psql(DATABASE, "SELECT count(*) FROM graphile_worker.jobs"))


class Ours:
    """The posts of a site, claimed and finished by queue_bench."""

    def __init__(self, site, batch):
        self.site, self.batch = site, batch

    def command(self):
        return self.site.command("queue_bench", "drain", str(self.batch))

    def add(self, jobs):
        self.site.forget_posts()
        self.site.schedule(VIDEO_BYTES, jobs, time.time() - 1)
        self.site.sql("VACUUM ANALYZE post")

    def left(self):
        return sum(count for state, count in self.site.states().items() if state != "published")


def rate(queue, jobs, processes):
    """Jobs per second of so many processes together."""
    workers = [subprocess.Popen(queue.command(), cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(processes)]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n", worker.args
        queue.add(jobs)
        began = time.monotonic()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        words = [worker.stdout.readline().split() for worker in workers]
        seconds = time.monotonic() - began
        done = [int(word[0]) for word in words]
        for word in words:
            if len(word) > 2:
                print(f"  of ours, claims took {float(word[2]):.2f} s of {float(word[1]):.2f} s")
        for worker in workers:
            worker.stdin.close()
            assert worker.wait(30) == 0
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            worker.stdout.close()
    assert sum(done) == jobs and queue.left() == 0, (done, queue.left())
    return jobs / seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=20000)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--batch", type=int, default=256, help="posts at a time; the publisher takes up to 256 at a look")
    options = parser.parse_args()
    with bench.running() as site:
        site.people(options.accounts)
        site.videos(bench.random_file(site.dir / "video.mp4", VIDEO_BYTES))
        ours, theirs = Ours(site, options.batch), Graphile(site)
        rates = []
        for _ in range(options.pairs):
            rates.append((rate(ours, options.jobs, options.processes), rate(theirs, options.jobs, options.processes)))
            print(f"{options.jobs} empty jobs, {options.processes} process(es): ours {rates[-1][0]:.0f}/s, "
                  f"graphile-worker {rates[-1][1]:.0f}/s, ratio {rates[-1][0] / rates[-1][1]:.3f}", flush=True)
        print(f"median: ours {statistics.median(one for one, _ in rates):.0f}/s, graphile-worker "
              f"{statistics.median(other for _, other in rates):.0f}/s")
        bench.figure("empty jobs per second, against graphile-worker", 1,
                     statistics.median(one / other for one, other in rates), "x", at_least=True)


if __name__ == "__main__":
    main()
