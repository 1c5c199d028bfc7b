// @ts-check
/**
 * Who can see a post, what others may do with it, and what it discloses: TikTok's rules for these
 * controls. Nothing is chosen for the user; the sentences are TikTok's and must not be changed.
 */
import { byId, node, setText } from "./dom.js";
import { privacyText } from "./words.js";

/** @typedef {import("./creator.js").CreatorInfo} CreatorInfo */

const SELF_ONLY = "SELF_ONLY";
const PROMPT_YOUR_BRAND = "Your photo/video will be labeled as 'Promotional content'";
const PROMPT_BRANDED = "Your photo/video will be labeled as 'Paid partnership'";
const TIP_NOTHING_CHECKED = "You need to indicate if your content promotes yourself, a third party, or both.";
const TIP_NOT_PRIVATE = "Branded content visibility cannot be set to private.";
const MUSIC = ["Music Usage Confirmation", "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"];
const BRANDED_POLICY = ["Branded Content Policy", "https://www.tiktok.com/legal/page/global/bc-policy/en"];

/** @param {string[]} link */
const linkTo = ([text, href]) => node("a", { href, target: "_blank", rel: "noreferrer" }, text);

/**
 * Words that show while the pointer or the focus is on the element.
 * @param {HTMLElement} box
 * @param {string} words "" for none
 */
export function setTip(box, words) {
	if (words) box.dataset.tip = words;
	else delete box.dataset.tip;
}

/** Fires "change" when the user changed something. */
export class Audience extends EventTarget {
	/** @param {boolean} audited whether TikTok has audited this installation's app */
	constructor(audited) {
		super();
		this.audited = audited;
		this.accountId = "";
		/** @type {{privacy: string, comment: boolean, duet: boolean, stitch: boolean} | null} */
		this.wanted = null;
		this.privacy = byId("privacy");
		this.allow = { comment: byId("allow-comment"), duet: byId("allow-duet"), stitch: byId("allow-stitch") };
		this.disclosure = byId("disclosure");
		this.yourBrand = byId("your-brand");
		this.branded = byId("branded-content");
		this.aigc = byId("aigc");
		byId("unaudited").hidden = audited;
		for (const control of [
			this.privacy,
			...Object.values(this.allow),
			this.disclosure,
			this.yourBrand,
			this.branded,
			this.aigc,
		]) {
			control.addEventListener("change", () => {
				this.apply();
				this.dispatchEvent(new Event("change"));
			});
		}
		this.apply();
	}

	/**
	 * Offer exactly what TikTok allows this creator now. A choice stays while it is allowed and the
	 * account is the same; for another account everything is chosen anew.
	 * @param {CreatorInfo | null} info null: not known, nothing can be chosen
	 * @param {string} accountId
	 */
	offer(info, accountId) {
		const keep = accountId === this.accountId;
		this.accountId = accountId;
		const chosen = (keep && this.privacy.value) || this.wanted?.privacy || "";
		const options = info?.privacy_level_options ?? [];
		if (info || !keep) {
			this.privacy.replaceChildren(
				node("option", { value: "" }, "Choose who can see it"),
				...options.map((level) => node("option", { value: level }, privacyText(level))),
			);
			this.privacy.value = options.includes(chosen) ? chosen : "";
		}
		this.privacy.disabled = !info;
		const off = [];
		for (const [name, box] of Object.entries(this.allow)) {
			const forbidden = Boolean(info && /** @type {any} */ (info)[`${name}_disabled`]);
			if (info && this.wanted) box.checked = Boolean(/** @type {any} */ (this.wanted)[name]);
			if (forbidden || !(keep || this.wanted)) box.checked = false;
			if (forbidden) off.push(name);
			box.disabled = forbidden || !info;
		}
		if (info) this.wanted = null;
		setText(
			byId("allow-hint"),
			off.length ? `Turned off in this account's TikTok settings: ${off.join(", ")}.` : "",
		);
		this.apply();
	}

	/**
	 * Put in what a saved post says; what needs TikTok's answer waits for it.
	 * @param {any} post
	 */
	fill(post) {
		this.wanted = {
			privacy: post.privacy_level,
			comment: post.allow_comment,
			duet: post.allow_duet,
			stitch: post.allow_stitch,
		};
		this.disclosure.checked = post.your_brand || post.branded_content;
		this.yourBrand.checked = post.your_brand;
		this.branded.checked = post.branded_content;
		this.aigc.checked = post.is_aigc;
		this.apply();
	}

	get isBranded() {
		return this.disclosure.checked && this.branded.checked;
	}

	/** Bring the controls that depend on each other into line. */
	apply() {
		byId("disclosure-choices").hidden = !this.disclosure.checked;
		if (!this.disclosure.checked) {
			this.yourBrand.checked = false;
			this.branded.checked = false;
		}
		for (const option of this.privacy.options) {
			const branded = option.value === SELF_ONLY && this.isBranded;
			option.disabled =
				branded || (!this.audited && option.value !== "" && option.value !== SELF_ONLY);
			option.title = branded ? TIP_NOT_PRIVATE : "";
		}
		setTip(byId("privacy-tip"), this.isBranded ? TIP_NOT_PRIVATE : "");
		setText(byId("privacy-hint"), this.isBranded ? TIP_NOT_PRIVATE : "");
		const isPrivate = this.privacy.value === SELF_ONLY;
		this.branded.disabled = isPrivate;
		setTip(byId("branded-tip"), isPrivate ? TIP_NOT_PRIVATE : "");
		setText(byId("branded-hint"), isPrivate ? TIP_NOT_PRIVATE : "");
		const prompt = this.prompt();
		byId("disclosure-prompt").hidden = !prompt;
		setText(byId("disclosure-prompt"), prompt);
		this.declare(byId("declaration"));
	}

	/** @returns {string} how TikTok will label the post, "" without a label */
	prompt() {
		if (this.isBranded) return PROMPT_BRANDED;
		return this.disclosure.checked && this.yourBrand.checked ? PROMPT_YOUR_BRAND : "";
	}

	/** @param {HTMLElement} place */
	declare(place) {
		const nodes = this.isBranded
			? ["By posting, you agree to TikTok's ", linkTo(BRANDED_POLICY), " and ", linkTo(MUSIC)]
			: ["By posting, you agree to TikTok's ", linkTo(MUSIC)];
		const text = nodes.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
		if (place.textContent !== text) place.replaceChildren(...nodes);
	}

	/** @returns {string} words for the button while the disclosure is not complete */
	disclosureGap() {
		const { disclosure, yourBrand, branded } = this;
		return disclosure.checked && !yourBrand.checked && !branded.checked ? TIP_NOTHING_CHECKED : "";
	}

	/** @returns {string[]} what the user has still to do */
	missing() {
		return [this.privacy.value ? "" : "Choose who can see it.", this.disclosureGap()].filter(Boolean);
	}

	/** The part of the post that is decided here; a draft for the inbox decides nothing. @param {boolean} draft */
	read(draft) {
		if (draft) {
			return {
				privacy_level: null,
				allow_comment: false,
				allow_duet: false,
				allow_stitch: false,
				your_brand: false,
				branded_content: false,
				is_aigc: false,
			};
		}
		return {
			privacy_level: this.privacy.value || null,
			allow_comment: this.allow.comment.checked,
			allow_duet: this.allow.duet.checked,
			allow_stitch: this.allow.stitch.checked,
			your_brand: this.disclosure.checked && this.yourBrand.checked,
			branded_content: this.isBranded,
			is_aigc: this.aigc.checked,
		};
	}

	/** @returns {string[]} the texts and choices that the user had before them */
	texts() {
		const offered = [...this.privacy.options]
			.filter((option) => option.value && !option.disabled)
			.map((option) => option.text);
		return [`Visibility offered: ${offered.join(", ")}`, this.prompt()].filter(Boolean);
	}
}
