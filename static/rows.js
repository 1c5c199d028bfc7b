// @ts-check
/** Rows of posts in a list, brought up to date while their posts are on the way. */
import { get } from "./api.js";
import { node, setText } from "./dom.js";
import { showNotes } from "./notes.js";
import { STATE } from "./words.js";

const EVERY_MS = 4000;
const SOON_MS = 60_000;

/** @param {Element} row */
function isMoving(row) {
	const state = row.getAttribute("data-state");
	if (state === "publishing" || state === "processing") return true;
	const due = row.querySelector("time")?.getAttribute("datetime");
	return state === "scheduled" && Boolean(due) && Date.parse(due ?? "") - Date.now() < SOON_MS;
}

/**
 * @param {Element} row
 * @param {any} post
 */
function update(row, post) {
	const notes = row.querySelector(".notes");
	if (notes) showNotes(notes, post);
	if (row.getAttribute("data-state") === post.state) return;
	row.setAttribute("data-state", post.state);
	const chip = row.querySelector(".chip") ?? row.appendChild(node("span"));
	chip.className = `chip chip-${post.state}`;
	setText(chip, STATE[post.state] ?? post.state);
	row.querySelector(".countdown")?.remove();
}

/** Ask about the rows whose posts move, as long as somebody looks. */
export async function followRows() {
	for (;;) {
		await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
		if (document.hidden) continue;
		for (const row of document.querySelectorAll("[data-post][data-state]")) {
			if (!isMoving(row)) continue;
			const post = await get(`/api/v1/posts/${row.getAttribute("data-post")}`).catch(() => null);
			if (post) update(row, post);
		}
	}
}
