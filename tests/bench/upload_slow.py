#!/usr/bin/python3
"""A thousand slow uploads at once: memory of the receiving program, and what others feel of it.

    tests/bench/upload_slow.py [--senders 1000] [--rate 50000] [--seconds 40]

Each sender brings so many bytes a second through nginx. The memory is the peak of the one program that receives them all
(VmHWM). A page of the dashboard and a creation, HEAD and DELETE of an upload are timed one after the other, before and
while the senders send: medians, each as a ratio.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import time

import bench
from many import peak_mb
from spg_site import wait_for

TUS = {"Tus-Resumable": "1.0.0"}
PER_USER = 100


def receiver_pid(site):
    for entry in os.listdir("/proc"):
        try:
            if (entry.isdigit() and os.readlink(f"/proc/{entry}/exe") == str(site.dir / "app/bin/upload")
                    and b"--check" in pathlib.Path(f"/proc/{entry}/cmdline").read_bytes()):
                return int(entry)
        except OSError:
            pass
    raise SystemExit("the upload program does not run")


def latencies(user, times):
    """Milliseconds of a page, and of creation, HEAD and DELETE, each asked for so many times."""
    taken = {"page": [], "create": [], "head": [], "delete": []}

    def ask(name, method, path, **headers):
        began = time.monotonic()
        answer = user.request(method, path, headers={**TUS, **headers} if name != "page" else None)
        taken[name].append(1000 * (time.monotonic() - began))
        assert answer.status < 300, (method, path, answer)
        return answer

    for _ in range(times):
        ask("page", "GET", "/posts")
        path = ask("create", "POST", "/uploads", **{"Upload-Length": "1000"}).headers["Location"]
        ask("head", "HEAD", path)
        ask("delete", "DELETE", path)
    return taken


def heads(site, people, senders, length):
    """The text that slow_senders wants."""
    text = []
    for number in range(senders):
        user = people[number // PER_USER]
        answer = user.request("POST", "/uploads", headers={**TUS, "Upload-Length": str(length)})
        assert answer.status == 201, answer
        lines = [f"PATCH {answer.headers['Location']} HTTP/1.1", f"Host: 127.0.0.1:{site.port}",
                 f"Content-Length: {length}", "Content-Type: application/offset+octet-stream", "Upload-Offset: 0"]
        lines += [f"{name}: {value}" for name, value in {**TUS, **user.headers}.items()]
        text += [*lines, "."]
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--senders", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=40)
    options = parser.parse_args()
    sets = ["user_storage_gb=0", "user_uploads_per_day=0", "user_uploads_unfinished=10000",
            f"user_uploads_parallel={PER_USER}", f"upload_receivers={options.senders}"]
    with bench.running(sandbox=True, sets=sets) as site:
        people = [site.connect() for _ in range(-(-options.senders // PER_USER))]
        pid = receiver_pid(site)
        parts = pathlib.Path(site.config["media_dir"]) / "parts"
        text = heads(site, people, options.senders, 10 * options.rate * options.seconds)
        latencies(people[0], 5)
        idle = latencies(people[0], 40)
        print(f"idle: {peak_mb(pid):.1f} MB so far", flush=True)
        sender = subprocess.Popen([site.build / "tests/bench/slow_senders", str(site.port), str(options.rate),
                                   str(options.seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        sender.stdin.write(text)
        sender.stdin.close()
        print(sender.stdout.readline().strip(), flush=True)
        wait_for("all of them received", lambda: sum(
            path.stat().st_size > 0 for path in parts.glob("*.part")) >= options.senders, 30)
        busy = latencies(people[0], 60)
        with_senders = sender.poll() is None
        threads = len(os.listdir(f"/proc/{pid}/task"))
        end = sender.stdout.readline().split()
        sender.wait()
        assert with_senders, "they were done before all was measured: give them more seconds"
        received = sum(path.stat().st_size for path in parts.glob("*.part"))
        print(f"{threads} threads; sent {int(end[1]) / 1e6:.0f} MB in {end[5]} s, "
              f"received {received / 1e6:.0f} MB, connections lost: {end[3]}")
        bench.figure(f"resident MB, {options.senders} uploads of {options.rate // 1000} kB/s", 96, peak_mb(pid), "MB")
        for name, target in (("page", 2), ("create", 2), ("head", 2), ("delete", 2)):
            before, during = statistics.median(idle[name]), statistics.median(busy[name])
            print(f"{name}: {before:.1f} ms idle, {during:.1f} ms meanwhile (p99 {bench.percentile(busy[name], 0.99):.1f})")
            bench.figure(f"{name} while they send, against idle", target, during / before, "x")


if __name__ == "__main__":
    main()
