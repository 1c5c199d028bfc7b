// @ts-check
/** Deleting a video, with a word about the posts that need it. */
import { call, get } from "./api.js";
import { ask, byId, complain, node, setText } from "./dom.js";
import { momentText } from "./time.js";
import { STATE } from "./words.js";

const NEEDING = "scheduled,publishing,processing";

/** @param {any} post */
function row(post) {
	return node(
		"li",
		{ class: "row" },
		node(
			"div",
			{ class: "row-main" },
			node("p", { class: "row-title" }, post.caption || "Post without a caption"),
			node("p", { class: "row-meta" }, post.due_at ? momentText(post.due_at) : ""),
		),
		node("span", { class: `chip chip-${post.state}` }, STATE[post.state] ?? post.state),
	);
}

/** @param {any[]} posts that need the video @param {boolean} sending one of them is on its way */
function words(posts, sending) {
	if (sending) return "It is just being sent to TikTok. Wait until that is done, then delete it.";
	if (!posts.length) return "It is removed from here for good. What is already on TikTok stays there.";
	const what = posts.length === 1 ? "A scheduled post needs" : `${posts.length} scheduled posts need`;
	return `${what} this video and cannot go out without it:`;
}

/**
 * Ask, and delete.
 * @param {string} id
 * @param {string} name
 * @returns {Promise<boolean>} true when it is gone
 */
export async function deleteVideo(id, name) {
	try {
		const { items: posts } = await get(`/api/v1/posts?video=${id}&state=${NEEDING}&limit=100`);
		const sending = posts.some((/** @type {any} */ post) => post.state !== "scheduled");
		setText(byId("delete-text"), `${name}: ${words(posts, sending)}`);
		byId("delete-posts").replaceChildren(...posts.map(row));
		byId("delete-ok").hidden = sending;
		const cancelWords = posts.length === 1 ? "Cancel the post and delete" : `Cancel ${posts.length} posts and delete`;
		setText(byId("delete-ok"), posts.length ? cancelWords : "Delete");
		if (!(await ask(byId("delete-dialog")))) return false;
		await call("DELETE", `/api/v1/videos/${id}${posts.length ? "?cancel_posts=1" : ""}`);
		return true;
	} catch (error) {
		complain(/** @type {Error} */ (error).message);
		return false;
	}
}
