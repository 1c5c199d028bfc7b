"""Policy, terms and consent: there for everybody in two languages, made from the inventory, true to this installation."""
import html
import pathlib
import re
import tempfile

import pytest

import spg_site
from spg_site import spgctl

PAGES = ("/privacy", "/terms", "/consent")
TITLES = {("/privacy", "en"): "Privacy policy", ("/privacy", "ru"): "Политика обработки персональных данных",
          ("/terms", "en"): "Terms of service", ("/terms", "ru"): "Условия использования",
          ("/consent", "en"): "Consent to the processing of personal data",
          ("/consent", "ru"): "Согласие на обработку персональных данных"}
VERSIONS = {"en": "Version 2.0, 26 November 2026", "ru": "Редакция 2.0 от 26 ноября 2026 г."}


def text_of(answer):
    main = re.search(r"<main.*?>(.*)</main>", answer.text, re.S).group(1)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<.*?>", " ", main))).replace(" .", ".").replace(" ,", ",")


@pytest.fixture(scope="module")
def own_words():
    """A folder with an operator's paragraphs that the programs may read."""
    with tempfile.TemporaryDirectory(prefix="spg-policy-", dir="/var/tmp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield write_own_words(folder)


def write_own_words(folder):
    (folder / "privacy.en.txt").write_text("# Backups & more\n\nKept for <b>14</b> days,\nthen overwritten.\n\nAsk us.\n")
    (folder / "privacy.ru.txt").write_text("# Резервные копии\n\nХранятся 14 дней.\n")
    (folder / "terms.en.txt").write_text("Only in English.\n")
    return folder


@pytest.fixture(scope="module")
def other_site(own_words):
    """An installation with other periods, a bot, and words of its operator."""
    sets = ["retention_sessions_days=3", "retention_uploads_days=1", "retention_posted_videos_days=45", "retention_refused_days=9",
            "retention_timeline_days=77", "retention_webhooks_days=11", "retention_logs_days=21", "retention_support_days=22",
            "retention_receipts_days=500", "retention_events_days=501", "retention_addresses_days=33",
            "retention_removed_days=12", "deletion_grace_days=4", "session_idle_hours=5", "session_absolute_days=1",
            "operator_name=O'Neill & <Sons>", "support_email=help@example.net", f"policy_dir={own_words}",
            "record_key_file=/nonexistent/key",
            "telegram_bot_token_file=/nonexistent/token", "telegram_webhook_secret_file=/nonexistent/secret"]
    with spg_site.running_site(sets=sets) as running:
        yield running


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", PAGES)
def test_it_is_there_without_session_and_script(site, path, language):
    answer = site.request("GET", f"{path}?lang={language}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert f'<html lang="{language}">' in answer.text and answer.headers["Content-Language"] == language
    assert f"<title>{TITLES[path, language]} · " in answer.text and f"<h1>{TITLES[path, language]}</h1>" in answer.text
    assert VERSIONS[language] in text_of(answer)
    assert site.config["operator_name"] in text_of(answer) and site.config["support_email"] in text_of(answer)
    assert "{{" not in answer.text and "<script" not in re.search(r"<main.*</main>", answer.text, re.S).group(0)
    assert site.request("HEAD", path).status == 200


@pytest.mark.parametrize("asked, language", [(None, "en"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en-GB,ru;q=0.5", "en"),
                                             ("de", "en"), ("ru;q=0,en", "en"), (";;q=,,\t", "en")])
def test_the_browser_says_which_language(site, asked, language):
    answer = site.request("GET", "/privacy", headers={"Accept-Language": asked})
    assert f'<html lang="{language}">' in answer.text
    assert "Accept-Language" in ",".join(answer.headers.get_all("Vary"))
    assert '<html lang="ru">' in site.request("GET", "/privacy?lang=ru", headers={"Accept-Language": asked}).text
    assert f'<html lang="{language}">' in site.request("GET", "/privacy?lang=xx", headers={"Accept-Language": asked}).text


@pytest.mark.parametrize("path", PAGES)
def test_it_is_there_without_a_database(site, path):
    assert site.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'spg_privacy'") == [(0,)]
    for table in ("app_user", "session", "account", "deletion_request", "policy_consent"):
        assert site.sql("SELECT has_table_privilege('spg_privacy', %s, 'SELECT')", f"spg.{table}") == [(False,)]
    assert site.request("GET", path, headers={"Cookie": "__Host-spg=" + "A" * 43}).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_it_can_only_be_read(site, path):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert site.request(method, path).status == 405
    assert site.request("GET", path + "/").status == 404


def test_the_policy_says_what_people_need(site):
    text = text_of(site.request("GET", "/privacy"))
    for words in ("open id", "Only two programs hold the key that opens", "official API only", "only the data that this needs",
                  "do not sell", "Apps and services permissions", "Erase everything", "cookies", "TLS", "Backups", "receipt",
                  "Network addresses in it are shortened after 30 days", "Your rights", "Your archive", "What has changed",
                  "Since version 1.0 of 22 November 2026", "support", "drop folder", "30 days later what we keep about the "
                  "account is erased", "at once", "cannot be taken back", "video.publish", "user.info.basic"):
        assert words in text, words
    assert 'id="telegram"' not in site.request("GET", "/privacy").text, "there is no bot here"
    # the quick start sets a key
    assert "keyed hash of your TikTok identifier beside it" in text


def test_the_russian_policy_says_what_the_law_asks(site):
    text = text_of(site.request("GET", "/privacy?lang=ru"))
    for words in ("Оператор персональных данных", "152-ФЗ", "официальный API TikTok", "не продаём", "Цель", "Срок хранения",
                  "Основание", "уничтож", "отозвать согласие", "Роскомнадзор", "акт об уничтожении", "через 30 дней",
                  "Резервные копии", "cookie", "10 минут", "1095 дней"):
        assert words in text, words
    consent = text_of(site.request("GET", "/consent?lang=ru"))
    for words in ("свободно, своей волей и в своём интересе", "Цель обработки", "Перечень данных", "трансграничная", "отозвать",
                  "Срок действия", "Токены доступа"):
        assert words in consent, words


def test_the_terms_say_what_people_need(site):
    answer = site.request("GET", "/terms")
    text = text_of(answer)
    for words in ("Terms of Service", "Community Guidelines", "Music Usage Confirmation", "Branded Content Policy",
                  "official API", "neither made nor endorsed by TikTok", "that you made or have the rights to"):
        assert words in text, words
    for language in ("en", "ru"):
        answer = site.request("GET", f"/terms?lang={language}")
        for address in ("https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
                        "https://www.tiktok.com/legal/page/global/bc-policy/en",
                        "https://www.tiktok.com/legal/terms-of-service"):
            assert f'href="{address}"' in answer.text


def test_every_page_leads_to_all_three(site):
    for path in ("/", "/deletion", *PAGES):
        answer = site.request("GET", path)
        for page in PAGES:
            assert f'href="{page}"' in answer.text, (path, page)


# ---------------------------------------------------------------- made from the inventory

def row(answer, kind):
    """The cells of a kind's row: [what, why, how long, on erasure, in the archive]."""
    found = re.search(rf'<tr id="kind-{kind}">(.*?)</tr>', answer.text, re.S)
    assert found, kind
    return [html.unescape(re.sub(r"<.*?>", "", cell)) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", found[1], re.S)]


@pytest.mark.parametrize("language, yes, no", [("en", "Yes.", "No. "), ("ru", "Да.", "Нет. ")])
def test_every_kind_of_the_inventory_has_a_row(site, language, yes, no):
    kinds = spgctl(site, "inventory")["items"]
    answer = site.request("GET", f"/privacy?lang={language}")
    assert len(kinds) > 25
    assert re.findall(r'<tr id="kind-(\w+)">', answer.text) == [kind["kind"] for kind in kinds]
    for kind in kinds:
        cells = row(answer, kind["kind"])
        assert len(cells) == 5 and all(cells), cells
        assert cells[4] == yes if kind["exported"] else cells[4].startswith(no), cells
        assert "{" not in "".join(cells)


def test_the_periods_are_those_of_the_configuration(other_site):
    answer = other_site.request("GET", "/privacy")
    text = text_of(answer)
    assert row(answer, "sessions")[2].startswith("A session ends after 5 hours without use, and 1 day after signing in at the "
                                                 "latest; its row is removed 3 days after its end")
    assert row(answer, "uploads")[2].startswith("1 day ")
    assert "By itself, after its last post went out: in 45 days" in row(answer, "videos")[2]
    assert "others 9 days after" in row(answer, "videos")[2]
    assert row(answer, "timelines")[2].startswith("77 days")
    assert row(answer, "tiktok_messages")[2].startswith("11 days")
    assert row(answer, "log_addresses")[2] == "21 days."
    assert row(answer, "receipts")[2] == "500 days."
    assert row(answer, "events")[2] == "501 days."
    assert row(answer, "support")[2].startswith("22 days")
    assert "12 days later what we keep about the account is erased" in text
    assert "Nothing is erased for 4 days, and until then you can take the request back" in text
    assert "keyed hash of your TikTok identifier beside it" in text
    russian = other_site.request("GET", "/privacy?lang=ru")
    assert row(russian, "log_addresses")[2] == "21 день."
    assert row(russian, "support")[2].startswith("22 дня")
    assert "через 45 дней" in row(russian, "videos")[2]


def test_the_default_periods(site):
    answer = site.request("GET", "/privacy")
    assert row(answer, "sessions")[2].startswith("A session ends after 7 days without use, and 30 days")
    assert "last post went out: never" in row(answer, "videos")[2]
    assert row(answer, "oauth_states")[2] == "Good for 10 minutes; removed 1 hour after that."


# ---------------------------------------------------------------- the operator's words

@pytest.mark.parametrize("path", PAGES)
def test_names_of_the_operator_are_text(other_site, path):
    answer = other_site.request("GET", path)
    assert "O'Neill & <Sons>" in html.unescape(answer.text)
    assert "<Sons>" not in answer.text
    assert 'href="mailto:help@example.net"' in answer.text


def test_paragraphs_of_the_operator_stand_in_the_texts(other_site):
    answer = other_site.request("GET", "/privacy")
    assert "<h2>Backups &amp; more</h2>" in answer.text
    assert "<p>Kept for &lt;b&gt;14&lt;/b&gt; days, then overwritten.</p>\n<p>Ask us.</p>" in answer.text
    assert "if it is not stated below" in answer.text
    assert "<h2>Резервные копии</h2>\n<p>Хранятся 14 дней.</p>" in other_site.request("GET", "/privacy?lang=ru").text
    for language in ("en", "ru"):
        assert "<p>Only in English.</p>" in other_site.request("GET", f"/terms?lang={language}").text


def test_paragraphs_of_the_operator_are_part_of_the_version(other_site):
    version = re.search(r"Version (2\.0\+[0-9a-f]{8}), ", text_of(other_site.request("GET", "/privacy")))[1]
    assert other_site.connect().request("GET", "/api/v1/me").json()["policy"] == {"version": version, "accepted": True}


def test_a_broken_file_of_the_operator_stops_the_programs(other_site, own_words):
    path = own_words / "terms.ru.txt"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o644)
    try:
        done = other_site.quickstart("run", "privacy", check=False)
        assert done.returncode != 0
        assert f"policy_text_bad file={path} problem=not UTF-8" in done.stdout + done.stderr
    finally:
        path.unlink()


def test_the_bot_is_told_of_where_there_is_one(other_site):
    text = text_of(other_site.request("GET", "/privacy"))
    assert "A Telegram bot is set up for this installation, and it stores nothing about you so far" in text
    assert row(other_site.request("GET", "/privacy"), "telegram")[2] == "Not stored."
