// @ts-check
/** The archive with the user's data: asking for it, following it, fetching it. The forms work without this. */
import { call, get } from "./api.js";
import { byId, complain, node, setText } from "./dom.js";
import { momentText, sizeText } from "./time.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const EVERY_MS = 2000;

/** @param {any} entry */
const isOpen = (entry) => entry.state === "waiting" || entry.state === "running";

/** The same as lib/web/view_export.c says. @param {any} entry */
function words(entry) {
	if (entry.state === "waiting") return "Your archive is waiting for its turn.";
	if (entry.state === "running") return `Your archive is being made: ${entry.percent} %.`;
	if (entry.state === "ready")
		return `Your archive is ready, ${sizeText(entry.size)}. You can download it until ${momentText(entry.expires_at)}.`;
	if (entry.state === "failed") return entry.reason?.message ?? "Your archive could not be made.";
	return "Your last archive has expired and was removed.";
}

/** @param {any} entry */
function parts(entry) {
	const cancel = node("button", { type: "button", class: "second" }, isOpen(entry) ? "Cancel" : "Remove it now");
	cancel.addEventListener("click", () => forget(entry.id));
	return [
		isOpen(entry)
			? node("progress", { max: "100", value: String(entry.percent), "aria-label": "Progress of the archive" })
			: null,
		node(
			"div",
			{ class: "actions" },
			entry.state === "ready"
				? node("a", { class: "button", href: entry.file_url, id: "export-file" }, "Download the archive")
				: null,
			isOpen(entry) || entry.state === "ready" ? cancel : null,
		),
	];
}

let shown = "";

/** @param {any} entry the latest one, if any */
function show(entry) {
	const now = JSON.stringify(entry ?? null);
	if (now === shown) return;
	shown = now;
	const state = byId("export-state");
	byId("export").disabled = Boolean(entry && isOpen(entry));
	if (!entry || entry.state === "cancelled") {
		state.replaceChildren();
		return;
	}
	// A live region that stays is heard when its words change.
	const said = document.getElementById("export-words") ?? node("p", { id: "export-words", role: "status" });
	const bar = state.querySelector("progress");
	setText(said, words(entry));
	if (bar && entry.state === "running") {
		bar.value = entry.percent;
		return;
	}
	state.replaceChildren(said, ...parts(entry).filter(Boolean));
}

let timer = 0;

/** Ask how far it is, and again while it moves. */
async function follow() {
	clearTimeout(timer);
	const answer = document.hidden ? null : await get("/api/v1/exports?limit=1").catch(() => null);
	const entry = answer?.items[0];
	if (answer) show(entry);
	clearTimeout(timer);
	if (!answer || (entry && isOpen(entry))) timer = setTimeout(follow, EVERY_MS);
}

/** @param {string} id */
async function forget(id) {
	try {
		await call("DELETE", `/api/v1/exports/${id}`);
	} catch (error) {
		if (/** @type {ApiError} */ (error).status !== 404) complain(/** @type {Error} */ (error).message);
	}
	await follow();
	byId("export").focus();
}

byId("export-form").addEventListener("submit", async (/** @type {Event} */ event) => {
	event.preventDefault();
	setText(byId("export-error"), "");
	byId("export").disabled = true;
	try {
		await call("POST", "/api/v1/exports", { with_videos: byId("export-videos").checked });
	} catch (error) {
		setText(byId("export-error"), /** @type {Error} */ (error).message);
		byId("export").disabled = false;
	}
	await follow();
});

follow();
