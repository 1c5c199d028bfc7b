/*
 * graphile-worker as its own performance page sets it up: worker.mjs CONNECTION_STRING
 *
 * Brings its schema up to date, runs once over an empty queue so that code and connections are warm, says "ready",
 * waits for a line, runs until the queue is empty; writes "COUNT SECONDS".
 */
import { createInterface } from "node:readline";
import { Logger, runMigrations, runOnce } from "graphile-worker";
import pg from "pg";

const CONCURRENCY = 24;
const pgPool = new pg.Pool({ connectionString: process.argv[2], max: CONCURRENCY + 1 });
let count = 0;

function fail(error) {
	console.error(error);
	process.exit(1);
}
pgPool.on("error", fail);
pgPool.on("connect", (client) => client.on("error", fail));

const options = {
	pgPool,
	noHandleSignals: true,
	preset: {
		worker: {
			concurrentJobs: CONCURRENCY,
			localQueue: { size: 500 },
			completeJobBatchDelay: 0,
			failJobBatchDelay: 0,
			logger: new Logger(() => (level, message) => {
				if (level === "error" || level === "warning")
					console.error(message);
			}),
		},
	},
	taskList: {
		noop() {
			count++;
		},
	},
};

await runMigrations(options);
await runOnce(options);
count = 0;
console.log("ready");
await new Promise((resolve) => {
	createInterface({ input: process.stdin }).once("line", resolve).once("close", resolve);
});
const began = performance.now();
await runOnce(options);
console.log(`${count} ${((performance.now() - began) / 1000).toFixed(6)}`);
await pgPool.end();
process.exit(0);
