"""What the database knows of other posts, before a video of the account is taken for one (lib/store/link.h)."""
import pytest

from spg_site import REPO

TYPES = {"link_taken": "bigint, text[]", "link_rival": "bigint"}


def ask(site, query, *params):
    """One of the shipped statements, with the publisher's rights; the first column."""
    text = (REPO / "sql/queries" / f"{query}.sql").read_text()
    site.sql(f"PREPARE {query} ({TYPES[query]}) AS {text}")
    site.sql("SET ROLE spg_publisher")
    try:
        marks = ", ".join(["%s"] * len(params))
        return sorted(str(row[0]) for row in site.sql(f"EXECUTE {query} ({marks})", *params))
    finally:
        site.sql("RESET ROLE")
        site.sql(f"DEALLOCATE {query}")


@pytest.fixture
def sent(site):
    """Adds a sent public post to an account; its id."""

    def add(user, minutes=0, **columns):
        row = {"user_id": user.user_id, "account_id": user.account_id, "mode": "direct", "state": "published",
               "caption": "Hello", "privacy_level": "PUBLIC_TO_EVERYONE", **columns}
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        ((post_id,),) = site.sql(f"INSERT INTO post ({names}, sent_at) VALUES ({marks},"
                                 " now() + make_interval(mins => %s)) RETURNING id", *row.values(), minutes)
        return post_id
    return add


def test_ids_of_other_posts_of_the_account_are_taken(site, user, other_user, sent):
    mine = sent(user, public_ids=["7000000000000000001"])
    sent(user, public_ids=["7000000000000000003", "7000000000000000005"])
    sent(user, public_ids=["7000000000000000005", "7000000000000000007"], state="held", reason_code="x")
    sent(other_user, public_ids=["7000000000000000009"])
    listed = [f"700000000000000000{digit}" for digit in (1, 3, 5, 9)]
    assert ask(site, "link_taken", mine, listed) == ["7000000000000000003", "7000000000000000005"]
    assert ask(site, "link_taken", mine, []) == []


@pytest.mark.parametrize("minutes,columns,rival", [
    (0, {}, True), (-9, {}, True), (-11, {}, False), (9, {}, True), (60, {}, True), (73 * 60, {}, False),
    (0, {"caption": " Hello\n"}, True), (0, {"caption": "hello"}, False), (0, {"mode": "draft"}, False),
    (0, {"privacy_level": "SELF_ONLY"}, False), (0, {"public_ids": ["7000000000000000001"]}, False),
    (0, {"state": "failed", "reason_code": "x"}, False), (0, {"state": "held", "reason_code": "x"}, True),
])
def test_a_post_that_could_be_meant_as_well_is_a_rival(site, user, sent, minutes, columns, rival):
    mine = sent(user)
    assert ask(site, "link_rival", mine) == []
    other = sent(user, minutes, **columns)
    assert ask(site, "link_rival", mine) == ([str(other)] if rival else [])


def test_posts_without_a_caption_are_rivals_for_ten_minutes(site, user, sent):
    mine = sent(user, caption="")
    sent(user, 11, caption=" ")
    assert ask(site, "link_rival", mine) == []
    other = sent(user, 9, caption="")
    assert ask(site, "link_rival", mine) == [str(other)]


def test_captions_are_compared_as_far_as_tiktok_shows_them(site, user, sent):
    mine = sent(user, caption="x" * 150 + "one")
    other = sent(user, caption="x" * 150 + "another")
    sent(user, caption="x" * 149)
    assert ask(site, "link_rival", mine) == [str(other)]


def test_another_account_is_no_rival(site, user, other_user, sent):
    mine = sent(user)
    sent(other_user)
    assert ask(site, "link_rival", mine) == []
