#!/usr/bin/python3
"""Receiving one large file: ours through nginx against nginx's own WebDAV PUT and against @tus/server.

    tests/bench/upload_throughput.py [--megabytes 1000] [--rounds 5]

curl sends the same file to each in turn, one request: PATCH to ours through the shipped site, PUT to an nginx with
nothing but its DAV module, PATCH to @tus/server with its file store, straight. All write to the same disk. Ours has the
bytes safe on the disk when it answers, the others have not: so each is timed with its `sync` as well, and both figures are
told. The memory is the most that the server's processes held together, PSS, nginx's not counted on either side.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

import bench
import spg_site
from spg_site import wait_for

NGINX = """
user www-data;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 512; }}
http {{
	access_log off;
	client_body_temp_path {folder}/temp;
	client_max_body_size 0;
	client_body_buffer_size 64k;
	server {{
		listen 127.0.0.1:{port};
		root {folder}/files;
		dav_methods PUT DELETE;
	}}
}}
"""


class Memory:
    """The most that some processes held together, MB, looked at while a block runs."""

    def __init__(self, pids):
        self.pids, self.peak, self.done = pids, 0.0, threading.Event()

    def sum(self):
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        return total / 1024

    def look(self):
        while not self.done.wait(0.1):
            self.peak = max(self.peak, self.sum())

    def __enter__(self):
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def curl(path, url, method, headers):
    """Send the file; seconds until the answer, which must be good."""
    words = ["curl", "-sS", "-f", "-o", "/dev/null", "-X", method, "-T", str(path), "-H", "Expect:"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    began = time.monotonic()
    subprocess.run([*words, url], check=True, stdin=subprocess.DEVNULL)
    return time.monotonic() - began


def timed(send, path):
    """(seconds to the answer, seconds until all is on the disk)"""
    os.sync()
    began = time.monotonic()
    answered = send(path)
    os.sync()
    return answered, time.monotonic() - began


class Ours:
    name = "ours"

    def __init__(self, site):
        self.site, self.user = site, site.connect()
        self.url = site.url

    def pids(self):
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and self.runs(entry)]

    def runs(self, entry):
        try:
            return os.readlink(f"/proc/{entry}/exe") == str(self.site.dir / "app/bin/upload")
        except OSError:
            return False

    def send(self, path):
        tus = {"Tus-Resumable": "1.0.0"}
        answer = self.user.request("POST", "/uploads", headers={**tus, "Upload-Length": str(path.stat().st_size)})
        assert answer.status == 201, answer
        seconds = curl(path, self.url + answer.headers["Location"], "PATCH",
                       {**self.user.headers, **tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
        self.name_in_store = answer.headers["Location"].rsplit("/", 1)[1]
        return seconds

    def clean(self):
        # Random bytes are no video: the check gives the file up, here the janitor is not waited for.
        with contextlib.suppress(FileNotFoundError):
            (pathlib.Path(self.site.config["media_dir"]) / "videos" / self.name_in_store).unlink()


class Dav:
    name = "nginx DAV"

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), spg_site.free_port()
        for name in ("files", "temp"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "www-data")
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, port=self.port))
        self.process = subprocess.Popen(["nginx", "-c", self.folder / "nginx.conf", "-g", "daemon off;"])
        wait_for("nginx", lambda: answers(self.port))

    def send(self, path):
        return curl(path, f"http://127.0.0.1:{self.port}/file", "PUT", {})

    def clean(self):
        (self.folder / "files/file").unlink()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class TusServer:
    name = "@tus/server"

    def __init__(self, folder, build):
        self.folder, self.port = pathlib.Path(folder), spg_site.free_port()
        place = bench.npm_install("tus-server", build)
        shutil.copy(bench.HERE / "tus-server/server.mjs", place)
        node = next(place.glob("node_modules/node-linux-*/bin/node"))
        self.files = self.folder / "node-files"
        self.files.mkdir()
        self.process = subprocess.Popen([node, place / "server.mjs", self.files, str(self.port)],
                                        env={"PATH": "/usr/bin:/bin", "NODE_ENV": "production"})
        wait_for("@tus/server", lambda: answers(self.port))

    def pids(self):
        return [self.process.pid]

    def send(self, path):
        tus = {"Tus-Resumable": "1.0.0"}
        answer = spg_site.http_request(f"http://127.0.0.1:{self.port}", "POST", "/files",
                                       headers={**tus, "Upload-Length": str(path.stat().st_size)})
        assert answer.status == 201, answer
        url = f"http://127.0.0.1:{self.port}/files/" + answer.headers["Location"].rsplit("/", 1)[1]
        return curl(path, url, "PATCH", {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})

    def clean(self):
        for file in self.files.iterdir():
            file.unlink()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def answers(port):
    try:
        spg_site.http_request(f"http://127.0.0.1:{port}", "GET", "/")
        return True
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--place", default="/var/tmp", help="where all of them write; /dev/shm takes the disk out")
    options = parser.parse_args()
    with bench.running(sandbox=True, place=options.place, sets=["user_storage_gb=0", "user_uploads_per_day=0"]) as site, \
            tempfile.TemporaryDirectory(dir=options.place) as folder, contextlib.ExitStack() as stack:
        os.chmod(folder, 0o755)
        path = bench.random_file(pathlib.Path(folder) / "video.mp4", options.megabytes * 1_000_000)
        ours, dav, node = Ours(site), Dav(folder), TusServer(folder, site.build)
        stack.callback(dav.stop)
        stack.callback(node.stop)
        times, peaks = {}, {}
        for number in range(options.rounds + 1):
            for server in (ours, dav, node):
                if server is dav:
                    one = timed(server.send, path)
                else:
                    with Memory(server.pids) as memory:
                        one = timed(server.send, path)
                    peaks.setdefault(server.name, []).append(memory.peak)
                server.clean()
                if number > 0:  # the first round fills caches
                    times.setdefault(server.name, []).append(one)
            if number > 0:
                print("; ".join(f"{server.name} {times[server.name][-1][0]:.2f} s, on disk {times[server.name][-1][1]:.2f} s"
                                for server in (ours, dav, node)), flush=True)

    def ratio(other, at):
        return statistics.median(theirs[at] / mine[at] for mine, theirs in zip(times["ours"], times[other]))

    for name, rounds in times.items():
        print(f"{name}: {options.megabytes / statistics.median(one for one, _ in rounds):.0f} MB/s to the answer, "
              f"{options.megabytes / statistics.median(one for _, one in rounds):.0f} MB/s to the disk")
    for name, most in peaks.items():
        print(f"{name}: at most {max(most):.1f} MB")
    print(f"to the disk: {ratio('nginx DAV', 1):.2f} of nginx DAV, {ratio('@tus/server', 1):.2f} of @tus/server")
    bench.figure("one large PATCH, throughput against nginx DAV PUT", 0.9, ratio("nginx DAV", 0), "x", at_least=True)
    bench.figure("one large PATCH, throughput against @tus/server", 2.5, ratio("@tus/server", 0), "x", at_least=True)
    bench.figure("memory while it comes, against @tus/server", 0.1, max(peaks["ours"]) / max(peaks["@tus/server"]), "x")


if __name__ == "__main__":
    main()
