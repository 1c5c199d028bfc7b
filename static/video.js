// @ts-check
/** One video: name and tags, deletion, and a version that TikTok takes. */
import { call, get } from "./api.js";
import { byId, complain, setText } from "./dom.js";
import { deleteVideo } from "./video_delete.js";
import { tagLink } from "./video_card.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const EVERY_MS = 1500;

const article = byId("video");
const id = article.dataset.video;

/** @param {string} name @param {(event: Event) => void} act */
function onButton(name, act) {
	const button = document.getElementById(name);
	if (!button) return;
	button.hidden = false;
	button.addEventListener("click", act);
}

async function saveChange() {
	setText(byId("change-saved"), "");
	for (const place of ["name-error", "tags-error"]) setText(byId(place), "");
	const tags = byId("new-tags").value.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);
	try {
		const video = await call("PATCH", `/api/v1/videos/${id}`, { name: byId("new-name").value, tags });
		setText(byId("name"), video.name);
		byId("new-name").value = video.name;
		byId("new-tags").value = video.tags.join(", ");
		byId("tags").replaceChildren(...video.tags.map(tagLink));
		setText(byId("change-saved"), "Saved");
	} catch (error) {
		const { errors, message } = /** @type {ApiError} */ (error);
		for (const { field, message: words } of errors) setText(byId(`${field === "name" ? "name" : "tags"}-error`), words);
		if (!errors.length) complain(message);
	}
}

/** A call that leaves the page with other contents. @param {string} method @param {string} path */
async function changeAll(method, path) {
	try {
		await call(method, path);
		location.reload();
	} catch (error) {
		complain(/** @type {Error} */ (error).message);
	}
}

/** Of two versions one goes. @param {string} side whose video is deleted @param {string} kept the other's side */
async function choose(side, kept) {
	const gone = /** @type {HTMLElement} */ (document.querySelector(`[data-${side}]`)).dataset[side] ?? "";
	const stays = /** @type {HTMLElement} */ (document.querySelector(`[data-${kept}]`)).dataset[kept];
	const name = side === "before" ? "The original" : "The new version";
	if (await deleteVideo(gone, name)) location.assign(`/videos/${stays}`);
}

/** The progress of a repair, of the check of its result, or of the video's own check. */
async function follow() {
	const after = document.querySelector('[data-after][data-state="checking"]');
	const watched = after?.getAttribute("data-after") ?? id;
	const repairing = ["waiting", "running"].includes(article.dataset.repair);
	while (after || repairing || article.dataset.state === "checking") {
		await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
		const video = document.hidden ? null : await get(`/api/v1/videos/${watched}`).catch(() => null);
		if (!video) continue;
		const stays = after || !repairing ? video.state === "checking" : ["waiting", "running"].includes(video.repair?.state);
		if (!stays) {
			location.reload();
			return;
		}
		if (repairing && !after) {
			byId("repair-bar").value = video.repair.percent;
			setText(
				byId("repair-words"),
				video.repair.state === "running" ? `${video.repair.percent} % made` : "Waiting for its turn",
			);
		}
	}
}

onButton("change-save", () => undefined);
byId("change").addEventListener("submit", (/** @type {Event} */ event) => {
	event.preventDefault();
	saveChange();
});
onButton("delete", async () => {
	if (await deleteVideo(id, byId("name").textContent)) location.assign("/videos");
});
onButton("repair-start", () => changeAll("POST", `/api/v1/videos/${id}/repair`));
onButton("repair-cancel", () => changeAll("DELETE", `/api/v1/videos/${id}/repair`));
onButton("use-new", () => choose("before", "after"));
onButton("keep-original", () => choose("after", "before"));
follow();
