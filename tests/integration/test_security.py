"""What an attacker tries: crafted records, foreign sites, other people's things, leaks, wide grants, killed workers."""
import collections
import contextlib
import html.parser
import itertools
import os
import pathlib
import pwd
import re
import secrets
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.parse

import pytest

from spg_site import http_request, program_pids, rfc3339, secrets_in, wait_for

# ---------------------------------------------------------------- FastCGI, by hand

BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6


def record(kind, content=b""):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def pair(name, value):
    def length(text):
        return bytes([len(text)]) if len(text) < 128 else struct.pack("!I", len(text) | 1 << 31)
    name, value = name.encode(), value.encode()
    return length(name) + length(value) + name + value


def parameters(user, method, path, extra=(), end="1"):
    pairs = [("DOCUMENT_URI", path), ("QUERY_STRING", ""), ("REQUEST_METHOD", method), ("CONTENT_TYPE", ""),
             ("CONTENT_LENGTH", ""), ("REMOTE_ADDR", "127.0.0.1"), ("SPG_REQUEST_ID", secrets.token_hex(16))]
    if end is not None:
        pairs.append(("SPG_END", end))
    if user:
        pairs += [("HTTP_" + name.upper().replace("-", "_"), value) for name, value in user.headers.items()]
    return b"".join(pair(name, value) for name, value in [*pairs, *extra])


def converse(site, program, data, timeout=10):
    """Send records to a program's socket and give back what it said, b"" when it only closed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(str(site.dir / "run" / f"{program}.sock"))
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        try:
            while chunk := connection.recv(65536):
                said += chunk
        except ConnectionResetError:
            pass
    out, at = b"", 0
    while at + 8 <= len(said):
        _, kind, _, length, padding, _ = struct.unpack_from("!BBHHBB", said, at)
        if kind == STDOUT:
            out += said[at + 8:at + 8 + length]
        at += 8 + length + padding
    return out


def begun():
    return record(BEGIN, struct.pack("!HB5x", 1, 0))


def whole(params, body=b""):
    return begun() + record(PARAMS, params) + record(PARAMS) + (record(STDIN, body) if body else b"") + record(STDIN)


def status_of(answer):
    return int(re.match(rb"Status: (\d+)", answer).group(1)) if answer else None


@pytest.fixture
def planned(user, video):
    """The id of a post that is far ahead."""
    return user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"]


def test_crafted_records_do_what_complete_ones_do(site, user, planned):
    params = parameters(user, "DELETE", f"/api/v1/posts/{planned}")
    assert status_of(converse(site, "dashboard", whole(params))) == 200
    assert user.post(planned)["state"] == "cancelled"


@pytest.mark.parametrize("cut", ["no_end", "empty_end", "other_end", "no_terminator", "in_the_middle", "no_params",
                                 "lying_length", "only_begin"])
def test_cut_parameters_do_nothing(site, user, planned, cut):
    path = f"/api/v1/posts/{planned}"
    full = parameters(user, "DELETE", path)
    data = {
        "no_end": lambda: whole(parameters(user, "DELETE", path, end=None)),
        "empty_end": lambda: whole(parameters(user, "DELETE", path, end="")),
        "other_end": lambda: whole(parameters(user, "DELETE", path, end="10")),
        # all parameters are there, the record that says so is not: the peer has gone away
        "no_terminator": lambda: begun() + record(PARAMS, full),
        "in_the_middle": lambda: begun() + record(PARAMS, full)[:-20],
        "no_params": lambda: begun() + record(PARAMS) + record(STDIN),
        "lying_length": lambda: whole(full[:-10]),
        "only_begin": begun,
    }[cut]()
    assert converse(site, "dashboard", data) == b""
    assert user.post(planned)["state"] == "scheduled"


def test_a_sentinel_sent_as_a_header_is_none(site, user, planned):
    params = parameters(user, "DELETE", f"/api/v1/posts/{planned}", extra=[("HTTP_SPG_END", "1")], end=None)
    assert converse(site, "dashboard", whole(params)) == b""
    assert user.post(planned)["state"] == "scheduled"


@pytest.mark.parametrize("lengths", [b"\xff\xff\xff\xfe\xff\xff\xff\xfe", b"\xff\xff\xff\xff\xff\xff\xff\xff",
                                     b"\x7f\xff\xff\xff\xff\x00"])
def test_absurd_lengths_cost_one_worker_at_most(site, user, lengths):
    for _ in range(6):
        assert converse(site, "dashboard", begun() + record(PARAMS, lengths + b"A" * 64)) == b""
    wait_for("the dashboard answers", lambda: user.request("GET", "/api/v1/me").status == 200, 10)


def test_a_broken_off_buffered_body_stores_nothing(site, user, video):
    body = b'{"account_id": "%s", "video_id": "%s", "mode": "direct"}' % (user.account_id.encode(), video.encode())
    before = site.sql("SELECT count(*) FROM post")
    for declared, sent in ((len(body) + 1, body), (len(body), body[:-5]), (10**18, body), (-1, body)):
        params = parameters(user, "POST", "/api/v1/posts").replace(
            pair("CONTENT_LENGTH", ""), pair("CONTENT_LENGTH", str(declared))).replace(
            pair("CONTENT_TYPE", ""), pair("CONTENT_TYPE", "application/json"))
        assert status_of(converse(site, "dashboard", whole(params, sent))) in (400, 413)
    assert site.sql("SELECT count(*) FROM post") == before


@pytest.mark.parametrize("header", ["HTTP_COOKIE", "HTTP_X_CSRF_TOKEN"])
def test_a_doubled_header_is_nobodys(site, user, planned, header):
    value = user.headers["Cookie" if header == "HTTP_COOKIE" else "X-CSRF-Token"]
    params = parameters(user, "DELETE", f"/api/v1/posts/{planned}", extra=[(header, value)])
    assert status_of(converse(site, "dashboard", whole(params))) in (401, 403)
    assert user.post(planned)["state"] == "scheduled"


def raw_http(site, lines):
    """A request as it is written; status and whole answer."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer and not re.search(rb"(?i)content-length: [1-9]", answer):
                break
            head, _, body = answer.partition(b"\r\n\r\n")
            told = re.search(rb"(?i)content-length: (\d+)", head)
            if told and len(body) >= int(told.group(1)):
                break
    return (int(answer.split()[1]) if answer else None), answer


def test_doubled_headers_through_nginx(site, user, planned):
    head = [f"DELETE /api/v1/posts/{planned} HTTP/1.1", "Host: 127.0.0.1"]
    cookie, token = f"Cookie: {user.headers['Cookie']}", f"X-CSRF-Token: {user.csrf}"
    assert raw_http(site, [*head, cookie, token, token])[0] in (400, 403)
    assert raw_http(site, [*head, cookie, "Cookie: a=b", token])[0] in (400, 401, 403)
    assert raw_http(site, [*head, cookie, f"Cookie: {user.headers['Cookie']}", token])[0] in (400, 401, 403)
    assert user.post(planned)["state"] == "scheduled"


LINE_BREAKS = ["\r\nX-Accel-Redirect: /_media/videos/x", "\nX-Evil: 1", "\rX-Evil: 1", "\x00X-Evil: 1"]


@pytest.mark.parametrize("broken", LINE_BREAKS)
def test_no_value_breaks_a_header(site, user, broken):
    """Values that reach headers: return paths, upload metadata, file names, cookies, the request id."""
    tus = [("HTTP_TUS_RESUMABLE", "1.0.0"), ("HTTP_UPLOAD_LENGTH", "5")]
    answers = [
        converse(site, "upload_control", whole(parameters(user, "POST", "/uploads", extra=[
            *tus, ("HTTP_UPLOAD_METADATA", "filename YQ==" + broken)]))),
        converse(site, "oauth_start", whole(parameters(None, "GET", "/oauth/start", extra=[
            ("HTTP_COOKIE", "__Host-spg-oauth=" + "a" * 43 + broken)]))),
        converse(site, "oauth_start", whole(parameters(None, "GET", "/oauth/start").replace(
            pair("QUERY_STRING", ""), pair("QUERY_STRING", "return=" + urllib.parse.quote("/posts" + broken))))),
        converse(site, "dashboard", whole(parameters(None, "GET", "/posts/" + broken))),
        converse(site, "dashboard", whole(parameters(None, "GET" + broken, "/"))),
    ]
    for answer in answers:
        head = answer.split(b"\r\n\r\n")[0]
        assert b"X-Evil" not in head and b"X-Accel-Redirect" not in head, head
        assert head.count(b"\r\nLocation:") <= 1
    for path in ("/oauth/start?return=" + urllib.parse.quote("/posts" + broken),
                 "/oauth/start?return=" + urllib.parse.quote("//evil.example" + broken)):
        answer = site.request("GET", path)
        assert answer.status in (303, 400) and "X-Evil" not in answer.headers
        if answer.status == 303:
            assert urllib.parse.urlsplit(answer.headers["Location"]).netloc == urllib.parse.urlsplit(
                site.config["tiktok_auth_url"]).netloc


def test_log_lines_stay_whole(site, user):
    """A path, a method, a code from outside: one line each, however they look."""
    before = sum(text.count("\n") for name, text in site.logs().items() if name == "dashboard.log")
    converse(site, "dashboard", whole(parameters(user, "DELETE", "/api/v1/posts/1\n2026-01-01 error forged[1] x")))
    site.request("GET", "/api/v1/posts?state=a%0Aforged", user=user)
    text = site.logs()["dashboard.log"]
    assert not re.search(r"^(2026-01-01 error forged|forged)", text, re.M)
    assert text.count("\n") - before <= 3


@pytest.mark.parametrize("program", ["dashboard", "privacy", "deletion", "support", "oauth_start"])
def test_silent_peers_of_the_socket_are_left_behind(site, program):
    """Nobody but nginx may connect; even so, two silent connections do not stop a pool for good."""
    with contextlib_sockets(site, program, 1) as silent:
        for connection in silent:
            connection.sendall(begun())
        path = {"dashboard": "/healthz", "privacy": "/privacy", "deletion": "/deletion", "support": "/support",
                "oauth_start": "/oauth/start"}[program]
        answer = site.request("GET", path, timeout=20)
        assert answer.status in (200, 303)


class contextlib_sockets:
    """Open connections to a program's socket."""

    def __init__(self, site, program, count):
        self.path, self.count = str(site.dir / "run" / f"{program}.sock"), count

    def __enter__(self):
        self.open = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(self.count)]
        for connection in self.open:
            connection.connect(self.path)
        return self.open

    def __exit__(self, *_):
        for connection in self.open:
            connection.close()


def test_sockets_are_nginx_and_the_programs_own(site):
    for path in (site.dir / "run").glob("*.sock"):
        assert path.stat().st_mode & 0o777 == 0o660, path


# ---------------------------------------------------------------- foreign sites, other people

SITES = [None, "same-origin", "same-site", "cross-site", "none", "SAME-ORIGIN"]
ORIGINS = [None, "own", "null", "https://evil.example", "own/"]
CHANGES = [("DELETE", "/api/v1/posts/{post}"), ("PATCH", "/api/v1/posts/{post}"), ("DELETE", "/api/v1/videos/{video}"),
           ("DELETE", "/api/v1/accounts/{account}"), ("PATCH", "/api/v1/me"), ("POST", "/api/v1/posts"),
           ("POST", "/settings"), ("POST", "/deletion"), ("POST", "/support"), ("POST", "/api/v1/support"),
           ("POST", "/oauth/signout"), ("POST", "/uploads")]


def test_changes_need_the_token_and_no_foreign_site(site, user, video, planned):
    """Every combination of Sec-Fetch-Site, Origin and token; only clean ones get through."""
    post, other = user.post(planned), site.connect()
    names = {"post": planned, "video": video, "account": user.account_id}
    tokens = [user.csrf, None, "", other.csrf, user.csrf[:-1] + ("A" if user.csrf[-1] != "A" else "B"), user.csrf + "A"]
    refused = 0
    for (method, pattern), where, origin, token in itertools.product(CHANGES, SITES, ORIGINS, tokens):
        own = {"own": site.config["public_url"], "own/": site.config["public_url"] + "/"}.get(origin, origin)
        clean = where == "same-origin" or (where is None and own in (None, site.config["public_url"]))
        if clean and token == user.csrf:
            continue
        headers = {"Cookie": user.headers["Cookie"], "Sec-Fetch-Site": where, "Origin": own, "X-CSRF-Token": token,
                   "Tus-Resumable": "1.0.0", "Upload-Length": "5"}
        answer = site.request(method, pattern.format(**names), body=b"" if method == "POST" else None,
                              headers=headers)
        assert answer.status == 403, (method, pattern, where, origin, token, answer)
        refused += 1
    assert refused > 1500
    assert user.post(planned)["updated_at"] == post["updated_at"]
    assert user.request("GET", "/api/v1/me").json()["accounts"][0]["state"] == "connected"


def test_the_method_cannot_be_swapped_but_for_uploads(site, user, planned):
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        site.request("GET", f"/api/v1/posts/{planned}", user=user, headers={name: "DELETE"})
        site.request("POST", f"/api/v1/posts/{planned}", user=user, headers={name: "DELETE"}, body=b"")
        site.request("GET", f"/api/v1/posts/{planned}?_method=DELETE", user=user)
    assert user.post(planned)["state"] == "scheduled"
    made = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"}, body=b"")
    path = urllib.parse.urlsplit(made.headers["Location"]).path
    cross = {"Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "DELETE", "Sec-Fetch-Site": "cross-site",
             "X-CSRF-Token": None}
    assert user.request("POST", path, headers=cross, body=b"").status == 403
    assert user.request("HEAD", path, headers={"Tus-Resumable": "1.0.0"}).status == 200


def test_other_peoples_things_are_not_there(site, user, other_user, video, planned):
    """Every route with an id: somebody else's id is 404 and changes nothing, signed out is 401."""
    made = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"}, body=b"")
    upload = urllib.parse.urlsplit(made.headers["Location"]).path
    tus = {"Tus-Resumable": "1.0.0"}
    patch = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    routes = [
        ("GET", f"/api/v1/posts/{planned}", {}, None), ("PATCH", f"/api/v1/posts/{planned}", {}, {"caption": "mine"}),
        ("DELETE", f"/api/v1/posts/{planned}", {}, None), ("GET", f"/api/v1/posts/{planned}/timeline", {}, None),
        ("GET", f"/api/v1/videos/{video}", {}, None), ("DELETE", f"/api/v1/videos/{video}", {}, None),
        ("GET", f"/videos/{video}/file", {}, None), ("GET", f"/videos/{video}/thumbnail", {}, None),
        ("GET", f"/posts/{planned}", {}, None), ("GET", f"/posts/{planned}/edit", {}, None),
        ("GET", f"/api/v1/accounts/{user.account_id}", {}, None),
        ("DELETE", f"/api/v1/accounts/{user.account_id}", {}, None),
        ("GET", f"/api/v1/accounts/{user.account_id}/creator-info", {}, None),
        ("GET", f"/oauth/start?account={user.account_id}", {}, None),
        ("HEAD", upload, tus, None), ("PATCH", upload, patch, b"12345"), ("DELETE", upload, tus, None),
    ]
    calls = len(site.sandbox.get("calls?route=creator_info"))
    for method, path, headers, body in routes:
        answer = other_user.request(method, path, headers=headers, body=body)
        assert answer.status == 404, (method, path, answer)
        if not path.startswith("/oauth/"):
            assert site.request(method, path, headers=headers, body=body).status in (401, 403), (method, path)
    assert len(site.sandbox.get("calls?route=creator_info")) == calls
    # naming other people's things in one's own
    for members in ({"video_id": video, "account_id": other_user.account_id},
                    {"video_id": video, "account_id": user.account_id}):
        body = {"mode": "direct", "due_at": None, "time_zone": "UTC", "caption": "", **members}
        assert other_user.request("POST", "/api/v1/posts", body=body).status == 422
    assert user.post(planned)["state"] == "scheduled" and user.post(planned)["caption"] == "Hello"
    assert user.request("HEAD", upload, headers=tus).headers["Upload-Offset"] == "0"
    for path in ("/api/v1/posts", f"/api/v1/posts?account={user.account_id}", "/api/v1/videos"):
        assert other_user.request("GET", path).json()["items"] == []
    for path in ("/", "/posts", "/videos", "/posts/new", f"/posts/new?video={video}"):
        text = other_user.request("GET", path).text
        assert f"/posts/{planned}" not in text and f"/videos/{video}" not in text, path


@pytest.mark.parametrize("name", ["../../etc/passwd", "..%2f..%2fspg.conf", "A" * 22, "A" * 21 + ".",
                                  "A" * 22 + "/../x", "A" * 22 + "%00", "a.part", "%2fetc%2fpasswd", "C:x", "A" * 4000])
def test_upload_names_lead_nowhere(site, user, name):
    for method, extra in (("HEAD", {}), ("DELETE", {}),
                          ("PATCH", {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})):
        answer = user.request(method, f"/uploads/{name}", headers={"Tus-Resumable": "1.0.0", **extra},
                              body=b"x" if method == "PATCH" else None)
        assert answer.status in (400, 404, 405), (method, name, answer)


def test_files_that_are_not_the_sites_own_are_not_sent(site, user):
    for path in ("/_media/videos/x", "/_pull/x", "/_error/error.html", "/static/../spg.conf", "/static/..%2f..%2fspg.conf",
                 "/static../spg.conf", "/static/vendor/../../spg.conf", "/static/.hidden", "/.git/config",
                 "/static/", "/static/vendor/", "/spg.conf", "/videos/1/file/../../../spg.conf"):
        answer = user.request("GET", path)
        assert answer.status in (400, 403, 404), (path, answer)


def test_a_planted_session_is_dead_after_signing_in(site):
    victim = site.connect()
    planted = victim.cookies["__Host-spg"]
    site.connect(open_id=victim.open_id, user=victim)
    assert victim.cookies["__Host-spg"] != planted
    assert site.request("GET", "/api/v1/me", headers={"Cookie": f"__Host-spg={planted}"}).status == 401
    chosen = "A" * 43
    stranger = site.connect()
    stranger.cookies["__Host-spg"] = chosen
    assert stranger.request("GET", "/api/v1/me").status == 401


def test_a_session_ends_by_age_by_idleness_and_by_signing_out(site, user):
    def alive(who):
        return who.request("GET", "/api/v1/me").status == 200
    by_age, by_idleness = site.connect(), site.connect()
    site.sql("UPDATE session SET expires_at = now() WHERE user_id = %s", by_age.user_id)
    site.sql("UPDATE session SET last_seen_at = now() - interval '10 years' WHERE user_id = %s", by_idleness.user_id)
    assert not alive(by_age) and not alive(by_idleness) and alive(user)
    cookie = user.headers["Cookie"]
    assert user.request("POST", "/oauth/signout", body=b"").status == 303
    assert site.request("GET", "/api/v1/me", headers={"Cookie": cookie}).status == 401


def callback_path(site, user, open_id, start="/oauth/start"):
    """Consent given, the callback not yet called: its path and query."""
    answer = site.request("GET", start, user=user)
    page = urllib.parse.urlsplit(answer.headers["Location"])
    scopes = urllib.parse.parse_qs(page.query)["scope"][0].split(",")
    form = urllib.parse.urlencode([("account", open_id), ("action", "authorize"), *(("scope", s) for s in scopes)])
    back = http_request(site.sandbox_url, "POST", f"{page.path}?{page.query}",
                        {"Content-Type": "application/x-www-form-urlencoded"}, form)
    address = urllib.parse.urlsplit(back.headers["Location"])
    return f"{address.path}?{address.query}"


def test_a_callback_works_once_in_its_browser_for_its_session(site, user, other_user):
    def start(who):
        return callback_path(site, who, site.new_account(), "/oauth/start")
    tokens = len(site.sandbox.get("calls?route=token"))
    path = start(user)
    assert site.request("GET", path).status == 400                       # no cookie
    assert other_user.request("GET", path).status == 400                 # another browser
    bound = user.cookies["__Host-spg-oauth"]
    mixed = {"Cookie": f"__Host-spg-oauth={bound}; __Host-spg={other_user.cookies['__Host-spg']}"}
    assert site.request("GET", path, headers=mixed).status in (400, 403, 409)   # another session
    assert user.request("GET", path).status == 400                       # used up by that
    path = start(user)
    site.sql("UPDATE oauth_state SET expires_at = now() WHERE user_id = %s", user.user_id)
    assert user.request("GET", path).status == 400                       # too late
    assert len(site.sandbox.get("calls?route=token")) == tokens
    path = start(user)
    assert user.request("GET", path).status == 303
    assert user.request("GET", path).status == 400                       # again
    assert len(site.sandbox.get("calls?route=token")) == tokens + 1


def test_an_account_is_not_taken_over(site, user, other_user):
    answer = site.consent(other_user, open_id=user.open_id)
    assert answer.status in (403, 409)
    assert site.sql("SELECT user_id FROM account WHERE open_id = %s", user.open_id) == [(int(user.user_id),)]
    assert other_user.request("GET", "/api/v1/me").json()["id"] == other_user.user_id
    assert len(other_user.request("GET", "/api/v1/accounts").json()["items"]) == 1


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example/", "/posts//evil.example",
                                    "/posts/../../evil", "/posts\t/x", "javascript:alert(1)", "/oauth/signout",
                                    "/api/v1/me", "/posts/%2e%2e", "/@evil.example", "posts"])
def test_signing_in_leads_only_to_own_pages(site, target):
    fresh = site.connect()
    answer = site.consent(fresh, start="/oauth/start?return=" + urllib.parse.quote(target, safe=""),
                          open_id=fresh.open_id)
    assert answer.status == 303 and answer.headers["Location"] == "/"


class Active(html.parser.HTMLParser):
    """What of a page could run or look otherwise than our files say."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        members = dict(attrs)
        if tag == "script" and not members.get("src", "").startswith("/static/"):
            self.found.append((tag, members))
        if tag in ("base", "iframe", "object", "embed") or any(n.startswith("on") or n == "style" for n in members):
            self.found.append((tag, members))
        for name in ("href", "src", "action", "formaction"):
            if re.match(r"(?i)\s*(javascript|data|vbscript):", members.get(name) or ""):
                self.found.append((tag, members))
        if tag == "img" and members.get("src") == "x":
            self.found.append((tag, members))


HOSTILE = "\"'><script>alert(1)</script>{{app_name}}<img src=x onerror=alert(2)>&amp;"


def test_hostile_names_stay_text_in_every_page(site, video_file):
    user = site.connect(display_name=HOSTILE)
    video = site.upload(user, video_file, name=HOSTILE + ".mp4")
    wait_for("video ready", lambda: user.request("GET", f"/api/v1/videos/{video}").json()["state"] == "ready", 60)
    post = user.new_post(video, due_at=rfc3339(time.time() + 9000), caption=HOSTILE)["id"]
    site.sql("UPDATE post SET state = 'held', reason_code = %s, reason_message = %s, remedy_code = %s,"
             " remedy_message = %s, public_ids = %s WHERE id = %s",
             HOSTILE, HOSTILE, HOSTILE, HOSTILE, [HOSTILE], post)
    site.sql("INSERT INTO post_event (post_id, kind, name, code, message, log_id) VALUES (%s, 'call', %s, %s, %s, %s)",
             post, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    for path in ("/", "/videos", "/posts", f"/posts/{post}", f"/posts/{post}/edit", f"/posts/new?video={video}",
                 "/calendar", "/accounts", "/settings", "/deletion", "/support", "/privacy", "/terms",
                 "/posts?state=" + urllib.parse.quote(HOSTILE), "/oauth/callback?error=" + urllib.parse.quote(HOSTILE)):
        answer = user.request("GET", path)
        assert answer.status in (200, 400, 422), (path, answer)
        policy = answer.headers["Content-Security-Policy"]
        assert "'unsafe" not in policy and "default-src 'none'" in policy
        assert Active(answer.text).found == [], path
    answer = user.request("GET", f"/videos/{video}/file")
    assert answer.status == 200 and "\n" not in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


# ---------------------------------------------------------------- processes

def test_a_worker_that_keeps_dying_is_kept_alive(site):
    before = set(program_pids(site, "privacy"))
    assert len(before) == 2
    for _ in range(6):
        victim = program_pids(site, "privacy")[0]
        os.kill(victim, signal.SIGKILL)
        wait_for("a successor", lambda: len(alive := program_pids(site, "privacy")) == 2 and victim not in alive, 10)
    for _ in range(10):
        assert site.request("GET", "/privacy").status == 200


def test_a_graceful_restart_loses_no_request(site, user):
    counts, stop = collections.Counter(), threading.Event()

    def ask():
        while not stop.is_set():
            counts[site.request("GET", "/api/v1/me", user=user).status] += 1
    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        for signal_number in [signal.SIGTERM, signal.SIGUSR1] * 6:
            old = program_pids(site, "dashboard")
            for victim in old:
                os.kill(victim, signal_number)
            wait_for("successors", lambda: len(now := program_pids(site, "dashboard")) == 4 and not set(now) & set(old), 20)
            floor = counts.total() + 50
            wait_for("more answers", lambda: counts.total() >= floor, 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert set(counts) == {200} and counts[200] > 200


def test_no_process_names_a_secret(site, user):
    programs = [path.name for path in (site.dir / "app/bin").iterdir()]
    seen = 0
    for program in programs:
        for process in program_pids(site, program):
            root = pathlib.Path(f"/proc/{process}")
            try:
                told = (root / "cmdline").read_bytes() + (root / "environ").read_bytes()
            except OSError:
                continue
            seen += 1
            assert secrets_in(told.decode(errors="replace"), site) == []
            names = {part.split(b"=")[0] for part in (root / "environ").read_bytes().split(b"\0") if part}
            assert names <= {b"PATH", b"SPG_CONFIG", b"SPG_FAILPOINT", b"ASAN_OPTIONS", b"UBSAN_OPTIONS",
                             b"LSAN_OPTIONS", b"TSAN_OPTIONS"}, names
            limits = (root / "limits").read_text()
            assert re.search(r"Max core file size\s+0\s+0", limits) or program == "media", (program, limits)
    assert seen > 10


# ---------------------------------------------------------------- leaks

def test_no_log_holds_a_secret(site, video_file):
    """Canaries through every door, failing ones too; then all logs are searched."""
    user, leaver = site.connect(), site.connect()
    words = [*user.cookies.values(), user.csrf, *leaver.cookies.values(), leaver.csrf]
    tus = {"Tus-Resumable": "1.0.0"}
    made = user.request("POST", "/uploads", headers={**tus, "Upload-Length": "100"}, body=b"")
    upload = urllib.parse.urlsplit(made.headers["Location"]).path.rsplit("/", 1)[1]
    words.append(upload)
    user.request("PATCH", f"/uploads/{upload}", body=b"x" * 200, headers={
        **tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    user.request("HEAD", f"/uploads/{upload}/", headers=tus)
    user.request("TRACE", f"/uploads/{upload}")
    video = site.ready_video(user, video_file)
    # a transfer that is cut off by the client
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(f"PATCH /uploads/{upload} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {user.headers['Cookie']}\r\n"
                           "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 50\r\n"
                           "Content-Type: application/offset+octet-stream\r\n\r\nabc".encode())
    path = callback_path(site, user, user.open_id)
    words += [value for values in urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).values()
              for value in values if len(value) > 20 and value != user.open_id]
    site.request("GET", path)                                   # foreign browser
    user.request("POST", path, body=b"")                        # wrong method
    raw_http(site, [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Bad Header: x", "Connection: close"])
    raw_http(site, [f"GET {path}&pad={'x' * 40000} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"])
    raw_http(site, ["GET / HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {user.headers['Cookie']}; pad={'x' * 40000}"])
    user.request("GET", path)                                   # and the right one
    user.csrf = user.request("GET", "/api/v1/me").json()["csrf_token"]
    words += [*user.cookies.values(), user.csrf]
    post = user.new_post(video)["id"]
    site.sandbox.fault("upload", account=user.open_id, action="answer", when="before", status=500, body="")
    site.sandbox.fault("refresh", account=user.open_id, action="html", when="before")
    site.sandbox.post(f"accounts/{user.open_id}/expire", token="access")
    user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info")

    def over():
        site.sql("UPDATE account_token SET refresh_after = '-infinity'")
        site.sql("UPDATE post SET lease_until = least(lease_until, now()), next_check_at = least(next_check_at, now()),"
                 " next_attempt_at = least(next_attempt_at, now()) WHERE id = %s", post)
        site.run("publisher", "--once")
        return user.post(post)["state"] in ("published", "held", "failed")
    try:
        wait_for("post over", over, 60)
    finally:
        site.sandbox.delete("faults")
    # errors of the database: a statement that fails with values, and a lost connection
    user.request("PATCH", "/api/v1/me", body={"language": "xx"})
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'spg\\_%%' AND pid <> pg_backend_pid()"
             " AND usename <> 'spg_postgres'")
    user.request("GET", "/api/v1/me")

    def leave():
        # the end of a connection may come a moment late, and is then told as 503
        answer = leaver.request("POST", "/deletion", body=f"confirm=erase&csrf_token={leaver.csrf}", headers={
            "Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (303, 503), answer
        return answer if answer.status == 303 else None
    left = wait_for("left", leave)
    receipt = left.headers["Location"].rsplit("/", 1)[1]
    words.append(receipt)
    site.request("GET", f"/deletion/{receipt}")
    site.request("POST", f"/deletion/{receipt}", body=b"x" * 100000)
    site.request("GET", f"/deletion/{receipt}/")
    site.run("publisher", "--once")
    site.run("janitor")
    logs = site.logs()
    assert {"nginx-access.log", "nginx-error.log", "postgresql.log", "dashboard.log", "publisher.log"} <= set(logs)
    for name, text in logs.items():
        if name.startswith("sandbox"):
            continue
        assert secrets_in(text, site) == [], name
        leaked = [word for word in words if len(word) > 15 and word in text]
        assert leaked == [], (name, leaked)


def test_no_answer_holds_a_token(site, user, video, planned):
    for path in ("/", "/accounts", "/api/v1/me", "/api/v1/accounts", f"/api/v1/accounts/{user.account_id}", "/readyz",
                 f"/api/v1/accounts/{user.account_id}/creator-info", f"/posts/{planned}", f"/api/v1/posts/{planned}",
                 f"/api/v1/posts/{planned}/timeline", "/api/v1/videos", "/posts/new", "/settings", "/deletion"):
        answer = user.request("GET", path)
        kinds = {kind for kind, _ in secrets_in(answer.text + str(answer.headers), site)}
        assert not kinds, (path, kinds)


# ---------------------------------------------------------------- what each role may do

# Columns that only their role may change or, for sealed ones, see. A role absent here may do nothing.
SEALED = {("account_token", "access_sealed"), ("account_token", "refresh_sealed"), ("attempt", "upload_url_sealed")}
OPENERS = {"account_token": {"spg_publisher", "spg_creator"}, "attempt": {"spg_publisher"}}
ROLES = ["spg_oauth_start", "spg_oauth_callback", "spg_upload", "spg_dashboard", "spg_creator", "spg_deletion",
         "spg_privacy", "spg_pull", "spg_tiktok_webhook", "spg_importer", "spg_support", "spg_exporter", "spg_mailer",
         "spg_publisher", "spg_janitor", "spg_ctl"]
MAY = {  # table -> verb -> roles (on the table or on any column of it)
    "app_user": {"INSERT": "oauth_callback", "UPDATE": "dashboard", "DELETE": "janitor",
                 "SELECT": "oauth_callback dashboard deletion importer exporter publisher janitor ctl"},
    "session": {"INSERT": "oauth_callback",
                "UPDATE": "oauth_start oauth_callback upload dashboard creator deletion support",
                "DELETE": "oauth_callback dashboard deletion janitor",
                "SELECT": "oauth_start oauth_callback upload dashboard creator deletion support exporter janitor ctl"},
    "oauth_state": {"INSERT": "oauth_start", "UPDATE": "oauth_callback", "DELETE": "janitor",
                    "SELECT": "oauth_start oauth_callback janitor"},
    "account": {"INSERT": "oauth_callback", "UPDATE": "oauth_callback dashboard creator deletion publisher janitor",
                "DELETE": "janitor",
                "SELECT": "oauth_start oauth_callback dashboard creator deletion exporter publisher janitor ctl"},
    "account_token": {"INSERT": "oauth_callback", "UPDATE": "oauth_callback creator publisher",
                      "DELETE": "publisher janitor",
                      "SELECT": "oauth_callback creator exporter publisher janitor ctl"},
    "upload": {"INSERT": "upload importer janitor", "UPDATE": "upload importer janitor",
               "DELETE": "upload importer janitor", "SELECT": "upload dashboard importer exporter janitor ctl"},
    "upload_day": {"INSERT": "upload importer janitor", "UPDATE": "upload importer janitor", "DELETE": "janitor",
                   "SELECT": "upload dashboard importer exporter janitor"},
    "video_tag": {"INSERT": "dashboard", "DELETE": "dashboard janitor", "SELECT": "dashboard exporter janitor"},
    "video_repair": {"INSERT": "dashboard", "UPDATE": "upload", "DELETE": "dashboard janitor",
                     "SELECT": "upload dashboard exporter janitor"},
    "video_import": {"INSERT": "dashboard janitor", "UPDATE": "upload importer janitor",
                     "DELETE": "dashboard janitor", "SELECT": "upload dashboard importer exporter janitor ctl"},
    "video": {"INSERT": "upload", "UPDATE": "upload dashboard janitor", "DELETE": "janitor",
              "SELECT": "upload dashboard deletion pull importer exporter publisher janitor ctl"},
    "file_removal": {"INSERT": "upload dashboard janitor", "DELETE": "janitor", "SELECT": "upload dashboard janitor"},
    "post": {"INSERT": "dashboard", "UPDATE": "oauth_callback dashboard deletion publisher janitor",
             "DELETE": "janitor", "SELECT": "oauth_callback dashboard deletion pull exporter publisher janitor ctl"},
    "attempt": {"INSERT": "publisher", "UPDATE": "dashboard publisher", "DELETE": "publisher janitor",
                "SELECT": "oauth_callback dashboard pull exporter publisher janitor ctl"},
    "post_event": {"INSERT": "oauth_callback dashboard deletion publisher janitor", "DELETE": "janitor",
                   "SELECT": "oauth_callback dashboard deletion exporter publisher janitor ctl"},
    "idempotency_key": {"INSERT": "dashboard", "DELETE": "janitor", "SELECT": "dashboard janitor"},
    "quota": {"INSERT": "creator publisher", "UPDATE": "creator publisher", "DELETE": "janitor",
              "SELECT": "creator publisher janitor ctl"},
    "webhook_event": {"INSERT": "tiktok_webhook", "UPDATE": "publisher", "DELETE": "janitor",
                      "SELECT": "tiktok_webhook exporter publisher janitor ctl"},
    "deletion_request": {"INSERT": "deletion janitor ctl", "UPDATE": "deletion janitor", "DELETE": "janitor",
                         "SELECT": "oauth_callback dashboard deletion exporter publisher janitor ctl"},
    "deletion_step": {"INSERT": "deletion janitor ctl", "UPDATE": "deletion publisher janitor", "DELETE": "janitor",
                      "SELECT": "deletion publisher janitor ctl"},
    "heartbeat": {"INSERT": "publisher janitor", "UPDATE": "publisher janitor",
                  "SELECT": "dashboard publisher janitor ctl"},
    "audit_event": {"INSERT": "oauth_start oauth_callback upload dashboard creator deletion tiktok_webhook support"
                              " exporter publisher janitor ctl",
                    "SELECT": "oauth_start oauth_callback upload dashboard creator deletion tiktok_webhook support"
                              " exporter publisher janitor ctl"},
    "creator_info": {"INSERT": "publisher", "UPDATE": "publisher", "DELETE": "janitor",
                     "SELECT": "exporter publisher janitor"},
    "breaker": {"INSERT": "publisher", "UPDATE": "publisher", "SELECT": "dashboard publisher ctl"},
    "schema_migration": {"SELECT": "oauth_start oauth_callback upload dashboard creator deletion pull tiktok_webhook"
                                   " importer support exporter mailer publisher janitor ctl"},
    "audit_address": {"INSERT": "oauth_start oauth_callback upload dashboard creator deletion support",
                      "UPDATE": "janitor", "DELETE": "janitor", "SELECT": "dashboard exporter janitor ctl"},
    "audit_chain": {"SELECT": "janitor ctl"},
    "deletion_count": {"INSERT": "janitor", "UPDATE": "janitor", "DELETE": "janitor",
                       "SELECT": "deletion janitor ctl"},
    "deletion_subject": {"INSERT": "janitor", "UPDATE": "janitor", "DELETE": "janitor", "SELECT": "janitor ctl"},
    "export_request": {"INSERT": "dashboard", "UPDATE": "dashboard exporter", "DELETE": "janitor",
                       "SELECT": "dashboard exporter janitor ctl"},
    "policy_consent": {"INSERT": "oauth_callback dashboard", "DELETE": "janitor",
                       "SELECT": "oauth_callback dashboard exporter janitor ctl"},
    "retention_run": {"INSERT": "janitor", "UPDATE": "janitor", "SELECT": "janitor ctl"},
    "support_message": {"INSERT": "support ctl", "UPDATE": "mailer", "DELETE": "janitor",
                        "SELECT": "support exporter mailer janitor ctl"},
    "support_thread": {"INSERT": "support", "UPDATE": "support janitor ctl", "DELETE": "janitor",
                       "SELECT": "support exporter mailer janitor ctl"},
}


def test_no_role_may_do_more_than_its_work(site):
    tables = [row[0] for row in site.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'spg'")]
    assert set(tables) == set(MAY), "a new table needs a line in MAY"
    wrong = []
    for table, verb in itertools.product(tables, ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES",
                                                  "TRIGGER")):
        allowed = {f"spg_{name}" for name in MAY[table].get(verb, "").split()}
        for role in ROLES:
            check = "has_any_column_privilege" if verb in ("SELECT", "INSERT", "UPDATE") else "has_table_privilege"
            may = site.sql(f"SELECT {check}(%s, %s, %s)", role, f"spg.{table}", verb)[0][0]
            if may != (role in allowed):
                wrong.append((role, verb, table, may))
    assert wrong == []


def test_sealed_columns_open_to_their_programs_alone(site):
    named = set(site.sql("SELECT table_name, column_name FROM information_schema.columns"
                         " WHERE table_schema = 'spg' AND column_name LIKE '%%sealed%%'"))
    assert named == SEALED
    for table, column in SEALED:
        readers = {role for role in ROLES
                   if site.sql("SELECT has_column_privilege(%s, %s, %s, 'SELECT')", role, f"spg.{table}", column)[0][0]}
        assert readers == OPENERS[table], (table, column)


def as_role(site, role, statement):
    """Run a statement over the socket as that Unix user; what psql says."""
    return subprocess.run(["setpriv", f"--reuid={role}", f"--regid={role}", "--init-groups", "--",
                           "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(site.dir / "run/postgresql"), "-d", "spg",
                           "-U", role, "-c", statement], capture_output=True, text=True, cwd="/", timeout=30)


@pytest.mark.parametrize("role,statement", [
    ("spg_dashboard", "SELECT access_sealed FROM account_token"),
    ("spg_oauth_callback", "SELECT refresh_sealed FROM account_token"),
    ("spg_oauth_callback", "UPDATE account_token SET access_sealed = refresh_sealed RETURNING access_sealed"),
    ("spg_janitor", "SELECT * FROM account_token"),
    ("spg_janitor", "SELECT upload_url_sealed FROM attempt"),
    ("spg_dashboard", "SELECT upload_url_sealed FROM attempt"),
    ("spg_oauth_start", "SELECT state_hash FROM oauth_state"),
    ("spg_dashboard", "INSERT INTO session (id_hash, user_id, expires_at) VALUES (sha256('x'), 1, now() + '1 day')"),
    ("spg_upload", "UPDATE session SET user_id = 1"),
    ("spg_upload", "UPDATE video SET user_id = 1"),
    ("spg_dashboard", "UPDATE post SET user_id = 1"),
    ("spg_dashboard", "UPDATE post SET public_ids = '{1}'"),
    ("spg_upload", "UPDATE upload SET user_id = 1"),
    ("spg_dashboard", "UPDATE account SET user_id = 1"),
    ("spg_creator", "UPDATE account SET user_id = 1"),
    ("spg_tiktok_webhook", "SELECT event FROM webhook_event"),
    ("spg_privacy", "SELECT 1 FROM app_user"),
    ("spg_importer", "SELECT time_zone FROM app_user"),
    ("spg_importer", "SELECT 1 FROM post"),
    ("spg_importer", "SELECT 1 FROM account"),
    ("spg_importer", "SELECT file FROM video"),
    ("spg_importer", "INSERT INTO video_import (user_id, source, address) VALUES (1, 'url', 'https://example.org/')"),
    ("spg_importer", "UPDATE video_import SET address = 'https://example.org/'"),
    ("spg_importer", "UPDATE video_import SET user_id = 1"),
    ("spg_exporter", "SELECT upload_url_sealed FROM attempt"),
    ("spg_exporter", "SELECT access_sealed FROM account_token"),
    ("spg_exporter", "SELECT id_hash FROM session"),
    ("spg_exporter", "SELECT pull_hash FROM attempt"),
    ("spg_exporter", "SELECT receipt_hash FROM deletion_request"),
    ("spg_exporter", "UPDATE export_request SET user_id = 1"),
    ("spg_exporter", "UPDATE video SET deleted_at = now()"),
    ("spg_dashboard", "UPDATE export_request SET user_id = 1"),
    ("spg_dashboard", "INSERT INTO export_request (user_id, state, file) VALUES (1, 'ready', 'x')"),
    ("spg_pull", "SELECT upload_url_sealed FROM attempt"),
    ("spg_pull", "SELECT publish_id FROM attempt"),
    ("spg_pull", "SELECT access_sealed FROM account_token"),
    ("spg_pull", "SELECT 1 FROM account"),
    ("spg_pull", "SELECT caption FROM post"),
    ("spg_pull", "SELECT name FROM video"),
    ("spg_pull", "UPDATE attempt SET final_intent_at = now()"),
    ("spg_dashboard", "DELETE FROM audit_event"),
    ("spg_dashboard", "UPDATE audit_event SET code = NULL"),
    ("spg_publisher", "SELECT * FROM audit_event"),
    ("spg_ctl", "SELECT access_sealed FROM account_token"),
    ("spg_ctl", "SELECT upload_url_sealed FROM attempt"),
    ("spg_ctl", "SELECT id_hash FROM session"),
    ("spg_ctl", "SELECT state_hash FROM oauth_state"),
    ("spg_ctl", "UPDATE post SET state = 'cancelled'"),
    ("spg_ctl", "DELETE FROM audit_event"),
    ("spg_ctl", "SELECT word_hash FROM support_thread"),
    ("spg_ctl", "UPDATE support_message SET body = 'x'"),
    ("spg_support", "UPDATE support_thread SET user_id = 1"),
    ("spg_support", "UPDATE support_message SET body = 'x'"),
    ("spg_support", "DELETE FROM support_message"),
    ("spg_support", "SELECT 1 FROM app_user"),
    ("spg_mailer", "SELECT word_hash FROM support_thread"),
    ("spg_mailer", "UPDATE support_message SET body = 'x'"),
    ("spg_mailer", "UPDATE support_thread SET email = 'x'"),
    ("spg_publisher", "CREATE TABLE spg.x ()"),
    ("spg_publisher", "CREATE TABLE public.x ()"),
    ("spg_publisher", "CREATE TEMP TABLE x ()"),
    ("spg_publisher", "CREATE SCHEMA x"),
    ("spg_publisher", "SET ROLE spg_owner"),
    ("spg_publisher", "COPY app_user TO PROGRAM 'true'"),
    ("spg_publisher", "SELECT pg_read_file('/etc/passwd')"),
    ("spg_publisher", "ALTER ROLE spg_publisher SUPERUSER"),
])
def test_a_taken_over_role_is_refused(site, role, statement):
    done = as_role(site, role, statement)
    assert done.returncode != 0 and re.search("permission denied|must be superuser|must have|does not exist", done.stderr), done


def test_a_unix_user_is_only_its_own_role(site):
    done = subprocess.run(["setpriv", "--reuid=spg_dashboard", "--regid=spg_dashboard", "--init-groups", "--", "psql",
                           "-Xqc", "SELECT 1", "-h", str(site.dir / "run/postgresql"), "-d", "spg", "-U", "spg_publisher"],
                          capture_output=True, text=True, cwd="/", timeout=30)
    assert done.returncode != 0 and "authentication failed" in done.stderr
    assert site.sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'spg\\_%%' AND rolname <> 'spg_postgres'"
                    " AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)") == [(0,)]


def test_secret_files_open_to_their_programs_alone(site):
    readers = {"token_secret_key_file": {"spg_creator", "spg_publisher"},
               "tiktok_client_secret_file": {"spg_oauth_callback", "spg_creator", "spg_publisher", "spg_tiktok_webhook"}}
    for key, allowed in readers.items():
        for user in [*ROLES, "spg_media", "www-data", "nobody"]:
            done = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}",
                                   "--init-groups", "--", "cat", site.config[key]], capture_output=True, timeout=30)
            assert (done.returncode == 0) == (user in allowed), (key, user)


def test_the_janitor_removes_no_file_that_is_in_use(site, user, video):
    """Whoever can queue removals cannot have somebody else's video removed, nor a file outside."""
    file = site.sql("SELECT file FROM video WHERE id = %s", video)[0][0]
    media = pathlib.Path(site.config["media_dir"])
    outside = site.dir / "canary"
    outside.write_text("stays")
    for name in (f"videos/{file}", f"frames/{file}.jpg", "../canary", "videos/../../canary", str(outside),
                 "videos/", "parts/" + "A" * 22 + ".part", f"videos/{file}/../{file}"):
        done = as_role(site, "spg_upload", f"INSERT INTO file_removal (file) VALUES ('{name}')")
        assert done.returncode == 0, done
    assert site.run("janitor").returncode == 0
    assert (media / "videos" / file).exists() and (media / "frames" / f"{file}.jpg").exists()
    assert outside.read_text() == "stays"
    # and once its owner deletes it, it goes
    assert user.request("DELETE", f"/api/v1/videos/{video}").status == 204
    assert site.run("janitor").returncode == 0
    assert not (media / "videos" / file).exists() and not (media / "frames" / f"{file}.jpg").exists()


# ---------------------------------------------------------------- posts that somebody wants sent twice, or never

def publisher_rounds(site, user, post_id, states=("published", "held", "failed"), timeout=60):
    """Run publishers, with waiting times brought forward, until the post is in one of the states."""
    def there():
        site.sql("UPDATE account_token SET refresh_after = '-infinity' WHERE account_id = %s", user.account_id)
        site.sql("UPDATE post SET next_attempt_at = least(next_attempt_at, now()), lease_until = least(lease_until,"
                 " now() - interval '1 second'), next_check_at = least(next_check_at, now()) WHERE id = %s", post_id)
        site.run("publisher", "--once", timeout=60)
        post = user.post(post_id)
        return post if post["state"] in states else None
    return wait_for(f"post in {states}", there, timeout)


def kill_publisher_at(site, failpoint):
    done = site.run("publisher", "--once", env={"SPG_FAILPOINT": failpoint})
    if b"failpoint_kill" not in (site.build / "publisher").read_bytes():
        pytest.skip("this build has no failpoints")
    assert done.returncode == -9, done.stdout[-2000:]


def videos_there(site, user):
    return len(site.sandbox.account(user.open_id)["videos"])


@pytest.fixture
def faults(site):
    yield site.sandbox.fault
    site.sandbox.delete("faults")


def due_now(user, video, **members):
    return user.new_post(video, due_at=rfc3339(time.time()), **members)["id"]


def test_init_and_refresh_both_refused_go_on_after_the_reconnect(site, user, video, faults):
    """The attempt that was meant must not stand in the way of the next for ever."""
    faults("video_init", account=user.open_id, action="answer", when="before", status=401, code="access_token_invalid")
    faults("refresh", account=user.open_id, action="answer", when="before", status=400,
           body='{"error": "invalid_grant", "error_description": "x", "log_id": "x"}')
    post = due_now(user, video)
    assert publisher_rounds(site, user, post)["remedy"]["code"] == "reconnect"
    site.sandbox.delete("faults")
    site.connect(open_id=user.open_id, user=user)
    assert publisher_rounds(site, user, post)["state"] == "published"
    assert videos_there(site, user) == 1


def test_an_attempt_left_open_without_an_id_is_closed(site, user, video):
    post = due_now(user, video)
    site.sql("INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count)"
             " SELECT id, 1, account_id, mode, 5, 5, 1 FROM post WHERE id = %s", post)
    assert publisher_rounds(site, user, post)["state"] == "published"
    assert videos_there(site, user) == 1


def test_a_crash_loop_at_init_is_held(site, user, video):
    post = due_now(user, video)
    for _ in range(12):
        site.sql("UPDATE post SET next_attempt_at = now(), lease_until = least(lease_until, now() - interval '1 second')"
                 " WHERE id = %s", post)
        if site.run("publisher", "--once", env={"SPG_FAILPOINT": "init_before"}).returncode != -9:
            break
    if b"failpoint_kill" not in (site.build / "publisher").read_bytes():
        pytest.skip("this build has no failpoints")
    assert (user.post(post)["state"], user.post(post)["reason"]["code"]) == ("held", "crashed_repeatedly")
    again = user.request("PATCH", f"/api/v1/posts/{post}", body={"due_at": rfc3339(time.time()), "consent": True})
    assert again.status == 200, again
    assert publisher_rounds(site, user, post)["state"] == "published"
    assert videos_there(site, user) == 1


def test_old_news_of_missing_bytes_does_not_post_twice(site, user, video, faults):
    """The last byte arrived, its answer was lost, and the status that TikTok gives is from before."""
    post = due_now(user, video)
    kill_publisher_at(site, "last_chunk_answered")
    publish_id = site.sql("SELECT publish_id FROM post WHERE id = %s", post)[0][0]
    site.sandbox.post(f"publishes/{publish_id}", answer={"status": "PROCESSING_UPLOAD", "uploaded_bytes": 0,
                                                         "publicaly_available_post_id": None})
    faults("upload", account=user.open_id, action="answer", when="before", status=404, body="", times=-1)
    assert publisher_rounds(site, user, post, ("processing",))["publish_id"] == publish_id
    assert len([c for c in site.sandbox.get("calls?route=video_init") if c["account"] == user.open_id]) == 1
    # still the same after an hour: held, and said
    site.sql("UPDATE post SET sent_at = now() - interval '70 minutes' WHERE id = %s", post)
    held = publisher_rounds(site, user, post, ("held",))
    assert (held["reason"]["code"], held["may_be_public"]) == ("outcome_unknown", True)
    # a new time alone sends nothing, and cancelling would say what may be there
    answer = user.request("PATCH", f"/api/v1/posts/{post}", body={"due_at": rfc3339(time.time() + 60), "consent": True})
    assert (answer.status, answer.json()["code"]) == (409, "outcome_unknown")
    site.sandbox.post(f"publishes/{publish_id}", answer={})
    assert publisher_rounds(site, user, post, ("published",))["publish_id"] == publish_id
    assert videos_there(site, user) == 1


def test_what_nobody_can_ask_about_ends_as_unknown(site, user, video, faults):
    post = due_now(user, video, caption="wait #slow:100000")
    site.run("publisher", "--once")
    assert user.post(post)["state"] == "processing"
    faults("status", account=user.open_id, action="answer", when="before", status=500, code="internal_error", times=-1)
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post)
    held = publisher_rounds(site, user, post, ("held",))
    assert held["reason"]["code"] == "outcome_unknown"
    assert site.sql("SELECT next_check_at IS NULL FROM post WHERE id = %s", post) == [(True,)]


def test_a_second_try_has_its_own_72_hours(site, user, video):
    post = due_now(user, video, caption="wait #slow:100000")
    site.run("publisher", "--once")
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post)
    assert publisher_rounds(site, user, post, ("held",))["reason"]["code"] == "outcome_unknown"
    again = user.request("PATCH", f"/api/v1/posts/{post}", body={"due_at": rfc3339(time.time()), "consent": True,
                                                                 "post_again": True})
    assert again.status == 200, again
    assert publisher_rounds(site, user, post, ("processing",))["publish_id"]
    for _ in range(2):
        site.sql("UPDATE post SET next_check_at = now() WHERE id = %s", post)
        site.run("publisher", "--once")
    assert user.post(post)["state"] == "processing"


def test_late_news_of_a_removed_authorization_spares_the_new_one(site, user, video):
    before = int(time.time()) - 3600
    site.connect(open_id=user.open_id, user=user)
    sent = site.sandbox.post("webhooks", event="authorization.removed", open_id=user.open_id, content={"reason": 1},
                             create_time=before)
    assert sent["statuses"] == [200]
    assert site.run("publisher", "--once").returncode == 0
    assert site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("connected",)]
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(1,)]


def test_news_of_a_finished_upload_does_not_wake_a_post_that_waits_for_its_user(site, user, video):
    post = due_now(user, video)
    kill_publisher_at(site, "follow_before")
    publish_id = user.post(post)["publish_id"]
    site.sandbox.post(f"publishes/{publish_id}", action="fail", reason="internal")
    publisher_rounds(site, user, post, ("scheduled",))
    site.sql("UPDATE post SET due_at = now() - interval '5 hours', next_attempt_at = now() - interval '5 hours'"
             " WHERE id = %s", post)
    site.run("publisher", "--once")
    assert user.post(post)["reason"]["code"] == "missed"
    sent = site.sandbox.post("webhooks", event="post.publish.failed", open_id=user.open_id,
                             content={"publish_id": publish_id, "reason": "internal"}, create_time=int(time.time()) - 5)
    assert sent["statuses"] == [200]
    for _ in range(2):
        site.run("publisher", "--once")
    assert (user.post(post)["state"], user.post(post)["reason"]["code"]) == ("held", "missed")


def test_stopping_a_publisher_does_not_lose_a_refreshed_token(site, user, video, faults):
    site.sandbox.post(f"accounts/{user.open_id}/expire", token="access")
    faults("refresh", account=user.open_id, action="delay", when="after", seconds=3)
    post = due_now(user, video)
    publisher = site.start_program("publisher", "--once")
    wait_for("refresh under way", lambda: [c for c in site.sandbox.get("calls?route=refresh")
                                           if c["account"] == user.open_id], 20)
    publisher.terminate()
    publisher.communicate(timeout=30)
    assert publisher.returncode == 0
    assert publisher_rounds(site, user, post)["state"] == "published"
    assert len([c for c in site.sandbox.get("calls?route=refresh") if c["account"] == user.open_id]) == 1


@pytest.mark.parametrize("failpoint", ["opened", "last_chunk_before", "last_chunk_answered"])
def test_leaving_while_a_post_is_sent_sends_it_once_at_most(site, video_file, failpoint):
    user = site.connect()
    post = due_now(user, site.ready_video(user, video_file))
    kill_publisher_at(site, failpoint)
    answer = user.request("DELETE", f"/api/v1/accounts/{user.account_id}")
    assert answer.status == 202
    for _ in range(3):
        site.sql("UPDATE post SET lease_until = least(lease_until, now() - interval '1 second'),"
                 " next_check_at = least(next_check_at, now()) WHERE id = %s", post)
        site.sql("UPDATE account SET disconnect_after = '-infinity' WHERE id = %s", user.account_id)
        site.run("publisher", "--once")
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(0,)]
    assert videos_there(site, user) <= 1
    assert user.post(post)["state"] in ("published", "processing", "held")


def test_a_publisher_that_is_late_to_wipe_spares_the_tokens_of_a_new_consent(site, user):
    """Two publishers give one account back; its creator has reconnected before the slower one is done."""
    wipe = (pathlib.Path(__file__).resolve().parents[2] / "sql/queries/account_wipe.sql").read_text()
    assert user.request("DELETE", f"/api/v1/accounts/{user.account_id}").status == 202

    def wiped():
        site.sql("UPDATE account SET disconnect_after = '-infinity' WHERE id = %s", user.account_id)
        site.run("publisher", "--once")
        return site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("disconnected",)]
    wait_for("disconnected", wiped)
    site.connect(open_id=user.open_id, user=user)
    site.sql(f"PREPARE late AS {wipe}; EXECUTE late({int(user.account_id)}, 'revoked'); DEALLOCATE late")
    assert site.sql("SELECT state, disconnect_tries FROM account WHERE id = %s", user.account_id) == [("connected", 0)]
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(1,)]


# ---------------------------------------------------------------- slow people

def test_slow_readers_hold_no_program(site, video):
    """The longest page there is, asked for by more connections than there are programs, and not read."""
    user = site.connect()
    site.sql("UPDATE video SET user_id = %s WHERE id = %s", user.user_id, video)
    for _ in range(100):
        user.new_post(video, caption="\u4e00" * 2200, due_at=None, consent=None)
    assert len(user.request("GET", "/api/v1/posts?limit=100").body) > 700_000
    with contextlib.ExitStack() as open_connections:
        for _ in range(8):
            slow = open_connections.enter_context(socket.socket())
            # as far away as a telephone: the kernel in between takes little
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            slow.connect(("127.0.0.1", site.port))
            slow.sendall(f"GET /api/v1/posts?limit=100 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                         f"Cookie: {user.headers['Cookie']}\r\n\r\n".encode())
            slow.recv(100)
        for _ in range(8):
            begun_at = time.monotonic()
            assert site.request("GET", "/healthz", timeout=10).status == 200
            assert time.monotonic() - begun_at < 2


@pytest.mark.parametrize("start", [
    "POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{",
    "GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "POST /hooks/tiktok HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    "DELETE /uploads/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n",
])
def test_slow_senders_hold_no_program(site, user, start):
    with contextlib.ExitStack() as open_connections:
        for _ in range(30):
            slow = open_connections.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            slow.sendall(start.encode())
        for method, path, headers in (("GET", "/api/v1/me", {}), ("POST", "/hooks/tiktok", {}),
                                      ("HEAD", "/uploads/" + "A" * 22, {"Tus-Resumable": "1.0.0"})):
            begun_at = time.monotonic()
            assert user.request(method, path, headers=headers, timeout=10).status in (200, 401, 404)
            assert time.monotonic() - begun_at < 2


@pytest.mark.parametrize("failpoint,there", [("opened", 0), ("last_chunk_before", 0), ("last_chunk_answered", 1)])
def test_after_erasure_is_asked_for_no_last_byte_leaves(site, video_file, failpoint, there):
    user = site.connect()
    post = due_now(user, site.ready_video(user, video_file))
    kill_publisher_at(site, failpoint)
    assert user.request("POST", "/deletion", body=f"confirm=erase&csrf_token={user.csrf}", headers={
        "Content-Type": "application/x-www-form-urlencoded"}).status == 303

    def over():
        site.sql("UPDATE post SET lease_until = least(lease_until, now() - interval '1 second'),"
                 " next_check_at = least(next_check_at, now()) WHERE id = %s", post)
        site.sql("UPDATE account SET disconnect_after = '-infinity' WHERE id = %s", user.account_id)
        site.run("publisher", "--once")
        site.run("janitor")
        return site.sql("SELECT count(*) FROM app_user WHERE id = %s", user.user_id) == [(0,)]
    if there:
        site.run("publisher", "--once")
    wait_for("erased", over, 60)
    assert videos_there(site, user) == there
