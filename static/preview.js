// @ts-check
/** The chosen video: its preview, its length against what the account allows, the frame for the cover. */
import { get } from "./api.js";
import { byId, node, setText } from "./dom.js";
import { durationText } from "./time.js";

/** @param {number} milliseconds */
function frameText(milliseconds) {
	return `${Math.floor(milliseconds / 60_000)}:${((milliseconds % 60_000) / 1000).toFixed(1).padStart(4, "0")}`;
}

/** Fires "change" when another video is chosen or known. */
export class Preview extends EventTarget {
	constructor() {
		super();
		this.select = byId("video");
		this.player = byId("preview");
		this.cover = byId("cover");
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

	/** @param {number} coverMs */
	show(coverMs) {
		const { video, player } = this;
		player.hidden = !video;
		byId("preview-empty").hidden = Boolean(video);
		if (video) player.src = `/videos/${video.id}/file`;
		else player.removeAttribute("src");
		this.cover.max = String(Math.max(0, (video?.duration_ms ?? 0) - 100));
		this.cover.value = String(coverMs);
		setText(byId("cover-text"), frameText(Number(this.cover.value)));
		if (coverMs) player.addEventListener("loadedmetadata", () => this.showFrame(), { once: true });
	}

	showFrame() {
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
