// @ts-check
/**
 * Moments in the user's zone, countdowns, durations, sizes. Zone arithmetic is the server's; here
 * moments are only shown.
 */

/** @returns {string} the user's zone as the page states it, else the browser's */
export function userZone() {
	const stated = document.querySelector("[data-time-zone]")?.getAttribute("data-time-zone");
	return stated || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @param {string} [zone]
 * @param {string} [language] of the text around it
 */
function formatter(options, zone = userZone(), language = "en") {
	const locale = language === "ru" ? "ru-RU" : "en-GB";
	try {
		return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
	} catch {
		return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
	}
}

/**
 * "Sun, 22 Nov 2026, 14:05:30"; seconds only where there are any.
 * @param {string} moment RFC 3339
 * @param {string} [language] of the text around it
 */
export function momentText(moment, language) {
	const at = new Date(moment);
	const seconds = at.getUTCSeconds() !== 0;
	return formatter(
		{
			weekday: "short",
			day: "numeric",
			month: "short",
			year: "numeric",
			hour: "2-digit",
			minute: "2-digit",
			...(seconds ? { second: "2-digit" } : {}),
		},
		userZone(),
		language,
	).format(at);
}

/**
 * "22 Nov, 14:05:30"
 * @param {string} moment RFC 3339
 */
export function secondText(moment) {
	return formatter({
		day: "numeric",
		month: "short",
		hour: "2-digit",
		minute: "2-digit",
		second: "2-digit",
	}).format(new Date(moment));
}

/**
 * "22 Nov 2026"
 * @param {string} moment
 */
export function dayText(moment) {
	return formatter({ day: "numeric", month: "short", year: "numeric" }).format(new Date(moment));
}

/**
 * "14:05"
 * @param {string} moment
 */
export function clockText(moment) {
	return formatter({ hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}

/**
 * The day and the time of day in a zone, as date and time inputs want them.
 * @param {Date} at
 * @param {string} zone
 */
export function localParts(at, zone) {
	const parts = Object.fromEntries(
		formatter(
			{
				year: "numeric",
				month: "2-digit",
				day: "2-digit",
				hour: "2-digit",
				minute: "2-digit",
				second: "2-digit",
				hourCycle: "h23",
			},
			zone,
		)
			.formatToParts(at)
			.map((part) => [part.type, part.value]),
	);
	return {
		date: `${parts.year}-${parts.month}-${parts.day}`,
		time: `${parts.hour}:${parts.minute}:${parts.second}`,
	};
}

/**
 * "in 2 d 3 h", "in 12 min 05 s", "in 9 s", "due now"
 * @param {string} moment
 */
export function countdownText(moment) {
	const seconds = Math.round((Date.parse(moment) - Date.now()) / 1000);
	if (seconds <= 0) return "due now";
	const [days, hours, minutes] = [
		Math.floor(seconds / 86400),
		Math.floor(seconds / 3600) % 24,
		Math.floor(seconds / 60) % 60,
	];
	if (days) return `in ${days} d ${hours} h`;
	if (hours) return `in ${hours} h ${String(minutes).padStart(2, "0")} min`;
	if (minutes) return `in ${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
	return `in ${seconds} s`;
}

/**
 * "1:05", "1:02:03"
 * @param {number} milliseconds
 */
export function durationText(milliseconds) {
	const seconds = Math.round(milliseconds / 1000);
	const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	if (!parts[0]) parts.shift();
	return parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

/**
 * "12.4 MB"
 * @param {number} bytes
 */
export function sizeText(bytes) {
	const units = ["bytes", "kB", "MB", "GB"];
	let unit = 0;
	while (bytes >= 1000 && unit < units.length - 1) {
		bytes /= 1000;
		unit++;
	}
	return `${unit && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}
