"""Erasing in all its ways: with time to take it back, by proof through TikTok, by TikTok's own message, after a
restored backup; what it counts, what it checks, and killed at each step."""
import hashlib
import hmac
import html
import json
import re
import secrets
import time
import urllib.parse

import pytest

from spg_site import REPO, User, restart, spgctl, wait_for
from test_deletion import (FAR, STEPS, ask, done_steps, erase, files_of, full_user, receipt, request_row,  # noqa: F401
                           rows_of, run_janitor)

SENT = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None}


def revoke(site, path):
    wait_for("tokens revoked", lambda: site.run("publisher", "--once").returncode == 0
             and "tokens_revoked" in done_steps(site, path))


def press(site, user, path, **fields):
    """The form of a page sent, with the token that it carries."""
    return site.request("POST", path, user=user, body=urllib.parse.urlencode(fields), headers=SENT)


def form_token(site, user, path):
    answer = site.request("GET", path, user=user)
    user.take_cookies(answer)
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text).group(1)


def counts(site, path):
    text = site.request("GET", path).text
    return {kind: html.unescape(count) for kind, count in
            re.findall(r'<tr data-kind="(\w+)"><td>.*?</td><td>(.*?)</td></tr>', text)}


# ---------------------------------------------------------------- what is counted and checked

def test_the_receipt_says_what_was_erased_in_numbers(site, full_user):
    user_id = int(full_user.user_id)
    size = site.sql("SELECT sum(size) FROM video WHERE user_id = %s", user_id)[0][0]
    path = erase(site, full_user)
    revoke(site, path)
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    number = site.sql("SELECT id FROM deletion_request WHERE user_id = %s", user_id)[0][0]
    stored = dict(site.sql("SELECT kind, removed FROM deletion_count WHERE request_id = %s", number))
    assert {stored["posts"], stored["accounts"], stored["videos"]} == {2} and stored["settings"] == 1
    assert site.sql("SELECT bytes FROM deletion_count WHERE request_id = %s AND kind = 'videos'", number) == [(size,)]
    shown = counts(site, path)
    assert {kind: int(re.match(r"\d+", text)[0]) for kind, text in shown.items()} == stored
    assert all(kind not in title for kind, title in re.findall(r'data-kind="(\w+_\w+)"><td>(.*?)</td>',
                                                               site.request("GET", path).text))


def test_the_receipt_speaks_russian(site, user):
    path = erase(site, user)
    answer = site.request("GET", path + "?lang=ru")
    assert answer.status == 200 and "Ваши данные удаляются" in answer.text and 'lang="ru"' in answer.text
    assert "Your data" not in answer.text
    assert site.request("GET", path + "?lang=xx").status == 200


def test_the_check_looks_at_every_table_that_can_name_a_user(site):
    """Each table from which a way of keys leads to a user, and each that names one without a key."""
    direct = {table for table, in site.sql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'spg'"
        " AND column_name IN ('user_id', 'open_id')")}
    links = site.sql("SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
                     " WHERE contype = 'f' AND connamespace = 'spg'::regnamespace")
    links = [tuple(name.removeprefix("spg.") for name in pair) for pair in links]
    found = direct | {"app_user", "file_removal"}
    while more := {child for child, parent in links if parent in found} - found:
        found |= more
    # by design: numbers without names (the record), and the proof itself; by foreign key only to these
    found -= {"audit_event", "deletion_request", "deletion_step", "deletion_count", "deletion_subject"}
    text = (REPO / "sql/queries/erase_left.sql").read_text()
    named = set(re.findall(r"SELECT '(\w+)'", text))
    assert named == found


def test_what_comes_in_the_very_moment_goes_too(site, full_user):
    """A video whose row appears after the others went: the check finds it, and the next round takes it with its file."""
    path = erase(site, full_user)
    revoke(site, path)
    name = secrets.token_urlsafe(16)
    file = site.dir / "media/videos" / name
    site.sql("CREATE FUNCTION spg.test_late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
             " SET search_path = spg, pg_temp AS $$ BEGIN"
             " INSERT INTO video (user_id, file, size) SELECT id, TG_ARGV[0], 1 FROM app_user WHERE id = TG_ARGV[1]::bigint"
             " ON CONFLICT DO NOTHING; RETURN NULL; END $$")
    site.sql("CREATE TRIGGER test_late AFTER DELETE ON spg.upload_day FOR EACH ROW"
             f" EXECUTE FUNCTION spg.test_late('{name}', '{int(full_user.user_id)}')")
    try:
        file.write_bytes(b"x")
        run_janitor(site)
    finally:
        site.sql("DROP TRIGGER test_late ON spg.upload_day")
        site.sql("DROP FUNCTION spg.test_late()")
    assert done_steps(site, path) == STEPS
    assert "erasure_left" in (site.dir / "log/janitor.log").read_text()
    assert not file.exists()
    assert set(rows_of(site, int(full_user.user_id))) == {"audit_event", "deletion_request"}


# ---------------------------------------------------------------- time to take it back

@pytest.fixture
def with_grace(site):
    """The form's program with seven days in its configuration; it is started anew for that."""
    with site.configured(deletion_grace_days="7"):
        restart(site, "deletion")
        yield
    restart(site, "deletion")


def test_in_grace_nothing_goes_out_and_nothing_goes(site, full_user, with_grace):
    user_id = int(full_user.user_id)
    form = full_user.request("GET", "/deletion").text
    assert "7 days" in form and 'href="/settings"' in form
    path = erase(site, full_user)
    title, steps = receipt(site, path)
    assert title == "Your data will be erased" and done_steps(site, path) == ["sessions_closed"]
    assert site.sql("SELECT state, reason_code, remedy_code FROM post WHERE id = %s", int(full_user.scheduled)) == [
        ("held", "erasure_waiting", "undo")]
    assert site.sql("SELECT state FROM post WHERE id = %s", int(full_user.draft)) == [("draft",)]
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", user_id) == [(0,)]
    run_janitor(site)
    site.run("publisher", "--once")
    assert site.sql("SELECT DISTINCT state FROM account WHERE user_id = %s", user_id) == [("connected",)]
    assert files_of(site, full_user.names) and request_row(site, user_id)[0][1] == "grace"


def test_whoever_has_the_receipt_can_take_it_back(site, full_user, with_grace):
    user_id = int(full_user.user_id)
    late = full_user.new_post(full_user.second_video, due_at=FAR)["id"]
    path = erase(site, full_user)
    site.sql("UPDATE post SET due_at = now() - interval '1 hour' WHERE id = %s", int(late))
    stranger = User(site)
    token = form_token(site, stranger, path)
    assert press(site, stranger, path + "/undo").status == 403, "the form's token counts"
    answer = press(site, stranger, path + "/undo", csrf_token=token)
    assert answer.status == 303 and answer.headers["Location"] == path
    assert receipt(site, path)[0] == "Your data is kept"
    assert site.sql("SELECT state, reason_code FROM post WHERE id = %s", int(full_user.scheduled)) == [("scheduled", None)]
    assert site.sql("SELECT state, reason_code FROM post WHERE id = %s", int(late)) == [("held", "missed")]
    assert site.sql("SELECT event FROM audit_event WHERE user_id = %s ORDER BY id DESC LIMIT 1", user_id) == [
        ("deletion_undone",)]
    assert press(site, stranger, path + "/undo", csrf_token=token).status == 409
    run_janitor(site)
    assert files_of(site, full_user.names) and request_row(site, user_id)[0][1] == "undone"
    # and asked for again it is a new request
    again = site.connect(open_id=full_user.open_id)
    assert again.user_id == full_user.user_id
    assert erase(site, again) != path


def test_signing_in_in_grace_works_and_offers_it(site, user, with_grace):
    path = erase(site, user)
    back = site.connect(open_id=user.open_id)
    assert back.user_id == user.user_id
    form = back.request("GET", "/deletion").text
    assert "You have asked for this" in form and "Keep my data" in form and 'name="confirm"' not in form
    assert "All your data will be erased on" in back.request("GET", "/posts").text
    assert ask(site, back).status == 409
    answer = press(site, back, "/deletion/undo", csrf_token=back.csrf)
    assert answer.status == 303
    assert receipt(site, path)[0] == "Your data is kept"
    assert "All your data will be erased on" not in back.request("GET", "/posts").text
    assert press(site, back, "/deletion/undo", csrf_token=back.csrf).status == 409


def test_a_post_planned_in_grace_does_not_go_out(site, user, video, with_grace):
    erase(site, user)
    back = site.connect(open_id=user.open_id)
    post = back.new_post(video, due_at=None)["id"]
    site.sql("UPDATE post SET state = 'scheduled', due_at = now(), next_attempt_at = now(), consent_at = now()"
             " WHERE id = %s", int(post))
    for _ in range(3):
        assert site.run("publisher", "--once").returncode == 0
    assert back.post(post)["state"] == "scheduled"
    run_janitor(site)
    assert back.post(post)["state"] == "held"
    assert site.sandbox.account(user.open_id)["inits"] == 0


def test_when_the_time_is_over_it_goes_on(site, full_user, with_grace):
    path = erase(site, full_user)
    site.sql("UPDATE deletion_request SET grace_until = now() - interval '1 second' WHERE user_id = %s",
             int(full_user.user_id))
    run_janitor(site)
    assert done_steps(site, path) == ["posts_cancelled", "sessions_closed"]
    assert "Keep my data" not in site.request("GET", path).text
    revoke(site, path)
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    assert set(rows_of(site, int(full_user.user_id))) == {"audit_event", "deletion_request"}
    assert files_of(site, full_user.names) == []


# ---------------------------------------------------------------- proof by TikTok

def prove(site, open_id):
    browser = User(site)
    answer = site.consent(browser, start="/oauth/start?return=/deletion&purpose=erase", open_id=open_id)
    return browser, answer


def revokes(site, open_id):
    return [call for call in site.sandbox.get("calls?route=revoke") if call["account"] == open_id]


def test_proof_asks_for_the_least(site):
    answer = site.request("GET", "/oauth/start?return=/deletion&purpose=erase")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
    assert query["scope"] == ["user.info.basic"]
    page = site.request("GET", "/oauth/start?return=/deletion&purpose=erase", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 200 and "purpose=erase" in html.unescape(page.text) and "Prove" in page.text
    assert 'purpose=erase"' in html.unescape(site.request("GET", "/deletion").text)


def test_proof_opens_the_deletion_program_alone(site, user, video):
    """The live account keeps its tokens; the session is good for nothing else."""
    before = site.sql("SELECT version FROM account_token WHERE account_id = %s", user.account_id)
    browser, answer = prove(site, user.open_id)
    assert answer.status == 303 and answer.headers["Location"] == "/deletion"
    assert "Max-Age=3600" in str(answer.headers.get_all("Set-Cookie"))
    assert site.sql("SELECT version FROM account_token WHERE account_id = %s", user.account_id) == before
    assert revokes(site, user.open_id) == []
    assert site.sql("SELECT purpose, expires_at <= now() + interval '1 hour' FROM session WHERE user_id = %s"
                    " ORDER BY created_at DESC LIMIT 1", int(user.user_id)) == [("erase", True)]
    assert site.sql("SELECT event, code FROM audit_event WHERE user_id = %s ORDER BY id DESC LIMIT 1",
                    int(user.user_id)) == [("reconnect_to_erase", "found")]
    for method, path in [("GET", "/api/v1/me"), ("GET", "/posts"), ("GET", "/videos"), ("GET", f"/videos/{video}/file"),
                         ("GET", "/settings"), ("GET", "/api/v1/accounts"), ("POST", "/uploads"),
                         ("GET", f"/api/v1/accounts/{user.account_id}/creator-info")]:
        answer = site.request(method, path, user=browser, headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10"})
        assert answer.status == 401, (method, path, answer)
    me = site.request("GET", "/oauth/start?account=" + str(user.account_id), user=browser)
    assert me.status in (302, 303), "as signed out"
    form = site.request("GET", "/deletion", user=browser)
    assert "1 video" in form.text and "/posts" not in form.text
    browser.csrf = re.search(r'name="csrf_token" value="([^"]+)"', form.text).group(1)
    path = erase(site, browser)
    assert site.sql("SELECT origin FROM deletion_request WHERE user_id = %s", int(user.user_id)) == [("reconnect",)]
    revoke(site, path)
    run_janitor(site)
    assert done_steps(site, path) == STEPS and "proved it" in site.request("GET", path).text


def test_an_upload_that_is_under_way_does_not_take_such_a_session(site, user):
    answer = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1000"})
    browser, _ = prove(site, user.open_id)
    patch = site.request("PATCH", answer.headers["Location"], user=browser, body=b"x", headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    assert patch.status in (401, 403), patch


def test_proof_of_a_disconnected_account_is_given_back_at_once(site, user):
    site.sql("DELETE FROM account_token WHERE account_id = %s", user.account_id)
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", user.account_id)
    browser, answer = prove(site, user.open_id)
    assert answer.status == 303
    assert len(revokes(site, user.open_id)) == 1
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(0,)]
    assert site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("disconnected",)]


def test_proof_where_nothing_is_stored(site):
    users = site.sql("SELECT count(*) FROM app_user")
    open_id = site.new_account()
    browser, answer = prove(site, open_id)
    assert answer.status == 404 and "Nothing can be erased by this" in answer.text
    assert "__Host-spg" not in str(answer.headers.get_all("Set-Cookie"))
    assert len(revokes(site, open_id)) == 1
    assert site.sql("SELECT count(*) FROM app_user") == users
    assert site.sql("SELECT user_id, code FROM audit_event WHERE event = 'reconnect_to_erase' ORDER BY id DESC LIMIT 1"
                    ) == [(None, "nothing_stored")]


def test_an_old_account_is_no_key_to_a_user_who_has_others(site, user):
    first = user.open_id
    site.connect(user=user)
    site.sql("UPDATE account SET state = 'disconnected' WHERE open_id = %s", first)
    browser, answer = prove(site, first)
    assert answer.status == 404 and len(revokes(site, first)) == 1


# ---------------------------------------------------------------- TikTok's own message

def removed(site, open_id, reason, sent_at=None):
    """authorization.removed as TikTok would deliver it, given effect."""
    secret = (site.dir / "secret/client_secret").read_text().strip()
    stamp = int(time.time())
    body = json.dumps({"client_key": site.config["tiktok_client_key"], "event": "authorization.removed",
                       "create_time": sent_at or stamp, "user_openid": open_id,
                       "content": json.dumps({"reason": reason, "nonce": secrets.token_hex(4)})},
                      separators=(",", ":")).encode()
    digest = hmac.new(secret.encode(), str(stamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    answer = site.request("POST", "/hooks/tiktok", body=body, headers={
        "Content-Type": "application/json", "TikTok-Signature": f"t={stamp},s={digest}"})
    assert answer.status == 200
    assert site.run("publisher", "--once").returncode == 0


def erase_days(site, account_id):
    return site.sql("SELECT round(extract(epoch FROM erase_after - now()) / 86400) FROM account WHERE id = %s",
                    account_id)[0][0]


@pytest.mark.parametrize("reason,days", [(0, 30), (1, 30), (2, 0), (3, 0), (4, 0), (5, 30)])
def test_an_account_that_was_taken_away_goes_after_its_time(site, user, reason, days):
    removed(site, user.open_id, reason)
    assert site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("reconnect",)]
    assert erase_days(site, user.account_id) == days
    run_janitor(site)
    assert bool(request_row(site, int(user.user_id))) == (days == 0)


def test_the_last_account_takes_its_user_with_it(site, full_user):
    second = site.sql("SELECT id, open_id FROM account WHERE user_id = %s AND id <> %s", int(full_user.user_id),
                      full_user.account_id)[0]
    site.sql("DELETE FROM account WHERE id = %s", second[0])
    removed(site, full_user.open_id, 2)
    run_janitor(site)
    assert site.sql("SELECT origin, state, reason_code FROM deletion_request WHERE user_id = %s",
                    int(full_user.user_id)) == [("webhook", "waiting", "auth_removed")]
    wait_for("accounts ended", lambda: site.run("publisher", "--once").returncode == 0 and not site.sql(
        "SELECT 1 FROM account WHERE user_id = %s AND state <> 'disconnected'", int(full_user.user_id)))
    run_janitor(site)
    assert set(rows_of(site, int(full_user.user_id))) == {"audit_event", "deletion_request"}
    assert files_of(site, full_user.names) == []


def test_one_of_several_goes_alone(site, full_user, other_user, video_file):
    other_post = other_user.new_post(site.ready_video(other_user, video_file), due_at=FAR)["id"]
    kept = site.sql("SELECT id FROM account WHERE user_id = %s AND id <> %s", int(full_user.user_id),
                    full_user.account_id)[0][0]
    removed(site, full_user.open_id, 4)
    run_janitor(site)
    user_id = int(full_user.user_id)
    assert site.sql("SELECT id, state FROM account WHERE user_id = %s", user_id) == [(kept, "connected")]
    assert site.sql("SELECT count(*) FROM post WHERE user_id = %s", user_id) == [(0,)]
    assert site.sql("SELECT count(*) FROM webhook_event WHERE open_id = %s", full_user.open_id) == [(0,)]
    assert site.sql("SELECT count(*) FROM video WHERE user_id = %s AND deleted_at IS NULL", user_id) == [(2,)]
    assert request_row(site, user_id) == [] and files_of(site, full_user.names)
    assert site.sql("SELECT code FROM audit_event WHERE event = 'account_erased' AND account_id = %s",
                    full_user.account_id) == [("auth_removed",)]
    assert other_user.post(other_post)["state"] == "scheduled"


def test_connecting_again_keeps_it(site, user):
    removed(site, user.open_id, 2)
    site.connect(open_id=user.open_id)
    assert site.sql("SELECT erase_after, state FROM account WHERE id = %s", user.account_id) == [(None, "connected")]
    # a message from before that, delivered once more, says nothing about the new consent
    removed(site, user.open_id, 2, sent_at=int(time.time()) - 3600)
    run_janitor(site)
    assert site.sql("SELECT erase_after, state FROM account WHERE id = %s", user.account_id) == [(None, "connected")]
    assert request_row(site, int(user.user_id)) == []


def test_a_disconnected_account_stays_unless_its_creator_is_gone(site, user):
    site.connect(user=user)
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", user.account_id)
    removed(site, user.open_id, 1)
    assert site.sql("SELECT erase_after FROM account WHERE id = %s", user.account_id) == [(None,)]
    removed(site, user.open_id, 3)
    assert erase_days(site, user.account_id) == 0


def test_posts_in_flight_end_first(site, full_user):
    removed(site, full_user.open_id, 2)
    site.sql("UPDATE post SET state = 'processing', publish_id = 'v_pub_file~in-flight', next_check_at = now() + interval '1 day',"
             " consent_at = now(), lease_until = now() + interval '1 day' WHERE id = %s", int(full_user.scheduled))
    run_janitor(site)
    assert site.sql("SELECT count(*) FROM account WHERE id = %s", full_user.account_id) == [(1,)]
    site.sql("UPDATE post SET state = 'published', next_check_at = NULL, lease_until = NULL WHERE id = %s",
             int(full_user.scheduled))
    run_janitor(site)
    assert site.sql("SELECT count(*) FROM account WHERE id = %s", full_user.account_id) == [(0,)]


# ---------------------------------------------------------------- kept: the keyed hash, and who was erased

def test_the_keyed_hash_answers_for_one_account(site, user):
    path = erase(site, user)
    revoke(site, path)
    run_janitor(site)
    key = (site.dir / "secret/record_key").read_text().strip()
    digest = hmac.new(key.encode(), user.open_id.encode(), hashlib.sha256).digest()
    assert site.sql("SELECT r.user_id FROM deletion_subject s JOIN deletion_request r ON r.id = s.request_id"
                    " WHERE s.open_id_hmac = %s", digest) == [(int(user.user_id),)]
    assert "keyed hash" in site.request("GET", path).text


def test_a_restored_backup_is_erased_again(site, full_user):
    user_id = int(full_user.user_id)
    created = site.sql("SELECT created_at FROM app_user WHERE id = %s", user_id)[0][0]
    path = erase(site, full_user)
    revoke(site, path)
    run_janitor(site)
    erased = site.dir / "media/erased"
    assert erased.stat().st_mode & 0o777 == 0o600 and erased.owner() == "spg_janitor"
    assert sum(line.startswith(f"{user_id} ") for line in erased.read_text().splitlines()) == 1

    def restore(created_at):
        site.sql("INSERT INTO app_user (id, created_at) OVERRIDING SYSTEM VALUE VALUES (%s, %s)", user_id, created_at)
        site.sql("INSERT INTO account (user_id, open_id) VALUES (%s, %s)", user_id, f"-000{secrets.token_hex(6)}")

    # somebody else who was given the same number is not whom we erased
    restore("2020-01-01")
    assert site.run("janitor", "--restored").returncode == 0
    assert len(request_row(site, user_id)) == 1
    site.sql("DELETE FROM app_user WHERE id = %s", user_id)

    restore(created)
    for _ in range(2):
        assert site.run("janitor", "--restored").returncode == 0
    assert site.sql("SELECT origin FROM deletion_request WHERE user_id = %s AND state = 'waiting'", user_id) == [("restored",)]
    assert site.sql("SELECT state FROM account WHERE user_id = %s", user_id) == [("disconnecting",)]
    wait_for("accounts ended", lambda: site.run("publisher", "--once").returncode == 0 and not site.sql(
        "SELECT 1 FROM account WHERE user_id = %s AND state <> 'disconnected'", user_id))
    run_janitor(site)
    assert set(rows_of(site, user_id)) == {"audit_event", "deletion_request"}
    assert sum(line.startswith(f"{user_id} ") for line in erased.read_text().splitlines()) == 1


def test_a_line_that_a_death_has_cut_off_does_no_harm(site, user):
    erased = site.dir / "media/erased"
    path = erase(site, user)
    revoke(site, path)
    with erased.open("a") as file:
        file.write("17 12345")
    run_janitor(site)
    lines = erased.read_text().splitlines()
    assert "17 12345" in lines and lines[-1].startswith(f"{user.user_id} ") and done_steps(site, path) == STEPS


def test_the_frequent_run_erases_too(site, user):
    path = erase(site, user)
    revoke(site, path)
    assert site.run("janitor", "--drop").returncode == 0
    assert done_steps(site, path) == STEPS


# ---------------------------------------------------------------- killed anywhere

KILLS = ["janitor_calmed", "janitor_posts_ended", "janitor_makers_stopped", "janitor_file_removed",
         "janitor_files_erased", "janitor_user_noted", "janitor_rows_erased:2", "janitor_rows_erased:9",
         "janitor_kinds_erased", "janitor_user_erased"]


def has_failpoints(site):
    return site.has_failpoints("janitor")


@pytest.mark.parametrize("failpoint", KILLS)
def test_killed_at_each_step_it_goes_on_and_counts_right(site, full_user, failpoint):
    if not has_failpoints(site):
        pytest.skip("this build has no failpoints")
    user_id = int(full_user.user_id)
    path = erase(site, full_user)
    revoke(site, path)
    done = site.run("janitor", env={"SPG_FAILPOINT": failpoint})
    assert done.returncode in (-9, 137), done.stdout[-1000:]
    run_janitor(site)
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    assert set(rows_of(site, user_id)) == {"audit_event", "deletion_request"}
    assert files_of(site, full_user.names) == []
    number = site.sql("SELECT id FROM deletion_request WHERE user_id = %s", user_id)[0][0]
    stored = dict(site.sql("SELECT kind, removed FROM deletion_count WHERE request_id = %s", number))
    assert (stored["posts"], stored["videos"], stored["accounts"], stored["settings"]) == (2, 2, 2, 1)


def test_killed_as_the_time_is_over_it_goes_on(site, user, with_grace):
    if not has_failpoints(site):
        pytest.skip("this build has no failpoints")
    path = erase(site, user)
    site.sql("UPDATE deletion_request SET grace_until = now() WHERE user_id = %s", int(user.user_id))
    assert site.run("janitor", env={"SPG_FAILPOINT": "janitor_grace_over"}).returncode in (-9, 137)
    revoke_after = lambda: (site.run("janitor"), site.run("publisher", "--once"))  # noqa: E731
    wait_for("erased", lambda: revoke_after() and done_steps(site, path) == STEPS, timeout=60)


def test_an_account_killed_in_the_middle_goes_on(site, full_user):
    if not has_failpoints(site):
        pytest.skip("this build has no failpoints")
    removed(site, full_user.open_id, 2)
    assert site.run("janitor", env={"SPG_FAILPOINT": "janitor_account_rows_erased"}).returncode in (-9, 137)
    run_janitor(site)
    assert site.sql("SELECT count(*) FROM account WHERE id = %s", full_user.account_id) == [(0,)]
    assert site.sql("SELECT count(*) FROM post WHERE user_id = %s", int(full_user.user_id)) == [(0,)]


# ---------------------------------------------------------------- the operator's tool

def test_the_operator_approves_and_proves(site, full_user):
    """A request that the operator has verified, and the papers about it afterwards."""
    user_id = int(full_user.user_id)
    answer = spgctl(site, "deletions", "approve", "--user", user_id, "--thread", 7)
    path = urllib.parse.urlsplit(answer["receipt"]).path
    assert receipt(site, path)[0] == "Your data is being erased"
    assert site.sql("SELECT origin, state FROM deletion_request WHERE id = %s", answer["id"]) == [("operator", "waiting")]
    assert site.sql("SELECT subject_id, code, operator IS NOT NULL FROM audit_event WHERE event = 'operator_deletions_approve'"
                    " AND user_id = %s", user_id) == [(answer["id"], "thread_7", True)]
    spgctl(site, "deletions", "approve", "--user", user_id, code=1)
    spgctl(site, "deletions", "approve", "--user", 999999999, code=3)
    spgctl(site, "deletions", "approve", code=2)
    spgctl(site, "deletions", "act", answer["id"], code=1)
    run_janitor(site)
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", user_id) == [(0,)]
    revoke(site, path)
    run_janitor(site)
    assert done_steps(site, path) == STEPS

    shown = spgctl(site, "deletions", "show", answer["id"])
    assert shown["state"] == "done" and [step["step"] for step in shown["steps"]] == STEPS
    assert {"deletion_done", "operator_deletions_approve", "disconnected"} <= {event["event"] for event in shown["events"]}
    assert [row["id"] for row in spgctl(site, "deletions", "find", full_user.open_id)["items"]] == [answer["id"]]
    assert spgctl(site, "deletions", "find", "-000nobody")["items"] == []
    for lang, words in (("ru", ["АКТ ОБ УНИЧТОЖЕНИИ", "публикации с подписями: 2", "ВЫГРУЗКА ИЗ ЖУРНАЛА"]),
                        ("en", ["ACT OF DESTRUCTION", "posts with captions: 2", "EXTRACT FROM THE LOG"])):
        act = spgctl(site, "deletions", "act", answer["id"], "--lang", lang)["act"]
        for word in [*words, "deletion_done", site.config["operator_name"], str(user_id)]:
            assert word in act, word
        assert full_user.canary not in act and full_user.open_id not in act


def test_the_operator_sees_which_are_late(site, user, other_user):
    erase(site, user)
    erase(site, other_user)
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '21 days' WHERE user_id = %s", int(user.user_id))
    late = {row["user_id"]: row["late"] for row in spgctl(site, "deletions", "list", "--state", "waiting")["items"]}
    assert late[int(user.user_id)] is True and late[int(other_user.user_id)] is False
