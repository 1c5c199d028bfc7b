"""What people are told and in which language: reasons, warnings, remedies, and that TikTok does not answer."""
import contextlib
import html
import re
import time

import pytest

from spg_site import rfc3339

CYRILLIC = re.compile("[а-яА-ЯёЁ]")


@pytest.fixture(scope="module")
def reader(site, video_file):
    """A user with a video, whose posts never go out."""
    reader = site.connect()
    reader.video = site.ready_video(reader, video_file)
    yield reader
    site.sql("UPDATE post SET state = 'cancelled', next_check_at = NULL WHERE user_id = %s", reader.user_id)


@pytest.fixture(params=["en", "ru"])
def language(request, reader):
    speak(reader, request.param)
    yield request.param
    speak(reader, "en")


def speak(user, language):
    assert user.request("PATCH", "/api/v1/me", body={"language": language}).status == 200


@pytest.fixture
def post(reader):
    return reader.new_post(reader.video, due_at=rfc3339(time.time() + 86_400), caption="A planned one")


def store(site, post, **columns):
    """Put into a post what a publisher would have."""
    site.sql(f"UPDATE post SET {', '.join(f'{name} = %s' for name in columns)} WHERE id = %s",
             *columns.values(), post["id"])


def page(user, path):
    answer = user.request("GET", path)
    assert answer.status == 200, answer
    return html.unescape(answer.text)


@contextlib.contextmanager
def outage(site):
    """TikTok does not answer, as publishers would have found it."""
    site.sql("INSERT INTO breaker (host, failures, opened_at) VALUES ('nowhere.invalid', 5, '2026-11-22T11:05:00Z')")
    try:
        yield
    finally:
        site.sql("DELETE FROM breaker WHERE host = 'nowhere.invalid'")


def test_a_reason_is_told_in_its_readers_language(site, reader, post, language):
    store(site, post, state="held", reason_code="frame_rate_check_failed", reason_message="TikTok takes 23 to 60.",
          remedy_code="replace_video", remedy_message="Upload another one.")
    seen = reader.post(post["id"])
    assert (seen["reason"]["code"], seen["reason"]["who"]) == ("frame_rate_check_failed", "creator")
    assert seen["remedy"]["code"] == "replace_video"
    if language == "en":
        assert (seen["reason"]["message"], seen["remedy"]["message"]) == ("TikTok takes 23 to 60.", "Upload another one.")
    else:
        assert "кадров в секунду" in seen["reason"]["message"] and "исправленное видео" in seen["remedy"]["message"]
    listed = next(item for item in reader.request("GET", "/api/v1/posts").json()["items"] if item["id"] == post["id"])
    assert (listed["reason"], listed["remedy"]) == (seen["reason"], seen["remedy"])
    for path in ("/", "/posts", f"/posts/{post['id']}"):
        text = page(reader, path)
        assert seen["reason"]["message"] in text and seen["remedy"]["message"] in text, path


def test_an_unknown_code_is_shown_as_it_came(site, reader, post, language):
    store(site, post, state="held", reason_code="brand_new_code", remedy_code="check_tiktok",
          reason_message="TikTok gave a reason that is not known here.")
    seen = reader.post(post["id"])
    assert (seen["reason"]["code"], seen["reason"]["known"]) == ("brand_new_code", False)
    assert bool(CYRILLIC.search(seen["reason"]["message"] + seen["remedy"]["message"])) == (language == "ru")
    for path in ("/", "/posts", f"/posts/{post['id']}"):
        text = page(reader, path)
        assert "<code>brand_new_code</code>" in text and seen["reason"]["message"] in text, path


def test_a_change_in_the_timeline_too(site, reader, post, language):
    site.sql("INSERT INTO post_event (post_id, kind, name, from_state, code, message)"
             " VALUES (%s, 'state', 'held', 'scheduled', 'missed', 'Its time passed.')", post["id"])
    site.sql("INSERT INTO post_event (post_id, kind, name, http_status, code, message, log_id, bytes)"
             " VALUES (%s, 'call', 'put', 503, NULL, 'server said no', '2026LOG', 1234)", post["id"])
    change, call = reader.request("GET", f"/api/v1/posts/{post['id']}/timeline").json()["items"][-2:]
    assert bool(CYRILLIC.search(change["message"])) == (language == "ru")
    assert call["message"] == "server said no"
    text = page(reader, f"/posts/{post['id']}")
    assert re.search(r'Scheduled →</span> <span class="chip chip-held">Held', text)
    assert "Sent a part of the video <code>put</code>" in text
    assert all(part in text for part in (">503<", ">1234<", "<code>2026LOG</code>", change["message"]))


def test_a_post_that_waits_says_why_and_until_when(site, reader, post, language):
    store(site, post, reason_code="daily_post_limit", reason_message="The limit is used up.", remedy_code="automatic",
          next_attempt_at="2030-01-02T03:04:00Z")
    assert reader.post(post["id"])["next_attempt_at"] == "2030-01-02T03:04:00Z"
    for path in ("/", "/posts", f"/posts/{post['id']}"):
        waits = re.search(r'<p class="row-waits">(.*?)</p>', page(reader, path))[1]
        assert ("Next try" if language == "en" else "Следующая попытка") in waits
        assert '<time datetime="2030-01-02T03:04:00Z">2030-01-02 03:04 UTC</time>' in waits, path


def test_a_warning_is_told_before_its_time(site, reader, post, language):
    seen = reader.post(post["id"])
    assert seen["warning"] is None and seen["warning_remedy"] is None
    before = page(reader, "/")
    store(site, post, warning_code="quota_ahead", warning_message="17 posts are planned for that day.",
          warning_remedy_code="reschedule", warning_remedy_message="Choose another day for some.")
    seen = reader.post(post["id"])
    assert (seen["warning"]["code"], seen["warning"]["who"]) == ("quota_ahead", "creator")
    assert seen["warning_remedy"]["code"] == "reschedule"
    assert bool(CYRILLIC.search(seen["warning"]["message"])) == (language == "ru")
    assert bool(CYRILLIC.search(seen["warning_remedy"]["message"])) == (language == "ru")
    for path in ("/", "/posts", f"/posts/{post['id']}"):
        text = page(reader, path)
        assert seen["warning"]["message"] in text and seen["warning_remedy"]["message"] in text, path
    assert attention_total(page(reader, "/")) == attention_total(before) + 1
    store(site, post, state="cancelled")
    assert reader.post(post["id"])["warning"] is None


def attention_total(text):
    found = re.search(r'id="attention-total">(\d+)<', text)
    return int(found[1]) if found else 0


def test_home_counts_more_than_it_shows(site, video_file):
    user = site.connect()
    video = site.ready_video(user, video_file)
    for number in range(12):
        user.new_post(video, due_at=rfc3339(time.time() + 86_400), caption=f"Held {number}")
    site.sql("UPDATE post SET state = 'held', reason_code = 'missed' WHERE user_id = %s", user.user_id)
    text = page(user, "/")
    assert attention_total(text) == 12
    assert len(re.findall(r">Held \d+</a>", text)) == 10 and "All of them" in text


def test_a_draft_in_the_inbox_says_how_to_finish_it(site, reader, language):
    post = reader.new_post(reader.video, mode="draft", privacy_level=None, due_at=rfc3339(time.time() + 86_400))
    store(site, post, state="delivered", finished_at=rfc3339(time.time()))
    seen = reader.post(post["id"])
    assert (seen["reason"]["code"], seen["remedy"]["code"]) == ("draft_waits", "finish_in_tiktok")
    words = "open the inbox notification in the TikTok app" if language == "en" else "откройте уведомление во входящих"
    assert words in seen["remedy"]["message"]
    for path in ("/", "/posts", f"/posts/{post['id']}"):
        assert words in page(reader, path), path


def test_an_outage_is_told_on_every_page(site, reader, language):
    assert reader.request("GET", "/api/v1/me").json()["tiktok"] == {"state": "ok", "since": None}
    assert 'id="outage"' not in page(reader, "/")
    with outage(site):
        assert reader.request("GET", "/api/v1/me").json()["tiktok"] == {"state": "down", "since": "2026-11-22T11:05:00Z"}
        for path in ("/", "/posts", "/posts/new", "/videos", "/calendar", "/accounts", "/settings"):
            told = re.search(r'<div class="notice warn" id="outage".*?</div>', page(reader, path))[0]
            assert f'lang="{language}"' in told and "2026-11-22 11:05 UTC" in told, path
            assert ("go out in order" if language == "en" else "выйдут по порядку") in told, path
        assert 'id="outage"' not in page(reader, "/privacy")
    assert 'id="outage"' not in page(reader, "/")


def test_an_outage_is_no_business_of_strangers(site):
    with outage(site):
        answer = site.request("GET", "/")
        assert answer.status == 200 and 'id="outage"' not in answer.text


def test_the_language_is_chosen_in_the_settings(reader):
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None}
    try:
        answer = reader.request("POST", "/settings", headers=form,
                                body=f"csrf_token={reader.csrf}&time_zone=UTC&language=ru")
        assert answer.status == 303, answer
        assert reader.request("GET", "/api/v1/me").json()["language"] == "ru"
        assert re.search(r'<option value="ru" lang="ru" selected>', page(reader, "/settings"))
    finally:
        speak(reader, "en")
