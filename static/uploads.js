// @ts-check
/** The list of uploads: files dropped or chosen, a few at a time, and those that a closed page left unfinished. */
import { csrfToken } from "./api.js";
import { byId, node, setText } from "./dom.js";
import { durationText, sizeText } from "./time.js";
import { Upload, fingerprint, tus } from "./upload.js";

const AT_ONCE = 3;
const SIZE_MAX = 4_000_000_000;
const BATCH_EVERY_MS = 1000;
const STORAGE_PREFIX = "tus::spg-";

/** Sends uploads on, a few at a time; one that is paused gives its place away. */
class Queue {
	constructor() {
		/** @type {{upload: Upload, begin: () => void}[]} */
		this.waiting = [];
		/** @type {Set<Upload>} */
		this.running = new Set();
	}

	/**
	 * @param {Upload} upload
	 * @param {() => void} begin
	 */
	add(upload, begin) {
		let started = false;
		const first = () => {
			started = true;
			begin();
		};
		for (const name of ["end", "pause"]) upload.addEventListener(name, () => this.leave(upload));
		upload.addEventListener("resume", () => {
			this.enter(upload, started ? () => upload.start() : first);
		});
		this.enter(upload, first);
	}

	/**
	 * @param {Upload} upload
	 * @param {() => void} begin
	 */
	enter(upload, begin) {
		this.waiting.push({ upload, begin });
		this.next();
	}

	/** @param {Upload} upload */
	leave(upload) {
		this.waiting = this.waiting.filter((entry) => entry.upload !== upload);
		this.running.delete(upload);
		this.next();
	}

	next() {
		while (this.running.size < AT_ONCE && this.waiting.length) {
			const { upload, begin } = /** @type {{upload: Upload, begin: () => void}} */ (
				this.waiting.shift()
			);
			this.running.add(upload);
			begin();
		}
	}
}

/** One line for all uploads together, while there are several. */
class Batch {
	/** @param {Set<Upload>} uploads those that are not done */
	constructor(uploads) {
		this.uploads = uploads;
		this.words = node("p", { class: "batch-words" });
		this.pauseButton = node(
			"button",
			{ type: "button", class: "second small", onclick: () => this.toggle() },
			"Pause all",
		);
		const cancel = node(
			"button",
			{ type: "button", class: "plain small", onclick: () => this.cancel() },
			"Cancel all",
		);
		this.row = node(
			"div",
			{ class: "upload-batch", role: "group", "aria-label": "All uploads", hidden: true },
			this.words,
			node("div", { class: "batch-actions" }, this.pauseButton, cancel),
		);
	}

	get open() {
		return [...this.uploads].filter((upload) => upload.isOpen);
	}

	/** True when something is left to be paused. */
	get moves() {
		return this.open.some((upload) => upload.state !== "paused");
	}

	toggle() {
		const { open, moves } = this;
		// The last first, so that none takes the place of one just paused.
		for (const upload of open.reverse()) {
			if (moves && upload.state !== "paused") upload.pause();
		}
		for (const upload of open.reverse()) {
			if (!moves) upload.goOn();
		}
	}

	cancel() {
		for (const upload of this.open.reverse()) upload.cancel();
	}

	show() {
		const { open } = this;
		this.row.hidden = open.length < 2;
		if (this.row.hidden) return;
		const size = open.reduce((sum, upload) => sum + (upload.file?.size ?? 0), 0);
		const sent = open.reduce((sum, upload) => sum + upload.sent, 0);
		const speed = open.reduce((sum, upload) => sum + (upload.isSending ? upload.rate.perSecond() : 0), 0);
		const left = speed > 0 ? ` · ${sizeText(speed)}/s · ${durationText((1000 * (size - sent)) / speed)} left` : "";
		setText(this.words, `${open.length} files, ${Math.floor((100 * sent) / size)} % of ${sizeText(size)}${left}`);
		setText(this.pauseButton, this.moves ? "Pause all" : "Go on with all");
	}
}

/** An upload that this browser remembers and the server still has. */
class Unfinished {
	/**
	 * @param {any} stored what tus-js-client remembers
	 * @param {number} offset how many bytes the server has
	 * @param {() => void} choose opens the file picker
	 */
	constructor(stored, offset, choose) {
		this.stored = stored;
		const name = stored.metadata.filename;
		const share = stored.size ? offset / stored.size : 0;
		this.row = node(
			"li",
			{ class: "upload", "data-upload": "unfinished" },
			node(
				"div",
				{ class: "upload-head" },
				node("p", { class: "upload-name", title: name }, name),
				node(
					"div",
					{ class: "upload-actions" },
					node(
						"button",
						{ type: "button", class: "second small", onclick: choose },
						"Choose the file",
					),
					node(
						"button",
						{ type: "button", class: "plain small", onclick: () => this.discard() },
						"Discard",
					),
				),
			),
			node("progress", { max: "1", value: String(share), "aria-label": `Upload of ${name}` }),
			node(
				"p",
				{ class: "upload-words warn" },
				`Stopped at ${Math.floor(100 * share)} % of ${sizeText(stored.size)}. Choose the same file again to go on from there.`,
			),
		);
	}

	/** @param {File} file */
	fits(file) {
		return this.stored.urlStorageKey.startsWith(`tus::${fingerprint(file)}::`);
	}

	async discard() {
		this.row.remove();
		await tus.defaultOptions.urlStorage.removeUpload(this.stored.urlStorageKey);
		await tus.Upload.terminate(this.stored.uploadUrl, { headers: { "X-CSRF-Token": csrfToken() } }).catch(
			() => undefined,
		);
	}
}

/**
 * How many bytes the server has of a remembered upload; null when it has it no more.
 * @param {string} url
 * @returns {Promise<number | null>}
 */
async function askOffset(url) {
	const answer = await fetch(url, {
		method: "HEAD",
		cache: "no-store",
		headers: { "Tus-Resumable": "1.0.0" },
	}).catch(() => null);
	if (!answer || answer.status >= 500 || answer.status === 423) return 0;
	if (!answer.ok) return null;
	return Number(answer.headers.get("Upload-Offset") ?? 0);
}

/** Fires "video" (detail: id) when a file has arrived, "checked" (detail: the video) when it has been looked into. */
export class Uploads extends EventTarget {
	constructor() {
		super();
		this.list = byId("uploads");
		this.input = byId("files");
		this.queue = new Queue();
		/** @type {Unfinished[]} */
		this.unfinished = [];
		/** @type {Set<Upload>} */
		this.active = new Set();
		this.batch = new Batch(this.active);
		this.list.before(this.batch.row);
		setInterval(() => this.batch.show(), BATCH_EVERY_MS);
		this.listen(byId("drop"));
		this.recall();
	}

	/** @param {HTMLElement} drop */
	listen(drop) {
		this.input.addEventListener("change", () => {
			this.add([...this.input.files]);
			this.input.value = "";
		});
		let inside = 0;
		const mark = () => drop.classList.toggle("over", inside > 0);
		addEventListener("dragover", (event) => event.preventDefault());
		addEventListener("drop", (event) => event.preventDefault());
		drop.addEventListener("dragenter", () => {
			inside++;
			mark();
		});
		drop.addEventListener("dragleave", () => {
			inside--;
			mark();
		});
		drop.addEventListener("drop", (event) => {
			inside = 0;
			mark();
			this.add([...(event.dataTransfer?.files ?? [])]);
		});
		addEventListener("beforeunload", (event) => {
			if (this.active.size) event.preventDefault();
		});
	}

	/** Show what an earlier visit left unfinished. */
	async recall() {
		for (const stored of await tus.defaultOptions.urlStorage.findAllUploads()) {
			if (!stored.urlStorageKey.startsWith(STORAGE_PREFIX) || !stored.uploadUrl) continue;
			const offset = await askOffset(stored.uploadUrl);
			if (offset === null) {
				tus.defaultOptions.urlStorage.removeUpload(stored.urlStorageKey);
				continue;
			}
			const entry = new Unfinished(stored, offset, () => this.input.click());
			this.unfinished.push(entry);
			this.list.append(entry.row);
		}
	}

	/** @param {File[]} files */
	add(files) {
		for (const file of files) this.addOne(file);
	}

	/** @param {File} file */
	addOne(file) {
		const upload = new Upload(file.name).take(file);
		this.list.prepend(upload.row);
		if (file.size === 0 || file.size > SIZE_MAX) {
			const words = file.size
				? "This file is larger than 4 GB, the most that is taken."
				: "This file is empty.";
			upload.show("failed", words, "bad");
			return;
		}
		this.active.add(upload);
		upload.addEventListener("end", () => this.active.delete(upload));
		upload.addEventListener("resume", () => this.active.add(upload));
		upload.addEventListener("state", () => this.batch.show());
		for (const name of ["video", "checked"]) {
			upload.addEventListener(name, (event) => {
				this.dispatchEvent(
					new CustomEvent(name, { detail: /** @type {CustomEvent} */ (event).detail }),
				);
			});
		}
		const before = this.unfinished.find((entry) => entry.fits(file));
		if (before) {
			this.unfinished.splice(this.unfinished.indexOf(before), 1);
			before.row.remove();
		}
		this.queue.add(upload, () => (before ? upload.resume(before.stored) : upload.start()));
	}
}
