"""The record: append-only, chained, proved by a command; what it holds of a user is shown to them; addresses get shorter."""
import contextlib
import itertools
import re
import subprocess
import threading
import time

import psycopg2
import pytest

import spg_site
from spg_site import secrets_in, spgctl, wait_for


@pytest.fixture(scope="module")
def site():
    """One of its own: here the record is forged, and others must not have aged it by hand."""
    with spg_site.running_site() as running:
        running.sandbox.patch("settings", rate_limits=False)
        yield running


COLUMNS = ("id, at, program, event, user_id, account_id, post_id, code, log_id, position, hash, subject_id, operator")


def verify(site, *arguments, code=0):
    return spgctl(site, "events", "verify", *arguments, code=code)


DAYS = itertools.cycle(range(1, 3650))  # what changes nothing is no event


def some_events(site, user, number=3):
    """The user's newest events, as positions, after some more were written."""
    for _ in range(number):
        assert user.request("PATCH", "/api/v1/me", body={"keep_posted_days": next(DAYS)}).status == 200
    return [position for position, in site.sql(
        "SELECT position FROM audit_event WHERE user_id = %s ORDER BY position DESC LIMIT %s", user.user_id, number)][::-1]


def own(user):
    return user.request("GET", "/api/v1/events").json()["items"]


@contextlib.contextmanager
def forged(site, *statements):
    """What a superuser does who wants no trigger to see it, undone at the end."""
    def run(sql, *params):
        with contextlib.closing(site.connect_to_database()) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(sql, params)
    rows = site.sql(f"SELECT {COLUMNS} FROM audit_event ORDER BY position")
    chain = site.sql("SELECT position, hash, pruned_position, pruned_hash FROM audit_chain")[0]
    run("; ".join(statements))
    try:
        yield
    finally:
        later = site.sql(f"SELECT {COLUMNS} FROM audit_event WHERE id > %s", max(row[0] for row in rows))
        run("DELETE FROM audit_event")
        with contextlib.closing(site.connect_to_database()) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for row in rows:
                cursor.execute(f"INSERT INTO audit_event ({COLUMNS}) OVERRIDING SYSTEM VALUE"
                               f" VALUES ({', '.join(['%s'] * len(row))})", row)
            cursor.execute("UPDATE audit_chain SET position = %s, hash = %s, pruned_position = %s, pruned_hash = %s", chain)
        assert len(later) <= 2  # what spgctl wrote about itself goes with the forgery


# ---------------------------------------------------------------- what is in it

def test_sign_in_connect_and_sign_out_are_told_with_their_address(site, user):
    events = {event["event"]: event for event in own(user)}
    assert {"sign_in", "connect"} <= set(events)
    assert events["connect"]["address"] == "127.0.0.1" and events["connect"]["account_id"] == user.account_id
    site.connect(open_id=user.open_id, user=user)
    assert own(user)[0]["event"] == "reconnect"
    answer = user.request("POST", "/oauth/signout")
    assert answer.status == 303
    assert site.sql("SELECT event, host(address) FROM audit_event e JOIN audit_address a ON a.event_id = e.id"
                    " WHERE e.user_id = %s ORDER BY e.id DESC LIMIT 1", user.user_id) == [("sign_out", "127.0.0.1")]


def test_a_failed_callback_is_told_with_tiktoks_code_and_log_id(site, user):
    rule = site.sandbox.fault("token", action="answer", status=400, code="invalid_grant")
    try:
        site.consent(user, open_id=user.open_id)
    finally:
        site.sandbox.delete(f"faults/{rule['id']}")
    event = own(user)[0]
    assert event["event"] == "callback_failed" and event["code"] == "invalid_grant", event
    assert event["log_id"] == site.sandbox.get("calls?route=token")[-1]["log_id"] and event["address"] == "127.0.0.1"


def test_settings_and_disconnecting_are_told(site, user):
    assert user.request("PATCH", "/api/v1/me", body={"language": "ru"}).status == 200
    assert own(user)[0]["event"] == "settings_changed"
    assert user.request("DELETE", f"/api/v1/accounts/{user.account_id}").status in (200, 202, 204)
    assert own(user)[0]["event"] == "account_disconnecting" and own(user)[0]["address"] == "127.0.0.1"


def test_refused_requests_reach_the_log_and_not_the_record(site, user):
    """A stranger could fill the record with them, or keep its end locked."""
    before = site.sql("SELECT position FROM audit_chain")[0][0]
    answer = user.request("PATCH", "/api/v1/me", body={"language": "en"}, headers={"X-CSRF-Token": "wrong"})
    assert answer.status == 403
    answer = user.request("PATCH", "/api/v1/me", body={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert site.request("GET", "/oauth/callback?state=x&code=y").status in (400, 403, 409)
    assert site.sql("SELECT position FROM audit_chain")[0][0] == before
    log = site.logs()["dashboard.log"]
    assert "csrf_token_wrong" in log and "csrf_foreign_site" in log


def test_the_page_shows_the_users_own_and_nobody_elses(site, user, other_user):
    page = user.request("GET", "/settings/activity")
    assert page.status == 200 and "Signed in" in page.text and "127.0.0.1" in page.text
    ids = {event["id"] for event in own(user)}
    assert ids and not ids & {event["id"] for event in own(other_user)}
    assert site.request("GET", "/settings/activity").status == 401
    assert site.request("GET", "/api/v1/events").status == 401
    assert secrets_in(page.text, site) == []


def test_the_list_pages_without_gap(site, user):
    some_events(site, user, 5)
    whole = [event["id"] for event in own(user)]
    seen, cursor = [], ""
    while True:
        answer = user.request("GET", f"/api/v1/events?limit=2{cursor}").json()
        seen += [event["id"] for event in answer["items"]]
        if not answer["next_cursor"]:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert seen == whole and len(whole) >= 7


def test_the_operators_look_is_told_to_the_user(site, user):
    spgctl(site, "users", "show", user.user_id, user="anna")
    event = own(user)[0]
    assert event["event"] == "operator_users_show" and event["by_operator"] and "operator" in event["text"].lower()
    assert site.sql("SELECT operator FROM audit_event WHERE id = %s", event["id"]) == [("anna",)]


@pytest.mark.parametrize("path", ["/settings/signout-everywhere", "/api/v1/signout-everywhere"])
def test_signing_out_everywhere_ends_every_session(site, user, path):
    second = site.connect(open_id=user.open_id)
    assert second.user_id == user.user_id
    body = f"csrf_token={user.csrf}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if path.startswith("/settings") else {}
    answer = user.request("POST", path, body=body if headers else None, headers=headers)
    assert answer.status in (204, 303), answer
    assert "__Host-spg" not in user.cookies
    assert second.request("GET", "/api/v1/me").status == 401
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", user.user_id) == [(0,)]
    assert site.sql("SELECT event FROM audit_event WHERE user_id = %s ORDER BY id DESC LIMIT 1",
                    user.user_id) == [("signed_out_everywhere",)]


# ---------------------------------------------------------------- the chain

def test_an_untouched_chain_is_whole(site, user):
    some_events(site, user)
    proof = verify(site)
    assert proof["result"] == "whole" and proof["events"] == proof["last_position"] - proof["first_position"] + 1
    # and a head from the log stays true while the chain grows
    some_events(site, user)
    assert verify(site, "--head", proof["head"])["result"] == "whole"


@pytest.mark.parametrize("change", ["code = 'x'", "user_id = user_id + 1", "at = at + interval '1 second'",
                                    "event = 'sign_in'", "program = 'spg_upload'", "operator = 'bob'",
                                    "log_id = 'x'", "subject_id = 1", "hash = sha256('x')"])
def test_a_changed_event_is_found(site, user, change):
    middle = some_events(site, user)[1]
    with forged(site, f"UPDATE audit_event SET {change} WHERE position = {middle}"):
        proof = verify(site, code=1)
        assert (proof["result"], proof["at_position"]) == ("changed", middle)
    assert verify(site)["result"] == "whole"


def test_a_removed_event_is_found(site, user):
    middle = some_events(site, user)[1]
    with forged(site, f"DELETE FROM audit_event WHERE position = {middle}"):
        proof = verify(site, code=1)
        assert (proof["result"], proof["at_position"]) == ("missing", middle)


def test_a_removed_tail_is_found(site, user):
    last = some_events(site, user)[-1]
    with forged(site, f"DELETE FROM audit_event WHERE position >= {last}"):
        proof = verify(site, code=1)
        assert (proof["result"], proof["at_position"]) == ("missing", last)


def test_a_tail_that_was_removed_with_the_end_of_the_chain_is_found_by_the_logs_head(site, user):
    last = some_events(site, user)[-1]
    head = verify(site)["head"]
    with forged(site, f"DELETE FROM audit_event WHERE position >= {last}",
                f"UPDATE audit_chain SET position = {last - 1},"
                f" hash = (SELECT hash FROM audit_event WHERE position = {last - 1})"):
        assert verify(site)["result"] == "whole"  # and writes an event of its own in its place
        assert verify(site, "--head", head, code=1)["result"] in ("missing", "replaced")


def test_exchanged_events_are_found(site, user):
    first, second, _ = some_events(site, user)
    with forged(site, f"UPDATE audit_event SET position = -1 WHERE position = {first}",
                f"UPDATE audit_event SET position = {first} WHERE position = {second}",
                f"UPDATE audit_event SET position = {second} WHERE position = -1"):
        proof = verify(site, code=1)
        assert (proof["result"], proof["at_position"]) == ("changed", first)


def test_an_added_event_is_found(site, user):
    some_events(site, user)
    end = site.sql("SELECT position FROM audit_chain")[0][0]
    with forged(site, "INSERT INTO audit_event (event, position, hash, at, program)"
                f" VALUES ('sign_in', {end + 5}, sha256('x'), now(), 'spg_dashboard')"):
        proof = verify(site, code=1)
        assert (proof["result"], proof["at_position"]) == ("added", end + 5)


def test_what_the_janitor_removes_by_age_breaks_nothing(site, user):
    first = site.sql("SELECT min(position) FROM audit_event")[0][0]
    some_events(site, user)
    old_head = verify(site)["head"]
    # older ones in truth, so that their hashes fit: the chain is made anew with moved times
    move_chain(site, days=-2000)
    some_events(site, user)
    assert verify(site)["result"] == "whole"
    output = site.run("janitor").stdout
    assert re.search(r"janitor_removed what=audit_events count=[1-9]", output), output
    assert site.sql("SELECT min(position) FROM audit_event")[0][0] > first
    proof = verify(site)
    assert proof["result"] == "whole" and proof["first_position"] > first
    head = re.search(r"audit_head position=(\d+) hash=([0-9a-f]{64})", output)
    assert verify(site, "--head", f"{head[1]}:{head[2]}")["result"] == "whole"
    assert verify(site, "--head", old_head, code=1)["result"] in ("no_witness", "replaced")


def move_chain(site, days):
    """The whole chain as it would be had it been written so many days later."""
    with contextlib.closing(site.connect_to_database()) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_event SET at = at + make_interval(days => %s)", (days,))
        cursor.execute("""DO $$
            DECLARE e audit_event%ROWTYPE; last bytea := (SELECT pruned_hash FROM audit_chain);
            BEGIN
              FOR e IN SELECT * FROM audit_event ORDER BY position LOOP
                last := audit_hash(last, e);
                UPDATE audit_event SET hash = last WHERE id = e.id;
              END LOOP;
              UPDATE audit_chain SET hash = last;
            END $$""")


def as_role(site, role, statement):
    return subprocess.run(["setpriv", f"--reuid={role}", f"--regid={role}", "--init-groups", "--",
                           "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(site.dir / "run/postgresql"), "-d", "spg",
                           "-U", role, "-c", statement], capture_output=True, text=True, cwd="/", timeout=60)


WRITERS = ["spg_oauth_start", "spg_oauth_callback", "spg_upload", "spg_dashboard", "spg_creator", "spg_deletion",
           "spg_tiktok_webhook", "spg_publisher", "spg_janitor", "spg_support", "spg_exporter", "spg_ctl"]


@pytest.mark.parametrize("role", WRITERS)
def test_no_program_can_change_remove_or_date_an_event(site, role):
    for statement in ("UPDATE audit_event SET code = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event",
                      "INSERT INTO audit_event (event, position) VALUES ('x', 1)",
                      "INSERT INTO audit_event (event, hash) VALUES ('x', sha256('x'))",
                      "INSERT INTO audit_event (event, at) VALUES ('x', now())",
                      "INSERT INTO audit_event (event, program) VALUES ('x', 'spg_owner')",
                      "UPDATE audit_chain SET position = 0", "ALTER TABLE audit_event DISABLE TRIGGER ALL",
                      "SELECT audit_link()"):
        done = as_role(site, role, statement)
        assert done.returncode != 0 and re.search("permission denied|must be owner", done.stderr), (statement, done)
    if role != "spg_janitor":
        assert "permission denied" in as_role(site, role, "SELECT audit_prune(now(), 10)").stderr
    if role != "spg_ctl":
        done = as_role(site, role, "INSERT INTO audit_event (event, operator) VALUES ('x', 'bob')")
        assert "permission denied" in done.stderr


def test_eight_writers_at_once_leave_one_chain(site, user):
    before = site.sql("SELECT position FROM audit_chain")[0][0]
    failures = []

    def write(role):
        statement = "".join("INSERT INTO audit_event (event, user_id) VALUES ('settings_changed', "
                            f"{user.user_id}); COMMIT; BEGIN; " for _ in range(50))
        done = as_role(site, role, f"BEGIN; {statement} COMMIT")
        if done.returncode != 0:
            failures.append(done)
    threads = [threading.Thread(target=write, args=(role,)) for role in WRITERS[:8]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    proof = verify(site)
    assert proof["result"] == "whole" and proof["last_position"] == before + 400


def test_a_stalled_transaction_holds_others_no_longer_than_its_time_out(site, user):
    """It has the end of the chain locked; the database ends it."""
    stalled = subprocess.Popen(["setpriv", "--reuid=spg_dashboard", "--regid=spg_dashboard", "--init-groups", "--",
                                "psql", "-XqAt", "-h", str(site.dir / "run/postgresql"), "-d", "spg", "-U", "spg_dashboard"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    try:
        stalled.stdin.write("BEGIN; INSERT INTO audit_event (event) VALUES ('settings_changed') RETURNING id;\n")
        stalled.stdin.flush()
        assert stalled.stdout.readline().strip().isdigit()
        began = time.monotonic()
        wait_for("a program that writes", lambda: user.request(
            "PATCH", "/api/v1/me", body={"language": "en"}).status == 200, timeout=20)
        assert time.monotonic() - began < 14
    finally:
        stalled.kill()
        stalled.communicate()
    assert verify(site)["result"] == "whole"


# ---------------------------------------------------------------- addresses

@pytest.mark.parametrize("address,network", [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48")])
def test_an_old_address_becomes_its_network(site, user, address, network):
    event = own(user)[0]["id"]
    days = int(site.config.get("retention_addresses_days", 30))
    site.sql("UPDATE audit_address SET address = %s, at = now() - make_interval(days => %s) + interval '1 hour'"
             " WHERE event_id = %s", address, days, event)
    site.run("janitor")
    assert own(user)[0]["address"] == address
    site.sql("UPDATE audit_address SET at = now() - make_interval(days => %s) - interval '1 hour' WHERE event_id = %s",
             days, event)
    assert site.run("janitor").returncode == 0
    assert own(user)[0]["address"] == network
    assert spgctl(site, "events", "list", "--user", user.user_id, "--limit", 1, "--event", own(user)[0]["event"])[
        "items"][0]["address"] == network


def test_an_address_goes_with_its_event(site, user):
    assert site.sql("SELECT count(*) FROM audit_address a LEFT JOIN audit_event e ON e.id = a.event_id"
                    " WHERE e.id IS NULL") == [(0,)]
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        site.sql("INSERT INTO audit_address (event_id, address) VALUES (-1, '127.0.0.1')")
