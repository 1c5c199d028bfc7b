"""Signing in: from /oauth/start through TikTok's consent page and back, and everything that can go wrong."""
import html
import json
import re
import secrets
import time
import urllib.parse

import pytest

import spg_site
from spg_site import User, http_request

WORD = re.compile(r"[A-Za-z0-9_-]{43}")
OAUTH_COOKIE = "__Host-spg-oauth"
SESSION_COOKIE = "__Host-spg"


# ---------------------------------------------------------------- how to talk to it

def start(site, user, query="", **headers):
    """GET /oauth/start; the parameters of the consent page's address."""
    answer = site.request("GET", "/oauth/start" + query, user=user, headers=headers)
    assert answer.status == 303, answer
    address = urllib.parse.urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}" == site.sandbox_url
    assert address.path == "/v2/auth/authorize/"
    return dict(urllib.parse.parse_qsl(address.query, strict_parsing=True))


def give_consent(site, wanted, open_id, scopes=None, action="authorize"):
    """What the creator does on the consent page; the query that TikTok sends back."""
    form = [("account", open_id), ("action", action)]
    form += [("scope", scope) for scope in (wanted["scope"].split(",") if scopes is None else scopes)]
    answer = http_request(site.sandbox_url, "POST", f"/v2/auth/authorize/?{urllib.parse.urlencode(wanted)}",
                          {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(form))
    assert answer.status == 302, answer
    address = urllib.parse.urlsplit(answer.headers["Location"])
    assert address._replace(query="").geturl() == wanted["redirect_uri"]
    return address.query


def callback(site, user, query, **headers):
    return site.request("GET", "/oauth/callback?" + query, user=user, headers=headers)


def heading(answer):
    found = re.search(r"<h1>(.*?)</h1>", answer.text, re.S)
    assert found, answer
    return html.unescape(found.group(1))


def cookies_set(answer):
    """Set-Cookie lines by cookie name."""
    return {line.split("=", 1)[0]: line for line in answer.headers.get_all("Set-Cookie") or []}


def me(site, user):
    answer = site.request("GET", "/api/v1/me", user=user)
    return answer.json() if answer.status == 200 else None


def audit(site, user_id=None, event=None):
    """Rows (event, code, account_id, log_id) of the audit trail, the oldest first."""
    return site.sql("SELECT event, code, account_id, log_id FROM audit_event"
                    " WHERE (%s::bigint IS NULL OR user_id = %s) AND (%s::text IS NULL OR event = %s) ORDER BY id",
                    user_id, user_id, event, event)


def account_rows(site, open_id):
    return site.sql("SELECT id, user_id, state, scopes FROM account WHERE open_id = %s ORDER BY id", open_id)


def tokens(site, account_id):
    return site.sql("SELECT version, access_sealed::text, refresh_sealed::text FROM account_token"
                    " WHERE account_id = %s", account_id)


def counts(site):
    """What a refused sign-in must not change."""
    return site.sql("SELECT (SELECT count(*) FROM app_user), (SELECT count(*) FROM account),"
                    " (SELECT count(*) FROM account_token), (SELECT count(*) FROM session),"
                    " (SELECT coalesce(sum(version), 0) FROM account_token)")


@pytest.fixture
def nobody(site):
    """A browser that was never here."""
    return User(site)


# ---------------------------------------------------------------- /oauth/start

def test_start_sends_the_browser_to_tiktok(site, nobody):
    wanted = start(site, nobody)
    assert wanted == {
        "client_key": site.config["tiktok_client_key"], "response_type": "code",
        "scope": "user.info.basic,video.publish,video.upload",
        "redirect_uri": site.config["public_url"] + "/oauth/callback",
        "state": wanted["state"], "disable_auto_auth": "1"}
    assert WORD.fullmatch(wanted["state"])


def test_the_start_cookie_is_bound_to_this_host_and_short(site, nobody):
    answer = site.request("GET", "/oauth/start", user=nobody)
    cookie = cookies_set(answer)[OAUTH_COOKIE]
    assert set(cookie.split("; ")[1:]) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"}
    assert WORD.fullmatch(nobody.cookies[OAUTH_COOKIE])
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_database_knows_state_and_cookie_only_by_hash(site, nobody):
    wanted = start(site, nobody, "?return=/calendar")
    row, = site.sql("SELECT row_to_json(s)::text, expires_at - created_at <= interval '10 minutes'"
                    "  FROM oauth_state s ORDER BY created_at DESC LIMIT 1")
    assert "/calendar" in row[0] and row[1]
    assert wanted["state"] not in row[0] and nobody.cookies[OAUTH_COOKIE] not in row[0]


@pytest.mark.parametrize("place", ["cross-site", "same-site"])
def test_a_link_on_another_site_gets_a_button_first(site, nobody, place):
    before = site.sql("SELECT count(*) FROM oauth_state")
    answer = site.request("GET", "/oauth/start?return=/posts", user=nobody, headers={"Sec-Fetch-Site": place})
    assert answer.status == 200 and "Location" not in answer.headers
    assert 'href="/oauth/start?return=%2Fposts"' in answer.text
    assert site.sql("SELECT count(*) FROM oauth_state") == before
    assert OAUTH_COOKIE not in nobody.cookies


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}])
def test_own_links_and_typed_addresses_go_straight_on(site, nobody, headers):
    assert site.request("GET", "/oauth/start", user=nobody, headers=headers).status == 303


def test_starts_are_limited_for_each_browser(site, nobody):
    for _ in range(30):
        start(site, nobody)
    answer = site.request("GET", "/oauth/start", user=nobody)
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    assert heading(answer) == "Too many attempts"
    start(site, User(site))


def test_starts_are_limited_for_each_user_whatever_the_browser(site, user):
    for _ in range(29):
        user.cookies.pop(OAUTH_COOKIE, None)
        start(site, user)
    user.cookies.pop(OAUTH_COOKIE, None)
    start(site, user)
    assert site.request("GET", "/oauth/start", user=user).status == 429
    site.sql("UPDATE oauth_state SET expires_at = now() WHERE user_id = %s", int(user.user_id))
    start(site, user)


def test_nothing_but_get_starts(site, nobody):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert site.request(method, "/oauth/start", user=nobody).status in (405, 403)
    assert site.request("POST", "/oauth/callback", user=nobody).status in (405, 403)
    assert site.request("GET", "/oauth/signout", user=nobody).status == 405


# ---------------------------------------------------------------- signing in

def test_the_first_account_makes_the_user(site, nobody):
    open_id = site.new_account(display_name="First One")
    answer = callback(site, nobody, give_consent(site, start(site, nobody), open_id))
    assert answer.status == 303 and answer.headers["Location"] == "/"
    cookie = cookies_set(answer)[SESSION_COOKIE]
    assert set(cookie.split("; ")[1:]) >= {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    assert "Domain" not in cookie

    person = me(site, nobody)
    assert [account["open_id"] for account in person["accounts"]] == [open_id]
    assert person["accounts"][0]["display_name"] == "First One"
    assert person["accounts"][0]["state"] == "connected"
    (account_id, user_id, state, scopes), = account_rows(site, open_id)
    assert str(user_id) == person["id"] and state == "connected"
    assert sorted(scopes) == ["user.info.basic", "video.publish", "video.upload"]
    assert audit(site, user_id) == [("policy_accepted", "2.0", None, None), ("sign_in", "new_user", account_id, None),
                                    ("connect", "new_user", account_id, None)]


def test_the_session_is_stored_by_hash(site, user):
    rows = site.sql("SELECT encode(id_hash, 'hex') || encode(id_hash, 'base64') FROM session WHERE user_id = %s",
                    int(user.user_id))
    assert len(rows) == 1
    assert user.cookies[SESSION_COOKIE] not in rows[0][0]


def test_tokens_are_sealed_and_the_right_programs_can_open_them(site, user):
    (version, access, refresh), = tokens(site, user.account_id)
    assert version == 1
    for sealed in (access, refresh):
        raw = bytes.fromhex(sealed[2:])
        assert raw[:4] == b"SPG\x01"
        assert b"act." not in raw and b"rft." not in raw
    answer = user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info")
    assert answer.status == 200, answer
    lifetimes = site.sql("SELECT extract(epoch FROM access_expires_at - now()) BETWEEN 7100 AND 7201,"
                         " extract(epoch FROM refresh_expires_at - now()) BETWEEN 15551000 AND 15552001,"
                         " access_lifetime_s FROM account_token WHERE account_id = %s", user.account_id)
    assert lifetimes == [(True, True, 7200)]


def test_a_session_id_from_before_is_dead_afterwards(site, user):
    old = dict(user.cookies)
    site.connect(open_id=user.open_id, user=user)
    assert user.cookies[SESSION_COOKIE] != old[SESSION_COOKIE]
    stale = User(site)
    stale.cookies = {SESSION_COOKIE: old[SESSION_COOKIE]}
    assert me(site, stale) is None
    assert me(site, user)["id"] == user.user_id


def test_a_planted_session_id_is_not_adopted(site, nobody):
    planted = secrets.token_urlsafe(32)
    nobody.cookies[SESSION_COOKIE] = planted
    site.connect(user=nobody)
    assert nobody.cookies[SESSION_COOKIE] != planted
    stale = User(site)
    stale.cookies = {SESSION_COOKIE: planted}
    assert me(site, stale) is None


def test_the_callback_sees_the_session_although_it_comes_from_tiktok(site, user):
    """SameSite=Lax: a top-level navigation from another site brings the cookie along."""
    open_id = site.new_account()
    answer = callback(site, user, give_consent(site, start(site, user), open_id), **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 303
    assert {account["open_id"] for account in me(site, user)["accounts"]} == {user.open_id, open_id}
    assert str(account_rows(site, open_id)[0][1]) == user.user_id
    assert ("connect", "added", account_rows(site, open_id)[0][0], None) in audit(site, int(user.user_id))


def test_two_tabs_may_sign_in_at_once(site, nobody):
    first, second = start(site, nobody), start(site, nobody)
    assert first["state"] != second["state"]
    open_id = site.new_account()
    back = [give_consent(site, wanted, open_id) for wanted in (first, second)]
    assert callback(site, nobody, back[0]).status == 303
    assert callback(site, nobody, back[1]).status == 303
    assert len(account_rows(site, open_id)) == 1


def test_another_browser_signs_in_with_the_same_account(site, user, nobody):
    site.connect(open_id=user.open_id, user=nobody)
    assert nobody.user_id == user.user_id
    assert me(site, user)["id"] == user.user_id, "the first browser stays signed in"
    assert [row[0] for row in audit(site, int(user.user_id))] == ["policy_accepted", "sign_in", "connect", "sign_in", "reconnect"]


@pytest.mark.parametrize("path", ["/accounts", "/posts/new?video=12", "/deletion", "/settings"])
def test_it_returns_where_it_was_asked_to(site, nobody, path):
    wanted = start(site, nobody, "?return=" + urllib.parse.quote(path, safe=""))
    answer = callback(site, nobody, give_consent(site, wanted, site.new_account()))
    assert answer.status == 303 and answer.headers["Location"] == path


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example/", "/oauth/signout",
                                  "/api/v1/me", "/accounts//evil.example", "/accounts/../x", "javascript:alert(1)"])
def test_it_returns_to_no_other_place(site, nobody, path):
    wanted = start(site, nobody, "?return=" + urllib.parse.quote(path, safe=""))
    answer = callback(site, nobody, give_consent(site, wanted, site.new_account()))
    assert answer.status == 303 and answer.headers["Location"] == "/"


def test_a_partial_grant_is_taken_and_told(site, nobody):
    open_id = site.new_account()
    answer = callback(site, nobody, give_consent(site, start(site, nobody), open_id, scopes=["video.upload"]))
    assert answer.status == 303 and answer.headers["Location"] == "/accounts?notice=partial"
    assert sorted(account_rows(site, open_id)[0][3]) == ["user.info.basic", "video.upload"]


def test_the_user_info_that_fails_loses_nothing(site, nobody):
    open_id = site.new_account()
    for fault in ({"action": "answer", "status": 500}, {"action": "answer", "status": 401, "code": "scope_not_authorized"},
                  {"action": "reset"}, {"action": "html"}, {"action": "empty"}, {"action": "malformed"}):
        # for ever: libcurl repeats a GET by itself when a kept connection breaks
        rule = site.sandbox.fault("user_info", account=open_id, times=-1, **fault)
        answer = callback(site, nobody, give_consent(site, start(site, nobody), open_id))
        site.sandbox.delete(f"faults/{rule['id']}")
        assert answer.status == 303, (fault, answer)
    assert me(site, nobody)["accounts"][0]["display_name"] == ""
    site.connect(open_id=open_id, user=nobody)
    name = me(site, nobody)["accounts"][0]["display_name"]
    assert name
    rule = site.sandbox.fault("user_info", account=open_id, times=-1, action="reset")
    site.connect(open_id=open_id, user=nobody)
    site.sandbox.delete(f"faults/{rule['id']}")
    assert me(site, nobody)["accounts"][0]["display_name"] == name, "a known name stays"


# ---------------------------------------------------------------- whose account it is

def test_an_account_of_another_user_is_refused(site, user, other_user):
    before = counts(site)
    answer = site.consent(user, open_id=other_user.open_id)
    assert answer.status == 409
    assert heading(answer) == "This account belongs to another user here"
    assert counts(site) == before
    assert me(site, user)["id"] == user.user_id and len(me(site, user)["accounts"]) == 1
    assert audit(site, int(user.user_id))[-1][:2] == ("connect_refused", "other_user")
    assert SESSION_COOKIE not in cookies_set(answer)


def test_the_wrong_account_at_a_reconnect_changes_neither(site, user):
    second = site.new_account(display_name="Second")
    before = counts(site)
    answer = site.consent(user, start=f"/oauth/start?account={user.account_id}&return=/accounts", open_id=second)
    assert answer.status == 409
    assert heading(answer) == "This is another TikTok account"
    assert "Second" in answer.text
    assert 'href="/oauth/start?return=%2Faccounts">Connect it as a new account' in answer.text
    assert counts(site) == before and account_rows(site, second) == []
    site.connect(open_id=second, user=user)
    assert len(me(site, user)["accounts"]) == 2


def test_the_account_meant_is_reconnected(site, user):
    site.sql("UPDATE account SET state = 'reconnect', state_reason = 'invalid_grant' WHERE id = %s", user.account_id)
    answer = site.consent(user, start=f"/oauth/start?account={user.account_id}", open_id=user.open_id)
    assert answer.status == 303
    assert site.sql("SELECT state, state_reason FROM account WHERE id = %s", user.account_id) == [("connected", None)]
    assert tokens(site, user.account_id)[0][0] == 2
    assert audit(site, int(user.user_id))[-1][:2] == ("reconnect", "reconnected")


def test_only_own_accounts_can_be_meant(site, user, other_user):
    before = site.sql("SELECT count(*) FROM oauth_state")
    for account in (other_user.account_id, "999999999", "0", "-1", "x", "1e3", ""):
        answer = site.request("GET", f"/oauth/start?account={account}", user=user)
        assert answer.status == 404, account
    assert site.sql("SELECT count(*) FROM oauth_state") == before


def test_a_reconnect_takes_a_running_refresh_its_lease(site, user):
    site.sql("UPDATE account_token SET refresh_fence = 5, refresh_lease_until = now() + interval '1 minute',"
             " refresh_lost = 3, refresh_after = now() + interval '1 hour' WHERE account_id = %s", user.account_id)
    site.connect(open_id=user.open_id, user=user)
    assert site.sql("SELECT refresh_fence > 5, refresh_lease_until IS NULL, refresh_lost, refresh_after < now()"
                    "  FROM account_token WHERE account_id = %s", user.account_id) == [(True, True, 0, True)]
    assert user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info").status == 200


def test_an_account_that_is_being_disconnected_waits(site, user, nobody):
    site.sql("UPDATE account SET state = 'disconnecting' WHERE id = %s", user.account_id)
    before = counts(site)
    for browser in (user, nobody):
        answer = site.consent(browser, open_id=user.open_id)
        assert answer.status == 409
        assert heading(answer) == "This account is just being disconnected"
    assert site.request("GET", f"/oauth/start?account={user.account_id}", user=user).status == 404
    assert counts(site) == before


def test_a_disconnected_account_comes_back_to_its_user(site, user):
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", user.account_id)
    site.sql("DELETE FROM account_token WHERE account_id = %s", user.account_id)
    before = user.account_id
    site.connect(open_id=user.open_id, user=user)
    assert user.account_id == before


def test_whoever_has_disconnected_the_last_account_can_come_back(site, user, nobody):
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", user.account_id)
    site.connect(open_id=user.open_id, user=nobody)
    assert nobody.user_id == user.user_id


def test_a_disconnected_account_is_no_key_to_a_user_with_others(site, user, nobody):
    second = site.new_account()
    site.connect(open_id=second, user=user)
    site.sql("UPDATE account SET state = 'disconnected' WHERE open_id = %s", second)
    site.connect(open_id=second, user=nobody)
    assert nobody.user_id != user.user_id


def test_an_account_that_another_user_disconnected_can_be_connected(site, user, other_user):
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", other_user.account_id)
    answer = site.consent(user, open_id=other_user.open_id)
    assert answer.status == 303
    assert [(str(row[1]), row[2]) for row in account_rows(site, other_user.open_id)] == [
        (other_user.user_id, "disconnected"), (user.user_id, "connected")]


# ---------------------------------------------------------------- the state

def refused_state(site, user, query):
    before = counts(site)
    answer = callback(site, user, query)
    assert answer.status == 400, answer
    assert heading(answer) == "Please begin again"
    assert counts(site) == before
    return re.sub(r"<code>[0-9a-f]{32}</code>|content=\"[^\"]{43}\"", "", answer.text)


def test_every_bad_state_gets_the_same_page(site, nobody):
    open_id = site.new_account()
    pages = set()

    query = give_consent(site, start(site, nobody), open_id)
    pages.add(refused_state(site, User(site), query))          # another browser, without the cookie
    stranger = User(site)
    start(site, stranger)
    pages.add(refused_state(site, stranger, query))            # another browser, with a cookie of its own
    site.sql("UPDATE oauth_state SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    pages.add(refused_state(site, nobody, query))              # too late

    query = give_consent(site, start(site, nobody), open_id)
    code = dict(urllib.parse.parse_qsl(query))["code"]
    for state in ("", "x", "A" * 43, "A" * 44, "../../etc/passwd", "%00", "é" * 43):
        pages.add(refused_state(site, nobody, urllib.parse.urlencode({"code": code, "state": state})))
    pages.add(refused_state(site, nobody, urllib.parse.urlencode({"code": code})))
    pages.add(refused_state(site, nobody, "error=access_denied"))
    pages.add(refused_state(site, nobody, ""))
    assert len(pages) == 1
    assert account_rows(site, open_id) == []

    assert callback(site, nobody, query).status == 303          # the right one still works, once
    nobody.cookies.pop(SESSION_COOKIE)
    refused_state(site, nobody, query)


def test_a_state_is_used_up_by_its_first_answer_whatever_that_says(site, nobody):
    wanted = start(site, nobody)
    query = give_consent(site, wanted, site.new_account())
    assert callback(site, nobody, f"error=access_denied&state={wanted['state']}").status == 403
    refused_state(site, nobody, query)


def test_keys_given_twice_are_refused(site, nobody):
    wanted = start(site, nobody)
    query = give_consent(site, wanted, site.new_account())
    assert callback(site, nobody, query + "&code=x").status == 400
    assert callback(site, nobody, query + "&state=x").status == 400
    assert site.request("GET", "/oauth/start?return=/&return=//evil.example", user=nobody).status == 400


def test_who_signs_out_in_between_must_begin_again(site, user):
    query = give_consent(site, start(site, user), site.new_account())
    site.sql("DELETE FROM session WHERE user_id = %s", int(user.user_id))
    before = counts(site)
    answer = callback(site, user, query)
    assert answer.status == 403 and heading(answer) == "You are not signed in as before"
    assert counts(site) == before
    assert audit(site, int(user.user_id))[-1][:2] == ("callback_failed", "session_changed")


def test_who_signs_in_as_another_in_between_must_begin_again(site, user, other_user):
    query = give_consent(site, start(site, user), site.new_account())
    user.cookies[SESSION_COOKIE] = other_user.cookies[SESSION_COOKIE]
    before = counts(site)
    assert callback(site, user, query).status == 403
    assert counts(site) == before


# ---------------------------------------------------------------- what TikTok says instead of a code

def told(site, user, error, **more):
    wanted = start(site, user)
    before = counts(site)
    answer = callback(site, user, urllib.parse.urlencode(
        {"error": error, "error_description": "<b>Words from outside</b>", "state": wanted["state"], **more}))
    assert counts(site) == before
    assert "from outside" not in answer.text
    return answer


@pytest.mark.parametrize("error,more,status,title", [
    ("access_denied", {}, 403, "You did not connect an account"),
    ("access_denied", {"error_type": "non_sandbox_target"}, 403, "This TikTok account is not on the list"),
    ("unauthorized_client", {"error_type": "client_key"}, 502, "This site cannot connect accounts yet"),
    ("invalid_scope", {}, 502, "This site asks for too much"),
    ("invalid_request", {}, 502, "TikTok did not understand this site"),
    ("unsupported_response_type", {}, 502, "TikTok did not understand this site"),
    ("server_error", {}, 503, "TikTok had a problem"),
    ("temporarily_unavailable", {}, 503, "TikTok is busy"),
    ("<script>alert(1)</script>", {}, 502, "TikTok did not connect the account"),
    ("", {}, 502, "TikTok did not connect the account"),
])
def test_each_error_has_fixed_words(site, nobody, error, more, status, title):
    answer = told(site, nobody, error, **more)
    assert answer.status == status and heading(answer) == title
    assert "<script>alert" not in answer.text
    assert audit(site, event="callback_failed")[-1][1] in (error, more.get("error_type"), "unknown_error")


def test_a_cancel_on_the_consent_page(site, nobody):
    answer = site.consent(nobody, open_id=site.new_account(), action="cancel")
    assert answer.status == 403 and heading(answer) == "You did not connect an account"
    assert 'href="/oauth/start?return=%2F">Begin again' in answer.text


def test_an_account_that_is_no_target_of_the_sandboxed_app(site, nobody):
    open_id = site.new_account(sandbox_target=False)
    site.sandbox.patch("settings", sandbox=True)
    try:
        answer = site.consent(nobody, open_id=open_id)
    finally:
        site.sandbox.patch("settings", sandbox=False)
    assert answer.status == 403 and heading(answer) == "This TikTok account is not on the list"


def test_an_app_that_is_not_live(site, nobody):
    site.sandbox.patch("settings", live=False)
    try:
        answer = site.consent(nobody, open_id=site.new_account())
    finally:
        site.sandbox.patch("settings", live=True)
    assert answer.status == 502 and heading(answer) == "This site cannot connect accounts yet"
    assert "/oauth/start?" not in answer.text, "another try cannot help"


@pytest.mark.parametrize("query", ["", "&scopes=user.info.basic", "&code=", "&code=%01", "&code=" + "x" * 2049])
def test_neither_code_nor_error(site, nobody, query):
    before = counts(site)
    answer = callback(site, nobody, f"state={start(site, nobody)['state']}{query}")
    assert answer.status == 400 and heading(answer) == "TikTok sent no answer"
    assert counts(site) == before


# ---------------------------------------------------------------- the exchange

GOOD = {"access_token": "act.x", "refresh_token": "rft.x", "expires_in": 7200, "refresh_expires_in": 15552000,
        "open_id": "-000forged", "scope": "user.info.basic", "token_type": "Bearer"}


@pytest.mark.parametrize("fault,status,title", [
    ({"action": "answer", "status": 400, "code": "invalid_grant"}, 400, "That took too long, or came twice"),
    ({"action": "answer", "status": 200, "code": "invalid_grant"}, 400, "That took too long, or came twice"),
    ({"action": "answer", "status": 401, "code": "invalid_client"}, 502, "TikTok does not know this site"),
    ({"action": "answer", "status": 400, "code": "invalid_request"}, 502, "TikTok did not understand this site"),
    ({"action": "answer", "status": 400, "code": "something_new"}, 502, "TikTok did not connect the account"),
    ({"action": "answer", "status": 500, "code": "server_error"}, 503, "TikTok had a problem"),
    ({"action": "answer", "status": 503, "code": "temporarily_unavailable"}, 503, "TikTok is busy"),
    ({"action": "reset"}, 503, "TikTok did not answer"),
    ({"action": "close", "when": "after"}, 503, "TikTok did not answer"),
    ({"action": "html"}, 503, "TikTok did not answer"),
    ({"action": "empty"}, 503, "TikTok did not answer"),
    ({"action": "malformed", "when": "after"}, 503, "TikTok did not answer"),
    ({"action": "answer", "status": 200, "body": "[]"}, 503, "TikTok did not answer"),
    ({"action": "answer", "status": 200, "body": json.dumps({**GOOD, "access_token": ""})}, 502, None),
    ({"action": "answer", "status": 200, "body": json.dumps({**GOOD, "refresh_token": None})}, 502, None),
    ({"action": "answer", "status": 200, "body": json.dumps({**GOOD, "open_id": ""})}, 502, None),
    ({"action": "answer", "status": 200, "body": json.dumps({**GOOD, "expires_in": -1})}, 502, None),
], ids=lambda value: None if not isinstance(value, dict) else
    "-".join(str(value[key])[:24] for key in ("action", "status", "code", "body") if key in value))
def test_an_exchange_that_fails_says_so_and_stores_nothing(site, nobody, fault, status, title):
    query = give_consent(site, start(site, nobody), site.new_account())
    before, failures = counts(site), len(audit(site, event="callback_failed"))
    rule = site.sandbox.fault("token", **fault)
    try:
        answer = callback(site, nobody, query)
    finally:
        site.sandbox.delete(f"faults/{rule['id']}")
    assert answer.status == status, answer
    assert title is None or heading(answer) == title
    assert (answer.status == 503) == ("Retry-After" in answer.headers)
    assert re.search(r"name the request <code>[0-9a-f]{32}</code>", answer.text)
    assert counts(site) == before and SESSION_COOKIE not in nobody.cookies
    assert len(audit(site, event="callback_failed")) == failures + 1
    call = site.sandbox.get("calls?route=token")[-1]
    if fault["action"] == "answer" and "code" in fault:
        code, log_id = audit(site, event="callback_failed")[-1][1::2]
        assert code == fault["code"] and log_id == call["log_id"]
        assert log_id in (site.dir / "log/oauth_callback.log").read_text()


def test_a_code_is_asked_for_once_and_comes_unchanged(site, nobody):
    open_id = site.new_account()
    query = give_consent(site, start(site, nobody), open_id)
    site.sandbox.delete("calls")
    assert callback(site, nobody, query).status == 303
    assert [call["status"] for call in site.sandbox.get("calls?route=token")] == [200]


def test_a_used_code_is_told(site, nobody):
    open_id = site.new_account()
    code = dict(urllib.parse.parse_qsl(give_consent(site, start(site, nobody), open_id)))["code"]
    for expected in (303, 400):
        wanted = start(site, nobody)
        answer = callback(site, nobody, urllib.parse.urlencode({"code": code, "state": wanted["state"]}))
        assert answer.status == expected


def test_the_database_away_after_the_exchange_is_told(site, nobody):
    """Nothing is half stored: the transaction fails as a whole."""
    query = give_consent(site, start(site, nobody), site.new_account())
    before = counts(site)
    site.sql("REVOKE INSERT ON session FROM spg_oauth_callback")
    try:
        answer = callback(site, nobody, query)
    finally:
        site.sql("GRANT INSERT ON session TO spg_oauth_callback")
    assert answer.status == 503 and heading(answer) == "It could not be saved"
    assert counts(site) == before


def test_pkce_sends_tiktoks_hex_challenge(site):
    with spg_site.running_site(sets=["tiktok_pkce=yes"]) as other:
        other.sandbox.patch("settings", pkce_required=True)
        browser = User(other)
        wanted = start(other, browser)
        assert re.fullmatch(r"[0-9a-f]{64}", wanted["code_challenge"])
        assert wanted["code_challenge_method"] == "S256"
        other.connect(user=browser)
        verifiers = [row[0] for row in other.sql("SELECT code_verifier FROM oauth_state")]
        assert len(verifiers) >= 2 and len(set(verifiers)) == len(verifiers)
        assert all(WORD.fullmatch(verifier) for verifier in verifiers)


# ---------------------------------------------------------------- posts that waited

@pytest.fixture
def held(site, user, video):
    """Makes a post held because the account must be reconnected; its id."""
    def make(minutes_ago, **columns):
        site.sql("UPDATE account SET state = 'connected' WHERE id = %s", user.account_id)
        post_id = int(user.new_post(video, due_at=spg_site.rfc3339(time.time() + 86400))["id"])
        site.sql("UPDATE account SET state = 'reconnect' WHERE id = %s", user.account_id)
        site.sql("UPDATE post SET state = 'held', reason_code = 'invalid_grant', reason_message = 'Gone.',"
                 " remedy_code = %s, remedy_message = 'Reconnect.', due_at = now() - make_interval(mins => %s),"
                 " next_attempt_at = now() - make_interval(mins => %s) WHERE id = %s",
                 columns.get("remedy", "reconnect"), minutes_ago, minutes_ago, post_id)
        return post_id
    yield make
    site.sql("DELETE FROM post WHERE user_id = %s", int(user.user_id))


def state_of(site, post_id):
    return site.sql("SELECT state, reason_code, remedy_code FROM post WHERE id = %s", post_id)[0]


def test_posts_that_waited_for_the_account_go_on(site, user, held):
    late = int(site.config.get("publisher_late_minutes", 120))
    soon, recent, old, other = held(-60), held(late - 5), held(late + 5), held(-60, remedy="choose_account")
    answer = site.consent(user, start=f"/oauth/start?account={user.account_id}", open_id=user.open_id)
    assert answer.status == 303 and answer.headers["Location"] == "/accounts?notice=late"
    assert state_of(site, soon) == ("scheduled", None, None)
    assert state_of(site, recent) == ("scheduled", None, None)
    assert state_of(site, old) == ("held", "invalid_grant", "reschedule")
    assert state_of(site, other) == ("held", "invalid_grant", "choose_account")
    assert site.sql("SELECT next_attempt_at > now() + interval '59 minutes' FROM post WHERE id = %s", soon) == [(True,)]
    assert site.sql("SELECT next_attempt_at <= now(), lease_until IS NULL FROM post WHERE id = %s", recent) == [(True, True)]
    event = "SELECT kind, name, from_state FROM post_event WHERE post_id = %s ORDER BY id DESC LIMIT 1"
    assert site.sql(event, soon) == [("state", "scheduled", "held")]
    assert site.sql(event, old) == [("note", "held", "held")]


def test_a_post_that_tiktok_has_already_is_followed_again(site, user, held):
    post_id = held(600)
    site.sql("UPDATE post SET publish_id = 'v_pub_file~test', sent_at = now() - interval '10 hours' WHERE id = %s", post_id)
    site.sql("INSERT INTO attempt (post_id, fence, account_id, mode, publish_id, publish_id_at, bytes_total, chunk_size,"
             " chunk_count, bytes_acked, final_intent_at)"
             " SELECT id, 1, account_id, mode, 'v_pub_file~' || id, now(), 9, 9, 1, 9, now() FROM post WHERE id = %s",
             post_id)
    assert site.consent(user, open_id=user.open_id).status == 303
    assert state_of(site, post_id) == ("processing", None, None)
    assert site.sql("SELECT next_check_at <= now() FROM post WHERE id = %s", post_id) == [(True,)]


def test_posts_of_other_accounts_stay(site, user, held, other_user):
    post_id = held(0)
    site.connect(open_id=other_user.open_id, user=other_user)
    assert state_of(site, post_id)[0] == "held"


# ---------------------------------------------------------------- signing out

def test_signing_out_ends_the_session_on_the_server(site, user):
    old = dict(user.cookies)
    answer = user.request("POST", "/oauth/signout")
    assert answer.status == 303 and answer.headers["Location"] == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert all("Max-Age=0" in line for line in cookies_set(answer).values())
    assert {SESSION_COOKIE, OAUTH_COOKIE} <= set(cookies_set(answer))
    stale = User(site)
    stale.cookies = old
    assert me(site, stale) is None
    assert site.sql("SELECT count(*) FROM session WHERE user_id = %s", int(user.user_id)) == [(0,)]
    assert audit(site, int(user.user_id))[-1][0] == "sign_out"


def test_another_browser_stays_signed_in(site, user):
    second = site.connect(open_id=user.open_id)
    assert second.user_id == user.user_id
    user.request("POST", "/oauth/signout")
    assert me(site, second)["id"] == second.user_id


@pytest.mark.parametrize("headers", [{"X-CSRF-Token": None}, {"X-CSRF-Token": "A" * 43},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_nobody_can_sign_others_out(site, user, headers):
    assert site.request("POST", "/oauth/signout", user=user, headers=headers).status == 403
    assert me(site, user)["id"] == user.user_id


def test_a_form_signs_out_too(site, user):
    token = user.csrf
    user.csrf = None
    answer = user.request("POST", "/oauth/signout", body=urllib.parse.urlencode({"csrf_token": token}),
                          headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": site.config["public_url"],
                                   "Sec-Fetch-Site": "same-origin"})
    assert answer.status == 303


def test_signing_out_twice_is_harmless(site, user):
    old = dict(user.cookies)
    user.request("POST", "/oauth/signout")
    user.cookies = old
    assert user.request("POST", "/oauth/signout").status == 303


# ---------------------------------------------------------------- what must not be anywhere

def test_code_state_cookie_and_tokens_are_in_no_log(site, nobody):
    wanted = start(site, nobody)
    query = give_consent(site, wanted, site.new_account())
    code = dict(urllib.parse.parse_qsl(query))["code"]
    assert callback(site, nobody, query).status == 303
    callback(site, nobody, query)
    logs = "\n".join(text for name, text in site.logs().items() if not name.startswith("sandbox"))
    for secret in (wanted["state"], code, urllib.parse.quote(code, safe=""), nobody.cookies[SESSION_COOKIE],
                   nobody.cookies[OAUTH_COOKIE]):
        assert secret not in logs
    assert spg_site.secrets_in(logs, site) == []


def test_roles_can_do_what_they_must_and_no_more(site):
    rows = site.sql("SELECT grantee, privilege_type FROM information_schema.column_privileges"
                    " WHERE table_name = 'account_token' AND column_name IN ('access_sealed', 'refresh_sealed')"
                    " AND grantee IN ('spg_oauth_start', 'spg_oauth_callback', 'spg_deletion', 'spg_tiktok_webhook',"
                    " 'spg_janitor') GROUP BY 1, 2 ORDER BY 1, 2")
    assert rows == [("spg_oauth_callback", "INSERT"), ("spg_oauth_callback", "UPDATE")]
    states = site.sql("SELECT grantee, privilege_type FROM information_schema.column_privileges"
                      " WHERE table_name = 'oauth_state' AND column_name = 'state_hash' AND grantee LIKE 'spg_oauth%%'"
                      " AND grantee <> 'spg_owner' ORDER BY 1, 2")
    assert ("spg_oauth_start", "SELECT") not in states
