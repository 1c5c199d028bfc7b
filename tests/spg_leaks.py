"""Nothing secret stands in a log (B98): what was secret on a site, and whether a line of its logs holds any of it.

Each site is searched when it stops (spg_site.running_site); tests/leaks asks at the end of the whole run what was found.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

# What the programs hand out and the sandbox does not know of, as test clients saw it: (kind, word).
_handed_out = set()

# Addresses that work like a key, and what a redirect to TikTok and back carries.
_KEYS = {"upload address": re.compile(r"/uploads/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])"),
         "receipt": re.compile(r"/deletion/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])"),
         "support thread": re.compile(r"/support/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])"),
         "CSRF token": re.compile(r'"?csrf[_-]token"?(?:"\s+(?:content|value)="|"?\s*:\s*")([A-Za-z0-9_-]{43})"')}


def note(answer):
    """Remember what an answer of the site hands out: cookies, keys in addresses, states, codes."""
    for cookie in answer.headers.get_all("Set-Cookie") or []:
        name, _, value = cookie.split(";")[0].partition("=")
        if name.startswith("__Host-spg") and len(value) >= 16:
            _handed_out.add((f"cookie {name}", value))
    location = answer.headers.get("Location") or ""
    for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).items():
        if name in ("state", "code") and len(values[0]) >= 16:
            _handed_out.add((name, values[0]))
    page = answer.body[:200_000].decode(errors="replace") if len(answer.body) < 2_000_000 else ""
    for kind, pattern in _KEYS.items():
        _handed_out.update((kind, word) for word in pattern.findall(location + "\n" + page))


def secrets_of(directory):
    """Everything secret on the site of that directory: (kind, word)."""
    directory = pathlib.Path(directory)
    found = set(_handed_out)
    issued = directory / "sandbox/state/issued"
    if issued.exists():
        found.update(tuple(line.split(" ", 1)) for line in issued.read_text().splitlines())
    for path in (directory / "secret").glob("*"):
        if "public" not in path.name and path.name != "client_key":
            for line in path.read_bytes().splitlines():
                word = line.decode(errors="replace").strip()
                if len(word) >= 16:
                    found.add((f"file {path.name}", word))
    return {(kind, word) for kind, word in found if len(word) >= 16}


def search(folder, secrets):
    """The lines below folder that hold a secret, as (file, kind), and how many lines there are."""
    kinds = {}
    for kind, word in secrets:
        # also as it stands in a URL
        for form in {word, urllib.parse.quote(word, safe=""), urllib.parse.quote(word, safe="!*.")}:
            kinds[form] = kind
    with tempfile.NamedTemporaryFile("w", suffix=".words", encoding="utf-8") as words:
        words.write("\n".join(sorted(kinds)) + "\n")
        words.flush()
        files = [str(path) for path in pathlib.Path(folder).rglob("*") if path.is_file()]
        if not files or not kinds:
            return [], 0
        done = subprocess.run(["grep", "-aoFH", "-f", words.name, "--", *files], capture_output=True, text=True,
                              errors="replace", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        assert done.returncode in (0, 1), done.stderr
    hits = set()
    for line in done.stdout.splitlines():
        path, _, word = line.partition(":")
        hits.add((os.path.relpath(path, folder), kinds.get(word, "?")))
    lines = sum(pathlib.Path(path).read_bytes().count(b"\n") for path in files)
    return sorted(hits), lines


def check_site(site):
    """Search a stopped site's logs; the result is kept for tests/leaks where the whole run wants it."""
    secrets = secrets_of(site.dir)
    hits, lines = search(site.dir / "log", secrets)
    place = os.environ.get("SPG_TEST_LEAKS")
    if place:
        kinds = {}
        for kind, _ in secrets:
            kinds[kind] = kinds.get(kind, 0) + 1
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(place) / f"{site.dir.name}.json").write_text(json.dumps(
            {"lines": lines, "kinds": kinds, "hits": hits, "files": sorted(
                path.name for path in (site.dir / "log").rglob("*") if path.is_file())}))
    assert hits == [], f"secrets in logs: {hits}"
