"""An independent client, tus-js-client in Node, against the shipped nginx: as its users have it, and through every fault."""
import contextlib
import fcntl
import json
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import threading
import urllib.parse

import pytest

from spg_site import REPO, wait_for
from spg_uploads import Sender, Store, head, kill_and_wait, patch, program_pids, random_bytes

PEERS = REPO / "tests/peers"


@pytest.fixture(scope="session")
def modules(site):
    """A folder with exactly what tests/peers/package-lock.json pins; fetched once for a build."""
    folder = site.build / "peers"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists() or (
                (folder / "complete").read_bytes() != (PEERS / "package-lock.json").read_bytes()):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PEERS / name, folder / name)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"],
                           cwd=folder, check=True, timeout=300)
            shutil.copy(PEERS / "package-lock.json", folder / "complete")
    return folder


@pytest.fixture
def file(tmp_path):
    """Three megabytes in a file."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(random_bytes(3_000_001))
    return path


class Client:
    """A running tus-js-client."""

    def __init__(self, modules, site, user, path, origin=None, resume=None, **options):
        scenario = {"file": str(path), "endpoint": (origin or site.url) + "/uploads", "headers": user.headers,
                    "resume": resume and str(resume), "options": options}
        self.process = subprocess.Popen(["node", PEERS / "tus_client.cjs", modules, json.dumps(scenario)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.events, self.news = [], queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line) if line.startswith("{") else {"event": "noise", "line": line}
            self.events.append(event)
            self.news.put(event)

    def wait_event(self, name, timeout=20, **members):
        """The next event of that name with these members."""
        while True:
            try:
                event = self.news.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no {name}: {self.events[-20:]}") from None
            if event["event"] == name and all(event[key] == value for key, value in members.items()):
                return event
            assert event["event"] not in ("error", "noise") or name == event["event"], self.events[-20:]

    def wait_sent(self, count):
        while self.wait_event("progress")["sent"] < count:
            pass

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def success(self):
        """The path of the upload."""
        url = self.wait_event("success")["url"]
        assert self.process.wait(20) == 0
        self.reader.join(20)
        return urllib.parse.urlsplit(url).path

    def answers(self, method):
        return [event for event in self.events if event["event"] == "answer" and event["method"] == method]

    def kill(self):
        self.process.kill()
        self.process.wait(20)
        self.reader.join(20)


@pytest.fixture
def client(modules, site, user, file):
    """Starts clients that end with the test."""
    clients = []

    def start(path=file, **options):
        clients.append(Client(modules, site, user, path, **options))
        return clients[-1]
    yield start
    for one in clients:
        one.kill()


class Proxy:
    """A TCP proxy that cuts each of its first connections once so many bytes went up."""

    def __init__(self, site, cut_after, cuts=1, rst=False):
        self.target = urllib.parse.urlsplit(site.url)
        self.cut_after, self.cuts_left, self.rst = cut_after, cuts, rst
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = socket.create_connection((self.target.hostname, self.target.port))
        down = threading.Thread(target=self._pump, args=(server, client, None), daemon=True)
        down.start()
        if self._pump(client, server, self.cut_after):
            for end in (client, server):
                if self.rst:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        down.join()
        client.close()
        server.close()

    def _pump(self, source, target, limit):
        """True when it was cut."""
        count = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                count += len(data)
                target.sendall(data)
                if limit and count >= limit and self.cuts_left > 0:
                    self.cuts_left -= 1
                    return True
            target.shutdown(socket.SHUT_WR)
        return False

    def close(self):
        self.listener.close()


def assert_holds(site, path, file):
    Store(site, path).assert_holds(pathlib.Path(file).read_bytes())


@pytest.mark.parametrize("options", [
    {}, {"chunkSize": 1_000_000}, {"uploadDataDuringCreation": True},
    {"uploadDataDuringCreation": True, "chunkSize": 700_000}, {"overridePatchMethod": True},
    {"overridePatchMethod": True, "chunkSize": 500_000}, {"addRequestId": True}],
    ids=lambda options: "+".join(options) or "defaults")
def test_a_fresh_upload(site, client, file, options):
    one = client(**options)
    path = one.success()
    assert_holds(site, path, file)
    assert Store(site, path).upload_rows()[0][2] == "peer.mp4"
    last = [event for event in one.events if event["event"] == "answer"][-1]
    assert last["video"] == str(Store(site, path).video_rows()[0][0])
    if options.get("overridePatchMethod"):
        assert not one.answers("PATCH") and any(a.get("override") == "PATCH" for a in one.answers("POST"))


def test_an_empty_file(site, client, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    path = client(tmp_path / "empty").success()
    assert_holds(site, path, tmp_path / "empty")


def test_a_deferred_length(site, client, file):
    one = client(uploadLengthDeferred=True, chunkSize=1_000_000)
    assert_holds(site, one.success(), file)
    assert len(one.answers("PATCH")) == 4


@pytest.mark.parametrize("options", [{}, {"chunkSize": 250_000}, {"overridePatchMethod": True}], ids=str)
def test_three_parts_in_parallel(site, user, client, file, options):
    one = client(parallelUploads=3, **options)
    path = one.success()
    assert_holds(site, path, file)
    assert head(user, path).headers["Upload-Concat"].startswith("final;http")
    assert len([a for a in one.answers("POST") if a["status"] == 201 and a["url"].endswith("/uploads")]) == 4
    assert site.sql("SELECT count(*) FROM upload WHERE user_id = %s AND kind = 'partial'", int(user.user_id)) == [(0,)]


def test_parts_whose_connections_break(site, client, file):
    proxy = Proxy(site, cut_after=400_000, cuts=3)
    try:
        one = client(origin=proxy.origin, parallelUploads=3)
        # Its addresses are the proxy's: parts are joined by path or by our own origin alone.
        event = one.wait_event("error")
        assert event["status"] == 400
        one = client(origin=proxy.origin, parallelUploads=1)
        assert_holds(site, one.success(), file)
    finally:
        proxy.close()
    assert proxy.cuts_left == 0


@pytest.mark.parametrize("rst", [False, True])
@pytest.mark.parametrize("options", [{}, {"chunkSize": 1_000_000}, {"uploadLengthDeferred": True, "chunkSize": 1_000_000},
                                     {"overridePatchMethod": True}], ids=str)
def test_a_connection_that_is_cut_in_mid_patch(site, client, file, options, rst):
    proxy = Proxy(site, cut_after=900_000, cuts=2, rst=rst)
    try:
        one = client(origin=proxy.origin, **options)
        path = one.success()
    finally:
        proxy.close()
    assert_holds(site, path, file)
    assert proxy.cuts_left == 0 and one.answers("HEAD")


def throttled(**options):
    """Chunks small enough for something to happen in between."""
    return {"chunkSize": 60_000, **options}


def test_an_upload_is_resumed_from_its_stored_url(site, client, file, tmp_path):
    one = client(resume=tmp_path / "urls.json", **throttled())
    one.wait_sent(500_000)
    one.kill()
    two = client(resume=tmp_path / "urls.json")
    path = urllib.parse.urlsplit(two.wait_event("resumes")["url"]).path
    assert two.success() == path
    assert int(two.answers("HEAD")[0]["offset"]) >= 240_000 and not two.answers("POST")
    assert_holds(site, path, file)


def test_a_stored_url_that_is_gone_is_begun_anew(site, user, client, file, tmp_path):
    one = client(resume=tmp_path / "urls.json", **throttled())
    one.wait_sent(500_000)
    one.kill()
    rows = site.sql("SELECT id FROM upload WHERE user_id = %s", int(user.user_id))
    Store(site, f"/uploads/{rows[0][0]}").change_sidecar(expires_at=1)
    two = client(resume=tmp_path / "urls.json")
    path = two.success()
    assert two.answers("HEAD")[0]["status"] == 410 and path != f"/uploads/{rows[0][0]}"
    assert_holds(site, path, file)


def test_an_upload_is_aborted_and_terminated(site, user, client, file):
    one = client(**throttled())
    one.wait_sent(300_000)
    one.say("terminate")
    path = urllib.parse.urlsplit(one.wait_event("aborted")["url"]).path
    assert head(user, path).status == 404 and Store(site, path).upload_rows() == []
    assert Store(site, path).received() is None


def test_parts_are_aborted_and_terminated(site, user, client):
    one = client(**throttled(parallelUploads=3))
    # A part whose creation is not answered yet has no address to be given up by: that one expires.
    for _ in range(3):
        one.wait_event("answer", method="POST")
    one.say("terminate")
    one.wait_event("aborted")
    rows = "SELECT count(*) FROM upload WHERE user_id = %s"
    wait_for("no upload left", lambda: site.sql(rows, int(user.user_id)) == [(0,)])
    assert one.process.poll() is None


@pytest.mark.parametrize("options", [{}, {"parallelUploads": 3}], ids=str)
def test_nginx_is_restarted_in_mid_upload(site, client, file, options):
    one = client(**throttled(**options))
    one.wait_sent(300_000)
    site.restart_nginx()
    assert_holds(site, one.success(), file)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("options", [{}, {"parallelUploads": 3}], ids=str)
def test_the_upload_program_dies_in_mid_upload(site, client, file, number, options):
    one = client(**throttled(**options))
    one.wait_sent(300_000)
    kill_and_wait(site, program_pids(site), number)
    assert_holds(site, one.success(), file)


def test_another_connection_that_sends_to_the_same_upload(site, user, client, file, tmp_path):
    """It takes the upload away in mid-flight (the client meets a broken request and 409), then holds it (423 or a wait)."""
    one = client(resume=tmp_path / "urls.json", **throttled())
    one.wait_sent(300_000)
    path = urllib.parse.urlsplit(next(e for e in one.events if e["event"] == "url")["url"]).path
    data = file.read_bytes()
    moved = 0
    while moved < 3:
        answer = head(user, path)
        assert answer.status in (200, 423), answer
        if answer.status == 200:
            at = int(answer.headers["Upload-Offset"])
            assert at < len(data), "the client was faster"
            moved += patch(user, path, at, data[at:at + 70_000]).status == 204
    assert one.success() == path
    assert_holds(site, path, file)
    assert any(answer["status"] in (409, 423, 503) for answer in one.answers("PATCH")), one.answers("PATCH")


def test_a_client_takes_over_from_a_silent_connection(site, user, client, file, tmp_path):
    one = client(resume=tmp_path / "urls.json", **throttled())
    one.wait_sent(300_000)
    one.kill()
    rows = site.sql("SELECT id FROM upload WHERE user_id = %s", int(user.user_id))
    path = f"/uploads/{rows[0][0]}"
    at = int(head(user, path).headers["Upload-Offset"])
    data = file.read_bytes()
    sender = Sender(site, user, path, len(data) - at, offset=at)
    sender.send(data[at:at + 100_000])
    wait_for("bytes", lambda: Store(site, path).received() == at + 100_000)
    two = client(resume=tmp_path / "urls.json")
    assert two.success() == path
    assert two.answers("HEAD")[0]["offset"] == str(at + 100_000)
    sender.fin()
    assert_holds(site, path, file)


def test_a_quota_is_told_in_words(site, user, client, file):
    site.sql("INSERT INTO upload_day (user_id, day, uploads) VALUES (%s, (now() AT TIME ZONE 'UTC')::date, 500)",
             int(user.user_id))
    event = client().wait_event("error")
    assert event["status"] == 429 and "500 uploads today" in event["message"]
