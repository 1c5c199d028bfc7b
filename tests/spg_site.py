"""A whole installation for tests: the quick start in a directory of its own, and people who use it."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

import psycopg2

import spg_leaks

REPO = pathlib.Path(__file__).resolve().parent.parent
ALL_SCOPES = ("video.publish", "video.upload")


def wait_for(what, check, timeout=30.0, pause=0.05):
    """Poll until check() is truthy and return its value; fail with what was awaited."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what}")
        time.sleep(pause)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """An HTTP answer; headers is case-insensitive (email.message.Message)."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def http_request(url, method, path, headers=None, body=None, timeout=60):
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    elif isinstance(body, str):
        body = body.encode()
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        spg_leaks.note(answer)
        return answer
    finally:
        connection.close()


class Sandbox:
    """The control interface of the server that stands for TikTok."""

    def __init__(self, url):
        self.url = url

    def _call(self, method, path, body=None):
        answer = http_request(self.url, method, f"/_sandbox/{path}", body=body)
        assert answer.status < 300, (method, path, answer)
        return answer.json() if answer.body else None

    def get(self, path):
        return self._call("GET", path)

    def post(self, path, **body):
        return self._call("POST", path, body)

    def patch(self, path, **body):
        return self._call("PATCH", path, body)

    def delete(self, path):
        return self._call("DELETE", path)

    def fault(self, route, **rule):
        return self.post("faults", route=route, **rule)

    def account(self, open_id):
        return self.get("state")["accounts"][open_id]

    def publish(self, publish_id):
        return self.get("state")["publishes"][publish_id]


class Program(subprocess.Popen):
    """A program started by a test; what it has written goes to its log as well once it is read to the end."""

    log = None

    def communicate(self, *args, **kwargs):
        output, error = super().communicate(*args, **kwargs)
        if self.log and output:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(output)
        return output, error


class User:
    """Somebody signed in with one connected account."""

    def __init__(self, site):
        self.site = site
        self.cookies = {}
        self.session = {}  # like cookies, a copy for another account shares it
        self.user_id = self.account_id = self.open_id = None

    @property
    def csrf(self):
        return self.session.get("csrf")

    @csrf.setter
    def csrf(self, token):
        self.session["csrf"] = token

    @property
    def headers(self):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        return headers

    def take_cookies(self, answer):
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)

    def request(self, method, path, **kwargs):
        return self.site.request(method, path, user=self, **kwargs)

    def new_post(self, video_id, **members):
        """Create a post; everything that the contract asks for has a value here."""
        body = {"account_id": self.account_id, "video_id": video_id, "mode": "direct",
                "due_at": rfc3339(time.time() + 1), "time_zone": "UTC", "caption": "Hello",
                "privacy_level": "PUBLIC_TO_EVERYONE", "allow_comment": True, "allow_duet": False,
                "allow_stitch": False, "your_brand": False, "branded_content": False,
                "is_aigc": False, "cover_ms": 0, "consent": True}
        body.update(members)
        answer = self.request("POST", "/api/v1/posts", body=body)
        assert answer.status == 201, answer
        return answer.json()

    def post(self, post_id):
        answer = self.request("GET", f"/api/v1/posts/{post_id}")
        assert answer.status == 200, answer
        return answer.json()


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}Z"


class Site:
    """One running installation."""

    def __init__(self, directory, build, port=None, sets=()):
        self.dir = pathlib.Path(directory)
        self.build = pathlib.Path(build)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sets = list(sets)
        self._connection = None
        self._connection_lock = threading.Lock()

    # ------------------------------------------------------------ life

    def quickstart(self, *arguments, timeout=300, check=True):
        done = subprocess.run([REPO / "deploy/quickstart", "--dir", self.dir, *arguments],
                              capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def start(self):
        arguments = ["--port", str(self.port), "--build", str(self.build), "--no-install", "--no-cron", "--no-demo"]
        for pair in self.sets:
            arguments += ["--set", pair]
        self.quickstart(*arguments)
        self.config = dict(line.split(" = ", 1) for line in (self.dir / "spg.conf").read_text().splitlines()
                           if " = " in line)
        self.sandbox_url = self.config["tiktok_api_url"]
        self.sandbox = Sandbox(self.sandbox_url)

    def stop(self):
        with self._connection_lock:
            if self._connection:
                self._connection.close()
                self._connection = None
        self.quickstart("--stop")

    # ------------------------------------------------------------ database

    def sql(self, query, *params):
        """Run a statement as the cluster's superuser; rows as tuples, or [] when it gives none.

        A test that changes many rows may meet a program that locks the same ones in another order. PostgreSQL undoes one
        of the two, and whoever that is does it again: the programs do, and so does this.
        """
        for _ in range(10):
            with contextlib.suppress(psycopg2.errors.DeadlockDetected):
                return self._sql_once(query, params)
        return self._sql_once(query, params)

    def _sql_once(self, query, params):
        with self._connection_lock:
            if self._connection is None or self._connection.closed:
                self._connection = self.connect_to_database()
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(query, params or None)
                    return cursor.fetchall() if cursor.description else []
            except psycopg2.errors.DeadlockDetected:
                raise
            except psycopg2.OperationalError:
                self._connection.close()
                raise

    def connect_to_database(self):
        """A connection of the test's own, as the cluster's superuser: its pg_ident.conf lets root be that."""
        connection = psycopg2.connect(host=str(self.dir / "run/postgresql"), dbname="spg", user="spg_postgres",
                                      options="-c search_path=spg")
        connection.autocommit = True
        return connection

    @contextlib.contextmanager
    def database_down(self, mode="immediate"):
        """PostgreSQL shut down by mode (smart, fast, immediate) while the block runs, and up again after it.

        Nobody asks by sql() in between, from whatever thread: it waits, and connects anew afterwards."""
        signal_name = {"smart": "TERM", "fast": "INT", "immediate": "QUIT"}[mode]
        with self._connection_lock:
            if self._connection:
                self._connection.close()
                self._connection = None
            self._deploy_step(f"service_stop postgresql {signal_name}")
            try:
                yield
            finally:
                self._deploy_step("postgres_start")

    def restart_database(self, mode="immediate"):
        """What `pg_ctl restart -m MODE` does, to the service that the quick start knows."""
        with self.database_down(mode):
            pass

    def restart_nginx(self):
        """nginx ended at once, connections and all, and started again."""
        self._deploy_step(f"service_stop nginx; port={self.port} nginx_start")

    def kill_database_backend(self, role):
        """SIGKILL to a server process of that role: the server then ends all connections and recovers (E4)."""
        with self._connection_lock:
            with contextlib.closing(self.connect_to_database()) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s LIMIT 1", (role,))
                os.kill(cursor.fetchone()[0], signal.SIGKILL)
            if self._connection:
                self._connection.close()
                self._connection = None
            wait_for("the database again", self._database_answers)

    def _database_answers(self):
        try:
            self.connect_to_database().close()
            return True
        except psycopg2.OperationalError:
            return False

    def _deploy_step(self, command):
        """One of the functions that deploy/quickstart is made of, for this directory."""
        script = ('set -euo pipefail; umask 0022; for part in common users settings services programs postgres nginx;'
                  ' do source "$repo/deploy/lib/$part.sh"; done; ' + command)
        # No pipes: what is started here lives on and would hold them open.
        with open(self.dir / "log/test.log", "a", encoding="utf-8") as log:
            done = subprocess.run(["bash", "-c", script], stdout=log, stderr=log, stdin=subprocess.DEVNULL, timeout=120,
                                  env={**os.environ, "repo": str(REPO), "dir": str(self.dir), "lock_fd": "9"})
        assert done.returncode == 0, (self.dir / "log/test.log").read_text()[-3000:]

    # ------------------------------------------------------------ programs

    def start_program(self, program, *arguments, env=None, stdout=subprocess.PIPE):
        process = Program([REPO / "deploy/quickstart", "--dir", self.dir, "run", program, *arguments],
                          env={**os.environ, **(env or {})}, stdout=stdout, stderr=subprocess.STDOUT, text=True)
        process.log = self.dir / "log" / f"{program}.log"
        return process

    def run(self, program, *arguments, env=None, timeout=120):
        """Run one of the programs to its end; returncode -9 means that it was killed."""
        process = self.start_program(program, *arguments, env=env)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            raise AssertionError(f"{program} did not end in {timeout} s:\n{output[-3000:]}") from None
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    @contextlib.contextmanager
    def run_publisher_loop(self):
        """Keep a publisher running, as cron would."""
        stop = threading.Event()

        def loop():
            while not stop.is_set():
                self.run("publisher", "--once")
                stop.wait(0.2)

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)

    @contextlib.contextmanager
    def configured(self, **settings):
        """Other settings for the programs that start meanwhile; those that run keep theirs."""
        path = self.dir / "spg.conf"
        before = path.read_text()
        lines = [line for line in before.splitlines() if line.partition(" = ")[0] not in settings]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        path.write_text("\n".join(lines) + "\n")
        try:
            yield
        finally:
            path.write_text(before)

    # ------------------------------------------------------------ people

    def request(self, method, path, user=None, headers=None, body=None, timeout=60):
        """One request, redirects not followed; user adds session cookie and CSRF token."""
        merged = dict(user.headers) if user else {}
        merged.update(headers or {})
        merged = {name: value for name, value in merged.items() if value is not None}
        answer = http_request(self.url, method, path, merged, body, timeout)
        if user:
            user.take_cookies(answer)
        return answer

    def new_account(self, **flags):
        """A new fake creator on the sandbox; its open_id."""
        flags.setdefault("username", f"creator_{secrets.token_hex(6)}")
        return self.sandbox.post("accounts", **flags)["open_id"]

    def consent(self, user, start="/oauth/start", open_id=None, scopes=None, action="authorize"):
        """From /oauth/start through the consent page; the answer of the callback, not followed."""
        answer = self.request("GET", start, user=user)
        assert answer.status in (302, 303), answer
        page = urllib.parse.urlsplit(answer.headers["Location"])
        asked = urllib.parse.parse_qs(page.query)["scope"][0].split(",")
        form = [("account", open_id), ("action", action)]
        form += [("scope", scope) for scope in (asked if scopes is None else scopes)]
        answer = http_request(self.sandbox_url, "POST", f"{page.path}?{page.query}",
                              {"Content-Type": "application/x-www-form-urlencoded"},
                              urllib.parse.urlencode(form))
        assert answer.status == 302, answer
        back = urllib.parse.urlsplit(answer.headers["Location"])
        return self.request("GET", f"{back.path}?{back.query}", user=user)

    def connect(self, open_id=None, user=None, scopes=None, **flags):
        """Connect an account (a new one unless open_id is given) and sign its user in."""
        user = user or User(self)
        open_id = open_id or self.new_account(**flags)
        answer = self.consent(user, open_id=open_id, scopes=scopes)
        assert answer.status == 303, answer
        me = self.request("GET", "/api/v1/me", user=user).json()
        user.csrf = me["csrf_token"]
        user.user_id = me["id"]
        user.open_id = open_id
        user.account_id = next(a["id"] for a in me["accounts"] if a["open_id"] == open_id)
        return user

    # ------------------------------------------------------------ videos

    def upload(self, user, path, name="video.mp4"):
        """Upload a file by tus; the video's id, while it is still being checked."""
        data = pathlib.Path(path).read_bytes()
        metadata = f"filename {base64.b64encode(name.encode()).decode()}"
        answer = user.request("POST", "/uploads", headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata": metadata,
            "Content-Length": "0"})
        assert answer.status == 201, answer
        location = urllib.parse.urlsplit(answer.headers["Location"]).path
        answer = user.request("PATCH", location, body=data, headers={
            "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
        assert answer.status == 204, answer
        return answer.headers["Spg-Video-Id"]

    def ready_video(self, user, path, timeout=60):
        """Upload and wait until the media process has spoken well of it."""
        video_id = self.upload(user, path)

        def state():
            video = user.request("GET", f"/api/v1/videos/{video_id}").json()
            assert video["state"] != "refused", video
            return video["state"] == "ready"
        wait_for("video ready", state, timeout)
        return video_id

    def grow_video(self, video_id, size):
        """Make a ready video size bytes long where it lies, sparse: what upload and pad_video would do, at no cost."""
        name, length = self.sql("SELECT file, size FROM video WHERE id = %s", video_id)[0]
        with open(self.dir / "media/videos" / name, "r+b") as file:
            file.seek(length)
            file.write((size - length).to_bytes(4, "big") + b"free")
            file.truncate(size)
        self.sql("UPDATE video SET size = %s WHERE id = %s", size, video_id)

    def has_failpoints(self, program="publisher"):
        return b"failpoint_kill" in (self.build / program).read_bytes()

    def logs(self):
        """Every log file's text by name."""
        return {path.name: path.read_text(errors="replace")
                for path in (self.dir / "log").rglob("*") if path.is_file()}


def make_video(path, seconds=2, size="640x360", extra=()):
    """A small H.264 MP4 with sound."""
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=30:d={seconds}",
                    "-f", "lavfi", "-i", f"sine=d={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
                    "-pix_fmt", "yuv420p", "-c:a", "aac", *extra, "-movflags", "+faststart", str(path)], check=True)
    return path


def pad_video(source, path, size):
    """The same video, made size bytes long by a `free` box at its end (ISO/IEC 14496-12, 8.1.2)."""
    data = pathlib.Path(source).read_bytes()
    padding = size - len(data)
    assert padding >= 8
    with open(path, "wb") as out:
        out.write(data + padding.to_bytes(4, "big") + b"free")
        out.write(secrets.token_bytes(min(padding - 8, 4096)))
        out.truncate(size)
    return path


def build_directory():
    """The build under test: the sanitized one with failpoints where there is one."""
    for name in ("SPG_BUILD_SANITIZED", "SPG_BUILD"):
        if name in os.environ and (pathlib.Path(os.environ[name]) / "publisher").exists():
            return os.environ[name]
    return str(REPO / "build")


@contextlib.contextmanager
def running_site(build=None, **kwargs):
    """A site of its own directory, stopped and removed at the end; its logs stay on failure."""
    directory = tempfile.mkdtemp(prefix="spg-test-", dir="/var/tmp")
    os.chmod(directory, 0o755)
    site = Site(directory, build or build_directory(), **kwargs)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        logs = os.environ.get("SPG_TEST_LOGS")
        if logs:
            shutil.copytree(site.dir / "log", pathlib.Path(logs) / site.dir.name, dirs_exist_ok=True)
        try:
            spg_leaks.check_site(site)
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def program_pids(site, program="upload"):
    """The running processes of a program of this installation."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and os.readlink(f"/proc/{entry}/exe") == str(site.dir / "app/bin" / program):
                found.append(int(entry))
    return found


def restart(site, program):
    """All processes of a program end, and others take their place."""
    old = set(program_pids(site, program))
    for process in old:
        os.kill(process, signal.SIGTERM)
    wait_for("successors", lambda: len(now := set(program_pids(site, program))) == len(old) and not now & old, 20)


def secrets_in(text, site):
    """Which of the secrets that the sandbox ever issued stand in text."""
    found = []
    for secret in site.sandbox.get("secrets"):
        if secret["value"] and re.search(re.escape(secret["value"]), text):
            found.append((secret["kind"], secret["value"][:12] + "..."))
    return found


def spgctl(site, *arguments, code=0, user=None):
    """Run spgctl; its answer as JSON (None without one). Fails unless it exits with code."""
    command = [REPO / "deploy/quickstart", "--dir", site.dir, "run", "spgctl", "--json", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
    if user:
        environment["SUDO_USER"] = user
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == code, (arguments, done)
    return json.loads(done.stdout) if done.stdout else None
