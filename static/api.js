// @ts-check
/** Calls of the JSON API: the session's CSRF token goes along, refusals become ApiError. */

/** @typedef {{field: string, code: string, message: string}} FieldError */

/** A refusal: a problem document, or no answer at all (status 0, code "unreachable"). */
export class ApiError extends Error {
	/**
	 * @param {number} status
	 * @param {string} code
	 * @param {string} message
	 * @param {FieldError[]} [errors]
	 */
	constructor(status, code, message, errors = []) {
		super(message);
		this.name = "ApiError";
		this.status = status;
		this.code = code;
		this.errors = errors;
	}
}

/** @returns {string} */
export function csrfToken() {
	return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/** Another tab may have signed in anew: take over its token. True if it differs from ours. */
async function renewToken() {
	const answer = await fetch("/api/v1/me", { cache: "no-store" });
	if (!answer.ok) return false;
	const { csrf_token: token } = await answer.json();
	const changed = token !== csrfToken();
	document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
	return changed;
}

const WORDS = new Map([
	[0, "The server cannot be reached. Check your connection and try again."],
	[401, "You are no longer signed in. Load the page again and sign in."],
	[403, "This was refused. Load the page again and try once more."],
	[404, "This is no longer there."],
	[429, "That was too much at once. Wait some seconds and try again."],
	[503, "The server is busy or restarting. Try again in some seconds."],
]);

/**
 * What a status means when the answer itself has no words.
 * @param {number} status
 */
export function statusWords(status) {
	return WORDS.get(status) ?? "Something went wrong on our side. Try again.";
}

/**
 * @param {number} status
 * @param {any} body
 */
function refusal(status, body) {
	return new ApiError(
		status,
		body?.code ?? `http_${status}`,
		body?.detail || statusWords(status),
		body?.errors ?? [],
	);
}

/** @param {Response} answer */
async function readJson(answer) {
	if (!/json/.test(answer.headers.get("Content-Type") ?? "")) return null;
	return answer.json().catch(() => null);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>} the answer's JSON, null where it has none
 */
export async function call(method, path, body, headers = {}) {
	const send = () =>
		fetch(path, {
			method,
			cache: "no-store",
			headers: {
				Accept: "application/json",
				...(method === "GET" ? {} : { "X-CSRF-Token": csrfToken() }),
				...(body === undefined ? {} : { "Content-Type": "application/json" }),
				...headers,
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
	let answer;
	try {
		answer = await send();
		if (answer.status === 403 && method !== "GET" && (await renewToken())) answer = await send();
	} catch {
		throw new ApiError(0, "unreachable", statusWords(0));
	}
	const json = await readJson(answer);
	if (!answer.ok) throw refusal(answer.status, json);
	return json;
}

/** @param {string} path */
export function get(path) {
	return call("GET", path);
}

/**
 * All items of a list that pages by cursor, up to a number of pages.
 * @param {string} path with at least one query parameter
 * @param {number} pages
 */
export async function getAll(path, pages) {
	const items = [];
	let cursor = "";
	for (let page = 0; page < pages; page++) {
		const answer = await get(path + (cursor && `&cursor=${encodeURIComponent(cursor)}`));
		items.push(...answer.items);
		cursor = answer.next_cursor;
		if (!cursor) break;
	}
	return items;
}
