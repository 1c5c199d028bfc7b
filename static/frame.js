// @ts-check
/** What every page gets: the current place in the navigation, moments in words, running countdowns, the zone. */
import { setText } from "./dom.js";
import { countdownText, dayText, momentText, secondText } from "./time.js";
import { offerZone } from "./zone.js";

/** Mark the links that lead to where we are. */
function markPlace() {
	for (const link of document.querySelectorAll(".tabs a")) {
		const path = new URL(/** @type {HTMLAnchorElement} */ (link).href).pathname;
		if (location.pathname === path) link.setAttribute("aria-current", "page");
		else if (location.pathname.startsWith(`${path}/`)) link.setAttribute("aria-current", "true");
	}
	for (const link of document.querySelectorAll(".filter[data-current] a")) {
		const wanted = new URL(/** @type {HTMLAnchorElement} */ (link).href).searchParams.get("state") ?? "";
		const current = link.closest("[data-current]")?.getAttribute("data-current") ?? "";
		if (wanted === current) {
			link.setAttribute("aria-current", "page");
			link.scrollIntoView({ block: "nearest", inline: "center" });
		}
	}
}

/** The server's words go into the title, shorter ones take their place. */
function nameMoments() {
	for (const time of document.querySelectorAll("time[datetime]")) {
		const moment = time.getAttribute("datetime") ?? "";
		if (Number.isNaN(Date.parse(moment))) continue;
		time.setAttribute("title", time.textContent ?? "");
		if (time.hasAttribute("data-day-only")) setText(time, dayText(moment));
		else if (time.hasAttribute("data-seconds")) setText(time, secondText(moment));
		else setText(time, momentText(moment, time.closest("[lang]")?.getAttribute("lang") ?? "en"));
	}
}

function countDown() {
	for (const place of document.querySelectorAll("[data-countdown]")) {
		setText(place, countdownText(place.getAttribute("data-countdown") ?? ""));
	}
}

markPlace();
nameMoments();
countDown();
setInterval(countDown, 1000);
offerZone();
