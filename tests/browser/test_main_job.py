"""The main job as a person does it: connect, upload, write, schedule, read that it was posted."""

import pytest
from selenium.webdriver.support.ui import Select

from conftest import PHONE, SLOW

YOUR_BRAND = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
NOTHING_CHECKED = "You need to indicate if your content promotes yourself, a third party, or both."
NOT_PRIVATE = "Branded content visibility cannot be set to private."
MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation"
BRANDED = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation"


def test_a_creator_posts_a_video(person, site, creator, tall_video_file):
    person.go("/")
    assert {"Connect TikTok", "Privacy policy", "Terms", "Delete my data"} <= {a.text for a in person.all("a")}
    person.picture("01-landing")

    person.click("#connect")
    person.wait("the consent page", lambda: person.all("#authorize"))
    person.picture("02-consent")
    person.click(f"#account-{creator}")
    person.click("#authorize")
    person.see("Needs you")
    person.picture("03-home")

    person.go("/videos")
    person.throttle(upload=SLOW)
    person.find("#files").send_keys(str(tall_video_file))
    shares = []
    person.wait("progress with speed and time left", lambda: shares.append(
        float(person.find(".upload progress").get_property("value"))) or "left" in person.text(".upload-words"))
    person.picture("04-uploading")
    person.wait("all bytes there", lambda: shares.append(float(person.find(".upload progress").get_property("value")))
                or shares[-1] == 1)
    assert shares == sorted(shares) and any(0 < share < 1 for share in shares)
    person.throttle()
    person.wait("ready", lambda: person.all(".upload[data-upload=ready]"), timeout=60)
    person.wait("its card", lambda: person.all(".video[data-state=ready]"))
    person.picture("05-uploaded")

    person.click(".upload a")
    person.see("Mira Kovalenko", "#creator-name")
    person.wait("the preview", lambda: person.find("#preview").get_property("readyState") > 0)
    assert person.find("#privacy").get_property("value") == ""
    assert not person.find("#submit").is_enabled()
    person.picture("06-compose")
    person.find("#caption").send_keys("Morning by the river #light")
    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.click("#allow-comment")
    person.plan(seconds_ahead=6)
    person.wait("the button", lambda: person.find("#submit").is_enabled())
    person.picture("07-compose-complete")

    with site.run_publisher_loop():
        person.click("#submit")
        person.see("Scheduled for", "#done")
        person.see("it may take a few minutes for the content to be processed and appear on your profile", "#done")
        person.picture("08-scheduled")
        person.click("#done-link")
        person.see("in ", ".countdown")
        person.picture("09-post-scheduled")
        person.wait("published", lambda: person.text("#state") == "Published", timeout=90)
        person.wait("the link", lambda: person.all("#links a"), timeout=60)
    link = person.find("#links a").get_attribute("href")
    assert link.startswith(f"https://www.tiktok.com/@{creator}/video/")
    person.see("init", "#timeline")
    person.picture("10-post-published")

    for path, name in (("/", "11-home"), ("/posts", "12-posts"), ("/calendar", "13-calendar"),
                       ("/accounts", "14-accounts"), ("/settings", "15-settings")):
        person.go(path)
        person.see("Morning by the river" if path in ("/", "/posts", "/calendar") else "", "main")
        person.picture(name)


def test_nothing_is_chosen_beforehand_and_the_words_are_tiktoks(signed_in, tall_video_file):
    person = signed_in
    video_id = person.upload(tall_video_file)
    person.go(f"/posts/new?video={video_id}")
    person.see("Mira Kovalenko", "#creator-name")
    assert person.find("#creator-avatar").is_displayed()
    offered = [option.text for option in Select(person.find("#privacy")).options]
    assert offered == ["Choose who can see it", "Everyone", "Friends", "Only me"]
    for control in ("allow-comment", "allow-duet", "allow-stitch", "disclosure", "your-brand", "branded-content",
                    "aigc"):
        assert not person.find(f"#{control}").is_selected(), control
    person.see("Choose who can see it.", "#missing")
    assert person.text("#declaration") == MUSIC

    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.wait("the button", lambda: person.find("#submit").is_enabled())
    person.click("#disclosure")
    assert not person.find("#submit").is_enabled()
    assert person.tip("#submit-tip") == NOTHING_CHECKED
    person.picture("20-disclosure-tip")
    person.click("#your-brand")
    assert (person.text("#disclosure-prompt"), person.text("#declaration")) == (YOUR_BRAND, MUSIC)
    person.click("#branded-content")
    assert (person.text("#disclosure-prompt"), person.text("#declaration")) == (PAID, BRANDED)
    only_me = Select(person.find("#privacy")).options[-1]
    assert not only_me.is_enabled() and only_me.get_attribute("title") == NOT_PRIVATE
    person.click("#your-brand")
    assert (person.text("#disclosure-prompt"), person.text("#declaration")) == (PAID, BRANDED)
    links = [a.get_attribute("href") for a in person.all("#declaration a")]
    assert links == ["https://www.tiktok.com/legal/page/global/bc-policy/en",
                     "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"]
    person.picture("21-branded")
    person.click("#branded-content")
    person.choose("#privacy", "SELF_ONLY")
    assert not person.find("#branded-content").is_enabled()
    assert person.tip("#branded-tip") == NOT_PRIVATE
    person.click("#disclosure")
    assert person.text("#disclosure-prompt") == ""

    person.put("#caption", "x" * 2201)
    assert person.text("#caption-count") == "2201/2200"
    assert not person.find("#submit").is_enabled()
    person.put("#caption", "👍")
    assert person.text("#caption-count") == "2/2200"


def test_what_the_creator_turned_off_cannot_be_allowed(person, site, tall_video_file):
    open_id = site.new_account(display_name="No Duet", duet_disabled=True, stitch_disabled=True, max_video_post_duration_sec=3)
    person.connect(site.sandbox.account(open_id)["username"])
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.see("Turned off in this account's TikTok settings: duet, stitch.")
    assert person.find("#allow-comment").is_enabled()
    assert not person.find("#allow-duet").is_enabled() and not person.find("#allow-stitch").is_enabled()
    person.see("this account may post 0:03 at most", "#video-error")
    assert not person.find("#submit").is_enabled()


def test_an_account_that_cannot_post_stops_the_attempt(signed_in, site, tall_video_file):
    person = signed_in
    video_id = person.upload(tall_video_file)
    fault = site.sandbox.fault("creator_info", times=-1, status=200, code="spam_risk_too_many_posts")
    try:
        person.go(f"/posts/new?video={video_id}")
        person.see("This account cannot post right now.", "#creator")
        person.see("try again later", "#creator")
        person.see("spam_risk_too_many_posts", "#creator")
        assert not person.find("#submit").is_enabled() and not person.find("#privacy").is_enabled()
        person.picture("22-cannot-post")
    finally:
        site.sandbox.delete(f"faults/{fault['id']}")
    person.click("#creator-again")
    person.see("Mira Kovalenko", "#creator-name")
    assert [m for m in person.take_console() if "creator-info" not in m] == []
    person.console.clear()


def test_a_draft_goes_to_the_inbox_with_the_words_for_it(signed_in, site, tall_video_file):
    person = signed_in
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.click("input[name=mode][value=draft]")
    person.see("Open the inbox notification in TikTok to finish the post", "#draft-note")
    assert not person.find("#privacy").is_displayed() and not person.find("#disclosure").is_displayed()
    person.click("input[name=when][value=now]")
    person.picture("23-inbox-draft")
    with site.run_publisher_loop():
        person.click("#submit")
        person.see("Open the inbox notification in TikTok to finish the post.", "#done")
        person.click("#done-link")
        person.wait("delivered", lambda: person.text("#state") == "In the inbox", timeout=90)


def test_a_post_is_edited_moved_and_cancelled(signed_in, tall_video_file):
    person = signed_in
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.choose("#privacy", "SELF_ONLY")
    person.find("#caption").send_keys("First words")
    person.plan(seconds_ahead=7200)
    person.click("#submit")
    person.see("Scheduled for", "#done")
    person.click("#done-link")
    person.click("#edit")
    person.wait("the saved choice", lambda: person.find("#privacy").get_property("value") == "SELF_ONLY")
    assert person.find("#caption").get_property("value") == "First words"
    person.find("#caption").send_keys(", and second")
    date, time_of_day = person.local_time(90_000)
    person.put("#date", date)
    person.put("#time", time_of_day)
    person.click("#submit")
    person.see("Scheduled for", "#done")
    person.click("#done-link")
    person.see("First words, and second")
    person.click("#cancel")
    person.see("Cancel this post?", "#cancel-dialog")
    person.click("#cancel-dialog .danger")
    person.wait("cancelled", lambda: person.text("#state") == "Cancelled")


def test_a_post_that_tiktok_refuses_says_why(signed_in, site, tall_video_file):
    person = signed_in
    person.go(f"/posts/new?video={person.upload(tall_video_file)}")
    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.find("#caption").send_keys("#fail:frame_rate_check_failed ")
    person.click("input[name=when][value=now]")
    with site.run_publisher_loop():
        person.click("#submit")
        person.see("On its way", "#done")
        person.click("#done-link")
        person.wait("held", lambda: person.text("#state") == "Held", timeout=90)
    person.see("frame_rate_check_failed", "#reason")
    assert person.text("#remedy")
    person.picture("24-held")
    person.go("/")
    person.see("Held", "#attention")
    person.picture("25-needs-you")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_page_fits(signed_in, tall_video_file, size, dark):
    person = signed_in
    video_id = person.upload(tall_video_file)
    person.go(f"/posts/new?video={video_id}")
    person.choose("#privacy", "PUBLIC_TO_EVERYONE")
    person.find("#caption").send_keys("A caption " + "that goes on " * 20)
    person.plan(seconds_ahead=86_400)
    person.click("#submit")
    person.see("Scheduled for", "#done")
    post = person.find("#done-link").get_attribute("href").rpartition("/")[2]
    person.look_at(PHONE if size == "phone" else (1280, 900), dark)
    for path in ("/", "/videos", f"/posts/new?video={video_id}", "/posts", f"/posts/{post}", f"/posts/{post}/edit",
                 "/calendar", "/accounts", "/settings", "/privacy", "/terms", "/deletion", "/support"):
        person.go(path)
        person.wait("the page", lambda: person.text("h1"))
        assert not person.is_too_wide(), path
        name = path.split("?")[0].strip("/").replace(post, "post").replace("/", "-") or "home"
        person.picture(f"{size}-{'dark' if dark else 'light'}-{name}")
    person.take_console()
