// @ts-check
/** The chosen video: its preview, its length against what the account allows, the frame for the cover. */
import { get } from "./api.js";
import { byId, node, setText } from "./dom.js";
import { durationText } from "./time.js";

const STEP_MS = 100;

/** @param {number} milliseconds */
function frameText(milliseconds) {
	return `${Math.floor(milliseconds / 60_000)}:${((milliseconds % 60_000) / 1000).toFixed(1).padStart(4, "0")}`;
}

/**
 * Frames to choose the cover from by looking; frame i of n is from the middle of the i-th part of the video.
 * @param {any} video with a strip
 * @param {(milliseconds: number) => void} choose
 */
function stripButtons(video, choose) {
	const { url, frames } = video.strip;
	const shape = video.width && video.height ? `${video.width} / ${video.height}` : "9 / 16";
	return Array.from({ length: frames }, (_, at) => {
		const moment = Math.round((video.duration_ms * (2 * at + 1)) / (2 * frames) / STEP_MS) * STEP_MS;
		const button = node("button", {
			type: "button",
			class: "strip-frame",
			"data-ms": moment,
			"aria-label": `Frame at ${frameText(moment)}`,
			"aria-pressed": "false",
			onclick: () => choose(moment),
		});
		button.style.aspectRatio = shape;
		button.style.backgroundImage = `url("${url}")`;
		button.style.backgroundSize = `${100 * frames}% 100%`;
		button.style.backgroundPosition = `${frames > 1 ? (100 * at) / (frames - 1) : 0}% 0`;
		return button;
	});
}

/** Fires "change" when another video is chosen or known. */
export class Preview extends EventTarget {
	constructor() {
		super();
		this.select = byId("video");
		this.player = byId("preview");
		this.cover = byId("cover");
		this.strip = byId("cover-strip");
		/** @type {any} the chosen video as the server describes it */
		this.video = null;
		this.problem = "";
		this.turn = 0;
		this.select.addEventListener("change", () => this.choose(this.select.value));
		this.cover.addEventListener("input", () => this.showFrame());
	}

	/**
	 * @param {string} id "" for none
	 * @param {number} [coverMs]
	 */
	async choose(id, coverMs = 0) {
		const turn = ++this.turn;
		this.video = null;
		this.problem = "";
		this.dispatchEvent(new Event("change"));
		if (id) await this.load(id, turn);
		if (turn !== this.turn) return;
		this.select.value = id;
		this.show(coverMs);
		this.dispatchEvent(new Event("change"));
	}

	/** @param {string} id @param {number} turn of choosing; a later one makes this one void */
	async load(id, turn) {
		try {
			const video = await get(`/api/v1/videos/${id}`);
			if (turn !== this.turn) return;
			if (video.state === "ready") this.video = video;
			else if (video.state === "checking") this.problem = "This video is still being checked.";
			else this.problem = "This video cannot be posted.";
			// The list of the page ends somewhere; a video of a saved post may be older.
			if (![...this.select.options].some((option) => option.value === id)) {
				this.select.append(node("option", { value: id }, video.name));
			}
		} catch (error) {
			if (turn === this.turn) this.problem = /** @type {Error} */ (error).message;
		}
	}

	/** The frames, where the video has some; the slider is there in any case. */
	showStrip() {
		const { video } = this;
		const buttons = video?.strip && video.duration_ms
			? stripButtons(video, (milliseconds) => {
					this.cover.value = String(Math.min(milliseconds, Number(this.cover.max)));
					this.showFrame();
				})
			: [];
		this.strip.replaceChildren(...buttons);
		this.strip.hidden = !buttons.length;
	}

	/** The frame nearest to the chosen moment is the pressed one. */
	markStrip() {
		const chosen = Number(this.cover.value);
		const buttons = [...this.strip.children];
		const away = (/** @type {any} */ button) => Math.abs(Number(button.dataset.ms) - chosen);
		const nearest = buttons.reduce((best, button) => (best && away(best) <= away(button) ? best : button), null);
		for (const button of buttons) button.setAttribute("aria-pressed", String(button === nearest));
	}

	/** @param {number} coverMs */
	show(coverMs) {
		const { video, player } = this;
		player.hidden = !video;
		byId("preview-empty").hidden = Boolean(video);
		if (video) player.src = `/videos/${video.id}/file`;
		else player.removeAttribute("src");
		this.cover.max = String(Math.max(0, (video?.duration_ms ?? 0) - 100));
		this.cover.value = String(coverMs);
		this.showStrip();
		this.markStrip();
		setText(byId("cover-text"), frameText(Number(this.cover.value)));
		if (coverMs) player.addEventListener("loadedmetadata", () => this.showFrame(), { once: true });
	}

	showFrame() {
		this.markStrip();
		setText(byId("cover-text"), frameText(Number(this.cover.value)));
		this.player.pause();
		this.player.currentTime = Number(this.cover.value) / 1000;
	}

	/**
	 * @param {number | undefined} longest seconds that the account may post
	 * @returns {string} what is wrong with the video
	 */
	trouble(longest) {
		if (this.problem) return this.problem;
		if (!this.video || !longest || this.video.duration_ms <= longest * 1000) return "";
		const [long, most] = [durationText(this.video.duration_ms), durationText(longest * 1000)];
		return `This video is ${long} long; this account may post ${most} at most right now.`;
	}
}
