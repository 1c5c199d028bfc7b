"""The query that takes what is due reads what is due: its work does not grow with the table."""
import json

import pytest

from spg_posts import quiet
from spg_site import REPO

DUE = 10


@pytest.fixture(scope="module")
def user(site):
    return site.connect()


def fill(site, user, rows):
    """Posts of all kinds: most long over, many planned for later."""
    site.sql("INSERT INTO post (user_id, account_id, mode, state, due_at, next_attempt_at, consent_at, publish_id,"
             " reason_code, finished_at)"
             " SELECT %s, %s, 'direct', kind, at, at, now(), 'v_fill.' || n,"
             " CASE kind WHEN 'held' THEN 'missed' END, CASE kind WHEN 'published' THEN at END"
             " FROM generate_series(1, %s) AS n"
             " CROSS JOIN LATERAL (SELECT CASE WHEN n %% 10 < 7 THEN 'published' WHEN n %% 10 < 9 THEN 'scheduled'"
             " ELSE 'held' END AS kind) AS k"
             " CROSS JOIN LATERAL (SELECT now() + CASE kind WHEN 'scheduled' THEN 1 ELSE -1 END"
             " * make_interval(mins => 60 + n %% 100000) AS at) AS t", user.user_id, user.account_id, rows)


def explain(site):
    """What the shipped statement reads, by EXPLAIN ANALYZE with the publisher's rights and parameters."""
    text = (REPO / "sql/queries/queue_claim_due.sql").read_text()
    site.sql("PREPARE claim_due (bigint, bigint, float8, bigint, float8, bigint) AS " + text)
    site.sql("SET ROLE spg_publisher")
    try:
        ((plan,),) = site.sql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim_due (120, 64, 2, 16, 60, 1000)")
    finally:
        site.sql("RESET ROLE")
        site.sql("DEALLOCATE claim_due")
    return (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def reads_of(plan, table):
    """Rows that scans of the table have looked at, and the blocks of them."""
    scans = [node for node in nodes(plan) if node.get("Relation Name") == table and "Scan" in node["Node Type"]]
    assert scans
    rows = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans)
    return rows, sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in scans)


@pytest.fixture(scope="module")
def plans(site, user):
    """Plans by size of the table: the same posts are due in each; nothing of it stays."""
    quiet(site)
    found = {}
    site.sql("BEGIN")
    try:
        filled = 0
        for size in (1_000, 200_000):
            fill(site, user, size - filled)
            filled = size
            site.sql("SAVEPOINT filled")
            site.sql("INSERT INTO post (user_id, account_id, mode, state, due_at, next_attempt_at, consent_at)"
                     " SELECT %s, %s, 'direct', 'scheduled', now(), now(), now() FROM generate_series(1, %s)",
                     user.user_id, user.account_id, DUE)
            site.sql("ANALYZE post")
            found[size] = explain(site)
            site.sql("ROLLBACK TO filled")
    finally:
        site.sql("ROLLBACK")
    return found


def test_it_takes_what_is_due(plans):
    for plan in plans.values():
        assert plan["Actual Rows"] == DUE


def test_it_never_reads_the_whole_table(plans):
    for plan in plans.values():
        for node in nodes(plan):
            assert not (node["Node Type"] == "Seq Scan" and node["Relation Name"] == "post"), node


def test_it_reads_as_much_of_a_large_table_as_of_a_small_one(plans):
    small, large = (reads_of(plans[size], "post") for size in sorted(plans))
    assert large[0] <= small[0] <= 6 * DUE, (small, large)
    # an index that is a level deeper costs a block for each row looked up by it; the smaller run has left dead rows
    assert large[1] <= small[1] + 8 * DUE, (small, large)
