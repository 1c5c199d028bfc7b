"""One statement per file, named like its constant, with parameters; no SQL anywhere else."""
import re

from sources import REPO, arguments, balanced, code, files, programs, read, strings, where

QUERIES = {path.stem: path for path in files("sql", suffixes=(".sql",)) if path.parts[1] == "queries"}
MIGRATIONS = sorted((REPO / "sql/migrations").iterdir())


def statement(name):
    """The text without comments and without what stands in quotes."""
    text = re.sub(r"--[^\n]*", "", read(QUERIES[name]))
    return re.sub(r"'(?:[^']|'')*'", "''", text)


def matching(pattern, flags=0):
    return [name for name in QUERIES if re.search(pattern, statement(name), flags)]


def test_a_query_begins_with_its_name_and_purpose():
    assert [name for name in QUERIES if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []
    assert [name for name in QUERIES if not re.match(rf"-- {name}: \S.{{5,}}", read(QUERIES[name]))] == []


def test_a_file_holds_one_statement():
    assert [name for name in QUERIES if ";" in statement(name).strip().removesuffix(";")] == []
    assert [name for name in QUERIES
            if not re.match(r"(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement(name).strip())] == []


def test_columns_are_named():
    assert matching(r"\b(?:SELECT|RETURNING)\s+(?:DISTINCT\s+)?\*|\w\.\*", re.I) == []
    assert matching(r"\bINSERT\s+INTO\s+\w+\s*(?:VALUES|SELECT)\b", re.I) == []


def test_the_schema_is_not_named():
    """The roles' search_path names it; only the first question is asked before that is known to hold."""
    assert matching(r"\b(?:spg|public)\.\w") == ["schema_version"]


def test_parameters_have_no_gap():
    numbers = {name: {int(number) for number in re.findall(r"\$(\d+)", statement(name))} for name in QUERIES}
    assert [name for name, found in numbers.items() if found != set(range(1, len(found) + 1))] == []


def test_every_query_is_used_and_every_used_one_is_there():
    used = {name for path in programs() for name in re.findall(r"\b(\w+)_sql\b", code(path))}
    used -= {"erase", "export"}  # members of the inventory
    assert used - set(QUERIES) == set()
    assert set(QUERIES) - used == set()


def test_calls_pass_as_many_parameters_as_the_statement_has():
    wrong, seen = [], 0
    for path in programs():
        text = code(path)
        for name, body in re.findall(r"^#define (\w+_PARAMS)\([^)]*\) (.*)$", text, re.M):
            text = re.sub(rf"(?<!#define )\b{name}\([^()]*\)", ", ".join("x" for _ in arguments(body)), text)
        for match in re.finditer(r"\b(\w+)_sql\s*,\s*(NO_PARAMS\b|PARAMS\()", text):
            if text[:match.start()].endswith("->"):  # one of the inventory's, whichever it is
                continue
            passed = len(arguments(balanced(text, match.end() - 1))) if match[2].endswith("(") else 0
            wanted = len(set(re.findall(r"\$\d+", statement(match[1]))))
            seen += 1
            if passed != wanted:
                wrong.append(f"{where(path, text, match.start())} {match[1]}: {passed} passed, {wanted} wanted")
    assert wrong == []
    assert seen > 0.6 * len(QUERIES)


def test_no_sql_in_strings():
    """But for the words of a transaction, in the one file that has it."""
    words = re.compile(r"\s*(?:(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|TRUNCATE|LOCK|COPY|SET|GRANT|"
                       r"LISTEN|NOTIFY|VACUUM|PREPARE|EXECUTE|DECLARE|FETCH|DO)\s|(?:BEGIN|COMMIT|ROLLBACK)\b)")
    found = [(f"{path}", text) for path in programs() for line, text in strings(path) if words.match(text)]
    assert {path for path, text in found} <= {"lib/store/db.c"}
    assert {text for path, text in found} <= {"BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "COMMIT",
                                              "ROLLBACK"}


def test_migrations_are_numbered_without_a_gap():
    names = [path.name for path in MIGRATIONS]
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name)] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_programs_expect_the_newest_migration():
    version = re.search(r'#define DB_SCHEMA_VERSION "([^"]+)"', read(REPO / "lib/store/db.h"))[1]
    assert version == MIGRATIONS[-1].stem


def test_migrations_need_no_rights_beyond_the_schema():
    """The schema's owner runs them, each in one transaction."""
    beyond = re.compile(r"^\s*(?:BEGIN|COMMIT|CREATE\s+(?:ROLE|DATABASE|EXTENSION)|ALTER\s+SYSTEM|COPY)\b", re.M | re.I)
    assert [path.name for path in MIGRATIONS
            if beyond.search(re.sub(r"--[^\n]*|\$\$.*?\$\$", "", path.read_text(), flags=re.S))] == []
