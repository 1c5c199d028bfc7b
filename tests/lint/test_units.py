"""The systemd units are accepted by systemd and as confined as reference B71 and B75 ask."""
import pathlib
import re
import shutil
import subprocess

import pytest

REPO = pathlib.Path(__file__).resolve().parents[2]
UNITS = REPO / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
ASKS_TIKTOK = {"spg-creator@.service", "spg-oauth_callback@.service", "spg-publisher@.service"}
HAS_NETWORK = ASKS_TIKTOK | {"spg-importer@.service", "spg-mailer@.service"}
# exposure times ten, from `systemd-analyze security`
HIGHEST = {"spg-media.service": 3, **{name: 12 for name in HAS_NETWORK}}

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A root folder that holds our units, systemd's own targets and stand-ins for the programs."""
    root = tmp_path_factory.mktemp("units")
    shutil.copytree(UNITS, root / "etc/systemd/system")
    programs = root / "usr/lib/spg-autoposter"
    programs.mkdir(parents=True)
    for service in SERVICES:
        name = re.search(r"^ExecStart=/usr/lib/spg-autoposter/(\S+)", (UNITS / service).read_text(), re.M)[1]
        shutil.copy("/bin/true", programs / name)
    system = root / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    for name in ("sysinit", "basic", "sockets", "multi-user", "shutdown", "network-online"):
        shutil.copy(f"/usr/lib/systemd/system/{name}.target", system)
    return root


def instance(name):
    return name.replace("@.", "@1.")


def analyze(root, command, *arguments):
    done = subprocess.run(["systemd-analyze", command, f"--root={root}", "--no-pager", *arguments],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_systemd_accepts_every_unit(root):
    units = [instance(path.name) for path in UNITS.iterdir() if path.is_file()]
    code, output = analyze(root, "verify", "--man=no", *units)
    assert (code, output) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_exposure_stays_below_the_gate(root, service):
    code, output = analyze(root, "security", "--offline=true",
                           f"--threshold={HIGHEST.get(service, 5)}", instance(service))
    assert code == 0, output


def test_only_programs_that_ask_others_have_a_network():
    opened = {path.parent.name[:-2] for path in UNITS.glob("*.service.d/*.conf")
              if "AF_INET" in path.read_text() and path.parent.name != "spg-.service.d"}
    assert opened == HAS_NETWORK
    assert "RestrictAddressFamilies=AF_UNIX\n" in (UNITS / "spg-.service.d/10-hardening.conf").read_text()


def test_secrets_reach_only_the_programs_that_use_them():
    holders = {}
    for service in SERVICES:
        for secret in re.findall(r"^LoadCredential=(\w+):", (UNITS / service).read_text(), re.M):
            holders.setdefault(secret, set()).add(service)
    assert holders == {
        "client_secret": ASKS_TIKTOK | {"spg-tiktok_webhook@.service"},
        "token_secret_key": {"spg-creator@.service", "spg-publisher@.service"},
    }


# Started by the operator, not by systemd.
BY_HAND = {"spg_ctl"}


def test_every_program_has_a_user_of_its_own():
    known = set(re.findall(r"^u (\S+)", (REPO / "deploy/sysusers.conf").read_text(), re.M))
    users = {}
    for service in SERVICES:
        text = (UNITS / service).read_text()
        program = re.search(r"^ExecStart=/usr/lib/spg-autoposter/(\S+)", text, re.M)[1]
        users[program] = re.search(r"^User=(\S+)$", text, re.M)[1]
    assert users == {program: f"spg_{program}" for program in users}
    assert set(users.values()) == known - BY_HAND


def test_web_sockets_belong_to_nginx_alone():
    for path in UNITS.glob("*.socket"):
        text = path.read_text()
        assert "SocketMode=0660\n" in text, path.name
        group = "spg-store" if path.name == "spg-media.socket" else "www-data"
        assert f"SocketGroup={group}\n" in text, path.name


def test_every_upstream_of_nginx_has_a_socket_unit():
    upstreams = re.findall(r"unix:(\S+?);", (REPO / "nginx/upstreams.conf").read_text())
    sockets = [re.search(r"^ListenStream=(\S+)", path.read_text(), re.M)[1] for path in UNITS.glob("*.socket")]
    assert set(upstreams) == set(sockets) - {"/run/spg-autoposter/media.sock"}


def test_systemd_makes_the_users_as_listed(tmp_path):
    (tmp_path / "etc").mkdir()
    done = subprocess.run(["systemd-sysusers", f"--root={tmp_path}", REPO / "deploy/sysusers.conf"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "not a valid" not in done.stderr, done.stderr
    made = {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    assert {f"spg_{program}" for program in ("media", "publisher", "dashboard")} <= made
