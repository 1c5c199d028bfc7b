// @ts-check
/** The page of videos: uploads and imports above, the library below. */
import { call, get } from "./api.js";
import { announce, byId, node, setText } from "./dom.js";
import { Imports } from "./imports.js";
import { showStorage } from "./storage.js";
import { Uploads } from "./uploads.js";
import { card } from "./video_card.js";
import { deleteVideo } from "./video_delete.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const CHECK_EVERY_MS = 2000;

const grid = byId("videos");

/** @param {string} id */
function cardOf(id) {
	return grid.querySelector(`[data-video="${CSS.escape(id)}"]`);
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
	if (!(await deleteVideo(id, name))) return;
	cardOf(id)?.remove();
	announce(`${name} was deleted`);
	showStorage();
}

/** Tags change where they stand. @param {Element} button */
function editTags(button) {
	const place = /** @type {Element} */ (button.closest(".tags"));
	const id = button.closest("[data-video]")?.getAttribute("data-video") ?? "";
	const input = node("input", { type: "text", "aria-label": "Tags, with commas between them", autocomplete: "off" });
	const error = node("p", { class: "field-error", role: "alert" });
	input.value = button.getAttribute("data-tags") ?? "";
	const form = node(
		"form",
		{ class: "tags-form" },
		input,
		node("button", { type: "submit", class: "second small" }, "Save"),
		node("button", { type: "button", class: "plain small", onclick: () => form.replaceWith(place) }, "Cancel"),
		error,
	);
	form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
		if (event.key === "Escape") form.replaceWith(place);
	});
	form.addEventListener("submit", async (/** @type {Event} */ event) => {
		event.preventDefault();
		try {
			show(await call("PATCH", `/api/v1/videos/${id}`, { tags: splitTags(input.value) }));
			/** @type {HTMLElement | null | undefined} */ (cardOf(id)?.querySelector("[data-tags]"))?.focus();
		} catch (caught) {
			const { errors, message } = /** @type {ApiError} */ (caught);
			setText(error, errors[0]?.message ?? message);
		}
	});
	place.replaceWith(form);
	input.focus();
}

/** @param {string} text */
function splitTags(text) {
	return text.split(",").map((tag) => tag.trim()).filter(Boolean);
}

/** Videos that are being checked, until they no longer are. @param {Iterable<string>} ids */
async function followChecks(ids) {
	const waiting = new Set(ids);
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

for (const button of grid.querySelectorAll("[data-delete], [data-tags]")) button.hidden = false;
grid.addEventListener("click", (/** @type {Event} */ event) => {
	const target = /** @type {Element} */ (event.target);
	const deletes = target.closest("[data-delete]");
	const tags = target.closest("[data-tags]");
	if (deletes) remove(deletes.getAttribute("data-delete") ?? "");
	if (tags) editTags(tags);
});
const uploads = new Uploads();
uploads.addEventListener("video", showStorage);
uploads.addEventListener("checked", (event) => {
	const video = /** @type {CustomEvent} */ (event).detail;
	if (video.id) show(video);
});
new Imports().addEventListener("video", async (event) => {
	const video = await get(`/api/v1/videos/${/** @type {CustomEvent} */ (event).detail}`).catch(() => null);
	showStorage();
	if (!video) return;
	show(video);
	if (video.state === "checking") followChecks([video.id]);
});
followChecks(
	[...grid.querySelectorAll('[data-state="checking"]')].map((item) => item.getAttribute("data-video") ?? ""),
);
