"""A header tells the contract of each of its functions; a source says what it is for."""
import re

from sources import code, files, programs, read

HEADERS = files("lib", "cgi", "cron", suffixes=(".h",))


def declarations(path):
    """[(line number, name)] of the functions that a header declares or defines inline."""
    text, found, depth, start = code(path), [], 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if depth == 0 and not line.startswith(("#", "\t", " ", "}", "/", "\\")) and line.strip():
            start = number
            match = re.match(r"(?:[\w*]+[\s*]+)+\**(\w+)\((?!\*)", line) or re.match(r"[\w\s*]+?\**(\w+)\(", line)
            if match and not line.startswith(("DEFINE_", "struct", "enum", "typedef", "union")) or (
                    match and re.match(r"(?:struct|enum) \w+ \**\w+\(", line)):
                found.append((start, match[1]))
        depth += line.count("{") - line.count("}")
    return found


def is_documented(lines, number):
    """A comment stands above, or above the functions right before it, without a blank line between."""
    at = number - 2
    while at >= 0 and lines[at].strip():
        if lines[at].rstrip().endswith("*/") and not lines[at].startswith(("\t", " ")) or lines[at].strip() == "*/":
            return True
        at -= 1
    return False


def test_every_function_of_a_header_has_a_comment():
    wrong = [f"{path}:{number} {name}" for path in HEADERS for number, name in declarations(path)
             if not name.endswith("_cleanup") and not is_documented(read(path).splitlines(), number)]
    assert wrong == []


def test_declarations_are_found():
    """So that the check above checks something."""
    names = {name for path in HEADERS for _, name in declarations(path)}
    assert {"arena_alloc", "json_parse", "log_error", "db_open", "html_render", "decide", "tiktok_meaning",
            "tiktok_init_request", "response_page", "serve"} <= names


def test_a_file_opens_with_its_purpose():
    assert [str(path) for path in programs() if not read(path).startswith("/*")] == []


def test_a_header_is_included_once():
    assert [str(path) for path in HEADERS if not re.search(r"\*/\n#pragma once\n", read(path))] == []


def test_a_source_includes_its_own_header_first():
    """So that every header stands on its own."""
    wrong = []
    for path in files("lib", suffixes=(".c",)):
        first = re.search(r'^#include ["<]([^">]+)', read(path), re.M)
        if path.with_suffix(".h") in HEADERS and first[1] != f"{path.parts[1]}/{path.stem}.h":
            wrong.append(str(path))
    assert wrong == []


def test_results_come_last():
    wrong = []
    for path in HEADERS:
        for match in re.finditer(r"\w\(([^()]*\bret_\w+[^()]*)\)\s*;", code(path)):
            # but for the room in an array
            inner = re.sub(r",\s*size_t \w+", "", match[1])
            results = [part.split()[-1].lstrip("*").startswith("ret_") for part in inner.split(",")]
            if results != sorted(results):
                wrong.append(f"{path} {match[0]}")
    assert wrong == []


def test_a_status_must_be_looked_at():
    """But for what handlers end with."""
    wrong = [f"{path} {name}" for path in files("lib", suffixes=(".h",))
             for name in re.findall(r"^enum status (\w+)\(", code(path), re.M) if not name.startswith("response_")]
    assert wrong == []
