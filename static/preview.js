// @ts-check
/** The chosen video: its preview, its length against what the account allows, the frame for the cover. */
import { get } from "./api.js";
import { byId, setText } from "./dom.js";
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
		this.select.addEventListener("change", () => this.choose(this.select.value));
		this.cover.addEventListener("input", () => this.showFrame());
	}

	/**
	 * @param {string} id "" for none
	 * @param {number} [coverMs]
	 */
	async choose(id, coverMs = 0) {
		this.select.value = id;
		this.video = null;
		this.problem = "";
		if (id) {
			try {
				const video = await get(`/api/v1/videos/${id}`);
				this.video = video.state === "ready" ? video : null;
				if (!this.video) this.problem = video.state === "checking" ? "This video is still being checked." : "This video cannot be posted.";
			} catch (error) {
				this.problem = /** @type {Error} */ (error).message;
			}
		}
		this.show(coverMs);
		this.dispatchEvent(new Event("change"));
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
		return `This video is ${durationText(this.video.duration_ms)} long; this account may post ${durationText(longest * 1000)} at most right now.`;
	}
}
