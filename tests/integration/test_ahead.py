"""Before the second: posts are prepared ahead, so that at their second only init remains; never before it."""
import signal
import time

import pytest

from spg_posts import calls, due_now, last_call, more_accounts, publishers, quiet, reason
from spg_site import rfc3339, wait_for

MANY = 20


@pytest.fixture(scope="module")
def owner(site, video_file):
    quiet(site)
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    return owner


@pytest.fixture(scope="module")
def creators(site, owner):
    return more_accounts(site, owner, MANY)


class Evening:
    """What came of posts that one publisher has waited for."""

    def __init__(self, due):
        self.due, self.posts, self.seen = due, {}, None

    def of(self, name, route):
        """(seconds after the due second, HTTP status) of each call for this post's account."""
        creator = self.posts[name][0]
        return [(call["time"] - self.due, call["status"]) for call in self.seen
                if call["account"] == creator.open_id and call["route"] == route]


@pytest.fixture(scope="module")
def evening(site, owner, creators):
    """One publisher, a long upload, and many posts due in the same second; some meet trouble before it."""
    special = dict(zip(("long", "withdrawn", "errors", "resets", "stalls", "short token"),
                       more_accounts(site, owner, 6)))
    before = last_call(site)
    long = special.pop("long")
    hold = site.sandbox.fault("upload", account=long.open_id, action="delay", seconds=120)
    long_post = due_now(long, long.video)
    site.sandbox.fault("creator_info", account=special["resets"].open_id, times=2, action="reset")
    site.sandbox.fault("creator_info", account=special["errors"].open_id, times=2, action="answer", status=500,
                       code="internal_error")
    site.sandbox.fault("creator_info", account=special["stalls"].open_id, action="delay", seconds=6)
    site.sandbox.post(f"accounts/{special['short token'].open_id}/expire", token="access")
    with publishers(site) as (publisher,):
        wait_for("the upload under way", lambda: calls(site, "upload", long, before))
        ((lease,),) = site.sql("SELECT lease_until FROM post WHERE id = %s", long_post)
        began = time.monotonic()
        evening = Evening(int(time.time()) + 16)
        everybody = {**special, **{f"many {n}": creator for n, creator in enumerate(creators)}}
        for name, creator in everybody.items():
            evening.posts[name] = creator, creator.new_post(creator.video, due_at=rfc3339(evening.due))["id"]
        withdrawn, post_id = evening.posts["withdrawn"]
        wait_for("prepared", lambda: site.sql("SELECT id FROM post WHERE id = %s AND prepared_at IS NOT NULL",
                                              post_id), 12)
        site.sandbox.patch(f"accounts/{withdrawn.open_id}", private=True)
        wait_for("all sent or held", lambda: site.sql(
            "SELECT count(*) FROM post WHERE id = ANY (%s::bigint[]) AND state IN ('scheduled', 'publishing')",
            [post_id for _, post_id in evening.posts.values()]) == [(0,)], 40)
        evening.renewed = wait_for("the lease renewed", lambda: site.sql(
            "SELECT id FROM post WHERE id = %s AND lease_until > %s AND state = 'publishing'", long_post, lease),
            max(5, 40 - (time.monotonic() - began)), 0.2)
        assert publisher.poll() is None
        site.sandbox.delete(f"faults/{hold['id']}")
        wait_for("the long upload done", lambda: long.post(long_post)["state"] == "published")
        evening.long = long.post(long_post)
    evening.seen = calls(site, None, None, before)
    site.sandbox.delete("faults")
    return evening


def test_no_init_comes_before_its_second(evening):
    for name in evening.posts:
        inits = evening.of(name, "video_init")
        assert len(inits) == 1, name
        assert inits[0][0] >= 0, name


def test_what_falls_due_together_goes_out_together(evening):
    first = sorted(evening.of(f"many {n}", "video_init")[0][0] for n in range(MANY))
    assert first[0] < 1 and first[-1] < 3, first


def test_only_init_remains_for_the_second(evening):
    for n in range(MANY):
        asked = evening.of(f"many {n}", "creator_info")
        assert len(asked) == 1 and asked[0][0] < -5, (n, asked)


def test_each_has_posted_once(site, evening):
    for name, (creator, post_id) in evening.posts.items():
        if name == "withdrawn":
            continue
        post = wait_for(f"{name} published", lambda: creator.post(post_id)["state"] in ("processing", "published"))
        assert len(site.sandbox.account(creator.open_id)["videos"]) <= 1
        assert site.sandbox.account(creator.open_id)["inits"] == 1


def test_an_audience_withdrawn_after_the_preparation_holds_the_post(site, evening):
    creator, post_id = evening.posts["withdrawn"]
    assert reason(creator.post(post_id)) == ("held", "privacy_level_option_mismatch")
    assert [status for _, status in evening.of("withdrawn", "video_init")] == [403]
    assert site.sandbox.account(creator.open_id)["videos"] == []


@pytest.mark.parametrize("name,tries", [("errors", 3), ("resets", 3), ("stalls", 1)])
def test_trouble_before_the_second_costs_nothing(site, evening, name, tries):
    creator, post_id = evening.posts[name]
    asked = evening.of(name, "creator_info")
    assert len(asked) == tries and asked[0][0] < -5, asked
    assert evening.of(name, "video_init")[0][0] < 3
    assert site.sql("SELECT errors FROM post WHERE id = %s", post_id) == [(0,)]


def test_a_token_is_refreshed_before_the_second(evening):
    assert len(evening.of("short token", "refresh")) == 1
    assert evening.of("short token", "refresh")[0][0] < -5
    assert evening.of("short token", "video_init")[0][0] < 3


def test_the_lease_of_a_long_upload_is_renewed(evening):
    assert evening.renewed
    assert evening.long["attempts"] == 1 and evening.long["state"] == "published"


# ---------------------------------------------------------------- several publishers


def test_another_publisher_sends_what_a_dead_one_has_prepared(site, creators):
    creator = creators[0]
    before = last_call(site)
    due = int(time.time()) + 9
    post_id = creator.new_post(creator.video, due_at=rfc3339(due))["id"]
    with publishers(site) as (first,):
        wait_for("prepared", lambda: site.sql("SELECT id FROM post WHERE id = %s AND prepared_at IS NOT NULL"
                                              " AND lease_until IS NULL", post_id), 7)
        first.send_signal(signal.SIGKILL)
        first.wait()
        with publishers(site):
            wait_for("sent", lambda: creator.post(post_id)["state"] in ("processing", "published"))
    (init,) = calls(site, "video_init", creator, before)
    assert 0 <= init["time"] - due < 1
    assert len(calls(site, "creator_info", creator, before)) == 1


# ---------------------------------------------------------------- how many, and whose


def test_as_many_of_an_account_as_the_setting_says(site, creators):
    creator = creators[1]
    before = last_call(site)
    rule = site.sandbox.fault("upload", account=creator.open_id, action="delay", seconds=60, times=2)
    posts = [due_now(creator, creator.video, caption=str(n)) for n in range(3)]

    def in_transfer():
        return [post for post in map(creator.post, posts) if post["state"] == "publishing"]
    with site.configured(publisher_per_account=2), publishers(site, 2):
        wait_for("two uploads held", lambda: len(calls(site, "upload", creator, before)) == 2)
        # both publishers look again, at other posts
        fence = site.sql("SELECT last_value FROM post_fence")[0][0]
        other = creators[2]
        sent = [due_now(other, other.video) for _ in range(2)]
        wait_for("others sent", lambda: all(other.post(post_id)["state"] == "published" for post_id in sent))
        assert site.sql("SELECT last_value FROM post_fence")[0][0] > fence
        assert len(in_transfer()) == 2 and len(calls(site, "video_init", creator, before)) == 2
        site.sandbox.delete(f"faults/{rule['id']}")
        wait_for("all published", lambda: all(creator.post(post_id)["state"] == "published" for post_id in posts))
    uploads = calls(site, "upload", creator, before)
    inits = calls(site, "video_init", creator, before)
    assert inits[2]["time"] >= min(call["time"] + call["seconds"] for call in uploads)


def test_a_user_with_many_posts_does_not_keep_others_waiting(site, creators, video_file):
    other = site.connect()
    video = site.ready_video(other, video_file)
    before = last_call(site)
    many = [due_now(creator, creator.video, caption=str(n)) for creator in creators for n in range(2)]
    one = due_now(other, video)
    with site.configured(publisher_transfers=2), publishers(site):
        wait_for("all sent", lambda: other.post(one)["state"] != "scheduled"
                 and len(calls(site, "video_init", None, before)) >= 8)
    order = [call["account"] for call in calls(site, "video_init", None, before)]
    assert other.open_id in order[:4], order
    quiet(site)


def test_a_post_moved_to_a_later_time_is_prepared_anew(site, creators):
    creator = creators[3]
    before = last_call(site)
    post_id = creator.new_post(creator.video, due_at=rfc3339(time.time() + 150))["id"]
    with publishers(site):
        wait_for("prepared", lambda: site.sql("SELECT id FROM post WHERE id = %s AND prepared_at IS NOT NULL", post_id))
        answer = creator.request("PATCH", f"/api/v1/posts/{post_id}", body={
            "due_at": rfc3339(time.time() + 3), "caption": "sooner", "consent": True})
        assert answer.status == 200, answer
        wait_for("sent", lambda: creator.post(post_id)["state"] in ("processing", "published"))
    assert site.sandbox.publish(creator.post(post_id)["publish_id"])["post_info"]["title"] == "sooner"
    assert len(calls(site, "creator_info", creator, before)) == 2
