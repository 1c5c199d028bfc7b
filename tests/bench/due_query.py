#!/usr/bin/python3
"""The due query reads only due rows: its time over tables of very different sizes, ten posts due in each.

    tests/bench/due_query.py [--sizes 1000,10000,100000,1000000,5000000] [--due 10] [--rounds 51]

queue_bench takes what is due and gives it back, as the publisher's role and by the publisher's own function; time,
pages and plan are what PostgreSQL's auto_explain saw of sql/queries/queue_claim_due.sql in these very calls, without
the commit, whose time is the disk's. A tenth of the other posts is scheduled for later, the rest is published, each
with its attempt. The figure is the median of the largest table over that of the smallest.
"""
import argparse
import json
import re
import statistics
import subprocess
import time

import bench

ACCOUNTS = 1000
BATCH = 64  # what the publisher takes at a look


def grow(site, posts):
    """Fill the table up to that many posts, none of them due."""
    have = site.sql("SELECT count(*) FROM post")[0][0]
    site.sql("SET synchronous_commit = off")
    while have < posts:
        more = min(posts - have, 250_000)
        site.sql("INSERT INTO post (user_id, account_id, mode, state, due_at, next_attempt_at, caption, privacy_level, "
                 "consent_at, publish_id, sent_at, finished_at) "
                 "SELECT a.user_id, a.id, 'direct', CASE WHEN later THEN 'scheduled' ELSE 'published' END, due, due, "
                 "'bench ' || n, 'SELF_ONLY', now(), CASE WHEN NOT later THEN 'v_pub_file~' || n END, "
                 "CASE WHEN NOT later THEN due END, CASE WHEN NOT later THEN due END "
                 "FROM generate_series(%s, %s) AS n CROSS JOIN LATERAL (SELECT n %% 10 = 0 AS later) AS kind "
                 "CROSS JOIN LATERAL (SELECT now() + (interval '1 day' + n * interval '1 second') "
                 "* CASE WHEN later THEN 1 ELSE -1 END AS due) AS times "
                 "JOIN (SELECT id, user_id, row_number() OVER (ORDER BY id) - 1 AS place FROM account) AS a "
                 "ON a.place = n / 10 %% %s", have + 1, have + more, ACCOUNTS)
        have += more
    site.sql("INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count, intent_at, "
             "closed_at, outcome) SELECT id, 1, account_id, mode, 1, 1, 1, due_at, due_at, 'published' FROM post "
             "WHERE state = 'published' AND id > coalesce((SELECT max(post_id) FROM attempt), 0)")
    site.sql("VACUUM ANALYZE post")
    site.sql("VACUUM ANALYZE attempt")


def explain_on(site):
    for setting in ("session_preload_libraries = auto_explain", "auto_explain.log_min_duration = 0",
                    "auto_explain.log_analyze = on", "auto_explain.log_timing = off", "auto_explain.log_buffers = on",
                    "auto_explain.log_format = json"):
        site.sql(f"ALTER ROLE spg_publisher SET {setting}")


def explain_off(site):
    site.sql("ALTER ROLE spg_publisher RESET session_preload_libraries")


def claims_logged(text):
    """[(milliseconds, plan)] of every due query in that part of the server's log that took something."""
    found, lines = [], text.splitlines()
    for at, line in enumerate(lines):
        match = re.search(r"duration: ([\d.]+) ms  plan:$", line)
        if match:
            end = next((n for n in range(at + 1, len(lines)) if not lines[n].startswith("\t")), len(lines))
            plan = json.loads("\n".join(lines[at + 1:end]))
            if plan["Query Text"].startswith("-- queue_claim_due") and plan["Plan"]["Actual Rows"] > 0:
                found.append((float(match[1]), plan["Plan"]))
    return found


def nodes(plan):
    """The plan's nodes from the top, each with its index or table."""
    yield plan["Node Type"] + "".join(f" {plan[key]}" for key in ("Index Name", "Relation Name") if key in plan)
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def claim(site, rounds, due):
    """Take what is due and give it back, so many times; milliseconds of each round as the publisher would wait."""
    done = subprocess.run(site.command("queue_bench", "claim", str(BATCH), str(rounds)), cwd="/", capture_output=True,
                          text=True, check=True)
    taken = [line.split() for line in done.stdout.splitlines()]
    assert {int(count) for count, _ in taken} == {due}, done.stdout
    return [float(milliseconds) for _, milliseconds in taken]


def claims_explained(site, rounds, due):
    """The same as the server saw it: [(milliseconds, plan)] of each statement."""
    log = site.dir / "log/postgresql.log"
    begin = log.stat().st_size
    explain_on(site)
    try:
        claim(site, rounds, due)
    finally:
        explain_off(site)

    def seen():
        with open(log, encoding="utf-8", errors="replace") as lines:
            lines.seek(begin)
            found = claims_logged(lines.read())
        taken = sum(plan["Actual Rows"] for _, plan in found)
        return found if taken == rounds * due else None
    return bench.wait_for("the plans in the server's log", seen, 20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,10000,100000,1000000,5000000")
    parser.add_argument("--due", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=51)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    medians, shapes = {}, {}
    with bench.running() as site:
        site.people(ACCOUNTS)
        site.videos(bench.random_file(site.dir / "video.mp4", 1000))
        site.schedule(1000, options.due, time.time() - 60)
        # an outage that has just ended makes the query look at each account's last attempt: its longest way
        site.sql("INSERT INTO breaker (host, closed_at) VALUES ('bench', now())")
        for size in sizes:
            grow(site, size)
            claim(site, 5, options.due)  # the pages that are read are in memory from here on
            waited = claim(site, options.rounds, options.due)
            explained = claims_explained(site, options.rounds, options.due)
            medians[size] = statistics.median(milliseconds for milliseconds, _ in explained)
            pages = statistics.median(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for _, plan in explained)
            shapes[size] = sorted({", ".join(nodes(plan)) for _, plan in explained})
            print(f"{size} posts, {options.due} due: statement {medians[size]:.3f} ms, {pages:.0f} pages; "
                  f"all {options.due} with commits {bench.spread(waited)} ms", flush=True)
        for shape in sorted({shape for found in shapes.values() for shape in found}):
            print(f"plan at {', '.join(str(size) for size in sizes if shape in shapes[size])} posts: {shape}")
        bench.figure(f"due query, {sizes[-1]} posts against {sizes[0]}", 1.5,
                     medians[sizes[-1]] / medians[sizes[0]], "x")


if __name__ == "__main__":
    main()
