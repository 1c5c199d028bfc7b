"""Support messages by mail: each once, to the right people, whatever the mail program does and whoever is killed."""
import concurrent.futures
import email
import email.policy
import os
import re

import pytest

from spg_site import wait_for
from spg_support import Visitor, answer_it, ctl, forget_limits, new_thread, newest, signed_in

APP = "SPG Autoposter"


class Outbox:
    """A folder with mail programs in it, and what they were handed."""

    def __init__(self, site, folder):
        self.site, self.folder = site, folder
        folder.mkdir()
        os.chmod(folder, 0o777)
        self.program("keep", 'cat > "$(mktemp mail.XXXXXXXX)"')
        self.program("fail", "cat > /dev/null; echo secret-of-the-mail-program; exit 75")
        self.program("hang", "echo $$ > hangs; sleep 600")
        self.program("lose", 'cat > "$(mktemp mail.XXXXXXXX)"; exit 1')

    def program(self, name, lines):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\ncd {self.folder}\n{lines}\n")
        os.chmod(path, 0o755)

    def run(self, program="keep", **kwargs):
        """Run the mailer; it did not fail."""
        with self.site.configured(support_sendmail=self.folder / program):
            done = self.site.run("mailer", **kwargs)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def take(self):
        """The mails that have come, parsed."""
        mails = []
        for path in self.folder.glob("mail.*"):
            mails.append(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
            path.unlink()
        return sorted(mails, key=lambda mail: mail["Message-ID"])


@pytest.fixture
def outbox(site):
    forget_limits(site)
    site.sql("UPDATE support_message SET mailed_at = now() WHERE mailed_at IS NULL")
    folder = site.dir / f"outbox-{newest_message(site)}-{os.urandom(4).hex()}"
    return Outbox(site, folder)


def text_of(mail):
    return mail.get_content().replace("\r\n", "\n")


def newest_message(site):
    return site.sql("SELECT coalesce(max(id), 0) FROM support_message")[0][0]


def queue(site, message=None):
    """(mailed, tries, seconds until the next try) of the newest message."""
    return site.sql("SELECT mailed_at IS NOT NULL, mail_tries, extract(epoch FROM mail_after - now())::int"
                    " FROM support_message WHERE id = %s", message or newest_message(site))[0]


def due(site):
    site.sql("UPDATE support_message SET mail_after = now() WHERE mailed_at IS NULL")


def test_without_a_mail_program_nothing_is_done(site, outbox):
    new_thread(Visitor(site))
    done = site.run("mailer")
    assert (done.returncode, done.stdout) == (0, "")
    assert queue(site)[:2] == (False, 0)


def test_a_message_is_mailed_to_the_operator_once(site, outbox):
    new_thread(Visitor(site), message="Привет\n.\nFrom me", subject="Вопрос " + "ж" * 200, email="me@example.net")
    number, message = newest(site)[0], newest_message(site)
    outbox.run()
    mail, = outbox.take()
    assert mail["Subject"] == f"[{APP} #{number}] Вопрос " + "ж" * 200
    assert mail["To"].addresses[0].addr_spec == site.config["support_email"] and len(mail["To"].addresses) == 1
    assert (mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec) == (APP, site.config["support_email"])
    assert mail["Reply-To"] == "me@example.net" and mail["Auto-Submitted"] == "auto-generated" and mail["Date"]
    assert mail["Message-ID"] == f"<support-{number}-{message}@127.0.0.1>"
    text = text_of(mail)
    for words in ("\nПривет\n.\nFrom me\n", f"Thread:    {number} (question)", "somebody who is not signed in",
                  "me@example.net (as given, not verified)", f"spgctl support answer {number}"):
        assert words in text
    assert queue(site)[:2] == (True, 1)
    due(site)
    outbox.run()
    assert outbox.take() == []


def test_users_and_requests_for_deletion_are_named(site, outbox):
    user = signed_in(site)
    new_thread(user)
    visitor = Visitor(site)
    assert visitor.write("", "/support?kind=deletion", kind="deletion", tiktok_name="@лиса").status == 303
    outbox.run()
    first, second = outbox.take()
    assert f"From:      user {user.user_id}\n" in text_of(first) and first["Reply-To"] is None
    assert second["Subject"].endswith("] Request to delete data") and "@лиса" in text_of(second)
    assert "(request to delete data)" in text_of(second)


def test_an_answer_goes_to_who_gave_an_address(site, outbox):
    numbers = []
    for fields in ({"email": "me@example.net"}, {}):
        new_thread(Visitor(site), message="the question", **fields)
        numbers.append(newest(site)[0])
    outbox.run()
    assert len(outbox.take()) == 2
    for number in numbers:
        answer_it(site, number, "The answer\nof two lines")
    outbox.run()
    mail, = outbox.take()
    assert [address.addr_spec for address in mail["To"].addresses] == ["me@example.net"]
    assert mail["Subject"] == f"[{APP} #{numbers[0]}] Re: A subject" and mail["Reply-To"] is None
    assert text_of(mail).startswith("The answer\nof two lines\n") and "the question" not in text_of(mail)
    shown = ctl(site, "--json", "support", "show", str(numbers[0])).json()["messages"]
    assert [(item["author"], bool(item["mailed_at"])) for item in shown] == [("user", True), ("operator", True)]


@pytest.mark.parametrize("text", ["a\nBcc: evil@example.org", "a\r\nBcc: evil@example.org\r\n\r\n", "\n.\nMAIL FROM: x",
                                  "?=\n =?UTF-8?Q?x", "%0aBcc: evil@example.org", "-oQ/tmp", "$(id)`id`;id|id",
                                  "Ж\u2028Bcc: evil@example.org", "To: evil@example.org"])
def test_nothing_that_is_written_becomes_a_header(site, outbox, text):
    new_thread(Visitor(site), message=text)
    # as if a check had been forgotten
    site.sql("UPDATE support_thread SET subject = %s, email = %s, tiktok_name = %s WHERE id = %s", text, text, text,
             newest(site)[0])
    outbox.run()
    mail, = outbox.take()
    assert mail.keys() == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                           "Content-Transfer-Encoding"]
    assert [address.addr_spec for address in mail["To"].addresses] == [site.config["support_email"]]
    answer_it(site, newest(site)[0], text.replace("\r", "") + "x")
    outbox.run()
    assert outbox.take() == []


def test_a_failure_is_tried_again_later_and_later_and_then_told(site, outbox):
    new_thread(Visitor(site), message="words that stay out of the log", subject="so do these")
    waits = []
    for number in range(1, 11):
        due(site)
        log = outbox.run("fail")
        assert re.search(rf"mail_failed thread=\d+ message=\d+ try={number} how=exit code=75", log)
        assert ("mail_given_up" in log) == (number == 10)
        mailed, tries, wait = queue(site)
        assert (mailed, tries) == (False, number)
        waits.append(wait)
        # not yet
        assert "mail_failed" not in outbox.run("fail")
    assert all(abs(wait - 120 * 2 ** index) < 60 for index, wait in enumerate(waits)), waits
    due(site)
    assert outbox.run() == "" and outbox.take() == []
    for name, text in site.logs().items():
        for words in ("words that stay out", "so do these", "secret-of-the-mail-program"):
            assert words not in text, name


def test_messages_of_long_ago_are_no_news(site, outbox):
    new_thread(Visitor(site))
    site.sql("UPDATE support_message SET created_at = now() - interval '8 days' WHERE id = %s", newest_message(site))
    outbox.run()
    assert outbox.take() == []


def test_a_mail_program_that_hangs_holds_up_nobody_else(site, outbox):
    new_thread(Visitor(site), message="hangs")
    hanging = newest_message(site)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with site.configured(support_sendmail=outbox.folder / "hang"):
            slow = pool.submit(site.run, "mailer")
            wait_for("it hangs", (outbox.folder / "hangs").exists)
        new_thread(Visitor(site), message="passes")
        outbox.run()
        mail, = outbox.take()
        assert "passes" in text_of(mail)
        done = slow.result(60)
    assert done.returncode == 0 and re.search(rf"message={hanging} try=1 how=timeout", done.stdout)
    assert queue(site, hanging)[:2] == (False, 1)
    hung = int((outbox.folder / "hangs").read_text())
    assert not os.path.exists(f"/proc/{hung}")


def test_two_mailers_mail_once(site, outbox):
    for _ in range(9):
        new_thread(Visitor(site))
    with site.configured(support_sendmail=outbox.folder / "keep"):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: site.run("mailer"), range(3)))
    assert [item.returncode for item in done] == [0] * 3
    ids = [mail["Message-ID"] for mail in outbox.take()]
    assert len(ids) == len(set(ids)) == 9


def test_a_kill_after_the_mail_was_taken_mails_again_under_the_same_id(site, outbox):
    if not site.has_failpoints("mailer"):
        pytest.skip("this build has no failpoints")
    new_thread(Visitor(site))
    with site.configured(support_sendmail=outbox.folder / "keep"):
        assert site.run("mailer", env={"SPG_FAILPOINT": "mail_accepted"}).returncode == -9
    first, = outbox.take()
    assert queue(site)[:2] == (False, 1)
    outbox.run()
    assert outbox.take() == []
    due(site)
    outbox.run()
    second, = outbox.take()
    assert second["Message-ID"] == first["Message-ID"] and queue(site)[:2] == (True, 2)


def test_a_thread_that_is_erased_meanwhile_is_no_failure(site, outbox):
    new_thread(Visitor(site))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        outbox.program("slow", "cat > /dev/null; touch reads; while [ ! -e go ]; do :; done")
        with site.configured(support_sendmail=outbox.folder / "slow"):
            slow = pool.submit(site.run, "mailer")
            wait_for("it reads", (outbox.folder / "reads").exists)
        site.sql("DELETE FROM support_thread WHERE id = %s", newest(site)[0])
        (outbox.folder / "go").touch()
        done = slow.result(60)
    assert done.returncode == 0 and "mail_sent" in done.stdout


def test_an_address_of_the_operator_that_cannot_be_one_is_told(site, outbox):
    new_thread(Visitor(site))
    with site.configured(support_sendmail=outbox.folder / "keep", support_email="help <a@b>"):
        done = site.run("mailer")
    assert done.returncode == 1 and "mail_address_bad key=support_email" in done.stdout
    assert outbox.take() == [] and queue(site)[:2] == (False, 0)
