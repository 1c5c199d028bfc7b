// @ts-check
/** The start page of somebody signed in: quick upload, and rows that keep up with their posts. */
import { followRows } from "./rows.js";
import { Uploads } from "./uploads.js";

new Uploads();
followRows();
