"""The library by the API: search, tags, duplicates, deletion with posts, repairs, storage, imports, strips."""
import datetime
import itertools
import json
import secrets
import time

import pytest

from spg_site import rfc3339, running_site
from test_api import assert_problem, body_for, end_all_posts


def insert_video(site, user, name, **columns):
    """A ready video by its row alone, for tests that do not look into its file."""
    columns = {"state": "ready", "size": 1000, "container": "mp4", "codec": "h264", "duration_ms": 6000, **columns}
    names = ", ".join(columns)
    values = ", ".join(["%s"] * len(columns))
    return str(site.sql(f"INSERT INTO video (user_id, file, name, {names}) VALUES (%s, %s, %s, {values}) RETURNING id",
                        user.user_id, secrets.token_urlsafe(16), name, *columns.values())[0][0])


def insert_import(site, user, **columns):
    columns = {"source": "url", "address": "https://files.example/day.mp4", **columns}
    return str(site.sql(f"INSERT INTO video_import (user_id, {', '.join(columns)}) VALUES (%s, "
                        f"{', '.join(['%s'] * len(columns))}) RETURNING id", user.user_id, *columns.values())[0][0])


def get(user, video_id):
    answer = user.request("GET", f"/api/v1/videos/{video_id}")
    assert answer.status == 200, answer
    return answer.json()


def found(user, query=""):
    answer = user.request("GET", f"/api/v1/videos?{query}")
    assert answer.status == 200, answer
    return [video["name"] for video in answer.json()["items"]]


def change(user, video_id, **members):
    return user.request("PATCH", f"/api/v1/videos/{video_id}", body=members)


def add_post(site, user, video_id, state, **columns):
    """A post in a state where only the publisher could put it."""
    post = user.new_post(video_id, due_at=rfc3339(time.time() + 7200), **columns)["id"]
    site.sql("UPDATE post SET state = %s, publish_id = 'p.' || id, reason_code = 'some_reason', finished_at = CASE WHEN %s IN ('published', 'delivered', 'failed', 'cancelled')"
             " THEN '2026-01-02T03:04:05Z'::timestamptz END,"
             " lease_until = CASE WHEN %s = 'publishing' THEN now() + interval '1 hour' END,"
             " next_check_at = CASE WHEN %s = 'processing' THEN now() + interval '1 day' END WHERE id = %s",
             state, state, state, state, post)
    return post


@pytest.fixture(scope="module", autouse=True)
def nothing_left(site):
    yield
    end_all_posts(site)


# --- search, filters, order


def test_search_finds_names_and_tags_in_any_script_and_case(site, user):
    for name in "Morning River.mp4", "Утро на реке.mp4", "100%_done\\.mp4", "ÉTÉ.mp4":
        insert_video(site, user, name)
    tagged = insert_video(site, user, "plain.mp4")
    assert change(user, tagged, tags=["Ёлка", "holiday"]).status == 200
    for query, names in (("river", ["Morning River.mp4"]), ("%D0%A0%D0%95%D0%9A%D0%95", ["Утро на реке.mp4"]),
                         ("%C3%A9t%C3%A9", ["ÉTÉ.mp4"]), ("e%CC%81t", ["ÉTÉ.mp4"]), ("%25_", ["100%_done\\.mp4"]),
                         ("%5C.", ["100%_done\\.mp4"]), ("%D1%91%D0%BB", ["plain.mp4"]), ("HOLI", ["plain.mp4"]),
                         ("_", ["100%_done\\.mp4"]), ("%25", ["100%_done\\.mp4"]), ("nowhere", []), ("'%20OR%201=1", [])):
        assert found(user, f"q={query}") == names, query
    assert found(user, "tag=%D0%81%D0%9B%D0%9A%D0%90") == ["plain.mp4"] and found(user, "tag=holi") == []


def test_a_search_finds_nothing_of_others(site, user, other_user):
    theirs = insert_video(site, other_user, "secret plan.mp4", sha256="a" * 64)
    change(other_user, theirs, tags=["plan"])
    mine = insert_video(site, user, "mine.mp4", sha256="a" * 64)
    assert found(user, "q=plan") == [] and found(user, "tag=plan") == []
    assert get(user, mine)["duplicates"] == [] and found(user, "duplicates=yes") == []


def test_wrong_filters_are_named(user):
    for query, code, field in (("used=maybe", "unknown_choice", "used"), ("duplicates=no", "unknown_choice", "duplicates"),
                               ("sort=oldest", "unknown_sort", "sort"), ("q=%0A", "text_invalid", "q"),
                               ("q=" + "x" * 401, "text_invalid", "q"), ("tag=%07", "text_invalid", "tag")):
        assert_problem(user.request("GET", f"/api/v1/videos?{query}"), 422, code, field)


@pytest.mark.parametrize("sort, names", [("newest", ["c", "B", "a", "B"]), ("largest", ["B", "c", "B", "a"]),
                                         ("name", ["a", "B", "B", "c"])])
def test_each_order_pages_to_the_end(site, user, sort, names):
    for name, size in ("B", 300), ("a", 100), ("B", 200), ("c", 200):
        insert_video(site, user, name, size=size)
    seen, path = [], f"/api/v1/videos?sort={sort}&limit=1"
    while path:
        answer = user.request("GET", path).json()
        seen += [(video["name"], video["id"]) for video in answer["items"]]
        path = answer["next_cursor"] and f"/api/v1/videos?sort={sort}&limit=1&cursor={answer['next_cursor']}"
        assert len(seen) <= 4
    assert [name for name, _ in seen] == names and len(set(seen)) == 4


# --- use


def test_what_a_video_was_used_for(site, user):
    ids = {state: insert_video(site, user, state) for state in
           ("none", "draft", "scheduled", "publishing", "processing", "published", "delivered", "failed", "held", "cancelled")}
    for state, video in ids.items():
        if state != "none":
            add_post(site, user, video, state)
    unused = {"none", "draft", "failed", "cancelled"}
    assert set(found(user, "used=no")) == unused
    assert set(found(user, "used=yes")) == set(ids) - unused
    for state, video in ids.items():
        shown = get(user, video)
        assert shown["used"] is (state not in unused), state
        assert shown["posts"] == (0 if state in ("none", "cancelled") else 1), state
        assert shown["scheduled_posts"] == (1 if state == "scheduled" else 0), state
        assert shown["in_use"] is (state in ("scheduled", "publishing", "processing")), state
        assert shown["last_posted_at"] == ("2026-01-02T03:04:05Z" if state in ("published", "delivered") else None), state
    for video in ids.values():
        listed = user.request("GET", f"/api/v1/posts?video={video}").json()["items"]
        assert all(post["video_id"] == video for post in listed) and len(listed) <= 1
    assert_problem(user.request("GET", "/api/v1/posts?video=x"), 422, "unknown_video", "video")


# --- names and tags


def test_a_video_is_renamed_and_tagged(site, user):
    video = insert_video(site, user, "IMG_0001.MOV")
    answer = change(user, video, name="  Morning, at last ", tags=["River", "river", " СОЛНЦЕ ", "a b"])
    assert answer.status == 200
    assert (answer.json()["name"], answer.json()["tags"]) == ("Morning, at last", ["a b", "river", "солнце"])
    assert change(user, video, name="Evening").json()["tags"] == ["a b", "river", "солнце"]
    assert change(user, video, tags=["river", "new"]).json()["tags"] == ["new", "river"]
    assert change(user, video, tags=[]).json()["tags"] == []
    assert change(user, video).status == 200 and get(user, video)["name"] == "Evening"
    assert change(user, video, name="ж" * 200, tags=["я" * 40]).status == 200
    assert change(user, video, tags=[f"t{i}" for i in range(20)]).status == 200


@pytest.mark.parametrize("members, code, field", [
    ({"name": ""}, "name_invalid", "name"), ({"name": " \t "}, "name_invalid", "name"),
    ({"name": "x" * 201}, "name_invalid", "name"), ({"name": "a\nb"}, "name_invalid", "name"),
    ({"name": "a\u0085b"}, "name_invalid", "name"), ({"name": 5}, "wrong_type", "name"),
    ({"name": "a\0b"}, "wrong_type", "name"), ({"tags": "river"}, "wrong_type", "tags"),
    ({"tags": [1]}, "wrong_type", "tags"), ({"tags": [None]}, "wrong_type", "tags"),
    ({"tags": ["a,b"]}, "tag_invalid", "tags"), ({"tags": [" "]}, "tag_invalid", "tags"),
    ({"tags": ["x" * 41]}, "tag_invalid", "tags"), ({"tags": ["a\tb"]}, "tag_invalid", "tags"),
    ({"tags": ["a\0b"]}, "tag_invalid", "tags"), ({"tags": ["İ" * 40]}, "tag_invalid", "tags"),
    ({"tags": [f"t{i}" for i in range(21)]}, "too_many_tags", "tags")])
def test_wrong_names_and_tags_change_nothing(site, user, members, code, field):
    video = insert_video(site, user, "as it was")
    change(user, video, tags=["kept"])
    assert_problem(change(user, video, **members), 422, code, field)
    shown = get(user, video)
    assert (shown["name"], shown["tags"]) == ("as it was", ["kept"])


def test_each_wrong_field_is_told(site, user):
    video = insert_video(site, user, "as it was")
    problem = assert_problem(change(user, video, name="", tags=["a,b"]), 422, "name_invalid", "name")
    assert {error["field"] for error in problem["errors"]} == {"name", "tags"}


# --- duplicates and notes


def test_duplicates_name_each_other(site, user):
    one, two, alone = (insert_video(site, user, name, sha256=digest)
                       for name, digest in (("one", "b" * 64), ("two", "b" * 64), ("alone", "c" * 64)))
    unknown = insert_video(site, user, "unknown")
    assert (get(user, one)["duplicates"], get(user, two)["duplicates"]) == ([two], [one])
    assert get(user, alone)["duplicates"] == get(user, unknown)["duplicates"] == []
    assert get(user, one)["sha256"] == "b" * 64 and get(user, unknown)["sha256"] is None
    assert found(user, "duplicates=yes") == ["two", "one"]
    assert user.request("DELETE", f"/api/v1/videos/{two}").status == 204
    assert get(user, one)["duplicates"] == [] and found(user, "duplicates=yes") == []


def test_what_the_owner_should_know_is_told(site, user):
    video = insert_video(site, user, "phone.mov", fps_variable=True, has_location=True, has_device=True,
                         missing_at=datetime.datetime.now(datetime.timezone.utc))
    shown = get(user, video)
    assert [note["code"] for note in shown["notes"]] == ["file_missing", "fps_variable", "has_location", "has_device"]
    assert all(note["message"] for note in shown["notes"])
    assert shown["missing"] is True and shown["file_url"] is None
    assert get(user, insert_video(site, user, "plain.mp4"))["notes"] == []


# --- deletion


def test_what_needs_a_video_is_named_and_can_be_cancelled_with_it(site, user):
    video = insert_video(site, user, "wanted")
    post = user.new_post(video, due_at=rfc3339(time.time() + 3600), caption="Длинная подпись " * 30)["id"]
    problem = assert_problem(user.request("DELETE", f"/api/v1/videos/{video}"), 409, "video_in_use")
    assert [(named["id"], named["state"]) for named in problem["posts"]] == [(post, "scheduled")]
    assert problem["posts"][0]["due_at"] and problem["posts"][0]["caption"].startswith("Длинная подпись")
    assert len(problem["posts"][0]["caption"].encode()) < 130
    assert_problem(user.request("DELETE", f"/api/v1/videos/{video}?cancel_posts=yes"), 422, "unknown_choice", "cancel_posts")
    assert user.request("DELETE", f"/api/v1/videos/{video}?cancel_posts=1").status == 204
    assert user.request("GET", f"/api/v1/videos/{video}").status == 404
    assert user.post(post)["state"] == "cancelled"
    assert site.sql("SELECT name, from_state FROM post_event WHERE post_id = %s ORDER BY id DESC LIMIT 1", post) == [
        ("cancelled", "scheduled")]


@pytest.mark.parametrize("state", ["publishing", "processing"])
def test_what_is_on_its_way_refuses_and_nothing_is_cancelled(site, user, state):
    video = insert_video(site, user, "wanted")
    waiting = user.new_post(video, due_at=rfc3339(time.time() + 3600))["id"]
    sent = add_post(site, user, video, state)
    problem = assert_problem(user.request("DELETE", f"/api/v1/videos/{video}?cancel_posts=1"), 409, "video_in_use")
    assert {named["id"]: named["state"] for named in problem["posts"]} == {waiting: "scheduled", sent: state}
    assert user.post(waiting)["state"] == "scheduled" and get(user, video)["state"] == "ready"


# --- repairs


def test_a_refused_video_is_repaired_when_asked(site, user):
    video = insert_video(site, user, "odd.mov", state="refused", reason_code="frame_rate_check_failed", repairable=True)
    shown = get(user, video)
    assert (shown["repairable"], shown["repair"], shown["file_url"]) == (True, None, f"/videos/{video}/file")
    answer = user.request("POST", f"/api/v1/videos/{video}/repair")
    waiting = {"state": "waiting", "percent": 0, "video_id": None, "reason": None}
    assert answer.status == 202 and answer.json()["repair"] == waiting
    assert_problem(user.request("POST", f"/api/v1/videos/{video}/repair"), 409, "repair_exists")
    site.sql("UPDATE video_repair SET state = 'running', percent = 40 WHERE video_id = %s", video)
    assert (get(user, video)["repair"]["state"], get(user, video)["repair"]["percent"]) == ("running", 40)
    assert user.request("DELETE", f"/api/v1/videos/{video}/repair").status == 204
    assert get(user, video)["repair"] is None
    assert user.request("DELETE", f"/api/v1/videos/{video}/repair").status == 404


def test_a_failed_repair_may_be_asked_for_again(site, user):
    video = insert_video(site, user, "odd.mov", state="refused", reason_code="frame_rate_check_failed", repairable=True)
    assert user.request("POST", f"/api/v1/videos/{video}/repair").status == 202
    site.sql("UPDATE video_repair SET state = 'failed', percent = 70, reason_code = 'too_complex', reason_message = 'It"
             " took too long.' WHERE video_id = %s", video)
    assert get(user, video)["repair"]["reason"] == {"code": "too_complex", "message": "It took too long."}
    answer = user.request("POST", f"/api/v1/videos/{video}/repair")
    assert answer.status == 202 and answer.json()["repair"]["percent"] == 0 and answer.json()["repair"]["reason"] is None


def test_of_the_repaired_and_the_original_one_is_kept(site, user):
    for kept in "original", "new":
        video = insert_video(site, user, "odd.mov", state="refused", reason_code="frame_rate_check_failed", repairable=True)
        assert user.request("POST", f"/api/v1/videos/{video}/repair").status == 202
        made = insert_video(site, user, "odd.mov", repair_of=video)
        site.sql("UPDATE video_repair SET state = 'done', percent = 100, result_id = %s WHERE video_id = %s", made, video)
        assert get(user, video)["repair"]["video_id"] == made and get(user, made)["repair_of"] == video
        assert_problem(user.request("POST", f"/api/v1/videos/{video}/repair"), 409, "repair_exists")
        assert_problem(user.request("DELETE", f"/api/v1/videos/{video}/repair"), 409, "repair_done")
        page = user.request("GET", f"/videos/{made}").text
        assert "Before and after" in page and "Use the new version" in page
        assert user.request("DELETE", f"/api/v1/videos/{made if kept == 'original' else video}").status == 204
        if kept == "original":
            assert get(user, video)["repair"]["video_id"] is None
            assert user.request("POST", f"/api/v1/videos/{video}/repair").status == 202
        else:
            assert get(user, made)["repair_of"] is None


def test_what_a_repair_cannot_help_is_not_repaired(site, user):
    gone = datetime.datetime.now(datetime.timezone.utc)
    for columns in ({"state": "ready"}, {"state": "checking"}, {"state": "refused"},
                    {"state": "refused", "repairable": True, "missing_at": gone}):
        video = insert_video(site, user, "as it is", **columns)
        assert_problem(user.request("POST", f"/api/v1/videos/{video}/repair"), 409, "not_repairable")
    assert site.sql("SELECT count(*) FROM video_repair r JOIN video v ON v.id = r.video_id WHERE v.user_id = %s",
                    user.user_id) == [(0,)]


# --- storage


def test_storage_adds_up(site, user, other_user):
    empty = user.request("GET", "/api/v1/storage").json()
    assert (empty["used_bytes"], empty["videos"], empty["uploads_today"], empty["uploading_bytes"]) == (0, 0, 0, 0)
    insert_video(site, other_user, "theirs", size=7)
    for state, size, repairable in (("ready", 1000, False), ("ready", 200, False), ("refused", 30, True),
                                    ("refused", 70000, False), ("checking", 4, False)):
        insert_video(site, user, state, state=state, size=size, repairable=repairable)
    gone = insert_video(site, user, "gone", size=5000)
    assert user.request("DELETE", f"/api/v1/videos/{gone}").status == 204
    uploads = itertools.product(("now() + interval '1 hour'", "now() - interval '1 hour'"), ("NULL", "now()"), ("NULL", "now()"))
    for expires, finished, joined in uploads:
        site.sql("INSERT INTO upload (id, user_id, length, name, expires_at, finished_at, joined_at)"
                 f" VALUES (%s, %s, 100, 'x', {expires}, {finished}, {joined})", secrets.token_urlsafe(16), user.user_id)
    site.sql("INSERT INTO upload_day (user_id, day, uploads) VALUES (%s, (now() AT TIME ZONE 'UTC')::date, 3),"
             " (%s, (now() AT TIME ZONE 'UTC')::date - 1, 50)", user.user_id, user.user_id)
    storage = user.request("GET", "/api/v1/storage").json()
    assert (storage["used_bytes"], storage["videos"]) == (1234, 5)
    assert storage["by_state"] == {"checking": 1, "ready": 2, "refused": 2}
    assert (storage["uploading_bytes"], storage["uploading"], storage["uploads_today"]) == (100, 1, 3)
    assert (storage["limit_bytes"], storage["videos_limit"], storage["uploads_per_day"]) == (50_000_000_000, 2000, 500)
    assert storage["warning"] is None


def test_limits_can_be_off_and_near_and_imports_off():
    with running_site(sets=["user_storage_gb=1", "user_videos=0", "user_uploads_per_day=0", "import_from_url=no"]) as site:
        user = site.connect()
        insert_video(site, user, "large", size=950_000_000)
        storage = user.request("GET", "/api/v1/storage").json()
        assert (storage["limit_bytes"], storage["videos_limit"], storage["uploads_per_day"]) == (1_000_000_000, None, None)
        assert storage["warning"]["code"] == "storage_nearly_full" and "50.0 MB left" in storage["warning"]["message"]
        page = user.request("GET", "/videos").text
        assert storage["warning"]["message"] in page and "import-form" not in page
        answer = user.request("POST", "/api/v1/imports", body={"url": "https://files.example/day.mp4"})
        assert_problem(answer, 403, "import_off")
        assert site.sql("SELECT count(*) FROM video_import") == [(0,)]


# --- imports


def ask(user, url):
    return user.request("POST", "/api/v1/imports", body={"url": url})


def test_an_address_is_queued_listed_and_forgotten(site, user, other_user):
    answer = ask(user, "https://files.example/a/day.mp4?key=1")
    entry = answer.json()
    assert answer.status == 201 and answer.headers["Location"] == f"/api/v1/imports/{entry['id']}"
    assert (entry["source"], entry["state"], entry["received"], entry["total"], entry["video_id"], entry["reason"]) == (
        "url", "waiting", 0, None, None, None)
    video = insert_video(site, user, "day.mp4")
    site.sql("UPDATE video_import SET state = 'done', received = 5, total = 5, video_id = %s, ended_at = now() WHERE id = %s",
             video, entry["id"])
    done = user.request("GET", f"/api/v1/imports/{entry['id']}").json()
    assert (done["state"], done["video_id"], done["total"]) == ("done", video, 5) and done["ended_at"]
    assert other_user.request("GET", "/api/v1/imports").json() == {"items": [], "next_cursor": None}
    assert user.request("DELETE", f"/api/v1/imports/{entry['id']}").status == 204
    assert user.request("GET", f"/api/v1/imports/{entry['id']}").status == 404
    assert get(user, video)["state"] == "ready"


def test_imports_page_newest_first_with_those_of_the_drop_folder(site, user):
    ids = [insert_import(site, user, source=source, address=f"{source}-{i}.mp4")
           for i, source in enumerate(["url", "drop", "url"])]
    seen, path = [], "/api/v1/imports?limit=2"
    while path:
        answer = user.request("GET", path).json()
        seen += [(entry["id"], entry["source"]) for entry in answer["items"]]
        path = answer["next_cursor"] and f"/api/v1/imports?limit=2&cursor={answer['next_cursor']}"
    assert seen == [(ids[2], "url"), (ids[1], "drop"), (ids[0], "url")]


@pytest.mark.parametrize("url", [
    "http://files.example/a.mp4", "ftp://files.example/a", "file:///etc/passwd", "https://", "https:///a", "https://:443/a",
    "https://user:word@files.example/a", "https://@files.example/a", "https://files.example/a b", "https://files.example/ä",
    "https://files.example/\n", "javascript:alert(1)", "https://files.example/" + "x" * 2048, "", "//files.example/a",
    "https://files.example/<a>"])
def test_other_addresses_are_refused(site, user, url):
    assert_problem(ask(user, url), 422, "address_invalid", "url")
    assert site.sql("SELECT count(*) FROM video_import WHERE user_id = %s", user.user_id) == [(0,)]


def test_an_import_without_an_address_is_refused(user):
    assert_problem(user.request("POST", "/api/v1/imports", body={}), 422, "missing", "url")
    assert_problem(user.request("POST", "/api/v1/imports", body={"url": 5}), 422, "wrong_type", "url")


def test_twenty_may_be_open(site, user, other_user):
    first = ask(user, "https://files.example/0").json()["id"]
    for number in range(1, 20):
        assert ask(user, f"https://files.example/{number}").status == 201
    insert_import(site, user, source="drop", address="dropped.mp4")
    answer = ask(user, "https://files.example/20")
    assert_problem(answer, 429, "too_many_imports")
    assert answer.headers["Retry-After"] and ask(other_user, "https://files.example/0").status == 201
    assert user.request("DELETE", f"/api/v1/imports/{first}").status == 204
    assert ask(user, "https://files.example/20").status == 201


def test_a_dropped_file_is_forgotten_only_once_it_has_been_read(site, user):
    for state, status in ("waiting", 409), ("running", 409), ("failed", 204), ("done", 204):
        entry = insert_import(site, user, source="drop", address=f"{state}.mp4", state=state)
        answer = user.request("DELETE", f"/api/v1/imports/{entry}")
        assert answer.status == status, (state, answer)
        if status == 409:
            assert_problem(answer, 409, "drop_file_waits")


# --- files


def test_ranges_of_a_file_go_to_its_owner_alone(site, user, other_user, video):
    path = f"/videos/{video}/file"
    whole = user.request("GET", path)
    assert whole.status == 200 and whole.headers["Accept-Ranges"] == "bytes"
    part = user.request("GET", path, headers={"Range": "bytes=100-199"})
    assert part.status == 206 and part.body == whole.body[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.body)}"
    tail = user.request("GET", path, headers={"Range": "bytes=-10"})
    assert tail.status == 206 and tail.body == whole.body[-10:]
    assert user.request("GET", path, headers={"Range": f"bytes={len(whole.body)}-"}).status == 416
    for who in other_user, None:
        answer = site.request("GET", path, user=who, headers={"Range": "bytes=0-9"})
        assert answer.status == (404 if who else 401) and whole.body[:10] not in answer.body


def test_a_strip_goes_to_its_owner_alone(site, user, other_user, video):
    assert get(user, video)["strip"] is None or get(user, video)["strip"]["frames"] > 0
    name = site.sql("SELECT file FROM video WHERE id = %s", video)[0][0]
    strip = site.dir / f"media/frames/{name}.strip.jpg"
    strip.write_bytes(b"\xff\xd8\xff strip")
    strip.chmod(0o644)
    site.sql("UPDATE video SET strip_frames = 10 WHERE id = %s", video)
    assert get(user, video)["strip"] == {"url": f"/videos/{video}/strip", "frames": 10}
    answer = user.request("GET", f"/videos/{video}/strip")
    assert answer.status == 200 and answer.body == b"\xff\xd8\xff strip" and answer.headers["Content-Type"] == "image/jpeg"
    assert other_user.request("GET", f"/videos/{video}/strip").status == 404
    assert site.request("GET", f"/videos/{video}/strip").status == 401
    site.sql("UPDATE video SET strip_frames = 0 WHERE id = %s", video)
    assert user.request("GET", f"/videos/{video}/strip").status == 404


def test_a_refused_file_is_played_only_where_a_repair_would_help(site, user, video):
    site.sql("UPDATE video SET state = 'refused' WHERE id = %s", video)
    assert user.request("GET", f"/videos/{video}/file").status == 404
    site.sql("UPDATE video SET repairable = true WHERE id = %s", video)
    assert user.request("GET", f"/videos/{video}/file").status == 200


# --- pages


def test_pages_keep_the_filter_and_escape_it(site, user):
    for number in range(21):
        insert_video(site, user, f"day {number:02}.mp4")
    change(user, insert_video(site, user, "tagged.mp4"), tags=["a&b=<i>"])
    page = user.request("GET", "/videos?q=day&sort=name").text
    assert "day 19.mp4" in page and "day 20.mp4" not in page and "tagged.mp4" not in page
    assert "/videos?q=day&amp;sort=name&amp;cursor=c" in page and 'value="day"' in page
    assert "a&amp;b=&lt;i&gt;" in page and "<i>" not in page and "tag=a%26b%3D%3Ci%3E" in page
    answer = user.request("GET", "/videos?tag=a%26b%3D%3Ci%3E")
    assert "tagged.mp4" in answer.text and "day 01.mp4" not in answer.text
    assert "No video fits." in user.request("GET", "/videos?q=nothing+like+it").text


def test_the_page_of_a_video_is_its_owners(site, user, other_user):
    video = insert_video(site, user, "mine.mp4", fps_milli=29970, width=1080, height=1920)
    post = user.new_post(video, due_at=rfc3339(time.time() + 3600), caption="On the river")["id"]
    page = user.request("GET", f"/videos/{video}")
    assert page.status == 200 and "mine.mp4" in page.text and f"/posts/{post}" in page.text and "29.97" in page.text
    assert other_user.request("GET", f"/videos/{video}").status == 404
    assert user.request("GET", "/videos/0").status == user.request("GET", "/videos/x").status == 404
    listed = user.request("GET", f"/posts?video={video}").text
    assert "On the river" in listed and f"/videos/{video}" in listed


def test_the_list_says_the_same_as_the_single_answer(site, user, video):
    change(user, video, tags=["b", "a"])
    create_body = body_for(user, video)
    assert user.request("POST", "/api/v1/posts", body=create_body).status == 201
    listed = user.request("GET", "/api/v1/videos").json()["items"]
    assert listed == [get(user, video)] and json.dumps(listed).count('"posts": 1') == 1
