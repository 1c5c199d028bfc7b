"""Fixtures of the browser suite: Chromium at two widths, a person who uses it, pictures of each step."""
import base64
import os
import pathlib
import re
import tempfile

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

import spg_site
from spg_site import wait_for

REPO = pathlib.Path(__file__).resolve().parents[2]
DESK, PHONE = (1280, 900), (390, 844)
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
             "--hide-scrollbars", "--mute-audio", "--lang=en-GB")
SLOW = 400_000  # bytes per second: slow enough to watch a small upload


class Person:
    """Somebody with a browser. Selectors are CSS; everything waits with a deadline."""

    def __init__(self, site, pictures):
        self.site, self.pictures = site, pictures
        self._profile = tempfile.TemporaryDirectory(prefix="spg-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (*ARGUMENTS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.console = []
        self.look_at(DESK)

    def close(self):
        self.driver.quit()
        self._profile.cleanup()

    # ------------------------------------------------------------ the browser

    def look_at(self, size=DESK, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def throttle(self, upload=-1, offline=False):
        """Bytes per second that may go out; -1: as fast as it goes."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload})

    def picture(self, name):
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}})
        (self.pictures / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def take_console(self):
        """What the browser has complained about so far; what stands for TikTok is not our page."""
        self.console += [entry["message"] for entry in self.driver.get_log("browser")
                         if entry["level"] in ("SEVERE", "WARNING")
                         and not entry["message"].startswith(self.site.sandbox_url)]
        return self.console

    def is_too_wide(self):
        return self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")

    # ------------------------------------------------------------ pages

    def go(self, path):
        self.driver.get(self.site.url + path)

    @property
    def path(self):
        return self.driver.execute_script("return location.pathname")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """The visible text, "" where there is none."""
        return self.driver.execute_script(
            "const found = document.querySelector(arguments[0]);"
            "return found && found.checkVisibility() ? found.innerText.trim() : ''", selector)

    def wait(self, what, check, timeout=20):
        """Poll; a page that changes under the check is looked at again."""
        def settled():
            try:
                return check()
            except (StaleElementReferenceException, NoSuchElementException):
                return False
        return wait_for(what, settled, timeout)

    def see(self, words, selector="main", timeout=20):
        self.wait(f"{words!r} in {selector}, which has {self.text(selector)!r}",
                  lambda: words in self.text(selector), timeout)

    def click(self, selector):
        self.wait(f"{selector} can be clicked", lambda: self.all(selector) and self.find(selector).is_enabled())
        self.find(selector).click()

    def choose(self, selector, value):
        self.wait(f"{value} in {selector}", lambda: self.find(selector).is_enabled()
                  and value in [option.get_attribute("value") for option in Select(self.find(selector)).options])
        Select(self.find(selector)).select_by_value(value)

    def put(self, selector, value):
        """Type into a date, time or range control, whose keys differ by locale: set and tell, as the browser does."""
        self.driver.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.find(selector), value)

    def hover(self, selector):
        element = self.find(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        webdriver.ActionChains(self.driver).move_to_element(element).perform()

    def tip(self, selector):
        """The words that show beside an element while the pointer is on it."""
        self.hover(selector)
        shown = self.driver.execute_script(
            "return getComputedStyle(arguments[0], '::after').content", self.find(selector))
        return re.sub(r'^"(.*)"$', r"\1", shown)

    # ------------------------------------------------------------ jobs

    def connect(self, username="sample_creator"):
        """Sign in from the landing page through the consent page."""
        self.go("/")
        self.click("#connect")
        self.wait("the consent page", lambda: self.all("#authorize"))
        self.click(f"#account-{username}")
        self.click("#authorize")
        self.wait("back at the site", lambda: self.driver.current_url.startswith(self.site.url))
        self.see("Needs you")

    def upload(self, path):
        """Choose a file and wait until it has been checked; the video's id."""
        self.go("/videos")
        self.find("#files").send_keys(str(path))
        self.wait(f"ready, not {self.text('#uploads')!r}",
                  lambda: self.all(".upload[data-upload=ready]"), timeout=60)
        return self.find(".upload a").get_attribute("href").rpartition("=")[2]

    def local_time(self, seconds_ahead):
        """Date and time of the user's zone, so many seconds ahead."""
        return self.driver.execute_script("""
            const zone = document.querySelector("[data-time-zone]").dataset.timeZone;
            const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {timeZone: zone, hourCycle: "h23",
                year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
                second: "2-digit"}).formatToParts(Date.now() + 1000 * arguments[0]).map(p => [p.type, p.value]));
            return [`${parts.year}-${parts.month}-${parts.day}`, `${parts.hour}:${parts.minute}:${parts.second}`];
            """, seconds_ahead)

    def plan(self, seconds_ahead):
        date, time = self.local_time(seconds_ahead)
        self.put("#date", date)
        self.put("#time", time)


@pytest.fixture(scope="session")
def pictures():
    folder = pathlib.Path(os.environ.get("SPG_SCREENSHOTS", REPO / "build/screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def person(site, pictures):
    """A browser of its own for each test; whatever it complained about fails the test."""
    somebody = Person(site, pictures)
    try:
        yield somebody
        complaints = somebody.take_console()
    finally:
        somebody.close()
    assert complaints == []


@pytest.fixture
def creator(site):
    """The user name of a fresh creator on the sandbox."""
    open_id = site.new_account(display_name="Mira Kovalenko")
    return site.sandbox.account(open_id)["username"]


@pytest.fixture
def signed_in(person, creator):
    person.connect(creator)
    return person


@pytest.fixture(scope="session")
def tall_video_file(tmp_path_factory):
    """Six seconds, upright, about two megabytes: long enough to watch its upload at a slow pace."""
    path = spg_site.make_video(tmp_path_factory.mktemp("media") / "morning light.mp4", 6, "360x640")
    return spg_site.pad_video(path, path.with_name("morning river.mp4"), 2_000_000)
