"""The janitor: what gets old goes, what is needed stays. Tests move stored times, not the clock."""
import os
import pwd
import re
import secrets
import signal
import time

import psycopg2
import pytest

import spg_site
from spg_site import rfc3339, spgctl, wait_for


def name():
    return secrets.token_urlsafe(16)


def run(site, **env):
    done = site.run("janitor", env=env)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def removed(output, what):
    found = re.search(rf"janitor_removed what={what} count=(\d+)", output)
    assert found, output
    return int(found.group(1))


def has_failpoints(site):
    return (site.build / "janitor").read_bytes().find(b"failpoint_kill") >= 0


def media(site, path):
    return site.dir / "media" / path


def make_file(site, path, hours=0.0, content=b"x"):
    file = media(site, path)
    file.write_bytes(content)
    then = time.time() - hours * 3600
    os.utime(file, (then, then))
    return file


def count(site, table, where, *params):
    return site.sql(f"SELECT count(*) FROM {table} WHERE {where}", *params)[0][0]


# ---------------------------------------------------------------- the run itself

def test_each_kind_is_told_in_one_line_and_the_run_ends(site):
    output = run(site)
    kinds = re.findall(r"janitor_removed what=(\w+)(?: folder=(\w+))? count=", output)
    rules = {(rule["rule"], "") for kind in spgctl(site, "inventory")["items"] for rule in kind["rules"]}
    assert len(kinds) == len(set(kinds)) and rules <= set(kinds)
    assert {("uploads", ""), ("posted_videos", ""), ("queued_files", "")} <= set(kinds)
    assert {("orphans", "parts"), ("orphans", "videos"), ("orphans", "frames")} <= set(kinds)
    assert site.sql("SELECT at > now() - interval '10 seconds' FROM heartbeat WHERE program = 'janitor'") == [(True,)]


def old_states(site, number):
    """Sign-ins that were begun two days ago."""
    site.sql("INSERT INTO oauth_state (state_hash, browser_hash, created_at, expires_at)"
             " SELECT sha256((random()::text || n)::bytea), sha256('browser'), now() - interval '2 days',"
             "        now() - interval '2 days' FROM generate_series(1, %s) AS n", number)


def test_a_second_run_finds_nothing(site):
    run(site)
    assert set(re.findall(r"count=(\d+)", run(site))) == {"0"}


def test_it_takes_no_arguments(site):
    assert site.run("janitor", "--once").returncode == 2


def test_it_ends_on_sigterm(site):
    old_states(site, 60000)
    process = site.start_program("janitor")
    wait_for("started", lambda: process.poll() is not None or
             site.sql("SELECT 1 FROM pg_stat_activity WHERE usename = 'spg_janitor'"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()
    run(site)


# ---------------------------------------------------------------- rows

def test_sessions_go_after_their_end(site, user):
    days, idle = int(site.config.get("retention_sessions_days", 30)), int(site.config.get("session_idle_hours", 168))
    user_id = int(user.user_id)
    ages = {"kept_expired": (f"now() - interval '{days} days' + interval '1 hour'", "now()"),
            "gone_expired": (f"now() - interval '{days} days' - interval '1 hour'", "now()"),
            "kept_idle": ("now() + interval '1 day'", f"now() - interval '{days * 24 + idle - 1} hours'"),
            "gone_idle": ("now() + interval '1 day'", f"now() - interval '{days * 24 + idle + 1} hours'")}
    ids = {}
    for label, (expires, seen) in ages.items():
        ids[label] = secrets.token_bytes(32)
        site.sql(f"INSERT INTO session (id_hash, user_id, expires_at, last_seen_at) VALUES (%s, %s, {expires}, {seen})",
                 ids[label], user_id)
    run(site)
    left = {label for label in ids if count(site, "session", "id_hash = %s", ids[label])}
    assert left == {"kept_expired", "kept_idle"}
    assert user.request("GET", "/api/v1/me").status == 200


def test_sign_ins_that_were_not_finished_go(site):
    for minutes in (59, 61):
        site.sql("INSERT INTO oauth_state (state_hash, browser_hash, return_path, expires_at) VALUES (%s, %s, %s,"
                 " now() - make_interval(mins => %s))", secrets.token_bytes(32), secrets.token_bytes(32), f"/{minutes}", minutes)
    run(site)
    assert site.sql("SELECT return_path FROM oauth_state WHERE return_path IN ('/59', '/61')") == [("/59",)]
    site.sql("DELETE FROM oauth_state WHERE return_path = '/59'")


def test_repeat_keys_go(site, user, video):
    user_id = int(user.user_id)
    post_id = int(user.new_post(video, due_at=None)["id"])
    for hours in (47, 49):
        site.sql("INSERT INTO idempotency_key (user_id, key_hash, body_hash, post_id, created_at)"
                 " VALUES (%s, %s, %s, %s, now() - make_interval(hours => %s))",
                 user_id, secrets.token_bytes(32), secrets.token_bytes(32), post_id, hours)
    run(site)
    young = site.sql("SELECT created_at > now() - interval '48 hours' FROM idempotency_key WHERE user_id = %s", user_id)
    assert young == [(True,)]


def test_webhook_events_go_after_their_period(site, user):
    days = int(site.config.get("retention_webhooks_days", 30))
    rows = {"kept": (user.open_id, days * 24 - 1), "old": (user.open_id, days * 24 + 1),
            "unknown_kept": ("-000nobody", 23), "unknown_old": ("-000nobody", 25)}
    for label, (open_id, hours) in rows.items():
        site.sql("INSERT INTO webhook_event (dedupe_key, event, open_id, received_at, state) VALUES (%s, %s, %s,"
                 " now() - make_interval(hours => %s), 'done')", secrets.token_bytes(32), f"janitor.{label}", open_id, hours)
    run(site)
    assert site.sql("SELECT event FROM webhook_event WHERE event LIKE 'janitor.%%' ORDER BY 1") == [
        ("janitor.kept",), ("janitor.unknown_kept",)]
    site.sql("DELETE FROM webhook_event WHERE event LIKE 'janitor.%%'")


@pytest.mark.parametrize("state,gone", [("published", True), ("failed", True), ("cancelled", True), ("held", False),
                                        ("scheduled", False)])
def test_timelines_of_ended_posts_go(site, user, video, state, gone):
    days = int(site.config.get("retention_timeline_days", 365))
    post_id = int(user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"])
    site.sql("INSERT INTO post_event (post_id, kind, name, at) VALUES (%s, 'note', 'old', now() - make_interval(days => %s))",
             post_id, days + 1)
    site.sql("UPDATE post SET state = %s, reason_code = 'x',"
             " finished_at = CASE WHEN %s THEN now() - make_interval(days => %s) END,"
             " updated_at = now() - make_interval(days => %s) WHERE id = %s", state, gone, days + 1, days + 1, post_id)
    run(site)
    assert count(site, "post_event", "post_id = %s AND name = 'old'", post_id) == (0 if gone else 1)
    assert count(site, "post_event", "post_id = %s AND name <> 'old'", post_id) >= 1, "what is young stays"
    site.sql("DELETE FROM post WHERE id = %s", post_id)


def test_a_post_that_ended_lately_keeps_its_whole_timeline(site, user, video):
    post_id = int(user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"])
    site.sql("INSERT INTO post_event (post_id, kind, name, at) VALUES (%s, 'note', 'old', now() - interval '900 days')", post_id)
    site.sql("UPDATE post SET state = 'published', finished_at = now() - interval '1 day' WHERE id = %s", post_id)
    run(site)
    assert count(site, "post_event", "post_id = %s AND name = 'old'", post_id) == 1
    site.sql("DELETE FROM post WHERE id = %s", post_id)


def test_receipts_and_audit_go_after_their_period(site):
    days = int(site.config.get("retention_receipts_days", 1095))
    for label, age, state in ((1, days + 1, "done"), (2, days - 1, "done"), (3, days + 1, "waiting")):
        site.sql("INSERT INTO deletion_request (receipt_hash, user_id, state, requested_at, finished_at) VALUES (%s, %s, %s,"
                 " now(), now() - make_interval(days => %s))", secrets.token_bytes(32), -label, state, age)
    # the record goes from its beginning on: an old event after a younger one waits for it
    for label, age in ((1, days + 1), (2, days - 1), (3, days + 1)):
        site.sql("INSERT INTO audit_event (event) VALUES (%s)", f"janitor_{label}")
        site.sql("UPDATE audit_event SET at = now() - make_interval(days => %s) WHERE event = %s", age, f"janitor_{label}")
    site.sql("UPDATE audit_event SET at = now() - make_interval(days => %s)"
             " WHERE position < (SELECT position FROM audit_event WHERE event = 'janitor_1')", days + 2)
    run(site)
    assert site.sql("SELECT user_id FROM deletion_request WHERE user_id < 0 AND state = 'done' ORDER BY 1 DESC")[0] == (-2,)
    assert count(site, "deletion_request", "user_id = -1") == 0
    assert site.sql("SELECT event FROM audit_event WHERE event LIKE 'janitor\\_%%' ORDER BY id") == [("janitor_2",), ("janitor_3",)]
    site.sql("DELETE FROM deletion_request WHERE user_id < 0")


def test_many_rows_go_in_batches(site, user):
    run(site)
    old_states(site, 1700)
    assert removed(run(site), "oauth_states") == 1700


def test_nobody_waits_for_the_janitor(site, user):
    """A transaction that holds what the janitor wants is not disturbed, and the run ends by itself."""
    old_states(site, 1)
    os.seteuid(pwd.getpwnam("spg_postgres").pw_uid)
    try:
        blocker = psycopg2.connect(host=str(site.dir / "run/postgresql"), dbname="spg", user="spg_postgres",
                                   options="-c search_path=spg")
    finally:
        os.seteuid(0)
    with blocker.cursor() as cursor:
        cursor.execute("SELECT 1 FROM oauth_state WHERE expires_at < now() - interval '1 day' FOR UPDATE")
    began = time.monotonic()
    done = site.run("janitor", timeout=60)
    assert done.returncode == 1 and "part=old_rows" in done.stdout, "it says what it could not do"
    assert "what=audit_events" in done.stdout, "and has done all the rest"
    assert time.monotonic() - began < 30
    blocker.rollback()
    blocker.close()
    run(site)
    assert count(site, "oauth_state", "expires_at < now() - interval '1 day'") == 0


# ---------------------------------------------------------------- uploads

def begin_upload(user, size=1000, sent=400):
    answer = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(size)})
    assert answer.status == 201, answer
    path = answer.headers["Location"]
    user.request("PATCH", path, body=b"x" * sent, headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    return path.rsplit("/", 1)[1]


def parts_of(site, upload):
    return sorted(path.name for path in media(site, "parts").glob(f"{upload}*"))


def test_uploads_whose_time_is_over_go_with_their_files(site, user):
    old, young = begin_upload(user), begin_upload(user)
    assert parts_of(site, old)
    site.sql("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = %s", old)
    output = run(site)
    assert removed(output, "uploads") == 1
    assert parts_of(site, old) == [] and count(site, "upload", "id = %s", old) == 0
    assert parts_of(site, young) != [] and count(site, "upload", "id = %s", young) == 1
    assert user.request("HEAD", f"/uploads/{old}", headers={"Tus-Resumable": "1.0.0"}).status in (404, 410)
    assert user.request("HEAD", f"/uploads/{young}", headers={"Tus-Resumable": "1.0.0"}).status == 200


def test_the_video_of_a_finished_upload_stays(site, user, video):
    upload, = [row[0] for row in site.sql("SELECT id FROM upload WHERE video_id = %s", int(video))]
    site.sql("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = %s", upload)
    run(site)
    assert parts_of(site, upload) == [] and count(site, "upload", "id = %s", upload) == 0
    assert user.request("GET", f"/videos/{video}/file").status in (200, 206)


def test_a_janitor_killed_between_row_and_file_leaves_an_orphan_that_goes(site, user):
    if not has_failpoints(site):
        pytest.skip("this build has no failpoints")
    upload = begin_upload(user)
    site.sql("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = %s", upload)
    assert site.run("janitor", env={"SPG_FAILPOINT": "janitor_upload_dropped"}).returncode in (-9, 137)
    assert parts_of(site, upload)
    run(site)
    assert parts_of(site, upload), "it may be somebody's who is just about to write its row"
    for path in media(site, "parts").glob(f"{upload}*"):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    run(site)
    assert parts_of(site, upload) == []


# ---------------------------------------------------------------- files

def test_orphans_go_after_a_day_and_files_with_rows_stay(site, user, video):
    known = site.sql("SELECT file FROM video WHERE id = %s", int(video))[0][0]
    upload = begin_upload(user)
    for path in [media(site, f"videos/{known}"), media(site, f"frames/{known}.jpg"), *media(site, "parts").glob(f"{upload}*")]:
        os.utime(path, (time.time() - 48 * 3600,) * 2)
    young = [make_file(site, f"{folder}/{name()}{suffix}", hours=23) for folder, suffix in
             (("videos", ""), ("frames", ".jpg"), ("parts", ".part"), ("parts", ".info"))]
    old = [make_file(site, f"{folder}/{name()}{suffix}", hours=25) for folder, suffix in
           (("videos", ""), ("frames", ".jpg"), ("parts", ".part"), ("parts", ".info"), ("parts", ".want"))]
    output = run(site)
    assert [path.exists() for path in old] == [False] * len(old)
    assert [path.exists() for path in young] == [True] * len(young)
    assert user.request("GET", f"/videos/{video}/file").status in (200, 206)
    assert parts_of(site, upload)
    assert "what=orphans folder=videos count=1" in output and "what=orphans folder=parts count=3" in output
    for path in young:
        path.unlink()


def test_a_video_whose_row_is_still_the_uploads_is_no_orphan(site, user):
    """Killed between sealing the file and writing the video's row."""
    upload = begin_upload(user)
    media(site, f"parts/{upload}.part").rename(media(site, f"videos/{upload}"))
    os.utime(media(site, f"videos/{upload}"), (time.time() - 48 * 3600,) * 2)
    run(site)
    assert media(site, f"videos/{upload}").exists()
    site.sql("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = %s", upload)
    run(site)
    assert not media(site, f"videos/{upload}").exists()


def test_what_is_not_ours_is_left_alone_and_told(site):
    strangers = [make_file(site, f"videos/{text}", hours=100) for text in ("README", "short", name() + "x", "a" * 21 + "~")]
    outside = make_file(site, "outside", hours=100)
    link = media(site, f"videos/{name()}")
    link.symlink_to(outside)
    os.utime(link, (time.time() - 100 * 3600,) * 2, follow_symlinks=False)
    output = run(site)
    assert all(path.exists() for path in strangers) and outside.exists() and link.is_symlink()
    assert f"janitor_foreign_files folder=videos count={len(strangers)}" in output
    for path in [*strangers, outside, link]:
        path.unlink()


def test_queued_files_go_and_then_their_rows(site):
    gone = name()
    files = [make_file(site, f"videos/{gone}"), make_file(site, f"frames/{gone}.jpg")]
    missing = f"videos/{name()}"
    for path in (f"videos/{gone}", f"frames/{gone}.jpg", missing):
        site.sql("INSERT INTO file_removal (file) VALUES (%s)", path)
    assert removed(run(site), "queued_files") == 3
    assert not any(path.exists() for path in files)
    assert count(site, "file_removal", "true") == 0


@pytest.mark.parametrize("path", ["../spg.conf", "/etc/hostname", "videos/../../spg.conf", "parts/x", "", "videos/", "videos/..",
                                  "frames/" + "a" * 22, "videos/" + "a" * 22 + "/x", "VIDEOS/" + "a" * 22])
def test_a_queued_name_that_is_not_ours_removes_nothing(site, path):
    conf = (site.dir / "spg.conf").read_bytes()
    site.sql("INSERT INTO file_removal (file) VALUES (%s)", path)
    output = run(site)
    assert "file_removal_odd_name" in output and (site.dir / "spg.conf").read_bytes() == conf
    assert count(site, "file_removal", "true") == 0


def test_a_file_that_cannot_be_removed_stays_queued_and_stops_nobody(site):
    stuck, other = name(), name()
    make_file(site, f"videos/{other}")
    for text in (stuck, other):
        site.sql("INSERT INTO file_removal (file) VALUES (%s)", f"videos/{text}")
    media(site, f"videos/{stuck}").mkdir()
    try:
        done = site.run("janitor")
    finally:
        media(site, f"videos/{stuck}").rmdir()
    assert done.returncode == 1 and "file_not_removed" in done.stdout
    assert not media(site, f"videos/{other}").exists()
    assert site.sql("SELECT file FROM file_removal") == [(f"videos/{stuck}",)]
    run(site)
    assert count(site, "file_removal", "true") == 0


def test_a_janitor_killed_between_file_and_row_goes_on(site):
    if not has_failpoints(site):
        pytest.skip("this build has no failpoints")
    gone = name()
    make_file(site, f"videos/{gone}")
    site.sql("INSERT INTO file_removal (file) VALUES (%s)", f"videos/{gone}")
    assert site.run("janitor", env={"SPG_FAILPOINT": "janitor_queued_removed"}).returncode in (-9, 137)
    assert count(site, "file_removal", "true") == 1
    run(site)
    assert count(site, "file_removal", "true") == 0


def test_a_video_that_its_user_deleted_goes_with_its_row(site, user, video):
    file = site.sql("SELECT file FROM video WHERE id = %s", int(video))[0][0]
    assert user.request("DELETE", f"/api/v1/videos/{video}").status in (200, 204)
    run(site)
    assert not media(site, f"videos/{file}").exists() and not media(site, f"frames/{file}.jpg").exists()
    assert count(site, "video", "id = %s", int(video)) == 1
    site.sql("UPDATE video SET deleted_at = now() - interval '25 hours' WHERE id = %s", int(video))
    run(site)
    assert count(site, "video", "id = %s", int(video)) == 0


# ---------------------------------------------------------------- videos that have gone out

@pytest.fixture(scope="module")
def short_site():
    """An installation that keeps posted videos for seven days."""
    with spg_site.running_site(sets=["retention_posted_videos_days=7"]) as running:
        yield running


def posted(site, user, video_file, state="published", days=8):
    video = int(site.ready_video(user, video_file))
    post_id = int(user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"])
    site.sql("UPDATE post SET state = %s, reason_code = 'x', finished_at = now() - make_interval(days => %s),"
             " updated_at = now() - make_interval(days => %s) WHERE id = %s", state, days, days, post_id)
    return video


def test_posted_videos_go_where_that_is_wanted(short_site, video_file):
    site, user = short_site, short_site.connect()
    gone = posted(site, user, video_file)
    delivered = posted(site, user, video_file, "delivered")
    young = posted(site, user, video_file, days=6)
    failed = posted(site, user, video_file, "failed")
    held = posted(site, user, video_file, "held")
    planned = posted(site, user, video_file)
    user.new_post(planned, due_at=rfc3339(time.time() + 86400))
    never = int(site.ready_video(user, video_file))
    files = {row[0]: row[1] for row in site.sql("SELECT id, file FROM video")}
    assert removed(run(site), "posted_videos") == 2
    left = {row[0] for row in site.sql("SELECT id FROM video WHERE deleted_at IS NULL")}
    assert left == {young, failed, held, planned, never}
    for video in (gone, delivered):
        assert not media(site, f"videos/{files[video]}").exists() and not media(site, f"frames/{files[video]}.jpg").exists()
    for video in left:
        assert media(site, f"videos/{files[video]}").exists()


def test_posted_videos_stay_by_default(site, user, video_file):
    video = posted(site, user, video_file, days=4000)
    assert removed(run(site), "posted_videos") == 0
    assert user.request("GET", f"/videos/{video}/file").status in (200, 206)
