"""Speaking tus to the upload program, seeing what lies behind it, and letting it die."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import urllib.parse

import pytest

from spg_site import REPO, program_pids, wait_for

MAX_SIZE = 4_000_000_000
BYTES = "application/offset+octet-stream"
LOCATION = re.compile(r"^/uploads/([A-Za-z0-9_-]{22})$")
TUS = {"Tus-Resumable": "1.0.0"}


# ---------------------------------------------------------------- how to talk to it

def random_bytes(size):
    return os.urandom(size)


def post(user, length=None, body=None, **headers):
    headers = {**TUS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if length is not None:
        headers["Upload-Length"] = str(length)
    return user.request("POST", "/uploads", headers=headers, body=body)


def create(user, length, **headers):
    answer = post(user, length, **headers)
    assert answer.status == 201, answer
    assert LOCATION.match(answer.headers["Location"]), answer.headers["Location"]
    return answer.headers["Location"]


def patch(user, path, offset, body=b"", **headers):
    return user.request("PATCH", path, body=body, headers={
        **TUS, "Upload-Offset": str(offset), "Content-Type": BYTES,
        **{name.replace("_", "-"): value for name, value in headers.items()}})


def head(user, path):
    answer = user.request("HEAD", path, headers=TUS)
    assert answer.body == b""
    return answer


def delete(user, path):
    return user.request("DELETE", path, headers=TUS)


def offset_of(user, path):
    answer = head(user, path)
    assert answer.status == 200, answer.status
    return int(answer.headers["Upload-Offset"])


def upload_id(path):
    return LOCATION.match(path).group(1)


class Sender:
    """A PATCH (or POST) whose body is sent bit by bit."""

    def __init__(self, site, user, path, length, offset=0, method="PATCH", chunked=False, **headers):
        address = urllib.parse.urlsplit(site.url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=30)
        self.chunked = chunked
        lines = [f"{method} {path} HTTP/1.1", f"Host: {address.netloc}", f"Content-Type: {BYTES}",
                 "Transfer-Encoding: chunked" if chunked else f"Content-Length: {length}"]
        if method == "PATCH":
            lines.append(f"Upload-Offset: {offset}")
        for name, value in {**user.headers, **TUS, **headers}.items():
            lines.append(f"{name.replace('_', '-')}: {value}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send(self, data):
        if self.chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data) if data else b"0\r\n\r\n"
        self.socket.sendall(data)

    def answer(self, timeout=30):
        """Status and lower-case headers; (None, {}) when the connection ends without an answer."""
        self.socket.settimeout(timeout)
        text = b""
        with contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in text:
                piece = self.socket.recv(65536)
                if not piece:
                    break
                text += piece
        if not text:
            return None, {}
        lines = text.split(b"\r\n\r\n")[0].decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers

    def fin(self):
        self.socket.close()

    def rst(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


# ---------------------------------------------------------------- what lies behind it

class Store:
    """The media directory and the rows of one upload."""

    def __init__(self, site, path):
        self.site, self.id = site, upload_id(path)
        media = site.dir / "media"
        self.part = media / "parts" / f"{self.id}.part"
        self.info = media / "parts" / f"{self.id}.info"
        self.want = media / "parts" / f"{self.id}.want"
        self.video = media / "videos" / self.id
        self.frame = media / "frames" / f"{self.id}.jpg"

    def sidecar(self):
        return json.loads(self.info.read_text())

    def change_sidecar(self, **members):
        """As if it had been written so; the owner and mode of the file stay."""
        self.info.write_text(json.dumps({**self.sidecar(), **members}))

    def age_sessions(self, seconds):
        sessions = self.sidecar()["sessions"]
        for session in sessions:
            session["verified_at"] -= seconds
        self.change_sidecar(sessions=sessions)

    def upload_rows(self):
        return self.site.sql("SELECT user_id, length, name, finished_at, video_id FROM upload WHERE id = %s", self.id)

    def video_rows(self):
        return self.site.sql("SELECT id, state, size, name FROM video WHERE file = %s", self.id)

    def received(self):
        """Bytes that have reached a file, finished or not."""
        for path in (self.part, self.video):
            with contextlib.suppress(FileNotFoundError):
                return path.stat().st_size
        return None

    def assert_holds(self, data):
        """Finished, once, exact."""
        rows = self.video_rows()
        assert len(rows) == 1 and rows[0][2] == len(data), rows
        assert not self.part.exists() and not self.want.exists()
        assert hashlib.sha256(self.video.read_bytes()).digest() == hashlib.sha256(data).digest()


def checker_pid(site):
    """The one that checks; between two of them there is none for a moment."""
    def found():
        with contextlib.suppress(OSError):
            return next((pid for pid in program_pids(site)
                         if b"--check" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()), None)
        return None
    return wait_for("the checking upload program", found)


def kill_and_wait(site, pids, number):
    """Signal processes and wait until others stand in their place and answer."""
    before = set(program_pids(site))
    for pid in pids:
        os.kill(pid, number)
    wait_for("new processes", lambda: len(set(program_pids(site)) - before) == len(pids))
    wait_for("an answer", lambda: site.request("OPTIONS", "/uploads").status == 204)


def backend_pids(site, role="spg_upload"):
    """The database's processes that serve the upload program."""
    postmaster = int((site.dir / "pg/data/postmaster.pid").read_text().split()[0])
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            if not entry.isdigit():
                continue
            with open(f"/proc/{entry}/stat") as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            if parent == postmaster and f" {role} ".encode() in open(f"/proc/{entry}/cmdline", "rb").read():
                found.append(int(entry))
    return found


@contextlib.contextmanager
def database_away(site):
    """Nobody can connect any more, and the upload program's connections are cut."""
    door = site.dir / "run/postgresql/.s.PGSQL.5432"
    hidden = door.with_name("hidden")
    door.rename(hidden)
    try:
        def cut():
            for pid in backend_pids(site):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            return not backend_pids(site)
        wait_for("connections cut", cut)
        yield
    finally:
        hidden.rename(door)


# ---------------------------------------------------------------- programs that die at a failpoint

class DyingProgram:
    """An upload program of its own that dies at a failpoint, spoken to without nginx."""

    def __init__(self, site, failpoint):
        if b"upload_record_after_row" not in (site.dir / "app/bin/upload").read_bytes():
            pytest.skip("a build without failpoints")
        self.path = site.dir / "run/failpoint.sock"
        self.path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.path))
            listener.listen()
            self.process = subprocess.Popen(
                [REPO / "deploy/quickstart", "--dir", site.dir, "run", "upload", "--threads", "1"], stdin=listener,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "SPG_FAILPOINT": failpoint})

    def request(self, user, method, path, headers, body=b""):
        """Send it; the program must die instead of answering."""
        assert self._send(user, method, path, headers, body) == b""
        output, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == -signal.SIGKILL and b"failpoint_kill" in output, output
        self.path.unlink()

    def ask(self, user, method, path, headers, body=b""):
        """Send it, and end the program once it has answered; the answer as text."""
        answer = self._send(user, method, path, headers, body).decode(errors="replace")
        self.process.kill()
        self.process.communicate(timeout=30)
        self.path.unlink()
        return answer

    def _send(self, user, method, path, headers, body):
        params = {"REQUEST_METHOD": method, "DOCUMENT_URI": path, "REMOTE_ADDR": "127.0.0.1",
                  "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": BYTES, "SPG_END": "1"}
        for name, value in {**user.headers, **TUS, **headers}.items():
            params["HTTP_" + name.upper().replace("-", "_")] = value
        pairs = b"".join(struct.pack("!II", len(name) | 1 << 31, len(value) | 1 << 31) + name.encode() + value.encode()
                         for name, value in params.items())

        def record(kind, content):
            return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self.path))
            with contextlib.suppress(ConnectionError):
                connection.sendall(record(1, struct.pack("!HB5x", 1, 0)) + record(4, pairs) + record(4, b"") +
                                   record(5, body) + record(5, b""))
                return connection.recv(65536)
        return b""
