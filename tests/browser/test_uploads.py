"""Uploads as people meet them: pausing, a lost connection, a closed tab, a file that is no video."""
import pytest

import spg_site
from conftest import PHONE, SLOW


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


def drop(person, *paths):
    """Let files fall onto the drop area, as a hand with a mouse would."""
    person.driver.execute_script("""
        const taken = document.createElement("input");
        taken.type = "file"; taken.multiple = true; taken.id = "hand";
        document.body.append(taken);""")
    person.find("#hand").send_keys("\n".join(str(path) for path in paths))
    person.driver.execute_script("""
        const hand = document.getElementById("hand"), drop = document.getElementById("drop");
        const data = new DataTransfer();
        for (const file of hand.files) data.items.add(file);
        hand.remove();
        for (const name of ["dragenter", "dragover"])
            drop.dispatchEvent(new DragEvent(name, {bubbles: true, cancelable: true, dataTransfer: data}));
        window.wasMarked = drop.classList.contains("over");
        drop.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: data}));""")
    assert person.driver.execute_script("return wasMarked")


def row(name):
    return f'.upload:has([title="{name}"])'


def press(person, name, words):
    """A button of one upload, by its words."""
    person.wait(f"{words} of {name}", lambda: [button for button in person.all(f"{row(name)} button")
                                               if button.text == words])
    [button for button in person.all(f"{row(name)} button") if button.text == words][0].click()


def state(person, name):
    found = person.all(row(name))
    return found[0].get_attribute("data-upload") if found else "none"


@pytest.fixture
def five_files(tmp_path, video_file):
    return [spg_site.pad_video(video_file, tmp_path / f"clip {number}.mp4", 1_200_000) for number in range(5)]


def test_dropped_files_go_up_together_and_each_obeys(signed_in, five_files):
    person = signed_in
    person.go("/videos")
    person.throttle(upload=SLOW)
    drop(person, *five_files)
    names = [path.name for path in five_files]
    person.wait("five rows", lambda: len(person.all(".upload")) == 5)
    person.wait("three are sent, two wait", lambda: sorted(state(person, name) for name in names)
                == ["sending"] * 3 + ["waiting"] * 2)
    person.see("5 files", ".upload-batch")
    person.wait("speed and time left", lambda: "/s · " in person.text(".upload-batch") and "left" in person.text(".upload-batch"))
    person.picture("33-five-at-once")
    press(person, names[0], "Pause")
    person.see("Paused at", f"{row(names[0])} .upload-words")
    person.wait("its place goes to another", lambda: [state(person, name) for name in names].count("sending") == 3)
    press(person, names[1], "Cancel")
    person.wait("the row is gone", lambda: state(person, names[1]) == "none")
    person.look_at(PHONE)
    assert not person.is_too_wide()
    person.picture("33-phone-one-paused")
    person.throttle()
    person.wait("three are ready", lambda: [state(person, name) for name in names].count("ready") == 3, timeout=60)
    assert state(person, names[0]) == "paused"
    press(person, names[0], "Go on")
    person.wait("four are ready", lambda: len(person.all(".upload[data-upload=ready]")) == 4, timeout=60)
    person.wait("four cards", lambda: len(person.all(".video[data-state=ready]")) == 4)
    person.go("/videos")
    assert sorted(card.text for card in person.all(".video-name")) == sorted(set(names) - {names[1]})


def test_all_are_paused_and_go_on_or_are_cancelled(signed_in, five_files):
    person = signed_in
    person.go("/videos")
    person.throttle(upload=SLOW)
    drop(person, *five_files)
    person.see("5 files", ".upload-batch")
    person.wait("one is sent", lambda: person.all(".upload[data-upload=sending]"))
    person.click(".upload-batch button")
    person.wait("all stand", lambda: len(person.all(".upload[data-upload=paused]")) == 5)
    person.see("Go on with all", ".upload-batch")
    person.click(".upload-batch button")
    person.wait("three are sent again", lambda: len(person.all(".upload[data-upload=sending]")) == 3)
    assert len(person.all(".upload[data-upload=waiting]")) == 2
    person.click(".upload-batch button:last-child")
    person.wait("no row", lambda: not person.all(".upload"))
    person.throttle()
    person.go("/videos")
    assert not person.all(".upload") and not person.all(".video")


REFUSALS = [(413, "quota_storage", "Your storage is full."), (413, "quota_videos", "You have 2000 videos."),
            (429, "quota_uploads", "500 uploads today."), (507, "", "no room for this file")]


@pytest.mark.parametrize("status, code, words", REFUSALS, ids=[code or "no_room" for _, code, _ in REFUSALS])
def test_a_refusal_is_told_in_words_and_can_be_tried_again(signed_in, five_files, status, code, words):
    """What the server answers when there is no room, put into the browser's own requests."""
    person = signed_in
    person.go("/videos")
    person.wait("the page", lambda: person.all("#files"))
    person.driver.execute_script("""
        const [status, code, words] = arguments;
        window.refused = 0;
        const real = tus.defaultOptions.httpStack.createRequest.bind(tus.defaultOptions.httpStack);
        tus.defaultOptions.httpStack.createRequest = (method, url) => {
            const request = real(method, url);
            if (method === "POST" && !window.roomAgain) request.send = async () => {
                window.refused++;
                return {getStatus: () => status, getHeader: () => null, getUnderlyingObject: () => null,
                        getBody: () => code ? JSON.stringify({code, detail: words}) : ""};
            };
            return request;
        };""", status, code, words)
    person.find("#files").send_keys(str(five_files[0]))
    person.wait("it failed", lambda: person.all(".upload[data-upload=failed]"))
    person.see(words, ".upload-words.bad")
    assert person.driver.execute_script("return refused") == 1
    if code == "quota_storage":
        person.picture("34-storage-full")
    person.driver.execute_script("window.roomAgain = true")
    press(person, five_files[0].name, "Try again")
    is_ready(person)
