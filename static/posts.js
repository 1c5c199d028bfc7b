// @ts-check
/** The list of posts. */
import { followRows } from "./rows.js";

followRows();
