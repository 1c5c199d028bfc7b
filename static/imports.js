// @ts-check
/** Videos fetched from addresses, and those of the drop folder: asking, following, cancelling. */
import { call, get } from "./api.js";
import { byId, complain, node, setText } from "./dom.js";
import { sizeText } from "./time.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const EVERY_MS = 2000;
const IDLE_EVERY_MS = 30_000;
const SHOWN = 10;

/** @param {any} entry */
const isOpen = (entry) => entry.state === "waiting" || entry.state === "running";

/** @param {any} entry */
function title(entry) {
	const path = entry.address.split(/[?#]/)[0];
	return entry.name || path.slice(path.lastIndexOf("/") + 1) || entry.address;
}

/** @param {any} entry */
function words(entry) {
	if (entry.state === "done") return entry.video_id ? "Done" : "Done; the video was deleted since";
	if (entry.state === "failed") return "Failed";
	if (entry.state === "waiting") return "Waiting for its turn";
	const done = `${entry.source === "drop" ? "Read" : "Fetched"} ${sizeText(entry.received)}`;
	return entry.total ? `${done} of ${sizeText(entry.total)}` : done;
}

/** What the button does; "" for none. @param {any} entry */
function forgetWords(entry) {
	if (isOpen(entry)) return entry.source === "drop" ? "" : "Cancel";
	return entry.source === "drop" && entry.state === "failed" ? "Try again" : "Remove";
}

/** Fires "video" (detail: id) when an import has become a video. */
export class Imports extends EventTarget {
	constructor() {
		super();
		this.list = byId("imports");
		/** @type {Set<string>} the videos that are known */
		this.videos = new Set();
		this.first = true;
		this.timer = 0;
		const form = document.getElementById("import-form");
		form?.addEventListener("submit", (event) => {
			event.preventDefault();
			this.ask();
		});
		this.list.addEventListener("click", (/** @type {Event} */ event) => {
			const button = /** @type {Element} */ (event.target).closest("[data-forget]");
			if (button) this.forget(button.getAttribute("data-forget") ?? "");
		});
		this.follow();
	}

	async ask() {
		const field = byId("import-url");
		const submit = byId("import-submit");
		submit.disabled = true;
		setText(byId("import-error"), "");
		try {
			await call("POST", "/api/v1/imports", { url: field.value.trim() });
			field.value = "";
			await this.follow();
		} catch (error) {
			const { errors, message } = /** @type {ApiError} */ (error);
			setText(byId("import-error"), errors[0]?.message ?? message);
			field.focus();
		}
		submit.disabled = false;
	}

	/** @param {string} id */
	async forget(id) {
		try {
			await call("DELETE", `/api/v1/imports/${id}`);
		} catch (error) {
			if (/** @type {ApiError} */ (error).status !== 404) complain(/** @type {Error} */ (error).message);
		}
		await this.follow();
	}

	/** @param {any} entry */
	row(entry) {
		const forget = forgetWords(entry);
		const link = entry.video_id ? node("a", { href: `/videos/${entry.video_id}` }, "See the video") : null;
		const bar = { max: String(entry.total), value: String(entry.received), "aria-label": `Import of ${title(entry)}` };
		return node(
			"li",
			{ class: "upload", "data-import": entry.id, "data-state": entry.state, "data-source": entry.source },
			node(
				"div",
				{ class: "upload-head" },
				node("p", { class: "upload-name", title: entry.address }, title(entry)),
				forget
					? node("button", { type: "button", class: "plain small", "data-forget": entry.id }, forget)
					: null,
			),
			entry.state === "running" && entry.total ? node("progress", bar) : null,
			node(
				"p",
				{ class: "upload-words" },
				entry.source === "drop" ? "From your drop folder. " : null,
				words(entry),
				link ? " · " : null,
				link,
			),
			entry.reason
				? node("p", { class: `upload-words ${entry.state === "failed" ? "bad" : "warn"}` }, entry.reason.message)
				: null,
		);
	}

	/** Ask for the list now, and again while something moves; now and then for what is dropped. */
	async follow() {
		clearTimeout(this.timer);
		const answer = document.hidden ? null : await get(`/api/v1/imports?limit=${SHOWN}`).catch(() => null);
		if (answer) this.show(answer.items);
		const moving = answer?.items.some(isOpen);
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.follow(), moving || document.hidden ? EVERY_MS : IDLE_EVERY_MS);
	}

	/** @param {any[]} items */
	show(items) {
		// A row that says the same stays, with the focus that may be in it.
		const rows = items.map((entry) => {
			const fresh = this.row(entry);
			const old = this.list.querySelector(`[data-import="${CSS.escape(entry.id)}"]`);
			return old?.isEqualNode(fresh) ? old : fresh;
		});
		this.list.replaceChildren(...rows);
		for (const { video_id: id } of items) {
			if (!id || this.videos.has(id)) continue;
			this.videos.add(id);
			if (!this.first) this.dispatchEvent(new CustomEvent("video", { detail: id }));
		}
		this.first = false;
	}
}
