"""Everything the sandbox knows: accounts, grants and tokens, publishes, settings, the clock."""
import asyncio
import collections
import heapq
import os
import random
import string
import time

from . import settings as knobs
from .tally import Tally

ALPHABET = string.ascii_letters + string.digits
RANDOM = random.SystemRandom()
DAY = 86400


def random_text(length):
    return "".join(RANDOM.choice(ALPHABET) for _ in range(length))


def random_id():
    """19 digits above 2^53 and odd, so that arithmetic with doubles shows."""
    return 7_000_000_000_000_000_001 + 2 * RANDOM.randrange(10**17)


class Sandbox:
    """The records in memory, each kind a dict; save() writes one of them through to the store."""

    KINDS = {
        "account": "accounts", "grant": "grants", "access": "access_tokens",
        "refresh": "refresh_tokens", "code": "codes", "publish": "publishes",
        "delivery": "deliveries", "secret": "secrets",
    }

    def __init__(self, store, directory, client_key, client_secret, settings):
        self.store, self.directory = store, directory
        self.client_key, self.client_secret = client_key, client_secret
        self.initial_settings = settings
        self.base_url = ""          # known when the port is
        self.wake = asyncio.Event()  # set: something may be due
        self.rates = {}             # (route, account) -> times within the last minute
        self.hashes = {}            # publish_id -> running SHA-256
        self.pulls = {}             # publish_id -> task
        self.tally = Tally()
        self.load()

    def load(self):
        for kind, name in self.KINDS.items():
            setattr(self, name, self.store.load(kind))
        self.uploads = {p["upload_id"]: key for key, p in self.publishes.items() if p["upload_id"]}
        self.of_account = collections.defaultdict(dict)  # open_id -> its publishes by id
        self.direct_at = {}         # open_id -> its latest direct post
        self.timers = []            # heap of (due_at, publish_id); holds outdated ones too
        for key, publish in self.publishes.items():
            self.index(key, publish)
        self.settings = dict(knobs.SETTINGS)
        self.settings.update(self.store.load("settings").get("all", {}))
        self.set(self.initial_settings)
        if not self.accounts:
            for fields in knobs.ACCOUNTS:
                self.save("account", fields["open_id"], knobs.new_account(dict(fields)))
        self.remember(self.client_secret, "client_secret")

    def reset(self):
        """Back to a fresh start; tokens, posts, calls and changed settings are gone."""
        for task in self.pulls.values():
            task.cancel()
        self.rates, self.hashes, self.pulls, self.tally = {}, {}, {}, Tally()
        self.store.clear()
        self.load()

    def set(self, fields):
        knobs.change(self.settings, dict(fields), knobs.SETTINGS)
        self.store.put("settings", "all", self.settings)
        self.wake.set()

    def save(self, kind, key, body):
        getattr(self, self.KINDS[kind])[key] = body
        self.store.put(kind, key, body)
        if kind == "publish":
            self.index(key, body)

    def index(self, key, publish):
        """So that thousands of publishes need not be searched for each call."""
        self.of_account[publish["account"]][key] = publish
        if publish["kind"] == "direct":
            latest = self.direct_at.get(publish["account"], 0)
            self.direct_at[publish["account"]] = max(latest, publish["created_at"])
        if publish["due_at"] is not None:
            heapq.heappush(self.timers, (publish["due_at"], key))

    def drop(self, kind, key):
        getattr(self, self.KINDS[kind]).pop(key, None)
        self.store.delete(kind, key)

    def now(self):
        return time.time() + self.settings["clock_offset"]

    def remember(self, value, kind, open_id=None):
        """Notes a secret for GET /_sandbox/secrets, and in a file that outlives a reset, and returns it."""
        self.save("secret", value, {"kind": kind, "account": open_id})
        with open(os.path.join(self.directory, "issued"), "a", encoding="utf-8") as file:
            file.write(f"{kind} {value}\n")
        return value

    # grants and tokens

    def issue_tokens(self, grant_id, keep_refresh=None):
        """A new pair for a grant, saved before it is returned."""
        grant = self.grants[grant_id]
        open_id, now = grant["open_id"], self.now()
        access = self.remember(f"act.{random_text(56)}!4567.va", "access_token", open_id)
        self.save("access", access, {
            "grant": grant_id, "expires_at": now + self.settings["access_token_seconds"]})
        refresh = keep_refresh
        if not refresh:
            refresh = self.remember(f"rft.{random_text(56)}!4567.va", "refresh_token", open_id)
            self.save("refresh", refresh, {
                "grant": grant_id, "expires_at": now + self.settings["refresh_token_seconds"]})
        return access, refresh

    def live_grant(self, kind, token):
        """The id of the grant that an unexpired token stands for, or None."""
        record = getattr(self, self.KINDS[kind]).get(token)
        if record and record["grant"] in self.grants and record["expires_at"] > self.now():
            return record["grant"]
        return None

    def tokens_of(self, kind, grant_ids):
        records = getattr(self, self.KINDS[kind])
        return [token for token, record in records.items() if record["grant"] in grant_ids]

    def grants_of(self, open_id):
        return [key for key, grant in self.grants.items() if grant["open_id"] == open_id]

    def end_grants(self, open_id):
        """All tokens of the account are dead afterwards. Returns how many grants there were."""
        ids = self.grants_of(open_id)
        for kind in ("access", "refresh"):
            for token in self.tokens_of(kind, ids):
                self.drop(kind, token)
        for grant_id in ids:
            self.drop("grant", grant_id)
        return len(ids)

    # accounts

    def privacy_options(self, account):
        if account["privacy_options"]:
            return account["privacy_options"]
        if account["private"]:
            return ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
        return ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]

    def publishes_of(self, open_id, kind=None):
        return [p for p in self.of_account.get(open_id, {}).values() if kind in (None, p["kind"])]

    def counted(self, open_id, kind):
        """The account's publishes of the last 24 h that count towards a cap."""
        strict = self.settings["unfinished_inits_count"]
        return [p for p in self.publishes_of(open_id, kind)
                if p["created_at"] > self.now() - DAY and p["status"] != "FAILED"
                and (strict or p["all_bytes_at"])]

    def cap_code(self, account):
        """Why this creator cannot post directly now, or None (reference 3.1, 3.10)."""
        if account["banned"]:
            return "spam_risk_user_banned_from_posting"
        cap = account["daily_post_cap"] or self.settings["daily_post_cap"]
        if len(self.counted(account["open_id"], "direct")) + account["other_posts"] >= cap:
            return "spam_risk_too_many_posts"
        limit = self.settings["active_creator_cap"]
        if not self.settings["audited"]:
            limit = min(limit, self.settings["unaudited_creator_cap"])
        if not self.is_active(account["open_id"]) and len(self.direct_at) >= limit and \
                sum(self.is_active(open_id) for open_id in self.direct_at) >= limit:
            return "reached_active_user_cap"
        return None

    def is_active(self, open_id):
        return self.direct_at.get(open_id, 0) > self.now() - DAY

    def draft_cap_code(self, account):
        if account["banned"]:
            return "spam_risk_user_banned_from_posting"
        pending = [p for p in self.counted(account["open_id"], "draft") if not p["posts"]]
        if len(pending) + account["other_drafts"] >= self.settings["pending_draft_cap"]:
            return "spam_risk_too_many_pending_share"
        return None

    def within_rate(self, route, open_id, limit):
        """Counts a call in a sliding minute; False when it is one too many."""
        if not self.settings["rate_limits"]:
            return True
        now = self.now()
        times = [t for t in self.rates.get((route, open_id), []) if t > now - 60]
        allowed = len(times) < limit
        self.rates[(route, open_id)] = times + [now] * allowed
        return allowed
