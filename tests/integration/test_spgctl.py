"""The operator's tool: what it shows, what it refuses, what it writes down, and that it gives nothing secret away."""
import json
import subprocess

import pytest

from spg_posts import due_now
from spg_site import REPO, secrets_in, spgctl

SHAPES = [("users", "list"), ("accounts", "list"), ("posts", "list"), ("events", "list"), ("events", "verify"), ("health",),
          ("keys", "status"), ("keys", "verify")]


def run(site, *arguments, user=None):
    """As a person types it."""
    return subprocess.run([REPO / "deploy/quickstart", "--dir", site.dir, "run", "spgctl", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)


def last_event(site):
    return site.sql("SELECT event, user_id, account_id, post_id, code, operator, program FROM audit_event"
                    " ORDER BY position DESC LIMIT 1")[0]


def position(site):
    return site.sql("SELECT position FROM audit_chain")[0][0]


@pytest.fixture
def post(site, user, video):
    return due_now(user, video, due_at="2027-01-01T00:00:00Z")


def test_help_lists_every_command_in_a_line_of_its_own(site):
    done = run(site, "--help")
    assert done.returncode == 0 and done.stderr == ""
    for words in SHAPES + [("users", "show"), ("accounts", "show"), ("posts", "show"), ("keys", "make"), ("keys", "rotate")]:
        assert f"  {' '.join(words)}" in done.stdout, words


@pytest.mark.parametrize("arguments,says", [
    ([], "a command is missing"), (["--what"], "unknown option '--what'"), (["nonsense"], "there is no 'nonsense'"),
    (["users"], "needs an action"), (["users", "nonsense"], "no action 'nonsense'"), (["users", "show"], "usage: spgctl"),
    (["users", "show", "x"], "ID must be a number"), (["users", "show", "0"], "ID must be a number"),
    (["users", "show", "1", "2"], "no place for '2'"), (["users", "list", "--limit"], "--limit needs a value"),
    (["users", "list", "--limit", "0"], "--limit must be a number"), (["posts", "list", "--nope", "1"], "unknown option"),
    (["events", "list", "--since", "yesterday"], "--since must be a time"),
    (["events", "verify", "--head", "17"], "--head must be POSITION:HASH"), (["health", "now"], "no place for 'now'")])
def test_wrong_use_is_told_and_changes_nothing(site, arguments, says):
    before = position(site)
    done = run(site, *arguments)
    assert done.returncode == 2 and done.stdout == "" and says in done.stderr, done
    assert position(site) == before


@pytest.mark.parametrize("group,column", [("users", 1), ("accounts", 2), ("posts", 3)])
def test_what_is_not_there_is_told_and_written_down(site, group, column):
    done = run(site, "--json", group, "show", "999999999")
    assert done.returncode == 3 and done.stdout == "" and "no such thing" in done.stderr
    event = last_event(site)
    assert event[0] == f"operator_{group}_show" and event[column] == 999999999 and event[4] == "not_found"


@pytest.mark.parametrize("arguments", SHAPES, ids=" ".join)
def test_json_is_one_document(site, user, arguments):
    done = run(site, "--json", *arguments)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict) and done.stdout.count("\n") == 1
    if arguments[-1] in ("list", "status"):
        assert set(answer) == {"items"} and isinstance(answer["items"], list)
    # and people get the same without braces
    assert "{" not in run(site, *arguments).stdout


def test_a_user_is_shown_with_accounts_and_posts(site, user, post):
    shown = spgctl(site, "users", "show", user.user_id, user="anna")
    assert str(shown["id"]) == user.user_id and [str(a["id"]) for a in shown["accounts"]] == [user.account_id]
    assert shown["posts_by_state"] == [{"state": "scheduled", "posts": 1}]
    assert last_event(site) == ("operator_users_show", int(user.user_id), None, None, None, "anna", "spg_ctl")
    assert user.user_id in {str(item["id"]) for item in spgctl(site, "users", "list", "--limit", 10000)["items"]}
    after = spgctl(site, "users", "list", "--after", int(user.user_id) - 1, "--limit", 1)["items"]
    assert [str(item["id"]) for item in after] == [user.user_id]


def test_accounts_and_posts_are_found(site, user, other_user, post):
    mine = spgctl(site, "accounts", "list", "--user", user.user_id)["items"]
    assert [str(item["id"]) for item in mine] == [user.account_id] and mine[0]["open_id"] == user.open_id
    assert spgctl(site, "accounts", "show", user.account_id)["access_expires_at"].endswith("Z")
    assert last_event(site)[:3] == ("operator_accounts_show", int(user.user_id), int(user.account_id))
    posts = spgctl(site, "posts", "list", "--user", user.user_id, "--state", "scheduled")["items"]
    assert [str(item["id"]) for item in posts] == [post]
    assert spgctl(site, "posts", "list", "--user", other_user.user_id)["items"] == []
    shown = spgctl(site, "posts", "show", post)
    assert [event["name"] for event in shown["timeline"]][0] == "scheduled" and shown["tries"] == []
    assert last_event(site)[:4] == ("operator_posts_show", int(user.user_id), int(user.account_id), int(post))


def test_a_strangers_text_is_no_command_to_the_terminal(site, user, video):
    caption = "one\ntwo \u202e three \u009b31m four"
    post = site.sql("INSERT INTO post (user_id, account_id, video_id, mode, state, caption) VALUES (%s, %s, %s, 'direct',"
                    " 'draft', %s) RETURNING id", user.user_id, user.account_id, video,
                    "\x1b]0;x\x07" + caption)[0][0]
    for arguments in (("posts", "show", post), ("posts", "list", "--user", user.user_id)):
        done = run(site, *arguments)
        assert "one two ? three ?31m four" in done.stdout
        assert not set("\x1b\x07\x9b\u202e") & set(done.stdout)
    assert spgctl(site, "posts", "show", post)["caption"] == "\x1b]0;x\x07" + caption


def test_health_tells_what_is_not_well_and_is_not_written_down(site, user):
    site.run("publisher", "--once")
    before = position(site)
    done = run(site, "--json", "health")
    answer = json.loads(done.stdout)
    assert (done.returncode == 0) == (answer["status"] == "ok") == (answer["problems"] == [])
    assert "publisher" in {beat["program"] for beat in answer["heartbeats"]}
    site.sql("INSERT INTO deletion_request (receipt_hash, user_id, requested_at) VALUES (sha256('late'), -5, now() - interval"
             " '21 days')")
    site.sql("UPDATE heartbeat SET at = now() - interval '1 hour' WHERE program = 'publisher'")
    try:
        answer = spgctl(site, "health", code=1)
        problems = {problem["problem"] for problem in answer["problems"]}
        assert {"requests to erase are older than 20 days", "no publisher lives"} <= problems
        assert all(problem["remedy"] for problem in answer["problems"]) and answer["deletions_late"] == 1
    finally:
        site.sql("DELETE FROM deletion_request WHERE user_id = -5")
        site.run("publisher", "--once")
    assert position(site) == before


def test_events_are_listed_by_user_kind_and_time(site, user):
    events = spgctl(site, "events", "list", "--user", user.user_id)["items"]
    assert {"sign_in", "connect", "policy_accepted"} == {event["event"] for event in events} and events[0]["address"] == "127.0.0.1"
    only = spgctl(site, "events", "list", "--user", user.user_id, "--event", "sign_in")["items"]
    assert [event["event"] for event in only] == ["sign_in"]
    assert len(spgctl(site, "events", "list", "--user", user.user_id, "--since", "1d")["items"]) >= 2
    assert spgctl(site, "events", "list", "--user", user.user_id, "--since", "2099-01-01T00:00:00Z")["items"] == []
    assert spgctl(site, "events", "list", "--event", "'; DROP TABLE audit_event; --")["items"] == []


def test_an_unfit_name_is_not_written_down(site, user):
    for name in ("a" * 33, "x y", "x;y", "ё"):
        spgctl(site, "users", "show", user.user_id, user=name)
        assert last_event(site)[5] != name and last_event(site)[5]


def test_without_the_record_nothing_is_shown(site, user):
    site.sql("REVOKE INSERT ON audit_event FROM spg_ctl")
    try:
        site.sql("REVOKE INSERT (event) ON audit_event FROM spg_ctl")
        done = run(site, "users", "show", user.user_id)
        assert done.returncode == 1 and done.stdout == "" and "cannot be recorded" in done.stderr
    finally:
        site.sql("GRANT INSERT (event, user_id, account_id, post_id, subject_id, code, log_id, operator) ON audit_event TO spg_ctl")


def test_nobody_else_can_use_it(site):
    for user in ("spg_dashboard", "nobody"):
        done = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={'nogroup' if user == 'nobody' else user}",
                               "--init-groups", "--", site.dir / "app/bin/spgctl", "users", "list"], capture_output=True,
                              text=True, cwd="/", env={"SPG_CONFIG": str(site.dir / "spg.conf")})
        assert done.returncode == 1 and done.stdout == "", done


def test_no_answer_holds_a_secret(site, user, post):
    commands = [*SHAPES, ("users", "show", user.user_id), ("accounts", "show", user.account_id), ("posts", "show", post)]
    words = [value for name, value in user.cookies.items()] + [user.csrf]
    for arguments in commands:
        for form in ((), ("--json",)):
            done = run(site, *form, *arguments)
            assert secrets_in(done.stdout + done.stderr, site) == [], arguments
            assert not [word for word in words if word and len(word) > 15 and word in done.stdout], arguments
            assert "\\x535047" not in done.stdout
