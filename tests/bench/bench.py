"""What the benchmarks share: a release build, an installation that talks to the sink, people with videos, figures."""
import contextlib
import json
import math
import os
import pathlib
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import spg_site  # noqa: E402
from spg_site import REPO, wait_for  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# Far above what a run makes: the limits themselves are no subject here.
NO_LIMIT = "1000000"


def build():
    """The release build with the programs of the benchmarks, up to date; its directory."""
    directory = pathlib.Path(os.environ.get("SPG_BENCH_BUILD", REPO / "build-bench"))
    done = subprocess.run([REPO / "deploy/build", "--programs", directory, "--buildtype=release", "-Dbench=true"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    return directory


def npm_install(name, directory):
    """What HERE/name/package-lock.json pins, in the build directory; the folder."""
    source, folder = HERE / name, pathlib.Path(directory) / name
    lock = (source / "package-lock.json").read_bytes()
    folder.mkdir(exist_ok=True)
    done = folder / "installed"
    if not done.exists() or done.read_bytes() != lock:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(source / file, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        done.write_bytes(lock)
    return folder


def own_settings():
    """Settings that lift every limit of TikTok's that the configuration knows."""
    text = (REPO / "lib/base/config.c").read_text(encoding="utf-8")
    return [f"{name}={NO_LIMIT}" for name in re.findall(r"INT\((quota_\w+),", text)]


class Sink:
    """The server that stands for TikTok, and its control."""

    def __init__(self, latency_ms=0):
        self.port = spg_site.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([HERE / "sink", "--port", str(self.port), "--latency", str(latency_ms)])
        try:
            wait_for("the sink", self.answers, 20)
        except BaseException:
            self.stop()
            raise

    def answers(self):
        try:
            return self.state()
        except OSError:
            return None

    def _call(self, method, path, body=None):
        answer = spg_site.http_request(self.url, method, f"/_sink/{path}", body=body)
        assert answer.status == 200, (method, path, answer)
        return answer.json()

    def state(self):
        return self._call("GET", "state")

    def inits(self):
        """[(open_id, seconds since 1970)] in order of arrival."""
        return [(open_id, at / 1000) for open_id, at in self._call("GET", "inits")]

    def set(self, **settings):
        self._call("PATCH", "settings", settings)

    def reset(self):
        self._call("POST", "reset")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class BenchSite(spg_site.Site):
    """An installation whose TikTok is the sink, if there is one; the sandbox, where people have to sign in."""

    def __init__(self, directory, build, sink=None, sets=(), sandbox=False):
        super().__init__(directory, build, sets=[*own_settings(), *sets])
        self.has_sandbox = sandbox
        if sink:
            self.sets += [f"tiktok_api_url={sink.url}", f"tiktok_auth_url={sink.url}"]

    def start(self):
        if self.has_sandbox:
            super().start()
            return
        arguments = ["--port", str(self.port), "--build", str(self.build), "--no-install", "--no-cron", "--no-demo",
                     "--no-sandbox"]
        for pair in self.sets:
            arguments += ["--set", pair]
        self.quickstart(*arguments)
        self.config = dict(line.split(" = ", 1) for line in (self.dir / "spg.conf").read_text().splitlines()
                           if " = " in line)

    def command(self, program, *arguments, user="spg_publisher"):
        """The words that run a program of the build as user; the process itself becomes it."""
        place = self.dir / "app/bin" / program
        if not place.exists():
            shutil.copy(self.build / "tests/bench" / program, place)
        return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--inh-caps=-all", "--no-new-privs",
                "env", "-i", "PATH=/usr/bin:/bin", f"SPG_CONFIG={self.dir}/spg.conf", str(place), *arguments]

    def publisher(self, *arguments):
        """Start a publisher; it writes to its log file."""
        with open(self.dir / "log/publisher.log", "ab") as log:
            return subprocess.Popen(self.command("publisher", *arguments), cwd="/", stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log)

    def people(self, count):
        """count users with one connected account each, tokens sealed; open ids are "bench1" and so on."""
        self.sql("INSERT INTO app_user (time_zone) SELECT 'UTC' FROM generate_series(1, %s)", count)
        self.sql("INSERT INTO account (user_id, open_id, display_name, username, scopes) "
                 "SELECT id, 'bench' || id, 'bench' || id, 'bench' || id, "
                 "'{user.info.basic,video.publish,video.upload}' FROM app_user")
        accounts = self.sql("SELECT id, open_id FROM account")
        lines = "".join(f"{account} act.{open_id} rft.{open_id}\n" for account, open_id in accounts)
        sealed = subprocess.run([self.build / "tests/bench/token_seal", self.config["token_public_key_file"]],
                                input=lines, capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in sealed.splitlines()]
        self.sql("INSERT INTO account_token (account_id, version, access_sealed, refresh_sealed, access_expires_at, "
                 "access_lifetime_s, refresh_expires_at) SELECT id, 1, access::bytea, refresh::bytea, "
                 "now() + interval '1 day', 86400, now() + interval '365 days' "
                 "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS sealed (id, access, refresh)",
                 *(list(column) for column in zip(*rows)))
        self.sql("ANALYZE")

    def videos(self, path):
        """A ready video for each user that has none of that size: names of one file, which costs its room once."""
        size = os.stat(path).st_size
        place = pathlib.Path(self.config["media_dir"]) / "videos"
        first = None
        users = [user for (user,) in self.sql("SELECT id FROM app_user ORDER BY id")]
        names = [secrets.token_urlsafe(16) for _ in users]
        for name in names:
            if first is None:
                first = place / name
                subprocess.run(["cp", "--sparse=always", path, first], check=True)
                first.chmod(0o644)
            else:
                os.link(first, place / name)
        self.sql("INSERT INTO video (user_id, file, name, size, state, container, codec, audio_codec, width, height, "
                 "fps_milli, duration_ms) SELECT user_id, file, 'bench.mp4', %s, 'ready', 'mp4', 'h264', 'aac', 720, "
                 "1280, 30000, 10000 FROM unnest(%s::bigint[], %s::text[]) AS named (user_id, file)",
                 size, users, names)
        self.sql("ANALYZE video")

    def schedule(self, size, count, first_due, spacing=0.0):
        """count posts of videos of that size, account after account, due from first_due on, spacing seconds apart."""
        self.sql("WITH pair AS (SELECT a.user_id, a.id AS account_id, v.id AS video_id, "
                 "row_number() OVER (ORDER BY a.id) - 1 AS place, count(*) OVER () AS places "
                 "FROM account a JOIN video v ON v.user_id = a.user_id AND v.size = %s) "
                 "INSERT INTO post (user_id, account_id, video_id, mode, state, due_at, next_attempt_at, caption, "
                 "privacy_level, consent_at, consent) "
                 "SELECT user_id, account_id, video_id, 'direct', 'scheduled', due, due, 'bench ' || n, 'SELF_ONLY', "
                 "now(), '{}' FROM generate_series(0, %s - 1) AS n, "
                 "LATERAL (SELECT to_timestamp(%s + n * %s) AS due) AS times, pair WHERE place = n %% places",
                 size, count, first_due, spacing)
        self.sql("ANALYZE post")

    def forget_posts(self):
        """Back to no posts at all and nothing known of TikTok, between runs."""
        self.sql("TRUNCATE post, creator_info, quota, breaker CASCADE")
        self.sql("VACUUM ANALYZE")

    def states(self):
        return dict(self.sql("SELECT state, count(*) FROM post GROUP BY state"))


@contextlib.contextmanager
def running(sink=None, place="/var/tmp", **kwargs):
    """A bench site in a directory of its own below place, stopped and removed at the end."""
    programs = build()
    directory = tempfile.mkdtemp(prefix="spg-bench-", dir=place)
    os.chmod(directory, 0o755)
    site = BenchSite(directory, programs, sink=sink, **kwargs)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running_sink(**kwargs):
    sink = Sink(**kwargs)
    try:
        yield sink
    finally:
        sink.stop()


def end(processes):
    """Ask publishers to end, and wait until they have."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)


def percentile(values, share):
    """The value that share of all values do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def spread(values, digits=2):
    """The median with the lowest and highest value."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def figure(name, target, measured, unit, at_least=False):
    """Print one figure beside its target, and keep it for tests/bench/run."""
    ratio = measured / target
    print(f"FIGURE {name}: {measured:.4g} {unit}, target {'at least' if at_least else 'at most'} {target:g} {unit}, "
          f"ratio {ratio:.2f}", flush=True)
    if "SPG_BENCH_FIGURES" in os.environ:
        with open(os.environ["SPG_BENCH_FIGURES"], "a", encoding="utf-8") as out:
            out.write(json.dumps({"name": name, "target": target, "measured": measured, "unit": unit,
                                  "at_least": at_least, "ratio": ratio}) + "\n")


def random_file(path, size):
    """size bytes that do not compress and stand on the disk."""
    with open(path, "wb") as out:
        left = size
        while left > 0:
            left -= out.write(secrets.token_bytes(min(left, 1 << 20)))
    return path


def sparse_file(path, size):
    with open(path, "wb") as out:
        out.truncate(size)
    return path
