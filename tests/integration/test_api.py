"""The JSON API and the pages: what they answer, what they refuse, and that nobody sees what is another's."""
import datetime
import json
import pathlib
import re
import threading
import time

import pytest

from spg_site import rfc3339, running_site

REPO = pathlib.Path(__file__).resolve().parents[2]


def soon(seconds=3600.0):
    return rfc3339(time.time() + seconds)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def body_for(user, video, **members):
    """A complete post; a member that is None with drop=... is left out."""
    body = {"account_id": user.account_id, "video_id": video, "mode": "direct", "due_at": soon(),
            "time_zone": "UTC", "caption": "Hello", "privacy_level": "PUBLIC_TO_EVERYONE", "allow_comment": True,
            "allow_duet": False, "allow_stitch": False, "your_brand": False, "branded_content": False,
            "is_aigc": False, "cover_ms": 0, "consent": True}
    body.update(members)
    return body


def create(user, body, **headers):
    return user.request("POST", "/api/v1/posts", body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def change(user, post_id, **members):
    return user.request("PATCH", f"/api/v1/posts/{post_id}", body=members)


def assert_problem(answer, status, code, field=None):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json()
    assert problem["status"] == status
    codes = [(error["field"], error["code"]) for error in problem["errors"]]
    if field is None:
        assert problem["code"] == code, problem
    else:
        assert (field, code) in codes, problem
    assert all(error["message"] for error in problem["errors"]) and problem["detail"]
    return problem


def row(site, post_id, *columns):
    return site.sql(f"SELECT {', '.join(columns)} FROM post WHERE id = %s", post_id)[0]


def set_state(site, post_id, state):
    """Put a post where only the publisher could put it."""
    site.sql("UPDATE post SET state = %s, publish_id = 'p.' || id, next_check_at = now() + interval '1 day',"
             " reason_code = 'some_reason', lease_until = CASE WHEN %s = 'publishing' THEN now() + interval '1 hour' END"
             " WHERE id = %s", state, state, post_id)


def events(user, post_id):
    answer = user.request("GET", f"/api/v1/posts/{post_id}/timeline")
    assert answer.status == 200, answer
    return answer.json()["items"]


@pytest.fixture(scope="module")
def author(site, video_file):
    """A user with a video, shared by tests that leave nothing behind."""
    author = site.connect()
    author.video = site.ready_video(author, video_file)
    author.scheduled = author.new_post(author.video, due_at=soon())
    author.imported = author.request("POST", "/api/v1/imports", body={"url": "https://files.example/a.mp4"}).json()["id"]
    author.export = author.request("POST", "/api/v1/exports", body={"with_videos": False}).json()["id"]
    return author


@pytest.fixture(scope="module")
def stranger(site):
    """Somebody else for all tests."""
    return site.connect()


@pytest.fixture(scope="module", autouse=True)
def nothing_left(site):
    """What is scheduled here must not go out under a later test."""
    yield
    end_all_posts(site)


def end_all_posts(site):
    site.sql("UPDATE post SET state = 'cancelled', next_check_at = NULL, lease_until = NULL WHERE state IN "
             "('scheduled', 'publishing', 'processing') OR next_check_at IS NOT NULL")


@pytest.fixture
def scheduled(user, video):
    """A post of user for an hour from now."""
    return user.new_post(video, due_at=soon())


# --- the session and the rules of every address


def api_routes():
    """The route table itself, so that a new address cannot be forgotten here."""
    table = (REPO / "cgi/dashboard.c").read_text()
    found = re.findall(r'\{ "(\w+)", "(\S+)", \w+(?:, (\w+))? \}', table)
    assert len(found) > 25
    return found


@pytest.mark.parametrize("method,path,access", api_routes())
def test_every_address_asks_for_a_session(site, method, path, access):
    answer = site.request(method, path.replace("{id}", "1"), body={} if method in ("POST", "PATCH") else None)
    if access in ("ROUTE_OPEN", "ROUTE_PUBLIC"):
        assert answer.status in (200, 503)
    else:
        assert answer.status == 401, answer
        if path.startswith("/api/"):
            assert_problem(answer, 401, "not_signed_in")
        else:
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method,path,access", [route for route in api_routes() if route[0] != "GET"])
def test_every_change_asks_for_the_token(author, method, path, access):
    for token in None, "", "x" * 43:
        answer = author.request(method, path.replace("{id}", "1"), headers={"X-CSRF-Token": token}, body={})
        assert answer.status == 403, (token, answer)
    answer = author.request(method, path.replace("{id}", "1"), headers={"Origin": "https://evil.example"}, body={})
    assert answer.status == 403
    answer = author.request(method, path.replace("{id}", "1"), headers={"Sec-Fetch-Site": "cross-site"}, body={})
    assert answer.status == 403


@pytest.mark.parametrize("method,path,access", [route for route in api_routes() if "{id}" in route[1]])
def test_every_object_is_its_owners_alone(site, author, stranger, method, path, access):
    kind = path.split("{id}")[0].rstrip("/").rsplit("/", 1)[1]
    own = {"accounts": author.account_id, "videos": author.video, "posts": author.scheduled["id"],
           "imports": author.imported, "exports": author.export}[kind]
    body = {"caption": "mine now"} if method == "PATCH" else None
    for who, wanted in (stranger, own), (author, "999999999"), (author, "0"), (author, "x"), (author, f"{own}x"):
        answer = who.request(method, path.replace("{id}", str(wanted)), body=body)
        assert answer.status == 404, (who is author, wanted, answer)
    assert row(site, author.scheduled["id"], "state", "caption") == ("scheduled", "Hello")
    assert site.sql("SELECT deleted_at FROM video WHERE id = %s", author.video) == [(None,)]
    assert site.sql("SELECT state FROM account WHERE id = %s", author.account_id) == [("connected",)]
    assert site.sql("SELECT count(*) FROM video_import WHERE id = %s", author.imported) == [(1,)]


def test_other_methods_are_refused_with_the_allowed_ones(author):
    answer = author.request("PUT", f"/api/v1/posts/{author.scheduled['id']}", body={})
    assert answer.status == 405 and answer.headers["Allow"]
    answer = author.request("POST", f"/api/v1/posts/{author.scheduled['id']}", body={})
    assert answer.status == 405
    assert sorted(answer.headers["Allow"].split(", ")) == ["DELETE", "GET", "HEAD", "PATCH"]
    assert author.request("DELETE", "/api/v1/posts").status == 405


def test_unknown_addresses_are_404(author):
    assert_problem(author.request("GET", "/api/v1/nothing"), 404, "not_found")
    assert author.request("GET", "/nothing").status == 404


def test_head_is_get_without_a_body(author):
    answer = author.request("HEAD", f"/api/v1/posts/{author.scheduled['id']}")
    assert answer.status == 200 and answer.body == b""


def test_bodies_that_are_no_json_object_are_refused(author):
    for body in b"", b"[]", b"nonsense", b'{"a": 1, "a": 2}', b"{'a': 1}", b'{"a": 1} x', b'"text"', b'{"a": "\xff"}':
        answer = author.request("POST", "/api/v1/posts", headers={"Content-Type": "application/json"}, body=body)
        assert answer.status == 400, (body, answer)
    deep = b'{"a":' * 40 + b"1" + b"}" * 40
    answer = author.request("POST", "/api/v1/posts", headers={"Content-Type": "application/json"}, body=deep)
    assert answer.status == 400
    answer = author.request("POST", "/api/v1/posts", body=b"caption=x",
                          headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 415
    answer = author.request("PATCH", "/api/v1/me", body=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    answer = author.request("POST", "/api/v1/posts", headers={"Content-Type": "application/json"},
                          body=b'{"caption": "' + b"a" * 70000 + b'"}')
    assert answer.status == 413


def test_a_query_key_given_twice_is_refused(author):
    assert author.request("GET", "/api/v1/posts?limit=1&limit=2").status == 400


# --- me


def test_me_names_the_user_the_token_and_the_limits(user):
    me = user.request("GET", "/api/v1/me").json()
    assert me["id"] == str(user.user_id) and me["csrf_token"] == user.csrf
    assert me["time_zone"] == "UTC" and me["language"] == "en"
    assert [account["id"] for account in me["accounts"]] == [user.account_id]
    assert me["limits"]["max_upload_bytes"] == 4_000_000_000
    assert me["limits"]["caption_max_utf16"] == 2200
    assert me["limits"]["audited"] is True


def test_settings_are_changed_one_by_one(user):
    answer = user.request("PATCH", "/api/v1/me", body={"time_zone": "Europe/Moscow"})
    assert answer.status == 200 and answer.json()["time_zone"] == "Europe/Moscow"
    answer = user.request("PATCH", "/api/v1/me", body={"language": "ru"})
    assert (answer.json()["time_zone"], answer.json()["language"]) == ("Europe/Moscow", "ru")
    assert user.request("PATCH", "/api/v1/me", body={}).status == 200
    for zone in "Mars/Base", "europe/moscow", "", "EST5EDT,M3.2.0", "../etc", "posix/Europe/Moscow", "+03:00":
        assert_problem(user.request("PATCH", "/api/v1/me", body={"time_zone": zone}), 422, "unknown_time_zone", "time_zone")
    assert_problem(user.request("PATCH", "/api/v1/me", body={"time_zone": 1}), 422, "wrong_type", "time_zone")
    assert_problem(user.request("PATCH", "/api/v1/me", body={"language": "xx"}), 422, "unknown_language", "language")
    assert user.request("GET", "/api/v1/me").json()["time_zone"] == "Europe/Moscow"


def test_the_settings_form_works_without_scripts(user):
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None}
    answer = user.request("POST", "/settings", headers=form, body=f"time_zone=Asia/Tokyo&csrf_token={user.csrf}")
    assert (answer.status, answer.headers["Location"]) == (303, "/settings?saved=1")
    assert user.request("GET", "/api/v1/me").json()["time_zone"] == "Asia/Tokyo"
    answer = user.request("POST", "/settings", headers=form, body=f"time_zone=Nowhere&csrf_token={user.csrf}")
    assert (answer.status, answer.headers["Location"]) == (303, "/settings?error=time_zone")
    assert user.request("POST", "/settings", headers=form, body="time_zone=UTC&csrf_token=wrong").status == 403


def test_time_zones_are_iana_names(author):
    names = [item["name"] for item in author.request("GET", "/api/v1/time-zones").json()["items"]]
    assert {"UTC", "Europe/Moscow", "America/New_York", "Pacific/Apia"} <= set(names)
    assert not [name for name in names if name.startswith(("posix/", "right/"))]


# --- local times: PostgreSQL's arithmetic, and clock changes shown before saving


@pytest.mark.parametrize("zone,local,due_at,note", [
    ("Europe/Moscow", "2026-11-22T14:05", "2026-11-22T11:05:00Z", None),
    ("UTC", "2026-02-28T23:59:59", "2026-02-28T23:59:59Z", None),
    ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z", None),
    ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z", "skipped"),
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z", "skipped"),
    ("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00:00Z", "skipped"),
    ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z", None),
    ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59:00Z", None),
    ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z", "repeated"),
    ("Europe/Berlin", "2026-10-25T02:59:59", "2026-10-25T00:59:59Z", "repeated"),
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z", None),
    ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00:00Z", "skipped"),
    ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30:00Z", "repeated"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", "skipped"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45:00Z", "repeated"),
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z", "repeated"),
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z", "skipped"),
    ("Asia/Kathmandu", "2026-11-22T14:05", "2026-11-22T08:20:00Z", None),
])
def test_local_times(author, zone, local, due_at, note):
    answer = author.request("GET", f"/api/v1/local-time?zone={zone}&time={local}")
    assert answer.status == 200, answer
    assert answer.json() == {"due_at": due_at, "note": note}


def test_local_times_that_are_none(user):
    for query, field in [("zone=Mars/Base&time=2026-11-22T14:05", "zone"), ("zone=UTC", "time"), ("zone=UTC&time=", "time"),
                         ("zone=UTC&time=2026-02-30T14:05", "time"), ("zone=UTC&time=2026-11-22T14:05Z", "time"),
                         ("zone=UTC&time=now", "time")]:
        answer = user.request("GET", f"/api/v1/local-time?{query}")
        assert answer.status == 422 and [e["field"] for e in answer.json()["errors"]] == [field], (query, answer)
    user.request("PATCH", "/api/v1/me", body={"time_zone": "Asia/Tokyo"})
    answer = user.request("GET", "/api/v1/local-time?time=2026-11-22T14:05")
    assert answer.json()["due_at"] == "2026-11-22T05:05:00Z", "the user's own zone"


# --- accounts


def test_accounts_are_shown_without_tokens(site, user):
    items = user.request("GET", "/api/v1/accounts").json()["items"]
    assert len(items) == 1
    account = items[0]
    assert account["id"] == user.account_id and account["open_id"] == user.open_id
    assert account["state"] == "connected" and "video.publish" in account["scopes"]
    assert moment(account["connected_at"]) <= time.time() + 1
    assert user.request("GET", f"/api/v1/accounts/{account['id']}").json() == account
    assert not {name for name in account if "token" in name or "sealed" in name}


def test_disconnecting_holds_what_is_scheduled_and_keeps_drafts(site, user, video, scheduled):
    draft = create(user, body_for(user, video, due_at=None)).json()
    fence = row(site, scheduled["id"], "fence")[0]
    answer = user.request("DELETE", f"/api/v1/accounts/{user.account_id}")
    assert answer.status == 202 and answer.json()["state"] == "disconnecting"
    post = user.post(scheduled["id"])
    assert post["state"] == "held" and post["reason"]["code"] == "account_disconnected" and post["remedy"]["message"]
    assert row(site, scheduled["id"], "fence")[0] > fence and row(site, scheduled["id"], "lease_until") == (None,)
    assert user.post(draft["id"])["state"] == "draft"
    last = events(user, scheduled["id"])[-1]
    assert (last["name"], last["from_state"], last["code"]) == ("held", "scheduled", "account_disconnected")
    assert user.request("DELETE", f"/api/v1/accounts/{user.account_id}").status == 202, "again is harmless"
    assert_problem(create(user, body_for(user, video)), 409, "account_not_connected")
    assert_problem(change(user, draft["id"], due_at=soon(), consent=True), 409, "account_not_connected")
    audit = site.sql("SELECT count(*) FROM audit_event WHERE event = 'account_disconnecting' AND account_id = %s",
                     user.account_id)
    assert audit == [(1,)]
    site.sql("UPDATE account SET state = 'disconnected' WHERE id = %s", user.account_id)
    assert user.request("GET", "/api/v1/accounts").json()["items"] == []


def test_an_account_that_needs_reconnecting_takes_drafts_only(site, user, video):
    site.sql("UPDATE account SET state = 'reconnect' WHERE id = %s", user.account_id)
    assert_problem(create(user, body_for(user, video)), 409, "account_not_connected")
    assert create(user, body_for(user, video, due_at=None)).status == 201


# --- videos


def test_a_video_is_shown_with_what_is_known(user, video):
    shown = user.request("GET", f"/api/v1/videos/{video}").json()
    assert shown["state"] == "ready" and shown["reason"] is None and shown["in_use"] is False
    assert (shown["width"], shown["height"]) == (640, 360) and shown["codec"] == "h264"
    assert 1900 < shown["duration_ms"] < 2200 and 29 < shown["fps"] < 31 and shown["size"] > 0
    assert shown["thumbnail_url"] == f"/videos/{video}/thumbnail"
    assert shown["file_url"] == f"/videos/{video}/file"
    assert "file" not in shown


def test_videos_page_newest_first(site, user):
    ids = [str(site.sql("INSERT INTO video (user_id, file, name, size, state) VALUES (%s, "
                        "translate(substr(encode(sha256(random()::text::bytea), 'base64'), 1, 22), '+/', '-_'), %s, 1, "
                        "%s) RETURNING id", user.user_id, f"v{i}", "ready" if i % 2 else "checking")[0][0])
           for i in range(5)]
    seen, path = [], "/api/v1/videos?limit=2"
    while path:
        answer = user.request("GET", path).json()
        assert len(answer["items"]) <= 2
        seen += [item["id"] for item in answer["items"]]
        path = answer["next_cursor"] and f"/api/v1/videos?limit=2&cursor={answer['next_cursor']}"
    assert seen == ids[::-1]
    ready = user.request("GET", "/api/v1/videos?state=ready").json()
    assert [item["id"] for item in ready["items"]] == [ids[3], ids[1]] and ready["next_cursor"] is None
    assert_problem(user.request("GET", "/api/v1/videos?state=lost"), 422, "unknown_state", "state")


def test_a_video_in_use_stays(site, user, video, scheduled):
    assert user.request("GET", f"/api/v1/videos/{video}").json()["in_use"] is True
    for state in "scheduled", "publishing", "processing":
        set_state(site, scheduled["id"], state)
        assert_problem(user.request("DELETE", f"/api/v1/videos/{video}"), 409, "video_in_use")
    assert user.request("GET", f"/api/v1/videos/{video}").status == 200


@pytest.mark.parametrize("state", ["draft", "held", "published", "delivered", "failed", "cancelled"])
def test_a_deleted_video_is_gone_and_its_files_are_handed_over(site, user, video, scheduled, state):
    set_state(site, scheduled["id"], state)
    file = site.sql("SELECT file FROM video WHERE id = %s", video)[0][0]
    assert user.request("DELETE", f"/api/v1/videos/{video}").status == 204
    asked = {name for name, in site.sql("SELECT file FROM file_removal WHERE file LIKE %s", f"%{file}%")}
    assert asked == {f"videos/{file}", f"frames/{file}.jpg", f"frames/{file}.strip.jpg"}
    for path in "/api/v1/videos/%s", "/videos/%s/file", "/videos/%s/thumbnail":
        assert user.request("GET", path % video).status == 404
    assert user.request("DELETE", f"/api/v1/videos/{video}").status == 404
    assert user.request("GET", "/api/v1/videos").json()["items"] == []
    assert user.post(scheduled["id"])["video"] is None
    assert_problem(create(user, body_for(user, video)), 422, "not_found", "video_id")


def test_scheduling_and_deleting_at_once_never_both_win(site, user, video_file):
    for _ in range(6):
        video = site.ready_video(user, video_file)
        start, answers = threading.Barrier(2), {}

        def act(name, *request, **more):
            start.wait()
            answers[name] = user.site.request(*request, headers=dict(user.headers), **more).status

        threads = [threading.Thread(target=act, args=("post", "POST", "/api/v1/posts"),
                                    kwargs={"body": body_for(user, video)}),
                   threading.Thread(target=act, args=("delete", "DELETE", f"/api/v1/videos/{video}"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (answers["post"], answers["delete"]) in [(201, 409), (422, 204), (409, 204)], answers


# --- previews


def test_previews_go_to_their_owner_only(user, other_user, video):
    answer = user.request("GET", f"/videos/{video}/file")
    assert answer.status == 200 and answer.headers["Content-Type"] == "video/mp4"
    assert len(answer.body) == user.request("GET", f"/api/v1/videos/{video}").json()["size"]
    assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "X-Accel-Redirect" not in answer.headers
    answer = user.request("GET", f"/videos/{video}/thumbnail")
    assert answer.status == 200 and answer.headers["Content-Type"] == "image/jpeg" and answer.body
    part = user.request("GET", f"/videos/{video}/file", headers={"Range": "bytes=10-19"})
    assert part.status == 206 and len(part.body) == 10
    assert user.site.request("GET", f"/videos/{video}/file").status == 401
    assert other_user.request("GET", f"/videos/{video}/file").status == 404


def test_a_video_is_never_a_page_of_its_own(user, video):
    for dest in "document", "iframe", "object", "embed":
        answer = user.request("GET", f"/videos/{video}/file", headers={"Sec-Fetch-Dest": dest})
        assert answer.headers["Content-Disposition"].startswith("attachment;"), dest
    answer = user.request("GET", f"/videos/{video}/file", headers={"Sec-Fetch-Dest": "video"})
    assert answer.headers["Content-Disposition"].startswith("inline;")


def test_names_of_files_are_encoded(site, user, video):
    site.sql("UPDATE video SET name = %s WHERE id = %s", 'a"; x=\r\n ы.mp4', video)
    answer = user.request("GET", f"/videos/{video}/file")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''a%22%3B%20x%3D%0D%0A%20%D1%8B.mp4"


def test_only_checked_videos_are_played(site, user, video):
    for state in "checking", "refused":
        site.sql("UPDATE video SET state = %s WHERE id = %s", state, video)
        assert user.request("GET", f"/videos/{video}/file").status == 404


# --- creating posts


def test_a_post_comes_back_as_it_was_sent(site, user, video):
    body = body_for(user, video, caption="Привет 😀\n#tag", time_zone="Europe/Moscow", privacy_level="SELF_ONLY",
                    allow_comment=False, allow_duet=True, allow_stitch=True, your_brand=True, is_aigc=True, cover_ms=1000,
                    consent_texts=["By posting, you agree"], consent_options={"privacy_level_options": ["SELF_ONLY"]},
                    unknown_member={"is": ["ignored"]})
    answer = create(user, body)
    assert answer.status == 201, answer
    post = answer.json()
    assert answer.headers["Location"] == f"/api/v1/posts/{post['id']}"
    for name in body:
        if name not in ("due_at", "consent_texts", "consent_options", "unknown_member"):
            assert post[name] == body[name], name
    assert moment(post["due_at"]) == pytest.approx(moment(body["due_at"]), abs=0.001)
    assert post["state"] == "scheduled" and post["next_attempt_at"] == post["due_at"]
    assert post["attempts"] == 0 and post["publish_id"] is None and post["public_ids"] == [] and post["reason"] is None
    assert post["video"]["id"] == video and post["account"]["id"] == user.account_id
    assert "unknown_member" not in post
    assert user.post(post["id"]) == post
    consent = row(site, post["id"], "consent")[0]
    assert consent["texts"] == ["By posting, you agree"] and consent["at"]
    assert consent["options"] == {"privacy_level_options": ["SELF_ONLY"]}
    timeline = events(user, post["id"])
    assert [(e["kind"], e["name"], e["from_state"]) for e in timeline] == [("state", "scheduled", None)]
    assert site.sql("SELECT event FROM audit_event WHERE post_id = %s", post["id"]) == [("post_scheduled",)]


def test_a_draft_needs_little(user, video):
    for due in {}, {"due_at": None}:
        answer = create(user, {"account_id": user.account_id, "video_id": video, **due})
        assert answer.status == 201, answer
        post = answer.json()
        assert post["state"] == "draft" and post["due_at"] is None and post["local_time"] is None
        assert post["consent"] is False and post["consent_at"] is None and post["privacy_level"] is None
        assert post["mode"] == "direct" and post["caption"] == "" and post["time_zone"] == "UTC"
        assert not any(post[name] for name in ("allow_comment", "allow_duet", "allow_stitch", "your_brand",
                                               "branded_content", "is_aigc"))


def test_an_inbox_draft_needs_no_privacy(user, video):
    answer = create(user, body_for(user, video, mode="draft", privacy_level=None))
    assert answer.status == 201 and answer.json()["mode"] == "draft" and answer.json()["state"] == "scheduled"


REFUSED = [
    ({"account_id": None}, "account_id", "required"),
    ({"account_id": "999999999"}, "account_id", "not_found"),
    ({"account_id": "x"}, "account_id", "wrong_type"),
    ({"account_id": []}, "account_id", "wrong_type"),
    ({"video_id": None}, "video_id", "required"),
    ({"video_id": "999999999"}, "video_id", "not_found"),
    ({"video_id": {}}, "video_id", "wrong_type"),
    ({"mode": "inbox"}, "mode", "unknown_mode"),
    ({"mode": True}, "mode", "wrong_type"),
    ({"caption": "a" * 2201}, "caption", "too_long"),
    ({"caption": "😀" * 1101}, "caption", "too_long"),
    ({"caption": "a\u0000b"}, "caption", "wrong_type"),
    ({"caption": "a\u0007b"}, "caption", "not_printable"),
    ({"caption": 7}, "caption", "wrong_type"),
    ({"privacy_level": None}, "privacy_level", "required"),
    ({"privacy_level": ""}, "privacy_level", "unknown_value"),
    ({"privacy_level": "everyone"}, "privacy_level", "unknown_value"),
    ({"privacy_level": "A" * 65}, "privacy_level", "unknown_value"),
    ({"privacy_level": 1}, "privacy_level", "wrong_type"),
    ({"privacy_level": "SELF_ONLY", "branded_content": True}, "branded_content", "branded_content_private"),
    ({"allow_comment": "true"}, "allow_comment", "wrong_type"),
    ({"allow_duet": 1}, "allow_duet", "wrong_type"),
    ({"allow_stitch": None}, "allow_stitch", "wrong_type"),
    ({"your_brand": "no"}, "your_brand", "wrong_type"),
    ({"branded_content": []}, "branded_content", "wrong_type"),
    ({"is_aigc": 0}, "is_aigc", "wrong_type"),
    ({"cover_ms": -1}, "cover_ms", "out_of_range"),
    ({"cover_ms": 5000}, "cover_ms", "out_of_range"),
    ({"cover_ms": "0"}, "cover_ms", "wrong_type"),
    ({"cover_ms": 1.5}, "cover_ms", "wrong_type"),
    ({"consent": False}, "consent", "consent_required"),
    ({"consent": None}, "consent", "consent_required"),
    ({"consent": "true"}, "consent", "wrong_type"),
    ({"consent_texts": "text"}, "consent_texts", "wrong_type"),
    ({"consent_texts": ["a"] * 17}, "consent_texts", "wrong_type"),
    ({"consent_texts": ["a" * 20000]}, "consent_texts", "too_long"),
    ({"consent_options": "x"}, "consent_options", "wrong_type"),
    ({"time_zone": "Mars/Base"}, "time_zone", "unknown_time_zone"),
    ({"time_zone": ""}, "time_zone", "unknown_time_zone"),
    ({"time_zone": 3}, "time_zone", "wrong_type"),
    ({"due_at": "tomorrow"}, "due_at", "malformed_time"),
    ({"due_at": "2027-02-30T00:00:00Z"}, "due_at", "malformed_time"),
    ({"due_at": "2027-01-01T00:00:00"}, "due_at", "malformed_time"),
    ({"due_at": 1795000000}, "due_at", "wrong_type"),
    ({"due_at": "infinity"}, "due_at", "malformed_time"),
    ({"local_time": "2027-01-01T00:00"}, "local_time", "time_given_twice"),
    ({"due_at": None, "local_time": "2027-01-01"}, "local_time", "malformed_time"),
    ({"due_at": None, "local_time": "2020-01-01T00:00"}, "local_time", "due_at_in_past"),
    ({"due_at": "2020-01-01T00:00:00Z"}, "due_at", "due_at_in_past"),
    ({"due_at": "9999-01-01T00:00:00Z"}, "due_at", "due_at_too_far"),
]


@pytest.mark.parametrize("members,field,code", REFUSED, ids=lambda value: json.dumps(value)[:60])
def test_what_is_wrong_with_a_post_is_named(author, members, field, code):
    newest = author.request("GET", "/api/v1/posts?limit=1").json()
    problem = assert_problem(create(author, body_for(author, author.video, **members)), 422, code, field)
    assert problem["errors"][0]["code"] == problem["code"]
    assert author.request("GET", "/api/v1/posts?limit=1").json() == newest


def test_all_faults_are_named_at_once(user):
    answer = create(user, {"mode": "x", "caption": 1, "due_at": "x", "time_zone": "x", "cover_ms": -1})
    fields = {error["field"] for error in answer.json()["errors"]}
    assert answer.status == 422 and {"mode", "caption", "due_at", "time_zone", "cover_ms", "account_id", "video_id"} <= fields


def test_the_limits_themselves_pass(user, video):
    assert create(user, body_for(user, video, caption="a" * 2200)).status == 201
    assert create(user, body_for(user, video, caption="😀" * 1100)).status == 201
    assert create(user, body_for(user, video, due_at=soon(364.9 * 86400))).status == 201
    assert_problem(create(user, body_for(user, video, due_at=soon(365.1 * 86400))), 422, "due_at_too_far", "due_at")
    assert create(user, body_for(user, video, privacy_level="A_NEW_WORD_OF_TIKTOK")).status == 201


def test_now_is_the_last_minute_or_the_word(user, video):
    assert create(user, body_for(user, video, due_at=soon(-50))).status == 201
    assert_problem(create(user, body_for(user, video, due_at=soon(-70))), 422, "due_at_in_past", "due_at")
    answer = create(user, body_for(user, video, due_at="now"))
    assert answer.status == 201 and moment(answer.json()["due_at"]) == pytest.approx(time.time(), abs=10)


def test_due_at_keeps_its_offset_and_local_time_its_zone(user, video):
    due = datetime.datetime.fromtimestamp(time.time() + 86400, datetime.timezone(datetime.timedelta(hours=5, minutes=45)))
    answer = create(user, body_for(user, video, due_at=due.replace(microsecond=0).isoformat()))
    assert moment(answer.json()["due_at"]) == int(due.timestamp())
    local = (datetime.datetime.utcnow() + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    body = body_for(user, video, time_zone="Asia/Kathmandu", local_time=local)
    del body["due_at"]
    post = create(user, body).json()
    assert post["local_time"] == local and post["time_zone"] == "Asia/Kathmandu"
    resolved = user.request("GET", f"/api/v1/local-time?zone=Asia/Kathmandu&time={local}").json()
    assert post["due_at"] == resolved["due_at"]


@pytest.mark.parametrize("mode,scope", [("direct", "video.publish"), ("draft", "video.upload")])
def test_a_scope_that_was_not_granted(site, user, video, mode, scope):
    site.sql("UPDATE account SET scopes = array_remove(scopes, %s) WHERE id = %s", scope, user.account_id)
    problem = assert_problem(create(user, body_for(user, video, mode=mode)), 409, "scope_missing")
    assert problem["errors"][0]["field"] == "account_id" and "Connect it again" in problem["detail"]
    other = {"direct": "draft", "draft": "direct"}[mode]
    assert create(user, body_for(user, video, mode=other)).status == 201


def test_a_video_that_is_not_ready(site, user, video):
    site.sql("UPDATE video SET state = 'checking' WHERE id = %s", video)
    assert_problem(create(user, body_for(user, video)), 409, "video_not_ready")
    draft = create(user, body_for(user, video, due_at=None))
    assert draft.status == 201, "a draft may wait for its video"
    assert_problem(change(user, draft.json()["id"], due_at=soon(), consent=True), 409, "video_not_ready")
    site.sql("UPDATE video SET state = 'refused' WHERE id = %s", video)
    assert_problem(create(user, body_for(user, video)), 422, "video_refused", "video_id")


def test_others_accounts_and_videos_are_unknown(site, user, other_user, video, video_file):
    foreign = site.ready_video(other_user, video_file)
    assert_problem(create(user, body_for(user, foreign)), 422, "not_found", "video_id")
    assert_problem(create(user, body_for(user, video, account_id=other_user.account_id)), 422, "not_found", "account_id")


def test_posts_a_day_are_bounded(site, user, video, scheduled):
    site.sql("INSERT INTO post (user_id, account_id, mode, state) SELECT %s, %s, 'direct', 'draft' "
             "FROM generate_series(1, 5000)", user.user_id, user.account_id)
    answer = create(user, body_for(user, video))
    assert_problem(answer, 429, "too_many_posts")
    assert int(answer.headers["Retry-After"]) > 0
    assert change(user, scheduled["id"], caption="still possible").status == 200
    site.sql("DELETE FROM post WHERE user_id = %s", user.user_id)


def test_an_unaudited_app_schedules_only_private_posts(video_file):
    with running_site(sets=["tiktok_audited=no"]) as site:
        user = site.connect()
        video = site.ready_video(user, video_file)
        assert user.request("GET", "/api/v1/me").json()["limits"]["audited"] is False
        problem = assert_problem(create(user, body_for(user, video)), 422, "unaudited_private_only", "privacy_level")
        assert "private" in problem["detail"]
        assert create(user, body_for(user, video, mode="draft")).status == 201
        post = create(user, body_for(user, video, privacy_level="SELF_ONLY"))
        assert post.status == 201
        assert_problem(change(user, post.json()["id"], privacy_level="PUBLIC_TO_EVERYONE"), 422, "unaudited_private_only",
                       "privacy_level")
        assert 'data-audited="false"' in user.request("GET", "/posts/new").text


# --- Idempotency-Key


def test_the_same_key_and_body_make_one_post(site, user, other_user, video):
    body = body_for(user, video)
    first = create(user, body, Idempotency_Key="key-1")
    again = create(user, body, Idempotency_Key="key-1")
    assert first.status == again.status == 201 and first.json() == again.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert create(user, body, Idempotency_Key="key-2").json()["id"] != first.json()["id"]
    assert_problem(create(user, {**body, "caption": "other"}, Idempotency_Key="key-1"), 422, "idempotency_key_reused")
    assert site.sql("SELECT count(*) FROM post WHERE user_id = %s", user.user_id) == [(2,)]
    # Another user's key of the same name is another key.
    assert_problem(create(other_user, body, Idempotency_Key="key-1"), 422, "not_found", "account_id")


def test_a_repeat_is_answered_though_time_has_passed(site, user, video):
    body = body_for(user, video, due_at=soon(-55))
    first = create(user, body, Idempotency_Key="late")
    assert first.status == 201
    site.sql("UPDATE video SET state = 'refused' WHERE id = %s", video)
    again = create(user, body, Idempotency_Key="late")
    assert again.status == 201 and again.json()["id"] == first.json()["id"]


def test_a_refused_request_does_not_use_the_key_up(user, video):
    assert create(user, body_for(user, video, caption=1), Idempotency_Key="retry").status == 422
    assert create(user, body_for(user, video), Idempotency_Key="retry").status == 201


def test_many_at_once_with_one_key_make_one_post(site, user, video):
    body, answers = body_for(user, video), []
    headers = {**user.headers, "Idempotency-Key": "race"}
    start = threading.Barrier(8)

    def act():
        start.wait()
        answers.append(site.request("POST", "/api/v1/posts", headers=headers, body=body))

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [201] * 8, answers
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert site.sql("SELECT count(*) FROM post WHERE user_id = %s", user.user_id) == [(1,)]


def test_keys_that_are_none(user, video):
    for key in "", "k" * 256, "tab\tkey":
        assert_problem(create(user, body_for(user, video), Idempotency_Key=key), 422, "idempotency_key_invalid")
    assert create(user, body_for(user, video), Idempotency_Key="k" * 255).status == 201


# --- lists


def test_posts_page_newest_first_and_filter(site, user, video):
    posts = [user.new_post(video, due_at=soon(3600 * (i + 1))) for i in range(5)]
    draft = create(user, body_for(user, video, due_at=None)).json()
    user.request("DELETE", f"/api/v1/posts/{posts[0]['id']}")
    ids = [post["id"] for post in posts]

    def listed(query):
        found, cursor = [], ""
        while cursor is not None:
            answer = user.request("GET", f"/api/v1/posts?limit=2&{query}&cursor={cursor}")
            assert answer.status == 200, answer
            found += [post["id"] for post in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
        return found

    assert listed("") == [draft["id"]] + ids[::-1]
    assert listed("state=scheduled") == ids[:0:-1]
    assert listed("state=cancelled,draft") == [draft["id"], ids[0]]
    assert listed("state=failed") == []
    assert listed(f"account={user.account_id}") == [draft["id"]] + ids[::-1]
    assert listed("account=999999999") == []
    assert listed(f"from={posts[1]['due_at']}&to={posts[3]['due_at']}") == [ids[2], ids[1]], "to is exclusive"
    assert listed("from=2026-01-01T00:00:00+03:00&to=&state=&account=") == ids[::-1], "without a time, not in a span"
    assert user.request("GET", "/api/v1/posts").json()["next_cursor"] is None


def test_queries_that_are_wrong_are_named(author):
    for query, field in [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("cursor=zz", "cursor"),
                         ("cursor=12", "cursor"), ("state=lost", "state"), ("state=draft,,held", "state"),
                         ("from=yesterday", "from"), ("to=2026-13-01T00:00:00Z", "to"), ("account=x", "account")]:
        answer = author.request("GET", f"/api/v1/posts?{query}")
        assert answer.status == 422 and [e["field"] for e in answer.json()["errors"]] == [field], (query, answer)
    for path in "/api/v1/videos", "/posts", "/videos":
        assert author.request("GET", f"{path}?limit=0").status == 422


def test_the_timeline_pages_in_its_order(site, user, scheduled):
    site.sql("INSERT INTO post_event (post_id, kind, name, http_status, code, log_id, bytes, message) "
             "SELECT %s, 'call', 'chunk_put', 206, 'ok', 'L' || i, i, 'm' FROM generate_series(1, 5) AS i", scheduled["id"])
    path = f"/api/v1/posts/{scheduled['id']}/timeline"
    first = user.request("GET", f"{path}?limit=4").json()
    rest = user.request("GET", f"{path}?limit=4&cursor={first['next_cursor']}").json()
    assert [e["bytes"] for e in first["items"] + rest["items"]] == [None, 1, 2, 3, 4, 5] and rest["next_cursor"] is None
    event = rest["items"][-1]
    assert set(event) == {"id", "at", "kind", "name", "from_state", "code", "message", "http_status", "log_id", "bytes"}
    assert (event["http_status"], event["log_id"]) == (206, "L5")


# --- changing


def test_a_scheduled_post_is_changed_in_place(site, user, video, scheduled):
    before = row(site, scheduled["id"], "fence", "updated_at")
    answer = change(user, scheduled["id"], caption="New words", allow_duet=True)
    assert answer.status == 200, answer
    post = answer.json()
    assert (post["caption"], post["allow_duet"], post["state"]) == ("New words", True, "scheduled")
    assert post["due_at"] == scheduled["due_at"] and post["consent_at"] == scheduled["consent_at"]
    fence, updated = row(site, scheduled["id"], "fence", "updated_at")
    assert fence > before[0] and updated > before[1]
    assert [(e["kind"], e["name"]) for e in events(user, scheduled["id"])] == [("state", "scheduled"), ("note", "changed")]
    due = soon(7200)
    post = change(user, scheduled["id"], due_at=due).json()
    assert post["due_at"] == due.replace("000Z", "Z") or moment(post["due_at"]) == pytest.approx(moment(due), abs=0.001)
    assert post["next_attempt_at"] == post["due_at"]


def test_a_draft_is_scheduled_with_consent(site, user, video):
    draft = create(user, body_for(user, video, due_at=None, consent=False)).json()
    assert_problem(change(user, draft["id"], due_at=soon()), 422, "consent_required", "consent")
    post = change(user, draft["id"], due_at=soon(), consent=True).json()
    assert post["state"] == "scheduled" and post["consent_at"]
    assert [(e["name"], e["from_state"]) for e in events(user, draft["id"])] == [("draft", None), ("scheduled", "draft")]
    back = change(user, draft["id"], due_at=None).json()
    assert back["state"] == "draft" and back["due_at"] is None and back["consent_at"] is None
    assert_problem(change(user, draft["id"], due_at=soon()), 422, "consent_required", "consent")


def test_another_target_or_declaration_needs_new_consent(site, user, video, video_file, scheduled):
    other = site.ready_video(user, video_file)
    assert_problem(change(user, scheduled["id"], video_id=other), 422, "consent_required", "consent")
    assert_problem(change(user, scheduled["id"], mode="draft"), 422, "consent_required", "consent")
    assert_problem(change(user, scheduled["id"], branded_content=True), 422, "consent_required", "consent")
    assert_problem(change(user, scheduled["id"], caption="x", consent=False), 422, "consent_required", "consent")
    post = change(user, scheduled["id"], video_id=other, consent=True).json()
    assert post["video_id"] == other and moment(post["consent_at"]) > moment(scheduled["consent_at"])


# For a change nothing is said by consent null, and one time alone is one.
REFUSED_CHANGES = [case for case in REFUSED if case[0] not in ({"consent": None}, {"local_time": "2027-01-01T00:00"})]


@pytest.mark.parametrize("members,field,code", REFUSED_CHANGES, ids=lambda value: json.dumps(value)[:60])
def test_a_change_is_held_to_the_same_rules(author, members, field, code):
    assert_problem(change(author, author.scheduled["id"], **members), 422, code, field)
    assert author.post(author.scheduled["id"]) == author.scheduled


@pytest.mark.parametrize("state,code", [("publishing", "post_in_flight"), ("processing", "post_in_flight"),
                                        ("published", "post_finished"), ("delivered", "post_finished"),
                                        ("failed", "post_finished"), ("cancelled", "post_finished")])
def test_what_is_on_its_way_or_over_cannot_be_changed(site, user, scheduled, state, code):
    set_state(site, scheduled["id"], state)
    assert_problem(change(user, scheduled["id"], caption="late"), 409, code)
    assert row(site, scheduled["id"], "state", "caption") == (state, "Hello")
    answer = user.request("DELETE", f"/api/v1/posts/{scheduled['id']}")
    if state == "cancelled":
        assert answer.status == 200 and answer.json()["state"] == "cancelled"
    else:
        assert_problem(answer, 409, code)
    assert row(site, scheduled["id"], "state") == (state,)


def test_a_held_post_goes_on_with_a_new_time(site, user, scheduled):
    site.sql("UPDATE post SET state = 'held', reason_code = 'missed', reason_message = 'm', remedy_code = 'r',"
             " remedy_message = 'm', due_at = now() - interval '3 hours', errors = 4, unrecorded = 2 WHERE id = %s",
             scheduled["id"])
    post = change(user, scheduled["id"], caption="edited while held").json()
    assert post["state"] == "held" and post["reason"]["code"] == "missed" and post["caption"] == "edited while held"
    assert_problem(change(user, scheduled["id"], due_at=soon(-3600)), 422, "due_at_in_past", "due_at")
    post = change(user, scheduled["id"], due_at=soon(0)).json()
    assert post["state"] == "scheduled" and post["reason"] is None and post["remedy"] is None
    assert row(site, scheduled["id"], "errors", "unrecorded") == (0, 0)
    assert (events(user, scheduled["id"])[-1]["name"], events(user, scheduled["id"])[-1]["from_state"]) == ("scheduled", "held")


def test_a_waiting_post_keeps_waiting_when_only_words_change(site, user, scheduled):
    site.sql("UPDATE post SET due_at = now() - interval '1 hour', next_attempt_at = now() + interval '2 hours',"
             " reason_code = 'spam_risk_too_many_posts', reason_message = 'm', errors = 1 WHERE id = %s", scheduled["id"])
    waiting = user.post(scheduled["id"])
    for members in {"caption": "x"}, {"due_at": waiting["due_at"], "caption": "y"}:
        post = change(user, scheduled["id"], **members).json()
        assert post["next_attempt_at"] == waiting["next_attempt_at"] and post["reason"]["code"] == "spam_risk_too_many_posts"
        assert post["state"] == "scheduled" and row(site, scheduled["id"], "errors") == (1,)
    post = change(user, scheduled["id"], due_at="now").json()
    assert post["reason"] is None and post["next_attempt_at"] == post["due_at"]


def attempt(site, post_id, publish_id, final=False):
    site.sql("INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count, publish_id,"
             " publish_id_at, final_intent_at) SELECT id, 1, account_id, mode, 10, 10, 1, %s,"
             " CASE WHEN %s IS NOT NULL THEN now() END, CASE WHEN %s THEN now() END FROM post WHERE id = %s",
             publish_id, publish_id, final, post_id)


def test_an_open_upload_keeps_its_words_but_not_its_time(site, user, scheduled):
    attempt(site, scheduled["id"], "v.1")
    site.sql("UPDATE post SET publish_id = 'v.1' WHERE id = %s", scheduled["id"])
    assert_problem(change(user, scheduled["id"], caption="other"), 409, "post_in_flight")
    post = change(user, scheduled["id"], due_at=soon(7200)).json()
    assert post["state"] == "scheduled" and post["publish_id"] == "v.1"
    assert site.sql("SELECT closed_at FROM attempt WHERE post_id = %s", scheduled["id"]) == [(None,)]


def test_an_attempt_without_a_number_does_not_stand_in_the_way(site, user, scheduled):
    attempt(site, scheduled["id"], None)
    assert change(user, scheduled["id"], caption="other").status == 200


@pytest.mark.parametrize("reason,final", [("outcome_unknown", False), ("some_reason", True)])
def test_what_may_be_public_is_posted_again_only_on_demand(site, user, scheduled, reason, final):
    attempt(site, scheduled["id"], f"v.{scheduled['id']}", final)
    set_state(site, scheduled["id"], "held")
    site.sql("UPDATE post SET reason_code = %s WHERE id = %s", reason, scheduled["id"])
    assert user.post(scheduled["id"])["may_be_public"] is True
    for members in {"due_at": soon()}, {"caption": "x"}, {"due_at": None}, {"due_at": soon(), "post_again": False}:
        assert_problem(change(user, scheduled["id"], **members), 409, "outcome_unknown")
    post = change(user, scheduled["id"], due_at=soon(), post_again=True, caption="x").json()
    assert post["state"] == "scheduled" and post["publish_id"] is None and post["caption"] == "x"
    assert site.sql("SELECT closed_at IS NOT NULL, outcome FROM attempt WHERE post_id = %s",
                    scheduled["id"]) == [(True, "given_up_by_user")]
    assert row(site, scheduled["id"], "next_check_at") == (None,)
    assert events(user, scheduled["id"])[-1]["code"] == "post_again"


def test_post_again_changes_nothing_where_nothing_is_unknown(site, user, scheduled):
    attempt(site, scheduled["id"], "v.2")
    site.sql("UPDATE post SET publish_id = 'v.2' WHERE id = %s", scheduled["id"])
    post = change(user, scheduled["id"], due_at=soon(9000), post_again=True).json()
    assert post["publish_id"] == "v.2"
    assert site.sql("SELECT closed_at FROM attempt WHERE post_id = %s", scheduled["id"]) == [(None,)]
    assert_problem(change(user, scheduled["id"], caption="y", post_again=True), 409, "post_in_flight")


def test_a_claim_in_between_does_not_lose_the_change(site, user, scheduled):
    """A publisher claims the post again and again while its user changes it."""
    stop = threading.Event()

    def claim():
        while not stop.is_set():
            site.sql("UPDATE post SET fence = nextval('post_fence'), lease_until = now() + interval '1 minute' WHERE id = %s",
                     scheduled["id"])
            stop.wait(0.02)

    thread = threading.Thread(target=claim)
    thread.start()
    try:
        for i in range(20):
            answer = change(user, scheduled["id"], caption=f"try {i}")
            assert answer.status in (200, 409), answer
            if answer.status == 409:
                assert answer.json()["code"] == "conflict"
    finally:
        stop.set()
        thread.join()
    assert change(user, scheduled["id"], caption="the end").status == 200
    assert row(site, scheduled["id"], "lease_until") == (None,)


# --- cancelling


@pytest.mark.parametrize("state", ["draft", "scheduled", "held"])
def test_a_post_is_cancelled_once_and_for_all(site, user, video, scheduled, state):
    site.sql("UPDATE post SET state = %s, reason_code = 'missed', lease_until = now() + interval '1 minute' WHERE id = %s",
             state, scheduled["id"])
    fence = row(site, scheduled["id"], "fence")[0]
    for _ in range(2):
        answer = user.request("DELETE", f"/api/v1/posts/{scheduled['id']}")
        assert answer.status == 200 and answer.json()["state"] == "cancelled", answer
    assert answer.json()["reason"] is None and answer.json()["finished_at"]
    assert row(site, scheduled["id"], "lease_until", "next_attempt_at") == (None, None)
    assert row(site, scheduled["id"], "fence")[0] > fence
    assert [(e["name"], e["from_state"]) for e in events(user, scheduled["id"])[1:]] == [("cancelled", state)]
    assert user.request("DELETE", f"/api/v1/videos/{video}").status == 204


def test_cancelling_what_may_be_public_says_so(site, user, scheduled):
    attempt(site, scheduled["id"], "v.9", final=True)
    set_state(site, scheduled["id"], "held")
    post = user.request("DELETE", f"/api/v1/posts/{scheduled['id']}").json()
    assert post["state"] == "cancelled" and post["reason"]["code"] == "may_be_public" and post["remedy"]["message"]
    assert row(site, scheduled["id"], "next_check_at") == (None,)
    assert site.sql("SELECT outcome FROM attempt WHERE post_id = %s", scheduled["id"]) == [("cancelled",)]


# --- pages


def test_pages_show_what_the_api_says(user, video, scheduled):
    pages = {"/": "Home", "/videos": "Videos", "/posts": "Posts", "/calendar": "Calendar", "/accounts": "Accounts",
             "/settings": "Settings", "/posts/new": "Write a post", f"/posts/new?video={video}": "Write a post",
             f"/posts/{scheduled['id']}": "Hello", f"/posts/{scheduled['id']}/edit": "Edit post",
             "/posts?state=scheduled": "Hello", "/posts/new?video=nothing": "Write a post"}
    for path, words in pages.items():
        answer = user.request("GET", path)
        assert answer.status == 200, (path, answer)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert words in answer.text, path
        assert user.csrf in answer.text, path
        assert "{{" not in answer.text, path


def test_a_finished_post_has_no_edit_page(site, user, scheduled):
    set_state(site, scheduled["id"], "published")
    answer = user.request("GET", f"/posts/{scheduled['id']}/edit")
    assert (answer.status, answer.headers["Location"]) == (303, f"/posts/{scheduled['id']}")


def test_what_users_write_is_only_text(site, user, video):
    evil = "<script>alert(1)</script>\"'&"
    post = user.new_post(video, due_at=soon(), caption=evil)
    site.sql("UPDATE video SET name = %s WHERE id = %s", evil, video)
    site.sql("UPDATE account SET display_name = %s, username = %s WHERE id = %s", evil, evil, user.account_id)
    for path in "/", "/posts", "/videos", "/accounts", f"/posts/{post['id']}", f"/posts/{post['id']}/edit", "/posts/new":
        answer = user.request("GET", path)
        assert answer.status == 200 and "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text, path


def test_pages_show_times_in_the_users_zone(user, video):
    user.request("PATCH", "/api/v1/me", body={"time_zone": "Asia/Tokyo"})
    due = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=1)
    post = user.new_post(video, due_at=due.isoformat(), time_zone="UTC")
    shown = (due + datetime.timedelta(hours=9)).strftime("%Y-%m-%d %H:%M Asia/Tokyo")
    assert shown in user.request("GET", f"/posts/{post['id']}").text


def test_the_start_page_is_for_everybody(site, user):
    answer = site.request("GET", "/")
    assert answer.status == 200 and "/oauth/start" in answer.text
    assert "Needs you" in user.request("GET", "/").text


def test_home_sorts_what_matters(site, user, video):
    late = user.new_post(video, due_at=soon(7200), caption="later")
    early = user.new_post(video, due_at=soon(3600), caption="earlier")
    held = user.new_post(video, due_at=soon(), caption="held one")
    done = user.new_post(video, due_at=soon(), caption="done one")
    set_state(site, held["id"], "held")
    set_state(site, done["id"], "published")
    text = user.request("GET", "/").text
    attention, upcoming, recent = (text.index(word) for word in ("Needs you", "Next posts", "Lately"))
    assert attention < text.index("held one") < upcoming
    assert upcoming < text.index("earlier") < text.index("later") < recent < text.index("done one")
    assert early and late


# --- health


def test_alive_needs_no_database(site):
    answer = site.request("GET", "/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


@pytest.fixture
def steady(site):
    """A publisher that has just run, and nothing overdue."""
    end_all_posts(site)
    site.sql("INSERT INTO heartbeat (program) VALUES ('publisher') ON CONFLICT (program) DO UPDATE SET at = now()")


def ready(site):
    answer = site.request("GET", "/readyz")
    report = answer.json()
    assert answer.status == (200 if report["status"] == "ok" else 503)
    return [name for name, check in report["checks"].items() if not (check and check["ok"])], report["checks"]


def test_ready_when_all_is_well(site, steady):
    failing, checks = ready(site)
    assert failing == []
    assert checks["disk"]["free_bytes"] > 64 << 20 and checks["publisher"]["heartbeat_age_s"] < 60
    assert checks["queue"]["oldest_due_age_s"] == 0 and checks["schema"]["found"] == checks["schema"]["expected"]


def test_ready_says_when_no_publisher_runs(site, steady):
    site.sql("UPDATE heartbeat SET at = now() - interval '4 minutes' WHERE program = 'publisher'")
    failing, checks = ready(site)
    assert failing == ["publisher"] and 230 < checks["publisher"]["heartbeat_age_s"] < 300
    site.sql("DELETE FROM heartbeat WHERE program = 'publisher'")
    failing, checks = ready(site)
    assert failing == ["publisher"] and checks["publisher"]["heartbeat_age_s"] is None


def test_ready_says_when_posts_are_late(site, steady, user, scheduled):
    late = "interval '6 minutes'"
    site.sql(f"UPDATE post SET next_attempt_at = now() - {late} WHERE id = %s", scheduled["id"])
    failing, checks = ready(site)
    assert failing == ["queue"] and 350 < checks["queue"]["oldest_due_age_s"] < 420
    site.sql("UPDATE post SET next_attempt_at = now() - interval '4 minutes' WHERE id = %s", scheduled["id"])
    assert ready(site)[0] == []
    set_state(site, scheduled["id"], "publishing")
    assert ready(site)[0] == [], "its lease is alive"
    site.sql(f"UPDATE post SET lease_until = now() - {late} WHERE id = %s", scheduled["id"])
    assert ready(site)[0] == ["queue"]
    set_state(site, scheduled["id"], "processing")
    site.sql(f"UPDATE post SET next_check_at = now() - {late}, lease_until = NULL WHERE id = %s", scheduled["id"])
    assert ready(site)[0] == ["queue"]


def test_a_post_that_waits_its_turn_is_not_late(site, steady, user, video, scheduled):
    other = user.new_post(video, due_at=soon())
    set_state(site, other["id"], "publishing")
    site.sql("UPDATE post SET next_attempt_at = now() - interval '1 hour' WHERE id = %s", scheduled["id"])
    assert ready(site)[0] == []


def test_ready_says_when_the_schema_is_another(site, steady):
    site.sql("INSERT INTO schema_migration (name, sha256) VALUES ('9999_future', '')")
    try:
        failing, checks = ready(site)
        assert failing[0] == "schema" and checks["database"]["ok"] is True
    finally:
        site.sql("DELETE FROM schema_migration WHERE name = '9999_future'")
    assert ready(site)[0] == []


def test_ready_and_the_api_say_when_the_database_refuses(site, steady, user):
    site.sql("ALTER ROLE spg_dashboard NOLOGIN")
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spg_dashboard'")
    try:
        failing, checks = ready(site)
        assert "database" in failing and checks["publisher"] is None and checks["queue"] is None
        answer = user.request("GET", "/api/v1/me")
        assert_problem(answer, 503, "temporarily_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert site.request("GET", "/healthz").status == 200
    finally:
        site.sql("ALTER ROLE spg_dashboard LOGIN")
    assert ready(site)[0] == []
    assert user.request("GET", "/api/v1/me").status == 200, "a lost connection is opened anew"
