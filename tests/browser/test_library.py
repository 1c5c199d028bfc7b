"""The library as people meet it: finding, tagging, deleting, comparing, fetching, choosing a cover by looking.

What workers write into the database is written here by statements, so that each step can be looked at."""
import os
import secrets
import signal
import subprocess

import pytest
from selenium.webdriver.common.keys import Keys

from conftest import DESK, PHONE
from spg_uploads import checker_pid


@pytest.fixture
def owner(signed_in, site):
    """Somebody signed in, whose user id is known."""
    signed_in.user_id = site.sql("SELECT max(id) FROM app_user")[0][0]
    return signed_in


def insert_video(site, person, name, picture=None, **columns):
    """A video by its row; picture: of its thumbnail, a colour."""
    columns = {"state": "ready", "size": 12_000_000, "container": "mp4", "codec": "h264", "duration_ms": 6000,
               "width": 1080, "height": 1920, "fps_milli": 30000, "has_thumbnail": picture is not None, **columns}
    file = secrets.token_urlsafe(16)
    if picture:
        colour(site.dir / f"media/frames/{file}.jpg", picture, "270x480")
    return str(site.sql(f"INSERT INTO video (user_id, file, name, {', '.join(columns)}) VALUES (%s, %s, %s, "
                        f"{', '.join(['%s'] * len(columns))}) RETURNING id",
                        person.user_id, file, name, *columns.values())[0][0])


def colour(path, name, size):
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color={name}:s={size}", "-frames:v", "1", str(path)],
                   check=True)
    path.chmod(0o644)


def tag(site, video, *tags):
    for one in tags:
        site.sql("INSERT INTO video_tag (video_id, tag) VALUES (%s, %s)", video, one)


def names(person):
    return [card.text for card in person.all(".video-name")]


def schedule(person, video, caption):
    """A post for tomorrow, written in the composer."""
    person.go(f"/posts/new?video={video}")
    person.choose("#privacy", "SELF_ONLY")
    person.find("#caption").send_keys(caption)
    person.plan(seconds_ahead=86_400)
    person.click("#submit")
    person.see("Scheduled for", "#done")


def look(person, name):
    """Pictures of the page at both widths; it fits into both."""
    for size, width in ((PHONE, "phone"), (DESK, "desk")):
        person.look_at(size)
        person.wait("no wider than the window", lambda: not person.is_too_wide())
        person.picture(f"{name}-{width}")


@pytest.fixture
def shelf(owner, site):
    """Some videos of every kind."""
    river = insert_video(site, owner, "Morning river.mp4", "seagreen", sha256="a" * 64)
    insert_video(site, owner, "Morning river (copy).mp4", "seagreen", sha256="a" * 64)
    insert_video(site, owner, "Вечер у реки.mp4", "orange", size=900_000_000, fps_variable=True, has_location=True)
    insert_video(site, owner, "IMG_4711.MOV", "gray", state="refused", repairable=True, fps_milli=12000,
                 reason_code="frame_rate_check_failed",
                 reason_message="The video has 12 frames per second; TikTok takes 23 to 60.")
    tag(site, river, "river", "morning")
    return owner


def test_videos_are_found_by_words_kinds_tags_and_order(shelf):
    person = shelf
    person.go("/videos")
    assert len(names(person)) == 4
    person.see("12.0 MB", "#videos")
    person.see("4 videos, 936 MB of 50.0 GB used, 49.1 GB left", "#storage")
    look(person, "50-library")
    person.find("#q").send_keys("РЕКИ", Keys.ENTER)
    person.wait("the search", lambda: names(person) == ["Вечер у реки.mp4"])
    assert person.find("#q").get_property("value") == "РЕКИ"
    person.see("variable frame rate", "#videos")
    person.see("carries the place it was recorded at. TikTok gets the file as it is.", "#videos")
    person.go("/videos")
    for kind, wanted in (("Duplicates", 2), ("Never used", 4), ("Refused", 1), ("Ready", 3), ("All", 4)):
        [link for link in person.all("#kinds a") if link.text == kind][0].click()
        person.wait(kind, lambda: person.text("#kinds [aria-current]") == kind and len(names(person)) == wanted)
    person.click("#tag-choices a")
    person.wait("its videos", lambda: names(person) == ["Morning river.mp4"])
    person.click("#tag-choices [aria-current]")
    person.wait("all again", lambda: len(names(person)) == 4)
    [link for link in person.all("#orders a") if link.text == "Largest first"][0].click()
    person.wait("the order", lambda: names(person)[0] == "Вечер у реки.mp4")
    person.find("#q").send_keys("nothing like it", Keys.ENTER)
    person.see("No video fits.")


def test_a_duplicate_leads_to_the_other(shelf):
    person = shelf
    person.go("/videos?q=copy")
    person.see("This file is here more than once.", ".video")
    person.click(".video .row-warning a")
    person.see("Morning river.mp4", "h1")
    person.see("This file is here more than once.", ".notes")
    person.take_console()  # no file is behind the rows
    person.console.clear()


def test_tags_are_changed_where_they_stand(shelf):
    person = shelf
    person.go("/videos?q=copy")
    person.click(".video [data-tags]")
    person.find(".tags-form input").send_keys("River, НОВОЕ,  ")
    person.find(".tags-form input").send_keys(Keys.ENTER)
    person.wait("the tags", lambda: [link.text for link in person.all(".video .tag")] == ["river", "новое"])
    person.click(".video [data-tags]")
    assert person.find(".tags-form input").get_property("value") == "river, новое"
    person.put(".tags-form input", "x" * 41)
    person.click(".tags-form [type=submit]")
    person.see("A tag has 1 to 40 characters", ".tags-form")
    person.picture("51-tags")
    person.find(".tags-form input").send_keys(Keys.ESCAPE)
    person.see("новое", ".video")
    person.go("/videos")
    person.see("новое", "#tag-choices")
    assert [words for words in person.take_console() if "422" not in words] == []
    person.console.clear()


def test_a_video_is_renamed_and_tagged_on_its_page(owner, tall_video_file):
    person = owner
    video = person.upload(tall_video_file)
    person.go(f"/videos/{video}")
    person.wait("it plays", lambda: person.find("#player").get_property("readyState") > 0)
    person.driver.execute_script("document.getElementById('player').currentTime = 4")
    person.wait("it seeks", lambda: person.find("#player").get_property("currentTime") == 4)
    person.see("360 × 640", "#facts")
    person.see("None yet.")
    person.put("#new-name", "River at dawn")
    person.put("#new-tags", "dawn, river")
    person.click("#change-save")
    person.see("Saved", "#change-saved")
    assert person.text("h1") == "River at dawn" and [link.text for link in person.all("#tags a")] == ["dawn", "river"]
    person.put("#new-name", "")
    person.put("#new-tags", "a" * 41)
    person.click("#change-save")
    person.see("A name has 1 to 200 characters", "#name-error")
    person.see("A tag has 1 to 40 characters", "#tags-error")
    person.go(f"/videos/{video}")
    person.see("River at dawn", "h1")
    look(person, "52-video")
    assert [words for words in person.take_console() if "422" not in words] == []
    person.console.clear()


def test_deleting_names_the_posts_that_need_it(owner, site, tall_video_file):
    person = owner
    video = person.upload(tall_video_file)
    schedule(person, video, "On the river")
    person.go(f"/videos/{video}")
    person.see("On the river", "#posts")
    person.go("/videos")
    person.see("In 1 post", ".video")
    person.click(".video [data-delete]")
    person.see("A scheduled post needs this video", "#delete-dialog")
    person.see("On the river", "#delete-posts")
    look(person, "53-delete")
    person.click("#delete-dialog [value=cancel]")
    person.click(".video-posts")
    person.see("On the river", "#posts")
    person.see("Only posts of one video")
    person.go(f"/videos/{video}")
    person.click("#delete")
    person.see("Cancel the post and delete", "#delete-ok")
    person.click("#delete-ok")
    person.wait("the library", lambda: person.path == "/videos")
    assert not person.all(".video")
    assert site.sql("SELECT state FROM post WHERE user_id = %s", person.user_id) == [("cancelled",)]


def test_a_video_that_is_being_sent_is_not_deleted(owner, site, tall_video_file):
    person = owner
    video = person.upload(tall_video_file)
    schedule(person, video, "Under way")
    site.sql("UPDATE post SET state = 'publishing', lease_until = now() + interval '1 hour' WHERE user_id = %s",
             person.user_id)
    try:
        person.go("/videos")
        person.click(".video [data-delete]")
        person.see("It is just being sent to TikTok.", "#delete-dialog")
        assert not person.find("#delete-ok").is_displayed()
        person.click("#delete-dialog [value=cancel]")
    finally:
        site.sql("UPDATE post SET state = 'cancelled', lease_until = NULL WHERE user_id = %s", person.user_id)


def test_storage_warns_before_it_is_full(owner, site):
    person = owner
    insert_video(site, person, "very large.mp4", "slateblue", size=3_999_999_999)
    for number in range(11):
        insert_video(site, person, f"large {number}.mp4", size=3_999_999_999)
    person.go("/videos")
    person.see("Nearly full: 2.0 GB left.", "#storage-warning")
    assert float(person.find("#storage-bar").get_property("value")) == pytest.approx(0.96, abs=0.001)
    look(person, "54-nearly-full")
    person.click('.video [data-delete]')
    person.click("#delete-ok")
    person.see("11 videos, 44.0 GB of 50.0 GB used, 6.0 GB left", "#storage-words")
    assert person.text("#storage-warning") == ""


@pytest.fixture
def still(site):
    """A call that makes the program that repairs stand still until the test ends: the test plays its part."""
    pids = []

    def stop():
        pids.append(checker_pid(site))
        os.kill(pids[0], signal.SIGSTOP)
    yield stop
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def test_a_refused_video_is_repaired_and_both_are_compared(owner, site, still, tall_video_file):
    person = owner
    video = person.upload(tall_video_file)
    made = person.upload(tall_video_file)
    still()
    site.sql("UPDATE video SET state = 'refused', repairable = true, fps_milli = 12000, reason_code = 'frame_rate_check_failed',"
             " reason_message = 'The video has 12 frames per second; TikTok takes 23 to 60.' WHERE id = %s", video)
    site.sql("UPDATE video SET deleted_at = now() WHERE id = %s", made)  # not there yet
    person.go("/videos")
    [link for link in person.all(".video a") if link.text == "Make it fit"][0].click()
    person.see("The new version has an even frame rate that TikTok takes.", "#repair")
    look(person, "55-repair")
    person.click("#repair-start")
    person.see("Waiting for its turn", "#repair-words")
    site.sql("UPDATE video_repair SET state = 'running', percent = 42 WHERE video_id = %s", video)
    person.see("42 % made", "#repair-words")
    assert person.find("#repair-bar").get_property("value") == 42
    look(person, "56-repair-running")
    site.sql("UPDATE video_repair SET state = 'failed', reason_code = 'too_complex', reason_message = 'It took too long.'"
             " WHERE video_id = %s", video)
    person.see("The last try failed. It took too long.", "#repair")
    person.click("#repair-start")
    person.see("Waiting for its turn", "#repair-words")
    site.sql("UPDATE video SET deleted_at = NULL, repair_of = %s, name = 'morning river.mp4' WHERE id = %s", video, made)
    site.sql("UPDATE video_repair SET state = 'done', percent = 100, result_id = %s WHERE video_id = %s", made, video)
    person.see("Before and after", "#compared")
    for side in "before", "after":
        person.wait(f"{side} plays", lambda: person.find(f"[data-{side}] video").get_property("readyState") > 0)
    person.see("12", "[data-before]")
    person.see("H.264", "[data-after]")
    look(person, "57-before-and-after")
    person.click("#use-new")
    person.see("The original", "#delete-text")
    person.click("#delete-ok")
    person.wait("the new one's page", lambda: person.path == f"/videos/{made}" and not person.all("#compared"))
    person.go("/videos")
    assert len(person.all(".video")) == 1 and person.all(f'[data-video="{made}"]')


def test_keeping_the_original_deletes_the_new_version(owner, site):
    person = owner
    video = insert_video(site, person, "odd.mov", "gray", state="refused", repairable=True, container="mov",
                         reason_code="file_format_check_failed", reason_message="TikTok does not take this codec.")
    made = insert_video(site, person, "odd.mov", "gray", repair_of=video)
    site.sql("INSERT INTO video_repair (video_id, state, result_id) VALUES (%s, 'done', %s)", video, made)
    person.go(f"/videos/{made}")
    person.click("#keep-original")
    person.click("#delete-ok")
    person.wait("the original's page", lambda: person.path == f"/videos/{video}")
    person.see("Make a version TikTok takes", "#repair")
    person.take_console()  # the players found no file behind these rows
    person.console.clear()


def test_addresses_are_fetched_and_told_about(owner, site):
    person = owner
    person.go("/videos")
    field = person.find("#import-url")
    field.send_keys("http://files.example/day.mp4", Keys.ENTER)
    person.see("begins with https://", "#import-error")
    field.clear()
    field.send_keys("https://files.example/a/long-name-of-a-video-that-goes-on-and-on-and-on.mp4?key=1", Keys.ENTER)
    person.see("Waiting for its turn", "#imports")
    assert field.get_property("value") == "" and person.text("#import-error") == ""
    entry = site.sql("SELECT id FROM video_import WHERE user_id = %s", person.user_id)[0][0]
    site.sql("UPDATE video_import SET state = 'running', received = 30000000, total = 80000000 WHERE id = %s", entry)
    person.see("Fetched 30.0 MB of 80.0 MB", "#imports")
    assert person.find("#imports progress").get_property("position") == pytest.approx(0.375)
    site.sql("INSERT INTO video_import (user_id, source, address, name, state, reason_code, reason_message, ended_at)"
             " VALUES (%s, 'drop', 'notes.txt', 'notes.txt', 'failed', 'not_a_video', 'This is not a video.', now())",
             person.user_id)
    person.see("This is not a video.", "#imports")
    person.see("From your drop folder.", "#imports")
    look(person, "58-imports")
    video = insert_video(site, person, "day.mp4", "teal")
    site.sql("UPDATE video_import SET state = 'done', video_id = %s, received = total, ended_at = now() WHERE id = %s",
             video, entry)
    person.wait("its card", lambda: names(person) == ["day.mp4"])
    person.see("See the video", "#imports")
    for left in 1, 0:
        person.click("#imports [data-forget]")
        person.wait("fewer rows", lambda: len(person.all("#imports li")) == left)
    field.send_keys("https://files.example/other.mp4", Keys.ENTER)
    person.see("Waiting for its turn", "#imports")
    person.click("#imports [data-forget]")
    person.wait("cancelled", lambda: not person.all("#imports li"))
    assert site.sql("SELECT count(*) FROM video_import WHERE user_id = %s", person.user_id) == [(0,)]
    assert [words for words in person.take_console() if "422" not in words] == []
    person.console.clear()


def test_a_cover_is_chosen_by_looking(owner, site, tall_video_file):
    person = owner
    video = person.upload(tall_video_file)
    file = site.sql("SELECT file FROM video WHERE id = %s", video)[0][0]
    strip = site.dir / f"media/frames/{file}.strip.jpg"
    strip.unlink(missing_ok=True)
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(tall_video_file), "-vf", "fps=10/6,scale=90:160,tile=10x1",
                    "-frames:v", "1", str(strip)], check=True)
    strip.chmod(0o644)
    site.sql("UPDATE video SET strip_frames = 10 WHERE id = %s", video)
    person.go(f"/posts/new?video={video}")
    person.wait("the frames", lambda: len(person.all(".strip-frame")) == 10)
    assert person.find(".strip-frame").get_attribute("aria-pressed") == "true"
    person.find(".strip-frame:nth-child(8)").click()
    assert person.find("#cover").get_property("value") == "4500" and person.text("#cover-text") == "0:04.5"
    person.wait("the player shows it", lambda: person.find("#preview").get_property("currentTime") == 4.5)
    assert [at for at, frame in enumerate(person.all(".strip-frame")) if frame.get_attribute("aria-pressed") == "true"] == [7]
    person.put("#cover", "1000")
    assert [at for at, frame in enumerate(person.all(".strip-frame")) if frame.get_attribute("aria-pressed") == "true"] == [1]
    look(person, "59-cover")
    person.find(".strip-frame:nth-child(8)").click()
    person.choose("#privacy", "SELF_ONLY")
    person.plan(seconds_ahead=86_400)
    person.click("#submit")
    person.see("Scheduled for", "#done")
    assert site.sql("SELECT cover_ms FROM post WHERE user_id = %s", person.user_id) == [(4500,)]
    site.sql("UPDATE video SET strip_frames = 0 WHERE id = %s", video)
    person.go(f"/posts/new?video={video}")
    person.wait("the slider alone", lambda: person.find("#cover").is_displayed() and not person.all(".strip-frame"))


def test_the_library_can_be_read_without_script(shelf, site):
    person = shelf
    video = person.find("body") and site.sql("SELECT min(id) FROM video WHERE user_id = %s", person.user_id)[0][0]
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        person.go("/videos?q=river")
        assert len(names(person)) == 2 and not person.find("[data-delete]").is_displayed()
        person.go(f"/videos/{video}")
        assert "Morning river.mp4" in person.find("h1").text and not person.find("#delete").is_displayed()
    finally:
        person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    person.take_console()  # no file is behind the rows
    person.console.clear()


def test_the_library_is_as_well_in_the_dark(shelf):
    person = shelf
    person.look_at(DESK, dark=True)
    person.go("/videos")
    person.wait("the cards", lambda: len(names(person)) == 4)
    person.picture("60-library-dark")
