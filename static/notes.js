// @ts-check
/** Why a post waits, what would go wrong at its time, and what helps: as the templates have it. */
import { node } from "./dom.js";
import { momentText } from "./time.js";
import { label, language } from "./words.js";

/** The code that came, where the words alone would not tell. @param {any} reason @param {boolean} always */
function codeNode(reason, always) {
	return reason.code && (always || !reason.known) ? [" ", node("code", {}, reason.code)] : [];
}

/**
 * The notes of a post, in the reader's language.
 * @param {any} post
 * @param {boolean} codes show the code of a reason too, which the log and TikTok's support know
 * @returns {Node[]}
 */
export function noteNodes(post, codes = false) {
	const { reason, remedy, warning, warning_remedy: helps } = post;
	const notes = [];
	if (reason) {
		const id = codes ? "reason" : null;
		notes.push(node("p", { class: "row-reason", id }, reason.message, ...codeNode(reason, codes && post.state !== "delivered")));
	}
	if (reason && post.state === "scheduled" && post.next_attempt_at) {
		const at = post.next_attempt_at;
		notes.push(
			node(
				"p",
				{ class: "row-waits" },
				`${label("waits")}: `,
				node("time", { datetime: at }, momentText(at, language())),
			),
		);
	}
	if (remedy) notes.push(node("p", { class: "row-remedy", id: codes ? "remedy" : null }, remedy.message));
	if (warning) {
		notes.push(
			node(
				"p",
				{ class: "row-warning" },
				node("strong", {}, `${label("warning")}:`),
				" ",
				warning.message,
				...codeNode(warning, false),
			),
		);
	}
	if (helps) notes.push(node("p", { class: "row-remedy" }, helps.message));
	return notes;
}

/**
 * Put the notes of a post into a place, if they differ from what is there.
 * @param {Element} place
 * @param {any} post
 * @param {boolean} codes
 */
export function showNotes(place, post, codes = false) {
	const notes = noteNodes(post, codes);
	const words = notes.map((note) => note.textContent).join(" ");
	if (place.textContent?.replace(/\s+/g, " ").trim() !== words) place.replaceChildren(...notes);
}
