"""What no file may hold, and what a log line may not."""
import re

import pytest

from sources import REPO, arguments, balanced, code, files, programs, read, tracked, where

TEXT = [path for path in tracked() if "corpus" not in path.parts
        and b"\0" not in (REPO / path).read_bytes()[:4096]]
C = files("lib", "cgi", "cron", "tests")
THIS = "tests/lint/test_text.py"


def found_in(pattern, paths, flags=0):
    return [f"{where(path, read(path), match.start())} {match[0]}" for path in paths if str(path) != THIS
            for match in re.finditer(pattern, read(path), flags)]


def test_nothing_is_left_to_do():
    assert [] == found_in(r"\b(?:TODO|FIXME|XXX|HACK|TBD|WIP)\b", TEXT)


def test_no_path_of_somebodys_machine():
    assert [] == found_in(r"(?<![\w.$}*])/(?:work|home|root|Users|mnt|workspace)/[\w.-]+", TEXT)
    assert [] == found_in(r"/tmp/(?:build|[a-z]+-dev)\b", TEXT)


def test_packages_come_from_their_public_registries_only():
    locks = [path for path in tracked() if path.name == "package-lock.json"]
    assert len(locks) > 1
    hosts = [host for path in locks for host in re.findall(r"https?://([^/\"'\s]+)", read(path))]
    assert set(hosts) <= {"github.com"}
    assert [] == found_in(r"(?i)\b(?:artifactory|nexus-repository|pip\.conf|index-url|extra-index-url|\.npmrc)\b", TEXT)


def test_no_key_or_token_is_in_the_repository():
    assert [] == found_in(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{30,}|\bglpat-\w{20,}"
                        r"|spg-token-secret-1:[0-9a-f]{64}", TEXT)


def test_c_is_written_in_one_way():
    for path in C:
        text, stripped = read(path), code(path)
        assert text.endswith("\n") and not text.endswith("\n\n"), path
        assert "\r" not in text and not re.search(r"[ \t]+$", text, re.M), path
        assert max(len(line.expandtabs(8)) for line in text.splitlines()) <= 120, path
        assert "//" not in stripped, f"{path}: block comments only"
        assert not re.search(r"\bgoto\b|\btypedef\s+(?:struct|enum|union)\b[^(;]*[{;]", stripped), path


def test_c_files_are_short():
    assert [str(path) for path in C if len(read(path).splitlines()) > 600] == []


def test_c_uses_no_banned_function():
    """What base/banned.h makes an error of, and some more."""
    banned = (r"\b(?:strcpy|strcat|sprintf|vsprintf|strtok|gmtime|localtime|ctime|asctime|atoi|atol|atof|"
              r"strtol|strtoll|strtoul|sscanf|scanf|gets|system|popen|alloca|rand|srand|tmpnam|mktemp|"
              r"usleep|setjmp|longjmp)\s*\(")
    wrong = [f"{where(path, code(path), match.start())} {match[0]}" for path in programs() if path.name != "banned.h"
             for match in re.finditer(banned, code(path))]
    assert wrong == []


def log_calls(path):
    """(place, [argument after the format]) of every line that is logged."""
    text = code(path)
    for match in re.finditer(r"\blog_(?:info|warn|error|die)\(", text):
        yield where(path, text, match.start()), arguments(balanced(text, match.end() - 1))[1:]


SECRET = re.compile(r"(?:token|secret|cookie|password|passwd|bearer|verifier|challenge|csrf|sealed|upload_url|"
                    r"authorization|signature|session_id|query_string)(?!_(?:file|path|id)\b)|\.bytes\b|->bytes\b|"
                    r"\bbody\b|->body\b|\bquery\b|->query\b|\bcaption\b", re.I)
# Functions that name things of that kind without giving them away.
HARMLESS = re.compile(r"\b(?:status_name|strerror|strlen)\([^()]*\)|\bjob->token_refreshed\b")


def test_no_secret_is_logged():
    wrong = [f"{place} {argument}" for path in programs() for place, passed in log_calls(path) for argument in passed
             if SECRET.search(HARMLESS.sub("", argument.replace('""', "")))]
    assert wrong == []


@pytest.mark.parametrize("name", ["code", "state"])
def test_what_the_consent_page_sent_is_not_logged(name):
    """In no function that takes it out of the query."""
    wrong, seen = [], 0
    for path in files("cgi"):
        for body in re.split(r"^\}$", read(path), flags=re.M):
            if re.search(rf'form_get\(&req->query,\s*"{name}"', body):
                seen += 1
                wrong += [f"{path} {call}" for call in re.findall(r"\blog_\w+\([^;]*;", body)
                          if re.search(rf"[,(]\s*{name}\s*[,)]", call)]
    assert seen and wrong == []


def test_paths_are_logged_as_patterns():
    """An address holds ids that open uploads and receipts."""
    wrong = [f"{place} {argument}" for path in programs() for place, passed in log_calls(path)
             for argument in passed if re.search(r"req->(?:path|id)\b", argument)]
    assert wrong == []


def test_log_lines_are_found():
    """So that the checks above check something."""
    assert sum(1 for path in programs() for _ in log_calls(path)) > 100


def test_tests_poll_and_do_not_sleep():
    """A pause inside a loop with a deadline is a poll; at the level of a test it is a guess."""
    wrong = []
    for path in files("tests", suffixes=(".py",)):
        lines = read(path).splitlines()
        for number, line in enumerate(lines):
            match = re.match(r"(\s*)(?:time\.)?sleep\(", line)
            above = next((lines[at] for at in range(number - 1, -1, -1) if match and lines[at].strip()
                          and len(lines[at]) - len(lines[at].lstrip()) < len(match[1])), "")
            if match and not re.match(r"\s*(?:while|for|if|else|elif|except|try|with)\b", above):
                wrong.append(f"{path}:{number + 1}")
    assert wrong == []
