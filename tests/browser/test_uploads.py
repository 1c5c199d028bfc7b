"""Uploads as people meet them: pausing, a lost connection, a closed tab, a file that is no video."""
import pytest

from conftest import SLOW


@pytest.fixture
def uploader(signed_in, tall_video_file):
    """Somebody whose upload has begun and goes slowly."""
    signed_in.go("/videos")
    signed_in.throttle(upload=SLOW)
    signed_in.find("#files").send_keys(str(tall_video_file))
    signed_in.wait("some progress", lambda: share(signed_in) > 0.1)
    return signed_in


def share(person):
    bars = person.all(".upload progress")
    return float(bars[0].get_property("value")) if bars else 0


def is_ready(person):
    person.wait(f"ready, not {person.text('#uploads')!r}", lambda: person.all(".upload[data-upload=ready]"), timeout=60)


def test_an_upload_is_paused_and_goes_on(uploader):
    uploader.click(".upload-actions button")
    uploader.see("Paused at", ".upload-words")
    before = share(uploader)
    uploader.throttle()
    uploader.click(".upload-actions button")
    is_ready(uploader)
    assert before < 1
    uploader.see("360 × 640", "#videos")


def test_a_lost_connection_is_told_and_survived(uploader):
    uploader.throttle(offline=True)
    uploader.see("What has arrived is kept", ".upload-words")
    uploader.picture("30-connection-lost")
    uploader.throttle()
    is_ready(uploader)
    assert [words for words in uploader.take_console() if "ERR_INTERNET_DISCONNECTED" not in words] == []
    uploader.console.clear()


def test_a_closed_page_lists_what_is_unfinished(uploader, tall_video_file):
    uploader.driver.execute_script("addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)")
    uploader.go("/posts")
    uploader.go("/videos")
    uploader.see("Choose the same file again to go on from there.", "#uploads")
    uploader.see(tall_video_file.name, "#uploads")
    kept = share(uploader)
    assert 0 < kept < 1
    uploader.picture("31-unfinished")
    uploader.find("#files").send_keys(str(tall_video_file))
    uploader.wait("more than before", lambda: share(uploader) >= kept and "%" in uploader.text(".upload-words"))
    uploader.throttle()
    is_ready(uploader)
    uploader.go("/videos")
    assert not uploader.all(".upload") and len(uploader.all(".video")) == 1
    assert [words for words in uploader.take_console() if "beforeunload" not in words] == []
    uploader.console.clear()


def test_an_upload_goes_on_after_a_reload(uploader, tall_video_file):
    uploader.driver.execute_script("addEventListener('beforeunload', event => event.stopImmediatePropagation(), true)")
    uploader.driver.refresh()
    uploader.see("Choose the same file again to go on from there.", "#uploads")
    assert 0 < share(uploader) < 1
    uploader.throttle()
    uploader.find("#files").send_keys(str(tall_video_file))
    is_ready(uploader)
    uploader.go("/videos")
    assert not uploader.all(".upload") and len(uploader.all(".video")) == 1
    assert [words for words in uploader.take_console() if "beforeunload" not in words] == []
    uploader.console.clear()


def test_two_tabs_send_the_same_file_once(uploader, tall_video_file):
    first = uploader.driver.current_window_handle
    uploader.driver.switch_to.new_window("tab")
    uploader.go("/videos")
    uploader.see("Choose the same file again to go on from there.", "#uploads")
    uploader.find("#files").send_keys(str(tall_video_file))
    is_ready(uploader)
    uploader.driver.close()
    uploader.driver.switch_to.window(first)
    # It was interrupted, and finds that nothing is left to be sent.
    uploader.throttle()
    is_ready(uploader)
    uploader.go("/videos")
    assert not uploader.all(".upload") and len(uploader.all(".video")) == 1
    refusals = ("409", "423", "503", "ERR_")
    assert [words for words in uploader.take_console() if not any(sign in words for sign in refusals)] == []
    uploader.console.clear()


def test_an_upload_is_cancelled(uploader):
    uploader.click(".upload-actions button:last-child")
    uploader.wait("no row", lambda: not uploader.all(".upload"))
    uploader.throttle()
    uploader.go("/videos")
    assert not uploader.all(".upload") and not uploader.all(".video")


def test_a_file_that_is_no_video_is_refused_in_words(signed_in, tmp_path):
    file = tmp_path / "notes.mp4"
    file.write_bytes(b"This is not a video. " * 500)
    signed_in.go("/videos")
    signed_in.find("#files").send_keys(str(file))
    signed_in.wait("refused", lambda: signed_in.all(".upload[data-upload=refused]"), timeout=60)
    signed_in.see("It cannot be posted.", ".upload-words")
    assert len(signed_in.text(".upload-words")) > len("It cannot be posted. ")
    signed_in.picture("32-refused")
    signed_in.click(".video [data-delete]")
    signed_in.see("notes.mp4", "#delete-dialog")
    signed_in.click("#delete-dialog .danger")
    signed_in.wait("deleted", lambda: not signed_in.all(".video"))


def test_several_files_at_once(signed_in, tall_video_file, video_file):
    signed_in.go("/videos")
    signed_in.find("#files").send_keys(f"{tall_video_file}\n{video_file}")
    signed_in.wait("both ready", lambda: len(signed_in.all(".upload[data-upload=ready]")) == 2, timeout=60)
    assert len(signed_in.all(".video[data-state=ready]")) == 2
