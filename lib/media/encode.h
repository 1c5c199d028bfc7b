/* The result of a repair: MP4 with H.264 and AAC, its index in front, no metadata, written by offset. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>

#include "media/mend.h"
#include "media/probe_protocol.h"

enum { ENCODE_SOUND_RATE = 48000, ENCODE_SOUND_CHANNELS = 2 };

struct encode {
	int fd;
	int64_t position, read_position, size; /* bytes */
	int error;			       /* of the first write that failed; errno */
	AVIOContext *io;
	AVFormatContext *format;
	AVCodecContext *picture, *sound; /* sound: NULL when there is none */
	AVPacket *packet;
	AVAudioFifo *waiting; /* samples that fill no frame yet */
	int64_t samples;      /* coded */
};

/* Begin a file in fd. encode_close() in either case. */
enum repair_failure encode_open(struct encode *encode, int fd, const struct mend *mend);

/* One picture of the plan's size, turned; its number is its time. */
enum repair_failure encode_picture(struct encode *encode, AVFrame *frame, int64_t number);

/* Samples: floats, planar, ENCODE_SOUND_RATE, ENCODE_SOUND_CHANNELS. */
enum repair_failure encode_sound(struct encode *encode, uint8_t **planes, int samples);

/* The rest, then the index. */
enum repair_failure encode_finish(struct encode *encode);

/* Free what was opened; fd stays the caller's. */
void encode_close(struct encode *encode);
