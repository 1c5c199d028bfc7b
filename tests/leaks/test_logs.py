"""The whole test run wrote no secret to any log (B98): run last, over what each site's search has left."""
import json
import os
import pathlib
import secrets

import pytest

import spg_leaks

# Each is handed out, or kept, on some site of a whole run.
KINDS = {"access_token", "refresh_token", "code", "state", "upload_token", "client_secret", "cookie __Host-spg",
         "cookie __Host-spg-form", "CSRF token", "upload address", "receipt", "file token_secret_key"}
LOGS = {"nginx-access.log", "nginx-error.log", "postgresql.log", "publisher.log", "janitor.log", "upload.log", "dashboard.log",
        "oauth_callback.log", "deletion.log", "creator.log", "tiktok_webhook.log"}


@pytest.fixture(scope="module")
def reports():
    place = os.environ.get("SPG_TEST_LEAKS")
    if not place:
        pytest.skip("a part of tests/run: asks about all suites before it")
    return [json.loads(path.read_text()) for path in sorted(pathlib.Path(place).glob("*.json"))]


def test_every_site_was_searched_and_none_logged_a_secret(reports):
    assert len(reports) >= 10
    assert [hit for report in reports for hit in report["hits"]] == []


def test_what_was_looked_for_is_what_there_was(reports):
    kinds = {}
    for report in reports:
        for kind, count in report["kinds"].items():
            kinds[kind] = kinds.get(kind, 0) + count
    assert KINDS <= set(kinds), kinds
    assert sum(kinds.values()) > 1000, kinds
    assert LOGS <= {name for report in reports for name in report["files"]}
    assert sum(report["lines"] for report in reports) > 10_000


@pytest.mark.parametrize("form", ["{}", "before{}after", "https://host/path?x=1&code={}&y", "\x00\xff {} \x1b["])
def test_the_search_finds_what_is_there(tmp_path, form):
    word = "act." + secrets.token_urlsafe(32) + "!4567.va"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/program.log").write_text("a good line\n" + form.format(word) + "\n", errors="surrogateescape")
    (tmp_path / "other.log").write_text("nothing\n" * 1000)
    assert spg_leaks.search(tmp_path, {("access_token", word)}) == ([("deep/program.log", "access_token")], 1002)
    assert spg_leaks.search(tmp_path, {("access_token", word[:-1] + "x")}) == ([], 1002)
