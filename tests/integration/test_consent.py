"""Who uses the site has agreed to the current texts: new users by connecting, others when they are asked."""
import re
import time
import urllib.parse

import pytest

from spg_site import User, http_request, rfc3339, spgctl, wait_for

PAGES = ("/", "/videos", "/posts", "/posts/new", "/calendar", "/accounts")


def consents(site, user):
    return site.sql("SELECT version, language, how FROM policy_consent WHERE user_id = %s ORDER BY consented_at",
                    int(user.user_id))


def version_of(site):
    return re.search(r"Version (\S+), ", site.request("GET", "/privacy?lang=en").text)[1]


@pytest.fixture
def asked(site, user):
    """Somebody who has agreed to an older version only."""
    site.sql("UPDATE policy_consent SET version = '1.0', how = 'page' WHERE user_id = %s", int(user.user_id))
    return user


def agree(user, path="/", **changes):
    page = user.request("GET", f"/accept?return={urllib.parse.quote(path, safe='')}")
    assert page.status == 200, page
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text.split("</form>")[1]))
    form = {**form, **changes}
    return user.request("POST", "/accept", headers={"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None},
                        body=urllib.parse.urlencode(form))


# ---------------------------------------------------------------- new users

def test_a_new_user_agrees_by_connecting(site, user):
    version = version_of(site)
    assert consents(site, user) == [(version, "en", "connect")]
    assert user.request("GET", "/api/v1/me").json()["policy"] == {"version": version, "accepted": True}
    for path in PAGES:
        assert user.request("GET", path).status == 200, path
    events = spgctl(site, "events", "list", "--user", user.user_id)["items"]
    assert [event["code"] for event in events if event["event"] == "policy_accepted"] == [version]


def test_the_language_that_was_read_is_noted(site):
    user = User(site)
    open_id = site.new_account()
    page = urllib.parse.urlsplit(site.request("GET", "/oauth/start", user=user).headers["Location"])
    form = [("account", open_id), ("action", "authorize")]
    form += [("scope", scope) for scope in urllib.parse.parse_qs(page.query)["scope"][0].split(",")]
    answer = http_request(site.sandbox_url, "POST", f"{page.path}?{page.query}",
                          {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(form))
    back = urllib.parse.urlsplit(answer.headers["Location"])
    site.request("GET", f"{back.path}?{back.query}", user=user, headers={"Accept-Language": "ru, en;q=0.5"})
    user.user_id = user.request("GET", "/api/v1/me").json()["id"]
    assert [row[1:] for row in consents(site, user)] == [("ru", "connect")]


def test_signing_in_again_and_another_account_agree_to_nothing(site, asked):
    again = site.connect(open_id=asked.open_id)
    assert again.user_id == asked.user_id
    site.connect(user=again)
    assert [row[0] for row in consents(site, asked)] == ["1.0"]


@pytest.mark.parametrize("path, headers", [("/", {}), ("/oauth/start", {"Sec-Fetch-Site": "cross-site"})])
def test_it_says_so_beside_the_button(site, path, headers):
    text = site.request("GET", path, headers=headers).text
    assert "By connecting you agree" in text and version_of(site) in text
    for link in ("/terms", "/privacy", "/consent"):
        assert f'href="{link}"' in text


# ---------------------------------------------------------------- who agreed to something else

@pytest.mark.parametrize("path", PAGES)
def test_pages_lead_to_the_question(asked, path):
    answer = asked.request("GET", path)
    assert answer.status == 303
    assert answer.headers["Location"] == f"/accept?return={urllib.parse.quote(path, safe='')}"


def test_somebody_from_before_is_asked(site, user):
    site.sql("DELETE FROM policy_consent WHERE user_id = %s", int(user.user_id))
    assert user.request("GET", "/videos?state=ready").headers["Location"] == "/accept?return=%2Fvideos%3Fstate%3Dready"
    assert user.request("GET", "/api/v1/me").json()["policy"]["accepted"] is False


def test_the_question_tells_what_is_new_and_the_ways_out(asked):
    page = asked.request("GET", "/accept?return=/videos")
    assert page.status == 200 and page.text.count("<li>") >= 5
    for link in ("/privacy?lang=en", "/terms?lang=en", "/consent?lang=en", "/settings#data-title", "/deletion"):
        assert f'href="{link}"' in page.text, link
    assert 'action="/oauth/signout"' in page.text
    assert asked.request("GET", "/settings").status == 200 and asked.request("GET", "/deletion").status == 200
    russian = asked.request("GET", "/accept?lang=ru")
    assert '<html lang="ru">' in russian.text and "Согласен" in russian.text


def test_agreeing_leads_on_and_is_recorded_once(site, asked):
    answer = agree(asked, "/videos?state=ready")
    assert (answer.status, answer.headers["Location"]) == (303, "/videos?state=ready")
    assert agree(asked).status == 303
    version = version_of(site)
    assert consents(site, asked) == [("1.0", "en", "page"), (version, "en", "page")]
    assert asked.request("GET", "/videos").status == 200
    assert site.sql("SELECT count(*) FROM audit_event WHERE event = 'policy_accepted' AND user_id = %s AND code = %s",
                    int(asked.user_id), version) == [(2,)], "by connecting, and on the page"


def test_nobody_agrees_to_what_they_were_not_shown(site, asked):
    assert agree(asked, version="1.9").headers["Location"] == "/accept"
    assert [row[0] for row in consents(site, asked)] == ["1.0"]


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/oauth/start", "/accept", "javascript:alert(1)"])
def test_the_way_on_stays_here(asked, path):
    assert agree(asked, path).headers["Location"] == "/"


def test_agreeing_needs_the_token_of_the_form(asked):
    assert agree(asked, csrf_token="x").status == 403


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/api/v1/posts", {"caption": "x"}), ("PATCH", "/api/v1/me", {"language": "ru"}),
    ("POST", "/api/v1/imports", {"url": "https://example.org/a.mp4"}), ("PATCH", "/api/v1/posts/1", {"caption": "x"}),
    ("POST", "/api/v1/videos/1/repair", {})])
def test_the_api_changes_nothing_until_then(asked, method, path, body):
    answer = asked.request(method, path, body=body)
    assert answer.status == 403 and answer.json()["code"] == "policy_not_accepted"
    assert "/accept" in answer.json()["detail"]


def test_the_api_can_be_read_and_things_taken_away(asked, video):
    for path in ("/api/v1/me", "/api/v1/videos", "/api/v1/posts", "/api/v1/accounts", f"/videos/{video}/thumbnail"):
        assert asked.request("GET", path).status == 200, path
    assert asked.request("DELETE", f"/api/v1/videos/{video}").status in (200, 204)


def test_uploads_go_on(site, asked, video_file):
    assert site.ready_video(asked, video_file)


def test_what_is_planned_goes_out_and_can_be_cancelled(site, user, video):
    due = user.new_post(video, due_at=rfc3339(time.time() + 1))["id"]
    later = user.new_post(video, due_at=rfc3339(time.time() + 86400))["id"]
    site.sql("DELETE FROM policy_consent WHERE user_id = %s", int(user.user_id))
    assert user.request("DELETE", f"/api/v1/posts/{later}").status in (200, 204)
    with site.run_publisher_loop():
        wait_for("published", lambda: user.post(due)["state"] == "published", 60)


def test_it_is_one_look_into_an_index(site, user):
    plan = "\n".join(row[0] for row in site.sql(
        "SET enable_seqscan = off; EXPLAIN SELECT user_id FROM policy_consent WHERE user_id = 1 AND version = '2.0'"))
    site.sql("RESET enable_seqscan")
    assert "policy_consent_pkey" in plan


# ---------------------------------------------------------------- settings

def test_the_period_for_posted_videos_is_chosen(site, user):
    assert user.request("GET", "/api/v1/me").json()["keep_posted_days"] is None
    assert user.request("PATCH", "/api/v1/me", body={"keep_posted_days": 12}).json()["keep_posted_days"] == 12
    assert '<option value="12" selected>After 12 days</option>' in user.request("GET", "/settings").text
    for wrong in (0, -1, 3651, "7", 1.5, True):
        answer = user.request("PATCH", "/api/v1/me", body={"keep_posted_days": wrong})
        assert answer.status == 422 and answer.json()["errors"][0]["field"] == "keep_posted_days", wrong
    assert user.request("PATCH", "/api/v1/me", body={"language": "ru"}).json()["keep_posted_days"] == 12
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for value, days in (("90", 90), ("", None)):
        body = urllib.parse.urlencode({"csrf_token": user.csrf, "time_zone": "UTC", "language": "en", "keep_posted_days": value})
        assert user.request("POST", "/settings", headers=form, body=body).headers["Location"] == "/settings?saved=1"
        assert user.request("GET", "/api/v1/me").json()["keep_posted_days"] == days
    assert user.request("PATCH", "/api/v1/me", body={"keep_posted_days": None}).json()["keep_posted_days"] is None
