"""The contact form as people see it, at two widths, with and without JavaScript."""
import pytest

from conftest import DESK, PHONE
from spg_support import answer_it, newest

LONG = "Hello,\n\nmy video does not appear. " + "It was scheduled for yesterday. " * 12 + "\n\n" + "x" * 200


def press(person, selector):
    # away from the bar at the bottom of a phone
    person.hover(selector)
    person.click(selector)


def send(person):
    press(person, "form.panel button")


def write(person, path="/support", **fields):
    person.go(path)
    for name, text in fields.items():
        person.find(f"[name={name}]").send_keys(text)


@pytest.mark.parametrize("size, dark", [(DESK, False), (PHONE, False), (PHONE, True)], ids=["desk", "phone", "dark"])
def test_a_stranger_writes_and_reads_the_answer(site, person, size, dark):
    name = f"support-{'phone' if size == PHONE else 'desk'}-{'dark' if dark else 'light'}"
    person.look_at(size, dark)
    site.sql("UPDATE support_thread SET created_at = created_at - interval '2 days'")
    write(person, subject="A video does not appear", message=LONG, email="me@example.net")
    assert not person.text(".trap") and not person.is_too_wide()
    person.picture(f"{name}-form")
    # Whoever is as fast as this test is no person: the page is as old as the trap wants it.
    person.wait("old enough", lambda: person.driver.execute_script(
        "return Date.now() / 1000 - document.querySelector('[name=form]').value.split('.')[0] > 4"))
    send(person)
    person.see("Your message has arrived.")
    assert person.path.startswith("/support/") and not person.is_too_wide()
    assert person.site.config["public_url"] + person.path == person.text("code")
    answer_it(site, newest(site)[0], "We are looking.\n\nIt takes a day.")
    person.go(person.path)
    person.see("We are looking.")
    person.see("Answered")
    assert not person.is_too_wide()
    person.picture(f"{name}-thread")
    person.go("/support?kind=deletion")
    person.see("What we will ask")
    assert not person.is_too_wide()
    person.picture(f"{name}-deletion")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_user_finds_their_messages(site, signed_in, size):
    person = signed_in
    person.look_at(size)
    for subject in ("First question", "A second one that has a long subject, so long that it needs more than a line"):
        write(person, subject=subject, message="Hello")
        send(person)
        person.see("Your message has arrived.")
    person.go("/support")
    person.see("First question", ".rows")
    assert not person.is_too_wide()
    person.picture(f"support-{'phone' if size == PHONE else 'desk'}-own")
    press(person, ".rows a")
    person.see("A second one", "h1")


def test_it_works_without_javascript(site, person):
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    write(person, "/support?kind=deletion", tiktok_name="somebody")
    site.sql("UPDATE support_thread SET created_at = created_at - interval '2 days'")
    began = int(person.find("[name=form]").get_attribute("value").split(".")[0])
    person.wait("old enough", lambda: site.sql("SELECT extract(epoch FROM now()) > %s", began + 4)[0][0])
    send(person)
    person.wait("sent", lambda: "/support/" in person.driver.current_url)
    assert "Your message has arrived" in person.driver.page_source and "somebody" in person.driver.page_source
