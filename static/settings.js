// @ts-check
/** Settings: what became of saving, the browser's own zone as a suggestion, the user's data as a file. */
import { get, getAll } from "./api.js";
import { byId, complain, node, setText } from "./dom.js";

const PAGES_MAX = 1000;
const PAUSE_MS = 3000;

const query = new URLSearchParams(location.search);
const input = byId("time-zone");
const error = byId("zone-error");

byId("saved").hidden = query.get("saved") !== "1";
if (query.get("error") === "time_zone") {
	setText(error, "There is no such time zone. Choose one from the list, such as Europe/Moscow.");
	input.setAttribute("aria-invalid", "true");
	input.focus();
}
if (query.size) history.replaceState(null, "", location.pathname);

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (own && own !== input.value) {
	const use = () => {
		input.value = own;
		input.focus();
	};
	byId("zone-browser").append(
		node(
			"button",
			{ type: "button", class: "second small", onclick: use },
			`Use this browser's zone, ${own}`,
		),
	);
}

byId("settings-form").addEventListener("submit", (/** @type {Event} */ event) => {
	const known = [...byId("time-zones").options].some((option) => option.value === input.value.trim());
	input.toggleAttribute("aria-invalid", !known);
	if (known) return;
	event.preventDefault();
	setText(error, "There is no such time zone. Choose one from the list, such as Europe/Moscow.");
	input.setAttribute("aria-invalid", "true");
});

/**
 * Go on after a pause where the server asks for one.
 * @param {() => Promise<any>} ask
 */
async function patiently(ask) {
	for (;;) {
		try {
			return await ask();
		} catch (problem) {
			if (/** @type {any} */ (problem).status !== 429) throw problem;
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	}
}

/** Everything that the API tells about the user, as one JSON file made in the browser. */
async function exportData() {
	const { csrf_token: _, limits: __, ...user } = await get("/api/v1/me");
	const videos = await patiently(() => getAll("/api/v1/videos?limit=100", PAGES_MAX));
	const posts = await patiently(() => getAll("/api/v1/posts?limit=100", PAGES_MAX));
	for (const post of posts) {
		post.timeline = (await patiently(() => get(`/api/v1/posts/${post.id}/timeline`))).items;
	}
	const file = new Blob(
		[JSON.stringify({ exported_at: new Date().toISOString(), user, videos, posts }, null, "\t")],
		{ type: "application/json" },
	);
	const link = node("a", { href: URL.createObjectURL(file), download: "my-data.json" });
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const button = byId("export");
button.hidden = false;
button.addEventListener("click", async () => {
	button.disabled = true;
	try {
		await exportData();
	} catch (problem) {
		complain(/** @type {Error} */ (problem).message);
	} finally {
		button.disabled = false;
	}
});
