"""Pull mode's serving half: which address gives the video, when, to whom, how, and that nothing tells the address."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import secrets
import socket
import threading
import time

import pytest

from spg_site import rfc3339, wait_for


def pull_hash(word):
    """What lib/base/token.c makes of it: BLAKE2b-256, the purpose is the key."""
    return hashlib.blake2b(word.encode(), digest_size=32, key=b"pull".ljust(32, b"\0")).digest()


class Pull:
    """A post whose video TikTok was told to fetch; recorded: its publish_id and final intent are durable."""

    def __init__(self, site, user, video, recorded=True, state="publishing"):
        self.site, self.word = site, secrets.token_urlsafe(32)
        self.path = f"/pull/{self.word}"
        self.post = user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"]
        site.sql("UPDATE post SET state = 'publishing', lease_until = now() + interval '1 hour' WHERE id = %s", self.post)
        self.attempt = site.sql(
            "INSERT INTO attempt (post_id, account_id, mode, fence, bytes_total, chunk_size, chunk_count, transfer,"
            " pull_hash) SELECT id, account_id, mode, 1, 5, 5, 1, 'pull_from_url', %s FROM post WHERE id = %s"
            " RETURNING id", pull_hash(self.word), self.post)[0][0]
        if recorded:
            self.record()
        if state == "processing":
            site.sql("UPDATE post SET state = 'processing', publish_id = %s, next_check_at = now() + interval '1 day'"
                     " WHERE id = %s", f"p_pull.{self.attempt}", self.post)

    def record(self):
        """As the engine does when init has answered: both in one statement."""
        self.site.sql("UPDATE attempt SET publish_id = %s, publish_id_at = now(), final_intent_at = now() WHERE id = %s",
                      f"p_pull.{self.attempt}", self.attempt)

    def get(self, method="GET", timeout=60, **headers):
        return self.site.request(method, self.path, timeout=timeout,
                                 headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture(scope="module")
def author(site, video_file):
    author = site.connect()
    author.video = site.ready_video(author, video_file)
    author.content = video_file.read_bytes()
    return author


@pytest.fixture(scope="module", autouse=True)
def nothing_left(site):
    """No publisher of a later test may find these posts."""
    yield
    site.sql("UPDATE attempt SET closed_at = now(), outcome = 'test' WHERE transfer = 'pull_from_url' AND closed_at IS NULL")
    site.sql("UPDATE post SET state = 'cancelled', next_check_at = NULL, lease_until = NULL"
             " WHERE id IN (SELECT post_id FROM attempt WHERE transfer = 'pull_from_url')")


@pytest.fixture
def pull(site, author):
    return Pull(site, author, author.video)


def assert_dead(answer):
    assert answer.status == 404, answer
    assert answer.json()["code"] == "not_found"


def other_character(word, at):
    return word[:at] + ("B" if word[at] != "B" else "C") + word[at + 1:]


# ---------------------------------------------------------------- the whole file and its parts


@pytest.mark.parametrize("state", ["publishing", "processing"])
def test_the_whole_video_is_sent(site, author, state):
    answer = Pull(site, author, author.video, state=state).get()
    assert answer.status == 200
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(author.content).digest()
    assert answer.headers["Content-Type"] == "video/mp4"
    assert int(answer.headers["Content-Length"]) == len(author.content)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_headers_keep_it_out_of_caches_pages_and_search(pull):
    answer = pull.get()
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert answer.headers.get_all("X-Robots-Tag") == ["noindex"]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for name in ("Set-Cookie", "Location", "X-Accel-Redirect", "Access-Control-Allow-Origin"):
        assert name not in answer.headers


@pytest.mark.parametrize("container,wanted", [("mp4", "video/mp4"), ("mov", "video/quicktime"), ("webm", "video/webm"),
                                              ("avi", None), (None, None)])
def test_the_type_is_the_containers(site, author, video_file, container, wanted):
    pull = Pull(site, author, site.ready_video(author, video_file))
    site.sql("UPDATE video SET container = %s WHERE id = (SELECT video_id FROM post WHERE id = %s)", container, pull.post)
    answer = pull.get()
    if wanted:
        assert (answer.status, answer.headers["Content-Type"]) == (200, wanted)
    else:
        assert_dead(answer)


def test_head_tells_without_sending(author, pull):
    answer = pull.get("HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(author.content)
    assert answer.headers["Content-Type"] == "video/mp4" and answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked,part", [("0-99", slice(0, 100)), ("1000-1999", slice(1000, 2000)),
                                        ("-100", slice(-100, None)), ("5000-", slice(5000, None)),
                                        ("0-", slice(0, None)), ("0-99999999999", slice(0, None))])
def test_parts_are_sent(author, pull, asked, part):
    answer = pull.get(Range=f"bytes={asked}")
    start, end, _ = part.indices(len(author.content))
    assert (answer.status, answer.body) == (206, author.content[part])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(author.content)}"
    assert answer.headers["Content-Type"] == "video/mp4" and answer.headers["Cache-Control"] == "no-store"


def test_several_parts_at_once(author, pull):
    answer = pull.get(Range="bytes=0-9,100-119")
    assert answer.status == 206 and answer.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert author.content[:10] in answer.body and author.content[100:120] in answer.body
    assert answer.body.count(b"Content-Type: video/mp4") == 2


def test_a_part_beyond_the_end_is_refused(author, pull):
    answer = pull.get(Range=f"bytes={len(author.content)}-")
    assert answer.status == 416 and len(answer.body) < 2000


def test_a_part_of_another_version_is_the_whole(author, pull):
    tag = pull.get("HEAD").headers["ETag"]
    assert pull.get(Range="bytes=0-9", If_Range=tag).status == 206
    answer = pull.get(Range="bytes=0-9", If_Range='"another"')
    assert (answer.status, answer.body) == (200, author.content)


def test_many_parts_in_parallel_make_the_whole(site, author, large_video_file):
    """As a content delivery network fetches: several connections, each its own part."""
    pull = Pull(site, author, site.ready_video(author, large_video_file))
    size, step = large_video_file.stat().st_size, 5_000_000
    starts = range(0, size, step)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        parts = list(threads.map(lambda start: pull.get(Range=f"bytes={start}-{start + step - 1}"), starts))
    assert {part.status for part in parts} == {206}
    assert (hashlib.sha256(b"".join(part.body for part in parts)).digest()
            == hashlib.sha256(large_video_file.read_bytes()).digest())


# ---------------------------------------------------------------- who and when


def test_the_word_is_the_whole_key(site, author, user, pull):
    """Nobody's session helps or hinders, and none is opened."""
    for who in (None, author, user):
        answer = site.request("GET", pull.path, user=who)
        assert (answer.status, answer.body) == (200, author.content)
        assert "Set-Cookie" not in answer.headers
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Cookie": "__Host-spg=" + "A" * 43}
    assert site.request("GET", pull.path, headers=foreign).status == 200


def test_an_altered_word_opens_nothing(site, pull):
    word = pull.word
    # the last character holds two bits that count for nothing: the text is compared, not the bytes
    altered = [other_character(word, at) for at in (0, 20, 42)]
    altered += [word[:-1], word + "A", word + "=", word + ".mp4", word + "/", word + "/x", "x/" + word, word.swapcase(),
                word + "%0a", word + "%20", "%2e" + word[1:], word[1:], "", "0", "A" * 43, "A" * 4000]
    for other in altered:
        answer = site.request("GET", f"/pull/{other}")
        assert_dead(answer)
    assert site.request("GET", f"/pull/{word}%00").status in (400, 404)
    assert site.request("GET", f"/pull{word}").status == 404
    assert pull.get("HEAD").status == 200


def test_every_refusal_is_the_same(site, author, pull):
    closed = Pull(site, author, author.video)
    site.sql("UPDATE attempt SET closed_at = now() WHERE id = %s", closed.attempt)
    answers = [site.request("GET", path) for path in
               ("/pull/" + secrets.token_urlsafe(32), closed.path, "/pull/0", f"/pull/{other_character(pull.word, 7)}")]
    told = {(answer.status, answer.body, tuple(sorted((name, value) for name, value in answer.headers.items()
                                                      if name != "Date"))) for answer in answers}
    assert len(told) == 1, told
    assert dict(answers[0].headers)["Cache-Control"] == "no-store"
    assert dict(answers[0].headers)["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("change", [
    "UPDATE attempt SET closed_at = now(), outcome = 'published' WHERE id = {attempt}",
    "UPDATE attempt SET intent_at = now() - interval '66 minutes' WHERE id = {attempt}",
    "UPDATE video SET deleted_at = now() WHERE id = (SELECT video_id FROM post WHERE id = {post})",
    "UPDATE video SET state = 'refused' WHERE id = (SELECT video_id FROM post WHERE id = {post})",
    "UPDATE post SET video_id = NULL WHERE id = {post}",
    "DELETE FROM attempt WHERE id = {attempt}",
    *(f"UPDATE post SET state = '{state}', reason_code = 'x' WHERE id = {{post}}"
      for state in ("scheduled", "published", "delivered", "failed", "held", "cancelled", "draft")),
])
@pytest.mark.parametrize("recorded", [True, False])
def test_what_is_over_is_dead_at_once(site, author, video_file, change, recorded):
    pull = Pull(site, author, site.ready_video(author, video_file), recorded=recorded)
    if recorded:
        assert pull.get("HEAD").status == 200
    site.sql(change.format(attempt=pull.attempt, post=pull.post))
    begun_at = time.monotonic()
    assert_dead(pull.get())
    assert pull.get("HEAD").status == pull.get(Range="bytes=0-9").status == 404
    assert time.monotonic() - begun_at < 3, "the dead are not waited for"


def test_an_address_lives_a_little_longer_than_tiktoks_hour(site, pull):
    site.sql("UPDATE attempt SET intent_at = now() - interval '64 minutes' WHERE id = %s", pull.attempt)
    assert pull.get("HEAD").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(pull, method):
    answer = pull.get(method)
    assert answer.status == 405
    if method != "TRACE":
        assert answer.headers["Allow"] == "GET, HEAD"
    assert pull.get("HEAD").status == 200


# ---------------------------------------------------------------- before the record is durable


def asked_since(site, moment):
    """Whether the program has looked again and found nothing recorded."""
    return site.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'spg_pull' AND query_start > %s"
                    " AND state = 'idle'", moment)[0][0] > 0


def database_time(site):
    return site.sql("SELECT clock_timestamp()")[0][0]


@pytest.mark.parametrize("half", [
    "SELECT 1",
    "UPDATE attempt SET publish_id = 'p_half.' || id, publish_id_at = now() WHERE id = {attempt}",
])
def test_no_byte_leaves_without_the_record(site, author, half):
    """I1, I3: publish_id and final intent. It waits a little, then the address is as good as none."""
    pull = Pull(site, author, author.video, recorded=False)
    site.sql(half.format(attempt=pull.attempt))
    begun_at = time.monotonic()
    assert_dead(pull.get())
    assert 4.5 < time.monotonic() - begun_at < 10


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_comes_early_is_served_once_it_is_recorded(site, author, method):
    pull = Pull(site, author, author.video, recorded=False)
    moment, answers = database_time(site), []
    early = threading.Thread(target=lambda: answers.append(pull.get(method)))
    early.start()
    wait_for("the program has looked", lambda: asked_since(site, moment), 10)
    assert answers == []
    pull.record()
    recorded_at = time.monotonic()
    early.join(10)
    assert time.monotonic() - recorded_at < 3
    assert answers[0].status == 200 and answers[0].body == (author.content if method == "GET" else b"")


def test_who_hangs_up_is_not_waited_for(site, author, pull):
    early = Pull(site, author, author.video, recorded=False)
    moment = database_time(site)
    connections = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(12)]
    for connection in connections:
        connection.sendall(f"GET {early.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    wait_for("the program has looked", lambda: asked_since(site, moment), 10)
    for connection in connections:
        connection.close()
    begun_at = time.monotonic()
    assert pull.get("HEAD").status == 200
    assert time.monotonic() - begun_at < 4


def test_without_a_database_no_byte_leaves(site, pull):
    site.sql("ALTER ROLE spg_pull NOLOGIN")
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spg_pull'")
    try:
        answer = pull.get()
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
    finally:
        site.sql("ALTER ROLE spg_pull LOGIN")
    assert pull.get("HEAD").status == 200


def test_a_database_that_comes_back_is_waited_for(site, author, pull):
    """TikTok may not ask twice; a connection that has died is not even noticed."""
    disconnect = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spg_pull'"
    for _ in range(8):
        site.sql(disconnect)
        assert pull.get("HEAD").status == 200
    site.sql("ALTER ROLE spg_pull NOLOGIN")
    try:
        site.sql(disconnect)
        before, answers = len(site.logs()["pull.log"]), []
        early = threading.Thread(target=lambda: answers.append(pull.get()))
        early.start()
        wait_for("the program has tried",
                 lambda: re.search("database_(gone|unreachable)", site.logs()["pull.log"][before:]), 10)
    finally:
        site.sql("ALTER ROLE spg_pull LOGIN")
    early.join(10)
    assert (answers[0].status, answers[0].body) == (200, author.content)


# ---------------------------------------------------------------- the files with which TikTok checks the operator


@pytest.fixture
def verification(site):
    folder = site.dir / "verification"
    made = folder / f"tiktok{secrets.token_hex(12)}.txt"
    made.write_text("tiktok-developers-site-verification=abcDEF123")
    yield made
    made.unlink()


@pytest.mark.parametrize("prefix", ["/", "/pull/"])
def test_verification_files_are_served_as_they_are(site, verification, prefix):
    answer = site.request("GET", prefix + verification.name)
    assert (answer.status, answer.text) == (200, "tiktok-developers-site-verification=abcDEF123")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers.get_all("Cache-Control") == ["no-cache"]
    head = site.request("HEAD", prefix + verification.name)
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "45")
    posted = site.request("POST", prefix + verification.name, body=b"x")
    assert (posted.status, posted.headers["Allow"]) == (405, "GET, HEAD")


def test_nothing_else_of_their_folder_is_served(site, verification):
    folder, name = verification.parent, verification.name
    others = ["notes.txt", "tiktok.txt", "tiktok-a.txt", "tiktokA.txt.bak", "tiktokA.html", "atiktokA.txt"]
    for other in others:
        (folder / other).write_text("canary")
    os.symlink(site.dir / "spg.conf", folder / "tiktokLink.txt")
    try:
        wrong = [*others, "tiktokLink.txt", "tiktokNone.txt", name.upper(),
                 "tiktok../spg.conf", "tiktok%2f..%2f..%2fspg.conf", "..%2fspg.conf", f"x/{name}", f"{name}/", f"{name}/x",
                 "tiktok/../../spg.conf", "tiktokA%00.txt", f"..%2fverification%2f{name}", "tiktok%2e%2e.txt"]
        for prefix in ("/", "/pull/", "/static/", "/verification/", "/pull/x/"):
            for path in wrong if prefix in ("/", "/pull/") else [name]:
                answer = site.request("GET", prefix + path)
                assert answer.status in (400, 401, 403, 404), (prefix, path, answer)
                assert "canary" not in answer.text and "tiktok_client_key" not in answer.text
    finally:
        for other in others:
            (folder / other).unlink()
        (folder / "tiktokLink.txt").unlink()


# ---------------------------------------------------------------- nothing tells


def test_no_log_tells_an_address(site, author, video_file):
    """Served, refused, asked for in a wrong way, cut off, without its file, without a database."""
    pulls = [Pull(site, author, site.ready_video(author, video_file)) for _ in range(3)]
    served, lost, closed = pulls
    served.get()
    served.get(Range="bytes=99999999-")
    served.get("POST")
    served.get("TRACE")
    for path in (f"{served.path}/", f"{served.path}?x=%zz", f"{served.path}?a=1&a=2", f"{served.path}%00",
                 f"{served.path}/../{served.word}.mp4", f"//pull/{served.word}"):
        site.request("GET", path)
    site.request("POST", served.path, body=b"x" * 100_000)
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(f"GET {served.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Header: x\r\n\r\n".encode())
        connection.recv(100)
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(f"GET {served.path}?{'x' * 40000} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        connection.recv(100)
    file = site.sql("SELECT file FROM video v JOIN post p ON p.video_id = v.id WHERE p.id = %s", lost.post)[0][0]
    (pathlib.Path(site.config["media_dir"]) / "videos" / file).unlink()
    assert lost.get().status == 404
    site.sql("UPDATE attempt SET closed_at = now() WHERE id = %s", closed.attempt)
    closed.get()
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spg_pull'")
    served.get("HEAD")
    logs = site.logs()
    assert {"nginx-access.log", "nginx-error.log", "postgresql.log", "pull.log"} <= set(logs)
    for name, text in logs.items():
        for pull in pulls:
            assert pull.word not in text and pull_hash(pull.word).hex() not in text, name
    assert '"path":"/pull/-"' in logs["nginx-access.log"]
    assert not re.search(r'/pull/(?![-"])', logs["nginx-access.log"])
