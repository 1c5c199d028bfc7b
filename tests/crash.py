"""What the tests of "exactly once" share: failpoints by name, publishers that break off, the checker of I1 to I8."""
import contextlib
import dataclasses
import hashlib
import itertools
import os
import pathlib
import re
import secrets
import signal
import subprocess
import tempfile
import time

from spg_site import REPO, rfc3339, wait_for

RESTS = ("published", "delivered", "failed", "held", "cancelled")
SIZES = {"small": None, "six": 64_000_001, "sixty_four": 671_088_640}


def failpoints(*folders):
    """Every name that stands in a FAILPOINT() of these folders' sources."""
    names = set()
    for folder in folders:
        for path in (REPO / folder).glob("*.c"):
            # a rotation of keys is walked by test_keys.py
            if path.name == "reseal.c":
                continue
            for words in re.findall(r"\bFAILPOINT\(([^;]*)\);", path.read_text()):
                names.update(re.findall(r'"(\w+)"', words))
    return sorted(names)


def written_to(file):
    """What a process that has this file as its output has written so far. It shares the offset, which stays."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")


# ---------------------------------------------------------------- publishers

class Publisher:
    """One publisher in the background; failpoint is what SPG_FAILPOINT says."""

    def __init__(self, site, failpoint=None, once=True, command=None):
        self.site, self.failpoint, self.once = site, failpoint, once
        self._out = tempfile.TemporaryFile()
        if command:
            self.process = command(self._out)
        else:
            env = {"SPG_FAILPOINT": failpoint} if failpoint else {}
            arguments = ["--once"] if once else []
            self.process = site.start_program("publisher", *arguments, env=env, stdout=self._out)

    @property
    def output(self):
        return written_to(self._out)

    def _stands(self):
        with contextlib.suppress(OSError):
            stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
            return stat.rpartition(") ")[2][0] == "T"
        return False

    def wait_at_point(self, timeout=40):
        """Until it has stopped itself where it was told to."""
        wait_for(f"a stop at {self.failpoint}", lambda: self._stands() or self.process.poll() is not None,
                 timeout, 0.01)
        assert self.process.poll() is None, f"never came to {self.failpoint}:\n{self.output[-2500:]}"
        return self

    def goes_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stands_still(self):
        self.process.send_signal(signal.SIGSTOP)

    def kill(self):
        """SIGKILL, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.end()

    def end(self, timeout=90):
        """Its exit status, once it has ended; -9 when it was killed."""
        self.process.wait(timeout)
        if not self._out.closed:
            with open(self.site.dir / "log/publisher.log", "a", encoding="utf-8") as log:
                log.write(self.output)
        return self.process.returncode

    def ended_well(self, timeout=90):
        """Assert that it came to its end; one that would stay for its minute is told to go."""
        if not self.once:
            self.process.terminate()
        assert self.end(timeout) in (0, 1), f"ended by {self.process.returncode}:\n{self.output[-2500:]}"

    def was_killed(self, timeout=90):
        """Assert that it died at its failpoint."""
        assert self.end(timeout) == -signal.SIGKILL, f"never came to {self.failpoint}:\n{self.output[-2500:]}"


class Publishers:
    """Starts publishers, and ends those that a failed test has left."""

    def __init__(self, site):
        self.site, self.started = site, []

    def start(self, failpoint=None, once=True, **kwargs):
        """once: it drains what is due now and ends, instead of staying for its minute."""
        self.started.append(Publisher(self.site, failpoint, once, **kwargs))
        return self.started[-1]

    def killed_at(self, failpoint, once=True):
        self.start(failpoint, once).was_killed()

    def stopped_at(self, failpoint, once=True):
        return self.start(f"{failpoint}=stop", once).wait_at_point()

    def kill_all(self):
        for publisher in self.started:
            publisher.kill()
            publisher._out.close()
        self.started.clear()

    def end_all(self):
        """Nothing of this test is left to the next one, even if it failed."""
        self.kill_all()
        self.site.sandbox.delete("faults")
        self.site.sql("UPDATE post SET state = 'cancelled', fence = nextval('post_fence'), lease_until = NULL,"
                      " next_check_at = NULL WHERE state IN ('publishing', 'processing')"
                      " OR state = 'scheduled' AND due_at <= now()")


# ---------------------------------------------------------------- posts

@dataclasses.dataclass
class Account:
    """One of the crew's connected accounts."""
    id: str
    open_id: str


@dataclasses.dataclass
class Post:
    """A post of the crew, told apart at the sandbox by its caption."""
    id: str
    caption: str
    account: Account
    size: str


class Crew:
    """One user with as many accounts as a round needs, and one video of each size."""

    def __init__(self, site, video_file, accounts=32, sizes=tuple(SIZES)):
        self.site, self.user = site, site.connect()
        self.accounts = [Account(self.user.account_id, self.user.open_id)]
        while len(self.accounts) < accounts:
            self.connect_one_more()
        self._turn = itertools.count()
        self.videos, self.bytes = {}, {}
        for name in sizes:
            self.videos[name] = site.ready_video(self.user, video_file)
            if SIZES[name]:
                site.grow_video(self.videos[name], SIZES[name])
            self.bytes[name] = SIZES[name] or pathlib.Path(video_file).stat().st_size
        self.sha256 = {}

    def connect_one_more(self):
        # Sign-ins are limited for each user; those of long ago do not count.
        self.site.sql("DELETE FROM oauth_state WHERE user_id = %s", self.user.user_id)
        self.site.connect(user=self.user)
        self.accounts.append(Account(self.user.account_id, self.user.open_id))
        return self.accounts[-1]

    def next_account(self):
        """Each in its turn: the posts of one round are of different accounts."""
        return self.accounts[next(self._turn) % len(self.accounts)]

    def post(self, size="small", account=None, due=0, words="", video=None, **members):
        account = account or self.next_account()
        caption = f"{words or 'walk'} {secrets.token_hex(6)}"
        body = self.user.new_post(video or self.videos[size], account_id=account.id, caption=caption,
                                  **{"due_at": rfc3339(time.time() + due), **members})
        return Post(body["id"], caption, account, size)

    def reconnect_lost(self):
        """Give access again to every account that has lost it; whether there was one."""
        lost = self.site.sql("SELECT open_id FROM account WHERE user_id = %s AND state = 'reconnect'", self.user.user_id)
        for open_id, in lost:
            self.site.sql("DELETE FROM oauth_state WHERE user_id = %s", self.user.user_id)
            self.site.connect(open_id=open_id, user=self.user)
        return bool(lost)

    def hash_of(self, size):
        """SHA-256 of a video as it lies on this site's disk."""
        if size not in self.sha256:
            name = self.site.sql("SELECT file FROM video WHERE id = %s", self.videos[size])[0][0]
            with open(self.site.dir / "media/videos" / name, "rb") as file:
                self.sha256[size] = hashlib.file_digest(file, "sha256").hexdigest()
        return self.sha256[size]


def rows(site, post, columns="state, reason_code, remedy_code, publish_id, attempts"):
    """The post's row as a dict."""
    names = [name.strip() for name in columns.split(",")]
    return dict(zip(names, site.sql(f"SELECT {columns} FROM post WHERE id = %s", post.id)[0]))


def state(site, post):
    return rows(site, post, "state")["state"]


# ---------------------------------------------------------------- time

# A row that somebody has locked is not waited for: it may be a publisher that stands still.
FREE = "IN (SELECT {key} FROM {table} WHERE {when} FOR UPDATE SKIP LOCKED)"
FORWARD = [
    ("post", "id", "lease_until > now()", "lease_until = now() - interval '1 second'"),
    ("post", "id", "state = 'scheduled' AND due_at <= now() AND next_attempt_at > now()", "next_attempt_at = now()"),
    ("post", "id", "next_check_at > now()", "next_check_at = now()"),
    ("post", "id", "preflight_at > now() AND due_at <= now()", "preflight_at = now()"),
    ("account_token", "account_id", "refresh_lease_until > now()", "refresh_lease_until = now() - interval '1 second'"),
    ("account_token", "account_id", "refresh_after > now()", "refresh_after = '-infinity'"),
    ("account", "id", "disconnect_after > now()", "disconnect_after = '-infinity'"),
    ("breaker", "host", "probe_at > now()", "probe_at = now()"),
    ("breaker", "host", "closed_at > now() - interval '1 hour'", "closed_at = now() - interval '1 hour'"),
    ("quota", "ctid", "blocked_until > now()", "blocked_until = '-infinity'"),
]


def bring_forward(site, tables=("post", "account_token", "account", "breaker", "quota")):
    """All that is waited for has come: leases have run out, pauses are over. Tests move stored times, not the clock."""
    for table, key, when, change in FORWARD:
        if table in tables:
            free = FREE.format(key=key, table=table, when=when)
            site.sql(f"UPDATE {table} SET {change} WHERE {key} {free}")


def fall_due(site, posts):
    """The time of those that were planned for later has come."""
    planned = "id = ANY (%s::bigint[]) AND state = 'scheduled' AND due_at > now()"
    site.sql("UPDATE post SET due_at = now(), next_attempt_at = now() WHERE id IN"
             f" (SELECT id FROM post WHERE {planned} FOR UPDATE SKIP LOCKED)", [post.id for post in posts])


def expire_lease(site, post):
    site.sql("UPDATE post SET lease_until = now() - interval '1 second' WHERE id = %s AND lease_until IS NOT NULL", post.id)


def is_locked(site, post):
    """Whether a publisher stands within a transaction that holds the row."""
    return not site.sql("SELECT id FROM post WHERE id = %s FOR UPDATE SKIP LOCKED", post.id)


def settle(site, posts, crew=None, timeout=90, rests=RESTS):
    """Run publishers, with all waiting times brought forward, until every post rests. With a crew, who lost the
    access to an account gives it again."""
    def at_rest():
        bring_forward(site)
        done = site.run("publisher", "--once")
        assert done.returncode in (0, 1), done.stdout[-3000:]
        if crew and crew.reconnect_lost():
            return False
        found = site.sql("SELECT state FROM post WHERE id = ANY (%s::bigint[])", [post.id for post in posts])
        return all(state in rests for state, in found)
    wait_for(f"{len(posts)} posts at rest", at_rest, timeout)


# ---------------------------------------------------------------- what is true at the end

ATTEMPT = ("id", "fence", "intent", "publish_id", "opened", "total", "acked", "final", "closed", "outcome")


def attempts_of(site, post):
    """The attempts of a post, oldest first, times as Unix time."""
    found = site.sql(
        "SELECT id, fence, extract(epoch FROM intent_at)::float8, publish_id, extract(epoch FROM publish_id_at)::float8,"
        " bytes_total, bytes_acked, extract(epoch FROM final_intent_at)::float8, extract(epoch FROM closed_at)::float8,"
        " outcome FROM attempt WHERE post_id = %s ORDER BY id", post.id)
    return [dict(zip(ATTEMPT, row)) for row in found]


class There:
    """What the sandbox has seen, by caption: S and V of the tables."""

    def __init__(self, site):
        self.publishes, self.puts = {}, {}
        for publish in site.sandbox.get("state")["publishes"].values():
            self.publishes.setdefault(publish["post_info"].get("title"), []).append(publish)
        for call in site.sandbox.get("calls?route=upload&limit=1000000"):
            self.puts.setdefault(call["publish_id"], []).append(call)

    def inits(self, post):
        return self.publishes.get(post.caption, [])

    def videos(self, post):
        return [(publish, video) for publish in self.inits(post) for video in publish["posts"]]


def is_last(put):
    return put["range"] and put["range"][1] == put["range"][2] - 1


def check(site, posts, crew=None, state="published", inits=(1, 1), videos=1, doubt=False):
    """Assert I1 to I8 of posts that have settled; inits: the least and most that S may be; videos: V.

    doubt: a post held with an unknown outcome keeps its attempt open, so that a late word still settles it."""
    there = There(site)
    for post in posts:
        check_post(site, there, post, crew, state, inits, videos, doubt)
    ids = [post.id for post in posts]
    assert [] == site.sql("SELECT id, state FROM post WHERE id = ANY (%s::bigint[])"
                          " AND state IN ('publishing', 'processing')", ids), "I7: stuck"
    assert [] == site.sql("SELECT id FROM post WHERE id = ANY (%s::bigint[]) AND lease_until > now()", ids), "leased"
    assert [] == site.sql("SELECT post_id FROM post_event WHERE kind = 'state' AND name = 'published'"
                          " AND post_id = ANY (%s::bigint[]) GROUP BY 1 HAVING count(*) > 1", ids), "told twice"


def check_post(site, there, post, crew, state, inits, videos, doubt):
    row = rows(site, post, "state, reason_code, remedy_code, publish_id, attempts, fence")
    attempts = attempts_of(site, post)
    told = (post, row, attempts)
    states = (state,) if isinstance(state, str) else state
    assert row["state"] in states, told
    seen = there.videos(post)
    assert len(seen) == videos, ("videos", seen, told)
    assert inits[0] <= len(there.inits(post)) <= inits[1], ("inits", len(there.inits(post)), told)
    if row["state"] == "published":
        assert seen and row["publish_id"] == seen[0][0]["publish_id"], told
        if seen[0][0]["source"] == "FILE_UPLOAD":
            check_parts(seen[0][0], post)
        if crew:
            assert seen[0][0]["received"] == crew.bytes[post.size], told
            assert seen[0][0]["sha256"] in (None, crew.hash_of(post.size)), told
    if row["state"] in ("held", "failed"):
        assert row["reason_code"] and row["remedy_code"], told  # I7
    check_attempts(there, post, row, attempts, doubt)


def check_parts(publish, post):
    """Every byte once and in order."""
    at = 0
    for first, length in publish["parts"]:
        assert first == at, (post, publish["parts"])
        at += length
    assert at == publish["video_size"], post


def check_attempts(there, post, row, attempts, doubt):
    told = (post, row, attempts)
    by_publish_id = {attempt["publish_id"]: attempt for attempt in attempts if attempt["publish_id"]}
    for publish in there.inits(post):
        if publish["source"] != "FILE_UPLOAD" and publish["received"]:
            attempt = by_publish_id.get(publish["publish_id"])
            assert attempt and attempt["final"], ("I1, I3: fetched without its record", publish, told)
        for put in there.puts.get(publish["publish_id"], []):
            attempt = by_publish_id.get(publish["publish_id"])
            assert attempt and attempt["opened"] <= put["time"], ("I1: a byte before its publish_id was kept", put, told)
            if is_last(put):
                assert attempt["final"] and attempt["final"] <= put["time"], ("I3: a last byte without intent", put, told)
    still_open = [attempt for attempt in attempts if not attempt["closed"]]
    assert len(still_open) <= (1 if doubt else 0), ("I2: open", told)
    for earlier, later in zip(attempts, attempts[1:]):
        assert earlier["closed"] and earlier["closed"] <= later["intent"], ("I2: two at once", told)
    for earlier in attempts[:-1]:  # I4: replaced only because it could not publish
        publish = next((p for p in there.inits(post) if p["publish_id"] == earlier["publish_id"]), None)
        assert not publish or publish["status"] == "FAILED" or publish["received"] < publish["video_size"], ("I4", told)
    if attempts:
        assert row["attempts"] >= 1, ("I5", told)
        assert max(attempt["fence"] for attempt in attempts) <= row["fence"], ("I6", told)


# ---------------------------------------------------------------- a database whose answer is lost

AS_PUBLISHER = ["setpriv", "--reuid=spg_publisher", "--regid=spg_publisher", "--init-groups", "--"]


@contextlib.contextmanager
def losing_answers(site, name=None):
    """A way to the database on which the answer to the first statement called name is lost (tests/pg_proxy.py).

    Gives a function that starts a publisher which goes that way, and one that tells what the proxy has printed."""
    with tempfile.TemporaryDirectory(dir=site.dir / "run") as folder, tempfile.TemporaryFile() as out:
        os.chmod(folder, 0o777)
        conf = pathlib.Path(folder) / "spg.conf"
        text = (site.dir / "spg.conf").read_text()
        server = site.dir / "run/postgresql"
        conf.write_text(text.replace(f"host={server}", f"host={folder}"))
        script = pathlib.Path(folder) / "pg_proxy.py"
        script.write_bytes((REPO / "tests/pg_proxy.py").read_bytes())
        sockets = [f"{folder}/.s.PGSQL.5432", f"{server}/.s.PGSQL.5432"]
        proxy = subprocess.Popen([*AS_PUBLISHER, "/usr/bin/python3", script, *sockets, *([name] if name else [])],
                                 stdout=out, stderr=subprocess.STDOUT, cwd="/")

        def told():
            return written_to(out).splitlines()

        def command(stdout):
            options = [f"{key}={os.environ[key]}" for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if key in os.environ]
            return subprocess.Popen(
                [*AS_PUBLISHER, "env", "-i", "PATH=/usr/bin:/bin", f"SPG_CONFIG={conf}", *options,
                 site.dir / "app/bin/publisher", "--once"], stdout=stdout, stderr=subprocess.STDOUT, cwd="/")
        try:
            wait_for("the proxy", lambda: "listening" in told(), 20, 0.01)
            yield command, told
        finally:
            proxy.terminate()
            proxy.wait(10)
