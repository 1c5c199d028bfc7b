// @ts-check
/** Building and finding nodes. Text only ever goes in as text. */

/**
 * The element that the page is known to have.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
	const found = document.getElementById(id);
	if (!found) throw new Error(`no element #${id} on this page`);
	return found;
}

/**
 * @param {string} name
 * @param {Record<string, any>} [attributes] on... are listeners, true is an empty attribute, null and false are left out
 * @param {...(Node | string | null | undefined)} children
 * @returns {any}
 */
export function node(name, attributes = {}, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
		else made.setAttribute(key, value === true ? "" : String(value));
	}
	for (const child of children) if (child) made.append(child);
	return made;
}

/**
 * Set text only where it differs, so that a live region does not speak for nothing.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/**
 * Ask in a <dialog> whose form's buttons have the values "ok" and "cancel".
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<boolean>}
 */
export function ask(dialog) {
	return new Promise((resolve) => {
		dialog.returnValue = "cancel";
		dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
		dialog.showModal();
	});
}

/** @type {HTMLElement | undefined} */
let speaker;

/**
 * Say something to screen readers without showing it.
 * @param {string} words
 */
export function announce(words) {
	if (!speaker) {
		speaker = node("p", { class: "visually-hidden", role: "status" });
		document.body.append(/** @type {Node} */ (speaker));
	}
	/** @type {HTMLElement} */ (speaker).textContent = words;
}

/**
 * Show a problem at the top of the page, until it is answered or closed.
 * @param {string} words
 */
export function complain(words) {
	const box = node("p", { class: "notice bad", role: "alert" }, words, " ");
	box.append(node("button", { type: "button", class: "plain small", onclick: () => box.remove() }, "Close"));
	byId("main").prepend(box);
	box.scrollIntoView({ block: "nearest" });
}
