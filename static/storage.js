// @ts-check
/** How much room is left, kept up to date. */
import { get } from "./api.js";
import { byId, setText } from "./dom.js";
import { sizeText } from "./time.js";

/** @param {any} storage */
function words(storage) {
	const taken = storage.used_bytes + storage.uploading_bytes;
	const videos = storage.videos === 1 ? "1 video" : `${storage.videos} videos`;
	if (!storage.limit_bytes) return `${videos}, ${sizeText(taken)}`;
	const left = Math.max(0, storage.limit_bytes - taken);
	return `${videos}, ${sizeText(taken)} of ${sizeText(storage.limit_bytes)} used, ${sizeText(left)} left`;
}

/** Ask anew and show. */
export async function showStorage() {
	const storage = await get("/api/v1/storage").catch(() => null);
	if (!storage) return;
	const taken = storage.used_bytes + storage.uploading_bytes;
	setText(byId("storage-words"), words(storage));
	setText(byId("storage-warning"), storage.warning?.message ?? "");
	if (storage.limit_bytes) byId("storage-bar").value = Math.min(1, taken / storage.limit_bytes);
}
