// @ts-check
/** One post: its state as it changes, its timeline, cancelling. */
import { call, get } from "./api.js";
import { ask, byId, complain, node, setText } from "./dom.js";
import { showNotes } from "./notes.js";
import { secondText } from "./time.js";
import { STATE, eventText, language, stateSentence } from "./words.js";

const EVERY_MS = 2000;
const QUIET_MS = 15_000;
const SOON_MS = 30_000;
const PUBLIC = "PUBLIC_TO_EVERYONE"; // others never get a link
const PUBLIC_LINK = /^https:\/\/(www\.)?tiktok\.com\//;

const page = byId("post");
const id = page.getAttribute("data-post");
let eventsShown = -1;

/** @param {any} post */
function showLinks(post) {
	if (!post.public_url || !PUBLIC_LINK.test(post.public_url)) return;
	byId("links").replaceChildren(
		node(
			"a",
			{ class: "button", href: post.public_url, rel: "noreferrer", target: "_blank" },
			"See it on TikTok",
		),
	);
}

/** @param {any} post */
function showState(post) {
	const chip = byId("state");
	chip.className = `chip chip-${post.state}`;
	setText(chip, STATE[post.state] ?? post.state);
	byId("status").className = `status status-${post.state}`;
	setText(byId("state-words"), stateSentence(post));
	showNotes(byId("notes"), post, true);
	showLinks(post);
}

/** @param {any} event */
function eventRow(event) {
	const from = STATE[event.from_state] ?? event.from_state;
	const name =
		event.kind === "state"
			? [
					from ? node("span", { class: "from" }, `${from} →`) : null,
					" ",
					node("span", { class: `chip chip-${event.name}` }, STATE[event.name] ?? event.name),
				]
			: [
					eventText(event.name),
					" ",
					event.kind === "call" || !eventText(event.name)
						? node("code", {}, event.name)
						: null,
				];
	return node(
		"tr",
		{ class: `event-${event.kind}` },
		node("td", {}, node("time", { datetime: event.at, title: event.at }, secondText(event.at))),
		node("td", {}, ...name),
		node("td", { "data-label": "HTTP" }, event.http_status ? String(event.http_status) : ""),
		node(
			"td",
			{ "data-label": "Answer" },
			event.code ? node("code", {}, event.code) : "",
			event.code && event.message ? " " : "",
			event.message ? node("span", { lang: language() }, event.message) : "",
		),
		node(
			"td",
			{ class: "number", "data-label": "Bytes" },
			event.bytes === null ? "" : Number(event.bytes).toLocaleString("en-GB"),
		),
		node("td", { "data-label": "Log id" }, event.log_id ? node("code", {}, event.log_id) : ""),
	);
}

async function showTimeline() {
	const { items } = await get(`/api/v1/posts/${id}/timeline`);
	if (items.length === eventsShown) return;
	eventsShown = items.length;
	byId("timeline").replaceChildren(...items.map(eventRow));
}

/** How long until the next look; 0 when nothing moves any more. @param {any} post */
function pause(post) {
	if (post.state === "publishing" || post.state === "processing") return EVERY_MS;
	if (post.state === "scheduled") return Date.parse(post.next_attempt_at) - Date.now() < SOON_MS ? EVERY_MS : QUIET_MS;
	if (post.state === "published" && !post.public_url && post.privacy_level === PUBLIC) return QUIET_MS;
	return 0;
}

/** A page in another state has other buttons: the server makes it. @param {any} post */
function isOtherPage(post) {
	const settled = ["failed", "held", "cancelled", "draft"].includes(post.state);
	return settled && post.state !== page.getAttribute("data-state");
}

async function follow() {
	for (;;) {
		let wait = EVERY_MS;
		try {
			const post = await get(`/api/v1/posts/${id}`);
			if (isOtherPage(post)) {
				location.reload();
				return;
			}
			if (post.state !== page.getAttribute("data-state")) {
				for (const gone of document.querySelectorAll("#edit, #cancel, [data-countdown]"))
					gone.remove();
			}
			showState(post);
			await showTimeline();
			wait = pause(post);
		} catch (error) {
			if (/** @type {any} */ (error).status === 404) return;
		}
		if (!wait) return;
		await new Promise((resolve) => setTimeout(resolve, wait));
		while (document.hidden) {
			await new Promise((resolve) =>
				document.addEventListener("visibilitychange", resolve, { once: true }),
			);
		}
	}
}

const cancel = document.getElementById("cancel");
if (cancel) {
	cancel.hidden = false;
	cancel.addEventListener("click", async () => {
		if (!(await ask(byId("cancel-dialog")))) return;
		try {
			await call("DELETE", `/api/v1/posts/${id}`);
			location.reload();
		} catch (error) {
			complain(/** @type {Error} */ (error).message);
		}
	});
}
follow();
