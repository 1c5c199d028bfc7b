"""TikTok's limits per minute and token, as they are: work waits for the next allowed moment (B107)."""
import time

import pytest

import spg_site
from spg_site import rfc3339, wait_for


@pytest.fixture(scope="module")
def limited_site():
    with spg_site.running_site() as site:
        yield site


def test_the_seventh_init_within_a_minute_waits(limited_site, video_file):
    site = limited_site
    user = site.connect()
    video_id = site.ready_video(user, video_file)
    posts = [user.new_post(video_id, due_at=rfc3339(time.time()), caption=str(n))["id"] for n in range(8)]

    def all_tried():
        site.run("publisher", "--once")
        states = [user.post(post_id) for post_id in posts]
        return states if all(p["state"] != "scheduled" or p["reason"] for p in states) else None
    states = wait_for("every post tried", all_tried)
    waiting = [post for post in states if post["state"] == "scheduled"]
    assert len(waiting) == 2
    for post in waiting:
        assert post["reason"]["code"] == "rate_limit" and post["remedy"]["code"] == "automatic"
        assert post["next_attempt_at"] > post["due_at"]
    calls = site.sandbox.get(f"calls?account={user.open_id.replace('-', '%2D')}")
    assert [call for call in calls if call["status"] == 429] == []

    site.sql("UPDATE quota SET times = ARRAY(SELECT t - interval '2 minutes' FROM unnest(times) AS t)")
    site.sql("UPDATE post SET next_attempt_at = now(), next_check_at = least(next_check_at, now())"
             " WHERE state = 'scheduled'")
    site.sandbox.post("clock", advance=120)

    def all_published():
        site.sql("UPDATE post SET next_check_at = least(next_check_at, now()) WHERE state = 'processing'")
        site.run("publisher", "--once")
        return all(user.post(post_id)["state"] == "published" for post_id in posts)
    wait_for("every post published", all_published, 60)
    assert len(site.sandbox.account(user.open_id)["videos"]) == 8


def test_creator_info_says_when_it_is_asked_too_often(limited_site):
    user = limited_site.connect()
    answers = [user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info") for _ in range(21)]
    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["code"] == "rate_limit_exceeded"
