// @ts-check
/** When a post goes out: now, or a local date and time that the server turns into a moment. */
import { get } from "./api.js";
import { byId, setText } from "./dom.js";
import { localParts, momentText } from "./time.js";

const WAIT_MS = 250;
const LEAD_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

/** Fires "change" when the moment, or what is wrong with it, changes. */
export class Schedule extends EventTarget {
	/** @param {string} zone the user's */
	constructor(zone) {
		super();
		this.zone = zone;
		/** @type {string | null} RFC 3339, as the server resolved it */
		this.moment = null;
		this.problem = "";
		this.turn = 0;
		this.date = byId("date");
		this.time = byId("time");
		const full = new Date(Math.ceil((Date.now() + LEAD_MS) / HOUR_MS) * HOUR_MS);
		this.set(localParts(full, zone));
		this.date.min = localParts(new Date(), zone).date;
		for (const control of [this.date, this.time]) control.addEventListener("input", () => this.changed());
		for (const choice of document.getElementsByName("when"))
			choice.addEventListener("change", () => this.changed());
	}

	get isNow() {
		return (
			/** @type {HTMLInputElement} */ (document.querySelector('input[name="when"]:checked')).value ===
			"now"
		);
	}

	/** @param {{date: string, time?: string}} parts */
	set(parts) {
		this.date.value = parts.date;
		if (parts.time) this.time.value = parts.time;
		this.changed();
	}

	/** @param {string} moment of a saved post */
	fill(moment) {
		this.set(localParts(new Date(moment), this.zone));
	}

	changed() {
		byId("at").hidden = this.isNow;
		this.moment = null;
		this.turn++;
		clearTimeout(this.timer);
		setText(byId("when-note"), "");
		this.problem = "";
		if (!this.isNow) {
			if (this.date.value && this.time.value) {
				this.problem = "Wait for the time to be checked.";
				this.timer = setTimeout(() => this.resolve(this.turn), WAIT_MS);
			} else {
				this.problem = "Choose a date and a time.";
			}
		}
		this.dispatchEvent(new Event("change"));
	}

	/** The server knows the zones: it names the moment, and says what a clock change does to it. @param {number} turn */
	async resolve(turn) {
		const local = `${this.date.value}T${this.time.value}`;
		/** @type {any} */
		let answer;
		let problem = "";
		try {
			answer = await get(
				`/api/v1/local-time?zone=${encodeURIComponent(this.zone)}&time=${encodeURIComponent(local)}`,
			);
		} catch (error) {
			problem = /** @type {Error} */ (error).message;
		}
		if (turn !== this.turn) return;
		this.problem = problem;
		if (answer) this.take(answer);
		this.dispatchEvent(new Event("change"));
	}

	/** @param {any} answer */
	take(answer) {
		this.moment = answer.due_at;
		const words = momentText(answer.due_at);
		if (answer.note === "skipped") {
			setText(
				byId("when-note"),
				`Clocks go forward then: this time does not exist on that day. It will be ${words}.`,
			);
		} else if (answer.note === "repeated") {
			setText(
				byId("when-note"),
				`Clocks go back then: this time comes twice on that day. The first one is taken, ${words}.`,
			);
		}
		if (Date.parse(answer.due_at) <= Date.now())
			this.problem = "This time has passed. Choose a later one, or “Now”.";
	}

	/** @returns {string[]} */
	missing() {
		if (this.moment && Date.parse(this.moment) <= Date.now())
			this.problem = "This time has passed. Choose a later one, or “Now”.";
		return this.problem ? [this.problem] : [];
	}
}
