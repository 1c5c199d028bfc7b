"""Every code has words: those of TikTok's reference, and those that we write ourselves into a post."""
import os
import pathlib
import re

import pytest

from sources import REPO, arguments, balanced, code, files, read

# A line of the list: code, where it comes (oauth, api, fail_reason, callback), section of the reference.
LIST = [line.split() for line in read(pathlib.Path("tests/unit/tiktok_codes.txt")).splitlines()
        if line and not line.startswith("#")]
WORD = re.compile(r"`([a-z][a-z_]+)(\(s\))?`")


def known():
    """The codes that lib/base/words.c has words for."""
    return set(re.findall(r'^\t\{ "(\w+)", WORDS_', read(pathlib.Path("lib/base/words.c")), re.M))


def sections(text):
    """{number: body} of the numbered parts of the reference."""
    parts = re.split(r"^###? (\d+(?:\.\d+)?)\.? ", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def words_of(text):
    """The codes in backquotes; `name(s)` stands for both."""
    return {name + ending for name, both in WORD.findall(text) for ending in ([""] if not both else ["", "s"])}


def columns(body, *titles):
    """The cells under the titles in a section's tables."""
    wanted = None
    for line in body.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            wanted = None
        elif wanted is None:
            wanted = [at for at, cell in enumerate(cells) if cell in titles]
        else:
            raw = line.strip("|").split("|")
            yield from (raw[at] for at in wanted if at < len(raw))


def codes_of(text):
    """{code} of the reference: its tables of codes, and what its sentences on errors name."""
    parts, found = sections(text), set()
    for number in ["1.10", *(f"3.{minor}" for minor in range(1, 11))]:
        for cell in columns(parts[number], "error", "error.code", "fail_reason", "Codes", "Code when exceeded"):
            found |= words_of(cell)
        for sentence in re.findall(r"(?:^|[.)] )(?:Errors[^:\n]*|Additional errors): ([^\n]*?)(?:\. [A-Z]|\n)",
                                   parts[number], re.M):
            found |= words_of(sentence)
    found |= set(re.findall(r"error_type=([a-z_]+)", parts["1.4"]))
    return found


def test_the_list_is_in_order():
    assert len(LIST) > 40 and all(len(line) == 3 for line in LIST)
    assert {kind for _, kind, _ in LIST} == {"oauth", "api", "fail_reason", "callback"}
    assert len({(name, kind) for name, kind, _ in LIST}) == len(LIST)


def test_every_listed_code_has_words_and_a_class():
    classes = set(re.findall(r'^\t\{ "(\w+)", TIKTOK_', read(pathlib.Path("lib/remote/tiktok_error.c")), re.M))
    listed = {name for name, _, _ in LIST}
    assert listed - known() == set()
    assert listed ^ classes == set()


@pytest.mark.skipif("SPG_REFERENCE" not in os.environ, reason="SPG_REFERENCE names no reference of TikTok's API")
def test_the_list_is_the_reference():
    text = pathlib.Path(os.environ["SPG_REFERENCE"]).read_text(encoding="utf-8")
    assert codes_of(text) == {name for name, _, _ in LIST}
    parts = sections(text)
    assert [line for line in LIST if not re.search(rf"\b{line[0]}\b", parts[line[2]].replace("(s)", ""))
           ] == []


def test_codes_are_found_in_a_reference():
    """So that the comparison above compares something."""
    body = ("## 1. OAuth\n### 1.4 Callback\n`error_type=non_target` tells.\n### 1.10 Shapes\n"
            "| `error` | Typical cause |\n|---|---|\n| `too_late` | cause of `nothing` |\n"
            + "".join(f"### 3.{minor} Part\n" for minor in range(1, 9))
            + "Errors: 400 `wrong_param(s)`; 403 `gone`. Another `word`.\n"
            "### 3.9 Classes\n| Class | Codes | Behaviour |\n|---|---|---|\n| USER | 5xx, `busy` | `wait` |\n### 3.10 Limits\n")
    assert codes_of(body) == {"non_target", "too_late", "wrong_param", "wrong_params", "gone", "busy"}


# ------------------------------------------------------------ our own codes

LITERAL = re.compile(r'"([a-z][a-z0-9_]*)"')


def written_in_c(path):
    """Literals that become the code of a post's reason or warning, or are looked up as one."""
    text, found = read(path), set()
    bare = code(path)
    assert len(bare.splitlines()) == len(text.splitlines())
    for match in re.finditer(r"\.(?:reason|warning)_code\s*=\s*([^;]*?)(?:,\s*\.|,?\s*\}|;)", text):
        found |= set(LITERAL.findall(match[1]))
    for match in re.finditer(r"\b(?:job_hold|job_warn|words_find|tiktok_meaning)\(", text):
        # the code is the first literal; what follows are words
        found |= set(LITERAL.findall(", ".join(arguments(balanced(text, match.end() - 1))[:2])))
    return found


def written_in_sql(path):
    """Literals that an assignment or comparison of reason_code or warning_code names; conditions of a CASE are none."""
    text = re.sub(r"--[^\n]*", "", read(path))
    found = set()
    for match in re.finditer(r"\b(?:reason|warning)_code\s*=\s*(.*?)(?:,\s*\n|,\s*\w+\s*=|\n|$)", text):
        value = re.sub(r"\bWHEN\b.*?\bTHEN\b", "THEN", match[1])
        found |= set(re.findall(r"(?:^|THEN |ELSE |, )'([a-z][a-z0-9_]*)'", value))
    return found


def own_codes():
    found = {}
    for path in files("lib", suffixes=(".c",)):
        if path.parts[1] == "publish":
            found.update({name: path for name in written_in_c(path)})
    for path in files("sql", suffixes=(".sql",)):
        if path.parts[1] == "queries":
            found.update({name: path for name in written_in_sql(path)})
    return found


def test_every_code_that_we_write_has_words():
    assert {name: str(path) for name, path in own_codes().items() if name not in known()} == {}


def test_own_codes_are_found():
    """So that the check above checks something."""
    assert {"missed", "outcome_unknown", "may_be_public", "erasure", "account_disconnected", "reconnect"} <= set(own_codes())


def test_remedies_of_the_readme_are_those_of_the_table():
    text = read(pathlib.Path("lib/base/words.c"))
    used = set(re.findall(r'^#define \w+ "([a-z_]+)", \{', text, re.M)) | set(
        re.findall(r'(?:\}, |^\t  )"([a-z_]+)",\n\t  \{', text, re.M))
    named = re.search(r"^Remedies name what helps.*?(?=\n\n)", read(REPO / "README.md"), re.M | re.S)
    assert used - set(re.findall(r"`([a-z_]+)`", named[0])) == set()


# ------------------------------------------------------------ the record

def events():
    """The names of the events that programs write; those of the operator's tool are made of its words."""
    found = set()
    for path in files("lib", "cgi", "cron", suffixes=(".c",)):
        text = read(path)
        if "store/audit.h" in text and path.name not in ("audit.c", "spgctl.c"):
            found |= set(re.findall(r'\.event = "([a-z_]+)"', text))
            for match in re.finditer(r"\baudit\(", text):
                found |= set(re.findall(r'"([a-z_]+)"', balanced(text, match.end() - 1)))
    for path in files("sql", suffixes=(".sql",)):
        if path.parts[1] == "queries":
            for name in re.findall(r"INSERT INTO audit_event \(event[^)]*\)\s+(?:SELECT|VALUES \() *'([a-z_]+)'(?! \|\|)",
                                   read(path)):
                found.add(name)
    return found


def test_every_event_of_the_record_has_words():
    known_events = set(re.findall(r'^\t\{ "([a-z_]+)", "', read(pathlib.Path("lib/web/view_record.c")), re.M))
    assert events() - known_events == set()
    assert {"sign_in", "connect", "reconnect", "connect_refused", "account_lost", "video_deleted"} <= events()
