"""Every page against axe's rules of WCAG 2 A and AA, signed out and in, at both widths, light and dark."""
import fcntl
import json
import pathlib
import shutil
import subprocess
import time

import pytest

from conftest import DESK, PHONE
from spg_site import rfc3339

AXE = pathlib.Path(__file__).resolve().parents[1] / "axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# A page is one line here. Those that this build does not have (404) are left out, but for the ones that it must have.
MUST = ("/", "/privacy?lang=en", "/privacy?lang=ru", "/terms?lang=en", "/terms?lang=ru", "/consent?lang=en",
        "/consent?lang=ru", "/deletion")
SIGNED_OUT = (*MUST, "/oauth/callback", "/support", "/support/new", "/there-is-no-such-page")
SIGNED_IN = ("/", "/videos", "/posts", "/posts/new", "/calendar", "/accounts", "/settings", "/deletion", "/accept",
             "/accept?lang=ru", "/videos/{video}", "/posts/{post}", "/posts/{post}/edit", "/settings/activity",
             "/settings/data", "/support", "/support/new")
MUST_SIGNED_IN = SIGNED_IN[:13]


@pytest.fixture(scope="session")
def axe(site):
    """The text of exactly the axe-core that tests/axe/package-lock.json pins; fetched once for a build."""
    folder = site.build / "axe"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pinned = (AXE / "package-lock.json").read_bytes()
        if not (folder / "complete").exists() or (folder / "complete").read_bytes() != pinned:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(AXE / name, folder / name)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                           cwd=folder, check=True, timeout=300)
            shutil.copy(AXE / "package-lock.json", folder / "complete")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def evaluate(person, expression, **options):
    """By the developer tools, which the page's policy does not bind."""
    answer = person.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": expression, "returnByValue": True, **options})
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def violations(person, axe):
    """[rule: what it is about, the element] of the page that is open."""
    evaluate(person, axe)
    found = evaluate(person, "axe.run(document, {runOnly: {type: 'tag', values: %s}}).then((result) => JSON.stringify({"
                             "passes: result.passes.length, violations: result.violations.flatMap((rule) => rule.nodes.map("
                             "(node) => `${rule.id}: ${rule.help} ${node.html} ${node.any.map((a) => a.message)}`))}))"
                     % json.dumps(RULES), awaitPromise=True)
    result = json.loads(found)
    assert result["passes"] > 5, "axe has looked at something"
    return result["violations"]


def status_of(person, path):
    """What the server answers to the person's own browser."""
    return evaluate(person, f"fetch({json.dumps(path)}, {{redirect: 'manual'}}).then((answer) => answer.status)",
                    awaitPromise=True)


def look_through(person, axe, paths, must, **view):
    wrong = []
    for path in paths:
        person.go("/privacy")
        if path not in must and path != "/there-is-no-such-page" and status_of(person, path) == 404:
            continue
        person.go(path)
        person.look_at(**view)
        person.wait("loaded", lambda: person.driver.execute_script("return document.readyState") == "complete")
        wrong += [f"{path} {text}" for text in violations(person, axe)]
    person.take_console()
    # pages that are errors on purpose, and asking for those that are not there
    person.console[:] = [line for line in person.console if "Failed to load resource" not in line]
    return wrong


VIEWS = [pytest.param({"size": DESK}, id="desk"), pytest.param({"size": PHONE}, id="phone"),
         pytest.param({"size": DESK, "dark": True}, id="dark")]


@pytest.mark.parametrize("view", VIEWS)
def test_pages_signed_out(person, axe, view):
    assert look_through(person, axe, SIGNED_OUT, MUST, **view) == []


@pytest.fixture
def furnished(site, signed_in, video_file):
    """Somebody with a video, a planned and a held post; and their ids."""
    signed_in.upload(video_file)
    cookies = {cookie["name"]: cookie["value"] for cookie in signed_in.driver.get_cookies()}

    class Browser:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}

        def take_cookies(self, answer):
            pass
    me = site.request("GET", "/api/v1/me", user=Browser()).json()
    video = site.request("GET", "/api/v1/videos", user=Browser()).json()["items"][0]["id"]
    Browser.headers["X-CSRF-Token"] = me["csrf_token"]
    posts = [site.request("POST", "/api/v1/posts", user=Browser(), body={
        "account_id": me["accounts"][0]["id"], "video_id": video, "mode": "direct", "due_at": rfc3339(time.time() + 86400),
        "time_zone": "UTC", "caption": "A morning by the river", "privacy_level": "PUBLIC_TO_EVERYONE", "allow_comment": True,
        "allow_duet": False, "allow_stitch": False, "your_brand": False, "branded_content": False, "is_aigc": False,
        "cover_ms": 0, "consent": True}).json()["id"] for _ in range(2)]
    site.sql("UPDATE post SET state = 'held', reason_code = 'missed' WHERE id = %s", int(posts[1]))
    return signed_in, {"video": video, "post": posts[0]}


@pytest.mark.parametrize("view", VIEWS)
def test_pages_signed_in(furnished, axe, view):
    person, ids = furnished
    paths, must = ([path.format(**ids) for path in some] for some in (SIGNED_IN, MUST_SIGNED_IN))
    assert look_through(person, axe, paths, must, **view) == []


def test_axe_finds_what_is_wrong(person, axe):
    """So that the tests above can fail."""
    person.go("/")
    evaluate(person, "document.querySelector('main').append(document.createElement('img'), "
                     "Object.assign(document.createElement('input'), {type: 'text'}))")
    found = violations(person, axe)
    assert any(text.startswith("image-alt") for text in found) and any(text.startswith("label") for text in found)
