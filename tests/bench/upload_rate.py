#!/usr/bin/python3
"""Small requests of uploads per second: creation, HEAD, and PATCH with 1,000 bytes, through nginx.

    tests/bench/upload_rate.py [--seconds 8] [--runs 3] [--connections 32]

wrk sends them on the same machine, from many users, each kind for itself and then all three at the same time. Every
creation is a row committed in PostgreSQL and two files, every PATCH an fdatasync: what the disk does shows here.
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import tempfile

import bench

TUS = {"Tus-Resumable": "1.0.0"}
KINDS = ("create", "head", "patch")


class Wrk:
    """wrk with the script beside this file."""

    def __init__(self, site, people, uploads, folder):
        self.site, self.people, self.uploads = site, people, uploads
        self.users_file, self.uploads_file = pathlib.Path(folder) / "users", pathlib.Path(folder) / "uploads"
        self.users_file.write_text("".join(
            "".join(f"{name}: {value}\n" for name, value in user.headers.items()) + "\n" for user in people))

    def prepare(self):
        """New uploads for PATCH and HEAD."""
        lines = []
        for number, user in enumerate(self.people):
            for _ in range(self.uploads // len(self.people)):
                answer = user.request("POST", "/uploads", headers={**TUS, "Upload-Length": "1000000000"})
                assert answer.status == 201, answer
                lines.append(f"{number} {answer.headers['Location']}\n")
        self.uploads_file.write_text("".join(lines))

    def start(self, kind, seconds, connections):
        return subprocess.Popen(["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s",
                                 bench.HERE / "upload_rate.lua", self.site.url, "--", kind, self.users_file,
                                 self.uploads_file], stdout=subprocess.PIPE, text=True)


def rate(process):
    """Good answers per second of one wrk."""
    out, _ = process.communicate()
    found = re.search(r"^RESULT (\d+) (\d+) (\d+)$", out, re.M)
    if process.returncode != 0 or not found:
        raise SystemExit(out)
    requests, micros, errors = map(int, found.groups())
    if errors > 0:
        raise SystemExit(f"{errors} of {requests} requests failed\n{out}")
    return requests / micros * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--people", type=int, default=20)
    options = parser.parse_args()
    sets = ["user_storage_gb=0", "user_videos=0", "user_uploads_per_day=0", "user_uploads_unfinished=10000",
            "user_uploads_parallel=100"]
    with bench.running(sandbox=True, sets=sets) as site, tempfile.TemporaryDirectory() as folder:
        wrk = Wrk(site, [site.connect() for _ in range(options.people)], 400, folder)
        rates = {name: [] for name in (*KINDS, "together")}
        for _ in range(options.runs):
            for kind in KINDS:
                site.sql("DELETE FROM upload")
                wrk.prepare()
                rates[kind].append(rate(wrk.start(kind, options.seconds, options.connections)))
            site.sql("DELETE FROM upload")
            wrk.prepare()
            together = [wrk.start(kind, options.seconds, max(2, options.connections // 3)) for kind in KINDS]
            parts = [rate(process) for process in together]
            rates["together"].append(sum(parts))
            print("; ".join(f"{name} {values[-1]:.0f}/s" for name, values in rates.items())
                  + " (" + ", ".join(f"{kind} {part:.0f}" for kind, part in zip(KINDS, parts)) + ")", flush=True)
    for name, values in rates.items():
        print(f"{name}: {bench.spread(values, 0)} a second")
        bench.figure(f"uploads, {name}", 4000, statistics.median(values), "requests/s", at_least=True)


if __name__ == "__main__":
    main()
