"""The crash points of publishing, P1 to P35: what is expected after each, S (inits at the sandbox) and V (videos there).

P10 and P30 belong to the journal, which is not there yet; P34, a database restart at each of them, is walked in
test_exactly_once.py, as are all points with more sizes and publishers.
"""
import contextlib
import os
import pathlib
import signal
import threading

import pytest

import spg_site
from crash import (Crew, Publishers, There, bring_forward, check, expire_lease, losing_answers, rows, settle,
                   state)
from spg_site import wait_for


@pytest.fixture(scope="module")
def crew(site, video_file):
    if not site.has_failpoints():
        pytest.skip("this build has no failpoints")
    return Crew(site, video_file, accounts=8, sizes=("small", "six"))


@pytest.fixture
def publishers(site):
    started = Publishers(site)
    yield started
    started.end_all()


@contextlib.contextmanager
def settings(site, **values):
    """Knobs of the sandbox, turned for a while."""
    before = site.sandbox.get("state")["settings"]
    site.sandbox.patch("settings", **values)
    try:
        yield
    finally:
        site.sandbox.patch("settings", **{name: before[name] for name in values})


def killed_in_call(site, publishers, route, **rule):
    """A publisher that dies while the sandbox holds one of its calls."""
    fault = site.sandbox.fault(route, action="delay", seconds=600, **rule)
    publisher = publishers.start()

    def is_held():
        assert publisher.process.poll() is None, f"ended before its call:\n{publisher.output[-2500:]}"
        return any(rule["id"] == fault["id"] and rule["hits"] for rule in site.sandbox.get("faults"))
    wait_for(f"{route} held", is_held, pause=0.02)
    publisher.kill()
    site.sandbox.delete(f"faults/{fault['id']}")


def age(site, post, minutes=66):
    """The post's live attempt began so long ago."""
    site.sql("UPDATE attempt SET intent_at = intent_at - make_interval(mins => %s) WHERE post_id = %s"
             " AND closed_at IS NULL", minutes, post.id)
    site.sql("UPDATE post SET sent_at = sent_at - make_interval(mins => %s) WHERE id = %s", minutes, post.id)


def run_until(site, what, is_so, timeout=60):
    """Run publishers, with all waiting times brought forward, until it is so."""
    def tried():
        bring_forward(site)
        site.run("publisher", "--once")
        return is_so()
    return wait_for(what, tried, timeout)


def until_state(site, post, wanted):
    run_until(site, f"{post} {wanted}", lambda: state(site, post) == wanted)


# ---------------------------------------------------------------- killed between two steps

# id, point, size, S
KILLED = [
    ("P1", "claim_before", "small", 1),
    ("P2", "claimed", "small", 1),
    ("P5-before", "creator_info_before", "small", 1),
    ("P5-after", "creator_info_answered", "small", 1),
    ("P6-intent", "started", "small", 1),
    ("P6-call", "init_before", "small", 1),
    ("P9-answer", "init_answered", "small", 2),
    ("P9-sealed", "opened_before", "six", 2),
    ("P11", "opened", "six", 1),
    ("P13", "chunk_answered:3", "six", 1),
    ("P15", "final_intent_before", "six", 1),
    ("P16-intent", "final_intent", "six", 1),
    ("P16-call", "last_chunk_before", "small", 1),
    ("P19", "last_chunk_answered", "six", 1),
    ("P21-answer", "follow_answered", "small", 1),
    ("P21-commit", "published_before", "small", 1),
    ("P25", "moved:2", "small", 1),
]


@pytest.mark.parametrize("point,size,inits", [row[1:] for row in KILLED], ids=[row[0] for row in KILLED])
def test_killed(site, crew, publishers, point, size, inits):
    post = crew.post(size, privacy_level="SELF_ONLY")
    publishers.killed_at(point)
    settle(site, [post])
    check(site, [post], crew, inits=(inits, inits))
    if point in ("claim_before", "claimed"):
        assert rows(site, post)["attempts"] == (1 if point == "claim_before" else 2)  # I5


# ---------------------------------------------------------------- killed in the middle of a call

# id, route, fault, S
IN_CALL = [
    ("P7", "video_init", {"when": "after"}, 2),
    ("P12", "upload", {"chunk": 2, "when": "during", "bytes": 3_000_000}, 1),
    ("P17", "upload", {"chunk": -1, "when": "during", "bytes": 5_000_000}, 1),
    ("P18-killed", "upload", {"chunk": -1, "when": "after"}, 1),
    ("P21-call", "status", {"when": "after"}, 1),
]


@pytest.mark.parametrize("route,rule,inits", [row[1:] for row in IN_CALL], ids=[row[0] for row in IN_CALL])
def test_killed_in_a_call(site, crew, publishers, route, rule, inits):
    post = crew.post("six", privacy_level="SELF_ONLY")
    killed_in_call(site, publishers, route, caption=post.caption, **rule)
    settle(site, [post])
    check(site, [post], crew, inits=(inits, inits))


# id, route, fault, S
LOST = [
    ("P8-reset", "video_init", {"action": "reset"}, 2),
    ("P8-timeout", "video_init", {"action": "stall", "seconds": 1}, 2),
    ("P8-504", "video_init", {"action": "answer", "status": 504, "body": "gateway"}, 2),
    ("P18-reset", "upload", {"chunk": -1, "action": "reset"}, 1),
    ("P18-500", "upload", {"chunk": -1, "action": "answer", "status": 500, "body": ""}, 1),
]


@pytest.mark.parametrize("route,rule,inits", [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_answer_lost(site, crew, publishers, route, rule, inits):
    post = crew.post("six", privacy_level="SELF_ONLY")
    site.sandbox.fault(route, caption=post.caption, when="after", **rule)
    settle(site, [post])
    check(site, [post], crew, inits=(inits, inits))
    last = [put for publish in There(site).inits(post) for put in There(site).puts.get(publish["publish_id"], [])
            if put["chunk"] == 5]
    assert len(last) == 1  # with all bytes there it is asked, never sent again


# ---------------------------------------------------------------- the rows that need more than one fault

def test_p3_the_answer_to_the_claim_is_lost(site, crew, publishers):
    with losing_answers(site) as (command, told):
        posts = [crew.post()]
        publishers.start(command=command).ended_well()
        claims = [name for name in told() if "claim" in name]
    assert claims
    for claim in claims:
        posts.append(crew.post())
        with losing_answers(site, claim) as (command, told):
            publishers.start(command=command).ended_well()
            assert f"lost {claim}" in told()
    settle(site, posts)
    check(site, posts, crew)


@pytest.mark.parametrize("point,inits", [("refresh_before", 1), ("refresh_answered", 0), ("refresh_saved", 1)])
def test_p4_killed_during_a_refresh(site, crew, publishers, point, inits):
    account = crew.connect_one_more()
    post = crew.post(account=account)
    site.sandbox.post(f"accounts/{account.open_id}/expire", token="access")
    publishers.killed_at(point)
    settle(site, [post])
    if inits:
        check(site, [post], crew)
        return
    check(site, [post], crew, state="held", inits=(0, 0), videos=0)
    assert rows(site, post)["remedy_code"] == "reconnect"
    settle(site, [post], crew, rests=("published",))
    check(site, [post], crew)


def test_p14_an_upload_too_old_to_go_on_with_begins_anew(site, crew, publishers):
    with settings(site, upload_seconds=600.0):
        post = crew.post("six")
        publishers.killed_at("chunk_acked:2")
    site.sandbox.post("clock", advance=601)
    age(site, post)
    settle(site, [post])
    check(site, [post], crew, inits=(2, 2))


def test_p16_dead_after_the_final_intent_is_shown_never_guessed(site, crew, publishers):
    with settings(site, upload_seconds=600.0):
        post = crew.post("six")
        publishers.killed_at("last_chunk_before")
    site.sandbox.post("clock", advance=601)
    age(site, post)
    run_until(site, "taken over", lambda: state(site, post) in ("processing", "held"))
    age(site, post)
    settle(site, [post])
    check(site, [post], crew, state="held", inits=(1, 1), videos=0, doubt=True)
    assert rows(site, post)["reason_code"] == "outcome_unknown"


def test_p16_a_crash_loop_after_the_final_intent_is_followed(site, crew, publishers):
    """I3: from the final intent on a post moves to processing only. TikTok has all of this one, and no webhook tells."""
    with settings(site, webhook_skip_events=["post.publish.complete", "post.publish.publicly_available"]):
        post = crew.post("six", privacy_level="SELF_ONLY")
        publishers.killed_at("last_chunk_answered")
        for _ in range(8):
            expire_lease(site, post)
            publishers.start("status_before").end()
        settle(site, [post])
        check(site, [post], crew)


def test_p20_a_failure_read_but_not_recorded_is_read_again(site, crew, publishers):
    with settings(site, processing_seconds=100000.0):
        post = crew.post()
        until_state(site, post, "processing")
    site.sandbox.post(f"publishes/{rows(site, post)['publish_id']}", action="fail", reason="internal")
    bring_forward(site)
    publishers.killed_at("follow_answered")
    settle(site, [post])
    check(site, [post], crew, inits=(2, 2))


def test_p22_a_token_that_expires_while_confirming(site, crew, publishers):
    with settings(site, processing_seconds=100000.0):
        post = crew.post()
        until_state(site, post, "processing")
    publish_id = rows(site, post)["publish_id"]
    site.sandbox.post(f"accounts/{post.account.open_id}/expire", token="access")
    site.sandbox.post(f"publishes/{publish_id}", action="complete")
    settle(site, [post])
    check(site, [post], crew)
    assert rows(site, post)["publish_id"] == publish_id


def test_p23_a_webhook_before_the_publish_id_is_known_is_kept(site, crew, publishers):
    post = crew.post()
    publisher = publishers.stopped_at("opened_before")
    publish_id = There(site).inits(post)[0]["publish_id"]
    told = site.sandbox.post("webhooks", event="post.publish.complete", open_id=post.account.open_id,
                             content={"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"})
    assert told["statuses"] == [200]

    def kept():
        return site.sql("SELECT state FROM webhook_event WHERE publish_id = %s AND event = 'post.publish.complete'"
                        " ORDER BY id LIMIT 1", publish_id)[0][0]

    def looked_at():
        site.run("publisher", "--once")
        return site.sql("SELECT id FROM webhook_event WHERE publish_id = %s AND tries > 0", publish_id)
    wait_for("the webhook looked at", looked_at)
    assert kept() == "new"
    publisher.goes_on()
    publisher.ended_well()
    site.sql("UPDATE webhook_event SET handled_at = handled_at - interval '1 minute' WHERE publish_id = %s", publish_id)
    settle(site, [post])
    run_until(site, "the webhook joined", lambda: kept() == "done")
    check(site, [post], crew)


@pytest.mark.parametrize("commits", [False, True], ids=["before-commit", "after-commit"])
def test_p24_the_webhook_program_killed(site, crew, commits):
    """TikTok hears no 200 and delivers again: one row, whether the first was written or not."""
    publish_id = f"v_pub_file~v2-1.{os.urandom(6).hex()}"
    content = {"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"}
    event = {"event": "post.publish.complete", "open_id": crew.accounts[0].open_id, "content": content,
             "create_time": 1_800_000_000}
    answers = []
    with contextlib.closing(site.connect_to_database()) as blocker:
        blocker.autocommit = False
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE webhook_event IN SHARE MODE")
        first = threading.Thread(target=lambda: answers.append(site.sandbox.post("webhooks", **event)))
        first.start()
        waiting = "SELECT pid FROM pg_stat_activity WHERE usename = 'spg_tiktok_webhook' AND wait_event_type = 'Lock'"
        backend = wait_for("the insert waits", lambda: site.sql(waiting))[0][0]
        if not commits:
            site.sql("SELECT pg_terminate_backend(%s)", backend)
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(entry / "exe") == str(site.dir / "app/bin/tiktok_webhook"):
                    os.kill(int(entry.name), signal.SIGKILL)
        blocker.rollback()
    first.join(30)
    assert answers and answers[0]["statuses"][0] != 200, answers
    wait_for("delivered again", lambda: site.sandbox.post("webhooks", **event)["statuses"] == [200])
    assert site.sandbox.post("webhooks", times=2, **event)["statuses"] == [200, 200]
    assert site.sql("SELECT count(*) FROM webhook_event WHERE publish_id = %s", publish_id) == [(1,)]


def test_p26_the_file_of_a_published_video_is_the_janitors(site, crew, publishers, video_file):
    """A publisher deletes no file, so none is half deleted by its death."""
    video = site.ready_video(crew.user, video_file)
    file = site.dir / "media/videos" / site.sql("SELECT file FROM video WHERE id = %s", video)[0][0]
    post = crew.post(video=video)
    publishers.killed_at("moved:2")
    settle(site, [post])
    check(site, [post], crew)
    assert file.exists()
    assert crew.user.request("DELETE", f"/api/v1/videos/{video}").status in (200, 202, 204)

    def removed():
        assert site.run("janitor").returncode == 0
        return not file.exists()
    wait_for("the file removed", removed)
    assert state(site, post) == "published"


@pytest.mark.parametrize("point", ["claimed", "chunk_acked:2", "last_chunk_before"])
def test_p27_who_sleeps_past_the_lease_changes_nothing(site, crew, publishers, point):
    post = crew.post("six", privacy_level="SELF_ONLY")
    sleeper = publishers.stopped_at(point)
    settle(site, [post])
    before = rows(site, post, "state, publish_id, fence, finished_at")
    sleeper.goes_on()
    sleeper.ended_well()
    assert rows(site, post, "state, publish_id, fence, finished_at") == before
    check(site, [post], crew)


def test_p28_several_publishers_claim_each_post_once(site, crew, publishers):
    posts = [crew.post() for _ in range(16)]
    for publisher in [publishers.start() for _ in range(4)]:
        publisher.ended_well()
    settle(site, posts)
    check(site, posts, crew)
    assert all(rows(site, post)["attempts"] <= 2 for post in posts)  # an account's slot may have been taken


def test_p29_a_publish_id_that_cannot_be_kept_gets_no_byte(site, crew, publishers):
    """E5: the database is away; nothing is sent until it is back."""
    post = crew.post("six")
    publisher = publishers.stopped_at("opened_before")
    publish_id = There(site).inits(post)[0]["publish_id"]
    with site.database_down():
        publisher.goes_on()
        publisher.ended_well()
        assert publish_id not in There(site).puts
    settle(site, [post])
    assert publish_id not in There(site).puts
    check(site, [post], crew, inits=(2, 2))


def test_p29_a_publisher_outlives_its_database(site, crew, publishers):
    """E4, E5: one that was started by cron waits for the database and goes on by itself."""
    publisher = publishers.stopped_at("claim_before", once=False)
    with site.database_down():
        publisher.goes_on()
        wait_for("it has noticed", lambda: "database_gone" in publisher.output)
    post = crew.post()
    wait_for("published", lambda: state(site, post) == "published")
    assert publisher.process.poll() is None
    publisher.ended_well()
    check(site, [post], crew)


# ---------------------------------------------------------------- P31: cancelled in each state

def cancel(crew, post):
    return crew.user.request("DELETE", f"/api/v1/posts/{post.id}")


def test_p31_a_draft_is_cancelled(site, crew):
    post = crew.post(due_at=None, consent=None)
    assert cancel(crew, post).status == 200
    settle(site, [post])
    check(site, [post], crew, state="cancelled", inits=(0, 0), videos=0)


@pytest.mark.parametrize("point", [None, "claimed", "creator_info_answered"])
def test_p31_a_scheduled_post_is_cancelled(site, crew, publishers, point):
    """Also while a publisher has it in hand: its next write finds that it is not its own any more."""
    post = crew.post(due=0 if point else 300)
    publisher = publishers.stopped_at(point) if point else publishers.start()
    assert cancel(crew, post).status == 200
    publisher.goes_on()
    publisher.ended_well()
    site.sql("UPDATE post SET next_attempt_at = now() WHERE id = %s", post.id)
    settle(site, [post])
    check(site, [post], crew, state="cancelled", inits=(0, 0), videos=0)


@pytest.mark.parametrize("point", ["started", "opened", "chunk_acked", "last_chunk_answered", "follow_before"])
def test_p31_a_post_on_its_way_is_not(site, crew, publishers, point):
    post = crew.post("six")
    publisher = publishers.stopped_at(point)
    assert cancel(crew, post).status == 409
    publisher.goes_on()
    publisher.ended_well()
    settle(site, [post])
    check(site, [post], crew)


def test_p31_a_held_post_is_cancelled(site, crew):
    post = crew.post()
    site.sql("UPDATE post SET due_at = now() - interval '5 hours', next_attempt_at = now() - interval '5 hours'"
             " WHERE id = %s", post.id)
    until_state(site, post, "held")
    assert cancel(crew, post).status == 200
    settle(site, [post])
    check(site, [post], crew, state="cancelled", inits=(0, 0), videos=0)


def test_p31_a_post_of_unknown_outcome_is_cancelled_and_says_so(site, crew):
    with settings(site, processing_seconds=100000.0):
        post = crew.post()
        until_state(site, post, "processing")
    site.sql("UPDATE post SET sent_at = now() - interval '73 hours' WHERE id = %s", post.id)
    until_state(site, post, "held")
    assert rows(site, post)["reason_code"] == "outcome_unknown"
    assert cancel(crew, post).status == 200
    site.sandbox.post(f"publishes/{rows(site, post)['publish_id']}", action="complete")
    settle(site, [post])
    check(site, [post], crew, state="cancelled")
    assert rows(site, post)["reason_code"] == "may_be_public"


# ---------------------------------------------------------------- P32: edited while claimed

@pytest.mark.parametrize("point,status", [("claimed", 200), ("creator_info_answered", 200), ("start_before", 200),
                                          ("started", 409), ("opened", 409), ("last_chunk_answered", 409)])
def test_p32_edited_while_claimed(site, crew, publishers, point, status):
    """Refused, or for a later attempt only: what goes out is what the post says."""
    post = crew.post()
    publisher = publishers.stopped_at(point)
    answer = crew.user.request("PATCH", f"/api/v1/posts/{post.id}", body={"caption": f"{post.caption} edited"})
    assert answer.status == status, answer
    publisher.goes_on()
    publisher.ended_well()
    settle(site, [post])
    if status == 200:
        assert There(site).inits(post) == []
        post.caption += " edited"
    check(site, [post], crew)


# ---------------------------------------------------------------- P33: the account deleted

@pytest.mark.parametrize("point", ["draft", "scheduled", "held", "claimed", "creator_info_answered", "started",
                                   "init_answered", "opened", "chunk_acked", "final_intent", "last_chunk_answered",
                                   "follow_before", "moved:2"])
def test_p33_the_account_is_disconnected(site, crew, publishers, point):
    """At most once, whatever stood where; its tokens are gone in the end."""
    account = crew.connect_one_more()
    crew.accounts.remove(account)
    publisher = None
    if point == "draft":
        post = crew.post(account=account, due_at=None, consent=None)
    else:
        post = crew.post("six", account=account, due=300 if point == "scheduled" else 0)
    if point == "held":
        site.sql("UPDATE post SET due_at = now() - interval '5 hours', next_attempt_at = now() - interval '5 hours'"
                 " WHERE id = %s", post.id)
        until_state(site, post, "held")
    elif point not in ("draft", "scheduled"):
        publisher = publishers.stopped_at(point)
    assert crew.user.request("DELETE", f"/api/v1/accounts/{account.id}").status == 202
    if publisher:
        publisher.goes_on()
        publisher.ended_well()

    def wiped():
        return site.sql("SELECT a.state, t.account_id FROM account a LEFT JOIN account_token t ON t.account_id = a.id"
                        " WHERE a.id = %s", account.id) == [("disconnected", None)]
    run_until(site, "the tokens wiped", wiped)
    there = There(site)
    before_init = point in ("draft", "scheduled", "held", "claimed", "creator_info_answered")
    assert len(there.inits(post)) <= (0 if before_init else 1)
    assert len(there.videos(post)) <= (0 if before_init else 1)
    row = rows(site, post)
    assert row["state"] in ("draft", "held", "published", "processing"), row
    if there.videos(post):
        assert row["publish_id"] == there.videos(post)[0][0]["publish_id"], row


@pytest.mark.parametrize("point,videos", [("claimed", 0), ("opened", 0), ("chunk_acked", 0), ("final_intent_before", 0),
                                          ("final_intent", 1), ("last_chunk_answered", 1)])
def test_p33_the_user_is_erased(site, publishers, video_file, point, videos):
    """Before the final intent nothing more is sent; after it the post goes its way first."""
    crew = Crew(site, video_file, accounts=1, sizes=("small", "six"))
    post = crew.post("six")
    publisher = publishers.stopped_at(point)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"confirm=erase&csrf_token={crew.user.csrf}"
    assert crew.user.request("POST", "/deletion", body=body, headers=form).status == 303
    publisher.goes_on()
    publisher.ended_well()

    def erased():
        site.run("janitor")
        return site.sql("SELECT count(*) FROM app_user WHERE id = %s", crew.user.user_id) == [(0,)]
    run_until(site, "erased", erased)
    assert len(There(site).videos(post)) == videos
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", post.account.id) == [(0,)]


# ---------------------------------------------------------------- P35: TikTok is down

@pytest.mark.parametrize("looks", [3, 12])
def test_p35_tiktok_is_down_for_a_while(site, crew, publishers, looks):
    """Posts that stand everywhere, and one that falls due in between, wait and go out once when it is back."""
    posts = []
    for point in ("creator_info_before", "init_answered", "chunk_acked:3", "last_chunk_answered", "follow_answered"):
        posts.append(crew.post("six"))
        publishers.killed_at(point)
    site.sandbox.fault("*", times=-1, action="answer", status=503, body="down")
    posts.append(crew.post())
    for _ in range(looks):
        bring_forward(site)
        publishers.start().ended_well()
    states = {state(site, post) for post in posts}
    site.sandbox.delete("faults")
    assert states <= {"scheduled", "publishing", "processing"}
    settle(site, posts)
    check(site, posts, crew, inits=(1, 2))


# ---------------------------------------------------------------- pull mode

@pytest.fixture(scope="module")
def pull(site, video_file):
    """An installation where TikTok fetches the videos."""
    if not site.has_failpoints():
        pytest.skip("this build has no failpoints")
    with spg_site.running_site(sets=["tiktok_transfer=pull_from_url"]) as pulling:
        pulling.sandbox.patch("settings", verified_prefixes=[f"{pulling.url}/"], rate_limits=False,
                              daily_post_cap=100000, processing_seconds=0.3)
        yield Crew(pulling, video_file, accounts=8, sizes=("small",))


@pytest.fixture
def pullers(pull):
    started = Publishers(pull.site)
    yield started
    started.end_all()


# P7 to P9 leave an address that gives no byte; from P11 on only the status is asked.
PULLED = [("P2", "claimed", 1), ("P6", "init_before", 1), ("P9-answer", "init_answered", 2), ("P9-sealed", "opened_before", 2),
          ("P11", "opened", 1), ("P19", "move_before", 1), ("P21-answer", "follow_answered", 1),
          ("P21-commit", "published_before", 1), ("P25", "moved:2", 1)]


@pytest.mark.parametrize("point,inits", [row[1:] for row in PULLED], ids=[row[0] for row in PULLED])
def test_pull_killed(pull, pullers, point, inits):
    post = pull.post(privacy_level="SELF_ONLY")
    pullers.killed_at(point)
    settle(pull.site, [post])
    check(pull.site, [post], pull, inits=(inits, inits))


@pytest.mark.parametrize("action", [{"action": "reset"}, {"action": "answer", "status": 504, "body": "gateway"}])
def test_pull_p8_the_answer_to_init_is_lost(pull, pullers, action):
    post = pull.post()
    pull.site.sandbox.fault("video_init", caption=post.caption, when="after", **action)
    settle(pull.site, [post])
    check(pull.site, [post], pull, inits=(2, 2))


def test_pull_p7_killed_during_init(pull, pullers):
    post = pull.post()
    killed_in_call(pull.site, pullers, "video_init", caption=post.caption, when="after")
    settle(pull.site, [post])
    check(pull.site, [post], pull, inits=(2, 2))


def test_pull_p27_who_sleeps_past_the_lease_changes_nothing(pull, pullers):
    posts, sleepers = [], []
    for point in ("init_answered", "opened", "move_before"):
        posts.append(pull.post())
        sleepers.append(pullers.stopped_at(point))
    settle(pull.site, posts)
    for sleeper in sleepers:
        sleeper.goes_on()
    for sleeper in sleepers:
        sleeper.ended_well()
    settle(pull.site, posts)
    check(pull.site, posts, pull, inits=(1, 2))


def test_pull_p34_the_database_restarts(pull, pullers):
    posts, standing = [], []
    for point in ("init_answered", "opened_before", "opened", "move_before"):
        posts.append(pull.post())
        standing.append(pullers.stopped_at(point))
    pull.site.restart_database("immediate")
    for publisher in standing:
        publisher.goes_on()
    for publisher in standing:
        publisher.ended_well()
    settle(pull.site, posts)
    check(pull.site, posts, pull, inits=(1, 2))
