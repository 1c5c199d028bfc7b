"""TikTok's limits as they are: work waits for its moment, all publishers count together, users are told."""
import time

import pytest

import spg_site
from spg_posts import (bring_forward, calls, due_now, last_call, more_accounts, publishers, quiet, reason, run_once,
                       run_until, unix)
from spg_site import rfc3339, wait_for

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture(scope="module")
def site():
    """One with TikTok's limits, here and at the sandbox."""
    with spg_site.running_site() as running:
        running.sandbox.patch("settings", processing_seconds=0.3)
        yield running


@pytest.fixture(scope="module")
def owner(site, video_file):
    """Somebody with many accounts, each good for one test."""
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    return owner


@pytest.fixture
def creators(site, owner):
    """Three accounts that have not been used yet."""
    quiet(site)
    site.sandbox.delete("faults")
    yield more_accounts(site, owner, 3)
    site.sandbox.delete("faults")


@pytest.fixture
def creator(creators):
    return creators[0]


def refuse(site, creator, route, code, status=403, times=1):
    site.sandbox.fault(route, account=creator.open_id, action="answer", status=status, code=code, times=times)


def learned(site, creator=None):
    """What the ledger has learned, of an account or of the whole app: kind -> code."""
    return dict(site.sql("SELECT kind, blocked_code FROM quota WHERE blocked_until > now()"
                         " AND account_id IS NOT DISTINCT FROM %s::bigint", creator and creator.account_id))


def end_waits(site, creator=None):
    site.sql("UPDATE quota SET blocked_until = '-infinity', times = '{}'"
             " WHERE account_id IS NOT DISTINCT FROM %s::bigint", creator and creator.account_id)


# ---------------------------------------------------------------- per minute


def test_two_publishers_together_keep_the_limits_per_minute(site, creator):
    posts = [due_now(creator, creator.video, caption=f"{n} #slow:100000") for n in range(25)]

    def tally():
        return {route: count["total"] for route, count in site.sandbox.account(creator.open_id)["calls"].items()}

    def pushed():
        """Everything is asked for at once, again and again."""
        bring_forward(site, *posts, leases=False)
        counts = tally()
        return (counts.get("creator_info", 0), counts.get("video_init", 0), counts.get("status", 0)) == (20, 6, 30)

    def fences():
        return site.sql("SELECT sum(fence) FROM post WHERE account_id = %s", creator.account_id)

    def nothing_due():
        return site.sql("SELECT count(*) FROM post WHERE account_id = %s AND (next_check_at <= now()"
                        " OR state = 'scheduled' AND next_attempt_at <= now())", creator.account_id) == [(0,)]

    with publishers(site, 2):
        wait_for("all that the limits allow", pushed, 60)
        before = fences()
        bring_forward(site, *posts, leases=False)
        wait_for("looked at again", lambda: fences() != before and nothing_due())
    peaks = {route: count["minute_peak"] for route, count in site.sandbox.account(creator.open_id)["calls"].items()}
    assert (peaks["creator_info"], peaks["video_init"], peaks["status"]) == (20, 6, 30)
    assert [call for call in calls(site, user=creator) if call["status"] == 429] == []
    waiting = [post for post in map(creator.post, posts) if post["state"] == "scheduled"]
    assert len(waiting) == 19
    for post in waiting:
        assert post["reason"]["code"] == "rate_limit" and post["remedy"]["code"] == "automatic"
        assert 0 < unix(post["next_attempt_at"]) - time.time() < 65
        assert post["reason"]["message"]


def test_what_waited_for_the_minute_goes_out(site, creator):
    posts = [due_now(creator, creator.video, caption=str(n)) for n in range(8)]
    run_once(site)
    assert sorted(reason(creator.post(post_id)) for post_id in posts)[-2:] == [("scheduled", "rate_limit")] * 2
    end_waits(site, creator)
    site.sandbox.post("clock", advance=120)

    def all_published():
        bring_forward(site, *posts)
        run_once(site)
        return all(creator.post(post_id)["state"] == "published" for post_id in posts)
    wait_for("every post published", all_published, 60)
    assert len(site.sandbox.account(creator.open_id)["videos"]) == 8


def test_creator_info_says_when_it_is_asked_too_often(site, creator):
    answers = [creator.request("GET", f"/api/v1/accounts/{creator.account_id}/creator-info") for _ in range(21)]
    assert [answer.status for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["code"] == "rate_limit_exceeded"
    # the publisher shares the ledger
    post_id = due_now(creator, creator.video)
    run_once(site)
    assert reason(creator.post(post_id)) == ("scheduled", "rate_limit")
    assert len(calls(site, "creator_info", creator)) == 20


# ---------------------------------------------------------------- a day


def test_the_sixteenth_direct_post_waits_for_the_next_day(site, creator):
    first = due_now(creator, creator.video, caption="first")
    run_until(site, creator, first, "published")
    # fourteen more, of hours ago
    site.sql("INSERT INTO attempt (post_id, account_id, mode, fence, bytes_total, chunk_size, chunk_count, intent_at,"
             " closed_at, outcome)"
             " SELECT id, account_id, mode, 0, 5, 5, 1, now() - make_interval(hours => 20 - n), now(), 'published'"
             " FROM post, generate_series(1, 14) AS n WHERE post.id = %s", first)
    before = last_call(site)
    post_id = due_now(creator, creator.video, caption="sixteenth")
    run_once(site)
    post = creator.post(post_id)
    assert reason(post) == ("scheduled", "daily_post_limit") and post["remedy"]["code"] == "automatic"
    # the first of the fifteen was nineteen hours ago
    assert abs(unix(post["next_attempt_at"]) - time.time() - 5 * HOUR) < 60
    assert calls(site, "video_init", creator, before) == []
    # drafts have a limit of their own
    draft = due_now(creator, creator.video, mode="draft", privacy_level=None)
    assert run_until(site, creator, draft, "delivered")

    site.sql("UPDATE attempt SET intent_at = intent_at - interval '6 hours' WHERE account_id = %s", creator.account_id)
    post = run_until(site, creator, post_id, "published")
    assert post["reason"] is None and post["attempts"] <= 3


def test_what_tiktok_refused_does_not_count_for_the_day(site, creator):
    with site.configured(quota_direct_per_day=1):
        refuse(site, creator, "video_init", "privacy_level_option_mismatch")
        post_id = due_now(creator, creator.video)
        run_once(site)
        assert creator.post(post_id)["state"] == "held"
        assert run_until(site, creator, due_now(creator, creator.video), "published")
        last = due_now(creator, creator.video)
        run_once(site)
        assert reason(creator.post(last)) == ("scheduled", "daily_post_limit")


def test_the_sixth_pending_draft_waits_until_one_is_posted(site, creator):
    drafts = [due_now(creator, creator.video, mode="draft", privacy_level=None) for _ in range(6)]
    end_waits(site, creator)

    def tried():
        bring_forward(site, *[d for d in drafts if creator.post(d)["state"] != "scheduled"])
        run_once(site)
        return sorted(creator.post(draft)["state"] for draft in drafts) == ["delivered"] * 5 + ["scheduled"]
    wait_for("five delivered", tried)
    post = creator.post(drafts[-1])
    assert reason(post) == ("scheduled", "pending_draft_limit") and post["remedy"]
    assert 0.9 * HOUR < unix(post["next_attempt_at"]) - time.time() <= 1.01 * HOUR
    assert len(calls(site, "inbox_init", creator)) == 5
    # an hour later nothing has changed
    end_waits(site, creator)
    bring_forward(site, drafts[-1])
    run_once(site)
    assert reason(creator.post(drafts[-1])) == ("scheduled", "pending_draft_limit")
    assert len(calls(site, "inbox_init", creator)) == 5
    # then its creator posts one
    site.sandbox.post(f"publishes/{creator.post(drafts[0])['publish_id']}", action="post_draft",
                      privacy_level="SELF_ONLY", title="Mine")
    site.sandbox.post("clock", advance=120)
    run_until(site, creator, drafts[0], "published")
    assert run_until(site, creator, drafts[-1], "delivered")


def test_no_more_creators_a_day_than_the_setting_says(site, creators):
    active, other, third = creators
    assert run_until(site, active, due_now(active, active.video), "published")
    ((count,),) = site.sql("SELECT count(DISTINCT account_id) FROM attempt WHERE mode = 'direct'"
                           " AND intent_at > now() - interval '24 hours'")
    with site.configured(quota_active_creators=count):
        waits, goes = due_now(other, other.video), due_now(active, active.video)
        draft = due_now(third, third.video, mode="draft", privacy_level=None)
        run_once(site)
        post = other.post(waits)
        assert reason(post) == ("scheduled", "active_creator_limit") and post["remedy"]["code"] == "automatic"
        assert time.time() < unix(post["next_attempt_at"]) < time.time() + DAY + 60
        assert calls(site, "video_init", other) == []
        assert run_until(site, active, goes, "published")
        assert run_until(site, third, draft, "delivered"), "drafts do not count"
        # a day later
        site.sql("UPDATE attempt SET intent_at = intent_at - interval '25 hours'")
        assert run_until(site, other, waits, "published")


# ---------------------------------------------------------------- what TikTok refuses all the same


@pytest.mark.parametrize("route,kind", [("video_init", "init"), ("creator_info", "creator_info")])
def test_a_429_is_learned_by_all(site, creator, route, kind):
    refuse(site, creator, route, "rate_limit_exceeded", 429)
    first = due_now(creator, creator.video)
    run_once(site)
    assert reason(creator.post(first)) == ("scheduled", "rate_limit_exceeded")
    assert learned(site, creator) == {kind: "rate_limit_exceeded"}
    assert 55 <= unix(creator.post(first)["next_attempt_at"]) - time.time() < 125

    before = last_call(site)
    second = due_now(creator, creator.video)
    run_once(site)
    assert creator.post(second)["state"] == "scheduled" and creator.post(second)["reason"]
    assert unix(creator.post(second)["next_attempt_at"]) > time.time() + 30
    assert calls(site, None, creator, before) == []

    end_waits(site, creator)
    for post_id in (first, second):
        assert run_until(site, creator, post_id, "published")


def test_a_429_for_drafts_is_learned_as_well(site, creator):
    refuse(site, creator, "inbox_init", "rate_limit_exceeded", 429)
    first = due_now(creator, creator.video, mode="draft", privacy_level=None)
    run_once(site)
    assert learned(site, creator) == {"init": "rate_limit_exceeded"}
    before = last_call(site)
    second = due_now(creator, creator.video)
    run_once(site)
    assert reason(creator.post(second)) == ("scheduled", "rate_limit_exceeded")
    assert calls(site, None, creator, before) == []
    end_waits(site, creator)
    assert run_until(site, creator, first, "delivered") and run_until(site, creator, second, "published")


def test_a_429_for_the_status_lets_the_others_wait_too(site, creator):
    posts = [due_now(creator, creator.video, caption=f"{n} #slow:100000") for n in range(2)]
    refuse(site, creator, "status", "rate_limit_exceeded", 429)
    with publishers(site):
        wait_for("refused", lambda: learned(site, creator))
        wait_for("both sent", lambda: {creator.post(post_id)["state"] for post_id in posts} == {"processing"})
    assert learned(site, creator) == {"status": "rate_limit_exceeded"}
    before = last_call(site)
    bring_forward(site, *posts)
    run_once(site)
    assert calls(site, "status", creator, before) == []
    assert {creator.post(post_id)["state"] for post_id in posts} == {"processing"}
    for post_id in posts:
        site.sandbox.post(f"publishes/{creator.post(post_id)['publish_id']}", action="complete")
    end_waits(site, creator)
    for post_id in posts:
        assert run_until(site, creator, post_id, "published")


@pytest.mark.parametrize("route,status", [("creator_info", 200), ("video_init", 200), ("video_init", 403)])
def test_too_many_posts_by_tiktoks_count_let_the_account_wait(site, creators, route, status):
    creator, other, _ = creators
    refuse(site, creator, route, "spam_risk_too_many_posts", status)
    first = due_now(creator, creator.video)
    run_once(site)
    post = creator.post(first)
    assert reason(post) == ("scheduled", "spam_risk_too_many_posts") and post["remedy"]
    assert HOUR - 60 < unix(post["next_attempt_at"]) - time.time() < HOUR + 120
    assert learned(site, creator) == {"direct": "spam_risk_too_many_posts"}

    before = last_call(site)
    second = due_now(creator, creator.video)
    draft = due_now(creator, creator.video, mode="draft", privacy_level=None)
    foreign = due_now(other, other.video)
    run_once(site)
    post = creator.post(second)
    assert reason(post) == ("scheduled", "spam_risk_too_many_posts")
    assert unix(post["next_attempt_at"]) > time.time() + HOUR - 120
    assert calls(site, "creator_info", creator, before) == calls(site, "video_init", creator, before) == []
    # neither its drafts nor other accounts
    assert run_until(site, creator, draft, "delivered") and run_until(site, other, foreign, "published")

    # one that has waited tries for the others
    assert run_until(site, creator, first, "published")
    end_waits(site, creator)
    assert run_until(site, creator, second, "published")


def test_too_many_drafts_by_tiktoks_count_let_the_drafts_wait(site, creator):
    refuse(site, creator, "inbox_init", "spam_risk_too_many_pending_share")
    first = due_now(creator, creator.video, mode="draft", privacy_level=None)
    run_once(site)
    assert reason(creator.post(first)) == ("scheduled", "spam_risk_too_many_pending_share")
    assert learned(site, creator) == {"draft": "spam_risk_too_many_pending_share"}
    second = due_now(creator, creator.video, mode="draft", privacy_level=None)
    run_once(site)
    assert reason(creator.post(second)) == ("scheduled", "spam_risk_too_many_pending_share")
    assert len(calls(site, "inbox_init", creator)) == 1
    assert run_until(site, creator, due_now(creator, creator.video), "published"), "direct posts do not wait"


def test_a_full_app_stops_new_creators_without_a_call(site, creators):
    active, refused, other = creators
    assert run_until(site, active, due_now(active, active.video), "published")
    refuse(site, refused, "video_init", "reached_active_user_cap")
    first = due_now(refused, refused.video)
    run_once(site)
    assert reason(refused.post(first)) == ("scheduled", "reached_active_user_cap")
    assert unix(refused.post(first)["next_attempt_at"]) > time.time() + 5.9 * HOUR
    assert learned(site) == {"active": "reached_active_user_cap"} and learned(site, refused) == {}

    before = last_call(site)
    waits, goes = due_now(other, other.video), due_now(active, active.video)
    run_once(site)
    assert reason(other.post(waits)) == ("scheduled", "reached_active_user_cap")
    assert unix(other.post(waits)["next_attempt_at"]) > time.time() + 5.9 * HOUR
    assert calls(site, None, other, before) == []
    assert run_until(site, active, goes, "published"), "who has posted today may go on"
    end_waits(site)
    for creator, post_id in ((refused, first), (other, waits)):
        assert run_until(site, creator, post_id, "published")


def test_a_limit_is_told_before_the_time(site, creator):
    """A post that is prepared while the account may not post yet is put off at once, with its reason."""
    refuse(site, creator, "video_init", "spam_risk_too_many_posts")
    run_until(site, creator, due_now(creator, creator.video), "scheduled")
    soon = creator.new_post(creator.video, due_at=rfc3339(time.time() + 100))["id"]
    later = creator.new_post(creator.video, due_at=rfc3339(time.time() + 2 * HOUR))["id"]
    before = last_call(site)
    with publishers(site):
        wait_for("put off", lambda: reason(creator.post(soon)) == ("scheduled", "spam_risk_too_many_posts"))
    assert unix(creator.post(soon)["next_attempt_at"]) > time.time() + HOUR - 120
    assert reason(creator.post(later)) == ("scheduled", None)
    assert calls(site, "video_init", creator, before) == []
