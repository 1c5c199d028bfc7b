"""Every due post goes out once, whatever breaks off where: a walk over all failpoints and all lost answers (issue 3, 1).

The failpoints are found in the sources and the statements in the traffic, so that what is new is walked too; one that
the walk cannot reach fails it, and then needs a line in `arrange`. Many posts share a round, each of another account
and broken off at another point; after the round all of them are settled and checked together.
"""
import re

import pytest

from crash import (Crew, Publishers, bring_forward, check, expire_lease, failpoints, fall_due, is_locked,
                   losing_answers, rows, settle)
from spg_site import wait_for

POINTS = failpoints("lib/publish", "lib/store")
# Passed once for each chunk but the last, and only where there are several.
PER_CHUNK = [point for point in POINTS if point.startswith("chunk_")]
SEVERAL = [*PER_CHUNK, *(point for point in POINTS if point.startswith("final_intent"))]
CHUNKS = [point for point in POINTS if re.search("chunk_|final_intent|opened", point)]
RESUMING = [point for point in POINTS if point.startswith("status_")]
# Before the second comes: by a publisher that stays for its minute, or long before.
AHEAD = [point for point in POINTS if point.startswith("prepared_")]
LONG_BEFORE = [point for point in POINTS if point.startswith("preflight_")]
# After the end, where nothing has told the public link.
LINKING = [point for point in POINTS if point.startswith("video_list_")]
COUNT = {"small": 1, "six": 3, "sixty_four": 40}  # which chunk


def groups(points, size=4):
    return [points[i:i + size] for i in range(0, len(points), size)]


def in_groups(points, size):
    parts = groups(points, size)
    return pytest.mark.parametrize("points", parts, ids=[f"{part[0]}..{part[-1]}" for part in parts])


# Half of all points at once, each met by a publisher of its own.
in_rounds = in_groups(POINTS, (len(POINTS) + 1) // 2)


@pytest.fixture(scope="module")
def crew(site, video_file):
    if not site.has_failpoints():
        pytest.skip("this build has no failpoints")
    return Crew(site, video_file)


@pytest.fixture
def publishers(site):
    started = Publishers(site)
    yield started
    started.end_all()


def arrange(crew, publishers, point, size="small"):
    """The world in which a publisher comes to this point; the posts that are in it."""
    if point.startswith("wipe_"):
        account = crew.connect_one_more()
        crew.accounts.remove(account)
        assert crew.user.request("DELETE", f"/api/v1/accounts/{account.id}").status in (200, 202, 204)
        return []
    if point in SEVERAL and size == "small":
        size = "six"
    if point in LINKING:
        return [published_without_a_link(crew)]
    due = 90 if point in AHEAD else 600 if point in LONG_BEFORE else 0
    post = crew.post(size, due=due, privacy_level="SELF_ONLY")
    if point.startswith("refresh_"):
        crew.site.sandbox.post(f"accounts/{post.account.open_id}/expire", token="access")
    if point in RESUMING:
        publishers.killed_at("opened")
        expire_lease(crew.site, post)
    return [post]


def published_without_a_link(crew):
    """A public post of an account whose list of videos may be looked at, some minutes ago."""
    site, scopes = crew.site, ["user.info.basic", "video.publish", "video.upload", "video.list"]
    post = crew.post(words="#noid")
    settle(site, [post], crew)
    site.sandbox.patch(f"accounts/{post.account.open_id}", scopes=scopes)
    site.sql("UPDATE account SET scopes = %s WHERE id = %s", scopes, post.account.id)
    site.sql("UPDATE post SET sent_at = sent_at - interval '10 minutes', next_check_at = now() WHERE id = %s", post.id)
    return post


def spec(point, size="small"):
    return f"{point}:{COUNT[size]}" if point in PER_CHUNK else point


def kill(publishers, point, size="small"):
    publishers.killed_at(spec(point, size), once=point not in AHEAD)


def stop(publishers, point, size="small"):
    return publishers.stopped_at(spec(point, size), once=point not in AHEAD)


def all_is_well(site, crew, posts, timeout=90):
    fall_due(site, posts)
    settle(site, posts, crew, timeout)
    # A publish_id that was lost before any byte went out, or with the account's access, costs one more init.
    check(site, posts, crew, inits=(1, 2))
    left = "state = 'disconnecting' OR state = 'disconnected' AND id IN (SELECT account_id FROM account_token)"
    assert [] == site.sql(f"SELECT id FROM account WHERE user_id = %s AND ({left})", crew.user.user_id)


# ---------------------------------------------------------------- kill -9

@in_rounds
def test_killed(site, crew, publishers, points):
    posts = []
    for point in points:
        posts += arrange(crew, publishers, point)
        kill(publishers, point)
    all_is_well(site, crew, posts)


@in_rounds
def test_many_at_once_killed(site, crew, publishers, points):
    """All stand at points of their own when they die; then four others come at once."""
    posts, standing = [], []
    for point in points:
        posts += arrange(crew, publishers, point)
        standing.append(stop(publishers, point))
    for publisher in standing:
        publisher.kill()
    bring_forward(site)
    for publisher in [publishers.start() for _ in range(4)]:
        publisher.ended_well()
    all_is_well(site, crew, posts)


@in_groups(CHUNKS, 5)
def test_six_chunks_killed(site, crew, publishers, points):
    posts = []
    for point in points:
        posts += arrange(crew, publishers, point, "six")
        kill(publishers, point, "six")
    all_is_well(site, crew, posts)


def test_sixty_four_chunks_killed(site, crew, publishers):
    site.sandbox.patch("settings", hash_uploads=False)
    try:
        posts = []
        for point in CHUNKS:
            posts += arrange(crew, publishers, point, "sixty_four")
            kill(publishers, point, "sixty_four")
        all_is_well(site, crew, posts, timeout=240)
    finally:
        site.sandbox.patch("settings", hash_uploads=True)


def test_killed_again_while_resuming(site, crew, publishers):
    posts = []
    for point in [*RESUMING, *(name for name in CHUNKS if not name.startswith("opened"))]:
        post, = arrange(crew, publishers, "opened", "six")
        publishers.killed_at("chunk_acked")
        expire_lease(site, post)
        publishers.killed_at(point)
        posts.append(post)
    all_is_well(site, crew, posts)


# ---------------------------------------------------------------- standing still past the lease

@in_rounds
def test_stopped_past_the_lease(site, crew, publishers, points):
    """P27 at every point, many publishers asleep at once: others take over and finish, then the sleepers wake."""
    posts, sleepers = [], []
    for point in points:
        posts += arrange(crew, publishers, point)
        sleepers.append(stop(publishers, point))
    bring_forward(site)
    fall_due(site, posts)
    settle(site, [post for post in posts if not is_locked(site, post)], crew)
    for sleeper in sleepers:
        sleeper.goes_on()
    for sleeper in sleepers:
        sleeper.ended_well()
    all_is_well(site, crew, posts)


@in_groups(CHUNKS, 5)
def test_six_chunks_stopped_past_the_lease(site, crew, publishers, points):
    """Nobody takes over in the meantime; then all wake at once, while others look for what was lost."""
    posts, sleepers = [], []
    for point in points:
        posts += arrange(crew, publishers, point, "six")
        sleepers.append(stop(publishers, point, "six"))
    bring_forward(site)
    others = [publishers.start() for _ in range(2)]
    for sleeper in sleepers:
        sleeper.goes_on()
    for publisher in sleepers + others:
        publisher.ended_well()
    all_is_well(site, crew, posts)


# ---------------------------------------------------------------- the database restarted

@in_rounds
def test_database_restarted(site, crew, publishers, points):
    """P34: PostgreSQL ends in immediate mode and comes again while publishers stand at each point."""
    posts, standing = [], []
    for point in points:
        posts += arrange(crew, publishers, point)
        standing.append(stop(publishers, point))
    site.restart_database("immediate")
    for publisher in standing:
        publisher.goes_on()
    for publisher in standing:
        publisher.ended_well()
    all_is_well(site, crew, posts)


def test_six_chunks_database_restarted(site, crew, publishers):
    posts, standing = [], []
    for point in CHUNKS:
        posts += arrange(crew, publishers, point, "six")
        standing.append(stop(publishers, point, "six"))
    site.restart_database("immediate")
    for publisher in standing:
        publisher.goes_on()
    for publisher in standing:
        publisher.ended_well()
    all_is_well(site, crew, posts)


@pytest.mark.parametrize("mode", ["fast", "backend"])
def test_database_ends_another_way(site, crew, publishers, mode):
    """E4: a fast restart, and one connection's server process killed, which makes all others start anew."""
    posts = arrange(crew, publishers, "chunk_acked", "six")
    publisher = publishers.stopped_at("chunk_acked")
    if mode == "backend":
        site.kill_database_backend("spg_publisher")
    else:
        site.restart_database(mode)
    publisher.goes_on()
    publisher.ended_well()
    all_is_well(site, crew, posts)


# ---------------------------------------------------------------- answers of the database lost

def statements_of_a_post(site, crew, publishers):
    """The names of all statements with which one post, and one refresh, goes through."""
    with losing_answers(site) as (command, told):
        posts = arrange(crew, publishers, "refresh_before", "six")
        publishers.start(command=command).ended_well()
        names = [line for line in told() if line != "listening"]
    all_is_well(site, crew, posts)
    return names


def test_lost_answers_of_the_database(site, crew, publishers):
    """E6: the server has done it, COMMIT included, but nobody heard of it: at every statement there is."""
    names = statements_of_a_post(site, crew, publishers)
    assert len(names) > 10, names
    posts = []
    for number, name in enumerate(names):
        if number % 6 == 0:  # in between, or the same post would break off again and again
            settle(site, posts, crew)
        point = "refresh_before" if name.startswith("account_token") else "opened"
        lost = any(loses(site, crew, publishers, name, point, size, posts) for size in ("small", "six"))
        assert lost or name.startswith("inbox_"), name  # what a delivery says that comes just then is chance
    all_is_well(site, crew, posts)


def loses(site, crew, publishers, name, point, size, posts):
    """Whether the answer to name was lost to a publisher with one more post in hand."""
    posts += arrange(crew, publishers, point, size)
    with losing_answers(site, name) as (command, told):
        publisher = publishers.start(command=command)
        wait_for("lost, or the end", lambda: f"lost {name}" in told() or publisher.process.poll() is not None)
        publisher.process.terminate()  # what it makes of it comes first
        publisher.ended_well()
        return f"lost {name}" in told()


# ---------------------------------------------------------------- answers of TikTok lost, or bad

FAULTS = [
    ("video_init", {"when": "before", "action": "reset"}),
    ("video_init", {"when": "after", "action": "reset"}),
    ("video_init", {"when": "after", "action": "answer", "status": 504, "body": "gateway"}),
    ("video_init", {"when": "after", "action": "empty"}),
    ("video_init", {"when": "after", "action": "malformed"}),
    ("video_init", {"when": "after", "action": "html"}),
    ("creator_info", {"when": "before", "action": "answer", "status": 500, "code": "internal_error"}),
    ("creator_info", {"when": "after", "action": "reset"}),
    ("upload", {"chunk": 0, "when": "during", "bytes": 3_000_000, "action": "reset"}),
    ("upload", {"chunk": 1, "when": "before", "action": "answer", "status": 416, "body": ""}),
    ("upload", {"chunk": 1, "when": "after", "action": "answer", "status": 503, "body": ""}),
    ("upload", {"chunk": 2, "when": "before", "action": "answer", "status": 503, "body": ""}),
    ("upload", {"chunk": 2, "when": "after", "action": "reset"}),
    ("upload", {"chunk": 3, "when": "before", "action": "answer", "status": 403, "body": ""}),
    ("upload", {"chunk": 3, "when": "before", "action": "answer", "status": 404, "body": ""}),
    ("upload", {"chunk": 4, "when": "during", "bytes": 3_000_000, "action": "close"}),
    ("upload", {"chunk": 4, "when": "after", "action": "answer", "status": 500, "body": ""}),
    ("upload", {"chunk": -1, "when": "before", "action": "reset"}),
    ("upload", {"chunk": -1, "when": "before", "action": "answer", "status": 403, "body": ""}),
    ("upload", {"chunk": -1, "when": "before", "action": "answer", "status": 404, "body": ""}),
    ("upload", {"chunk": -1, "when": "before", "action": "answer", "status": 416, "body": ""}),
    ("upload", {"chunk": -1, "when": "during", "bytes": 5_000_000, "action": "close"}),
    ("upload", {"chunk": -1, "when": "after", "action": "reset"}),
    ("upload", {"chunk": -1, "when": "after", "action": "answer", "status": 502, "body": ""}),
    ("status", {"when": "before", "action": "answer", "status": 500, "code": "internal_error"}),
    ("status", {"when": "before", "action": "reset"}),
    ("status", {"when": "after", "action": "html"}),
]


@pytest.mark.parametrize("faults", groups(FAULTS, 14), ids=lambda faults: "-".join({route: 1 for route, _ in faults}))
def test_faults_on_the_way(site, crew, faults):
    """Resumed as the reference says (tiktok 3.11), each of the round's posts by itself."""
    site.sandbox.delete("faults")
    posts = []
    for number, (route, rule) in enumerate(faults):
        post = crew.post("six", words=f"fault{number}.", privacy_level="SELF_ONLY")
        whose = {"account": post.account.open_id} if route == "creator_info" else {"caption": post.caption}
        site.sandbox.fault(route, **whose, **rule)
        posts.append(post)
    try:
        settle(site, posts, crew)
        assert [] == [rule for rule in site.sandbox.get("faults") if not rule["hits"]]
    finally:
        site.sandbox.delete("faults")
    check(site, posts, crew, inits=(1, 2))


@pytest.mark.parametrize("point,state", [("chunk_acked", "scheduled"), ("last_chunk_answered", "processing")])
def test_an_old_upload_nobody_can_ask_about_holds_nothing_up(site, crew, publishers, point, state):
    post = crew.post("six")
    publishers.killed_at(point)
    publish_id = rows(site, post)["publish_id"]
    site.sandbox.fault("status", publish_id=publish_id, times=-1, action="answer", status=500, code="internal_error")
    try:
        site.sql("UPDATE attempt SET intent_at = now() - interval '2 hours' WHERE post_id = %s", post.id)

        def let_go():
            bring_forward(site)
            site.run("publisher", "--once")
            return rows(site, post)["state"] == state
        wait_for(f"{state}", let_go)
    finally:
        site.sandbox.delete("faults")
    settle(site, [post], crew)
    check(site, [post], crew, inits=(1, 2))
