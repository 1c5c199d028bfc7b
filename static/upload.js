// @ts-check
/** One file on its way to the server: a tus upload and its row, from the first byte to the checked video. */
import { csrfToken, get, statusWords } from "./api.js";
import { announce, node, setText } from "./dom.js";
import { durationText, sizeText } from "./time.js";

/** tus-js-client, as its published bundle leaves it. */
export const tus = /** @type {any} */ (globalThis).tus;

export const ENDPOINT = "/uploads";
const RETRY_DELAYS = [0, 1000, 2000, 4000, 8000, 15000, 30000, 30000, 30000, 30000];
const RATE_WINDOW_MS = 5000;
const WATCH_EVERY_MS = 1000;
const STALLED_MS = 30_000;
const FINISHING_MS = 150_000;
const LOST_AGAIN_MS = 30_000;
const CHECK_EVERY_MS = 1000;

/**
 * What makes a chosen file "the same file" again.
 * @param {File} file
 */
export function fingerprint(file) {
	return `spg-${file.name}-${file.size}-${file.lastModified}`;
}

/** The speed over the last seconds. */
class Rate {
	constructor() {
		/** @type {{at: number, bytes: number}[]} */
		this.samples = [];
	}

	/** @param {number} bytes sent so far */
	add(bytes) {
		const at = performance.now();
		this.samples.push({ at, bytes });
		while (this.samples.length > 2 && at - this.samples[0].at > RATE_WINDOW_MS) this.samples.shift();
	}

	/** @returns {number} bytes per second, 0 while unknown */
	perSecond() {
		const [first, last] = [this.samples[0], this.samples[this.samples.length - 1]];
		if (!first || last.at - first.at < 500) return 0;
		return (1000 * (last.bytes - first.bytes)) / (last.at - first.at);
	}
}

/** What is said of a status where the answer has no words of its own. @type {Record<number, string>} */
const REFUSAL = {
	413: "This file is larger than 4 GB, the most that is taken.",
	507: "The server has no room for this file right now. Try again later.",
};

/**
 * The problem document of a refusal, {} where there is none.
 * @param {any} error a DetailedError of tus-js-client
 */
function problemOf(error) {
	try {
		return JSON.parse(error.originalResponse.getBody()) ?? {};
	} catch {
		return {};
	}
}

/**
 * Why the server refused, in its own words where it has some.
 * @param {any} error a DetailedError of tus-js-client
 */
function refusalWords(error) {
	const status = error.originalResponse?.getStatus() ?? 0;
	if (!status) return "The connection was lost.";
	return problemOf(error).detail || REFUSAL[status] || statusWords(status);
}

/**
 * Events: "video" (detail: the video's id, once all bytes are there), "checked" (detail: the video), "pause",
 * "resume" (it wants its turn again), "state", "end" (nothing more happens here by itself).
 */
export class Upload extends EventTarget {
	/** @param {string} name of the file */
	constructor(name) {
		super();
		this.name = name;
		this.state = "waiting";
		this.videoId = "";
		this.rate = new Rate();
		this.sent = 0;
		this.canRetry = false;
		this.bar = node("progress", { max: "1", value: "0", "aria-label": `Upload of ${name}` });
		this.words = node("p", { class: "upload-words" }, "Waiting for its turn");
		this.pauseButton = node(
			"button",
			{ type: "button", class: "plain small", onclick: () => this.toggle() },
			"Pause",
		);
		this.cancelButton = node(
			"button",
			{ type: "button", class: "plain small", onclick: () => this.cancel() },
			"Cancel",
		);
		this.actions = node("div", { class: "upload-actions" }, this.pauseButton, this.cancelButton);
		this.row = node(
			"li",
			{ class: "upload", "data-upload": this.state },
			node(
				"div",
				{ class: "upload-head" },
				node("p", { class: "upload-name", title: name }, name),
				this.actions,
			),
			this.bar,
			this.words,
		);
		this.movedAt = 0;
		addEventListener("online", () => {
			if (this.state === "lost") this.start();
		});
		addEventListener("offline", () => {
			if (this.isSending) this.lose();
		});
		this.watcher = 0;
		this.addEventListener("end", () => {
			clearInterval(this.watcher);
			this.watcher = 0;
		});
	}

	get isSending() {
		return ["sending", "retrying", "finishing"].includes(this.state);
	}

	/** All of it has not arrived yet, and still may. */
	get isOpen() {
		return this.isSending || ["waiting", "paused", "lost"].includes(this.state);
	}

	/** A connection can die without a word: what has not moved for long is begun again, as is what was lost. */
	watch() {
		const idle = performance.now() - this.movedAt;
		if (this.state === "lost" && navigator.onLine && idle > LOST_AGAIN_MS) this.start();
		if (
			idle > (this.state === "finishing" ? FINISHING_MS : STALLED_MS) &&
			["sending", "finishing"].includes(this.state)
		) {
			this.client.abort();
			this.start();
		}
	}

	lose() {
		this.client.abort();
		this.movedAt = performance.now();
		this.show(
			"lost",
			"The connection is lost. What has arrived is kept. It goes on by itself when the connection is back.",
			"warn",
		);
	}

	/**
	 * @param {string} state waiting, sending, paused, lost, finishing, checking, ready, refused, failed, gone
	 * @param {string} words
	 * @param {string} [tone] good, warn or bad
	 */
	show(state, words, tone = "") {
		if (state !== this.state) {
			this.state = state;
			this.row.setAttribute("data-upload", state);
			announce(`${this.name}: ${words}`);
		}
		this.words.className = `upload-words ${tone}`.trim();
		setText(this.words, words);
		const failed = state === "failed";
		this.pauseButton.hidden = !this.isOpen && !(failed && this.canRetry);
		this.cancelButton.hidden = !this.isOpen && !failed;
		const stopped = failed ? "Try again" : "Go on";
		setText(this.pauseButton, failed || state === "paused" || state === "lost" ? stopped : "Pause");
		setText(this.cancelButton, failed ? "Remove" : "Cancel");
		this.dispatchEvent(new Event("state"));
	}

	/** @param {File} file */
	take(file) {
		this.file = file;
		this.client = new tus.Upload(file, {
			endpoint: ENDPOINT,
			retryDelays: RETRY_DELAYS,
			metadata: { filename: file.name, filetype: file.type },
			fingerprint: async () => fingerprint(file),
			removeFingerprintOnSuccess: true,
			onBeforeRequest: (/** @type {any} */ request) => request.setHeader("X-CSRF-Token", csrfToken()),
			onAfterResponse: (/** @type {any} */ _, /** @type {any} */ answer) => {
				this.videoId = answer.getHeader("Spg-Video-Id") || this.videoId;
			},
			// Once the server has the upload, no fault may start a second one from zero.
			onUploadUrlAvailable: () => {
				this.client.options.endpoint = null;
			},
			onShouldRetry: (/** @type {any} */ error) => this.mayRetry(error),
			onProgress: (/** @type {number} */ sent) => this.progress(sent),
			onSuccess: () => this.finish(),
			onError: (/** @type {any} */ error) => this.stopped(error),
		});
		return this;
	}

	start() {
		this.show("sending", "Starting");
		this.rate = new Rate();
		this.movedAt = performance.now();
		this.watcher ||= setInterval(() => this.watch(), WATCH_EVERY_MS);
		this.client.start();
	}

	/** Go on with what the server already has. @param {any} stored what tus-js-client remembers of it */
	resume(stored) {
		this.client.resumeFromPreviousUpload(stored);
		this.client.options.endpoint = null;
		this.start();
	}

	toggle() {
		if (this.state === "lost") this.start();
		else if (this.state === "paused") this.goOn();
		else if (this.state === "failed") this.take(/** @type {File} */ (this.file)).goOn();
		else this.pause();
	}

	pause() {
		this.client.abort();
		this.show("paused", `Paused at ${Math.floor(100 * this.bar.value)} %`);
		this.dispatchEvent(new Event("pause"));
	}

	goOn() {
		this.show("waiting", "Waiting for its turn");
		this.dispatchEvent(new Event("resume"));
	}

	async cancel() {
		this.show("gone", "Cancelling");
		this.dispatchEvent(new Event("end"));
		await this.client?.abort(true).catch(() => undefined);
		this.row.remove();
	}

	/** @param {any} error */
	mayRetry(error) {
		const status = error.originalResponse?.getStatus() ?? 0;
		if (status === 0 && !navigator.onLine) return false;
		const passing =
			status === 0 ||
			status === 409 ||
			status === 423 ||
			// Too fast is over in a moment; the quota of a day is not.
			(status === 429 && !/^quota_/.test(problemOf(error).code ?? "")) ||
			(status >= 500 && status !== 507);
		if (passing) {
			const why = status === 0 ? "The connection was lost." : "The server is busy.";
			this.show("retrying", `${why} What has arrived is kept; trying again…`, "warn");
		}
		return passing;
	}

	/** @param {number} sent */
	progress(sent) {
		const size = /** @type {File} */ (this.file).size;
		this.rate.add(sent);
		this.sent = sent;
		this.movedAt = performance.now();
		this.bar.value = size ? sent / size : 1;
		if (sent >= size) {
			this.show("finishing", "All bytes sent, waiting for the server");
			return;
		}
		const speed = this.rate.perSecond();
		const speedWords =
			speed > 0
				? ` · ${sizeText(speed)}/s · ${durationText((1000 * (size - sent)) / speed)} left`
				: "";
		this.show("sending", `${Math.floor((100 * sent) / size)} % of ${sizeText(size)}${speedWords}`);
	}

	/** @param {any} error */
	stopped(error) {
		const status = error.originalResponse?.getStatus() ?? 0;
		if (status === 0 || (status >= 500 && status !== 507)) {
			this.lose();
			return;
		}
		if ((status === 404 || status === 410) && this.client.url) {
			this.take(/** @type {File} */ (this.file)).start();
			this.show("sending", "The first part has expired on the server, starting from the beginning");
			return;
		}
		this.canRetry = true;
		this.show("failed", refusalWords(error), "bad");
		this.dispatchEvent(new Event("end"));
	}

	async finish() {
		this.bar.value = 1;
		this.canRetry = false;
		this.dispatchEvent(new Event("end"));
		if (!this.videoId) this.videoId = await this.askVideoId();
		if (!this.videoId) {
			this.show(
				"failed",
				"The upload is complete, but the server did not name the video. Load the page again to see it.",
				"warn",
			);
			return;
		}
		this.show("checking", "Uploaded. Checking what is in it…");
		this.dispatchEvent(new CustomEvent("video", { detail: this.videoId }));
		this.check();
	}

	/** The answer that named the video was lost: an empty piece at the end brings it again. */
	async askVideoId() {
		const answer = await fetch(this.client.url, {
			method: "PATCH",
			headers: {
				"Tus-Resumable": "1.0.0",
				"Upload-Offset": String(/** @type {File} */ (this.file).size),
				"Content-Type": "application/offset+octet-stream",
				"X-CSRF-Token": csrfToken(),
			},
		}).catch(() => null);
		return answer?.headers.get("Spg-Video-Id") ?? "";
	}

	/** Ask until the server has looked into the file. */
	async check() {
		for (;;) {
			const video = await get(`/api/v1/videos/${this.videoId}`).catch((error) => {
				if (error.status === 404) return { state: "gone" };
				return { state: "checking" };
			});
			if (video.state === "ready") {
				this.show("ready", "Ready", "good");
				this.words.append(
					" · ",
					node("a", { href: `/posts/new?video=${this.videoId}` }, "Write a post"),
				);
			} else if (video.state === "refused") {
				this.show("refused", `It cannot be posted. ${video.reason?.message ?? ""}`, "bad");
			} else if (video.state === "gone") {
				this.row.remove();
			}
			if (video.state !== "checking") {
				this.dispatchEvent(new CustomEvent("checked", { detail: video }));
				return;
			}
			await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
		}
	}
}
