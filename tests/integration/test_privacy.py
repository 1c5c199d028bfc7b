"""Policy and terms: there for everybody, true to this installation's settings."""
import html
import re

import pytest

import spg_site

PAGES = ("/privacy", "/terms")


def text_of(answer):
    main = re.search(r"<main.*?>(.*)</main>", answer.text, re.S).group(1)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<.*?>", " ", main)))


@pytest.fixture(scope="module")
def other_site():
    """An installation with other periods, and with a bot."""
    sets = ["retention_sessions_days=3", "retention_uploads_days=1", "retention_posted_videos_days=45", "retention_refused_days=9",
            "retention_timeline_days=77", "retention_webhooks_days=11", "retention_logs_days=21",
            "retention_receipts_days=500", "session_idle_hours=5", "session_absolute_days=1",
            "operator_name=O'Neill & <Sons>", "support_email=help@example.net",
            "telegram_bot_token_file=/nonexistent/token", "telegram_webhook_secret_file=/nonexistent/secret"]
    with spg_site.running_site(sets=sets) as running:
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_it_is_there_without_session_and_script(site, path):
    answer = site.request("GET", path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    text = text_of(answer)
    assert "Version 1.0, 22 November 2026" in text
    assert site.config["operator_name"] in text and site.config["support_email"] in text
    assert "{{" not in answer.text and "<script" not in re.search(r"<main.*</main>", answer.text, re.S).group(0)
    assert site.request("HEAD", path).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_it_is_there_without_a_database(site, path):
    assert site.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'spg_privacy'") == [(0,)]
    for table in ("app_user", "session", "account", "deletion_request"):
        assert site.sql("SELECT has_table_privilege('spg_privacy', %s, 'SELECT')", f"spg.{table}") == [(False,)]
    assert site.request("GET", path, headers={"Cookie": "__Host-spg=" + "A" * 43}).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_it_can_only_be_read(site, path):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert site.request(method, path).status == 405
    assert site.request("GET", path + "/").status == 404


def test_the_policy_says_what_people_need(site):
    text = text_of(site.request("GET", "/privacy"))
    for words in ("open id", "two tokens", "Only two programs hold the key that opens", "official API only",
                  "do not sell", "Apps and services permissions", "Erase everything", "cookies",
                  "network address", "Mail to support", "How long we keep it", "Your rights", "backups"):
        assert words in text, words
    assert "Telegram" not in text, "there is no bot here"


def test_the_terms_say_what_people_need(site):
    answer = site.request("GET", "/terms")
    text = text_of(answer)
    for words in ("Terms of Service", "Community Guidelines", "Music Usage Confirmation", "Branded Content Policy",
                  "official API", "neither made nor endorsed by TikTok", "that you made or have the rights to"):
        assert words in text, words
    for address in ("https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
                    "https://www.tiktok.com/legal/page/global/bc-policy/en",
                    "https://www.tiktok.com/legal/terms-of-service"):
        assert f'href="{address}"' in answer.text


def test_every_page_leads_to_both(site):
    for path in ("/", "/deletion", *PAGES):
        answer = site.request("GET", path)
        assert 'href="/privacy"' in answer.text and 'href="/terms"' in answer.text, path


def period(answer, row):
    """What stands beside a row of the table of periods."""
    found = re.search(r"<tr><td>" + re.escape(row) + r"</td><td>(.*?)</td></tr>", answer.text)
    assert found, row
    return html.unescape(found.group(1))


def test_the_periods_are_those_of_the_configuration(other_site):
    answer = other_site.request("GET", "/privacy")
    assert period(answer, "Sessions") == ("end after 5 hours without use, and 1 day after signing in at the latest; "
                                          "removed 3 days after their end")
    assert period(answer, "Uploads that were not finished").startswith("1 day ")
    assert "deleted by itself in 45 days" in period(answer, "Videos and previews")
    assert "convert, 9 days after" in period(answer, "Files that TikTok would not take")
    assert period(answer, "Timelines of posts that have ended") == "77 days"
    assert period(answer, "Messages from TikTok").startswith("11 days")
    assert period(answer, "Logs") == "21 days"
    assert period(answer, "Receipts of erasure, and the record of who did what in numbers, without names") == "500 days"


def test_the_default_periods(site):
    answer = site.request("GET", "/privacy")
    assert period(answer, "Sessions").startswith("end after 7 days without use, and 30 days")
    assert period(answer, "Videos and previews").startswith("until you delete them. Files")
    assert period(answer, "A sign-in that was begun") == "good for 10 minutes, removed 1 hour after that"


@pytest.mark.parametrize("path", PAGES)
def test_names_of_the_operator_are_text(other_site, path):
    answer = other_site.request("GET", path)
    assert "O'Neill & <Sons>" in html.unescape(answer.text)
    assert "<Sons>" not in answer.text
    assert 'href="mailto:help@example.net"' in answer.text


def test_the_bot_is_told_of_where_there_is_one(other_site):
    text = text_of(other_site.request("GET", "/privacy"))
    assert "numbers of your Telegram user and of the chat" in text
    assert "Telegram receives the notices" in text
