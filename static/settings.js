// @ts-check
/** Settings: what became of saving, the browser's own zone as a suggestion; the user's data is exports.js's. */
import { byId, node, setText } from "./dom.js";
import "./exports.js";

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
