"""Erasure leaves nothing: a user with a sentinel in every field and file is erased beside another one, and neither the
database's dump, nor the media store, nor a log holds it any more; the other one has lost nothing (B115)."""
import base64
import contextlib
import json
import os
import pathlib
import secrets
import subprocess
import time
import urllib.parse

import psycopg2
import pytest

from spg_site import rfc3339, running_site, wait_for

# Where the rows of user %(user)s are. A table that hangs on a user and is not here fails the test.
OWN = {
    "app_user": "id = %(user)s",
    "session": "user_id = %(user)s",
    "oauth_state": "user_id = %(user)s",
    # before the accounts that it is found by
    "webhook_event": "open_id IN (SELECT open_id FROM account WHERE user_id = %(user)s)",
    "account": "user_id = %(user)s",
    "account_token": "account_id IN (SELECT id FROM account WHERE user_id = %(user)s)",
    "creator_info": "account_id IN (SELECT id FROM account WHERE user_id = %(user)s)",
    "quota": "account_id IN (SELECT id FROM account WHERE user_id = %(user)s)",
    "upload": "user_id = %(user)s",
    "upload_day": "user_id = %(user)s",
    "video": "user_id = %(user)s",
    "video_tag": "video_id IN (SELECT id FROM video WHERE user_id = %(user)s)",
    "video_repair": "video_id IN (SELECT id FROM video WHERE user_id = %(user)s)",
    "video_import": "user_id = %(user)s",
    "post": "user_id = %(user)s",
    "attempt": "post_id IN (SELECT id FROM post WHERE user_id = %(user)s)",
    "post_event": "post_id IN (SELECT id FROM post WHERE user_id = %(user)s)",
    "idempotency_key": "user_id = %(user)s",
    "policy_consent": "user_id = %(user)s",
    "export_request": "user_id = %(user)s",
    "support_thread": "user_id = %(user)s",
    "support_message": "thread_id IN (SELECT id FROM support_thread WHERE user_id = %(user)s)",
    "audit_address": "user_id = %(user)s",
}
# What holds users' numbers alone, and keeps them.
KEPT = {"audit_event", "deletion_request", "deletion_step", "deletion_count", "deletion_subject"}
# Sealed: must still open, so that access can be given back. The sandbox's own words for it are searched for instead.
SEALED = {("account_token", "access_sealed"), ("account_token", "refresh_sealed")}


@pytest.fixture(scope="module")
def alone():
    """A site of its own: nothing but these two people in its database and logs."""
    with running_site() as running:
        running.sandbox.patch("settings", rate_limits=False, processing_seconds=0.2)
        yield running


def quiet(site):
    """A connection whose mistakes do not stand in PostgreSQL's log: they would quote the sentinel."""
    connection = site.connect_to_database()
    with connection.cursor() as cursor:
        cursor.execute("SET log_min_error_statement = panic; SET log_min_messages = panic")
    return connection


def user_tables(site):
    """Tables that a chain of foreign keys, or a column, ties to a user."""
    links = site.sql("SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c"
                     " JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype = 'f'"
                     " AND t.relnamespace = 'spg'::regnamespace")
    tied = {"app_user", "webhook_event"} | {table for table, in site.sql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'spg' AND column_name = 'user_id'")}
    while True:
        more = {table for table, parent in links if parent in tied} - tied
        if not more:
            return tied
        tied |= more


def text_columns(site, table):
    """(column, type, has a check constraint) of everything that can hold a word."""
    return site.sql(
        "SELECT a.attname, format_type(a.atttypid, NULL), EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid"
        "   AND c.contype = 'c' AND a.attnum = ANY (c.conkey))"
        "  FROM pg_attribute a WHERE a.attrelid = ('spg.' || %s)::regclass AND a.attnum > 0 AND NOT a.attisdropped"
        "   AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'bytea', 'jsonb', 'json') ORDER BY 1", table)


def forms(word, kind):
    """What to try for a column: the shapes that its constraint may ask for."""
    if kind == "bytea":
        return [word.encode().ljust(32, b"#"), word.encode()]
    if kind == "text[]":
        return [[word]]
    if kind in ("jsonb", "json"):
        return [json.dumps({"note": word})]
    return [word, word.ljust(64, "0"), f"https://example.org/{word}"]


def mark_rows(site, word, user_id):
    """Put the word into every column of the user's rows that takes it; those that do not, by table and column."""
    unheld = []
    with contextlib.closing(quiet(site)) as connection, connection.cursor() as cursor:
        for table, where in OWN.items():
            cursor.execute(f"SELECT ctid::text FROM {table} WHERE {where} ORDER BY ctid DESC LIMIT 1", {"user": user_id})
            assert cursor.rowcount == 1, f"the user has no row in {table}: give them one"
            for column, kind, checked in text_columns(site, table):
                if (table, column) in SEALED:
                    continue
                for value in forms(word, kind):
                    cursor.execute(f"SELECT ctid::text FROM {table} WHERE {where} ORDER BY ctid DESC LIMIT 1",
                                   {"user": user_id})
                    ctid = cursor.fetchone()[0]
                    try:
                        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE ctid = %s::tid", (value, ctid))
                        break
                    except (psycopg2.errors.IntegrityError, psycopg2.errors.DataError):
                        continue
                else:
                    unheld.append((table, column, checked))
    return unheld


def give_rows(site, user_id, video_id, word):
    """Rows of the kinds that no short way through the product makes."""
    values = {"user": user_id, "video": video_id, "word": word, "key": secrets.token_bytes(32)}
    values["account"], = site.sql("SELECT id FROM account WHERE user_id = %s", user_id)[0]
    values["post"], = site.sql("SELECT id FROM post WHERE user_id = %s LIMIT 1", user_id)[0]
    with contextlib.closing(quiet(site)) as connection, connection.cursor() as cursor:
        for statement in (
                "INSERT INTO session (id_hash, user_id, expires_at)"
                " VALUES (sha256(%(key)s), %(user)s, now() + interval '1 day')",
                "INSERT INTO oauth_state (state_hash, browser_hash, user_id)"
                " VALUES (sha256(%(key)s), sha256(%(key)s), %(user)s)",
                "INSERT INTO creator_info VALUES (%(account)s, now(), '{}', false, false, false, 600)"
                " ON CONFLICT DO NOTHING",
                "INSERT INTO quota (account_id, kind) VALUES (%(account)s, 'init') ON CONFLICT DO NOTHING",
                "INSERT INTO webhook_event (dedupe_key, event, open_id, state)"
                " SELECT %(key)s, 'x', open_id, 'done' FROM account WHERE id = %(account)s",
                "INSERT INTO video_tag VALUES (%(video)s, 'tag')",
                "INSERT INTO video_repair (video_id, state, ended_at) VALUES (%(video)s, 'failed', now())",
                "INSERT INTO video_import (user_id, source, address, state, ended_at)"
                " VALUES (%(user)s, 'url', 'https://a.example/', 'failed', now())",
                "INSERT INTO idempotency_key (user_id, key_hash, body_hash, post_id)"
                " VALUES (%(user)s, %(key)s, %(key)s, %(post)s)",
                "INSERT INTO policy_consent (user_id, version, how) VALUES (%(user)s, '0.1', 'page')",
                "INSERT INTO export_request (user_id, state, ended_at, expires_at)"
                " VALUES (%(user)s, 'ready', now(), now() + interval '1 day')",
                "INSERT INTO support_thread (user_id, word_hash) VALUES (%(user)s, sha256(%(key)s))",
                "INSERT INTO support_message (thread_id, author, body, mailed_at)"
                " SELECT id, 'user', 'x', now() FROM support_thread WHERE user_id = %(user)s",
                "INSERT INTO audit_address (event_id, user_id, address) SELECT id, %(user)s, '192.0.2.7'"
                " FROM audit_event WHERE user_id = %(user)s ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING"):
            cursor.execute(statement, values)


def new_person(site, video_file, tmp_path, word):
    """Somebody with something of each kind, made by the product where that is short, and the word in all of it."""
    path = tmp_path / f"{word}.mp4"
    data = pathlib.Path(video_file).read_bytes()
    path.write_bytes(data + (8 + 4096).to_bytes(4, "big") + b"free" + word.encode().ljust(4096, b"."))
    user = site.connect(username=f"c{word}", display_name=f"Name {word}")
    video = site.ready_video(user, path)
    due = user.new_post(video, caption=f"past {word}")["id"]
    wait_for("posted", lambda: site.run("publisher", "--once").returncode == 0
             and user.post(due)["state"] == "published")
    user.new_post(video, caption=f"planned {word}", due_at=rfc3339(time.time() + 86400))
    name = base64.b64encode(f"{word}.mp4".encode()).decode()
    answer = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "100000",
                                                       "Upload-Metadata": f"filename {name}"})
    user.request("PATCH", answer.headers["Location"], body=word.encode() * 100, headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    give_rows(site, user.user_id, video, word)
    upload = answer.headers["Location"].rsplit("/", 1)[1]
    stored, = site.sql("SELECT file FROM video WHERE id = %s", video)[0]
    drop = site.dir / "drop" / str(user.user_id)
    drop.mkdir()
    subprocess.run(["chown", "root:spg_janitor", drop], check=True)
    drop.chmod(0o2770)
    (drop / f"{word}.txt").write_text(word)
    unheld = mark_rows(site, word, user.user_id)
    # what names a file is a name: the files go by it
    media = site.dir / "media"
    for folder, old in (("videos", stored), ("frames", stored), ("parts", upload)):
        for path in (media / folder).glob(f"{old}*"):
            path.rename(path.with_name(path.name.replace(old, word)))
    archive = media / "exports" / word
    if archive.parent.is_dir():
        archive.write_text(word)
    return user, unheld


def rows_of(site, user_id):
    """All rows of a user, and their numbers in the record, as text."""
    rows = {}
    with contextlib.closing(site.connect_to_database()) as connection, connection.cursor() as cursor:
        for table, where in OWN.items():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE {where} ORDER BY 1", {"user": user_id})
            rows[table] = [row for row, in cursor.fetchall()]
        cursor.execute("SELECT t::text FROM audit_event t WHERE user_id = %s ORDER BY 1", (user_id,))
        rows["audit_event"] = [row for row, in cursor.fetchall()]
    return rows


def files_with(site, word):
    """Every file and name below the site's folder that holds the word; the cluster's own files are dumped instead."""
    found = []
    for top in ("media", "log", "drop", "run", "secret", "app", "verification"):
        folder = site.dir / top
        if not folder.exists():
            continue
        found += [str(path.relative_to(site.dir)) for path in folder.rglob("*") if word in path.name]
        # the sandbox's log is TikTok's, not ours
        done = subprocess.run(["grep", "-rlaF", "--devices=skip", "--exclude=sandbox.log", "-e", word, "--", folder],
                              capture_output=True, text=True)
        found += [os.path.relpath(line, site.dir) for line in done.stdout.splitlines()]
    return found


def dump(site):
    done = subprocess.run(["/usr/lib/postgresql/15/bin/pg_dump", "-h", site.dir / "run/postgresql", "-U", "spg_postgres",
                           "spg"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def traces(text, word):
    """How often the word stands in a dump, as it is and as bytea and base64 show it."""
    shapes = {word, word.encode().hex(), base64.b64encode(word.encode()).decode()[:28]}
    return sum(text.count(shape) for shape in shapes)


def file_states(site, word):
    return {str(path.relative_to(site.dir)): path.stat().st_size
            for top in ("media", "drop") for path in (site.dir / top).rglob("*")
            if path.is_file() and word in path.name}


def test_no_sentinel_is_left_and_nobody_else_is_touched(alone, video_file, tmp_path):
    # 22 hexadecimal digits: a name of a file, a part of a hash, a word anywhere
    word, beside = ("fe" + secrets.token_hex(10) for _ in range(2))
    assert user_tables(alone) - KEPT == set(OWN), "a table of users' data that this test does not know"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    other, _ = new_person(alone, video_file, tmp_path / "b", beside)
    user, unheld = new_person(alone, video_file, tmp_path / "a", word)
    # only what a constraint keeps to a few words of our own has no room for it
    assert [(table, column) for table, column, checked in unheld if not checked] == []
    before = dump(alone)
    assert traces(before, word) > 60 and traces(before, beside) > 60
    assert len(file_states(alone, word)) >= 4
    rows, files = rows_of(alone, other.user_id), file_states(alone, beside)
    assert all(rows.values())

    answer = user.request("POST", "/deletion", body=urllib.parse.urlencode(
        {"csrf_token": user.csrf, "confirm": "erase"}), headers={
            "Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None})
    assert answer.status == 303, answer
    receipt = answer.headers["Location"]

    def is_done():
        assert alone.run("publisher", "--once").returncode == 0
        assert alone.run("janitor").returncode == 0
        return "Your data is erased" in alone.request("GET", receipt).text
    wait_for("erased", is_done, timeout=60)

    left = dump(alone)
    assert traces(left, word) == 0, [line[:300] for line in left.splitlines() if traces(line, word)]
    assert files_with(alone, word) == []
    assert user.open_id in [call["account"] for call in alone.sandbox.get("calls?route=revoke")]
    for secret in alone.sandbox.get("secrets"):
        assert secret["value"] not in left
    # the other one
    assert rows_of(alone, other.user_id) == rows
    assert file_states(alone, beside) == files
    assert traces(left, beside) == traces(before, beside)
    assert other.request("GET", "/api/v1/storage").status == 200
    # what is kept are numbers
    kept = alone.sql("SELECT event FROM audit_event WHERE user_id = %s", user.user_id)
    assert ("deletion_done",) in kept
