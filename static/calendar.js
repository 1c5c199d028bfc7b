// @ts-check
/** The calendar: a month of posts by day, in the user's zone; arrow keys move between days. */
import { getAll } from "./api.js";
import { announce, byId, complain, node } from "./dom.js";
import { showNotes } from "./notes.js";
import { clockText, localParts, momentText, userZone } from "./time.js";
import { STATE, label, language } from "./words.js";

const DAY_MS = 86_400_000;
const SHOWN_PER_DAY = 3;
const PAGES_MAX = 20;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const zone = userZone();
const today = localParts(new Date(), zone).date;
let selected = today;
/** @type {Map<string, any[]>} day to posts */
let posts = new Map();
let shownMonth = "";

/* Days are "2026-11-22" and reckoned in UTC: a calendar day has no zone. */

/** @param {string} day */
const atNoon = (day) => new Date(`${day}T12:00:00Z`);
/** @param {string} day @param {number} days */
const addDays = (day, days) => new Date(atNoon(day).getTime() + days * DAY_MS).toISOString().slice(0, 10);
/** Monday is 0. @param {string} day */
const weekday = (day) => (atNoon(day).getUTCDay() + 6) % 7;
/** @param {string} day */
const monthOf = (day) => day.slice(0, 7);

/** @param {string} day @param {number} months */
function addMonths(day, months) {
	const at = new Date(`${monthOf(day)}-01T12:00:00Z`);
	at.setUTCMonth(at.getUTCMonth() + months);
	const month = at.toISOString().slice(0, 7);
	at.setUTCMonth(at.getUTCMonth() + 1, 0);
	return `${month}-${String(Math.min(Number(day.slice(8)), at.getUTCDate())).padStart(2, "0")}`;
}

/** @param {string} day @param {Intl.DateTimeFormatOptions} options */
function dayText(day, options) {
	return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(atNoon(day));
}

/** @param {string} day @param {any[]} list */
function dayLabel(day, list) {
	const date = dayText(day, { weekday: "long", day: "numeric", month: "long" });
	return `${date}, ${list.length === 0 ? "no posts" : list.length === 1 ? "1 post" : `${list.length} posts`}`;
}

/** @param {string} day */
function dayCell(day) {
	const list = posts.get(day) ?? [];
	const classes = ["day", monthOf(day) === shownMonth ? "" : "other", day === today ? "today" : ""]
		.filter(Boolean)
		.join(" ");
	const marks = list.slice(0, SHOWN_PER_DAY).map((post) =>
		node(
			"span",
			{
				class: `day-post chip-${post.state}${post.warning ? " warned" : ""}`,
			},
			post.warning ? node("span", { class: "visually-hidden" }, `${label("warning")}: `) : null,
			`${clockText(post.due_at)} ${post.caption || "No caption"}`,
		),
	);
	if (list.length > SHOWN_PER_DAY)
		marks.push(node("span", { class: "day-more" }, `${list.length - SHOWN_PER_DAY} more`));
	return node(
		"td",
		{},
		node(
			"button",
			{
				type: "button",
				class: classes,
				"data-day": day,
				"aria-pressed": String(day === selected),
				"aria-current": day === today ? "date" : null,
				tabindex: day === selected ? "0" : "-1",
				onclick: () => select(day, true),
			},
			node("span", { class: "day-number" }, String(Number(day.slice(8)))),
			node("span", { class: "visually-hidden" }, dayLabel(day, list)),
			...marks,
		),
	);
}

function drawMonth() {
	const first = `${shownMonth}-01`;
	let day = addDays(first, -weekday(first));
	const rows = [];
	do {
		rows.push(node("tr", {}, ...WEEKDAYS.map((_, index) => dayCell(addDays(day, index)))));
		day = addDays(day, 7);
	} while (monthOf(day) === shownMonth);
	const head = node("tr", {}, ...WEEKDAYS.map((name) => node("th", { scope: "col" }, name)));
	byId("month").textContent = dayText(first, { month: "long", year: "numeric" });
	byId("grid").replaceChildren(
		node(
			"table",
			{ class: "month", "aria-labelledby": "month" },
			node("thead", {}, head),
			node("tbody", {}, ...rows),
		),
	);
}

/** @param {any} post */
function postRow(post) {
	const notes = node("div", { class: "notes", lang: language() });
	const picture = post.video?.thumbnail_url ? `/videos/${post.video.id}/thumbnail` : null;
	const meta = [momentText(post.due_at), post.account?.display_name].filter(Boolean).join(" · ");
	showNotes(notes, post);
	return node(
		"li",
		{ class: "row", "data-state": post.state },
		node("span", { class: "thumb" }, picture ? node("img", { src: picture, alt: "" }) : null),
		node(
			"div",
			{ class: "row-main" },
			node(
				"p",
				{ class: "row-title" },
				node("a", { href: `/posts/${post.id}` }, post.caption || "Post without a caption"),
			),
			node("p", { class: "row-meta" }, meta),
			notes,
		),
		node("span", { class: `chip chip-${post.state}` }, STATE[post.state] ?? post.state),
	);
}

function drawDay() {
	const list = posts.get(selected) ?? [];
	byId("day").hidden = false;
	byId("day-title").textContent = dayText(selected, { weekday: "long", day: "numeric", month: "long" });
	byId("day-posts").replaceChildren(...list.map(postRow));
	if (!list.length) {
		const fresh =
			selected >= today
				? [" ", node("a", { href: `/posts/new?date=${selected}` }, "Write one for this day")]
				: [];
		byId("day-posts").replaceChildren(node("li", { class: "empty" }, "No posts on this day.", ...fresh));
	}
}

async function load() {
	const month = shownMonth;
	const from = addDays(`${month}-01`, -8);
	const to = addDays(from, 50);
	try {
		const items = await getAll(
			`/api/v1/posts?from=${from}T00:00:00Z&to=${to}T00:00:00Z&limit=100`,
			PAGES_MAX,
		);
		if (month !== shownMonth) return;
		posts = new Map();
		for (const post of items.sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))) {
			const day = localParts(new Date(post.due_at), zone).date;
			posts.set(day, [...(posts.get(day) ?? []), post]);
		}
		drawMonth();
		drawDay();
	} catch (error) {
		complain(/** @type {Error} */ (error).message);
	}
}

/** @param {string} day @param {boolean} focus */
async function select(day, focus) {
	selected = day;
	if (monthOf(day) !== shownMonth) {
		shownMonth = monthOf(day);
		posts = new Map();
		drawMonth();
		await load();
	} else {
		drawMonth();
		drawDay();
	}
	if (focus) /** @type {HTMLElement | null} */ (document.querySelector(`[data-day="${selected}"]`))?.focus();
}

/** @type {Record<string, (day: string) => string>} */
const KEYS = {
	ArrowLeft: (day) => addDays(day, -1),
	ArrowRight: (day) => addDays(day, 1),
	ArrowUp: (day) => addDays(day, -7),
	ArrowDown: (day) => addDays(day, 7),
	Home: (day) => addDays(day, -weekday(day)),
	End: (day) => addDays(day, 6 - weekday(day)),
	PageUp: (day) => addMonths(day, -1),
	PageDown: (day) => addMonths(day, 1),
};

byId("grid").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
	const move = KEYS[event.key];
	if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
	event.preventDefault();
	select(move(selected), true);
});
for (const [id, target] of /** @type {[string, () => string][]} */ ([
	["previous", () => addMonths(selected, -1)],
	["today", () => today],
	["next", () => addMonths(selected, 1)],
])) {
	byId(id).hidden = false;
	byId(id).addEventListener("click", async () => {
		await select(target(), false);
		announce(byId("month").textContent);
	});
}
shownMonth = monthOf(today);
drawMonth();
load();
