"""deploy/quickstart --set: kept, forgotten, and refused before anything stops."""
import re


def start(site, *arguments):
    return site.quickstart("--build", str(site.build), "--no-install", "--no-cron", "--no-demo", *arguments, check=False)


def test_a_wrong_setting_is_refused_and_changes_nothing(site):
    before = {path: path.read_bytes() for path in (site.dir / "spg.conf", site.dir / "settings")}
    for pair, words in (("no_such_key=1", r"no_such_key problem=unknown key"),
                        ("publisher_late_minutes=soon", r"publisher_late_minutes expected=a whole number"),
                        ("tiktok_transfer=by_post", r"tiktok_transfer expected=")):
        done = start(site, "--set", pair)
        assert done.returncode == 1
        assert re.search(words, done.stderr) and "nothing was changed" in done.stderr
        assert "restarting" not in done.stdout
        assert {path: path.read_bytes() for path in before} == before
    assert site.request("GET", "/healthz").status == 200
    assert not (site.dir / "spg.conf.new").exists()


def test_a_setting_is_kept_until_it_is_forgotten(site):
    def config():
        return (site.dir / "spg.conf").read_text()
    try:
        assert start(site, "--set", "operator_name=Somebody Else").returncode == 0
        assert start(site).returncode == 0
        assert "operator_name = Somebody Else\n" in config()
        assert "Somebody Else" in site.request("GET", "/privacy").text
    finally:
        assert start(site, "--set", "operator_name=").returncode == 0
    assert "operator_name = Quick start\n" in config()
