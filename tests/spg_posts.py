"""What the tests of the publisher share: running it, moving stored times, seeing what TikTok was asked."""
import contextlib
import copy
import datetime
import time
import urllib.parse

from spg_site import rfc3339, wait_for


def due_now(user, video_id, **members):
    """A post whose time has come; its id."""
    members.setdefault("due_at", rfc3339(time.time()))
    return user.new_post(video_id, **members)["id"]


def run_once(site):
    """One publisher, until nothing is due."""
    done = site.run("publisher", "--once")
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@contextlib.contextmanager
def publishers(site, count=1):
    """Publishers as cron starts them, for up to their minute."""
    log = site.dir / "log/publisher.log"
    with open(log, "a", encoding="utf-8") as output:
        running = [site.start_program("publisher", stdout=output) for _ in range(count)]
        try:
            yield running
        finally:
            for publisher in running:
                if publisher.poll() is None:
                    publisher.terminate()
            for publisher in running:
                publisher.wait(60)
    assert {publisher.returncode for publisher in running} <= {0, -9}, log.read_text(errors="replace")[-3000:]


def run_to(site, user, post_id, state):
    """A publisher until the post is in this state; unlike run_once it does not stay for TikTok's word."""
    with publishers(site):
        return wait_for(f"post {post_id} {state}", lambda: user.post(post_id)["state"] == state)


def bring_forward(site, *post_ids, leases=True):
    """Time passes for these posts: what they wait for has come, and leases end (leases=False: their holders live)."""
    # what is not set stays so: least() alone would set it
    site.sql("UPDATE post SET lease_until = CASE WHEN %s AND lease_until > now() THEN now() ELSE lease_until END,"
             " next_attempt_at = CASE WHEN next_attempt_at > now() THEN now() ELSE next_attempt_at END,"
             " next_check_at = CASE WHEN next_check_at > now() THEN now() ELSE next_check_at END"
             " WHERE id = ANY (%s::bigint[])", leases, list(post_ids))


def run_until(site, user, post_id, *states, timeout=60):
    """Run publishers, bringing waiting times forward, until the post is in one of these states."""
    def settled():
        bring_forward(site, post_id)
        run_once(site)
        post = user.post(post_id)
        return post if post["state"] in states else None
    return wait_for(f"post {post_id} in {states}", settled, timeout)


def quiet(site):
    """Whatever other tests have left is not of this one."""
    site.sql("UPDATE post SET state = 'cancelled', next_check_at = NULL, preflight_at = NULL, lease_until = NULL"
             " WHERE state IN ('scheduled', 'publishing', 'processing')")
    site.sql("UPDATE post SET next_check_at = NULL, preflight_at = NULL, lease_until = NULL")
    site.sql("UPDATE attempt SET closed_at = now(), outcome = 'test' WHERE closed_at IS NULL")
    site.sql("DELETE FROM breaker")
    site.sql("DELETE FROM quota")


def calls(site, route=None, user=None, since=0):
    """What TikTok was asked, in order."""
    query = {"since": since, "route": route, "account": user and user.open_id}
    query = {name: value for name, value in query.items() if value is not None}
    return site.sandbox.get("calls?" + urllib.parse.urlencode(query))


def last_call(site):
    """The number of the last call, for calls(since=...)."""
    return max((call["seq"] for call in calls(site)), default=0)


def unix(text):
    """A time of the API."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def reason(post):
    """A post's state and why."""
    return post["state"], post["reason"] and post["reason"]["code"]


def more_accounts(site, owner, count, **flags):
    """New accounts of the same user, who has a video: as many users who share a session."""
    found = []
    for _ in range(count):
        # a browser may begin only so many connections an hour
        site.sql("DELETE FROM oauth_state")
        site.connect(user=owner, **flags)
        found.append(copy.copy(owner))
    return found
