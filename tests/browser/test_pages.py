"""What the pages do besides the main job: zones, calendar, accounts, export, keyboard, no script, no injected markup."""
import datetime
import json
import zipfile

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from conftest import PHONE


def press(person, *keys):
    ActionChains(person.driver).send_keys(*keys).perform()


def test_the_zone_of_the_browser_is_offered_once(signed_in):
    person = signed_in
    person.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Moscow"})
    person.go("/")
    person.see("this browser is in Europe/Moscow", ".zone-offer")
    person.picture("40-zone-offer")
    person.click(".zone-offer button")
    person.wait("the zone", lambda: person.find("[data-time-zone]").get_attribute("data-time-zone") == "Europe/Moscow")
    assert not person.all(".zone-offer")


def test_settings_take_a_zone_and_refuse_a_wrong_one(signed_in):
    person = signed_in
    person.go("/settings")
    field = person.find("#time-zone")
    field.clear()
    field.send_keys("Mars/Olympus")
    person.click("#settings-form button[type=submit]")
    person.see("There is no such time zone", "#zone-error")
    field.clear()
    field.send_keys("Asia/Tokyo")
    person.click("#settings-form button[type=submit]")
    person.see("Saved.", "#saved")
    assert person.find("#time-zone").get_property("value") == "Asia/Tokyo"


@pytest.mark.parametrize("date, words", [("2027-03-28", "does not exist on that day"), ("2026-10-25", "comes twice")],
                         ids=["skipped", "repeated"])
def test_a_time_that_a_clock_change_bends_is_pointed_out(signed_in, date, words):
    if date < datetime.date.today().isoformat():
        date = "2027-10-31"
    person = signed_in
    person.go("/settings")
    person.find("#time-zone").clear()
    person.find("#time-zone").send_keys("Europe/Berlin")
    person.click("#settings-form button[type=submit]")
    person.see("Saved.", "#saved")
    person.go("/posts/new")
    person.put("#date", date)
    person.put("#time", "02:30")
    person.see(words, "#when-note")
    person.picture(f"41-{'skipped' if 'exist' in words else 'repeated'}-time")


def test_the_calendar_is_walked_with_the_keyboard(signed_in):
    person = signed_in
    person.go("/calendar")
    person.wait("the month", lambda: person.all(".day.today"))
    # the days are made anew when the posts of the month have come
    today = datetime.date.fromisoformat(person.driver.execute_script(
        "return document.querySelector('.day.today').dataset.day"))
    person.driver.execute_script("document.querySelector('.day.today').focus()")

    def focused():
        return person.driver.execute_script("return document.activeElement.dataset.day")
    for key, day in ((Keys.ARROW_RIGHT, today + datetime.timedelta(1)), (Keys.ARROW_DOWN, today + datetime.timedelta(8)),
                     (Keys.ARROW_LEFT, today + datetime.timedelta(7)), (Keys.ARROW_UP, today)):
        press(person, key)
        person.wait(f"focus on {day}", lambda day=day: focused() == day.isoformat())
    press(person, Keys.PAGE_DOWN)
    person.wait("the next month", lambda: (focused() or "")[:7] == (today.replace(day=1) + datetime.timedelta(32)).isoformat()[:7])
    person.see("No posts on this day.", "#day")


def test_an_account_is_disconnected_after_asking(signed_in):
    person = signed_in
    person.go("/accounts")
    person.see("post videos for you", ".scopes")
    person.click("[data-disconnect]")
    person.see("Disconnect Mira Kovalenko?", "#disconnect-dialog")
    person.picture("42-disconnect")
    press(person, Keys.ESCAPE)
    person.wait("the dialog closed", lambda: not person.find("#disconnect-dialog").is_displayed())
    person.click("[data-disconnect]")
    person.click("#disconnect-dialog .danger")
    person.wait("disconnected", lambda: "Connected" not in person.text("#accounts .chip"))


    person.see("giving your permission back", "#accounts")
    assert not person.all("[data-disconnect]") and "Reconnect" not in person.text("#accounts")


def test_a_connection_with_less_than_asked_says_what_is_missing(person, creator, tall_video_file):
    person.go("/oauth/start")
    person.wait("the consent page", lambda: person.all("#authorize"))
    person.click(f"#account-{creator}")
    person.click("#scope-video-publish")
    person.click("#authorize")
    person.see("not everything was ticked", "#partial")
    assert "post videos for you" not in person.text(".scopes")
    person.picture("44-partial")
    person.wait("an address without the notice", lambda: not person.driver.execute_script("return location.search"))
    person.driver.refresh()
    person.see("put drafts into your TikTok inbox", ".scopes")
    assert not person.all("#partial")

    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.see("scope_not_authorized", "#creator")
    assert "try again later" not in person.text("#creator") + person.text("#missing")
    person.see("Connect this account again.", "#missing")
    link, button = (person.driver.execute_script(
        "const style = getComputedStyle(document.querySelector(arguments[0])); return [style.color, style.backgroundColor]",
        selector) for selector in ("#creator-reconnect", ".button:not(.second)"))
    assert link == button, "a button in a notice looks like any other"
    person.picture("45-reconnect-to-post")
    person.click("input[name=mode][value=draft]")
    person.wait("drafts are possible", lambda: person.find("#submit").is_enabled())
    assert all("creator-info" in words for words in person.take_console())
    person.console.clear()


def test_posts_that_stay_held_after_connecting_again_are_told(signed_in):
    person = signed_in
    person.go("/accounts?notice=late")
    person.see("Posts whose time is long past stay held", "#late")
    person.click("#late a")
    person.wait("the held posts", lambda: person.path == "/posts")
    person.go("/accounts?notice=%3Cb%3E")
    person.see("post videos for you", ".scopes")
    assert not person.all("#late, #partial")


def test_the_users_data_comes_as_an_archive(site, signed_in, tall_video_file, tmp_path):
    person = signed_in
    person.upload(tall_video_file)
    person.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    person.go("/settings")
    person.click("#export")
    person.see("waiting for its turn", "#export-words")
    assert not person.find("#export").is_enabled() and person.all("#export-state progress")
    person.picture("45-export-waits")
    assert site.run("exporter", "--once").returncode == 0
    person.see("Your archive is ready", "#export-words")
    person.picture("46-export-ready")
    person.look_at(PHONE, dark=True)
    assert not person.is_too_wide()
    person.picture("47-export-ready-phone")
    person.look_at()
    person.click("#export-file")
    person.wait("the archive", lambda: list(tmp_path.glob("my-data-*.zip")))
    with zipfile.ZipFile(next(tmp_path.glob("my-data-*.zip"))) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("data/accounts.json"))["items"][0]["display_name"] == "Mira Kovalenko"
        assert json.loads(archive.read("data/videos.json"))["items"][0]["name"] == tall_video_file.name
        assert [name for name in archive.namelist() if name.endswith(f"-{tall_video_file.name}")]
    person.click("#export-state button")
    person.wait("nothing to fetch", lambda: not person.all("#export-file"))
    assert person.find("#export").is_enabled()
    for _ in range(2):
        person.click("#export")
        person.click("#export-state button")
        person.wait("nothing to wait for", lambda: not person.all("#export-words"))
    person.click("#export")
    person.see("Three archives were asked for within a day", "#export-error")
    # that refusal is told on the console too, and is meant
    person.driver.get_log("browser")


def test_pages_can_be_read_without_script(signed_in, tall_video_file):
    person = signed_in
    person.upload(tall_video_file)
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        for path, words in (("/", "Next posts"), ("/videos", tall_video_file.name), ("/posts", "No posts here."),
                            ("/accounts", "video.publish"), ("/settings", "Your time zone"), ("/calendar", "list of posts")):
            person.go(path)
            assert words in person.find("main").text, path
    finally:
        person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_first_tab_stop_skips_to_the_content(person):
    person.go("/")
    press(person, Keys.TAB)
    assert person.driver.execute_script("return document.activeElement.className") == "skip"
    press(person, Keys.ENTER)
    person.wait("focus in main", lambda: person.driver.execute_script("return document.activeElement.id") == "main")


def test_markup_in_names_and_captions_stays_text(person, site, tall_video_file):
    open_id = site.new_account(display_name="<img src=x onerror=alert(1)>")
    person.connect(site.sandbox.account(open_id)["username"])
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.see("<img src=x onerror=alert(1)>", "#creator-name")
    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.find("#caption").send_keys("<script>alert(2)</script>{{caption}}")
    person.plan(seconds_ahead=3600)
    day = person.find("#date").get_property("value")
    person.click("#submit")
    person.click("#done-link")
    person.see("<script>alert(2)</script>{{caption}}")
    person.go("/calendar")
    person.click(f'.day[data-day="{day}"]')  # after 23:00 it is tomorrow's
    person.see("<script>alert(2)</script>{{caption}}", "#day")
    assert not person.all("img[src=x]")


def test_a_string_cannot_become_markup(person):
    person.go("/")
    outcome = person.driver.execute_script(
        "try { document.body.innerHTML = '<p>x</p>'; return 'done' } catch (error) { return error.name }")
    assert outcome == "TypeError"
    assert all("TrustedHTML" in words for words in person.take_console())
    person.console.clear()


def test_an_address_that_is_not_there_says_so(person):
    person.look_at(PHONE)
    person.go("/no/such/page")
    assert person.text("h1")
    person.picture("43-not-found")
    assert all("404" in words for words in person.take_console())
    person.console.clear()
