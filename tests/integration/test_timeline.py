"""What we sent: each post's timeline names every call, and the public link that TikTok does not tell is found."""
import json

import pytest

from spg_posts import bring_forward, calls, due_now, last_call, more_accounts, quiet, run_once, run_until
from spg_site import secrets_in, wait_for


@pytest.fixture(scope="module")
def owner(site, video_file, large_video_file):
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    owner.large = site.ready_video(owner, large_video_file)
    return owner


@pytest.fixture
def creator(site, owner):
    """An account whose videos may be listed; TikTok tells no ids of its posts."""
    quiet(site)
    site.sandbox.delete("faults")
    creator = more_accounts(site, owner, 1)[0]
    site.sandbox.patch("settings", never_public_id=True, moderation_seconds=0.1)
    allow_list(site, creator)
    yield creator
    site.sandbox.delete("faults")
    site.sandbox.patch("settings", never_public_id=False, moderation_seconds=2.0)


def allow_list(site, creator, scopes=("user.info.basic", "video.publish", "video.upload", "video.list")):
    """As if the site had asked for this scope and the creator had given it."""
    site.sandbox.patch(f"accounts/{creator.open_id}", scopes=list(scopes))
    site.sql("UPDATE account SET scopes = %s WHERE id = %s", list(scopes), creator.account_id)


def timeline(creator, post_id):
    answer = creator.request("GET", f"/api/v1/posts/{post_id}/timeline")
    assert answer.status == 200
    return answer.json()["items"]


def minutes_later(site, *posts, minutes=3):
    """TikTok has not told the id for some minutes."""
    site.sql("UPDATE post SET sent_at = sent_at - make_interval(mins => %s) WHERE id = ANY (%s::bigint[])", minutes,
             list(posts))
    bring_forward(site, *posts)
    run_once(site)


def published(site, creator, *captions):
    posts = [due_now(creator, creator.video, caption=caption) for caption in captions]
    for post_id in posts:
        run_until(site, creator, post_id, "published")
    wait_for("shown by TikTok", lambda: len(site.sandbox.account(creator.open_id)["public_videos"]) == len(posts))
    return posts


# ---------------------------------------------------------------- every call


def test_the_timeline_is_what_tiktok_was_asked(site, creator):
    """Row by row the sandbox's own log: refresh, creator_info, init, each PUT, status, video list."""
    site.sandbox.post(f"accounts/{creator.open_id}/expire", token="access")
    site.sql("UPDATE account_token SET access_expires_at = now() - interval '1 minute' WHERE account_id = %s",
             creator.account_id)
    site.sandbox.fault("upload", account=creator.open_id, chunk=2, action="answer", status=503, body="busy")
    before = last_call(site)
    post_id = due_now(creator, creator.large, caption="watched")
    run_until(site, creator, post_id, "published")
    wait_for("shown by TikTok", lambda: site.sandbox.account(creator.open_id)["public_videos"])
    minutes_later(site, post_id)
    assert creator.post(post_id)["public_url"]

    rows = [row for row in timeline(creator, post_id) if row["kind"] == "call"]
    asked = calls(site, None, creator, before)
    names = {"refresh": "refresh", "creator_info": "creator_info", "video_init": "init", "status": "status",
             "video_list": "video_list"}
    wanted = [("put_last" if call["range"][1] == call["range"][2] - 1 else "put") if call["route"] == "upload"
              else names[call["route"]] for call in asked]
    assert [row["name"] for row in rows] == wanted
    assert {"refresh", "creator_info", "init", "put", "put_last", "status", "video_list"} <= set(wanted)
    for row, call in zip(rows, asked):
        assert row["http_status"] == call["status"], (row, call)
        assert row["log_id"] == call["log_id"], (row, call)
        assert row["at"]
        if call["route"] == "upload":
            length = call["range"][1] - call["range"][0] + 1
            assert row["bytes"] == length if call["status"] < 300 else row["bytes"] <= length, (row, call)
        if call["route"] in ("creator_info", "video_init", "video_list"):
            assert row["code"] in ("ok", None)
        if call["route"] == "status":
            assert row["code"] in ("PROCESSING_UPLOAD", "PUBLISH_COMPLETE")
    text = json.dumps(timeline(creator, post_id))
    assert secrets_in(text, site) == []
    assert "upload_token" not in text and "Bearer" not in text


def test_the_timeline_tells_refusals_and_lost_answers(site, creator):
    site.sandbox.fault("video_init", account=creator.open_id, action="answer", status=403,
                       code="spam_risk_too_many_posts")
    post_id = due_now(creator, creator.video)
    run_once(site)
    site.sql("UPDATE quota SET blocked_until = '-infinity'")
    site.sandbox.fault("video_init", account=creator.open_id, action="reset")
    bring_forward(site, post_id)
    run_once(site)
    rows = [row for row in timeline(creator, post_id) if row["name"] == "init"]
    assert [(row["http_status"], row["code"]) for row in rows] \
        == [(403, "spam_risk_too_many_posts"), (None, None)]
    assert rows[0]["log_id"] == calls(site, "video_init", creator)[0]["log_id"]
    assert rows[1]["message"]
    assert run_until(site, creator, post_id, "published")


# ---------------------------------------------------------------- the public link


def test_a_link_that_tiktok_does_not_tell_is_found(site, creator):
    (post_id,) = published(site, creator, "Found by its caption 🎬 #tag")
    bring_forward(site, post_id)
    run_once(site)
    assert creator.post(post_id)["public_ids"] == [] and calls(site, "video_list", creator) == []
    minutes_later(site, post_id)
    post = creator.post(post_id)
    ((video,),) = [site.sandbox.account(creator.open_id)["public_videos"]]
    assert post["public_ids"] == [str(video["id"])] and int(post["public_ids"][0]) > 2**53
    username = site.sandbox.account(creator.open_id)["username"]
    assert post["public_url"] == f"https://www.tiktok.com/@{username}/video/{video['id']}"
    # and it is not asked again
    before = last_call(site)
    bring_forward(site, post_id)
    run_once(site)
    assert calls(site, None, creator, before) == []


def test_two_posts_with_the_same_caption_get_no_link(site, creator):
    posts = published(site, creator, "Twice the same", "Twice the same", "But this one is not")
    minutes_later(site, *posts)
    assert [creator.post(post_id)["public_ids"] for post_id in posts[:2]] == [[], []]
    assert len(creator.post(posts[2])["public_ids"]) == 1


def test_without_the_scope_nothing_is_asked(site, creator):
    allow_list(site, creator, ("user.info.basic", "video.publish", "video.upload"))
    (post_id,) = published(site, creator, "No list")
    minutes_later(site, post_id)
    assert creator.post(post_id)["public_ids"] == [] and calls(site, "video_list", creator) == []
    assert creator.post(post_id)["state"] == "published"


@pytest.mark.parametrize("rule", [{"action": "answer", "status": 500, "code": "internal_error"}, {"action": "empty"},
                                  {"action": "answer", "status": 401, "code": "scope_not_authorized"},
                                  {"action": "malformed", "when": "after"}],
                         ids=lambda rule: rule.get("code", rule["action"]))
def test_a_list_that_cannot_be_had_is_asked_for_later(site, creator, rule):
    (post_id,) = published(site, creator, "Later")
    site.sandbox.fault("video_list", account=creator.open_id, **rule)
    minutes_later(site, post_id)
    post = creator.post(post_id)
    assert post["state"] == "published" and post["public_ids"] == [] and post["reason"] is None
    assert site.sql("SELECT state FROM account WHERE id = %s", creator.account_id) == [("connected",)]
    site.sandbox.delete("faults")
    minutes_later(site, post_id, minutes=0)
    assert len(creator.post(post_id)["public_ids"]) == 1


def test_a_private_post_has_no_link_to_look_for(site, creator):
    post_id = due_now(creator, creator.video, caption="Mine", privacy_level="SELF_ONLY")
    run_until(site, creator, post_id, "published")
    minutes_later(site, post_id)
    assert calls(site, "video_list", creator) == [] and creator.post(post_id)["public_url"] is None
