// @ts-check
/** The page of videos: uploads above, the checked ones below. */
import { call, get } from "./api.js";
import { announce, ask, byId, complain, node } from "./dom.js";
import { durationText, sizeText } from "./time.js";
import { Uploads } from "./uploads.js";

const CHECK_EVERY_MS = 2000;
const STATE_TEXT = { checking: "Checking", ready: "Ready", refused: "Refused" };

const grid = byId("videos");

/** @param {string} id */
function cardOf(id) {
	return grid.querySelector(`[data-video="${CSS.escape(id)}"]`);
}

/** @param {any} video */
function card(video) {
	const facts = [sizeText(video.size), video.width ? `${video.width} × ${video.height}` : ""]
		.filter(Boolean)
		.join(" · ");
	return node(
		"li",
		{ class: "video", "data-video": video.id, "data-state": video.state },
		node(
			"div",
			{ class: "video-picture" },
			video.thumbnail_url ? node("img", { src: `/videos/${video.id}/thumbnail`, alt: "" }) : null,
			node("span", { class: "video-time" }, video.duration_ms ? durationText(video.duration_ms) : ""),
		),
		node(
			"div",
			{ class: "video-text" },
			node("p", { class: "video-name", title: video.name }, video.name),
			node("p", { class: "row-meta" }, facts),
			node(
				"p",
				{ class: "video-state" },
				node(
					"span",
					{ class: `chip chip-${video.state}` },
					/** @type {any} */ (STATE_TEXT)[video.state] ?? video.state,
				),
			),
			video.reason ? node("p", { class: "row-reason" }, video.reason.message) : null,
		),
		node(
			"p",
			{ class: "video-actions" },
			video.state === "ready"
				? node(
						"a",
						{ class: "button second small", href: `/posts/new?video=${video.id}` },
						"Write a post",
					)
				: null,
			node("button", { type: "button", class: "plain small", "data-delete": video.id }, "Delete"),
		),
	);
}

/** @param {any} video */
function show(video) {
	const old = cardOf(video.id);
	if (old) old.replaceWith(card(video));
	else grid.prepend(card(video));
}

/** @param {string} id */
async function remove(id) {
	const name = cardOf(id)?.querySelector(".video-name")?.textContent ?? "The video";
	byId("delete-text").textContent =
		`${name} is removed from here for good. What is already on TikTok stays there.`;
	if (!(await ask(byId("delete-dialog")))) return;
	try {
		await call("DELETE", `/api/v1/videos/${id}`);
		cardOf(id)?.remove();
		announce(`${name} was deleted`);
	} catch (error) {
		complain(/** @type {Error} */ (error).message);
	}
}

/** Videos that were being checked when the page was made. */
async function followChecks() {
	const waiting = new Set(
		[...grid.querySelectorAll('[data-state="checking"]')].map((item) => item.getAttribute("data-video")),
	);
	while (waiting.size) {
		await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
		for (const id of waiting) {
			const video = await get(`/api/v1/videos/${id}`).catch(() => null);
			if (!video || video.state === "checking") continue;
			waiting.delete(id);
			show(video);
		}
	}
}

for (const button of grid.querySelectorAll("[data-delete]")) button.hidden = false;
grid.addEventListener("click", (/** @type {Event} */ event) => {
	const button = /** @type {Element} */ (event.target).closest("[data-delete]");
	if (button) remove(button.getAttribute("data-delete") ?? "");
});
new Uploads().addEventListener("checked", (event) => {
	const video = /** @type {CustomEvent} */ (event).detail;
	if (video.id) show(video);
});
followChecks();
