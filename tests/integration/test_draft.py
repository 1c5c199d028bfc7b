"""Draft mode: into the creator's inbox, and what becomes of it there."""
import hashlib
import html
import pathlib
import time

import pytest

from spg_site import rfc3339, wait_for

FINISH = "Finish it in TikTok: open the inbox notification in the TikTok app and post it from there."
EVENTS = ["post.publish.inbox_delivered", "post.publish.complete", "post.publish.publicly_available"]


@pytest.fixture
def creator(user, video):
    """Somebody with a ready video and, so far, no draft that counts towards the limit."""
    user.video = video
    return user


@pytest.fixture
def settings(site):
    """Changes settings of the sandbox, for one test."""
    before = site.sandbox.get("state")["settings"]
    changed = {}

    def change(**fields):
        changed.update({name: before[name] for name in fields})
        site.sandbox.patch("settings", **fields)
    yield change
    site.sandbox.patch("settings", **changed)


def new_draft(user, **members):
    return user.new_post(user.video, **{"mode": "draft", "privacy_level": None, "due_at": rfc3339(time.time()),
                                        **members})["id"]


def run_until(site, user, post_id, check, timeout=60, asking=True):
    """Run publishers until check(post); asking brings the times forward at which TikTok is asked again."""
    def done():
        if asking:
            # a time that is not set stays so: least() alone would set it
            site.sql("UPDATE post SET next_attempt_at = least(next_attempt_at, now()), next_check_at ="
                     " CASE WHEN next_check_at > now() THEN now() ELSE next_check_at END WHERE id = %s", post_id)
        run = site.run("publisher", "--once")
        assert run.returncode == 0, run.stdout[-2000:]
        post = user.post(post_id)
        return post if check(post) else None
    return wait_for(f"post {post_id} as wanted", done, timeout)


def in_state(state):
    return lambda post: post["state"] == state


def delivered(site, user, **members):
    """A draft in the creator's inbox."""
    return run_until(site, user, new_draft(user, **members), in_state("delivered"))


def creator_posts(site, post, **members):
    """What the creator does in the TikTok app."""
    site.sandbox.post(f"publishes/{post['publish_id']}", action="post_draft", **members)


def page_of(user, post_id):
    """The text of the post's page."""
    return html.unescape(user.request("GET", f"/posts/{post_id}").text)


def ids_at_tiktok(site, post):
    return [str(one["id"]) for one in site.sandbox.publish(post["publish_id"])["posts"]]


def never_ask_by_itself(site, post):
    site.sql("UPDATE post SET next_check_at = now() + interval '10 days' WHERE id = %s", post["id"])


def calls_about(site, user):
    return {call["route"] for call in site.sandbox.get("calls") if call["account"] == user.open_id}


# ---------------------------------------------------------------- into the inbox

def test_a_draft_reaches_the_inbox_with_nothing_but_the_video(site, creator, video_file):
    """TikTok drops what else is sent with a draft (reference 3.3), so nothing is."""
    post = delivered(site, creator, caption="for my notes")
    sent = site.sandbox.publish(post["publish_id"])
    assert (sent["kind"], sent["status"], sent["post_info"]) == ("draft", "SEND_TO_USER_INBOX", {})
    assert sent["sha256"] == hashlib.sha256(pathlib.Path(video_file).read_bytes()).hexdigest()
    assert post["reason"]["code"] == "draft_waits" and post["public_ids"] == [] and post["finished_at"]
    rows = creator.request("GET", f"/api/v1/posts/{post['id']}/timeline").json()["items"]
    assert [row["name"] for row in rows if row["kind"] == "call"][:2] == ["inbox_init", "put_last"]
    assert [row["name"] for row in rows if row["kind"] == "state"][-1] == "delivered"


def test_the_page_and_the_api_say_that_it_must_be_finished_in_tiktok(site, creator):
    post = delivered(site, creator)
    assert post["remedy"] == {"code": "finish_in_tiktok", "message": FINISH}
    page = page_of(creator, post["id"])
    assert "In the inbox" in page and FINISH in page
    listed = creator.request("GET", "/api/v1/posts?state=delivered").json()["items"]
    assert post["id"] in [one["id"] for one in listed]


def test_a_draft_needs_the_upload_permission_alone(site, video_file):
    user = site.connect(scopes=["user.info.basic", "video.upload"])
    user.video = site.ready_video(user, video_file)
    answer = user.request("POST", "/api/v1/posts", body={
        "account_id": user.account_id, "video_id": user.video, "mode": "direct", "due_at": rfc3339(time.time()),
        "time_zone": "UTC", "caption": "", "privacy_level": "SELF_ONLY", "consent": True})
    assert answer.status == 409 and answer.json()["errors"][0]["code"] == "scope_missing", answer
    assert delivered(site, user)["state"] == "delivered"
    assert "creator_info" not in calls_about(site, user)


def test_a_direct_post_is_not_sent_as_a_draft_when_its_permission_is_gone(site, video_file):
    """Nothing leaves under another mode than the one that was chosen."""
    user = site.connect()
    user.video = site.ready_video(user, video_file)
    post_id = user.new_post(user.video, due_at=rfc3339(time.time() + 300))["id"]
    site.connect(open_id=user.open_id, user=user, scopes=["user.info.basic", "video.upload"])
    post = run_until(site, user, post_id, in_state("held"))
    assert (post["reason"]["code"], post["remedy"]["code"]) == ("scope_not_authorized", "reconnect")
    assert site.sandbox.account(user.open_id)["inits"] == 0


def test_too_many_pending_drafts_put_it_off_until_they_are_gone(site, video_file):
    user = site.connect(other_drafts=100_000)
    user.video = site.ready_video(user, video_file)
    post_id = new_draft(user)
    post = run_until(site, user, post_id, lambda post: post["reason"], asking=False)
    assert post["state"] == "scheduled"
    assert post["reason"]["code"] == "spam_risk_too_many_pending_share"
    assert post["remedy"]["code"] == "finish_drafts" and post["remedy"]["message"]
    assert post["next_attempt_at"] > post["due_at"]
    assert post["reason"]["message"] in page_of(user, post_id)
    # it waits: no publisher asks TikTok again before that time
    site.run("publisher", "--once")
    inits = [call for call in site.sandbox.get("calls?route=inbox_init") if call["account"] == user.open_id]
    assert [call["status"] for call in inits] == [403]

    site.sandbox.patch(f"accounts/{user.open_id}", other_drafts=0)
    # what an hour of waiting would do: the refusal has taught the ledger as well
    site.sql("UPDATE quota SET blocked_until = now() WHERE account_id = %s", user.account_id)
    post = run_until(site, user, post_id, in_state("delivered"))
    assert post["reason"]["code"] == "draft_waits"
    assert site.sandbox.account(user.open_id)["inits"] == 1


# ---------------------------------------------------------------- out of the inbox

def test_a_webhook_alone_tells_that_it_was_posted(site, creator):
    """Nobody asks before its time; TikTok's message brings the question forward."""
    post = delivered(site, creator)
    never_ask_by_itself(site, post)
    creator_posts(site, post, privacy_level="SELF_ONLY", title="Mine")
    post = run_until(site, creator, post["id"], in_state("published"), asking=False)
    assert post["reason"] is None and post["remedy"] is None
    assert post["public_ids"] == []


def test_the_status_alone_tells_that_it_was_posted(site, creator, settings):
    settings(webhook_skip_events=EVENTS)
    post = delivered(site, creator)
    creator_posts(site, post, privacy_level="SELF_ONLY", title="Mine")
    assert run_until(site, creator, post["id"], in_state("published"))["public_ids"] == []


def test_a_webhook_is_enough_where_the_status_has_no_answer(site, creator):
    post = delivered(site, creator)
    fault = site.sandbox.fault("status", publish_id=post["publish_id"], times=-1, status=400,
                               code="invalid_publish_id")
    try:
        creator_posts(site, post, privacy_level="SELF_ONLY")
        run_until(site, creator, post["id"], in_state("published"), timeout=8)
    finally:
        site.sandbox.delete(f"faults/{fault['id']}")


def test_posted_several_times_it_has_several_ids(site, creator, settings):
    settings(webhook_skip_events=EVENTS, moderation_seconds=0)
    post = delivered(site, creator)
    for title in ("one", "two", "three"):
        creator_posts(site, post, title=title)
    wait_for("public at TikTok", lambda: all(
        one["announced"] for one in site.sandbox.publish(post["publish_id"])["posts"]))
    post = run_until(site, creator, post["id"], in_state("published"))
    assert post["public_ids"] == ids_at_tiktok(site, post) and len(post["public_ids"]) == 3


def test_posted_once_more_later_its_new_id_comes_by_webhook(site, creator, settings):
    settings(moderation_seconds=0)
    post = delivered(site, creator)
    creator_posts(site, post, title="one")
    run_until(site, creator, post["id"], lambda post: len(post["public_ids"]) == 1)
    creator_posts(site, post, title="two")
    post = run_until(site, creator, post["id"], lambda post: len(post["public_ids"]) == 2, asking=False)
    assert sorted(post["public_ids"]) == sorted(ids_at_tiktok(site, post))


def test_the_status_alone_tells_the_id_that_comes_after_moderation(site, creator, settings):
    settings(webhook_skip_events=EVENTS, moderation_seconds=3600)
    post = delivered(site, creator)
    creator_posts(site, post)
    run_until(site, creator, post["id"], in_state("published"))
    site.sandbox.post(f"publishes/{post['publish_id']}", action="make_public")
    post = run_until(site, creator, post["id"], lambda post: post["public_ids"], timeout=8)
    assert post["public_ids"] == ids_at_tiktok(site, post)


def test_a_draft_that_nobody_finishes_stays_delivered(site, creator):
    """Its end is the creator's to choose: after 72 hours there is no doubt to tell, and no more asking."""
    post = delivered(site, creator)
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post["id"])
    post = run_until(site, creator, post["id"], lambda post: site.sql(
        "SELECT next_check_at FROM post WHERE id = %s", post["id"]) == [(None,)])
    assert post["state"] == "delivered" and post["reason"]["code"] == "draft_waits"
    # a week later it is posted after all
    creator_posts(site, post, privacy_level="SELF_ONLY")
    assert run_until(site, creator, post["id"], in_state("published"), asking=False)


def test_a_draft_that_tiktok_fails_before_the_inbox_says_why(site, creator, settings):
    size = site.sql("SELECT size FROM video WHERE id = %s", creator.video)[0][0]
    settings(fail_by_size={str(size): "file_format_check_failed"})
    post = run_until(site, creator, new_draft(creator), in_state("held"))
    assert (post["reason"]["code"], post["remedy"]["code"]) == ("file_format_check_failed", "replace_video")
