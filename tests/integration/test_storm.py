"""E2 to E4 together: publishers that die at random, a database that restarts, a TikTok with faults; then calm, and the
invariants. SPG_STORM_SEED repeats the choices of a storm (not its timing), SPG_STORM_SECONDS makes a soak of it."""
import concurrent.futures
import os
import random
import secrets
import threading
import time

from crash import Crew, Publishers, bring_forward, check
from spg_site import rfc3339, wait_for

SECONDS = float(os.environ.get("SPG_STORM_SECONDS", "45"))
SEED = int(os.environ.get("SPG_STORM_SEED") or secrets.randbelow(10**6))
ACCOUNTS, POSTS_A_MINUTE = 20, 80
ROUTES = ("creator_info", "video_init", "upload", "upload", "status", "refresh", "*")
FAULTS = (
    {"action": "reset"}, {"action": "close"}, {"action": "empty"}, {"action": "html"}, {"action": "malformed"},
    {"action": "answer", "status": 500, "body": ""}, {"action": "answer", "status": 503, "body": "busy"},
    {"action": "answer", "status": 504, "body": "gateway"}, {"action": "stall", "seconds": 0.5},
    {"action": "delay", "seconds": 0.5},
)


class Storm:
    """Four places in which publishers live and die, and what else goes wrong around them."""

    def __init__(self, site, crew, publishers, seed):
        self.site, self.crew, self.publishers, self.seed = site, crew, publishers, seed
        self.over = threading.Event()
        self.counts = dict.fromkeys(("killed", "slept", "restarts", "faults", "expired"), 0)

    def blow(self, seconds):
        jobs = [(self.place, f"place {number}") for number in range(4)] + [(self.weather, "weather"), (self.quake, "quake")]
        with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(job, random.Random(f"{self.seed} {name}")) for job, name in jobs]
            done, _ = concurrent.futures.wait(running, seconds, concurrent.futures.FIRST_EXCEPTION)
            self.over.set()
            for job in done or running:
                job.result()

    def place(self, chance):
        """One publisher after the other, killed at any moment; some sleep past their lease before."""
        while not self.over.is_set():
            publisher = self.publishers.start(once=chance.random() < 0.5)
            self.over.wait(chance.uniform(0.2, 1.5))
            if chance.random() < 0.15:
                publisher.stands_still()
                self.over.wait(chance.uniform(0.5, 3))
                publisher.goes_on()
                self.over.wait(chance.uniform(0.1, 1))
                self.counts["slept"] += 1
            publisher.kill()
            self.counts["killed"] += 1

    def weather(self, chance):
        """Time goes on, also for those who stand still; TikTok answers badly; tokens end."""
        while not self.over.wait(chance.uniform(0.2, 0.8)):
            bring_forward(self.site)
            when = chance.choice(("before", "after"))
            self.site.sandbox.fault(chance.choice(ROUTES), when=when, skip=chance.randrange(3), **chance.choice(FAULTS))
            self.counts["faults"] += 1
            if chance.random() < 0.1:
                account = chance.choice(self.crew.accounts)
                self.site.sandbox.post(f"accounts/{account.open_id}/expire", token="access")
                self.counts["expired"] += 1

    def quake(self, chance):
        while not self.over.wait(chance.uniform(4, 10)):
            self.site.restart_database("immediate")
            self.counts["restarts"] += 1


def do_as_the_remedies_say(site, crew, ids):
    """What people do about held posts. One that may be public is sent again only where TikTok does not have all of it."""
    crew.reconnect_lost()
    there = site.sandbox.get("state")["publishes"]
    held = site.sql("SELECT p.id, p.state, p.reason_code, a.publish_id FROM post p LEFT JOIN attempt a ON a.post_id = p.id"
                    " AND a.closed_at IS NULL AND a.final_intent_at IS NOT NULL WHERE p.id = ANY (%s::bigint[])"
                    " AND (p.state = 'held' AND p.remedy_code <> 'reconnect' OR p.state = 'processing')", ids)
    for post_id, state, reason, publish_id in held:
        is_whole = publish_id and there[publish_id]["received"] == there[publish_id]["video_size"]
        if is_whole:  # a word of it by webhook does the same
            site.sql("UPDATE post SET next_check_at = now() WHERE id = %s", post_id)
        elif state == "processing":  # TikTok waits an hour for the bytes that it lacks
            site.sql("UPDATE post SET sent_at = sent_at - interval '66 minutes' WHERE id = %s", post_id)
        else:
            again = {"post_again": True} if publish_id else {}
            answer = crew.user.request("PATCH", f"/api/v1/posts/{post_id}",
                                       body={"due_at": rfc3339(time.time()), "consent": True, **again})
            assert answer.status == 200, (reason, answer)


def calm(site, crew, posts, timeout=180):
    """Publishers run undisturbed, and people do what the remedies say, until every post is published."""
    ids = [post.id for post in posts]

    def all_published():
        bring_forward(site)
        done = site.run("publisher", "--once")
        assert done.returncode == 0, done.stdout[-3000:]
        do_as_the_remedies_say(site, crew, ids)
        return site.sql("SELECT count(*) FROM post WHERE state <> 'published' AND id = ANY (%s::bigint[])", ids) == [(0,)]
    try:
        wait_for("every post published", all_published, timeout)
    finally:
        print("states:", site.sql("SELECT state, reason_code, count(*) FROM post WHERE id = ANY (%s::bigint[]) GROUP BY 1, 2",
                                  ids))


def test_nothing_is_lost_or_doubled_in_a_storm(site, video_file):
    print(f"\nSPG_STORM_SEED={SEED}")
    chance = random.Random(SEED)
    crew = Crew(site, video_file, ACCOUNTS, sizes=("small", "six"))
    posts = [crew.post("six" if chance.random() < 0.25 else "small", due=chance.uniform(0, 0.85 * SECONDS))
             for _ in range(max(20, int(POSTS_A_MINUTE * SECONDS / 60)))]
    publishers = Publishers(site)
    storm = Storm(site, crew, publishers, SEED)
    try:
        storm.blow(SECONDS)
    finally:
        publishers.kill_all()
        site.sandbox.delete("faults")
    calm_from = time.monotonic()
    calm(site, crew, posts)
    print(f"{len(posts)} posts, {storm.counts}, calm after {time.monotonic() - calm_from:.1f} s")
    check(site, posts, crew, inits=(1, 50))
