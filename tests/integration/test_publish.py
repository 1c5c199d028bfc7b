"""The publisher against the sandbox: what goes right and what TikTok refuses. What breaks: test_exactly_once.py."""
import hashlib
import json
import pathlib
import time

import pytest

from spg_site import rfc3339, wait_for

DONE = ("published", "delivered", "failed", "held", "cancelled")


def expire_leases(site):
    """What waiting for a dead publisher's lease would do; tests move stored times, not the clock."""
    site.sql("UPDATE post SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")


def run_until_done(site, user, post_id, timeout=60, states=DONE):
    """Run publishers, bringing waiting times forward, until the post rests."""
    def settled():
        expire_leases(site)
        site.sql("UPDATE post SET next_attempt_at = least(next_attempt_at, now()),"
                 " next_check_at = least(next_check_at, now()) WHERE id = %s", post_id)
        done = site.run("publisher", "--once")
        assert done.returncode == 0, done.stdout[-2000:]
        post = user.post(post_id)
        return post if post["state"] in states else None
    return wait_for(f"post {post_id} in {states}", settled, timeout)


def public_videos(site, user):
    return site.sandbox.account(user.open_id)["videos"]


def due_now(user, video_id, **members):
    members.setdefault("due_at", rfc3339(time.time()))
    return user.new_post(video_id, **members)["id"]


@pytest.fixture(scope="module")
def creator(site, video_file, large_video_file):
    """One user for the whole module, with a video of one chunk and one of six."""
    user = site.connect()
    user.videos = {"small": site.ready_video(user, video_file), "large": site.ready_video(user, large_video_file)}
    user.files = {"small": video_file, "large": large_video_file}
    return user


# ---------------------------------------------------------------- the main job

@pytest.mark.parametrize("size", ["small", "large"])
def test_a_post_goes_out_as_it_was_written(site, creator, size):
    post_id = due_now(creator, creator.videos[size], caption="Grüße 🎬 #tag", allow_duet=True, your_brand=True,
                      is_aigc=True, cover_ms=400, privacy_level="PUBLIC_TO_EVERYONE")
    post = run_until_done(site, creator, post_id)
    assert post["state"] == "published", post
    sent = site.sandbox.publish(post["publish_id"])
    assert sent["sha256"] == hashlib.sha256(pathlib.Path(creator.files[size]).read_bytes()).hexdigest()
    assert sent["post_info"] == {
        "privacy_level": "PUBLIC_TO_EVERYONE", "title": "Grüße 🎬 #tag", "disable_comment": False,
        "disable_duet": False, "disable_stitch": True, "video_cover_timestamp_ms": 400,
        "brand_content_toggle": False, "brand_organic_toggle": True, "is_aigc": True}
    assert post["attempts"] == 1
    assert post["reason"] is None and post["remedy"] is None


def test_the_public_link_has_the_exact_id(site, creator):
    post_id = due_now(creator, creator.videos["small"])
    run_until_done(site, creator, post_id)
    site.sandbox.post("clock", advance=10)

    def link():
        run_until_done(site, creator, post_id)
        return creator.post(post_id)["public_url"]
    url = wait_for("public link", link)
    post = creator.post(post_id)
    posted = site.sandbox.publish(post["publish_id"])["posts"]
    assert post["public_ids"] == [str(posted[0]["id"] if isinstance(posted[0], dict) else posted[0])]
    assert int(post["public_ids"][0]) > 2**53
    assert url.endswith("/video/" + post["public_ids"][0])


def test_the_timeline_tells_every_call(site, creator):
    post_id = due_now(creator, creator.videos["large"])
    run_until_done(site, creator, post_id)
    rows = creator.request("GET", f"/api/v1/posts/{post_id}/timeline").json()["items"]
    calls = [row["name"] for row in rows if row["kind"] == "call"]
    assert calls[:2] == ["creator_info", "init"]
    assert calls[2:8] == ["put"] * 5 + ["put_last"]
    assert set(calls[8:]) == {"status"}
    assert [row["name"] for row in rows if row["kind"] == "state"][-3:] == ["publishing", "processing", "published"]
    assert all(row["http_status"] for row in rows if row["kind"] == "call")
    assert sum(row["bytes"] for row in rows if row["name"].startswith("put")) == 64_000_001


def test_the_init_comes_in_the_due_second(site, creator):
    due = time.time() + 4
    post_id = creator.new_post(creator.videos["small"], due_at=rfc3339(due))["id"]
    publisher = site.start_program("publisher")
    try:
        wait_for("published", lambda: creator.post(post_id)["state"] == "published", 40)
    finally:
        publisher.terminate()
        assert publisher.wait(30) == 0
        publisher.stdout.close()
    publish_id = creator.post(post_id)["publish_id"]
    call = next(c for c in site.sandbox.get("calls?route=video_init") if c["publish_id"] == publish_id)
    assert 0 <= call["time"] - due < 1.0, f"{call['time'] - due:.3f} s after the due second"


def test_a_draft_is_delivered_and_then_posted_by_its_creator(site, creator):
    post_id = due_now(creator, creator.videos["small"], mode="draft", privacy_level=None)
    post = run_until_done(site, creator, post_id)
    assert post["state"] == "delivered", post
    assert site.sandbox.publish(post["publish_id"])["status"] == "SEND_TO_USER_INBOX"
    site.sandbox.post(f"publishes/{post['publish_id']}", action="post_draft", privacy_level="SELF_ONLY", title="Mine")
    assert run_until_done(site, creator, post_id, states=("published",))["state"] == "published"


def test_a_cancelled_post_never_leaves(site, creator):
    before = len(public_videos(site, creator))
    post_id = due_now(creator, creator.videos["small"], due_at=rfc3339(time.time() + 300))
    assert creator.request("DELETE", f"/api/v1/posts/{post_id}").status == 200
    site.sql("UPDATE post SET next_attempt_at = now() WHERE id = %s", post_id)
    site.run("publisher", "--once")
    assert creator.post(post_id)["state"] == "cancelled"
    assert len(public_videos(site, creator)) == before


# ---------------------------------------------------------------- refusals

@pytest.mark.parametrize("reason,state,remedy", [
    ("file_format_check_failed", "held", "replace_video"), ("duration_check_failed", "held", "replace_video"),
    ("frame_rate_check_failed", "held", "replace_video"), ("picture_size_check_failed", "held", "replace_video"),
    ("spam_risk_text", "held", "edit"), ("spam_risk", "failed", "none"),
    ("spam_risk_user_banned_from_posting", "failed", "appeal"), ("something_new", "held", "check_tiktok"),
])
def test_a_failed_post_says_why_and_what_helps(site, creator, reason, state, remedy):
    post_id = due_now(creator, creator.videos["small"], caption=f"see #fail:{reason}")
    post = run_until_done(site, creator, post_id)
    assert (post["state"], post["reason"]["code"], post["remedy"]["code"]) == (state, reason, remedy)
    assert post["reason"]["message"] and post["remedy"]["message"]


def test_a_withdrawn_audience_holds_the_post(site, video_file):
    user = site.connect()
    post_id = due_now(user, site.ready_video(user, video_file))
    site.sandbox.patch(f"accounts/{user.open_id}", private=True)
    post = run_until_done(site, user, post_id)
    assert (post["state"], post["reason"]["code"]) == ("held", "privacy_level_option_mismatch")
    assert public_videos(site, user) == []


def test_a_video_too_long_for_the_account_is_held(site, video_file):
    user = site.connect(max_video_post_duration_sec=1)
    post = run_until_done(site, user, due_now(user, site.ready_video(user, video_file)))
    assert (post["state"], post["reason"]["code"]) == ("held", "duration_check_failed")


def test_the_daily_limit_defers_and_says_when(site, creator):
    site.sandbox.fault("creator_info", account=creator.open_id, action="answer", status=200,
                       code="spam_risk_too_many_posts")
    try:
        post_id = due_now(creator, creator.videos["small"])
        site.run("publisher", "--once")
    finally:
        site.sandbox.delete("faults")
    post = creator.post(post_id)
    assert (post["state"], post["reason"]["code"]) == ("scheduled", "spam_risk_too_many_posts")
    assert post["next_attempt_at"] > post["due_at"]
    assert run_until_done(site, creator, post_id)["state"] == "published"


def test_a_missed_post_is_held_for_its_user(site, creator):
    post_id = due_now(creator, creator.videos["small"])
    site.sql("UPDATE post SET due_at = now() - interval '5 hours', next_attempt_at = now() - interval '5 hours'"
             " WHERE id = %s", post_id)
    site.run("publisher", "--once")
    post = creator.post(post_id)
    assert (post["state"], post["reason"]["code"]) == ("held", "missed")


def test_no_word_for_72_hours_is_told_as_unknown_and_settles_later(site, creator):
    post_id = due_now(creator, creator.videos["small"], caption="wait #slow:100000")
    site.run("publisher", "--once")
    assert creator.post(post_id)["state"] == "processing"
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post_id)
    post = run_until_done(site, creator, post_id)
    assert (post["state"], post["reason"]["code"]) == ("held", "outcome_unknown")
    before = len(public_videos(site, creator))
    site.sandbox.post(f"publishes/{post['publish_id']}", action="complete")
    assert run_until_done(site, creator, post_id, states=("published",))["state"] == "published"
    assert len(public_videos(site, creator)) == before + 1


def test_a_late_word_about_a_given_up_upload_is_told(site, creator):
    post_id = due_now(creator, creator.videos["small"], caption="wait #slow:100000")
    site.run("publisher", "--once")
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post_id)
    first = run_until_done(site, creator, post_id)
    assert first["reason"]["code"] == "outcome_unknown"
    answer = creator.request("PATCH", f"/api/v1/posts/{post_id}", body={
        "due_at": rfc3339(time.time()), "caption": "again", "consent": True, "post_again": True})
    assert answer.status == 200, answer
    assert run_until_done(site, creator, post_id)["state"] == "published"
    site.sandbox.post(f"publishes/{first['publish_id']}", action="complete")

    def told():
        site.run("publisher", "--once")
        rows = creator.request("GET", f"/api/v1/posts/{post_id}/timeline").json()["items"]
        return any(row["name"] == "earlier_upload" for row in rows)
    wait_for("a note in the timeline", told)


# ---------------------------------------------------------------- tokens

def refreshes(site, user):
    return [call for call in site.sandbox.get("calls?route=refresh") if call["account"] == user.open_id]


def test_an_expired_token_is_refreshed_and_the_post_goes_out(site, creator):
    site.sandbox.post(f"accounts/{creator.open_id}/expire", token="access")
    before = len(refreshes(site, creator))
    assert run_until_done(site, creator, due_now(creator, creator.videos["small"]))["state"] == "published"
    assert len(refreshes(site, creator)) == before + 1


def test_a_token_that_dies_while_following_does_not_post_twice(site, creator):
    post_id = due_now(creator, creator.videos["small"], caption="wait #slow:100000")
    site.run("publisher", "--once")
    site.sandbox.post(f"accounts/{creator.open_id}/expire", token="access")
    before = len(public_videos(site, creator))
    publish_id = creator.post(post_id)["publish_id"]
    site.sandbox.post(f"publishes/{publish_id}", action="complete")
    post = run_until_done(site, creator, post_id)
    assert (post["state"], post["publish_id"]) == ("published", publish_id)
    assert len(public_videos(site, creator)) == before + 1


def test_a_lost_refresh_answer_costs_one_reconnect_and_no_post(site, video_file):
    user = site.connect()
    video_id = site.ready_video(user, video_file)
    site.sandbox.post(f"accounts/{user.open_id}/expire", token="access")
    site.sandbox.fault("refresh", account=user.open_id, when="after", action="reset")
    post_id = due_now(user, video_id)
    try:
        site.run("publisher", "--once")
    finally:
        site.sandbox.delete("faults")
    site.sql("UPDATE account_token SET refresh_after = '-infinity' WHERE account_id = %s", user.account_id)
    post = run_until_done(site, user, post_id)
    assert (post["state"], post["remedy"]["code"]) == ("held", "reconnect")
    assert len(refreshes(site, user)) == 2
    site.connect(open_id=user.open_id, user=user)
    assert run_until_done(site, user, post_id, states=("published",))["state"] == "published"
    assert len(public_videos(site, user)) == 1


def test_a_removed_authorization_holds_the_queue_until_the_reconnect(site, video_file):
    user = site.connect()
    post_id = due_now(user, site.ready_video(user, video_file), due_at=rfc3339(time.time() + 3600))
    site.sandbox.post(f"accounts/{user.open_id}/disconnect", reason=1)

    def held():
        site.run("publisher", "--once")
        return user.post(post_id)["state"] == "held"
    wait_for("held by the webhook", held)
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(0,)]
    site.connect(open_id=user.open_id, user=user)
    assert user.post(post_id)["state"] == "scheduled"


def test_an_old_removal_does_not_undo_a_later_connection(site):
    user = site.connect()
    answer = site.sandbox.post("webhooks", event="authorization.removed", open_id=user.open_id,
                               content={"reason": 1}, create_time=int(time.time()) - 7200)
    assert answer["statuses"] == [200], answer

    def taken():
        site.run("publisher", "--once")
        return site.sql("SELECT count(*) FROM webhook_event WHERE open_id = %s AND handled_at IS NOT NULL",
                        user.open_id) == [(1,)]
    wait_for("taken", taken)
    assert site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("connected",)]


def test_a_disconnected_account_is_revoked_and_wiped(site, video_file):
    user = site.connect()
    assert user.request("DELETE", f"/api/v1/accounts/{user.account_id}").status in (200, 202, 204)

    def wiped():
        site.run("publisher", "--once")
        return site.sql("SELECT state FROM account WHERE id = %s", user.account_id) == [("disconnected",)]
    wait_for("disconnected", wiped)
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", user.account_id) == [(0,)]
    calls = site.sandbox.get("calls?route=revoke")
    assert [call["status"] for call in calls if call["account"] == user.open_id] == [200]
    # its creator can come back, as the same user
    again = site.connect(open_id=user.open_id)
    assert again.user_id == user.user_id


def test_sealed_tokens_do_not_open_in_another_row(site, video_file):
    user, other = site.connect(), site.connect()
    video_id = site.ready_video(user, video_file)
    site.sql("UPDATE account_token SET access_sealed = (SELECT access_sealed FROM account_token WHERE account_id = %s)"
             " WHERE account_id = %s", other.account_id, user.account_id)
    post = run_until_done(site, user, due_now(user, video_id))
    assert (post["state"], post["reason"]["code"]) == ("held", "token_unreadable")
    assert public_videos(site, user) == public_videos(site, other) == []


def test_no_program_but_two_can_select_a_sealed_token(site):
    rows = site.sql("SELECT DISTINCT grantee FROM information_schema.column_privileges"
                    " WHERE table_name = 'account_token' AND column_name LIKE '%%sealed'"
                    " AND privilege_type = 'SELECT' AND grantee LIKE 'spg%%' AND grantee <> 'spg_owner'")
    assert {row[0] for row in rows} == {"spg_publisher", "spg_creator"}


def test_creator_info_refreshes_once_for_many_callers(site):
    user = site.connect()
    site.sandbox.post(f"accounts/{user.open_id}/expire", token="access")
    answers = [user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info") for _ in range(3)]
    assert answers[0].status == 200, answers[0]
    assert "PUBLIC_TO_EVERYONE" in answers[0].json()["privacy_level_options"]
    assert {answer.status for answer in answers} == {200}
    assert len(refreshes(site, user)) == 1


def test_creator_info_brings_the_picture_from_our_own_origin(site):
    user = site.connect()
    info = user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info").json()
    assert info["creator_avatar"].startswith("data:image/png;base64,iVBORw0KGgo")


def test_creator_info_carries_tiktoks_code(site):
    user = site.connect()
    site.sandbox.fault("creator_info", account=user.open_id, action="answer", status=200,
                       code="spam_risk_user_banned_from_posting")
    try:
        answer = user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info")
    finally:
        site.sandbox.delete("faults")
    assert answer.status == 409 and answer.json()["code"] == "spam_risk_user_banned_from_posting"
    assert json.loads(answer.body)["detail"]


def test_a_publisher_without_its_key_changes_nothing(site, creator):
    post_id = due_now(creator, creator.videos["small"])
    key = pathlib.Path(site.config["token_secret_key_file"])
    good = key.read_bytes()
    try:
        key.write_bytes(b"spg-token-secret-1:" + b"00" * 32 + b"\n")
        done = site.run("publisher", "--once")
        assert done.returncode == 1
    finally:
        key.write_bytes(good)
    assert creator.post(post_id)["state"] == "scheduled"
    assert run_until_done(site, creator, post_id)["state"] == "published"
