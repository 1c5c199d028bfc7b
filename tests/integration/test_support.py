"""Messages to support: the form, threads, their limits, who may see what, and what becomes of them."""
import concurrent.futures
import html.parser
import re
import urllib.parse

import pytest

from spg_site import restart, wait_for
from spg_support import (FORM, WORD, Visitor, answer_it, ctl, forget_limits, letters, new_thread, newest, signed_in,
                         thread_count)


@pytest.fixture(autouse=True)
def no_limits_yet(site):
    forget_limits(site)


# ---------------------------------------------------------------- the form and a thread

def test_somebody_signed_out_writes_and_reads_the_answer(site):
    visitor = Visitor(site)
    path = new_thread(visitor, message="Как дела?\r\n\r\n<b>два</b>\t!  \r\n", subject="Вопрос", email="me@example.org")
    assert WORD.match(path)
    number, user_id, kind, _, email, subject, state = newest(site)
    assert (user_id, kind, email, subject, state) == (None, "question", "me@example.org", "Вопрос", "open")
    # whoever has the address, without cookies
    page = site.request("GET", path)
    assert letters(page) == [("You", "Как дела?\n\n<b>два</b>\t!")]
    assert site.config["public_url"] + path in page.text
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"

    answer_it(site, number, "Хорошо\n\n")
    page = site.request("GET", path)
    assert letters(page)[1:] == [("Support", "Хорошо")] and "Answered" in page.text
    assert newest(site)[-1] == "answered"

    other = Visitor(site)
    assert other.write("Danke", path).headers["Location"] == path
    assert [author for author, _ in letters(site.request("GET", path))] == ["You", "Support", "You"]
    assert newest(site)[-1] == "open"
    events = site.sql("SELECT event, user_id, subject_id FROM audit_event WHERE subject_id = %s AND event LIKE 'support%%'"
                      " ORDER BY position", number)
    assert events == [("support_opened", None, number), ("support_replied", None, number)]


def test_the_word_is_stored_as_a_hash_and_logged_nowhere(site):
    path = new_thread(Visitor(site), message="no trace of me")
    word = path.rsplit("/", 1)[1]
    site.request("GET", path + "/")
    site.request("GET", path, headers={"X-Long": "x" * 9000})
    dump = str(site.sql("SELECT t::text FROM support_thread t")) + str(site.sql("SELECT m::text FROM support_message m"))
    assert word not in dump
    for name, text in site.logs().items():
        assert word not in text and "no trace of me" not in text, name


def test_a_user_sees_their_threads_and_nobody_elses(site):
    user, other = signed_in(site), signed_in(site)
    path = new_thread(user, message="mine", subject="My subject")
    assert re.match(r"^/support/\d+$", path)
    assert letters(user.request("GET", path)) == [("You", "mine")]
    listing = user.request("GET", "/support")
    assert f'href="{path}"' in listing.text and "My subject" in listing.text
    assert "My subject" not in other.request("GET", "/support").text
    for stranger in (other, Visitor(site)):
        assert stranger.request("GET", path).status == 404
        fields = {**stranger.open(), "message": "mine too"}
        assert stranger.send(fields, path).status == 404
    assert other.request("GET", "/api/v1" + path).status == 404
    assert other.request("POST", "/api/v1" + path, body={"message": "x"}).status == 404
    assert site.request("GET", "/api/v1" + path).status == 401
    assert letters(user.request("GET", path)) == [("You", "mine")]


@pytest.mark.parametrize("reference", ["A" * 43, "A" * 42, "0", "-1", "9" * 30, "1'", "%27%3B", "x", "%E4%B8%80"])
def test_wrong_references_are_not_there(site, reference):
    new_thread(Visitor(site))
    for visitor in (Visitor(site), signed_in(site)):
        answer = visitor.request("GET", f"/support/{reference}")
        assert answer.status in (400, 404), answer
        fields = {**visitor.open(), "message": "x"}
        assert visitor.send(fields, f"/support/{reference}").status in (400, 404)


def test_a_form_that_is_sent_twice_is_one_message(site):
    for visitor in (Visitor(site), signed_in(site)):
        fields = {**visitor.open(), "subject": "Once", "message": "once"}
        before = thread_count(site)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _, v=visitor, f=fields: v.send(f), range(4)))
        assert {answer.status for answer in answers} == {303}
        assert len({answer.headers["Location"] for answer in answers}) == 1
        assert thread_count(site) == before + 1
        path = answers[0].headers["Location"]
        reply = {**visitor.open(path), "message": "a reply"}
        assert [visitor.send(reply, path).status for _ in range(3)] == [303] * 3
        assert letters(visitor.request("GET", path)) == [("You", "once"), ("You", "a reply")]
        # changed and sent again, it is not lost
        assert visitor.send({**fields, "message": "once more"}).headers["Location"] != path
        assert thread_count(site) == before + 2


def test_a_closed_thread_opens_again(site):
    user = signed_in(site)
    path = new_thread(user)
    number = int(path.rsplit("/", 1)[1])
    assert ctl(site, "support", "close", str(number)).returncode == 0
    assert "Closed" in user.request("GET", path).text
    assert user.write("again", path).status == 303
    assert site.sql("SELECT state, closed_at FROM support_thread WHERE id = %s", number) == [("open", None)]


def test_only_the_newest_messages_of_a_long_thread_are_shown(site):
    path = new_thread(Visitor(site), message="the very first")
    number = newest(site)[0]
    site.sql("INSERT INTO support_message (thread_id, author, body)"
             " SELECT %s, 'operator', repeat('\"', 19990) || n FROM generate_series(1, 60) n", number)
    page = site.request("GET", path)
    shown = letters(page)
    assert len(shown) == 50 and shown[-1][1].endswith('"60') and "the very first" not in page.text
    assert "Only the newest messages are shown" in page.text


# ---------------------------------------------------------------- asking for deletion

def test_who_cannot_sign_in_can_ask_for_deletion(site):
    visitor = Visitor(site)
    page = visitor.request("GET", "/support?kind=deletion")
    for words in ("Ask for deletion", "What we will ask", "never ask for a password", "User name of the TikTok account"):
        assert words in page.text
    answer = visitor.write("", "/support?kind=deletion", kind="deletion", tiktok_name="@somebody")
    assert answer.status == 303
    assert newest(site)[2:4] == ("deletion", "@somebody")
    page = site.request("GET", answer.headers["Location"])
    assert "Request to delete data" in page.text and "@somebody" in page.text
    assert letters(page) == [("You", "Please erase everything that you hold about this TikTok account.")]
    answer = visitor.write("", "/support?kind=deletion", kind="deletion", tiktok_name=" ")
    assert answer.status == 422 and "Write the user name" in answer.text


def test_who_is_signed_in_is_led_to_the_deletion_itself(site):
    answer = signed_in(site).request("GET", "/support?kind=deletion")
    assert (answer.status, answer.headers["Location"]) == (303, "/deletion")


# ---------------------------------------------------------------- hostile input

class Active(html.parser.HTMLParser):
    """What could run in a page: handlers, foreign scripts, marked elements."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        members = dict(attributes)
        if any(name.startswith("on") for name in members) or (members.get("src") or "").startswith(("x", "data:", "//")):
            self.found.append((tag, members))
        if tag in ("iframe", "object", "svg-x") or (tag == "script" and not (members.get("src") or "").startswith("/")):
            self.found.append((tag, members))
        if (members.get("href") or "").lower().startswith(("javascript", "data")):
            self.found.append((tag, members))


HOSTILE = ["\"'><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "</textarea><script>alert(3)</script>",
           "{{app_name}}{{#messages}}", "<svg/onload=alert(4)>", "javascript:alert(5)", "&lt;script&gt;", "]]><!--",
           "</title><iframe src=//evil.example>", "\u202e\u2066txt.exe", "a\u0300" * 100, "{{{message}}}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(site, text):
    visitor = Visitor(site)
    path = new_thread(visitor, message=text, subject=text)
    answer_it(site, newest(site)[0], text)
    pages = [site.request("GET", path)]
    # and in the form that comes back
    pages.append(visitor.write(text, subject=text, email=text))
    asked = visitor.write("", "/support?kind=deletion", kind="deletion", tiktok_name=text)
    pages.append(site.request("GET", asked.headers["Location"]))
    for page in pages:
        assert page.status in (200, 422) and Active(page.text).found == [], page
    assert letters(pages[0]) == [("You", text), ("Support", text)]
    user = signed_in(site)
    new_thread(user, subject=text)
    assert Active(user.request("GET", "/support").text).found == []


@pytest.mark.parametrize("fields, words", [
    ({"message": ""}, "Write your message here"), ({"message": " \r\n\t "}, "Write your message here"),
    ({"message": "x" * 20001}, "This is too long"), ({"message": "ж" * 10001}, "This is too long"),
    ({"message": "a\x07b"}, "control characters"), ({"message": "a\x1b[31mb"}, "control characters"),
    ({"message": "a\u0085b"}, "control characters"), ({"subject": ""}, "Say in a few words"),
    ({"subject": "a\nb"}, "control characters"), ({"subject": "ж" * 301}, "too long for a subject"),
    ({"email": "x"}, "no e-mail address"), ({"email": "a@b\nBcc: c@d"}, "control characters"),
    ({"email": "<a@example.org>"}, "no e-mail address"), ({"email": "a@b,c@d"}, "no e-mail address"),
    ({"email": "-f@example.org"}, "no e-mail address"), ({"email": "a@" + "b" * 260}, "254 characters"),
])
def test_what_does_not_fit_is_told_and_kept_in_the_form(site, fields, words):
    before = thread_count(site)
    visitor = Visitor(site)
    answer = visitor.write(**{"message": "my long words", **fields})
    assert answer.status == 422 and words in answer.text and 'aria-invalid="true"' in answer.text
    if "message" not in fields:
        assert "my long words</textarea>" in answer.text
    assert thread_count(site) == before


@pytest.mark.parametrize("message", ["ж" * 10000, "x" * 20000, "😀" * 5000])
def test_the_longest_message_of_any_script_arrives(site, message):
    assert letters(site.request("GET", new_thread(Visitor(site), message=message))) == [("You", message)]


def test_huge_and_broken_bodies_are_refused(site):
    visitor = Visitor(site)
    fields = visitor.open()
    before = thread_count(site)
    assert visitor.send({**fields, "subject": "x", "message": "x" * 140000}).status == 413
    for body in (b"\xff\xfe", b"message=%ff&subject=a", b"message=%00", b"message=a&message=b", b"a=1&" * 100):
        assert visitor.request("POST", "/support", body=body, headers=FORM).status in (400, 403)
    for method in ("PUT", "DELETE", "PATCH"):
        assert visitor.request(method, "/support").status == 405
    assert thread_count(site) == before


def test_writing_needs_the_forms_token_and_no_foreign_site(site):
    for visitor in (Visitor(site), signed_in(site)):
        path = new_thread(visitor)
        before = site.sql("SELECT count(*) FROM support_message")
        for where in ("/support", path):
            fields = {**visitor.open(where), "subject": "x", "message": "forged"}
            assert visitor.send({**fields, "csrf_token": "A" * 43}, where).status == 403
            assert visitor.send({**fields, "csrf_token": ""}, where).status == 403
            assert visitor.send(fields, where, {"Sec-Fetch-Site": "cross-site"}).status == 403
            assert visitor.send(fields, where, {"Origin": "https://evil.example"}).status == 403
            assert site.request("POST", where, body=urllib.parse.urlencode(fields), headers=FORM).status == 403
        assert site.sql("SELECT count(*) FROM support_message") == before


# ---------------------------------------------------------------- the trap

def trapped_lines(site):
    return re.findall(r"support_trapped by=(\w+)", site.logs()["support.log"])


@pytest.mark.parametrize("how, change", [
    ("haste", lambda fields: {}), ("field", lambda fields: {"website": "https://spam.example"}),
    ("form", lambda fields: {"form": ""}), ("form", lambda fields: {"form": "1.2.3"}),
    ("form", lambda fields: {"form": fields["form"][:-1] + "~"}), ("form", lambda fields: {"form": "x" * 5000}),
    ("form", lambda fields: {"form": fields["form"].replace(".", "")}),
    ("form", lambda fields: {"form": "1" + fields["form"]}),
])
def test_the_trap_answers_like_a_success_and_stores_nothing(site, how, change):
    visitor = Visitor(site)
    fields = {**visitor.open(age=0 if how == "haste" else 60), "subject": "Buy", "message": "Buy now"}
    fields.update(change(fields))
    before, lines = thread_count(site), len(trapped_lines(site))
    answer = visitor.send(fields)
    assert answer.status == 303 and WORD.match(answer.headers["Location"])
    assert thread_count(site) == before
    assert wait_for("a line", lambda: trapped_lines(site)[lines:]) == [how]
    # a person who fell into it learns it
    page = site.request("GET", answer.headers["Location"])
    assert page.status == 404 and "it did not arrive" in page.text and site.config["support_email"] in page.text


def test_nobody_sees_the_trap_and_who_is_signed_in_is_not_caught(site):
    text = Visitor(site).request("GET", "/support").text
    assert re.search(r'<div class="trap" aria-hidden="true"><label for="website">[^<]*</label>'
                     r'<input id="website" type="text" name="website" tabindex="-1" autocomplete="off"></div>', text)
    assert ".trap { display: none; }" in site.request("GET", "/static/pages.css").text
    user = signed_in(site)
    assert user.write("quick", age=0, website="filled by a browser").status == 303
    assert user.send({"csrf_token": user.open()["csrf_token"], "subject": "s", "message": "m"}).status == 303


# ---------------------------------------------------------------- limits

def refused(answer, most):
    assert answer.status == 429, answer
    assert 0 < int(answer.headers["Retry-After"]) <= most
    return True


def test_a_user_begins_five_threads_a_day(site):
    user = signed_in(site)
    for number in range(5):
        new_thread(user, message=f"number {number}")
    answer = user.write("the sixth")
    assert refused(answer, 86400) and "Try again in about 24 hours" in answer.text
    assert f'mailto:{site.config["support_email"]}' in answer.text and "the sixth</textarea>" in answer.text
    restart(site, "support")
    assert refused(user.write("the seventh"), 86400)
    api = user.request("POST", "/api/v1/support", body={"subject": "s", "message": "m"})
    assert refused(api, 86400) and api.json()["code"] == "too_many_messages"
    assert site.sql("SELECT count(*) FROM support_thread WHERE user_id = %s", user.user_id) == [(5,)]
    # others are not touched, and a day later it goes on
    new_thread(signed_in(site))
    site.sql("UPDATE support_thread SET created_at = now() - interval '25 hours' WHERE user_id = %s", user.user_id)
    new_thread(user)


def test_a_user_writes_thirty_messages_a_day(site):
    user = signed_in(site)
    path = new_thread(user)
    site.sql("INSERT INTO support_message (thread_id, author, body) SELECT %s, 'user', 'x' FROM generate_series(1, 28)",
             int(path.rsplit("/", 1)[1]))
    site.sql("INSERT INTO support_message (thread_id, author, body)"
             " SELECT %s, 'operator', 'x' FROM generate_series(1, 40)", int(path.rsplit("/", 1)[1]))
    fields = [{**user.open(path), "message": f"race {n}"} for n in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda f: user.send(f, path).status, fields))
    assert sorted(answers) == [303, 429, 429, 429]
    answer = user.write("one more", path)
    assert refused(answer, 86400) and "one more</textarea>" in answer.text
    assert refused(user.write("a new thread"), 86400)
    assert refused(user.request("POST", "/api/v1" + path, body={"message": "m"}), 86400)


def test_a_network_begins_ten_threads_an_hour_signed_out(site):
    site.sql("UPDATE support_thread SET created_at = created_at - interval '61 minutes'")
    for number in range(10):
        new_thread(Visitor(site), message=f"number {number}")
    answer = Visitor(site).write("too many")
    assert refused(answer, 3600)
    restart(site, "support")
    assert refused(Visitor(site).write("too many"), 3600)
    assert site.sql("SELECT DISTINCT network::text FROM support_thread WHERE user_id IS NULL"
                    " AND created_at > now() - interval '1 hour'") == [("127.0.0.0/24",)]
    # who is signed in, or elsewhere, is not kept out
    new_thread(signed_in(site))
    site.sql("UPDATE support_thread SET network = '198.51.100.0/24' WHERE user_id IS NULL")
    new_thread(Visitor(site))


def test_everybody_signed_out_begins_sixty_threads_an_hour(site):
    site.sql("UPDATE support_thread SET created_at = created_at - interval '61 minutes'")
    site.sql("INSERT INTO support_thread (word_hash, network)"
             " SELECT sha256(n::text::bytea), ('198.51.' || n || '.0/24')::inet FROM generate_series(1, 59) n")
    new_thread(Visitor(site))
    assert refused(Visitor(site).write("too many"), 3600)
    new_thread(signed_in(site))
    site.sql("UPDATE support_thread SET created_at = created_at - interval '61 minutes'")
    new_thread(Visitor(site))


def test_everybody_signed_out_writes_four_hundred_messages_a_day(site):
    site.sql("UPDATE support_thread SET created_at = created_at - interval '61 minutes'")
    path = new_thread(visitor := Visitor(site))
    written, = site.sql("SELECT count(*) FROM support_message m JOIN support_thread t ON t.id = m.thread_id"
                        " WHERE t.user_id IS NULL AND m.created_at > now() - interval '1 day'")[0]
    site.sql("WITH t AS (INSERT INTO support_thread (word_hash, network, created_at)"
             " VALUES (sha256('full'), '198.51.100.0/24', now() - interval '2 hours') RETURNING id)"
             " INSERT INTO support_message (thread_id, author, body)"
             " SELECT t.id, 'user', 'x' FROM t, generate_series(1, %s)", 400 - written)
    assert refused(visitor.write("one more", path), 86400)
    site.sql("DELETE FROM support_thread WHERE word_hash = sha256('full')")
    assert visitor.write("one more", path).status == 303


def test_a_thread_without_a_user_takes_ten_messages_a_day(site):
    visitor = Visitor(site)
    path = new_thread(visitor)
    for number in range(9):
        assert visitor.write(f"{number}", path).status == 303
    assert refused(visitor.write("the eleventh", path), 86400)
    new_thread(visitor)


# ---------------------------------------------------------------- the API

def test_the_api_writes_and_reads_threads(site):
    user = signed_in(site)
    key = {"Idempotency-Key": "k1"}
    made = user.request("POST", "/api/v1/support", headers=key,
                        body={"subject": "By API", "message": "Hello\r\nthere", "email": "a@example.org"})
    assert made.status == 201, made
    thread = made.json()
    assert made.headers["Location"] == f"/api/v1/support/{thread['id']}"
    assert (thread["subject"], thread["state"], thread["kind"], thread["email"]) == (
        "By API", "open", "question", "a@example.org")
    assert [(m["author"], m["message"]) for m in thread["messages"]] == [("user", "Hello\nthere")]
    again = user.request("POST", "/api/v1/support", headers=key,
                         body={"subject": "By API", "message": "Hello\r\nthere", "email": "a@example.org"})
    assert again.json()["id"] == thread["id"]
    other = user.request("POST", "/api/v1/support", body={"subject": "Another", "message": "x"}).json()
    page = user.request("GET", "/api/v1/support?limit=1").json()
    assert [item["id"] for item in page["items"]] == [other["id"]] and page["next_cursor"]
    rest = user.request("GET", f"/api/v1/support?cursor={page['next_cursor']}").json()
    assert [item["id"] for item in rest["items"]] == [thread["id"]] and rest["next_cursor"] is None
    answer_it(site, thread["id"], "Answer")
    shown = user.request("GET", f"/api/v1/support/{thread['id']}").json()
    assert shown["state"] == "answered" and shown["messages"][1]["author"] == "operator"
    replied = user.request("POST", f"/api/v1/support/{thread['id']}", body={"message": "Reply"})
    assert replied.status == 201 and replied.json()["state"] == "open" and len(replied.json()["messages"]) == 3


@pytest.mark.parametrize("body, fields", [
    ({}, {"subject", "message"}), ({"subject": 1, "message": []}, {"subject", "message"}),
    ({"subject": "a", "message": "x", "email": "no"}, {"email"}), ({"subject": "a\u0000b", "message": "x"}, {"subject"}),
])
def test_the_api_names_the_fields_that_are_wrong(site, body, fields):
    answer = signed_in(site).request("POST", "/api/v1/support", body=body)
    assert answer.status in (400, 422), answer
    if answer.status == 422:
        assert {error["field"] for error in answer.json()["errors"]} == fields
        assert answer.headers["Content-Type"].startswith("application/problem+json")


# ---------------------------------------------------------------- the operator, the end

def test_the_operator_lists_shows_and_is_recorded(site):
    user = signed_in(site)
    number = int(new_thread(user, message="To the operator", subject="Operator").rsplit("/", 1)[1])
    listed = ctl(site, "--json", "support", "list", "--state", "open", "--limit", "10000").json()["items"]
    mine = next(item for item in listed if item["id"] == number)
    assert (mine["subject"], mine["user_id"], mine["messages"]) == ("Operator", int(user.user_id), 1)
    shown = ctl(site, "--json", "support", "show", str(number)).json()
    assert [(m["author"], m["body"]) for m in shown["messages"]] == [("user", "To the operator")]
    assert "To the operator" in ctl(site, "support", "show", str(number)).stdout
    answer_it(site, number, "An answer")
    assert ctl(site, "support", "close", str(number)).returncode == 0
    assert number not in [item["id"] for item in
                          ctl(site, "--json", "support", "list", "--state", "open", "--limit", "10000").json()["items"]]
    events = [row[0] for row in site.sql("SELECT event FROM audit_event WHERE subject_id = %s AND user_id = %s"
                                         " ORDER BY position", number, user.user_id)]
    assert events == ["support_opened", "operator_support_show", "operator_support_show", "operator_support_answer",
                      "operator_support_close"]


@pytest.mark.parametrize("text", ["", " \n", "a\x1b[0m", "x" * 20001])
def test_an_answer_that_cannot_be_one_is_refused(site, text):
    path = new_thread(Visitor(site))
    assert ctl(site, "support", "answer", str(newest(site)[0]), text=text).returncode == 2
    assert len(letters(site.request("GET", path))) == 1
    assert newest(site)[-1] == "open"


def test_what_is_not_there_is_told(site):
    for action in ("show", "close", "answer"):
        assert ctl(site, "support", action, "999999999", text="x").returncode == 3
        assert ctl(site, "support", action, "x", text="x").returncode == 2


def test_silent_threads_are_closed(site):
    numbers = {}
    for state, days in (("answered", 29), ("answered", 31), ("open", 31), ("open", 361)):
        new_thread(Visitor(site))
        numbers[state, days] = newest(site)[0]
        site.sql("UPDATE support_thread SET state = %s, updated_at = now() - make_interval(days => %s) WHERE id = %s",
                 state, days, newest(site)[0])
    assert site.run("janitor").returncode == 0
    states = dict(site.sql("SELECT id, state FROM support_thread"))
    assert {key: states[number] for key, number in numbers.items()} == {
        ("answered", 29): "answered", ("answered", 31): "closed", ("open", 31): "open", ("open", 361): "closed"}
    assert site.sql("SELECT closed_at IS NOT NULL FROM support_thread WHERE id = %s",
                    numbers["answered", 31]) == [(True,)]


def test_every_page_leads_to_the_form(site):
    for path in ("/", "/privacy", "/terms", "/deletion", "/support"):
        assert '<a href="/support">Contact</a>' in site.request("GET", path).text, path
