"""The archive with a user's data: what is in it and what is not, and what it survives."""
import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import time
import zipfile

import pytest

import spg_site
from spg_site import REPO, secrets_in, wait_for

HOSTILE = ['../../etc/passwd', '..\\..\\boot.ini', '/abs/olute.mp4', 'con.mp4', 'a\u202egpm.exe', 'Отпуск 🎬.mp4', '   ..  ',
           'x' * 200, 'line\tbreak "<script>".mov', '~', '.hidden']

# Columns that are not in the archive although their table is: what says nothing about a person, or would open something.
WITHHELD = {
    "session": {"id_hash", "user_id"},
    "webhook_event": {"dedupe_key", "state", "handled_at", "tries"},
    "attempt": {"fence", "upload_url_sealed", "chunk_size", "chunk_count", "final_intent_at", "pull_hash"},
    "post": {"user_id", "next_attempt_at", "fence", "lease_until", "attempts", "errors", "unrecorded", "next_check_at",
             "checks", "late_from", "prepared_at", "told", "preflight_at", "warning_remedy_code",
             "warning_remedy_message"},
    "video_repair": {"file", "attempts", "lease_until"},
    "video_import": {"user_id", "upload_id", "validator", "attempts", "lease_until", "next_attempt_at", "file_size",
                     "file_changed_at"},
    "video": {"user_id", "file", "has_thumbnail", "check_attempts", "check_lease_until", "hash_lease_until",
              "strip_frames"},
    "video_tag": {"video_id", "tag"},  # as tags
    "upload": {"id", "user_id", "joined_at"},
    "upload_day": {"user_id"},
    "account_token": {"version", "access_sealed", "refresh_sealed", "access_lifetime_s", "refresh_fence",
                      "refresh_lease_until", "refresh_lost", "refresh_after"},
    "account": {"user_id", "disconnect_tries", "disconnect_waits", "disconnect_after"},
    "support_thread": {"user_id", "word_hash", "network"},  # of threads without a user
    "support_message": {"id", "thread_id", "form_hash", "mailed_at", "mail_tries", "mail_after"},
    "export_request": {"user_id", "percent", "file", "attempts", "lease_until"},
    "policy_consent": {"user_id"},
    "audit_event": {"user_id", "position", "hash", "operator"},
    "deletion_request": {"user_id", "receipt_hash"},
    "file_removal": {"file", "asked_at"},  # names of files that are going
    "deletion_step": {"request_id", "step", "position", "done_at", "detail"},  # on the receipt's page
    "deletion_count": {"request_id", "kind", "removed", "bytes"},
    "deletion_subject": {"request_id", "open_id_hmac"},
}


# ---------------------------------------------------------------- helpers

COLUMNS = "state percent file size reason_code reason_message attempts expires_at".split()


def row(site, number):
    found = site.sql(f"SELECT {', '.join(COLUMNS)} FROM export_request WHERE id = %s", int(number))
    return dict(zip(COLUMNS, found[0])) if found else None


def ask(user, with_videos=True):
    answer = user.request("POST", "/api/v1/exports", body={"with_videos": with_videos})
    assert answer.status == 202, answer
    return answer.json()["id"]


def run(site, env=None, timeout=120):
    done = site.run("exporter", "--once", env=env, timeout=timeout)
    assert "ERROR: AddressSanitizer" not in done.stdout and "runtime error" not in done.stdout, done.stdout[-3000:]
    return done


def forget_leases(site):
    site.sql("UPDATE export_request SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")


def fetch(user, number, **headers):
    return user.request("GET", f"/exports/{number}/file", headers=headers)


def archive_of(site, user, with_videos=True):
    number = ask(user, with_videos)
    done = run(site)
    assert done.returncode == 0 and row(site, number)["state"] == "ready", (done.stdout[-2000:], row(site, number))
    answer = fetch(user, number)
    assert answer.status == 200, answer
    return zipfile.ZipFile(io.BytesIO(answer.body))


def data(archive):
    return {pathlib.PurePath(name).stem: json.loads(archive.read(name))
            for name in archive.namelist() if name.startswith("data/")}


def manifest(archive):
    return json.loads(archive.read("manifest.json"))["files"]


def archives(site):
    return {path.name for path in (site.dir / "media/exports").iterdir()}


@pytest.fixture(autouse=True)
def clean(site):
    """Nothing waits before a test, and nothing is left after it."""
    yield
    site.sql("UPDATE export_request SET state = 'cancelled', file = NULL, ended_at = now()"
             " WHERE state IN ('waiting', 'running', 'ready')")
    run(site)
    assert archives(site) == set()


def needs_failpoints(site):
    if not site.has_failpoints("exporter"):
        pytest.skip("this build has no failpoints")


def fill(site, user, video, mark):
    """A row of every kind, with mark in each text."""
    me, account = int(user.user_id), int(user.account_id)
    post = int(user.new_post(video, caption=f"caption {mark}")["id"])
    site.sql("UPDATE post SET due_at = now() + interval '9 days', next_attempt_at = now() + interval '9 days',"
             " reason_code = 'spam_risk', reason_message = %s, consent = '{\"music\": true}' WHERE id = %s", mark, post)
    site.sql("INSERT INTO post_event (post_id, kind, name, code, message, log_id) VALUES (%s, 'call', 'init', 'ok', %s, %s)",
             post, mark, f"log{mark}")
    site.sql("INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count, publish_id,"
             " publish_id_at, upload_url_sealed, closed_at, outcome)"
             " VALUES (%s, 1, %s, 'direct', 5, 5, 1, %s, now(), %s, now(), 'given_up')",
             post, account, f"v_pub~{mark}", f"sealed-address {mark}".encode())
    site.sql("INSERT INTO webhook_event (dedupe_key, event, open_id, publish_id, reason, sent_at, state)"
             " VALUES (%s, 'post.publish.failed', %s, %s, %s, now(), 'done')",
             secrets.token_bytes(16), user.open_id, f"v_pub~{mark}", mark)
    site.sql("INSERT INTO video_tag (video_id, tag) VALUES (%s, %s)", int(video), f"tag {mark}".lower())
    site.sql("UPDATE video SET name = %s WHERE id = %s", f"clip {mark}.mp4", int(video))
    site.sql("INSERT INTO video_repair (video_id, state, reason_code, reason_message, ended_at)"
             " VALUES (%s, 'failed', 'repair_shape', %s, now())", int(video), mark)
    site.sql("INSERT INTO video_import (user_id, source, address, name, state, ended_at)"
             " VALUES (%s, 'url', %s, %s, 'failed', now())", me, f"https://example.org/{mark}", mark)
    site.sql("INSERT INTO upload (id, user_id, length, name, expires_at) VALUES (%s, %s, 9, %s, now() + interval '1 day')",
             secrets.token_urlsafe(16), me, f"part {mark}")
    site.sql("INSERT INTO creator_info (account_id, privacy_options, comment_disabled, duet_disabled, stitch_disabled,"
             " max_duration_s) VALUES (%s, %s, false, true, true, 600) ON CONFLICT DO NOTHING", account, [mark])
    site.sql("UPDATE account SET display_name = %s, state_reason = %s WHERE id = %s", f"name {mark}", mark, account)
    thread = site.sql("INSERT INTO support_thread (user_id, word_hash, email, subject) VALUES (%s, %s, %s, %s)"
                      " RETURNING id", me, secrets.token_bytes(32), f"{mark}@example.org", f"subject {mark}")[0][0]
    site.sql("INSERT INTO support_message (thread_id, author, body) VALUES (%s, 'user', %s), (%s, 'operator', %s)",
             thread, f"question {mark}", thread, f"answer {mark}")
    site.sql("INSERT INTO policy_consent (user_id, version, how) VALUES (%s, '2026-11-01', 'connect') ON CONFLICT DO NOTHING", me)
    event = site.sql("INSERT INTO audit_event (event, user_id, code) VALUES ('test_event', %s, %s) RETURNING id",
                     me, f"code{mark}")[0][0]
    site.sql("INSERT INTO audit_address (event_id, user_id, address) VALUES (%s, %s, '203.0.113.77')", event, me)
    site.sql("INSERT INTO deletion_request (receipt_hash, user_id, state, finished_at) VALUES (%s, %s, 'undone', now())",
             secrets.token_bytes(32), me)
    site.sql("UPDATE app_user SET keep_posted_days = 77, time_zone = 'Europe/Moscow' WHERE id = %s", me)
    return {"post": str(post), "thread": str(thread), "event": str(event)}


def inventory():
    """{kind: (columns, exported, withheld)} as lib/store/inventory.c has it."""
    text = (REPO / "lib/store/inventory.c").read_text()
    table = text[text.index("const struct inventory_kind inventory[]"):text.index("const size_t inventory_count")]
    kinds = {}
    for part in re.split(r"\n\t\{\n", table)[1:]:
        name = re.search(r'\.name = "(\w+)"', part)[1]
        kinds[name] = (re.search(r'\.columns\s*=\s*"([^"]*)"', part)[1].split(), ".export_sql" in part, ".withheld" in part)
    return kinds


# ---------------------------------------------------------------- what is in it

def test_every_kind_is_exported_or_withheld_with_a_reason():
    kinds = inventory()
    assert len(kinds) > 25
    assert {name for name, (_, exported, withheld) in kinds.items() if exported == withheld} == set()


@pytest.fixture(scope="module")
def filled(site, video_file):
    """A user with something of every kind, another beside, and the archive of the first."""
    mine, theirs = f"mine{secrets.token_hex(6)}", f"theirs{secrets.token_hex(6)}"
    user, other = site.connect(), site.connect()
    video, foreign = site.ready_video(user, video_file), site.ready_video(other, video_file)
    ids = fill(site, user, video, mine)
    fill(site, other, foreign, theirs)
    with archive_of(site, user) as archive:
        yield {"user": user, "other": other, "video": video, "mine": mine, "theirs": theirs, "ids": ids,
               "archive": archive, "data": data(archive)}


def test_each_exported_kind_has_a_file_with_something(filled):
    exported = {name for name, (_, exported, _) in inventory().items() if exported}
    assert set(filled["data"]) == exported
    for name, content in filled["data"].items():
        assert content["kind"] == name and content["title"] and len(content["items"]) == content["count"]
        assert content["count"] > 0, name


def test_every_column_is_there_or_withheld_on_purpose(site, filled):
    missing, exported = [], 0
    for name, (columns, is_exported, _) in inventory().items():
        if not is_exported:
            continue
        text = json.dumps(filled["data"][name]["items"][0])
        for column in columns:
            table, _, which = column.partition(".")
            names = [found for found, in site.sql("SELECT column_name FROM information_schema.columns"
                                                  " WHERE table_schema = 'spg' AND table_name = %s", table)]
            assert names, table
            for found in names if which == "*" else [which]:
                if found in WITHHELD.get(table, ()):
                    continue
                exported += 1
                if f'"{found}"' not in text:
                    missing.append((name, table, found))
    assert missing == [] and exported > 100


def test_every_field_is_documented(filled):
    guide = filled["archive"].read("README.txt").decode("ascii")
    parts = dict(zip(*[iter(re.split(r"^(\w+)\.json: .*\n", guide, flags=re.M)[1:])] * 2))

    def keys(value):
        if isinstance(value, dict):
            return set(value) | {key for inner in value.values() if isinstance(inner, list) for key in keys(inner)}
        return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()
    missing = [(name, key) for name, content in filled["data"].items() for key in keys(content["items"])
               if not re.search(rf"^  {key}: \S", parts[name], re.M)]
    assert missing == []
    for name, (_, exported, withheld) in inventory().items():
        assert not withheld or re.search(rf"^{name}: \S", guide, re.M), name


def test_it_says_what_the_database_says(site, filled):
    content, user, mark, ids = filled["data"], filled["user"], filled["mine"], filled["ids"]
    me = int(user.user_id)
    counts = {
        "sessions": "SELECT count(*) FROM session WHERE user_id = %s",
        "posts": "SELECT count(*) FROM post WHERE user_id = %s",
        "timelines": "SELECT count(*) FROM post_event e JOIN post p ON p.id = e.post_id WHERE p.user_id = %s",
        "attempts": "SELECT count(*) FROM attempt t JOIN post p ON p.id = t.post_id WHERE p.user_id = %s",
        "videos": "SELECT count(*) FROM video WHERE user_id = %s",
        "uploads": "SELECT count(*) FROM upload WHERE user_id = %s",
        "accounts": "SELECT count(*) FROM account WHERE user_id = %s",
        "imports": "SELECT count(*) FROM video_import WHERE user_id = %s",
        "support": "SELECT count(*) FROM support_thread WHERE user_id = %s",
    }
    for name, query in counts.items():
        assert content[name]["count"] == site.sql(query, me)[0][0], name
    account = content["accounts"]["items"][0]
    assert account["open_id"] == user.open_id and account["display_name"] == f"name {mark}"
    assert sorted(account["scopes"]) == sorted(site.sql("SELECT scopes FROM account WHERE id = %s", int(account["id"]))[0][0])
    post = next(item for item in content["posts"]["items"] if item["id"] == ids["post"])
    assert post["caption"] == f"caption {mark}" and post["consent"] == {"music": True} and post["video_id"] == filled["video"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", post["created_at"])
    thread = content["support"]["items"][0]
    assert [message["body"] for message in thread["messages"]] == [f"question {mark}", f"answer {mark}"]
    event = next(item for item in content["events"]["items"] if item["id"] == ids["event"])
    assert event["address"] == "203.0.113.77" and event["code"] == f"code{mark}"
    assert {"sign_in", "export_asked"} & {item["event"] for item in content["events"]["items"]} >= {"export_asked"}
    assert content["settings"]["items"][0]["keep_posted_days"] == 77
    assert content["videos"]["items"][0]["tags"] == [f"tag {mark}"]
    assert content["tiktok_messages"]["items"][0]["reason"] == mark
    assert {key for key in content["token_dates"]["items"][0]} == {"account_id", "access_expires_at", "refresh_expires_at",
                                                                   "refreshed_at"}


def test_nothing_of_others_and_no_secret_is_in_it(site, filled):
    archive, other = filled["archive"], filled["other"]
    words = {value for name, value in {**filled["user"].cookies, **other.cookies}.items()} | {filled["user"].csrf}
    words |= {hashed.hex() for hashed, in site.sql("SELECT id_hash FROM session")}
    words |= {bytes(sealed).hex()[:40] for sealed, in site.sql("SELECT access_sealed FROM account_token")}
    words |= {file for file, in site.sql("SELECT file FROM video")}
    for name in archive.namelist():
        if name.startswith("videos/"):
            continue
        text = archive.read(name).decode()
        assert filled["theirs"] not in text and other.open_id not in text, name
        assert secrets_in(text, site) == [], name
        assert [word for word in words if word and word in text] == [], name
        assert "sealed-address" not in text


def test_the_videos_are_as_they_were_uploaded(site, filled, video_file):
    archive = filled["archive"]
    names = [name for name in archive.namelist() if name.startswith("videos/")]
    assert names == [f"videos/{filled['video']}-clip {filled['mine']}.mp4"]
    assert archive.read(names[0]) == pathlib.Path(video_file).read_bytes()
    assert archive.getinfo(names[0]).compress_type == zipfile.ZIP_STORED
    assert archive.getinfo("data/posts.json").compress_type == zipfile.ZIP_DEFLATED


def test_the_manifest_names_every_file(filled):
    archive, lines = filled["archive"], manifest(filled["archive"])
    assert [line["path"] for line in lines] + ["manifest.json"] == archive.namelist()
    for line in lines:
        content = archive.read(line["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (line["size"], line["sha256"])
        assert "problem" not in line


def test_unzip_agrees(filled, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(filled["archive"].fp.getvalue())
    assert filled["archive"].testzip() is None
    for command in (["bsdtar", "-tf", path], ["unzip", "-tq", path], ["7z", "t", path]):
        with contextlib.suppress(FileNotFoundError):
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done


def test_without_videos(site, user, video):
    archive = archive_of(site, user, with_videos=False)
    assert [name for name in archive.namelist() if name.startswith("videos/")] == []
    assert b"without videos" in archive.read("README.txt")
    assert data(archive)["videos"]["count"] == 1


def test_many_rows_come_page_by_page(site, user, video):
    post = int(user.new_post(video)["id"])
    site.sql("INSERT INTO post_event (post_id, kind, name, message) SELECT %s, 'note', 'n', g::text"
             " FROM generate_series(1, 2600) g", post)
    site.sql("INSERT INTO policy_consent (user_id, version, how) SELECT %s, 'v' || g, 'page' FROM generate_series(1, 500) g",
             int(user.user_id))
    content = data(archive_of(site, user, with_videos=False))
    notes = [item["message"] for item in content["timelines"]["items"] if item["kind"] == "note"]
    assert notes == [str(number) for number in range(1, 2601)]
    # the version that connecting agreed to is one more
    assert len({item["version"] for item in content["consents"]["items"]}) == 501


def test_hostile_names_stay_in_the_archive(site, user, video, tmp_path):
    file, size = site.sql("SELECT file, size FROM video WHERE id = %s", int(video))[0]
    folder = site.dir / "media/videos"
    for name in HOSTILE + ["same.mp4", "same.mp4"]:
        copy = secrets.token_urlsafe(16)
        (folder / copy).write_bytes((folder / file).read_bytes())
        os.chmod(folder / copy, 0o644)
        site.sql("INSERT INTO video (user_id, file, name, size, state, container) VALUES (%s, %s, %s, %s, 'ready', 'mp4')",
                 int(user.user_id), copy, name, size)
    archive = archive_of(site, user)
    names = [name for name in archive.namelist() if name.startswith("videos/")]
    assert len(set(names)) == len(HOSTILE) + 3
    for name in names:
        tail = name.removeprefix("videos/")
        assert re.fullmatch(r"\d+(-[^/\\\x00-\x1f<>:\"|?*\u202a-\u202e]+)?(\.mp4)?", tail), name
        assert ".." not in tail.partition("-")[2][:2] and not tail.endswith((".", " "))
    assert any("Отпуск 🎬.mp4" in name for name in names)
    archive.extractall(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


# ---------------------------------------------------------------- asking and fetching

def test_only_one_at_a_time(site, user):
    number = ask(user)
    again = user.request("POST", "/api/v1/exports", body={})
    assert again.status == 409 and again.json()["code"] == "export_running"
    listed = user.request("GET", "/api/v1/exports").json()
    assert [(item["id"], item["state"], item["file_url"]) for item in listed["items"]] == [(number, "waiting", None)]
    assert user.request("DELETE", f"/api/v1/exports/{number}").status == 204
    assert row(site, number)["state"] == "cancelled"
    assert user.request("DELETE", f"/api/v1/exports/{number}").status == 404


def test_three_a_day(site, user):
    for _ in range(3):
        user.request("DELETE", f"/api/v1/exports/{ask(user)}")
    refused = user.request("POST", "/api/v1/exports", body={})
    assert refused.status == 429 and refused.json()["code"] == "too_many_exports" and refused.headers["Retry-After"]
    site.sql("UPDATE export_request SET asked_at = now() - interval '25 hours' WHERE user_id = %s", int(user.user_id))
    ask(user)


def test_wrong_input_is_refused(user):
    assert user.request("POST", "/api/v1/exports", body={"with_videos": "yes"}).status == 422
    assert user.request("POST", "/api/v1/exports").status == 400
    assert user.request("POST", "/api/v1/exports", body={}, headers={"X-CSRF-Token": "x"}).status == 403
    assert user.request("GET", "/exports/x/file").status == 404


def test_a_new_one_takes_the_place_of_the_old(site, user):
    first = ask(user, with_videos=False)
    run(site)
    file = row(site, first)["file"]
    assert archives(site) == {file}
    second = ask(user, with_videos=False)
    assert row(site, first)["state"] == "expired" and row(site, first)["file"] is None
    run(site)
    assert archives(site) == {row(site, second)["file"]} and file not in archives(site)
    assert fetch(user, first).status == 410


def test_only_its_user_can_fetch_it(site, user, other_user):
    number = ask(user, with_videos=False)
    assert fetch(user, number).status == 404
    run(site)
    answer = fetch(user, number)
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="my-data-\d{4}-\d\d-\d\d\.zip"', answer.headers["Content-Disposition"])
    assert "no-store" in answer.headers["Cache-Control"] and "sandbox" in answer.headers["Content-Security-Policy"]
    assert fetch(other_user, number).status == 404
    assert other_user.request("DELETE", f"/api/v1/exports/{number}").status == 404
    assert site.request("GET", f"/exports/{number}/file").status in (302, 303, 401)
    assert site.request("GET", f"/_exports/{row(site, number)['file']}", user=user).status == 404
    assert user.request("GET", f"/_media/exports/{row(site, number)['file']}").status == 404


def test_it_is_resumed_byte_by_byte(site, user, video):
    number = ask(user)
    run(site)
    whole = fetch(user, number)
    etag = whole.headers["ETag"]
    half = len(whole.body) // 2
    first = fetch(user, number, Range=f"bytes=0-{half - 1}")
    rest = fetch(user, number, Range=f"bytes={half}-", **{"If-Range": etag})
    assert (first.status, rest.status) == (206, 206) and first.body + rest.body == whole.body
    changed = fetch(user, number, Range=f"bytes={half}-", **{"If-Range": '"other"'})
    assert changed.status == 200 and changed.body == whole.body
    assert row(site, number)["size"] == len(whole.body)


def test_it_expires(site, user):
    number = ask(user, with_videos=False)
    run(site)
    hours = site.sql("SELECT extract(epoch FROM expires_at - ended_at) / 3600 FROM export_request WHERE id = %s", int(number))
    assert round(hours[0][0]) == 24
    site.sql("UPDATE export_request SET expires_at = now() - interval '1 second' WHERE id = %s", int(number))
    gone = fetch(user, number)
    assert gone.status == 410 and "Ask for a new one" in gone.text
    assert user.request("GET", f"/api/v1/exports/{number}").json()["state"] == "expired"
    run(site)
    assert row(site, number)["state"] == "expired" and archives(site) == set()


def test_it_is_in_the_record_and_fetching_once_an_hour(site, user):
    number = ask(user, with_videos=False)
    run(site)
    for _ in range(3):
        fetch(user, number)
    events = [event for event, in site.sql("SELECT event FROM audit_event WHERE user_id = %s AND event LIKE 'export%%'"
                                           " ORDER BY id", int(user.user_id))]
    assert events == ["export_asked", "export_ready", "export_fetched"]
    site.sql("UPDATE export_request SET fetched_at = now() - interval '2 hours' WHERE id = %s", int(number))
    fetch(user, number)
    assert site.sql("SELECT count(*) FROM audit_event WHERE user_id = %s AND event = 'export_fetched'",
                    int(user.user_id)) == [(2,)]


def test_the_page_works_without_script(site, user):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    page = user.request("GET", "/settings").text
    assert 'action="/exports"' in page and "Your archive" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert user.request("POST", "/exports", headers=form, body=f"csrf_token={token}").headers["Location"].endswith("/settings")
    page = user.request("GET", "/settings").text
    assert "waiting for its turn" in page and "<progress" in page
    again = user.request("POST", "/exports", headers=form, body=f"csrf_token={token}&with_videos=yes")
    assert "made already" in user.request("GET", again.headers["Location"]).text
    run(site)
    page = user.request("GET", "/settings").text
    link = re.search(r'href="(/exports/\d+/file)"', page)[1]
    assert "Your archive is ready" in page and user.request("GET", link).status == 200
    cancel = re.search(r'action="(/exports/\d+/cancel)"', page)[1]
    assert user.request("POST", cancel, headers=form, body=f"csrf_token={token}").status == 303
    assert user.request("GET", link).status == 404
    refused = user.request("POST", cancel, headers={**form, "X-CSRF-Token": None}, body="csrf_token=x")
    assert refused.status == 403


def test_old_ones_are_forgotten(site, user):
    number = ask(user)
    site.sql("UPDATE export_request SET state = 'failed', reason_code = 'export_no_room',"
             " ended_at = now() - interval '31 days' WHERE id = %s", int(number))
    assert site.run("janitor").returncode == 0
    assert row(site, number) is None


# ---------------------------------------------------------------- what goes wrong

def test_no_room(site, user, video):
    with site.configured(media_reserve_gb=100000):
        number = ask(user)
        run(site)
    found = row(site, number)
    assert (found["state"], found["reason_code"], found["file"]) == ("failed", "export_no_room", None)
    assert "without videos" in found["reason_message"] and archives(site) == set()
    assert "without videos" in user.request("GET", "/settings").text
    ask(user, with_videos=False)
    run(site)
    assert user.request("GET", "/api/v1/exports?limit=1").json()["items"][0]["state"] == "ready"


@contextlib.contextmanager
def stopped_at(site, point, release=True):
    """An exporter that stands still at a failpoint; goes on when the block ends."""
    process = site.start_program("exporter", "--once", env={"SPG_FAILPOINT": f"{point}=stop"})
    state = pathlib.Path(f"/proc/{process.pid}/stat")
    wait_for(f"a stop at {point}", lambda: state.read_text().rpartition(")")[2].split()[0] == "T")
    try:
        yield process
    finally:
        if release and process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)
    assert process.wait(60) == 0
    process.stdout.close()


def test_a_video_that_is_deleted_meanwhile_is_left_out(site, user, video, video_file):
    needs_failpoints(site)
    stays = site.ready_video(user, video_file)
    number = ask(user)
    with stopped_at(site, "export_rows_written"):
        assert user.request("DELETE", f"/api/v1/videos/{video}").status == 204
        assert site.run("janitor").returncode == 0
    archive = zipfile.ZipFile(io.BytesIO(fetch(user, number).body))
    assert [line["video_id"] for line in manifest(archive) if "video_id" in line] == [stays]


def test_a_lost_or_changed_file_is_noted(site, user, video, video_file):
    lost, other = site.ready_video(user, video_file), site.ready_video(user, video_file)
    paths = {number: site.dir / "media/videos" / site.sql("SELECT file FROM video WHERE id = %s", int(number))[0][0]
             for number in (video, lost, other)}
    wait_for("hashes", lambda: site.sql("SELECT count(*) FROM video WHERE user_id = %s AND sha256 IS NULL",
                                        int(user.user_id)) == [(0,)])
    paths[lost].unlink()
    with open(paths[video], "ab") as file:
        file.write(b"x")
    with open(paths[other], "r+b") as file:
        file.write(b"damaged")
    archive = archive_of(site, user)
    problems = {line["video_id"]: (line["problem"], line["path"] is None) for line in manifest(archive) if "video_id" in line}
    assert problems == {lost: ("file_missing", True), video: ("size_differs", True), other: ("damaged", False)}


def test_a_row_that_goes_ends_it(site, user, video):
    """As the eraser does it."""
    needs_failpoints(site)
    number = ask(user)
    with stopped_at(site, "export_file_made"):
        assert len(archives(site)) == 1
        site.sql("DELETE FROM export_request WHERE id = %s", int(number))
        then = time.monotonic()
        wait_for("the next look at the row is due", lambda: time.monotonic() > then + 1.1)
    assert archives(site) == set() and row(site, number) is None


def test_cancelling_ends_it(site, user, video):
    needs_failpoints(site)
    number = ask(user)
    with stopped_at(site, "export_finished"):
        assert user.request("DELETE", f"/api/v1/exports/{number}").status == 204
    assert archives(site) == set() and row(site, number)["state"] == "cancelled"


def test_one_that_slept_too_long_changes_nothing(site, user, video):
    needs_failpoints(site)
    number = ask(user)
    with stopped_at(site, "export_rows_written"):
        forget_leases(site)
        run(site)
        found = row(site, number)
        assert found["state"] == "ready" and archives(site) == {found["file"]}
    assert row(site, number) == found and archives(site) == {found["file"]}


KILLS = ["export_claimed", "export_file_made", "export_kind_written:3", "export_rows_written", "export_video_part",
         "export_video_written", "export_finished"]


@pytest.mark.parametrize("point", KILLS)
def test_killed_anywhere_it_begins_anew(site, user, video, point):
    needs_failpoints(site)
    number = ask(user)
    assert run(site, env={"SPG_FAILPOINT": point}).returncode == -9
    assert row(site, number)["state"] == "running" and len(archives(site)) <= 1
    forget_leases(site)
    assert run(site).returncode == 0
    found = row(site, number)
    assert (found["state"], found["attempts"]) == ("ready", 2) and archives(site) == {found["file"]}
    assert zipfile.ZipFile(io.BytesIO(fetch(user, number).body)).testzip() is None


def test_killed_when_it_is_noted_it_is_there(site, user, video):
    needs_failpoints(site)
    number = ask(user)
    assert run(site, env={"SPG_FAILPOINT": "export_done"}).returncode == -9
    assert row(site, number)["state"] == "ready"
    run(site)
    assert archives(site) == {row(site, number)["file"]} and fetch(user, number).status == 200


def test_after_three_attempts_it_has_failed(site, user, video):
    needs_failpoints(site)
    number = ask(user)
    for _ in range(3):
        assert run(site, env={"SPG_FAILPOINT": "export_rows_written"}).returncode == -9
        forget_leases(site)
    run(site)
    found = row(site, number)
    assert (found["state"], found["reason_code"], found["file"]) == ("failed", "export_interrupted", None)
    assert "Ask for it again" in found["reason_message"] and archives(site) == set()


def test_a_stop_gives_it_back_within_a_second(site, user, video):
    needs_failpoints(site)
    site.grow_video(video, 3_000_000_000)
    number = ask(user)
    process = site.start_program("exporter")
    wait_for("some progress", lambda: row(site, number)["percent"] > 5)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0 and time.monotonic() - began < 1.5
    process.stdout.close()
    found = row(site, number)
    assert (found["state"], found["attempts"], found["file"]) == ("waiting", 0, None) and archives(site) == set()


def test_two_run_at_once_and_no_more(site, user, other_user, video):
    needs_failpoints(site)
    people = [user, other_user, site.connect(), site.connect()]
    numbers = [ask(person, with_videos=False) for person in people]
    processes = [site.start_program("exporter", "--once", env={"SPG_FAILPOINT": "export_claimed=stop"}) for _ in range(5)]

    def state(process):
        return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
    # those that find two at work end
    wait_for("three that have ended", lambda: sum(process.poll() is not None for process in processes) == 3)
    left = [process for process in processes if process.poll() is None]
    wait_for("two that stand", lambda: [state(process) for process in left] == ["T", "T"])
    assert sorted(row(site, number)["state"] for number in numbers) == ["running", "running", "waiting", "waiting"]
    for process in left:
        os.kill(process.pid, signal.SIGCONT)
    assert [process.wait(60) for process in processes] == [0] * 5
    for process in processes:
        process.stdout.close()
    run(site)
    assert {row(site, number)["state"] for number in numbers} == {"ready"}


def test_the_database_may_be_away_for_a_moment(site, user, video):
    needs_failpoints(site)
    number = ask(user)
    with stopped_at(site, "export_video_part"):
        site.restart_database()
    assert row(site, number)["state"] == "ready"


# ---------------------------------------------------------------- large ones

def is_sanitized(site):
    return b"__asan_init" in (site.build / "exporter").read_bytes()


def test_more_than_four_gigabytes_with_little_memory(site, user, video, video_file):
    """The second video begins behind the reach of 32 bits."""
    if os.statvfs(site.dir).f_bavail * os.statvfs(site.dir).f_frsize < 8_000_000_000:
        pytest.skip("too little room for an archive of 4.4 GB")
    last = site.ready_video(user, video_file)
    site.grow_video(video, 3_999_999_999)
    middle = site.ready_video(user, video_file)
    site.grow_video(middle, 400_000_000)
    final = site.ready_video(user, video_file)
    number = ask(user)
    process = site.start_program("exporter", "--once")
    peak, status = 0, pathlib.Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, TypeError):
            text = status.read_text()
            if "Name:\texporter" in text:
                peak = int(re.search(r"VmHWM:\s+(\d+) kB", text)[1])
        wait_for("a moment", lambda: True)
    assert process.wait(60) == 0, process.stdout.read()[-2000:]
    process.stdout.close()
    assert is_sanitized(site) or 0 < peak < 32_000, peak
    path = site.dir / "media/exports" / row(site, number)["file"]
    assert path.stat().st_size > 4_400_000_000 and path.stat().st_mode & 0o777 == 0o640
    with zipfile.ZipFile(path) as archive:
        info = {line["video_id"]: archive.getinfo(line["path"]) for line in manifest(archive) if "video_id" in line}
        assert info[video].file_size == 3_999_999_999 and info[final].header_offset > 1 << 32
        for number_of in (last, final):
            assert archive.read(info[number_of]) == pathlib.Path(video_file).read_bytes()
    tail = user.request("GET", f"/exports/{number}/file", headers={"Range": "bytes=4400000000-4400000099"})
    assert tail.status == 206 and len(tail.body) == 100


def test_it_goes_behind_everything_else(site, user, video):
    needs_failpoints(site)
    ask(user)
    with stopped_at(site, "export_claimed") as process:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
        done = subprocess.run(["ionice", "-p", str(process.pid)], capture_output=True, text=True, timeout=10)
        assert done.stdout.strip() == "idle"


def test_it_says_how_it_is_called(site):
    assert site.run("exporter", "--help").returncode == 2


def test_nothing_but_numbers_is_logged(site, user, video):
    mark = f"word{secrets.token_hex(5)}"
    site.sql("UPDATE video SET name = %s WHERE id = %s", mark, int(video))
    ask(user)
    output = run(site).stdout
    assert "export_ready" in output and mark not in output and user.open_id not in output
