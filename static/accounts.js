// @ts-check
/** Connected accounts: permissions in words, disconnecting. */
import { call } from "./api.js";
import { ask, byId, complain, setText } from "./dom.js";
import { scopeText } from "./words.js";

for (const item of document.querySelectorAll("[data-scope]")) {
	const scope = item.getAttribute("data-scope") ?? "";
	setText(item, scopeText(scope));
	item.setAttribute("title", scope);
}

// What was said about a connection just made is not said again when the page is loaded anew.
if (location.search) history.replaceState(null, "", location.pathname);

/** @param {HTMLElement} button */
async function disconnect(button) {
	byId("disconnect-name").textContent = button.dataset.name;
	if (!(await ask(byId("disconnect-dialog")))) return;
	button.setAttribute("disabled", "");
	try {
		await call("DELETE", `/api/v1/accounts/${button.dataset.disconnect}`);
		location.reload();
	} catch (error) {
		button.removeAttribute("disabled");
		complain(/** @type {Error} */ (error).message);
	}
}

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-disconnect]"))) {
	button.hidden = false;
	button.addEventListener("click", () => disconnect(button));
}
