"""Erasing a user: the request, its receipt, and that nothing is left of them anywhere."""
import html
import re
import secrets
import urllib.parse

import pytest

from spg_site import User, wait_for

RECEIPT = re.compile(r"^/deletion/([A-Za-z0-9_-]{43})$")
STEPS = ["posts_cancelled", "sessions_closed", "tokens_revoked", "posts_ended", "files_removed", "data_erased",
         "checked"]
FAR = "2026-12-24T18:00:00Z"


# ---------------------------------------------------------------- how to talk to it

def ask(site, user, confirm="erase", **headers):
    fields = {"csrf_token": user.csrf}
    if confirm is not None:
        fields["confirm"] = confirm
    return site.request("POST", "/deletion", user=user, body=urllib.parse.urlencode(fields), headers={
        "Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None, **headers})


def erase(site, user):
    """Ask for it; the receipt's path."""
    answer = ask(site, user)
    assert answer.status == 303, answer
    assert RECEIPT.match(answer.headers["Location"])
    return answer.headers["Location"]


def receipt(site, path):
    """(title, {step: what stands beside it}) of the public page."""
    answer = site.request("GET", path)
    assert answer.status == 200, answer
    rows = re.findall(r'<tr data-step="(\w+)"><td>.*?</td><td>(.*?)</td></tr>', answer.text, re.S)
    return (re.search(r"<h1>(.*?)</h1>", answer.text).group(1),
            {step: re.sub(r"<.*?>", "", html.unescape(text)) for step, text in rows})


def done_steps(site, path):
    return [step for step, text in receipt(site, path)[1].items() if not text.startswith("not yet")]


def run_janitor(site, **env):
    done = site.run("janitor", env=env)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def request_row(site, user_id):
    return site.sql("SELECT id, state, finished_at IS NOT NULL FROM deletion_request WHERE user_id = %s", user_id)


def rows_of(site, user_id):
    """How many rows of each table still belong to the user; tables found by the schema itself."""
    left = {}
    for table, in site.sql("SELECT table_name FROM information_schema.columns WHERE table_schema = 'spg'"
                           " AND column_name = 'user_id' ORDER BY 1"):
        count = site.sql(f"SELECT count(*) FROM {table} WHERE user_id = %s", user_id)[0][0]
        if count:
            left[table] = count
    if site.sql("SELECT count(*) FROM app_user WHERE id = %s", user_id)[0][0]:
        left["app_user"] = 1
    return left


def canary_tables(site, canary):
    """Tables in which the text stands, in any column."""
    return [table for table, in site.sql("SELECT table_name FROM information_schema.tables"
                                         " WHERE table_schema = 'spg' AND table_type = 'BASE TABLE' ORDER BY 1")
            if site.sql(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", f"%{canary}%")[0][0]]


def files_of(site, names):
    return [str(path.relative_to(site.dir)) for path in (site.dir / "media").rglob("*")
            if path.is_file() and path.name[:22] in names]


@pytest.fixture
def full_user(site, video_file):
    """Somebody with two accounts, videos, an upload under way, and posts in several states."""
    canary = f"canary{secrets.token_hex(6)}"
    user = site.connect(display_name=f"Name {canary}", username=f"{canary}_one")
    site.connect(user=user, username=f"{canary}_two")
    user.canary = canary
    user.video = site.ready_video(user, video_file)
    user.second_video = site.ready_video(user, video_file)
    user.scheduled = user.new_post(user.video, due_at=FAR, caption=f"{canary} later")["id"]
    user.draft = user.new_post(user.video, due_at=None, caption=f"{canary} draft")["id"]
    answer = user.request("POST", "/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1000"})
    user.request("PATCH", answer.headers["Location"], body=b"x" * 500, headers={
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    user.upload = answer.headers["Location"].rsplit("/", 1)[1]
    user.names = [row[0] for row in site.sql("SELECT file FROM video WHERE user_id = %s", int(user.user_id))]
    user.names.append(user.upload)
    return user


# ---------------------------------------------------------------- the form

def test_signed_out_people_learn_how(site):
    answer = site.request("GET", "/deletion")
    assert answer.status == 200
    assert 'href="/oauth/start?return=%2Fdeletion"' in answer.text
    assert site.config["support_email"] in answer.text
    assert "<form" not in re.search(r"<main.*</main>", answer.text, re.S).group(0)


def test_the_form_says_what_goes(site, full_user):
    answer = full_user.request("GET", "/deletion")
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    for words in ("2 connected TikTok accounts", "2 posts that have not gone out yet", "2 videos"):
        assert words in answer.text
    assert 'name="confirm"' in answer.text and 'name="csrf_token"' in answer.text


def test_without_confirmation_nothing_happens(site, user):
    for confirm in (None, "", "yes", "Erase"):
        answer = ask(site, user, confirm=confirm)
        assert answer.status == 422 and "Nothing has been deleted so far" in answer.text
    assert request_row(site, int(user.user_id)) == []
    assert user.request("GET", "/api/v1/me").status == 200


def test_only_the_user_can_ask(site, user):
    assert site.request("POST", "/deletion", body="confirm=erase",
                        headers={"Content-Type": "application/x-www-form-urlencoded"}).status in (401, 403)
    assert ask(site, user, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert ask(site, user, **{"Origin": "https://evil.example"}).status == 403
    token, user.csrf = user.csrf, "A" * 43
    assert ask(site, user).status == 403
    user.csrf = token
    assert site.request("GET", "/deletion?confirm=erase", user=user).status == 200
    assert request_row(site, int(user.user_id)) == []


@pytest.mark.parametrize("receipt_text", ["x", "A" * 43, "A" * 42, "A" * 44, "%00", "..%2f..", "é" * 43])
def test_a_receipt_that_is_none(site, receipt_text):
    answer = site.request("GET", "/deletion/" + urllib.parse.quote(receipt_text, safe="%"))
    assert answer.status in (400, 404), answer
    if answer.status == 404:
        assert "There is no such receipt" in answer.text


# ---------------------------------------------------------------- what happens at once

def test_asking_stops_everything_at_once(site, full_user):
    user_id = int(full_user.user_id)
    old = dict(full_user.cookies)
    path = erase(site, full_user)
    assert "__Host-spg" not in full_user.cookies

    stale = User(site)
    stale.cookies = old
    assert stale.request("GET", "/api/v1/me").status == 401
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", user_id) == [(0,)]
    assert site.sql("SELECT DISTINCT state FROM post WHERE user_id = %s", user_id) == [("cancelled",)]
    assert site.sql("SELECT DISTINCT state, state_reason FROM account WHERE user_id = %s", user_id) == [
        ("disconnecting", "erasure")]
    events = site.sql("SELECT e.from_state, e.code FROM post_event e JOIN post p ON p.id = e.post_id"
                      " WHERE p.user_id = %s AND e.name = 'cancelled' ORDER BY 1", user_id)
    assert events == [("draft", "erasure"), ("scheduled", "erasure")]
    assert site.sql("SELECT event FROM audit_event WHERE user_id = %s ORDER BY id DESC LIMIT 1", user_id) == [
        ("deletion_requested",)]
    title, steps = receipt(site, path)
    assert title == "Your data is being erased" and list(steps) == STEPS
    assert done_steps(site, path) == ["posts_cancelled", "sessions_closed"]


def test_the_receipt_is_stored_by_hash_and_needs_no_session(site, user):
    path = erase(site, user)
    word = RECEIPT.match(path).group(1)
    assert canary_tables(site, word) == []
    answer = site.request("GET", path)
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    assert user.open_id not in answer.text
    assert word not in (site.dir / "log/deletion.log").read_text()
    assert word not in (site.dir / "log/nginx-access.log").read_text()


def test_whoever_is_being_erased_cannot_come_back_in_between(site, user):
    erase(site, user)
    answer = site.consent(User(site), open_id=user.open_id)
    assert answer.status == 409 and "being disconnected" in answer.text


def test_asking_twice_is_told(site, user):
    erase(site, user)
    # A session that was opened in the very moment of asking.
    other = site.connect()
    site.sql("UPDATE session SET user_id = %s WHERE user_id = %s", int(user.user_id), int(other.user_id))
    answer = ask(site, other)
    assert answer.status == 409 and "You have asked for this already" in answer.text
    form = other.request("GET", "/deletion")
    assert form.status == 200 and "You have asked for this already" in form.text
    assert len(request_row(site, int(user.user_id))) == 1


# ---------------------------------------------------------------- to the end

def test_nothing_is_left_of_the_user(site, full_user):
    user_id = int(full_user.user_id)
    open_ids = [row[0] for row in site.sql("SELECT open_id FROM account WHERE user_id = %s", user_id)]
    site.sql("INSERT INTO webhook_event (dedupe_key, event, open_id) VALUES (%s, 'post.publish.complete', %s)",
             secrets.token_bytes(32), open_ids[0])
    assert canary_tables(site, full_user.canary) and files_of(site, full_user.names)
    path = erase(site, full_user)

    run_janitor(site)
    assert "tokens_revoked" not in done_steps(site, path), "the publisher has not spoken yet"
    assert files_of(site, full_user.names)

    def revoked():
        assert site.run("publisher", "--once").returncode == 0
        return "tokens_revoked" in done_steps(site, path)
    wait_for("tokens revoked", revoked)
    calls = [call["account"] for call in site.sandbox.get("calls?route=revoke")]
    assert set(open_ids) <= set(calls)
    assert site.sql("SELECT count(*) FROM account_token t JOIN account a ON a.id = t.account_id"
                    " WHERE a.user_id = %s", user_id) == [(0,)]

    # TikTok's own message that access is gone may come last of all, when nobody knows the account.
    wait_for("webhooks", lambda: site.sql("SELECT count(DISTINCT open_id) FROM webhook_event WHERE open_id = ANY (%s)"
                                          " AND event = 'authorization.removed'", open_ids) == [(2,)])
    site.sql("UPDATE webhook_event SET received_at = now() - interval '25 hours' WHERE open_id = ANY (%s)", open_ids)
    run_janitor(site)
    title, steps = receipt(site, path)
    assert title == "Your data is erased"
    assert done_steps(site, path) == STEPS
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", text) for text in steps.values())
    assert request_row(site, user_id) == [(request_row(site, user_id)[0][0], "done", True)]
    assert set(rows_of(site, user_id)) == {"audit_event", "deletion_request"}
    assert canary_tables(site, full_user.canary) == []
    for open_id in open_ids:
        assert canary_tables(site, open_id) == []
    assert files_of(site, full_user.names) == []
    for name, text in site.logs().items():
        if not name.startswith("sandbox"):
            assert full_user.canary not in text, name

    before = site.sql("SELECT * FROM deletion_step ORDER BY request_id, position")
    run_janitor(site)
    assert site.sql("SELECT * FROM deletion_step ORDER BY request_id, position") == before


def test_the_same_tiktok_account_can_start_afresh(site, user):
    path = erase(site, user)
    wait_for("tokens revoked", lambda: site.run("publisher", "--once").returncode == 0
             and "tokens_revoked" in done_steps(site, path))
    run_janitor(site)
    again = site.connect(open_id=user.open_id)
    assert again.user_id != user.user_id
    assert len(again.request("GET", "/api/v1/me").json()["accounts"]) == 1


def test_others_keep_everything(site, full_user, other_user, video_file):
    video = site.ready_video(other_user, video_file)
    post = other_user.new_post(video, due_at=FAR)["id"]
    path = erase(site, full_user)
    wait_for("tokens revoked", lambda: site.run("publisher", "--once").returncode == 0
             and "tokens_revoked" in done_steps(site, path))
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    assert other_user.post(post)["state"] == "scheduled"
    assert other_user.request("GET", f"/videos/{video}/file").status in (200, 206)
    assert other_user.request("GET", f"/api/v1/accounts/{other_user.account_id}/creator-info").status == 200
    other_user.request("DELETE", f"/api/v1/posts/{post}")


def test_a_user_without_accounts_ends_too(site, user):
    site.sql("DELETE FROM account WHERE user_id = %s", int(user.user_id))
    path = erase(site, user)
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    assert set(rows_of(site, int(user.user_id))) == {"audit_event", "deletion_request"}


def test_a_user_whose_accounts_were_disconnected_before_ends_too(site, user):
    site.sql("UPDATE account SET state = 'disconnected' WHERE user_id = %s", int(user.user_id))
    path = erase(site, user)
    run_janitor(site)
    assert done_steps(site, path) == STEPS


def test_what_slips_in_while_asking_is_stopped_later(site, full_user):
    """An account, a session and a post that were made in the same moment as the request."""
    user_id = int(full_user.user_id)
    path = erase(site, full_user)
    site.sql("UPDATE account SET state = 'connected' WHERE id = %s", full_user.account_id)
    site.sql("UPDATE post SET state = 'draft' WHERE id = %s", int(full_user.draft))
    site.sql("INSERT INTO session (id_hash, user_id, expires_at) VALUES (%s, %s, now() + interval '1 day')",
             secrets.token_bytes(32), user_id)
    run_janitor(site)
    assert site.sql("SELECT state FROM account WHERE id = %s", full_user.account_id) == [("disconnecting",)]
    assert site.sql("SELECT state FROM post WHERE id = %s", int(full_user.draft)) == [("cancelled",)]
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", user_id) == [(0,)]
    wait_for("tokens revoked", lambda: site.run("publisher", "--once").returncode == 0
             and "tokens_revoked" in done_steps(site, path))
    run_janitor(site)
    assert done_steps(site, path) == STEPS


# ---------------------------------------------------------------- what it waits for

@pytest.fixture
def asked(site, full_user):
    """A request whose tokens are gone already, with a post that is on its way."""
    user_id = int(full_user.user_id)
    path = erase(site, full_user)
    site.sql("DELETE FROM account_token WHERE account_id IN (SELECT id FROM account WHERE user_id = %s)", user_id)
    site.sql("UPDATE account SET state = 'disconnected' WHERE user_id = %s", user_id)
    return path


def put_under_way(site, post_id, state="processing"):
    site.sql("UPDATE post SET state = %s, publish_id = 'v_pub_file~under-way', next_check_at = now() + interval '1 day',"
             " next_attempt_at = coalesce(next_attempt_at, now()), due_at = coalesce(due_at, now()),"
             " consent_at = coalesce(consent_at, now()), lease_until = now() + interval '1 day' WHERE id = %s",
             state, int(post_id))


@pytest.mark.parametrize("state", ["processing", "publishing"])
def test_posts_on_their_way_are_waited_for(site, full_user, asked, state):
    put_under_way(site, full_user.scheduled, state)
    run_janitor(site)
    assert done_steps(site, asked) == STEPS[:3]
    assert files_of(site, full_user.names), "the publisher may still read the file"
    site.sql("UPDATE post SET state = 'published', next_check_at = NULL, lease_until = NULL WHERE id = %s",
             int(full_user.scheduled))
    run_janitor(site)
    assert done_steps(site, asked) == STEPS


def test_posts_on_their_way_are_not_waited_for_longer_than_a_day(site, full_user, asked):
    put_under_way(site, full_user.scheduled)
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '23 hours' WHERE user_id = %s",
             int(full_user.user_id))
    run_janitor(site)
    assert done_steps(site, asked) == STEPS[:3]
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '25 hours' WHERE user_id = %s",
             int(full_user.user_id))
    run_janitor(site)
    assert done_steps(site, asked) == STEPS
    assert "still with TikTok after a day" in site.request("GET", asked).text


def test_tokens_go_after_three_days_even_if_tiktok_was_not_told(site, user):
    path = erase(site, user)
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '71 hours' WHERE user_id = %s", int(user.user_id))
    run_janitor(site)
    assert "tokens_revoked" not in done_steps(site, path)
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '73 hours' WHERE user_id = %s", int(user.user_id))
    run_janitor(site)
    assert done_steps(site, path) == STEPS
    assert "TikTok could not be told" in html.unescape(site.request("GET", path).text)


def test_a_late_request_raises_an_alarm(site, full_user, asked):
    put_under_way(site, full_user.scheduled)
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '21 days' WHERE user_id = %s",
             int(full_user.user_id))
    assert "error janitor" in run_janitor(site) and "erasure_late" in (site.dir / "log/janitor.log").read_text()


# ---------------------------------------------------------------- killed anywhere

KILLS = ["janitor_posts_ended", "janitor_file_removed", "janitor_file_removed:2", "janitor_files_erased",
         "janitor_rows_erased", "janitor_rows_erased:3"]


@pytest.mark.parametrize("failpoint", KILLS)
def test_a_janitor_killed_anywhere_goes_on(site, full_user, asked, failpoint):
    if (site.build / "janitor").read_bytes().find(b"failpoint_kill") < 0:
        pytest.skip("this build has no failpoints")
    done = site.run("janitor", env={"SPG_FAILPOINT": failpoint})
    if failpoint != KILLS[-1]:
        assert done.returncode in (-9, 137), done.stdout[-1000:]
    run_janitor(site)
    assert done_steps(site, asked) == STEPS
    assert set(rows_of(site, int(full_user.user_id))) == {"audit_event", "deletion_request"}
    assert files_of(site, full_user.names) == []


@pytest.mark.parametrize("_", range(3))
def test_two_janitors_at_once_do_no_harm(site, full_user, asked, _):
    both = [site.start_program("janitor") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    # One of them may find a row gone that it was about to finish; the next hour's run is clean.
    assert any(process.returncode == 0 for process in both), outputs
    run_janitor(site)
    assert done_steps(site, asked) == STEPS
    assert set(rows_of(site, int(full_user.user_id))) == {"audit_event", "deletion_request"}


def test_the_deletion_program_cannot_reach_tokens_or_rows(site):
    rows = site.sql("SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                    " WHERE grantee = 'spg_deletion' AND table_name IN ('account_token', 'app_user', 'video', 'post')")
    assert rows == []
