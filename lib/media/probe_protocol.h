/*
 * What the media process and its clients say to each other, over a Unix stream socket.
 *
 * client -> media   one byte PROBE_REQUEST, with exactly one descriptor (SCM_RIGHTS): the file, a
 *                   regular one, opened read-only. Nothing else is sent.
 * media -> client   one byte PROBE_STARTED: the child stands in its sandbox and now reads the file.
 *                   A connection that ends before this byte says nothing about the file.
 *                   uint32 length of the report, the report (JSON),
 *                   uint32 length of the thumbnail (may be 0), the thumbnail (JPEG); end of stream.
 *                   A connection that ends in between means that the file brought the child down.
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

enum {
	PROBE_REPORT_MAX = 64 * 1024,	  /* bytes */
	PROBE_REPORT_DEPTH = 8,		  /* JSON levels */
	PROBE_THUMBNAIL_MAX = 512 * 1024, /* bytes */
	PROBE_CHILDREN_MAX = 4,		  /* files read at once; further clients wait */
	PROBE_SECONDS_MAX = 20,		  /* a child that lives longer is killed */
};
