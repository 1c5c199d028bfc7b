// @ts-check
/** What states, choices and permissions are called when people read them. */

/** @type {Record<string, string>} */
export const STATE = {
	draft: "Draft",
	scheduled: "Scheduled",
	publishing: "Publishing",
	processing: "Processing",
	published: "Published",
	delivered: "In the inbox",
	failed: "Failed",
	held: "Held",
	cancelled: "Cancelled",
};

/** The language in which the reader wants explanations. @returns {"en" | "ru"} */
export function language() {
	const stated = document.querySelector("[data-language]")?.getAttribute("data-language");
	return stated === "ru" ? "ru" : "en";
}

/** @type {Record<string, Record<string, string>>} */
const STATE_SENTENCE = {
	en: {
		draft: "Not planned yet. Nothing is sent until you schedule it.",
		scheduled: "It goes out by itself at the chosen second.",
		publishing: "It is being sent to TikTok.",
		processing: "TikTok has it. It may take a few minutes for the content to be processed and appear on the profile.",
		published:
			"TikTok has published it. It may take a few minutes for the content to be processed and appear on the profile.",
		failed: "It did not go out.",
		held: "It waits for you.",
		cancelled: "It was cancelled and does not go out.",
	},
	ru: {
		draft: "Ещё не запланирована. Ничего не отправляется, пока вы её не запланируете.",
		scheduled: "Выйдет сама точно в выбранную секунду.",
		publishing: "Отправляется в TikTok.",
		processing: "TikTok её получил. Обработка и появление в профиле могут занять несколько минут.",
		published: "TikTok её опубликовал. Обработка и появление в профиле могут занять несколько минут.",
		failed: "Она не вышла.",
		held: "Она ждёт вас.",
		cancelled: "Она отменена и не выйдет.",
	},
};

/** What a post's state means; "" where its reason says it, or with a reason to wait. @param {any} post */
export function stateSentence(post) {
	if (post.state === "scheduled" && post.reason) return "";
	return STATE_SENTENCE[language()][post.state] ?? "";
}

/** @type {Record<string, Record<string, string>>} */
const LABEL = {
	en: { waits: "Next try", warning: "Warning" },
	ru: { waits: "Следующая попытка", warning: "Предупреждение" },
};

/** @param {"waits" | "warning"} name */
export function label(name) {
	return LABEL[language()][name];
}

/** @type {Record<string, string>} */
const EVENT = {
	creator_info: "Asked TikTok what the account may do",
	init: "Announced the video to TikTok",
	inbox_init: "Announced the draft to TikTok",
	put: "Sent a part of the video",
	put_last: "Sent the last part of the video",
	status: "Asked TikTok what became of it",
	cancel: "Asked TikTok to stop",
	video_list: "Looked for it among the account's videos",
	refresh: "Renewed the access to the account",
	public: "Seen in public",
	no_longer_public: "No longer public",
	earlier_upload: "News of an earlier upload",
	warning: "Checked ahead of its time",
	changed: "Changed",
};

/**
 * What a row of the timeline is about; a note that names a state says that it lasts.
 * @param {string} name
 */
export function eventText(name) {
	return EVENT[name] ?? (STATE[name] ? `Still ${STATE[name].toLowerCase()}` : "");
}

/** @type {Record<string, string>} */
const PRIVACY = {
	PUBLIC_TO_EVERYONE: "Everyone",
	MUTUAL_FOLLOW_FRIENDS: "Friends",
	FOLLOWER_OF_CREATOR: "Followers",
	SELF_ONLY: "Only me",
};

/** @param {string} level */
export function privacyText(level) {
	return PRIVACY[level] ?? level;
}

/** @type {Record<string, string>} */
const SCOPE = {
	"user.info.basic": "see your name and picture",
	"user.info.profile": "see your user name and profile",
	"user.info.stats": "see your follower and like counts",
	"video.publish": "post videos for you",
	"video.upload": "put drafts into your TikTok inbox",
	"video.list": "see the list of your public videos",
};

/** @param {string} scope */
export function scopeText(scope) {
	return SCOPE[scope] ?? scope;
}
