"""Pull mode: TikTok fetches the video from an address that serves one attempt, once its publish_id is durable."""
import hashlib
import urllib.parse

import pytest

from spg_posts import bring_forward, calls, due_now, more_accounts, quiet, reason, run_once, run_to, run_until
from spg_site import http_request, secrets_in, wait_for


@pytest.fixture(scope="module")
def owner(site, video_file):
    owner = site.connect()
    owner.video = site.ready_video(owner, video_file)
    owner.digest = hashlib.sha256(video_file.read_bytes()).hexdigest()
    return owner


@pytest.fixture
def creator(site, owner):
    quiet(site)
    site.sandbox.delete("faults")
    site.sandbox.patch("settings", verified_prefixes=[f"{site.url}/pull/"])
    with site.configured(tiktok_transfer="pull_from_url"):
        yield more_accounts(site, owner, 1)[0]
    site.sandbox.delete("faults")
    site.sandbox.patch("settings", verified_prefixes=[], pull_ranges=1, pull_fetches=1, pull_retries=0,
                       pull_delay_seconds=0)


def pulls(site, creator):
    """The account's publishes at TikTok, oldest first."""
    publishes = site.sandbox.get("state")["publishes"].values()
    return [publish for publish in publishes if publish["account"] == creator.open_id]


def address(site, publish):
    url = publish["source_info"]["video_url"]
    assert url.startswith(f"{site.url}/pull/")
    return urllib.parse.urlsplit(url).path


def status_of(site, publish, method="HEAD"):
    return http_request(site.url, method, address(site, publish)).status


def attempts(site, post_id):
    """transfer and outcome of each attempt, oldest first."""
    return site.sql("SELECT transfer, outcome FROM attempt WHERE post_id = %s ORDER BY id", post_id)


def assert_published_once(site, creator, post_id):
    """By the last of its pulls, with the right bytes; no address serves any more."""
    videos = site.sandbox.account(creator.open_id)["videos"]
    assert [video["sha256"] for video in videos] == [creator.digest]
    assert videos[0]["publish_id"] == creator.post(post_id)["publish_id"]
    for publish in pulls(site, creator):
        assert status_of(site, publish) == 404


def test_a_post_is_published_by_a_pull(site, creator):
    post_id = due_now(creator, creator.video, caption="pulled", cover_ms=300)
    post = run_until(site, creator, post_id, "published")
    assert post["attempts"] == 1
    (publish,) = pulls(site, creator)
    assert publish["source"] == "PULL_FROM_URL" and set(publish["source_info"]) == {"source", "video_url"}
    assert publish["post_info"]["title"] == "pulled" and publish["post_info"]["video_cover_timestamp_ms"] == 300
    assert attempts(site, post_id) == [("pull_from_url", "published")]
    assert_published_once(site, creator, post_id)
    assert calls(site, "upload", creator) == []


def test_a_draft_is_delivered_by_a_pull(site, creator):
    post_id = due_now(creator, creator.video, mode="draft", privacy_level=None)
    run_until(site, creator, post_id, "delivered")
    (publish,) = pulls(site, creator)
    assert publish["kind"] == "draft" and publish["sha256"] == creator.digest
    assert attempts(site, post_id) == [("pull_from_url", "delivered")]
    assert status_of(site, publish) == 404


@pytest.mark.parametrize("settings", [{"pull_ranges": 4}, {"pull_fetches": 2}, {"pull_ranges": 3, "pull_fetches": 2},
                                      {"pull_delay_seconds": 1.0}], ids=str)
def test_however_tiktok_fetches(site, creator, settings):
    site.sandbox.patch("settings", **settings)
    post_id = due_now(creator, creator.video)
    run_until(site, creator, post_id, "published")
    assert_published_once(site, creator, post_id)


def test_the_address_is_in_no_log_timeline_or_row(site, creator):
    post_id = due_now(creator, creator.video)
    run_until(site, creator, post_id, "published")
    word = address(site, pulls(site, creator)[0]).removeprefix("/pull/")
    assert len(word) == 43
    for name, text in site.logs().items():
        assert name == "sandbox.log" or word not in text, name
    assert word not in creator.request("GET", f"/api/v1/posts/{post_id}/timeline").text
    assert word not in creator.request("GET", f"/api/v1/posts/{post_id}").text
    assert site.sql("SELECT count(*) FROM attempt WHERE attempt::text LIKE '%%' || %s || '%%'", word) == [(0,)]


@pytest.mark.parametrize("rule", [{"when": "after", "action": "reset"}, {"when": "after", "action": "malformed"}],
                         ids=lambda rule: rule["action"])
def test_an_init_whose_answer_is_lost_gives_no_byte(site, creator, rule):
    """TikTok knows an address of which we know no publish_id: it stays shut for ever."""
    site.sandbox.fault("video_init", account=creator.open_id, **rule)
    post_id = due_now(creator, creator.video)
    run_once(site)
    assert reason(creator.post(post_id)) == ("scheduled", "tiktok_unavailable")
    (lost,) = pulls(site, creator)
    assert status_of(site, lost) == 404
    assert wait_for("the pull failed", lambda: pulls(site, creator)[0]["status"] == "FAILED")
    run_until(site, creator, post_id, "published")
    old, new = pulls(site, creator)
    assert address(site, old) != address(site, new) and old["received"] == 0
    assert attempts(site, post_id) == [("pull_from_url", "unanswered"), ("pull_from_url", "published")]
    assert_published_once(site, creator, post_id)


# what a publish_id is known of is followed; anything else begins anew
@pytest.mark.parametrize("failpoint,known", [("init_before", False), ("init_answered", False), ("opened_before", False),
                                             ("opened", True), ("moved", True), ("follow_answered", True)])
def test_a_publisher_killed_anywhere_posts_once(site, creator, failpoint, known):
    if not site.has_failpoints():
        pytest.skip("this build has no failpoints")
    post_id = due_now(creator, creator.video, caption=failpoint)
    killed = site.run("publisher", "--once", env={"SPG_FAILPOINT": failpoint})
    assert killed.returncode == -9, killed.stdout[-2000:]
    run_until(site, creator, post_id, "published")
    assert_published_once(site, creator, post_id)
    made = pulls(site, creator)
    assert len(made) == (1 if known or failpoint == "init_before" else 2)
    assert [publish["received"] > 0 for publish in made[:-1]] == [False] * (len(made) - 1)
    assert site.sql("SELECT count(*) FROM attempt WHERE post_id = %s AND closed_at IS NULL", post_id) == [(0,)]


def test_a_pull_that_failed_is_tried_with_a_new_address(site, creator):
    site.sandbox.patch("settings", pull_delay_seconds=60)
    post_id = due_now(creator, creator.video)
    run_to(site, creator, post_id, "processing")
    first = creator.post(post_id)["publish_id"]
    site.sandbox.post(f"publishes/{first}", action="fail", reason="video_pull_failed")
    bring_forward(site, post_id)
    run_once(site)
    assert reason(creator.post(post_id)) == ("scheduled", "video_pull_failed")
    site.sandbox.patch("settings", pull_delay_seconds=0)
    run_until(site, creator, post_id, "published")
    old, new = pulls(site, creator)
    assert address(site, old) != address(site, new)
    assert attempts(site, post_id) == [("pull_from_url", "failed"), ("pull_from_url", "published")]
    assert_published_once(site, creator, post_id)


def test_a_fetch_that_is_begun_anew_is_served(site, creator):
    """The file is away for a moment; TikTok tries again by itself."""
    def refused():
        return site.logs()["nginx-access.log"].count('"path":"/pull/-","protocol":"HTTP/1.1","status":404')
    site.sandbox.patch("settings", pull_delay_seconds=1.5, pull_retries=200, pull_retry_seconds=0.1)
    ((name,),) = site.sql("SELECT file FROM video WHERE id = %s", creator.video)
    file = site.dir / "media/videos" / name
    post_id = due_now(creator, creator.video)
    run_to(site, creator, post_id, "processing")
    before = refused()
    file.rename(file.with_suffix(".away"))
    try:
        wait_for("TikTok refused", lambda: refused() > before)
    finally:
        file.with_suffix(".away").rename(file)
    run_until(site, creator, post_id, "published")
    assert_published_once(site, creator, post_id)
    assert attempts(site, post_id) == [("pull_from_url", "published")]


def test_a_prefix_that_is_not_verified_holds_the_post_for_the_operator(site, creator):
    site.sandbox.patch("settings", verified_prefixes=[])
    post_id = due_now(creator, creator.video)
    run_once(site)
    post = creator.post(post_id)
    assert reason(post) == ("held", "url_ownership_unverified")
    assert (post["remedy"]["code"], post["reason"]["who"]) == ("operator", "operator")
    assert pulls(site, creator) == []
    site.sandbox.patch("settings", verified_prefixes=[f"{site.url}/pull/"])
    site.sql("UPDATE post SET preflight_at = now() WHERE id = %s AND preflight_at IS NOT NULL", post_id)
    run_once(site)
    assert run_until(site, creator, post_id, "published")
    assert_published_once(site, creator, post_id)


def test_the_mode_may_change_while_a_post_is_under_way(site, creator):
    """What has begun as a pull ends as one, and the next is an upload."""
    pulled = due_now(creator, creator.video, caption="pulled #slow:100000")
    run_to(site, creator, pulled, "processing")
    with site.configured(tiktok_transfer="file_upload"):
        uploaded = due_now(creator, creator.video, caption="uploaded")
        run_until(site, creator, uploaded, "published")
        site.sandbox.post(f"publishes/{creator.post(pulled)['publish_id']}", action="complete")
        run_until(site, creator, pulled, "published")
    assert attempts(site, pulled) == [("pull_from_url", "published")]
    assert attempts(site, uploaded) == [("file_upload", "published")]
    assert secrets_in(site.logs()["publisher.log"], site) == []
