// @ts-check
/** Writing a post: puts the parts of the form together, says what is missing, sends it. */
import { call, get } from "./api.js";
import { Audience, setTip } from "./audience.js";
import { Creator } from "./creator.js";
import { byId, node, setText } from "./dom.js";
import { Preview } from "./preview.js";
import { Schedule } from "./schedule.js";
import { momentText } from "./time.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const CAPTION_MAX = 2200;
const CLOCK_MS = 5000;
const DRAFT_TEXT = "Open the inbox notification in TikTok to finish the post.";
const PROCESSING_TEXT =
	"After publishing, it may take a few minutes for the content to be processed and appear on your profile.";

const SAVED_BEFORE_TEXT = "Your first try was saved after all. Look at your posts before you send this again.";

/** Where the errors of a refused post are shown. @type {Record<string, string>} */
const ERROR_PLACE = {
	account_id: "account-error",
	video_id: "video-error",
	cover_ms: "video-error",
	caption: "caption-error",
	privacy_level: "privacy-error",
	due_at: "when-error",
	local_time: "when-error",
	time_zone: "when-error",
	post_again: "again-error",
};
/** @type {Record<string, string>} */
const ERROR_CONTROL = {
	account_id: "account",
	video_id: "video",
	caption: "caption",
	privacy_level: "privacy",
	due_at: "date",
	time_zone: "date",
	post_again: "again",
};

const form = byId("compose");
const account = byId("account");
const caption = byId("caption");
const submit = byId("submit");
const save = byId("save");
const again = byId("again");
const idempotencyKey = crypto.randomUUID();
const editedPost = form.dataset.edit === "true" ? form.dataset.post : "";

const creator = new Creator();
const audience = new Audience(form.dataset.audited !== "false");
const schedule = new Schedule(form.dataset.timeZone);
const preview = new Preview();
let sending = false;

const isDraftMode = () =>
	/** @type {HTMLInputElement} */ (document.querySelector('input[name="mode"]:checked')).value === "draft";

function accountGap() {
	if (!account.value) return "Choose the account.";
	if (isDraftMode()) return "";
	if (creator.asking) return "Wait for TikTok's answer about this account.";
	if (creator.info) return "";
	return creator.needsReconnect
		? "Connect this account again."
		: "This account cannot post right now. Please try again later.";
}

function videoGap() {
	if (!preview.select.value) return "Choose a video.";
	return (
		preview.trouble(isDraftMode() ? undefined : creator.info?.max_video_post_duration_sec) ||
		(preview.video ? "" : "Wait for the video to load.")
	);
}

/** @returns {string[]} what stands between the user and the button */
function missing() {
	const direct = isDraftMode()
		? []
		: [
				caption.value.length > CAPTION_MAX
					? `Shorten the caption to ${CAPTION_MAX} characters.`
					: "",
				...audience.missing(),
			];
	const looked =
		byId("again-field").hidden || again.checked
			? ""
			: "Look on TikTok first, and say that the post is not there.";
	return [accountGap(), videoGap(), ...direct, ...schedule.missing(), looked].filter(Boolean);
}

function consentText() {
	const when = schedule.isNow ? "right away" : "at the chosen time";
	const act = `Pressing “${submit.textContent}” is your consent`;
	return `${act}: ${form.dataset.app} sends exactly what you see here to TikTok ${when}, and nothing before.`;
}

function showGaps() {
	const gaps = missing();
	submit.disabled = sending || gaps.length > 0;
	save.disabled = sending || !account.value || !preview.select.value || caption.value.length > CAPTION_MAX;
	setTip(byId("submit-tip"), isDraftMode() ? (gaps[0] ?? "") : audience.disclosureGap() || (gaps[0] ?? ""));
	const list = gaps.length
		? [node("p", {}, "Still to do:"), node("ul", {}, ...gaps.map((gap) => node("li", {}, gap)))]
		: [];
	const place = byId("missing");
	const text = list.map((part) => part.textContent).join("");
	if (place.textContent !== text) place.replaceChildren(...list);
}

/** Bring everything that depends on something else up to date. */
function update() {
	const draft = isDraftMode();
	for (const part of document.querySelectorAll("[data-direct]")) /** @type {HTMLElement} */ (part).hidden = draft;
	byId("cover-field").hidden = draft || !preview.video;
	byId("draft-note").hidden = !draft;
	byId("creator-problem").hidden = draft || !creator.refusal;
	setText(submit, schedule.isNow ? (draft ? "Send to inbox now" : "Post now") : "Schedule");
	setText(byId("consent"), consentText());
	setText(byId("caption-count"), `${caption.value.length}/${CAPTION_MAX}`);
	caption.setAttribute("aria-invalid", String(caption.value.length > CAPTION_MAX));
	setText(byId("preview-caption"), draft ? "" : caption.value);
	setText(byId("preview-name"), creator.info?.creator_nickname ?? account.selectedOptions[0]?.text ?? "");
	setText(
		byId("video-error"),
		preview.select.value
			? preview.trouble(draft ? undefined : creator.info?.max_video_post_duration_sec)
			: "",
	);
	showGaps();
}

/** The texts that the user agreed to by pressing the button. */
function consentTexts() {
	const draft = [byId("draft-note").textContent, consentText()];
	return isDraftMode() ? draft : [...audience.texts(), byId("declaration").textContent, consentText()];
}

const dueAt = () => (schedule.isNow ? "now" : schedule.moment);

/** @param {boolean} planned false: a draft of ours that is sent nowhere */
function body(planned) {
	return {
		account_id: account.value,
		video_id: preview.select.value,
		mode: isDraftMode() ? "draft" : "direct",
		due_at: planned ? dueAt() : null,
		time_zone: form.dataset.timeZone,
		caption: caption.value,
		cover_ms: Number(preview.cover.value),
		...audience.read(isDraftMode()),
		consent: planned,
		...(planned ? { consent_texts: consentTexts(), consent_options: creator.info ?? {} } : {}),
		...(again.checked ? { post_again: true } : {}),
	};
}

function clearErrors() {
	for (const place of form.querySelectorAll(".field-error")) place.textContent = "";
	for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** @param {ApiError} error */
function showErrors(error) {
	const unplaced = [];
	let first = null;
	for (const { field, message } of error.errors) {
		const place = ERROR_PLACE[field];
		if (!place) {
			unplaced.push(message);
			continue;
		}
		setText(byId(place), message);
		const control = ERROR_CONTROL[field] && byId(ERROR_CONTROL[field]);
		control?.setAttribute("aria-invalid", "true");
		first ??= control;
	}
	let words = error.message;
	if (error.errors.length) words = unplaced.join(" ") || "Some of the fields above need a change.";
	if (error.code === "idempotency_key_reused") words = SAVED_BEFORE_TEXT;
	setText(byId("form-error"), words);
	first?.focus();
}

/** @param {any} post @param {boolean} planned */
function showDone(post, planned) {
	form.hidden = true;
	byId("done").hidden = false;
	let title = "Saved as a draft";
	let text = "Nothing is sent until you schedule it.";
	if (planned) {
		title = schedule.isNow ? "On its way" : `Scheduled for ${momentText(post.due_at)}`;
		text = post.mode === "draft" ? DRAFT_TEXT : PROCESSING_TEXT;
	}
	setText(byId("done-title"), title);
	setText(byId("done-text"), text);
	byId("done-link").href = `/posts/${post.id}`;
	scrollTo(0, 0);
	byId("done-title").focus();
}

/** @param {boolean} planned */
async function send(planned) {
	clearErrors();
	sending = true;
	form.setAttribute("aria-busy", "true");
	showGaps();
	try {
		const post = editedPost
			? await call("PATCH", `/api/v1/posts/${editedPost}`, body(planned))
			: await call("POST", "/api/v1/posts", body(planned), { "Idempotency-Key": idempotencyKey });
		showDone(post, planned);
	} catch (error) {
		showErrors(/** @type {ApiError} */ (error));
	} finally {
		sending = false;
		form.removeAttribute("aria-busy");
		showGaps();
	}
}

/**
 * Put in a saved post: one that is edited comes back whole, one that is written anew without the
 * choices that TikTok wants made by hand each time.
 * @param {string} id
 * @param {boolean} whole
 */
async function fill(id, whole) {
	const post = await get(`/api/v1/posts/${id}`);
	caption.value = post.caption;
	for (const choice of document.getElementsByName("mode")) {
		/** @type {HTMLInputElement} */ (choice).checked =
			/** @type {HTMLInputElement} */ (choice).value === post.mode;
	}
	account.value = post.account_id;
	if (whole) {
		audience.fill(post);
		byId("again-field").hidden = !post.may_be_public;
		if (post.due_at && Date.parse(post.due_at) > Date.now()) schedule.fill(post.due_at);
	}
	if (post.video_id) await preview.choose(post.video_id, post.cover_ms);
}

async function begin() {
	const query = new URLSearchParams(location.search);
	const from = editedPost || query.get("from");
	if (account.options.length === 2) account.selectedIndex = 1;
	const day = query.get("date");
	if (day && day >= schedule.date.min) schedule.set({ date: day });
	try {
		if (from) await fill(from, Boolean(editedPost));
		else if (form.dataset.video) await preview.choose(form.dataset.video);
	} catch (error) {
		setText(byId("form-error"), /** @type {Error} */ (error).message);
	}
	await creator.ask(account.value);
}

creator.addEventListener("change", () => {
	audience.offer(creator.info, creator.accountId);
	update();
});
for (const part of [audience, schedule, preview]) part.addEventListener("change", update);
account.addEventListener("change", () => creator.ask(account.value));
caption.addEventListener("input", update);
again.addEventListener("change", update);
for (const choice of document.getElementsByName("mode")) choice.addEventListener("change", update);
form.addEventListener("submit", (/** @type {Event} */ event) => {
	event.preventDefault();
	if (!submit.disabled) send(true);
});
save.addEventListener("click", () => send(false));
setInterval(showGaps, CLOCK_MS);
update();
begin();
