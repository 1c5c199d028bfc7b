"""A user with 10,000 posts and 50 GB of (sparse) files goes in under a minute, and nobody else waits for it."""
import os
import secrets
import time

from spg_site import wait_for
from test_deletion import STEPS, done_steps, erase, run_janitor

POSTS, FILES, FILE_BYTES = 10_000, 13, 3_900_000_000

FILL = """
WITH made AS (
	INSERT INTO post (user_id, account_id, video_id, mode, state, due_at, next_attempt_at, consent_at, caption, public_ids)
	SELECT %(user)s, %(account)s, (%(videos)s::bigint[])[1 + n %% array_length(%(videos)s::bigint[], 1)], 'direct',
	       CASE WHEN n %% 2 = 0 THEN 'scheduled' ELSE 'published' END,
	       now() + make_interval(days => 30 + n %% 300), now() + make_interval(days => 30 + n %% 300), now(),
	       'caption ' || n, '{}'
	  FROM generate_series(1, %(posts)s) AS n
	RETURNING id),
attempts AS (
	INSERT INTO attempt (post_id, account_id, mode, fence, publish_id, publish_id_at, bytes_total, chunk_size,
	                     chunk_count, closed_at, outcome)
	SELECT id, %(account)s, 'direct', id, 'v_pub_file~load-' || id, now(), 1, 1, 1, now(), 'published' FROM made)
INSERT INTO post_event (post_id, kind, name)
SELECT id, 'state', name FROM made, (VALUES ('scheduled'), ('publishing'), ('processing'), ('published')) AS s (name)
"""


def fill(site, user):
    """Posts with attempts and timelines, and videos whose files are as long as TikTok takes them and hold nothing."""
    videos = []
    for _ in range(FILES):
        name = secrets.token_urlsafe(16)
        for folder, ending, size in (("videos", "", FILE_BYTES), ("frames", ".jpg", 1000), ("frames", ".strip.jpg", 1000)):
            path = site.dir / "media" / folder / (name + ending)
            path.touch()
            os.truncate(path, size)
        videos.append(site.sql("INSERT INTO video (user_id, file, size, state, container, sha256) VALUES"
                               " (%s, %s, %s, 'ready', 'mp4', repeat('0', 64)) RETURNING id",
                               int(user.user_id), name, FILE_BYTES)[0][0])
    with site.connect_to_database() as connection, connection.cursor() as cursor:
        cursor.execute(FILL, {"user": int(user.user_id), "account": user.account_id, "videos": videos, "posts": POSTS})
        cursor.execute("ANALYZE post, post_event, attempt")
    connection.commit()
    return [row[0] for row in site.sql("SELECT file FROM video WHERE user_id = %s", int(user.user_id))]


def test_much_goes_soon_and_nobody_waits(site, user, other_user, video_file):
    names = fill(site, user)
    other_video = site.ready_video(other_user, video_file)
    other_posts = [other_user.new_post(other_video, due_at=None)["id"] for _ in range(3)]
    user_id, started = int(user.user_id), time.monotonic()

    publisher = site.start_program("publisher")
    try:
        path = erase(site, user)
        asked = time.monotonic() - started
        assert done_steps(site, path)[:2] == STEPS[:2], "what was planned is cancelled with the request"
        wait_for("tokens revoked", lambda: "tokens_revoked" in done_steps(site, path), timeout=60)
        # Somebody else's posts fall due in the midst of it, one after the other.
        for number, post in enumerate(other_posts):
            site.sql("UPDATE post SET state = 'scheduled', due_at = now() + make_interval(secs => %s),"
                     " next_attempt_at = now() + make_interval(secs => %s), consent_at = now() WHERE id = %s",
                     2 + number, 2 + number, int(post))
        began = time.monotonic()
        run_janitor(site)
        took = time.monotonic() - began
        wait_for("posts of the other", lambda: all(other_user.post(post)["state"] == "published" for post in other_posts),
                 timeout=60)
    finally:
        publisher.terminate()
        publisher.communicate(timeout=60)
    print(f"asked in {asked:.1f} s, erased in {took:.1f} s")
    assert done_steps(site, path) == STEPS
    assert asked < 15 and took < 60, (asked, took)
    assert site.sql("SELECT count(*) FROM post WHERE user_id = %s", user_id) == [(0,)]
    counts = dict(site.sql("SELECT c.kind, c.removed FROM deletion_count c JOIN deletion_request r ON r.id = c.request_id"
                           " WHERE r.user_id = %s", user_id))
    assert (counts["posts"], counts["attempts"], counts["videos"]) == (POSTS, POSTS, FILES)
    assert [p.name for p in (site.dir / "media").rglob("*") if p.name[:22] in names] == []
    for post in other_posts:
        late = site.sql("SELECT extract(epoch FROM sent_at - due_at)::float FROM post WHERE id = %s", int(post))[0][0]
        assert late < 2, late
    assert other_user.request("GET", f"/videos/{other_video}/file").status in (200, 206)


def test_every_key_to_what_goes_has_an_index(site):
    """A deleted row is looked for in each table that refers to it: without an index that reads the whole table."""
    missing = site.sql("""
        SELECT c.conrelid::regclass::text, a.attname
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.connamespace = 'spg'::regnamespace
           AND NOT EXISTS (
               SELECT FROM pg_index i
                WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
                  AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || a.attname || ' IS NOT NULL)'))
         ORDER BY 1, 2""")
    assert missing == []
