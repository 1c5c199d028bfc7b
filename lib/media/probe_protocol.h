/*
 * What the media process and its clients say to each other, over a Unix stream socket.
 *
 * client -> media   one byte PROBE_REQUEST, with exactly one descriptor (SCM_RIGHTS): the file, a
 *                   regular one, opened read-only. Nothing else is sent.
 * media -> client   one byte PROBE_STARTED: the child stands in its sandbox and now reads the file.
 *                   A connection that ends before this byte says nothing about the file.
 *                   uint32 length of the report, the report (JSON),
 *                   uint32 length of the thumbnail (may be 0), the thumbnail (JPEG),
 *                   uint32 frames in the strip (0: there is none), uint32 length of the strip, the
 *                   strip (JPEG, its frames side by side); end of stream.
 *                   A connection that ends before the thumbnail is whole means that the file brought
 *                   the child down; after that, that there is no strip.
 *
 * Repair, that is coding a file anew:
 * client -> media   one byte REPAIR_REQUEST, with exactly two descriptors: the file, as above, and an
 *                   empty regular one, opened for reading and writing. The client ends the work by
 *                   closing the connection.
 * media -> client   one byte PROBE_STARTED, then pairs of bytes: REPAIR_PERCENT and 0 to 100, at least
 *                   one in five seconds; at last REPAIR_DONE and 0, or REPAIR_FAILED and one of
 *                   enum repair_failure; end of stream. A connection that ends before PROBE_STARTED
 *                   says nothing about the file: another repair is under way, or the service ends.
 *
 * Numbers are in network byte order. The report, all members always present:
 *   ok bool; code, message string ("" when ok); container "mp4" "mov" "webm" or ""; codec,
 *   audio_codec string ("" unknown or none); width, height int: pixels as displayed, that is
 *   after rotation; rotation int: degrees clockwise that the file asks players for; fps_milli int:
 *   mean frames per 1000 seconds; fps_variable bool; duration_ms, size int; has_location,
 *   has_device bool: the file carries the place it was recorded at, the make of the camera.
 */
#pragma once

#define PROBE_REQUEST ((unsigned char)'P')
#define PROBE_STARTED ((unsigned char)'S')

#define REPAIR_REQUEST ((unsigned char)'R')
#define REPAIR_PERCENT ((unsigned char)'%')
#define REPAIR_DONE    ((unsigned char)'D')
#define REPAIR_FAILED  ((unsigned char)'F')

enum {
	PROBE_REPORT_MAX = 64 * 1024,	  /* bytes */
	PROBE_REPORT_DEPTH = 8,		  /* JSON levels */
	PROBE_THUMBNAIL_MAX = 512 * 1024, /* bytes */
	PROBE_CHILDREN_MAX = 4,		  /* files read at once; further clients wait */
	PROBE_STRIP_MAX = 1024 * 1024,	  /* bytes */
	PROBE_STRIP_FRAMES_MAX = 32,
	PROBE_SECONDS_MAX = 10,	       /* a child that lives longer is killed */
	REPAIR_SECONDS_MAX = 6 * 3600, /* likewise; one at a time */
	REPAIR_SECONDS_SILENT = 120,   /* a repair that says nothing for so long is given up */
};

/* Why a file could not be coded anew. */
enum repair_failure {
	REPAIR_NO_FAILURE = 0,
	REPAIR_UNREADABLE = 1,	  /* damaged, or no picture in it */
	REPAIR_CODEC_UNKNOWN = 2, /* picture or sound */
	REPAIR_SHAPE = 3,	  /* so long and narrow that no size fits */
	REPAIR_TOO_LARGE = 4,	  /* the result, or the memory it takes */
	REPAIR_TOO_LONG = 5,
	REPAIR_NO_ROOM = 6, /* the disk is full; not the file's fault */
	REPAIR_FAILURE_LAST = REPAIR_NO_ROOM,
};
