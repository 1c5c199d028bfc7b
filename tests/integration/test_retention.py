"""Every period is kept to: each rule of the inventory removes what is older and nothing younger, and so do the logs."""
import datetime
import pathlib
import re
import secrets
import subprocess
import time

import pytest

import spg_site
from spg_site import REPO, rfc3339, spgctl

HERE = pathlib.Path(__file__).resolve().parent


def run_janitor(site):
    done = site.run("janitor")
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def name():
    return secrets.token_urlsafe(16)


def insert(site, statement, *params):
    return site.sql(statement, *params)[0][0]


# ---------------------------------------------------------------- a row of each rule, so many hours old

def state(site, user, hours):
    return insert(site, "INSERT INTO oauth_state (state_hash, browser_hash, expires_at)"
                  " VALUES (%s, %s, now() - make_interval(hours => %s)) RETURNING state_hash",
                  secrets.token_bytes(32), secrets.token_bytes(32), hours)


def ended_session(site, user, hours):
    return insert(site, "INSERT INTO session (id_hash, user_id, expires_at) VALUES"
                  " (%s, %s, now() - make_interval(hours => %s)) RETURNING id_hash", secrets.token_bytes(32), user.user_id, hours)


def idle_session(site, user, hours):
    return insert(site, "INSERT INTO session (id_hash, user_id, expires_at, last_seen_at) VALUES"
                  " (%s, %s, now() + interval '1 day', now() - make_interval(hours => %s)) RETURNING id_hash",
                  secrets.token_bytes(32), user.user_id, hours)


def webhook(site, user, hours, open_id=None):
    return insert(site, "INSERT INTO webhook_event (dedupe_key, event, open_id, received_at, state) VALUES (%s, 'x', %s,"
                  " now() - make_interval(hours => %s), 'done') RETURNING id",
                  secrets.token_bytes(32), open_id or user.open_id, hours)


def unknown_webhook(site, user, hours):
    return webhook(site, user, hours, "-000nobody")


def ended_post(site, user, hours):
    post = user.new_post(site.retention_video, due_at=rfc3339(time.time() + 86400))["id"]
    site.sql("UPDATE post SET state = 'published', finished_at = now() - make_interval(hours => %s),"
             " updated_at = now() - make_interval(hours => %s) WHERE id = %s", hours, hours, post)
    return post


def request_key(site, user, hours):
    return insert(site, "INSERT INTO idempotency_key (user_id, key_hash, body_hash, post_id, created_at)"
                  " VALUES (%s, %s, %s, %s, now() - make_interval(hours => %s)) RETURNING key_hash",
                  user.user_id, secrets.token_bytes(32), secrets.token_bytes(32),
                  user.new_post(site.retention_video, due_at=None)["id"], hours)


def timeline(site, user, hours):
    return insert(site, "INSERT INTO post_event (post_id, kind, name, at) VALUES (%s, 'note', 'x',"
                  " now() - make_interval(hours => %s)) RETURNING id", ended_post(site, user, hours), hours)


def imported(site, user, hours):
    return insert(site, "INSERT INTO video_import (user_id, source, address, state, ended_at) VALUES"
                  " (%s, 'url', 'https://example.org/a', 'done', now() - make_interval(hours => %s)) RETURNING id",
                  user.user_id, hours)


def refused_video(site, user, hours):
    return insert(site, "INSERT INTO video (user_id, file, size, state, reason_code, repairable, created_at) VALUES"
                  " (%s, %s, 1, 'refused', 'x', true, now() - make_interval(hours => %s)) RETURNING id",
                  user.user_id, name(), hours)


def deleted_video(site, user, hours):
    return insert(site, "INSERT INTO video (user_id, file, size, state, deleted_at) VALUES"
                  " (%s, %s, 1, 'ready', now() - make_interval(hours => %s)) RETURNING id", user.user_id, name(), hours)


def upload_day(site, user, hours):
    day = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)).date()
    return insert(site, "INSERT INTO upload_day (user_id, day, uploads) VALUES (%s, %s, 1)"
                  " ON CONFLICT (user_id, day) DO UPDATE SET uploads = 1 RETURNING day", user.user_id, day)


def closed_thread(site, user, hours):
    return insert(site, "INSERT INTO support_thread (user_id, word_hash, state, closed_at) VALUES (%s, %s, 'closed',"
                  " now() - make_interval(hours => %s)) RETURNING id", user.user_id, secrets.token_bytes(32), hours)


def silent_thread(site, user, hours):
    return insert(site, "INSERT INTO support_thread (user_id, word_hash, state, updated_at) VALUES (%s, %s, 'answered',"
                  " now() - make_interval(hours => %s)) RETURNING id", user.user_id, secrets.token_bytes(32), hours)


def old_export(site, user, hours):
    site.sql("UPDATE export_request SET state = 'expired' WHERE user_id = %s", user.user_id)
    return insert(site, "INSERT INTO export_request (user_id, state, asked_at, ended_at, expires_at) VALUES (%s, 'expired',"
                  " now() - make_interval(hours => %s), now() - make_interval(hours => %s),"
                  " now() - make_interval(hours => %s)) RETURNING id", user.user_id, hours, hours, hours)


def address(site, user, hours):
    event = insert(site, "INSERT INTO audit_event (event, user_id) VALUES ('retention_test', %s) RETURNING id", user.user_id)
    site.sql("INSERT INTO audit_address (event_id, user_id, at, address) VALUES"
             " (%s, %s, now() - make_interval(hours => %s), '192.0.2.77')", event, user.user_id, hours)
    return event


def event(site, user, hours):
    number = insert(site, "INSERT INTO audit_event (event) VALUES ('retention_test') RETURNING id")
    # the record goes from its beginning on: all that is before this one is as old
    site.sql("UPDATE audit_event SET at = least(at, now() - make_interval(hours => %s)) WHERE id <= %s", hours, number)
    return number


def receipt(site, user, hours):
    return insert(site, "INSERT INTO deletion_request (receipt_hash, user_id, state, finished_at) VALUES (%s, %s, 'done',"
                  " now() - make_interval(hours => %s)) RETURNING id", secrets.token_bytes(32),
                  -secrets.randbelow(10 ** 9) - 1, hours)


# rule: (makes a row, condition that its key still stands; %s is the key)
RULES = {
    "oauth_states": (state, "oauth_state WHERE state_hash = %s"),
    "sessions_expired": (ended_session, "session WHERE id_hash = %s"),
    "sessions_idle": (idle_session, "session WHERE id_hash = %s"),
    "webhook_events": (webhook, "webhook_event WHERE id = %s"),
    "webhook_events_of_unknown": (unknown_webhook, "webhook_event WHERE id = %s"),
    "idempotency_keys": (request_key, "idempotency_key WHERE key_hash = %s"),
    "post_events": (timeline, "post_event WHERE id = %s"),
    "imports": (imported, "video_import WHERE id = %s"),
    "refused_videos": (refused_video, "video WHERE id = %s AND repairable"),
    "deleted_videos": (deleted_video, "video WHERE id = %s"),
    "upload_days": (upload_day, "upload_day WHERE day = %s"),
    "support": (closed_thread, "support_thread WHERE id = %s"),
    "support_silent": (silent_thread, "support_thread WHERE id = %s AND state <> 'closed'"),
    "exports": (old_export, "export_request WHERE id = %s"),
    "addresses_shortened": (address, "audit_address WHERE event_id = %s AND address = '192.0.2.77'"),
    "audit_events": (event, "audit_event WHERE id = %s"),
    "receipts": (receipt, "deletion_request WHERE id = %s"),
}
# What goes with its files has tests of its own.
OTHERS = {
    "uploads": "test_uploads_whose_time_is_over_go_with_their_files",
    "posted_videos": "test_posted_videos_go_where_that_is_wanted",
    "queued_files": "test_queued_files_go_and_then_their_rows",
    "orphans_parts": "test_orphans_go_after_a_day_and_files_with_rows_stay",
    "orphans_videos": "test_orphans_go_after_a_day_and_files_with_rows_stay",
    "orphans_frames": "test_orphans_go_after_a_day_and_files_with_rows_stay",
}
GRAIN = {"upload_days": 24, "exports": 24}  # hours that a rule is exact to, where that is not one


@pytest.fixture(scope="module")
def site():
    """An installation of its own: its record is made older."""
    with spg_site.running_site() as running:
        yield running


def stored_hours(site):
    return {rule["rule"]: rule["hours"] for kind in spgctl(site, "inventory")["items"] for rule in kind["rules"]}


def test_every_rule_is_tested(site):
    in_inventory, told = set(stored_hours(site)), {rule["rule"] for rule in spgctl(site, "retention")["items"]}
    assert in_inventory - set(RULES) == set(), "give each rule a row in RULES"
    assert told == in_inventory | set(OTHERS) | {"logs_web", "logs_programs"}
    janitor = (HERE / "test_janitor.py").read_text(encoding="utf-8")
    assert [test for test in OTHERS.values() if f"def {test}(" not in janitor] == []


@pytest.mark.parametrize("rule", RULES)
def test_what_is_older_goes_and_what_is_younger_stays(site, user, video_file, rule):
    hours = stored_hours(site).get(rule)
    if hours is None:
        pytest.skip("this build has no such rule")
    if rule in ("post_events", "idempotency_keys"):
        site.retention_video = site.ready_video(user, video_file)
    make, where = RULES[rule]
    grain = GRAIN.get(rule, 1)
    old, young = make(site, user, hours + grain), make(site, user, hours - grain)
    run_janitor(site)

    def stands(key):
        return site.sql(f"SELECT count(*) FROM {where}", key) == [(1,)]
    assert not stands(old) and stands(young)


def test_the_report_tells_what_went(site, user):
    run_janitor(site)

    def report(rule):
        return next(item for item in spgctl(site, "retention")["items"] if item["rule"] == rule)
    before = report("imports")
    for _ in range(3):
        imported(site, user, before["hours"] + 1)
    run_janitor(site)
    after = report("imports")
    assert (after["last_count"], after["total"] - before["total"]) == (3, 3)
    assert after["setting"] == "retention_imports_days" and after["hours"] == 30 * 24
    assert after["last_at"] > before["last_at"] and after["since"] == before["since"]
    run_janitor(site)
    assert report("imports")["last_count"] == 0 and report("imports")["total"] == after["total"]


# ---------------------------------------------------------------- the user's own period

def posted(site, user, video_file, days):
    video = int(site.ready_video(user, video_file))
    post = user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"]
    site.sql("UPDATE post SET state = 'published', finished_at = now() - make_interval(days => %s),"
             " updated_at = now() - make_interval(days => %s) WHERE id = %s", days, days, post)
    return video


def left(site, *videos):
    return [bool(site.sql("SELECT 1 FROM video WHERE id = %s AND deleted_at IS NULL", video)) for video in videos]


def test_a_user_chooses_where_the_site_does_not(site, user, other_user, video_file):
    mine = [posted(site, user, video_file, days) for days in (8, 6)]
    others = posted(site, other_user, video_file, 4000)
    run_janitor(site)
    assert left(site, *mine, others) == [True, True, True]
    assert user.request("PATCH", "/api/v1/me", body={"keep_posted_days": 7}).status == 200
    run_janitor(site)
    assert left(site, *mine, others) == [False, True, True]


def test_the_shorter_period_counts(site, user, other_user, video_file):
    user.request("PATCH", "/api/v1/me", body={"keep_posted_days": 7})
    other_user.request("PATCH", "/api/v1/me", body={"keep_posted_days": 90})
    mine = [posted(site, user, video_file, days) for days in (8, 6)]
    others = [posted(site, other_user, video_file, days) for days in (31, 29)]
    with site.configured(retention_posted_videos_days=30):
        run_janitor(site)
    assert left(site, *mine, *others) == [False, True, False, True]


# ---------------------------------------------------------------- logs

def default_days():
    return int(re.search(r"^#retention_logs_days = (\d+)$", (REPO / "deploy/spg.conf.example").read_text(), re.M)[1])


def test_the_shipped_files_keep_logs_as_long_as_the_policy_says():
    days = default_days()
    rotate = (REPO / "deploy/logrotate").read_text()
    assert re.search(r"^\tmaxage (\d+)$", rotate, re.M)[1] == str(days)
    assert re.search(r"^\trotate (\d+)$", rotate, re.M)[1] == str(days - 1), "each file holds a day"
    assert re.search(r"^\tdaily$", rotate, re.M)
    journal = (REPO / "deploy/journald.conf").read_text()
    assert re.search(r"^MaxRetentionSec=(\d+)day$", journal, re.M)[1] == str(days)
    assert "MaxFileSec=1day\n" in journal, "only whole files go"
    folder = re.search(r"^(/\S+)/\*\.log \{$", rotate, re.M)[1]
    logs = re.findall(r"^\t(?:access|error)_log\s+(\S+?)[; ]", (REPO / "nginx/spg-site.conf").read_text(), re.M)
    assert len(logs) == 5 and {str(pathlib.Path(log).parent) for log in logs if log != "off"} == {folder}


def test_logrotate_takes_the_shipped_file(tmp_path):
    text = (REPO / "deploy/logrotate").read_text().replace("/var/log/spg-autoposter", str(tmp_path))
    (tmp_path / "conf").write_text(text)
    done = subprocess.run(["/usr/sbin/logrotate", "--debug", "--state", tmp_path / "state", tmp_path / "conf"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "error:" not in done.stderr, done.stderr


def test_lines_of_the_quick_starts_logs_go_after_their_days(site):
    log, stamp = site.dir / "log/retention.log", site.dir / "run/logrotate.state"
    log.write_text("the first line\n")

    def a_day_later():
        before = (datetime.date.today() - datetime.timedelta(days=2)).strftime("%Y-%-m-%-d-0:0:0")
        if stamp.exists():
            stamp.write_text(re.sub(r'(retention\.log") \S+', rf"\1 {before}", stamp.read_text()))
        done = subprocess.run([REPO / "deploy/lib/rotate-logs", site.dir], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def lines():
        return "".join(path.read_text() for path in (site.dir / "log").glob("retention.log*"))
    with site.configured(retention_logs_days=3):
        with open(log, "a", encoding="utf-8") as program:  # as the programs have it open
            a_day_later()
            for day in range(3):
                assert "the first line" in lines(), day
                program.write(f"day {day}\n")
                program.flush()
                a_day_later()
        assert "the first line" not in lines() and "day 2\n" in lines()
        assert log.stat().st_size < 100, "it was emptied, and the program goes on at its beginning"


def test_logs_that_are_kept_otherwise_are_told(site):
    logs = {item["rule"]: item for item in spgctl(site, "retention")["items"] if item["rule"].startswith("logs_")}
    assert set(logs) == {"logs_web", "logs_programs"}
    for item in logs.values():
        assert item["hours"] == default_days() * 24
        assert "No such file" in item["problem"], "the quick start installs nothing in /etc"
