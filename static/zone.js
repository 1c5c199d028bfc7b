// @ts-check
/** A new user's zone is UTC: offer the browser's own, once. */
import { call } from "./api.js";
import { byId, complain, node } from "./dom.js";

const KEEP = "spg-keep-utc";

/** @param {string} zone */
async function use(zone) {
	try {
		await call("PATCH", "/api/v1/me", { time_zone: zone });
		location.reload();
	} catch (error) {
		complain(/** @type {Error} */ (error).message);
	}
}

export function offerZone() {
	const stated = document.querySelector("[data-time-zone]")?.getAttribute("data-time-zone");
	const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
	if (stated !== "UTC" || !own || own === "UTC" || localStorage.getItem(KEEP)) return;
	const box = node(
		"div",
		{ class: "notice zone-offer", role: "region", "aria-label": "Time zone" },
		node("p", {}, `Times here are in UTC, but this browser is in ${own}.`),
		node(
			"p",
			{ class: "actions" },
			node("button", { type: "button", class: "small", onclick: () => use(own) }, `Use ${own}`),
			node(
				"button",
				{
					type: "button",
					class: "plain small",
					onclick: () => {
						localStorage.setItem(KEEP, "1");
						box.remove();
					},
				},
				"Keep UTC",
			),
		),
	);
	byId("main").prepend(box);
}
