// @ts-check
/** The account that a post is for, as TikTok describes it right now; asked anew each time, never kept. */
import { get } from "./api.js";
import { byId, node, setText } from "./dom.js";

/**
 * @typedef {{creator_nickname: string, creator_username: string, creator_avatar: string | null,
 *   privacy_level_options: string[], comment_disabled: boolean, duet_disabled: boolean,
 *   stitch_disabled: boolean, max_video_post_duration_sec: number}} CreatorInfo
 */

const STALE_MS = 5 * 60_000;
/** Refusals that only the user's permission, given anew, mends. */
const NEEDS_RECONNECT = new Set([
	"access_token_invalid",
	"invalid_grant",
	"scope_not_authorized",
	"scope_permission_missed",
]);

/** @param {string} url only pictures of our own origin can be shown */
function ownPicture(url) {
	return url && (url.startsWith("data:image/") || (url.startsWith("/") && !url.startsWith("//")));
}

/** Fires "change" when the answer, or its absence, changes. */
export class Creator extends EventTarget {
	constructor() {
		super();
		/** @type {CreatorInfo | null} */
		this.info = null;
		/** @type {{code: string, message: string} | null} */
		this.refusal = null;
		this.asking = false;
		this.accountId = "";
		this.askedAt = 0;
		byId("creator-again").addEventListener("click", () => this.ask(this.accountId));
		// A page that comes back, from the history or after a while, is rendered again.
		addEventListener("pageshow", (event) => event.persisted && this.ask(this.accountId));
		document.addEventListener("visibilitychange", () => {
			if (!document.hidden && Date.now() - this.askedAt > STALE_MS) this.ask(this.accountId);
		});
	}

	get needsReconnect() {
		return NEEDS_RECONNECT.has(this.refusal?.code ?? "");
	}

	/** @param {string} accountId "" for none */
	async ask(accountId) {
		this.accountId = accountId;
		this.info = null;
		this.refusal = null;
		this.asking = accountId !== "";
		this.askedAt = Date.now();
		this.show();
		if (!accountId) return;
		const turn = this.askedAt;
		/** @type {CreatorInfo | null} */
		let info = null;
		let refusal = null;
		try {
			info = await get(`/api/v1/accounts/${accountId}/creator-info`);
		} catch (error) {
			const { code, message } = /** @type {import("./api.js").ApiError} */ (error);
			refusal = { code, message };
		}
		if (this.accountId !== accountId || this.askedAt !== turn) return;
		this.info = info;
		this.refusal = refusal;
		this.asking = false;
		this.show();
	}

	show() {
		byId("creator-wait").hidden = !this.asking;
		byId("creator-card").hidden = !this.info;
		byId("creator-problem").hidden = !this.refusal;
		if (this.info) {
			const {
				creator_nickname: name,
				creator_username: username,
				creator_avatar: picture,
			} = this.info;
			setText(byId("creator-name"), name);
			setText(byId("creator-username"), username && `@${username}`);
			byId("creator-avatar").replaceChildren(
				ownPicture(picture) ? node("img", { src: picture, alt: "" }) : name,
			);
		}
		setText(byId("creator-reason"), this.refusal?.message ?? "");
		setText(byId("creator-code"), this.refusal?.code ?? "");
		const reconnect = byId("creator-reconnect");
		reconnect.hidden = !this.needsReconnect;
		byId("creator-later").hidden = !reconnect.hidden; // waiting does not help there
		reconnect.href = `/oauth/start?account=${this.accountId}&return=/posts/new`;
		this.dispatchEvent(new Event("change"));
	}
}
