"""The crash points of a token refresh, R1 to R10 (R4 belongs to the journal, which is not there yet)."""
import concurrent.futures
import json

import pytest

from crash import Crew, Publishers, bring_forward, check, rows, settle, state
from spg_site import wait_for


@pytest.fixture(scope="module")
def crew(site, video_file):
    if not site.has_failpoints():
        pytest.skip("this build has no failpoints")
    return Crew(site, video_file, accounts=1, sizes=("small",))


@pytest.fixture
def publishers(site):
    started = Publishers(site)
    yield started
    started.end_all()


@pytest.fixture
def account(site, crew):
    """An account whose access token TikTok no longer takes."""
    account = crew.connect_one_more()
    site.sandbox.post(f"accounts/{account.open_id}/expire", token="access")
    return account


def refreshes(site, account):
    return [call for call in site.sandbox.get("calls?route=refresh&limit=100000") if call["account"] == account.open_id]


def token(site, account, columns):
    return site.sql(f"SELECT {columns} FROM account_token WHERE account_id = %s", account.id)[0]


def account_state(site, account):
    return site.sql("SELECT state FROM account WHERE id = %s", account.id)[0][0]


def held_until_the_reconnect(site, crew, post, calls):
    """Posts are held, the user is told what helps, nobody asks again; then it goes out, once."""
    settle(site, [post])
    check(site, [post], crew, state="held", inits=(0, 0), videos=0)
    assert rows(site, post)["remedy_code"] == "reconnect"
    assert account_state(site, post.account) == "reconnect"
    settle(site, [post])
    assert len(refreshes(site, post.account)) == calls
    alarms = site.sql("SELECT count(*) FROM audit_event WHERE event = 'account_lost' AND account_id = %s", post.account.id)
    assert alarms == [(1,)]
    settle(site, [post], crew, rests=("published",))
    check(site, [post], crew)


@pytest.mark.parametrize("point", ["refresh_before", "refresh_saved"], ids=["R1", "R5"])
def test_killed_where_nothing_is_lost(site, crew, publishers, account, point):
    """Repeated when nothing was sent, done when all was kept: one refresh at TikTok either way."""
    post = crew.post(account=account)
    publishers.killed_at(point)
    settle(site, [post])
    check(site, [post], crew)
    assert len(refreshes(site, account)) == 1


def test_r2_killed_before_the_answer(site, crew, publishers, account):
    """One try with the same old token, and no more."""
    post = crew.post(account=account)
    fault = site.sandbox.fault("refresh", account=account.open_id, when="after", action="delay", seconds=600)
    publisher = publishers.start()
    wait_for("the refresh held", lambda: any(rule["id"] == fault["id"] and rule["hits"]
                                             for rule in site.sandbox.get("faults")))
    publisher.kill()
    site.sandbox.delete("faults")
    held_until_the_reconnect(site, crew, post, calls=2)


@pytest.mark.parametrize("when,lost", [("before", False), ("after", True)])
@pytest.mark.parametrize("action", ["reset", "empty", "malformed", "html"])
def test_r2_no_answer(site, crew, publishers, account, when, lost, action):
    """The one more try succeeds where TikTok had not worked on the first."""
    post = crew.post(account=account)
    site.sandbox.fault("refresh", account=account.open_id, when=when, action=action)
    if lost:
        held_until_the_reconnect(site, crew, post, calls=2)
        return
    settle(site, [post])
    check(site, [post], crew)
    assert len(refreshes(site, account)) == 2


def test_r3_killed_with_the_answer_in_hand(site, crew, publishers, account):
    post = crew.post(account=account)
    publishers.killed_at("refresh_answered")
    held_until_the_reconnect(site, crew, post, calls=2)


def test_r3_the_database_restarts_with_the_answer_in_hand(site, crew, publishers, account):
    """The new pair is worth waiting for: it is kept as soon as the database is back."""
    post = crew.post(account=account)
    publisher = publishers.stopped_at("refresh_answered")
    site.restart_database("immediate")
    publisher.goes_on()
    publisher.ended_well()
    settle(site, [post])
    check(site, [post], crew)
    assert len(refreshes(site, account)) == 1


def test_r6_two_callers_at_once(site, crew, publishers, account):
    """Four publishers and a page of the dashboard: one call, and nobody is refused for it."""
    posts = [crew.post(account=account) for _ in range(4)]
    site.sandbox.fault("refresh", account=account.open_id, action="delay", seconds=1, times=-1)
    started = [publishers.start() for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pages = [pool.submit(crew.user.request, "GET", f"/api/v1/accounts/{account.id}/creator-info") for _ in range(3)]
        assert {page.result().status for page in pages} <= {200, 503}
    for publisher in started:
        publisher.ended_well()
    settle(site, posts)
    check(site, posts, crew)
    assert len(refreshes(site, account)) == 1


def test_r7_a_dead_grant_is_told_once(site, crew, publishers, account):
    site.sandbox.post(f"accounts/{account.open_id}/expire", token="all")
    post = crew.post(account=account)
    held_until_the_reconnect(site, crew, post, calls=1)


@pytest.mark.parametrize("status,code", [(503, "server_error"), (500, "server_error"), (429, "rate_limit_exceeded")])
def test_r8_trouble_there_leaves_the_old_token_in_use(site, crew, publishers, status, code):
    account = crew.connect_one_more()
    site.sql("UPDATE account_token SET access_expires_at = now() + interval '2 minutes' WHERE account_id = %s", account.id)
    site.sandbox.fault("refresh", account=account.open_id, times=-1, action="answer", status=status, code=code)
    post = crew.post(account=account)
    publishers.start().ended_well()
    assert token(site, account, "version, refresh_after > '-infinity', refresh_lease_until") == (1, True, None)
    times = [call["time"] for call in refreshes(site, account)]
    assert all(later - earlier > 10 for earlier, later in zip(times, times[1:]))  # it backs off
    site.sandbox.delete("faults")
    settle(site, [post])
    check(site, [post], crew)


@pytest.mark.parametrize("change", [{"refresh_token": None}, {"refresh_token": ""}, {"access_token": None},
                                    {"open_id": "-000somebodyelse"}, {"expires_in": 0}],
                         ids=["no-refresh-token", "empty-refresh-token", "no-access-token", "other-open-id", "no-life"])
def test_r9_an_answer_that_is_not_ours_is_not_kept(site, crew, publishers, account, change):
    """Whatever it is taken for, the old pair stays, nothing goes out under it, and the log has an error."""
    body = {"access_token": "act.forged", "expires_in": 7200, "open_id": account.open_id, "refresh_expires_in": 15552000,
            "refresh_token": "rft.forged", "scope": "user.info.basic,video.publish,video.upload", "token_type": "Bearer"}
    body = {name: value for name, value in {**body, **change}.items() if value is not None}
    site.sandbox.fault("refresh", account=account.open_id, action="answer", status=200, body=json.dumps(body), times=-1)
    before = token(site, account, "version, access_sealed, refresh_sealed")
    post = crew.post(account=account)
    publisher = publishers.start()
    publisher.ended_well()
    assert token(site, account, "version, access_sealed, refresh_sealed") == before
    assert " error " in publisher.output
    assert [call for call in site.sandbox.get("calls?route=video_init&limit=100000")
            if call["account"] == account.open_id] == []
    assert state(site, post) in ("held", "scheduled")
    site.sandbox.delete("faults")
    bring_forward(site)


def test_r10_the_databases_clock_says_when_it_expires(site, crew, publishers, account):
    """To the microsecond what TikTok stated after the database's moment, whatever the machine's clock shows."""
    post = crew.post(account=account)
    settle(site, [post])
    check(site, [post], crew)
    kept = ("refreshed_at <= now() AND refreshed_at > now() - interval '2 minutes',"
            " access_expires_at = refreshed_at + make_interval(secs => access_lifetime_s),"
            " refresh_expires_at - refreshed_at BETWEEN interval '179 days' AND interval '180 days'")
    assert token(site, account, kept) == (True, True, True)
