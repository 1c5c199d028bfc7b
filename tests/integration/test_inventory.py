"""The inventory of personal data is complete: every column of the database is of a kind, or of a table that needs none."""
import pytest

from spg_site import spgctl

# Tables without personal data, and why.
NOT_PERSONAL = {
    "schema_migration": "which migrations ran",
    "heartbeat": "when each program ran last",
    "breaker": "whether TikTok answers",
    "audit_chain": "where the record of events ends",
    "retention_run": "what the janitor has removed, in numbers",
}


def columns(site):
    """{table.column} of every table of the schema."""
    return {f"{table}.{column}" for table, column in site.sql(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'spg' AND table_type = 'BASE TABLE'")}


def kinds(site):
    return spgctl(site, "inventory")["items"]


def unclassified(site):
    named = {column for kind in kinds(site) for column in kind["columns"]}
    return {column for column in columns(site) - named if column.split(".")[0] not in NOT_PERSONAL}


def references(site):
    """[(table, the table that it points at)] of every foreign key, and what happens when that row goes."""
    return site.sql("SELECT conrelid::regclass::text, confrelid::regclass::text, confdeltype::text FROM pg_constraint"
                    " WHERE contype = 'f' AND connamespace = 'spg'::regnamespace")


def of_users(site):
    """Every table from which foreign keys lead to app_user."""
    found, before = {"app_user"}, set()
    while found != before:
        before, found = found, found | {table for table, target, _ in references(site) if target in found}
    return found


def erased_tables(site):
    return {column.split(".")[0] for kind in kinds(site) if kind["end"] in ("erased", "with") for column in kind["columns"]}


def test_every_column_is_of_a_kind(site):
    assert unclassified(site) == set()
    assert len(columns(site)) > 150


def test_what_is_called_not_personal_is_there_and_names_nobody(site):
    tables = {column.split(".")[0] for column in columns(site)}
    assert set(NOT_PERSONAL) <= tables and all(NOT_PERSONAL.values())
    assert set(NOT_PERSONAL) & of_users(site) == set()
    named = {column.split(".")[0] for kind in kinds(site) for column in kind["columns"]}
    assert set(NOT_PERSONAL) & named == set(), "one or the other"


def test_kinds_name_only_what_there_is(site):
    there = columns(site)
    for kind in kinds(site):
        for word in kind["stored_in"].split():
            table, column = word.split(".")
            found = [name for name in there if name.split(".")[0] == table and column in ("*", name.split(".")[1])]
            assert found and set(found) <= set(kind["columns"]), (kind["kind"], word)
        assert kind["columns"] or kind["files"] or kind["end"] in ("fleeting", "with"), kind["kind"]


def test_all_that_hangs_on_a_user_is_erased(site):
    assert {"post_event", "account_token", "session", "support_message", "video_tag"} <= of_users(site)
    assert of_users(site) - erased_tables(site) == set()


def test_kinds_that_are_erased_or_kept_cover_all_users_columns_by_number(site):
    """A user's number without a foreign key: on purpose only in what is kept as numbers, and what is erased by it."""
    loose = {table for table, in site.sql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'spg' AND column_name = 'user_id'")}
    kept = {column.split(".")[0] for kind in kinds(site) if kind["end"] == "kept" for column in kind["columns"]}
    assert loose - erased_tables(site) - kept == set()
    assert kept & of_users(site) == set(), "what is kept hangs on nobody"


@pytest.mark.parametrize("statement, undo, found", [
    ("CREATE TABLE diary (user_id bigint REFERENCES app_user, entry text)", "DROP TABLE diary", {"diary.user_id", "diary.entry"}),
    ("CREATE TABLE notes (text text)", "DROP TABLE notes", {"notes.text"})])
def test_a_new_table_without_a_kind_is_found(site, statement, undo, found):
    site.sql(statement)
    try:
        assert unclassified(site) == found
        assert ("diary" in of_users(site) - erased_tables(site)) == ("diary.entry" in found)
    finally:
        site.sql(undo)
    assert unclassified(site) == set()


def test_a_new_column_beside_named_ones_is_found(site):
    """Where a kind names columns and not the whole table, and no other kind has the rest."""
    site.sql("ALTER TABLE app_user ADD COLUMN birthday date")
    try:
        settings = next(kind for kind in kinds(site) if kind["kind"] == "settings")
        assert "app_user.birthday" in settings["columns"], "the table is the kind's with all of its columns"
    finally:
        site.sql("ALTER TABLE app_user DROP COLUMN birthday")
