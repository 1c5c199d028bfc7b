"""Videos from addresses: what is fetched, what is refused, and what a transfer survives.

The other side is a server of the test's own, on the origin that import_test_origin exempts from the rules on addresses.
"""
import contextlib
import gzip
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import urllib.parse

import pytest

import spg_site
from spg_site import http_request, wait_for

LIMIT = 4_000_000_000


class Call:
    """One request, as it came, and the connection to answer on."""

    def __init__(self, connection, text):
        self.connection = connection
        first, *lines = text.split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}

    def send(self, status, headers=None, body=b""):
        lines = [f"HTTP/1.1 {status} x", "Connection: close"] + [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def send_file(self, data, headers=None):
        self.send(200, {"Content-Length": len(data), "Content-Type": "video/mp4", **(headers or {})}, data)

    def reset(self):
        """Cut the connection off without a farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.connection.close()


class Server(socketserver.ThreadingTCPServer):
    """Answers each path by the function that is set for it; keeps all calls."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context, self.pages, self.calls = context, {}, []
        self.origin = f"http{'s' if context else ''}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def page(self, path, answer):
        self.pages[path] = answer
        return self.origin + path


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        connection = self.request
        with contextlib.suppress(OSError):
            if self.server.context:
                connection = self.server.context.wrap_socket(connection, server_side=True)
            text = b""
            while b"\r\n\r\n" not in text:
                more = connection.recv(65536)
                if not more:
                    return
                text += more
            call = Call(connection, text.partition(b"\r\n\r\n")[0].decode())
            self.server.calls.append(call)
            answer = self.server.pages.get(urllib.parse.urlsplit(call.target).path)
            if answer:
                answer(call)
            else:
                call.send(404, {"Content-Length": 0})
            connection.close()


@pytest.fixture(scope="module")
def server():
    with contextlib.closing(Server()) as running:
        yield running
        running.shutdown()


Server.close = Server.server_close


@pytest.fixture
def origin(site, server):
    """The site that may ask the server."""
    server.calls.clear()
    with site.configured(import_test_origin=server.origin, upload_idle_seconds=5):
        yield server
    # nothing is left for the next test, whatever became of it
    site.sql("DELETE FROM video_import WHERE state IN ('waiting', 'running')")


def ask(site, user, url):
    return site.sql("INSERT INTO video_import (user_id, source, address) VALUES (%s, 'url', %s) RETURNING id",
                    int(user.user_id), url)[0][0]


COLUMNS = "state name received total reason_code reason_message upload_id video_id attempts validator".split()


def row(site, number):
    return dict(zip(COLUMNS, site.sql(f"SELECT {', '.join(COLUMNS)} FROM video_import WHERE id = %s", number)[0]))


def run(site, env=None, timeout=120):
    done = site.run("importer", "--once", env=env, timeout=timeout)
    assert "ERROR: AddressSanitizer" not in done.stdout and "runtime error" not in done.stdout, done.stdout[-3000:]
    return done


def again(site, number, env=None):
    """The next attempt, without its pause."""
    site.sql("UPDATE video_import SET next_attempt_at = now(), lease_until = now() - interval '1 second' WHERE id = %s", number)
    run(site, env)
    return row(site, number)


def fetched(site, user, url):
    """What became of an address, after one attempt."""
    number = ask(site, user, url)
    done = run(site)
    assert done.returncode == 0, done.stdout[-2000:]
    return row(site, number)


def refused(site, user, url, code):
    found = fetched(site, user, url)
    assert (found["state"], found["reason_code"]) == ("failed", code), found
    assert found["reason_message"] and "127.0.0.1" not in found["reason_message"]
    assert found["upload_id"] is None
    return found


def video_of(site, user, number, data):
    """The video that an import became; its file is what was served."""
    video_id = wait_for("the import's video", lambda: row(site, number)["video_id"])
    state = wait_for("it checked", lambda: [state for (state,) in site.sql(
        "SELECT state FROM video WHERE id = %s AND state <> 'checking'", video_id)])[0]
    assert state == "ready"
    name, size = site.sql("SELECT file, size FROM video WHERE id = %s AND user_id = %s", video_id, int(user.user_id))[0]
    assert size == len(data) and (site.dir / "media/videos" / name).read_bytes() == data
    return video_id


def videos(site, user):
    return site.sql("SELECT count(*) FROM video WHERE user_id = %s", int(user.user_id))[0][0]


def uploads(site, user):
    """Uploads under way: as rows, and as files of those rows."""
    names = [name for (name,) in site.sql("SELECT id FROM upload WHERE user_id = %s AND finished_at IS NULL", int(user.user_id))]
    return names


def no_traces(site, user, before):
    assert uploads(site, user) == []
    assert {path.name for path in (site.dir / "media/parts").iterdir()} <= before


@pytest.fixture
def parts(site):
    return {path.name for path in (site.dir / "media/parts").iterdir()}


@pytest.fixture(scope="module")
def data(video_file):
    return video_file.read_bytes()


@pytest.fixture(scope="module")
def large(video_file, tmp_path_factory):
    return spg_site.pad_video(video_file, tmp_path_factory.mktemp("import") / "large.mp4", 3_000_000).read_bytes()


# ---------------------------------------------------------------- what comes

def test_a_file_becomes_a_video(site, user, origin, data):
    number = ask(site, user, origin.page("/films/my%20film.mp4", lambda call: call.send_file(data)) + "?key=1")
    run(site)
    found = row(site, number)
    assert (found["state"], found["received"], found["total"], found["name"]) == ("done", len(data), len(data), "my film.mp4")
    assert found["reason_code"] is None and found["attempts"] == 1
    video_id = video_of(site, user, number, data)
    assert site.sql("SELECT name FROM video WHERE id = %s", video_id) == [("my film.mp4",)]
    call, = origin.calls
    assert (call.method, call.target) == ("GET", "/films/my%20film.mp4?key=1")
    assert set(call.headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert call.headers["accept-encoding"] == "identity"
    assert videos(site, user) == 1


def test_its_server_names_it(site, user, origin, data):
    url = origin.page("/download", lambda call: call.send_file(data, {
        "Content-Disposition": "attachment; filename=\"x.mp4\"; filename*=UTF-8''..%2F%D0%B2%D0%B8%D0%B4%D0%B5%D0%BE.mp4"}))
    assert fetched(site, user, url)["name"] == "видео.mp4"


def test_a_length_that_is_not_told_is_found(site, user, origin, data):
    def chunked(call):
        call.send(200, {"Transfer-Encoding": "chunked"})
        for at in range(0, len(data), 10_000):
            piece = data[at:at + 10_000]
            call.connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        call.connection.sendall(b"0\r\n\r\n")
    number = ask(site, user, origin.page("/chunked.mp4", chunked))
    run(site)
    found = row(site, number)
    assert (found["state"], found["received"], found["total"]) == ("done", len(data), len(data))
    video_of(site, user, number, data)


def test_a_body_that_ends_with_its_connection_is_taken(site, user, origin, data):
    number = ask(site, user, origin.page("/plain.mp4", lambda call: call.send(200, {}, data)))
    run(site)
    video_of(site, user, number, data)


def test_redirects_are_followed_five_times(site, user, origin, data):
    origin.page("/end.mp4", lambda call: call.send_file(data))
    for left in range(6):
        target = "/end.mp4" if left == 0 else f"/hop{left - 1}"
        origin.page(f"/hop{left}", lambda call, target=target, status=(301, 302, 303, 307, 308, 302)[left]:
                    call.send(status, {"Location": target, "Set-Cookie": "a=b", "Content-Length": 3}, b"one"))
    number = ask(site, user, origin.origin + "/hop4")
    run(site)
    assert row(site, number)["state"] == "done"
    assert all("cookie" not in call.headers and "referer" not in call.headers for call in origin.calls)
    refused(site, user, origin.origin + "/hop5", "import_redirects")


def test_what_is_no_video_is_told_by_the_media_process(site, user, origin):
    number = ask(site, user, origin.page("/text.mp4", lambda call: call.send_file(b"no video at all" * 100)))
    run(site)
    video_id = wait_for("a video", lambda: row(site, number)["video_id"])
    wait_for("refused", lambda: site.sql("SELECT 1 FROM video WHERE id = %s AND state = 'refused'", video_id))


def test_the_type_is_not_trusted(site, user, origin, data):
    number = ask(site, user, origin.page("/odd", lambda call: call.send_file(data, {"Content-Type": "text/html"})))
    run(site)
    video_of(site, user, number, data)


# ---------------------------------------------------------------- what is refused

def redirect_to(location):
    return lambda call: call.send(302, {"Location": location, "Content-Length": 0})


@pytest.mark.parametrize("location,code", [
    ("http://example.org/a.mp4", "import_address"),
    ("ftp://example.org/a.mp4", "import_address"),
    ("file:///etc/passwd", "import_address"),
    ("https://user:word@example.org/a.mp4", "import_address"),
    ("https://example.org:8443/a.mp4", "import_address"),
    ("http://127.0.0.1:1/a.mp4", "import_address"),
    ("https://127.0.0.1/a.mp4", "import_not_public"),
    ("https://localhost/a.mp4", "import_not_public"),
    ("https://127.1/a.mp4", "import_not_public"),
    ("https://2130706433/a.mp4", "import_not_public"),
    ("https://0x7f000001/a.mp4", "import_not_public"),
    ("https://0/a.mp4", "import_not_public"),
    ("https://[::1]/a.mp4", "import_not_public"),
    ("https://[::ffff:127.0.0.1]/a.mp4", "import_not_public"),
    ("https://10.1.2.3/a.mp4", "import_not_public"),
    ("https://192.168.0.1/a.mp4", "import_not_public"),
    ("https://172.16.0.1/a.mp4", "import_not_public"),
    ("https://100.64.0.1/a.mp4", "import_not_public"),
    ("https://169.254.169.254/latest/meta-data/", "import_not_public"),
    ("http://169.254.169.254/latest/meta-data/", "import_address"),
    ("https://[fd00:ec2::254]/a.mp4", "import_not_public"),
    ("https://[64:ff9b::7f00:1]/a.mp4", "import_not_public"),
    ("https://[2002:7f00:1::]/a.mp4", "import_not_public"),
    ("https://[fe80::1]/a.mp4", "import_not_public"),
    ("https://224.0.0.1/a.mp4", "import_not_public"),
])
def test_no_address_leads_inside(site, user, origin, parts, location, code):
    """Given as such, and at the end of a redirect."""
    refused(site, user, location, code)
    refused(site, user, origin.page("/away", redirect_to(location)), code)
    assert len(origin.calls) == 1
    no_traces(site, user, parts)


def test_a_name_that_resolves_inside_is_refused(site, user, origin):
    """As any name would be that answers so: it is the address of the connection that is looked at."""
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        if not socket.gethostbyname(name).startswith(("127.", "10.", "172.", "192.168.")):
            pytest.skip("this machine's name leads to a public address")
        refused(site, user, f"https://{name}/a.mp4", "import_not_public")
    for name in ("ip6-localhost", "localhost."):
        found = fetched(site, user, f"https://{name}/a.mp4")
        assert found["reason_code"] in ("import_not_public", "import_unreachable"), found


def test_the_test_origin_exempts_nothing_else(site, user, origin):
    port = origin.server_address[1]
    for url in (f"https://127.0.0.1:{port}/a.mp4", f"http://localhost:{port}/a.mp4", f"http://127.0.0.1:{port + 1}/a.mp4",
                f"http://127.0.0.2:{port}/a.mp4", f"http://a@127.0.0.1:{port}/a.mp4"):
        refused(site, user, url, "import_address")
    assert origin.calls == []


def test_without_a_test_origin_there_is_none(site, user, server):
    server.calls.clear()
    refused(site, user, server.origin + "/a.mp4", "import_address")
    assert server.calls == []


def test_a_loop_of_redirects_ends(site, user, origin):
    refused(site, user, origin.page("/loop", redirect_to("/loop")), "import_redirects")
    assert len(origin.calls) == 6


@pytest.mark.parametrize("status,code", [(404, "import_not_found"), (410, "import_not_found"), (401, "import_denied"),
                                         (403, "import_denied"), (400, "import_http_error"), (204, "import_http_error"),
                                         (300, "import_http_error"), (206, "import_broke_off")])
def test_refusals_of_the_server_are_told(site, user, origin, parts, status, code):
    url = origin.page("/status", lambda call: call.send(status, {} if status == 204 else {"Content-Length": 4}, b"" if status == 204 else b"nope"))
    if code == "import_broke_off":
        assert fetched(site, user, url)["reason_code"] == code
        return
    refused(site, user, url, code)
    no_traces(site, user, parts)


def test_a_page_is_no_video(site, user, origin, parts):
    for body, kind in ((b"<!DOCTYPE html><html>", "text/html; charset=utf-8"), (b"\xef\xbb\xbf \n<HTML><body>", "video/mp4"),
                       (b"<?xml version='1.0'?><html>", "text/html")):
        found = refused(site, user, origin.page("/page", lambda call: call.send_file(body * 50, {"Content-Type": kind})),
                        "import_web_page")
        assert found["reason_message"].startswith("This address shows a web page, not a video file.")
    no_traces(site, user, parts)


def test_a_compressed_answer_is_refused(site, user, origin, data, parts):
    packed = gzip.compress(data)
    for encoding in ("gzip", "br", "x-other"):
        refused(site, user, origin.page("/packed.mp4", lambda call: call.send_file(packed, {"Content-Encoding": encoding})),
                "import_encoded")
    no_traces(site, user, parts)


def test_an_empty_file_is_told(site, user, origin, parts):
    refused(site, user, origin.page("/empty.mp4", lambda call: call.send_file(b"")), "import_empty")
    no_traces(site, user, parts)


def test_a_file_that_is_too_large_is_refused_before_its_bytes(site, user, origin, parts):
    refused(site, user, origin.page("/huge.mp4", lambda call: call.send(200, {"Content-Length": LIMIT + 1}, b"x" * 1000)),
            "import_too_large")
    no_traces(site, user, parts)


def test_endless_headers_end_it(site, user, origin):
    def endless(call):
        call.connection.sendall(b"HTTP/1.1 200 x\r\n")
        for number in range(100_000):
            call.connection.sendall(f"X-{number}: {'y' * 1000}\r\n".encode())
    refused(site, user, origin.page("/headers", endless), "import_malformed")


def test_something_else_than_http_is_told(site, user, origin):
    refused(site, user, origin.page("/smtp", lambda call: call.connection.sendall(b"220 mail ready\r\n" * 10)), "import_malformed")


def test_a_certificate_must_prove_the_host(site, user, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    with contextlib.closing(Server(context)) as secure:
        url = secure.page("/a.mp4", lambda call: call.send_file(b"x"))
        with site.configured(import_test_origin=secure.origin):
            refused(site, user, url, "import_tls")
        assert secure.calls == []
        secure.shutdown()


def test_it_can_be_turned_off(site, user, origin, data):
    url = origin.page("/a.mp4", lambda call: call.send_file(data))
    with site.configured(import_from_url="no"):
        refused(site, user, url, "import_off")
    assert origin.calls == []


# ---------------------------------------------------------------- limits

def test_the_users_limit_is_asked_before_the_bytes(site, user, origin, data, parts):
    took = []

    def slow(call):
        call.send(200, {"Content-Length": 2_000_000_000}, b"x" * 100)
        with contextlib.suppress(OSError):
            for _ in range(2000):
                call.connection.sendall(b"x" * 1_000_000)
                took.append(1)
    url = origin.page("/large.mp4", slow)
    with site.configured(user_uploads_unfinished=1):
        site.sql("INSERT INTO upload (id, user_id, length, name, expires_at) VALUES (%s, %s, 5, '', now() + interval '1 day')",
                 "A" * 22, int(user.user_id))
        found = refused(site, user, url, "import_limit_unfinished")
        site.sql("DELETE FROM upload WHERE id = %s", "A" * 22)
    assert "unfinished uploads" in found["reason_message"] and len(took) < 100
    no_traces(site, user, parts)


@pytest.mark.parametrize("told", [True, False])
def test_storage_is_a_limit_whether_the_length_is_told_or_not(site, user, origin, data, parts, told):
    """An open length takes what room there is, and ends where that does."""
    site.sql("INSERT INTO video (user_id, file, name, size, state) SELECT %s, substr(md5(%s || n::text), 1, 22), '',"
             " CASE n WHEN 1 THEN 1999900000 ELSE 4000000000 END, 'ready' FROM generate_series(1, 13) AS n",
             int(user.user_id), str(told))
    assert len(data) > 100_000
    url = origin.page("/limit.mp4", lambda call: call.send(200, {"Content-Length": len(data)} if told else {}, data))
    refused(site, user, url, "import_limit_bytes")
    site.sql("DELETE FROM video WHERE user_id = %s", int(user.user_id))
    no_traces(site, user, parts)


@pytest.mark.parametrize("setting,code", [("user_videos", "import_limit_videos"), ("user_uploads_per_day", "import_limit_per_day")])
def test_other_limits_are_told(site, user, origin, data, setting, code):
    url = origin.page("/limit.mp4", lambda call: call.send_file(data))
    with site.configured(**{setting: 1}):
        assert fetched(site, user, url)["state"] == "done"
        refused(site, user, url, code)


def test_two_of_one_user_run_at_once(site, user, other_user, origin, data):
    gate, inside = threading.Event(), []

    def waits(call):
        inside.append(call)
        gate.wait(20)
        call.send_file(data)
    url = origin.page("/wait.mp4", waits)
    for _ in range(3):
        ask(site, user, url)
    ask(site, other_user, url)
    process = site.start_program("importer", "--once")
    wait_for("three", lambda: len(inside) == 3)
    states = site.sql("SELECT user_id = %s, state, count(*) FROM video_import WHERE user_id IN (%s, %s) GROUP BY 1, 2 ORDER BY 1, 2",
                      int(user.user_id), int(user.user_id), int(other_user.user_id))
    assert states == [(False, "running", 1), (True, "running", 2), (True, "waiting", 1)]
    gate.set()
    assert process.wait(30) == 0
    process.stdout.close()
    assert site.sql("SELECT count(*) FROM video_import WHERE user_id = %s AND state = 'done'", int(user.user_id)) == [(3,)]


# ---------------------------------------------------------------- what breaks off goes on

class Flaky:
    """Serves ranges of data, and breaks off after so many bytes, as often as there are numbers."""

    def __init__(self, data, cuts, etag='"v1"', ranges=True):
        self.data, self.cuts, self.etag, self.ranges = data, list(cuts), etag, ranges

    def __call__(self, call):
        first, status, headers = 0, 200, {"ETag": self.etag}
        asked = call.headers.get("range")
        if asked and self.ranges and call.headers.get("if-range") == self.etag:
            first, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            headers["Content-Range"] = f"bytes {first}-{len(self.data) - 1}/{len(self.data)}"
        rest = self.data[first:]
        headers["Content-Length"] = len(rest)
        if self.cuts:
            call.send(status, headers, rest[:self.cuts.pop(0)])
            call.connection.shutdown(socket.SHUT_WR)
        else:
            call.send(status, headers, rest)


def test_a_broken_transfer_goes_on_where_it_stood(site, user, origin, large):
    flaky = Flaky(large, [1_000_000, 500_000])
    number = ask(site, user, origin.page("/flaky.mp4", flaky))
    run(site)
    found = row(site, number)
    assert (found["state"], found["reason_code"], found["received"], found["total"]) == (
        "waiting", "import_broke_off", 1_000_000, len(large))
    waits, = site.sql("SELECT extract(epoch FROM next_attempt_at - now()) FROM video_import WHERE id = %s", number)[0]
    assert 0 < waits <= 5
    upload = found["upload_id"]
    found = again(site, number)
    assert (found["state"], found["received"], found["upload_id"]) == ("waiting", 1_500_000, upload)
    assert again(site, number)["state"] == "done"
    assert [call.headers.get("range") for call in origin.calls] == [None, "bytes=1000000-", "bytes=1500000-"]
    assert [call.headers.get("if-range") for call in origin.calls] == [None, '"v1"', '"v1"']
    video_of(site, user, number, large)
    assert videos(site, user) == 1


def test_a_reset_is_a_break(site, user, origin, large):
    def cut(call):
        call.send(200, {"Content-Length": len(large), "ETag": '"v1"'}, large[:700_000])
        wait_for("taken", lambda: site.sql("SELECT 1 FROM video_import WHERE id = %s AND received > 0", number))
        call.reset()
    number = ask(site, user, origin.page("/reset.mp4", cut))
    run(site)
    assert row(site, number)["reason_code"] == "import_broke_off"
    origin.page("/reset.mp4", Flaky(large, []))
    assert again(site, number)["state"] == "done"
    assert origin.calls[-1].headers["range"] == "bytes=700000-"
    video_of(site, user, number, large)


def test_another_file_by_the_same_name_is_fetched_anew(site, user, origin, large, data):
    number = ask(site, user, origin.page("/changed.mp4", Flaky(large, [1_000_000])))
    run(site)
    upload = row(site, number)["upload_id"]
    origin.page("/changed.mp4", Flaky(data, [], etag='"v2"'))
    found = again(site, number)
    assert (found["state"], found["total"]) == ("done", len(data)) and found["upload_id"] != upload
    video_of(site, user, number, data)
    assert site.sql("SELECT count(*) FROM upload WHERE id = %s", upload) == [(0,)]
    assert not (site.dir / f"media/parts/{upload}.part").exists()


def test_a_part_of_another_file_is_not_joined(site, user, origin, large):
    """A server that ignores If-Range."""
    number = ask(site, user, origin.page("/lies.mp4", Flaky(large, [1_000_000])))
    run(site)
    origin.page("/lies.mp4", lambda call: call.send(206, {
        "ETag": '"v2"', "Content-Range": f"bytes 1000000-{len(large) - 1}/{len(large)}",
        "Content-Length": len(large) - 1_000_000}, large[:-1_000_000]) if "range" in call.headers else call.send_file(large))
    assert again(site, number)["state"] == "waiting"
    assert again(site, number)["state"] == "done"
    assert "range" not in origin.calls[-1].headers
    video_of(site, user, number, large)


def test_without_ranges_it_begins_anew(site, user, origin, large):
    number = ask(site, user, origin.page("/whole.mp4", Flaky(large, [1_000_000], ranges=False)))
    run(site)
    assert again(site, number)["state"] == "done"
    video_of(site, user, number, large)


def test_without_a_name_of_the_file_it_begins_anew(site, user, origin, large):
    def cut(call):
        call.send(200, {"Content-Length": len(large)}, large[:1_000_000])
    number = ask(site, user, origin.page("/nameless.mp4", cut))
    run(site)
    assert row(site, number)["state"] == "waiting"
    origin.page("/nameless.mp4", lambda call: call.send_file(large))
    assert again(site, number)["state"] == "done"
    assert "range" not in origin.calls[-1].headers
    video_of(site, user, number, large)


def test_five_attempts_are_made(site, user, origin, parts):
    number = ask(site, user, origin.page("/down.mp4", lambda call: call.send(503, {"Content-Length": 0})))
    run(site)
    for attempt in range(2, 6):
        assert (row(site, number)["state"], row(site, number)["reason_code"]) == ("waiting", "import_server_error")
        assert again(site, number)["attempts"] == attempt
    assert row(site, number)["state"] == "failed" and len(origin.calls) == 5
    no_traces(site, user, parts)


def test_a_server_that_stands_still_is_left(site, user, origin, data):
    stop = threading.Event()

    def drip(call):
        call.send(200, {"Content-Length": len(data), "ETag": '"v1"'}, data[:5000])
        for at in range(5000, 5100):
            if stop.wait(0.3):
                return
            call.connection.sendall(data[at:at + 1])
    number = ask(site, user, origin.page("/drip.mp4", drip))
    began = time.monotonic()
    run(site)
    stop.set()
    assert 4 < time.monotonic() - began < 25
    found = row(site, number)
    assert (found["state"], found["reason_code"]) == ("waiting", "import_too_slow") and found["received"] >= 5000


def test_nobody_listening_is_told(site, user, origin):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        origin_of_nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with site.configured(import_test_origin=origin_of_nobody):
        found = fetched(site, user, origin_of_nobody + "/a.mp4")
    assert (found["state"], found["reason_code"]) == ("waiting", "import_unreachable")


# ---------------------------------------------------------------- progress and cancelling

class Held:
    """Sends half, and the rest when it is let go."""

    def __init__(self, data):
        self.data, self.gate = data, threading.Event()

    def __call__(self, call):
        half = len(self.data) // 2
        call.send(200, {"Content-Length": len(self.data), "ETag": '"v1"'}, self.data[:half])
        while not self.gate.wait(0.5):
            # enough to be no slow server
            call.connection.sendall(self.data[half:half + 2000])
            half += 2000
        call.connection.sendall(self.data[half:])


@pytest.fixture
def held(origin, large):
    page = Held(large)
    page.url = origin.page("/held.mp4", page)
    yield page
    page.gate.set()


def test_progress_is_told_meanwhile(site, user, held, large):
    number = ask(site, user, held.url)
    process = site.start_program("importer", "--once")
    found = wait_for("half of it", lambda: (lambda it: it["received"] >= len(large) // 2 and it)(row(site, number)))
    assert (found["state"], found["total"], found["name"]) == ("running", len(large), "held.mp4")
    more = wait_for("more of it", lambda: row(site, number)["received"] > found["received"])
    assert more
    held.gate.set()
    assert process.wait(30) == 0
    process.stdout.close()
    video_of(site, user, number, large)


@pytest.mark.parametrize("when", ["running", "waiting"])
def test_cancelling_removes_all_of_it(site, user, origin, held, large, parts, when):
    if when == "running":
        number = ask(site, user, held.url)
        process = site.start_program("importer", "--once")
        wait_for("half of it", lambda: row(site, number)["received"])
        site.sql("DELETE FROM video_import WHERE id = %s", number)
        assert process.wait(30) == 0
        process.stdout.close()
    else:
        number = ask(site, user, origin.page("/cut.mp4", Flaky(large, [1000])))
        run(site)
        assert len(uploads(site, user)) == 1
        site.sql("DELETE FROM video_import WHERE id = %s", number)
    run(site)
    no_traces(site, user, parts)
    assert videos(site, user) == 0


def test_a_stop_gives_it_back_at_once(site, user, held, large):
    number = ask(site, user, held.url)
    process = site.start_program("importer")
    wait_for("half of it", lambda: row(site, number)["received"])
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()
    found = row(site, number)
    assert (found["state"], found["attempts"]) == ("waiting", 0) and found["received"] >= len(large) // 2
    held.gate.set()
    assert again(site, number)["state"] == "done"
    video_of(site, user, number, large)


def test_two_importers_take_each_import_once(site, user, other_user, origin, data):
    urls = [origin.page(f"/both{number}.mp4", lambda call: call.send_file(data)) for number in range(8)]
    numbers = [ask(site, who, url) for url, who in zip(urls, [user, other_user] * 4)]
    processes = [site.start_program("importer", "--once") for _ in range(3)]
    for process in processes:
        assert process.wait(60) == 0
        process.stdout.close()
    run(site)
    assert {row(site, number)["state"] for number in numbers} == {"done"}
    assert len(origin.calls) == 8
    for number in numbers:
        wait_for("a video", lambda: row(site, number)["video_id"])
    assert videos(site, user) == videos(site, other_user) == 4


def test_an_importer_that_slept_too_long_changes_nothing(site, user, held, large):
    number = ask(site, user, held.url)
    process = site.start_program("importer", "--once")
    wait_for("half of it", lambda: row(site, number)["received"])
    os.kill(process.pid, signal.SIGSTOP)
    try:
        # The part is still locked: whoever comes gives the claim back.
        assert again(site, number)["state"] == "waiting"
    finally:
        os.kill(process.pid, signal.SIGCONT)
    assert process.wait(30) == 0
    process.stdout.close()
    assert row(site, number)["state"] == "waiting"
    held.gate.set()
    assert again(site, number)["state"] == "done"
    video_of(site, user, number, large)
    assert videos(site, user) == 1


# ---------------------------------------------------------------- killed anywhere

KILLS = ["import_claimed", "intake_before_commit", "intake_after_commit", "import_begun", "import_progress", "part_sync",
         "intake_before_complete", "intake_after_complete", "import_before_done"]


@pytest.mark.parametrize("point", KILLS)
def test_killed_anywhere_one_video_comes_of_it(site, user, origin, large, parts, point):
    if not site.has_failpoints("importer"):
        pytest.skip("this build has no failpoints")

    def slow(call):
        call.send(200, {"Content-Length": len(large), "ETag": '"v1"'}, large[:1_000_000])
        # until the importer has noted its progress, and died of it
        with contextlib.suppress(OSError):
            for at in range(1_000_000, len(large)):
                call.connection.sendall(large[at:at + 1])
                threading.Event().wait(0.2)
    number = ask(site, user, origin.page("/killed.mp4", slow if point == "import_progress" else Flaky(large, [])))
    assert run(site, env={"SPG_FAILPOINT": point}).returncode == -9
    origin.page("/killed.mp4", Flaky(large, []))
    assert again(site, number)["state"] == "done"
    video_of(site, user, number, large)
    run(site)
    assert videos(site, user) == 1 and uploads(site, user) == []
    left = {path.name for path in (site.dir / "media/parts").iterdir()} - parts
    # the finished upload's note, and what a transaction that never was has left for the sweep of orphans
    assert len(left) <= 3, left


def test_killed_after_a_failure_nothing_stays(site, user, origin, parts):
    if not site.has_failpoints("importer"):
        pytest.skip("this build has no failpoints")

    number = ask(site, user, origin.page("/gone.mp4", Flaky(b"x" * 100_000, [5000])))
    run(site)
    assert len(uploads(site, user)) == 1
    origin.page("/gone.mp4", lambda call: call.send(404, {"Content-Length": 0}))
    site.sql("UPDATE video_import SET next_attempt_at = now() WHERE id = %s", number)
    assert run(site, env={"SPG_FAILPOINT": "import_after_fail"}).returncode == -9
    assert row(site, number)["state"] == "failed"
    run(site)
    no_traces(site, user, parts)


def test_the_database_may_be_away_for_a_moment(site, user, held, large):
    number = ask(site, user, held.url)
    process = site.start_program("importer", "--once")
    wait_for("half of it", lambda: row(site, number)["received"])
    site.restart_database()
    before = wait_for("progress again", lambda: row(site, number)["received"])
    wait_for("more", lambda: row(site, number)["received"] > before)
    held.gate.set()
    assert process.wait(60) == 0
    process.stdout.close()
    assert row(site, number)["state"] == "done"
    video_of(site, user, number, large)


def test_erasure_ends_it(site, other_user, held, parts):
    user = other_user
    number = ask(site, user, held.url)
    process = site.start_program("importer", "--once")
    wait_for("half of it", lambda: row(site, number)["received"])
    site.sql("DELETE FROM video_import WHERE user_id = %s", int(user.user_id))
    names = uploads(site, user)
    site.sql("DELETE FROM upload WHERE id = ANY(%s)", names)
    for name in names:
        for path in (site.dir / "media/parts").glob(f"{name}.*"):
            path.unlink()
    assert process.wait(30) == 0
    process.stdout.close()
    run(site)
    no_traces(site, user, parts)


def test_nothing_of_an_address_is_logged(site, user, origin, data):
    url = origin.page("/secret-path-4711.mp4", lambda call: call.send_file(data)) + "?token=word4711"
    number = ask(site, user, url)
    output = run(site).stdout
    assert row(site, number)["state"] == "done"
    assert "4711" not in output and "import_done" in output


def test_it_says_how_it_is_called(site):
    assert site.run("importer", "--help").returncode == 2


def test_an_answer_that_is_asked_for_by_name_only_is_not_followed(site, user, origin):
    """A Location that is no address at all."""
    for location in ("", "https://", "//", "javascript:alert(1)"):
        found = fetched(site, user, origin.page("/odd", redirect_to(location)))
        assert found["state"] == "failed", (location, found)
    assert http_request(origin.origin, "GET", "/odd").status == 302
