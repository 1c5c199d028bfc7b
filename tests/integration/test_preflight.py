"""Checks ahead of a post's time: what would fail is told while there is time, and what is held goes on by itself."""
import time

import pytest

from spg_posts import calls, due_now, last_call, more_accounts, quiet, reason, run_once, run_until
from spg_site import rfc3339, wait_for

HOUR, DAY = 3600, 24 * 3600
UNAUDITED = "unaudited_client_can_only_post_to_private_accounts"


@pytest.fixture(scope="module")
def owner(site, video_file):
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    return owner


@pytest.fixture
def creator(site, owner):
    """An account that has not been used yet."""
    quiet(site)
    return more_accounts(site, owner, 1)[0]


def planned(creator, days=3.0, **members):
    return creator.new_post(creator.video, due_at=rfc3339(time.time() + days * DAY), **members)["id"]


def checked(site, creator, post_id):
    """The warning after a check; what is known of the account is too old to be relied on."""
    site.sql("UPDATE creator_info SET asked_at = asked_at - interval '1 hour'")
    site.sql("UPDATE post SET preflight_at = now() WHERE id = %s", post_id)
    run_once(site)
    return warning(creator, post_id)


def warning(creator, post_id):
    post = creator.post(post_id)
    assert post["state"] == "scheduled" and post["reason"] is None
    if post["warning"] is None:
        assert post["warning_remedy"] is None
        return None
    assert post["warning"]["message"] and post["warning_remedy"]["message"]
    return post["warning"]["code"]


def pass_hours(site, post_id, hours):
    site.sql("UPDATE post SET due_at = due_at - span, next_attempt_at = next_attempt_at - span, preflight_at ="
             " preflight_at - span FROM make_interval(hours => %s) AS span WHERE id = %s", hours, post_id)


def next_check(site, post_id):
    """When the next check is, in hours before the post's time."""
    ((hours,),) = site.sql("SELECT extract(epoch FROM due_at - preflight_at)::float8 / 3600 FROM post WHERE id = %s",
                           post_id)
    return hours


# ---------------------------------------------------------------- warnings


def test_nothing_is_said_when_all_is_well(site, creator):
    post_id = planned(creator)
    run_once(site)
    assert warning(creator, post_id) is None
    timeline = creator.request("GET", f"/api/v1/posts/{post_id}/timeline").json()["items"]
    assert [row["name"] for row in timeline] == ["scheduled", "creator_info"]


def test_checks_are_at_saving_a_day_and_an_hour_before(site, creator):
    post_id = planned(creator)
    assert next_check(site, post_id) == pytest.approx(72, abs=0.1)
    run_once(site)
    assert next_check(site, post_id) == 24
    pass_hours(site, post_id, 48)
    run_once(site)
    assert next_check(site, post_id) == 1
    pass_hours(site, post_id, 23)
    run_once(site)
    assert next_check(site, post_id) is None


def test_a_withdrawn_audience_is_told(site, creator):
    post_id = planned(creator)
    run_once(site)
    site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
    assert checked(site, creator, post_id) == "privacy_level_option_mismatch"
    assert next_check(site, post_id) == 24
    site.sandbox.patch(f"accounts/{creator.open_id}", private=False)
    assert checked(site, creator, post_id) is None
    timeline = creator.request("GET", f"/api/v1/posts/{post_id}/timeline").json()["items"]
    assert [row["name"] for row in timeline if row["kind"] == "note"] == ["warning", "warning_over"]


def test_a_video_too_long_for_the_account_is_told(site, creator):
    site.sandbox.patch(f"accounts/{creator.open_id}", max_video_post_duration_sec=1)
    post_id = planned(creator)
    run_once(site)
    assert warning(creator, post_id) == "duration_check_failed"
    site.sandbox.patch(f"accounts/{creator.open_id}", max_video_post_duration_sec=600)
    assert checked(site, creator, post_id) is None


def test_a_permission_that_is_missing_is_told(site, creator):
    direct, draft = planned(creator), planned(creator, mode="draft", privacy_level=None)
    site.connect(user=creator, open_id=creator.open_id, scopes=("video.upload",))
    before = last_call(site)
    assert checked(site, creator, direct) == "scope_not_authorized"
    assert calls(site, "creator_info", creator, before) == [], "it would only be refused"
    assert checked(site, creator, draft) is None
    site.connect(user=creator, open_id=creator.open_id, scopes=("video.publish",))
    assert checked(site, creator, direct) is None
    assert checked(site, creator, draft) == "scope_not_authorized"


def test_a_connection_that_ends_before_the_time_is_told(site, creator):
    post_id = planned(creator, days=0.5)
    run_once(site)
    assert warning(creator, post_id) is None
    # it cannot be prolonged in the next hour
    site.sql("UPDATE account_token SET refresh_expires_at = now() + interval '2 hours',"
             " refresh_after = now() + interval '1 hour' WHERE account_id = %s", creator.account_id)
    assert checked(site, creator, post_id) == "refresh_ends_soon"
    site.sql("UPDATE account_token SET refresh_after = '-infinity' WHERE account_id = %s", creator.account_id)

    def prolonged():
        run_once(site)
        return site.sql("SELECT refresh_expires_at > now() + interval '30 days' FROM account_token"
                        " WHERE account_id = %s", creator.account_id) == [(True,)]
    wait_for("the token refreshed by itself", prolonged)
    assert checked(site, creator, post_id) is None


def test_an_app_without_audit_and_a_public_account_is_told(site, creator):
    post_id = planned(creator, privacy_level="SELF_ONLY")
    with site.configured(tiktok_audited="no"):
        run_once(site)
        assert warning(creator, post_id) == UNAUDITED
        site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
        assert checked(site, creator, post_id) is None
        site.sandbox.patch(f"accounts/{creator.open_id}", private=False)
        assert checked(site, creator, post_id) == UNAUDITED
    assert checked(site, creator, post_id) is None


def test_more_posts_than_a_day_allows_are_told(site, creator):
    posts = [planned(creator, days=3 + n / 100) for n in range(17)]
    with site.configured(quota_direct_per_day=15):
        run_once(site)
        assert [warning(creator, post_id) for post_id in posts] == [None] * 15 + ["quota_ahead"] * 2
        # a later time or one post less is enough
        assert creator.request("PATCH", f"/api/v1/posts/{posts[16]}", body={
            "due_at": rfc3339(time.time() + 4.1 * DAY), "consent": True}).status == 200
        assert creator.request("DELETE", f"/api/v1/posts/{posts[0]}").status == 200
        run_once(site)
        assert warning(creator, posts[16]) is None
        assert checked(site, creator, posts[15]) is None
        # drafts have no such limit
        draft = planned(creator, days=3.2, mode="draft", privacy_level=None)
        run_once(site)
        assert warning(creator, draft) is None


def test_a_refusal_that_lasts_is_told_and_one_that_passes_is_not(site, creator):
    post_id = planned(creator)
    for code, status, told in (("spam_risk_user_banned_from_posting", 200, True), ("internal_error", 500, False)):
        site.sandbox.fault("creator_info", account=creator.open_id, action="answer", status=status, code=code)
        assert checked(site, creator, post_id) == (code if told else None)
        assert checked(site, creator, post_id) is None
    site.sandbox.delete("faults")


def test_a_change_is_checked_at_once(site, creator):
    site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
    post_id = planned(creator)
    run_once(site)
    assert warning(creator, post_id) == "privacy_level_option_mismatch"
    answer = creator.request("PATCH", f"/api/v1/posts/{post_id}", body={"privacy_level": "SELF_ONLY", "consent": True})
    assert answer.status == 200, answer
    run_once(site)
    assert warning(creator, post_id) is None and next_check(site, post_id) == 24


def test_a_warning_gives_way_to_the_post(site, creator):
    site.sandbox.patch(f"accounts/{creator.open_id}", max_video_post_duration_sec=1)
    post_id = planned(creator)
    run_once(site)
    assert warning(creator, post_id) == "duration_check_failed"
    site.sandbox.patch(f"accounts/{creator.open_id}", max_video_post_duration_sec=600)
    site.sql("UPDATE post SET due_at = now(), next_attempt_at = now() WHERE id = %s", post_id)
    post = run_until(site, creator, post_id, "published")
    assert post["warning"] is None and post["reason"] is None


# ---------------------------------------------------------------- held posts go on by themselves


def look_again(site, post_id):
    site.sql("UPDATE post SET preflight_at = now() WHERE id = %s AND preflight_at IS NOT NULL", post_id)
    run_once(site)


def in_minutes(site, post_id):
    """Until the next look at a held post; None: it is not looked at any more."""
    ((seconds,),) = site.sql("SELECT extract(epoch FROM preflight_at - now())::float8 FROM post WHERE id = %s", post_id)
    return seconds and seconds / 60


@pytest.mark.parametrize("before,after,code", [
    ({"private": True}, {"private": False}, "privacy_level_option_mismatch"),
    ({"max_video_post_duration_sec": 1}, {"max_video_post_duration_sec": 600}, "duration_check_failed"),
])
def test_a_held_post_goes_on_when_its_cause_is_gone(site, creator, before, after, code):
    site.sandbox.patch(f"accounts/{creator.open_id}", **before)
    post_id = due_now(creator, creator.video)
    run_once(site)
    post = creator.post(post_id)
    assert reason(post) == ("held", code) and post["remedy"]["message"]
    assert 9 < in_minutes(site, post_id) <= 10
    look_again(site, post_id)
    assert reason(creator.post(post_id)) == ("held", code)
    assert 29 < in_minutes(site, post_id) <= 30
    site.sandbox.patch(f"accounts/{creator.open_id}", **after)
    look_again(site, post_id)
    post = run_until(site, creator, post_id, "published")
    assert post["reason"] is None and len(site.sandbox.account(creator.open_id)["videos"]) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_post_of_an_app_without_audit_goes_on_when_the_account_is_private(site, creator, known):
    """Whether our setting says so or only TikTok's refusal does."""
    site.sandbox.patch("settings", audited=False, unaudited_creator_cap=100000)
    try:
        with site.configured(tiktok_audited="no" if known else "yes"):
            post_id = due_now(creator, creator.video, privacy_level="SELF_ONLY")
            run_once(site)
            assert reason(creator.post(post_id)) == ("held", UNAUDITED)
            look_again(site, post_id)
            assert reason(creator.post(post_id)) == ("held", UNAUDITED)
            assert site.sandbox.account(creator.open_id)["inits"] == 0
            site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
            look_again(site, post_id)
            assert run_until(site, creator, post_id, "published")
    finally:
        site.sandbox.patch("settings", audited=True, unaudited_creator_cap=5)


def test_a_held_post_whose_time_is_over_stays_held(site, creator):
    site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
    post_id = due_now(creator, creator.video)
    run_once(site)
    site.sandbox.patch(f"accounts/{creator.open_id}", private=False)
    site.sql("UPDATE post SET due_at = due_at - interval '3 hours' WHERE id = %s", post_id)
    before = last_call(site)
    look_again(site, post_id)
    assert reason(creator.post(post_id)) == ("held", "privacy_level_option_mismatch")
    assert in_minutes(site, post_id) is None
    assert calls(site, None, creator, before) == []
    # its user gives it a new time
    answer = creator.request("PATCH", f"/api/v1/posts/{post_id}",
                             body={"due_at": rfc3339(time.time() + 1), "consent": True})
    assert answer.status == 200, answer
    assert run_until(site, creator, post_id, "published")


def test_a_cancelled_post_is_not_looked_at(site, creator):
    site.sandbox.patch(f"accounts/{creator.open_id}", private=True)
    held, waiting = due_now(creator, creator.video), planned(creator)
    run_once(site)
    for post_id in (held, waiting):
        assert creator.request("DELETE", f"/api/v1/posts/{post_id}").status == 200
    site.sandbox.patch(f"accounts/{creator.open_id}", private=False)
    assert in_minutes(site, held) is None and in_minutes(site, waiting) is None
    before = last_call(site)
    run_once(site)
    assert calls(site, None, creator, before) == []
    assert {creator.post(post_id)["state"] for post_id in (held, waiting)} == {"cancelled"}
