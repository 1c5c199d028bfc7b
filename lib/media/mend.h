/* What a file is to become when it is coded anew: TikTok's limits kept, as little changed as that takes. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <libavutil/frame.h>

#include "media/probe_protocol.h"
#include "media/sniff.h"

struct mend {
	enum sniff_kind kind; /* of container */
	int width, height;    /* pixels to scale to, before turning; even */
	int rotation;	      /* degrees clockwise to turn then */
	AVRational rate;      /* frames per second to come, constant */
	double frame_seconds; /* how long a frame of the file is shown, on average */
	double origin;	      /* time of the first frame in the file, s */
	int64_t duration_ms;
	bool has_sound;
	/* Of the first frame: the colours are kept. */
	enum AVColorSpace colour_space;
	enum AVColorPrimaries primaries;
	enum AVColorTransferCharacteristic transfer;
};

/*
 * The constant rate for a file of fps_milli frames in 1000 s: its own when it is constant and TikTok
 * takes it; 30 when it varies; else doubled or halved until it fits, which moves evenly.
 */
AVRational mend_rate(int fps_milli, bool is_variable);

/*
 * The sides for a picture of width x height (pixels square): even, within TikTok's limits, the shape
 * kept. False when it is so long and narrow that none fit.
 */
bool mend_size(double width, double height, int *ret_width, int *ret_height);

/* Look at the file and decide. */
enum repair_failure mend_plan(int fd, int64_t size, struct mend *ret_mend);
