"""The shipped nginx site: accepted by nginx in its production form, and shaped as reference B49 and D18 ask."""
import pathlib
import re
import subprocess

import pytest

REPO = pathlib.Path(__file__).resolve().parents[2]
NGINX = REPO / "nginx"


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """Everything nginx reads for spg-site.conf, as `nginx -T` prints it."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "spg").symlink_to(NGINX)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-subj", "/CN=post.example.org", "-days", "1",
                    "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
                   check=True, capture_output=True)
    site = (NGINX / "spg-site.conf").read_text()
    site = site.replace("/etc/ssl/spg-autoposter/", f"{folder}/").replace("/var/log/spg-autoposter/", f"{folder}/")
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nerror_log stderr;\nevents {{ }}\nhttp {{\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n"
                  for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        + "include site.conf;\n}\n")
    done = subprocess.run(["nginx", "-T", "-c", folder / "nginx.conf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr and "[emerg]" not in done.stderr, done.stderr
    return done.stdout


def locations(text):
    """Each location with its own directives, those of nested locations left out."""
    found, stack = {}, []
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        opened = re.fullmatch(r"location (.+) \{", line)
        if opened or line.endswith("{"):
            stack.append(opened[1] if opened else None)
            if opened:
                found[opened[1]] = []
        elif line == "}":
            stack.pop()
        else:
            named = [name for name in stack if name]
            if named:
                found[named[-1]].append(line)
    return found


def test_nginx_accepts_the_production_site(production):
    assert "server_name post.example.org;" in production


def test_only_uploads_are_passed_on_unbuffered():
    text = (NGINX / "spg-locations.conf").read_text()
    assert re.findall(r"^fastcgi_request_buffering (\w+);", text, re.M) == ["on"]
    unbuffered = [name for name, lines in locations(text).items() if "fastcgi_request_buffering off;" in lines]
    assert unbuffered == ["~ ^/uploads(/|$)"]


def test_only_videos_and_archives_may_redirect_inside():
    text = (NGINX / "spg-locations.conf").read_text()
    assert re.search(r"^fastcgi_ignore_headers X-Accel-Redirect ", text, re.M)
    allowed = [name for name, lines in locations(text).items()
               if any(line.startswith("fastcgi_ignore_headers") for line in lines)]
    assert allowed == ["~ ^/videos/[^/]+/(file|thumbnail|strip)$", "~ ^/exports/[^/]+/file$", "~ ^/pull/"]


def test_addresses_that_work_like_a_key_stay_out_of_the_logs():
    """nginx's error log quotes whole requests, the access log names the path."""
    silent = [name for name, lines in locations((NGINX / "spg-locations.conf").read_text()).items()
              if "error_log /dev/null emerg;" in lines]
    assert silent == ["= /oauth/start", "~ ^/oauth/(callback|signout)$", "~ ^/deletion(/|$)", "~ ^/support(/|$)",
                      "~ ^/uploads(/|$)", "~ ^/pull/", "^~ /_pull/"]
    masked = re.findall(r"^\t~\^(/\w+/)\.\s+\1-;$", (NGINX / "http.conf").read_text(), re.M)
    assert masked == ["/uploads/", "/deletion/", "/support/", "/pull/"]


def test_verification_files_come_before_the_program_of_their_folder():
    """Of two patterns that fit, nginx takes the first."""
    names = list(locations((NGINX / "spg-locations.conf").read_text()))
    verification = [name for name in names if "tiktok[" in name]
    assert len(verification) == 1 and names.index(verification[0]) < names.index("~ ^/pull/")


def test_every_location_of_a_program_has_the_shared_rules():
    for name, lines in locations((NGINX / "spg-locations.conf").read_text()).items():
        if any(line.startswith("fastcgi_pass") for line in lines):
            assert "include spg/fastcgi.conf;" in lines, name
    shared = (NGINX / "fastcgi.conf").read_text()
    assert "fastcgi_next_upstream    off;" in shared and "fastcgi_intercept_errors off;" in shared
    assert re.findall(r"^fastcgi_param (\S+)", shared, re.M)[-1] == "SPG_END"


def test_no_location_adds_headers_of_its_own():
    """nginx would then drop all those of headers.conf."""
    for name, lines in locations((NGINX / "spg-locations.conf").read_text()).items():
        assert not any(line.startswith("add_header") for line in lines), name


def test_policy_allows_no_inline_code():
    policy = re.search(r"default\s+\"(default-src[^\"]+)\"", (NGINX / "http.conf").read_text())[1]
    assert "unsafe" not in policy
    names = [part.split()[0] for part in policy.split(";") if part.strip()]
    assert len(names) == len(set(names))


def test_logs_hold_no_query_and_no_cookie():
    text = (NGINX / "http.conf").read_text()
    form = text[text.index("log_format spg"):]
    for word in ("$request ", "$request\"", "$request_uri", "$args", "$query_string", "cookie", "referer"):
        assert word not in form


def test_both_limit_files_define_the_same_zones():
    zones = [set(re.findall(r"zone=(\w+)", (NGINX / name).read_text()))
             for name in ("limits.conf", "limits-quickstart.conf")]
    used = set(re.findall(r"limit_(?:req zone=|conn\s+)(spg_\w+)", (NGINX / "spg-locations.conf").read_text()))
    assert zones[0] == zones[1] == used


def test_every_server_block_limits_connections():
    for server in (NGINX / "spg-site.conf").read_text().split("\nserver {")[1:]:
        assert "include spg/connection.conf;" in server or "include spg/spg-locations.conf;" in server
