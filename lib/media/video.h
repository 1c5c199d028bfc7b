/* What a video is, and whether TikTok would take it: facts, limits and the words for a refusal. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct video {
	const char *container;	 /* "mp4", "mov", "webm"; "" unknown */
	const char *codec;	 /* "h264", "hevc", "vp8", "vp9", or another name; "" unknown */
	const char *audio_codec; /* "" none or unknown */
	int width;		 /* pixels as displayed, after rotation; 0 unknown, as below */
	int height;
	int rotation;	   /* degrees clockwise the file asks for: 0, 90, 180, 270 */
	int fps_milli;	   /* mean frames per 1000 seconds */
	bool fps_variable; /* frames do not come at equal distances */
	int64_t duration_ms;
	int64_t size;	   /* bytes of the file */
	bool has_location; /* the file carries the place it was recorded at */
	bool has_device;   /* the file carries the make or model of the camera */
};

enum video_refusal {
	VIDEO_ACCEPTED,
	VIDEO_FILE_FORMAT,
	VIDEO_DURATION,
	VIDEO_FRAME_RATE,
	VIDEO_PICTURE_SIZE,
	VIDEO_NOT_A_VIDEO,
	VIDEO_TRUNCATED,
	VIDEO_TOO_COMPLEX,
};

struct video_verdict {
	enum video_refusal refusal;
	char message[320]; /* what is wrong and what to do, ASCII; "" when accepted */
};

/* The media type of a container, for HTTP; NULL for one that TikTok does not take, and for NULL. */
const char *video_content_type(const char *container);

/* The code of a refusal: TikTok's own fail_reason where it has one; "" for VIDEO_ACCEPTED. */
const char *video_refusal_code(enum video_refusal refusal);

/* Set a verdict that refuses. */
void video_refuse(struct video_verdict *verdict, enum video_refusal refusal, const char *format,
		  ...) __attribute__((format(printf, 3, 4)));

/* Hold all facts against TikTok's limits; the first that fails makes the verdict. */
void video_judge(const struct video *video, struct video_verdict *ret_verdict);

/* True when this refusal is for frame rate, codec or picture size, and mending these mends all. */
bool video_is_repairable(const struct video *video, const char *refusal_code);

/* Only the size of the file, for before it is read. */
void video_judge_size(int64_t size, struct video_verdict *ret_verdict);
