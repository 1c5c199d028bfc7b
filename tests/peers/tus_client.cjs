/*
 * tus-js-client as its own documentation uses it, led by a test: tus_client.cjs MODULES SCENARIO
 *
 * SCENARIO is JSON: {file, endpoint, headers, resume (a file of stored URLs), options (given to the client as they
 * are)}. Writes a JSON line for each thing that happens; takes the lines "abort" and "terminate".
 */
const fs = require("node:fs");
const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const { PassThrough } = require("node:stream");

const tus = createRequire(`${process.argv[2]}/package.json`)("tus-js-client");
const scenario = JSON.parse(process.argv[3]);

function tell(event, members) {
	process.stdout.write(`${JSON.stringify({ event, ...members })}\n`);
}

/* Of a file it knows the size; a length that comes later is for streams that it cannot look at. */
const file = fs.createReadStream(scenario.file);
const input = scenario.options.uploadLengthDeferred ? file.pipe(new PassThrough()) : file;

const upload = new tus.Upload(input, {
	endpoint: scenario.endpoint,
	headers: scenario.headers,
	retryDelays: [0, 200, 200, 500, 500, 1000, 1000, 2000, 2000, 2000],
	metadata: { filename: "peer.mp4" },
	...(scenario.resume ? { urlStorage: new tus.FileUrlStorage(scenario.resume) } : {}),
	onUploadUrlAvailable: () => tell("url", { url: upload.url }),
	onProgress: (sent, total) => tell("progress", { sent, total }),
	onAfterResponse: (request, response) =>
		tell("answer", {
			method: request.getMethod(),
			override: request.getHeader("X-HTTP-Method-Override"),
			url: request.getURL(),
			status: response.getStatus(),
			offset: response.getHeader("Upload-Offset"),
			video: response.getHeader("Spg-Video-Id"),
		}),
	onSuccess: () => {
		tell("success", { url: upload.url });
		process.exit(0);
	},
	onError: (error) => {
		tell("error", { message: String(error), status: error.originalResponse?.getStatus() ?? 0 });
		process.exit(1);
	},
	...scenario.options,
});

createInterface({ input: process.stdin }).on("line", async (line) => {
	await upload.abort(line === "terminate");
	tell("aborted", { url: upload.url });
	/* Parts that are sent in parallel are given up behind its back: whoever started us watches and ends us. */
	if (!(scenario.options.parallelUploads > 1)) process.exit(0);
});

(async () => {
	const stored = scenario.resume ? await upload.findPreviousUploads() : [];
	if (stored.length > 0) {
		upload.resumeFromPreviousUpload(stored[0]);
		tell("resumes", { url: stored[0].uploadUrl });
	}
	upload.start();
})();
