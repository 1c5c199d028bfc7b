"""Why a post waits, what would go wrong, what helps: read at a desk and on a phone, in English and Russian."""
import pytest

from conftest import DESK, PHONE

WORDS = {
    "en": {"limit": "is used up for this account", "waits": "Next try: ", "warning": "Warning: More posts are planned",
           "finish": "open the inbox notification in the TikTok app", "unknown": "TikTok gave a reason that is not known here",
           "outage": "TikTok does not answer since", "done": "It may take a few minutes for the content to be processed"},
    "ru": {"limit": "Для этого аккаунта исчерпано", "waits": "Следующая попытка: ",
           "warning": "Предупреждение: На этот день запланировано больше", "finish": "откройте уведомление во входящих",
           "unknown": "TikTok назвал причину, которая здесь неизвестна", "outage": "TikTok не отвечает с",
           "done": "Обработка и появление в профиле могут занять несколько минут"},
}
STATES = {
    "A limit puts it off": "reason_code = 'daily_post_limit', remedy_code = 'automatic',"
                           " next_attempt_at = due_at + interval '5 hours'",
    "Too many on one day": "warning_code = 'quota_ahead', warning_remedy_code = 'reschedule'",
    "Refused by a new rule": "state = 'held', reason_code = 'brand_new_code', remedy_code = 'check_tiktok'",
    "A draft to finish": "state = 'delivered', mode = 'draft', finished_at = now()",
    "Processed right now": "state = 'processing', publish_id = 'p.' || id, next_check_at = now() + interval '1 day'",
}


@pytest.fixture
def posts(signed_in, site, tall_video_file):
    """A post in each of those states, {caption: id}; none of them goes out."""
    person = signed_in
    video_id = person.upload(tall_video_file)
    made = {}
    for caption, change in STATES.items():
        person.go(f"/posts/new?video={video_id}")
        person.choose("#privacy", "SELF_ONLY")
        person.find("#caption").send_keys(caption)
        person.plan(seconds_ahead=86_400)
        person.click("#submit")
        person.see("Scheduled for", "#done")
        made[caption] = person.find("#done-link").get_attribute("href").rpartition("/")[2]
        site.sql(f"UPDATE post SET {change} WHERE id = %s", made[caption])
    yield made
    for post in made.values():
        site.sql("UPDATE post SET state = 'cancelled', next_check_at = NULL WHERE id = %s", post)


def pictures_of(person, name):
    """One at a desk, one on a phone; neither scrolls sideways."""
    for size, kind in ((PHONE, "phone"), (DESK, "desk")):
        person.look_at(size)
        assert not person.is_too_wide(), (name, kind)
        person.picture(f"{name}-{kind}")


@pytest.mark.parametrize("language", WORDS)
def test_people_read_what_stands_in_the_way(signed_in, site, posts, language):
    person, words = signed_in, WORDS[language]
    person.go("/settings")
    person.choose("#language", language)
    person.click("#settings-form button[type=submit]")
    person.see("Saved.", "#saved")
    assert person.find("#language").get_property("value") == language

    person.go("/")
    for part in ("warning", "unknown", "finish"):
        person.see(words[part], "#attention")
    person.see("brand_new_code", "#attention")
    person.see(words["limit"])
    assert person.text("#attention-total").split()[0] == "3"
    pictures_of(person, f"50-{language}-home")

    person.go("/posts")
    for part in ("limit", "waits", "warning", "unknown", "finish"):
        person.see(words[part], "#posts")
    pictures_of(person, f"51-{language}-posts")

    for number, (caption, parts) in enumerate({
            "A limit puts it off": ("limit", "waits"), "Too many on one day": ("warning",),
            "Refused by a new rule": ("unknown",), "A draft to finish": ("finish",),
            "Processed right now": ("done",)}.items()):
        person.go(f"/posts/{posts[caption]}")
        for part in parts:
            person.see(words[part], "#status")
        pictures_of(person, f"52-{language}-post-{number}")

    person.go("/calendar")
    person.wait("the marks", lambda: person.all(".day-post.warned"))
    person.click(".day:has(.warned)")
    for part in ("limit", "warning", "finish"):
        person.see(words[part], "#day")
    pictures_of(person, f"53-{language}-calendar")


@pytest.mark.parametrize("language", WORDS)
def test_an_outage_is_told(signed_in, site, language):
    person = signed_in
    site.sql("INSERT INTO breaker (host, failures, opened_at) VALUES ('nowhere.invalid', 5, now() - interval '7 minutes')")
    try:
        site.sql("UPDATE app_user SET language = %s WHERE id = (SELECT max(id) FROM app_user)", language)
        person.go("/")
        person.see(WORDS[language]["outage"], "#outage")
        pictures_of(person, f"54-{language}-outage")
    finally:
        site.sql("DELETE FROM breaker WHERE host = 'nowhere.invalid'")


def test_the_timeline_can_be_read(signed_in, site, tall_video_file):
    person = signed_in
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.find("#caption").send_keys("From the first byte to the last word")
    person.click("input[name=when][value=now]")
    with site.run_publisher_loop():
        person.click("#submit")
        person.see("On its way", "#done")
        person.click("#done-link")
        person.wait("published", lambda: person.text("#state") == "Published", timeout=90)
    person.driver.refresh()
    for words in ("Announced the video to TikTok init", "Sent the last part of the video put_last", "Scheduled → Publishing",
                  "200", "201", "2,000,000"):
        person.see(words, "#timeline")
    assert person.driver.execute_script(
        "return [...document.querySelectorAll('#timeline .event-call')].every(row => /\\d\\d:\\d\\d:\\d\\d/.test(row.innerText)"
        " && row.children[2].innerText)")
    pictures_of(person, "55-timeline")
    person.look_at(PHONE)
    assert person.driver.execute_script(
        "const frame = document.querySelector('.table-frame'); return frame.scrollWidth <= frame.clientWidth")
