"""People who write to support, and the operator who answers."""
import base64
import hashlib
import html
import json
import re
import subprocess
import time
import urllib.parse

from spg_site import REPO, User

WORD = re.compile(r"^/support/([A-Za-z0-9_-]{43})$")
FORM = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None}


def hidden(text, name):
    return html.unescape(re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', text)[1])


def derived(purpose, text):
    """lib/base/token.c: the word that is derived from another."""
    digest = hashlib.blake2b(text.encode(), key=purpose.encode().ljust(32, b"\0"), digest_size=32).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Visitor(User):
    """Somebody with a browser, signed in or not, who opens a page and fills in its form."""

    def open(self, path="/support", age=60):
        """The hidden fields of the form there, as if it had been open for age seconds."""
        answer = self.request("GET", path)
        assert answer.status == 200, answer
        csrf = hidden(answer.text, "csrf_token")
        moment, random, seal = hidden(answer.text, "form").split(".")
        assert seal == derived("support form", f"{csrf}.{moment}.{random}")
        assert abs(int(moment) - time.time()) < 30
        moment = int(time.time()) - age
        seal = derived("support form", f"{csrf}.{moment}.{random}")
        return {"csrf_token": csrf, "form": f"{moment}.{random}.{seal}"}

    def send(self, fields, path="/support", headers=()):
        return self.request("POST", path, body=urllib.parse.urlencode(fields), headers={**FORM, **dict(headers)})

    def write(self, message="Hello", path="/support", age=60, **fields):
        """Open, fill in, send; the answer."""
        if path.split("?")[0] == "/support" and "kind" not in fields:
            fields.setdefault("subject", "A subject")
        return self.send({**self.open(path, age), "message": message, **fields}, path.split("?")[0])


def new_thread(visitor, **fields):
    """The path of a new thread."""
    answer = visitor.write(**fields)
    assert answer.status == 303, answer
    return answer.headers["Location"]


def signed_in(site):
    return site.connect(user=Visitor(site))


def letters(answer):
    """[(author, text)] of a thread's page."""
    assert answer.status == 200, answer
    return [(author, html.unescape(text)) for author, text in re.findall(
        r'<strong>(\w+)</strong> <time[^>]*>[^<]*</time></p>\n<p class="letter-text">(.*?)</p></li>', answer.text,
        re.S)]


def thread_count(site):
    return site.sql("SELECT count(*) FROM support_thread")[0][0]


def newest(site):
    return site.sql("SELECT id, user_id, kind, tiktok_name, email, subject, state FROM support_thread"
                    " ORDER BY id DESC LIMIT 1")[0]


class Done(subprocess.CompletedProcess):
    """A command that has ended."""

    def json(self):
        assert self.returncode == 0, self
        return json.loads(self.stdout)


def ctl(site, *arguments, text=""):
    """Run spgctl with text on its standard input."""
    done = subprocess.run([REPO / "deploy/quickstart", "--dir", site.dir, "run", "spgctl", *arguments],
                          input=text, capture_output=True, text=True, timeout=60)
    return Done(done.args, done.returncode, done.stdout, done.stderr)


def answer_it(site, number, text):
    done = ctl(site, "support", "answer", str(number), text=text)
    assert done.returncode == 0, done


def forget_limits(site):
    """What was written before counts no more."""
    site.sql("UPDATE support_thread SET created_at = created_at - interval '2 days'")
    site.sql("UPDATE support_message SET created_at = created_at - interval '2 days'")
