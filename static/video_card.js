// @ts-check
/** A video in the library, as the template has it. */
import { node } from "./dom.js";
import { durationText, sizeText } from "./time.js";

/** @type {Record<string, string>} */
const STATE_TEXT = { checking: "Checking", ready: "Ready", refused: "Refused" };

/** @param {number} posts */
export function postsText(posts) {
	return posts === 1 ? "1 post" : `${posts} posts`;
}

/** @param {string} tag */
export function tagLink(tag) {
	return node("a", { class: "tag", href: `/videos?tag=${encodeURIComponent(tag)}` }, tag);
}

/** Words and links under the name. @param {any} video */
function stateLine(video) {
	const parts = [node("span", { class: `chip chip-${video.state}` }, STATE_TEXT[video.state] ?? video.state)];
	if (video.state === "ready" && !video.used) parts.push(" ", node("span", { class: "chip" }, "Never used"));
	if (video.posts) {
		const words = `In ${postsText(video.posts)}`;
		parts.push(" ", node("a", { class: "video-posts", href: `/posts?video=${video.id}` }, words));
	}
	return node("p", { class: "video-state" }, ...parts);
}

/** @param {any} video */
function notes(video) {
	const list = [];
	if (video.reason) list.push(node("p", { class: "row-reason" }, video.reason.message));
	if (video.duplicates.length) {
		const link = node("a", { href: `/videos/${video.duplicates[0]}` }, "See the other");
		list.push(node("p", { class: "row-warning" }, "This file is here more than once. ", link));
	}
	for (const note of video.notes) list.push(node("p", { class: "video-note" }, note.message));
	return list;
}

/** What can be done next; "" where there is nothing to repair. @param {any} video */
function repairWords(video) {
	const state = video.repair?.state;
	if (state === "waiting" || state === "running") return "Being made";
	if (state === "done" && video.repair.video_id) return "Compare";
	return video.state === "refused" && video.repairable && !video.missing ? "Make it fit" : "";
}

/** @param {any} video as the API has it */
export function card(video) {
	const facts = [sizeText(video.size), video.width ? `${video.width} × ${video.height}` : ""]
		.filter(Boolean)
		.join(" · ");
	const page = `/videos/${video.id}`;
	const repair = repairWords(video);
	return node(
		"li",
		{ class: "video", "data-video": video.id, "data-state": video.state },
		node(
			"a",
			{ class: "video-picture", href: page, tabindex: "-1", "aria-hidden": "true" },
			video.thumbnail_url ? node("img", { src: video.thumbnail_url, alt: "" }) : null,
			node("span", { class: "video-time" }, video.duration_ms ? durationText(video.duration_ms) : ""),
		),
		node(
			"div",
			{ class: "video-text" },
			node("p", { class: "video-name", title: video.name }, node("a", { href: page }, video.name)),
			node("p", { class: "row-meta" }, facts),
			stateLine(video),
			node(
				"p",
				{ class: "tags" },
				...video.tags.map(tagLink),
				node(
					"button",
					{ type: "button", class: "plain small", "data-tags": video.tags.join(", ") },
					video.tags.length ? "Edit tags" : "Add tags",
				),
			),
			...notes(video),
		),
		node(
			"p",
			{ class: "video-actions" },
			video.state === "ready"
				? node("a", { class: "button second small", href: `/posts/new?video=${video.id}` }, "Write a post")
				: null,
			repair ? node("a", { class: "button second small", href: page }, repair) : null,
			node("button", { type: "button", class: "plain small", "data-delete": video.id }, "Delete"),
		),
	);
}
