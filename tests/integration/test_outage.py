"""TikTok is down: the queue waits without burning attempts, one call at a time tries, then it catches up in order."""
import time

import pytest

from spg_posts import (bring_forward, calls, due_now, last_call, more_accounts, publishers, quiet, reason, run_once,
                       run_until, unix)
from spg_site import rfc3339, wait_for


@pytest.fixture(scope="module")
def owner(site, video_file):
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    return owner


@pytest.fixture(scope="module")
def creators(site, owner):
    return more_accounts(site, owner, 6)


@pytest.fixture
def outage(site):
    """Begins and ends outages; there is none at the end."""
    quiet(site)
    site.sandbox.delete("faults")

    def change(kind):
        site.sandbox.patch("settings", outage=kind)
    with site.configured(publisher_probe_seconds=1, publisher_spacing_seconds=3):
        yield change
    site.sandbox.patch("settings", outage="")
    quiet(site)


def breaker(site):
    rows = site.sql("SELECT failures, opened_at IS NOT NULL, closed_at IS NOT NULL FROM breaker")
    return rows[0] if rows else (0, False, False)


def is_open(site):
    return breaker(site)[1]


def counts(site, posts):
    return dict(site.sql("SELECT id, (attempts, errors, unrecorded)::text FROM post"
                         " WHERE id = ANY (%s::bigint[])", posts))


def waiting(creators, posts):
    return all(reason(creators[0].post(post_id)) == ("scheduled", "tiktok_down") for post_id in posts)


def all_are(creators, posts, *states):
    return all(creators[0].post(post_id)["state"] in states for post_id in posts)


def lasted(site):
    """As if the outage had lasted for minutes."""
    site.sql("UPDATE breaker SET opened_at = opened_at - interval '2 minutes'")


# ---------------------------------------------------------------- open and shut


@pytest.mark.parametrize("kind", ["503", "refuse"])
def test_the_queue_waits_and_one_call_at_a_time_tries(site, creators, outage, kind):
    posts = [due_now(creator, creator.video) for creator in creators]
    later = creators[0].new_post(creators[0].video, due_at=rfc3339(time.time() + 600))["id"]
    before = last_call(site)
    outage(kind)
    with publishers(site, 2):
        wait_for("the breaker open", lambda: is_open(site))
        ((opened,),) = site.sql("SELECT extract(epoch FROM opened_at)::float8 FROM breaker")
        wait_for("the user told", lambda: waiting(creators, posts))
        for post in map(creators[0].post, posts):
            assert post["remedy"]["code"] == "automatic" and post["reason"]["message"]
            assert unix(post["next_attempt_at"]) <= time.time(), "it stays due, so that it goes out in its order"
        me = creators[0].request("GET", "/api/v1/me").json()
        assert me["tiktok"]["state"] == "down" and abs(unix(me["tiktok"]["since"]) - opened) < 1
        began = counts(site, posts)
        known = last_call(site)
        wait_for("three tries", lambda: len(calls(site, since=known)) >= 3, 30)
        wait_for("no attempt of a post more", lambda: counts(site, posts) == began, 3)
        assert reason(creators[0].post(later)) == ("scheduled", None)
    tries = [call["time"] for call in calls(site, since=before) if call["time"] > opened + 0.5]
    assert min(b - a for a, b in zip(tries, tries[1:])) > 0.9, tries
    errors = site.sql("SELECT max(errors), max(attempts) FROM post WHERE id = ANY (%s::bigint[])", posts)
    assert errors[0][0] <= 1 and errors[0][1] <= 2

    outage("")
    site.sql("UPDATE breaker SET probe_at = now()")

    def all_published():
        run_once(site)
        return all_are(creators, posts, "published")
    wait_for("all published", all_published)
    assert not is_open(site)
    assert creators[0].request("GET", "/api/v1/me").json()["tiktok"] == {"state": "ok", "since": None}
    assert [len(site.sandbox.account(creator.open_id)["videos"]) for creator in creators] \
        == [site.sandbox.account(creator.open_id)["inits"] for creator in creators]


def test_five_failures_in_a_row_of_several_accounts_open_it(site, creators, outage):
    posts = [due_now(creator, creator.video) for creator in creators[:4]]
    outage("503")
    run_once(site)
    assert breaker(site)[:2] == (4, False)
    assert {reason(creators[0].post(post_id)) for post_id in posts} == {("scheduled", "tiktok_unavailable")}
    bring_forward(site, posts[0])
    run_once(site)
    assert breaker(site)[:2] == (5, True)
    assert reason(creators[0].post(posts[0])) == ("scheduled", "tiktok_down")


def test_an_answer_in_between_begins_the_count_anew(site, creators, outage):
    posts = [due_now(creator, creator.video) for creator in creators[:4]]
    outage("503")
    run_once(site)
    outage("")
    run_until(site, creators[0], posts[0], "published")
    site.sql("UPDATE post SET next_check_at = NULL WHERE id = %s", posts[0])
    outage("503")
    bring_forward(site, *posts[1:])
    run_once(site)
    assert breaker(site)[:2] == (3, False)


def test_one_account_must_fail_ten_times(site, creators, outage):
    creator = creators[0]
    posts = [due_now(creator, creator.video, caption=str(n)) for n in range(3)]
    for code in ("creator_info", "video_init"):
        site.sandbox.fault(code, account=creator.open_id, times=-1, action="answer", status=500, code="internal_error")
    for _ in range(3):
        bring_forward(site, *posts)
        run_once(site)
    assert breaker(site)[:2] == (9, False)
    bring_forward(site, posts[0])
    run_once(site)
    assert breaker(site)[:2] == (10, True)


def test_an_upload_that_an_outage_meets_goes_on_as_it_was(site, creators, outage):
    """Bytes are on their way; a new init would be a second post."""
    creator = creators[0]
    before = last_call(site)
    rule = site.sandbox.fault("upload", account=creator.open_id, action="stall", seconds=60)
    post_id = due_now(creator, creator.video)
    with publishers(site):
        wait_for("the upload begun", lambda: calls(site, "upload", creator, before))
        outage("503")
        others = [due_now(other, other.video) for other in creators[1:]]
        site.sandbox.delete(f"faults/{rule['id']}")
        wait_for("the breaker open", lambda: is_open(site))
        wait_for("the users told", lambda: waiting(creators, others))
        assert creator.post(post_id)["state"] == "publishing"
        outage("")

        def all_published():
            bring_forward(site, post_id, *others)
            return all_are(creators, [post_id, *others], "published")
        wait_for("all published", all_published, 40, 0.5)
    assert len(calls(site, "video_init", creator, before)) == 1
    first, *again = calls(site, "upload", creator, before)
    assert creator.post(post_id)["publish_id"] == first["publish_id"]
    assert {call["publish_id"] for call in again if call["status"] == 201} == {first["publish_id"]}


# ---------------------------------------------------------------- catching up


def test_it_catches_up_in_order_and_spread_out(site, creators, outage):
    count = 2
    outage("503")
    posts = {}
    for n in range(count):
        for creator in creators:
            posts[due_now(creator, creator.video, caption=f"{n} {creator.open_id}")] = creator
    ids = list(posts)
    with publishers(site, 2):
        wait_for("the breaker open", lambda: is_open(site))
        wait_for("the user told", lambda: waiting(creators, ids))
        before = last_call(site)
        lasted(site)
        outage("")
        wait_for("all sent", lambda: all_are(creators, ids, "processing", "published"), 40)
        ((ended,),) = site.sql("SELECT extract(epoch FROM closed_at)::float8 FROM breaker")
    inits = calls(site, "video_init", None, before)
    assert len(inits) == len(ids) and all(call["code"] == "ok" for call in inits)
    for creator in creators:
        mine = [call["time"] for call in inits if call["account"] == creator.open_id]
        assert len(mine) == count
        assert min(b - a for a, b in zip(mine, mine[1:])) >= 3
        sent = [site.sandbox.publish(call["publish_id"])["post_info"]["title"][0]
                for call in inits if call["account"] == creator.open_id]
        assert sent == [str(n) for n in range(count)], "in due order"
    assert sorted(call["account"] for call in inits[:len(creators)]) == sorted(c.open_id for c in creators)
    assert all(call["time"] >= ended - 1 for call in inits)


def test_it_starts_small_after_an_outage(site, creators, outage):
    """Half a minute of work for a host that has just come back must not come at once."""
    outage("503")
    posts = [due_now(creator, creator.video) for creator in creators]
    with publishers(site):
        wait_for("the breaker open", lambda: is_open(site))
        wait_for("the user told", lambda: waiting(creators, posts))
        before = last_call(site)
        site.sandbox.fault("upload", times=-1, action="delay", seconds=60)
        lasted(site)
        outage("")
        wait_for("all begun", lambda: len(calls(site, "video_init", None, before)) == len(creators), 30)
        ((ended,),) = site.sql("SELECT extract(epoch FROM closed_at)::float8 FROM breaker")
        early = [call for call in calls(site, "video_init", None, before) if call["time"] < ended + 4]
        assert len(early) <= 4, early
        site.sandbox.delete("faults")
        wait_for("all published", lambda: all_are(creators, posts, "published"))


def test_what_is_too_late_is_held_and_not_sent_at_an_odd_hour(site, creators, outage):
    outage("503")
    posts = [due_now(creator, creator.video) for creator in creators]
    with publishers(site):
        wait_for("the breaker open", lambda: is_open(site))
        wait_for("the user told", lambda: waiting(creators, posts))
    old, rest = posts[:2], posts[2:]
    site.sql("UPDATE post SET due_at = due_at - interval '121 minutes', next_attempt_at = next_attempt_at"
             " - interval '121 minutes' WHERE id = ANY (%s::bigint[])", old)
    before = last_call(site)
    run_once(site)
    for post in map(creators[0].post, old):
        assert reason(post) == ("held", "missed") and post["remedy"]["code"] == "reschedule"
    lasted(site)
    site.sql("UPDATE breaker SET probe_at = now()")
    outage("")

    def rest_published():
        run_once(site)
        return all_are(creators, rest, "published")
    wait_for("the rest published", rest_published)
    assert {call["account"] for call in calls(site, "video_init", None, before)} == {c.open_id for c in creators[2:]}
    # its user says when
    answer = creators[0].request("PATCH", f"/api/v1/posts/{old[0]}",
                                 body={"due_at": rfc3339(time.time() + 1), "consent": True})
    assert answer.status == 200, answer
    assert run_until(site, creators[0], old[0], "published")


def test_an_outage_of_a_moment_is_not_caught_up_with(site, creators, outage):
    """A minute's trouble spreads nothing out: what is due goes at once."""
    outage("503")
    posts = [due_now(creator, creator.video) for creator in creators]
    with publishers(site):
        wait_for("the breaker open", lambda: is_open(site))
        outage("")
        wait_for("all published", lambda: all_are(creators, posts, "published"), 40)
    assert breaker(site) == (0, False, False)
