/* libavformat on a leash: one descriptor by pread, one demuxer, a budget of bytes and time. */
#include "media/source.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>

#include "media/video.h"

enum {
	IO_BUFFER = 64 * 1024,
	STREAMS_MAX = 64,   /* cameras write about ten */
	WALL_MS_MAX = 8000, /* both below what kills the process, so that the answer is in words */
	CPU_MS_MAX = 6000,
};

/* An index at the end and a scan for the length need far less; 4 GB in a loop would not end. */
static const int64_t READ_MAX = INT64_C(2) << 30;

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool has_budget(struct source *source)
{
	if (source->bytes_left <= 0 || clock_ms(CLOCK_MONOTONIC) > source->wall_end ||
	    clock_ms(CLOCK_PROCESS_CPUTIME_ID) > source->cpu_end)
		source->exhausted = true;
	return !source->exhausted;
}

static int source_read(void *opaque, uint8_t *bytes, int length)
{
	struct source *source = opaque;
	if (!has_budget(source))
		return AVERROR_EXIT;
	if (length <= 0)
		return AVERROR(EINVAL);
	ssize_t got;
	do {
		got = pread(source->fd, bytes, (size_t)length, source->position);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return AVERROR(errno);
	if (got == 0)
		return AVERROR_EOF;
	source->position += got;
	source->bytes_left -= got;
	return (int)got;
}

static int64_t source_seek(void *opaque, int64_t offset, int whence)
{
	struct source *source = opaque;
	int64_t base;
	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return source->size;
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = source->position;
		break;
	case SEEK_END:
		base = source->size;
		break;
	default:
		return AVERROR(EINVAL);
	}
	int64_t target;
	if (__builtin_add_overflow(base, offset, &target) || target < 0)
		return AVERROR(EINVAL);
	source->position = target;
	return target;
}

/* Demuxers that work long without reading ask this in between. */
static int is_interrupted(void *opaque)
{
	return !has_budget(opaque);
}

void source_lift_budget(struct source *source)
{
	source->bytes_left = INT64_MAX;
	source->wall_end = source->cpu_end = INT64_MAX;
}

int64_t source_cpu_ms(void)
{
	return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t source_age_ms(const struct source *source)
{
	return clock_ms(CLOCK_MONOTONIC) - source->wall_begin;
}

/* References to other files are never followed. */
static int refuse_open(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
		       AVDictionary **options)
{
	(void)format;
	(void)url;
	(void)flags;
	(void)options;
	*io = NULL;
	return AVERROR(EPERM);
}

static void no_log(void *context, int level, const char *format, va_list arguments)
{
	(void)context;
	(void)level;
	(void)format;
	(void)arguments;
}

void source_prepare(void)
{
	av_log_set_callback(no_log);
	av_get_cpu_flags();
	av_cpu_count();
}

static enum status choose_streams(struct source *source, struct video_verdict *ret_verdict)
{
	for (unsigned int i = 0; i < source->format->nb_streams; i++) {
		AVStream *stream = source->format->streams[i];
		stream->discard = AVDISCARD_ALL;
		bool is_cover = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
		if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover &&
		    !source->video)
			source->video = stream;
		if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && !source->audio)
			source->audio = stream;
	}
	if (source->video)
		return STATUS_OK;
	video_refuse(ret_verdict, VIDEO_NOT_A_VIDEO, "The file has %s. Choose a video.",
		     source->audio ? "sound but no picture" : "no picture");
	return STATUS_INVALID;
}

enum status source_open(struct source *source, int fd, int64_t size, enum sniff_kind kind,
			struct video_verdict *ret_verdict)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	*source = (struct source){
		.fd = fd,
		.size = size,
		.bytes_left = READ_MAX,
		.wall_begin = now,
		.wall_end = now + WALL_MS_MAX,
		.cpu_end = clock_ms(CLOCK_PROCESS_CPUTIME_ID) + CPU_MS_MAX,
	};
	const char *demuxer = kind == SNIFF_WEBM ? "matroska" : "mov";
	uint8_t *buffer = av_malloc(IO_BUFFER);
	if (buffer)
		source->io = avio_alloc_context(buffer, IO_BUFFER, /* write_flag= */ 0, source,
						source_read, NULL, source_seek);
	if (!source->io)
		av_free(buffer);
	source->format = avformat_alloc_context();

	AVDictionary *options = NULL;
	av_dict_set(&options, "format_whitelist", demuxer, 0);
	av_dict_set(&options, "protocol_whitelist", "", 0);
	av_dict_set(&options, "codec_whitelist", "h264,hevc,vp8,vp9", 0);
	av_dict_set_int(&options, "max_streams", STREAMS_MAX, 0);
	av_dict_set(&options, "enable_drefs", "0", 0);

	int result = AVERROR(ENOMEM);
	if (source->io && source->format) {
		source->format->pb = source->io;
		source->format->io_open = refuse_open;
		source->format->interrupt_callback = (AVIOInterruptCB){ is_interrupted, source };
		/* Packets as stored: no parsers, no guesses that need decoders. */
		source->format->flags |=
			AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
		/* Frees the context when it fails. */
		result = avformat_open_input(&source->format, NULL, av_find_input_format(demuxer),
					     &options);
	}
	av_dict_free(&options);
	if (result == 0)
		return choose_streams(source, ret_verdict);
	if (result == AVERROR(ENOMEM) || source->exhausted)
		video_refuse(ret_verdict, VIDEO_TOO_COMPLEX,
			     "The file is too complex to be checked. Export it again as MP4.");
	else
		video_refuse(
			ret_verdict, VIDEO_FILE_FORMAT,
			"The file is damaged or not a regular %s file. Export it again as MP4.",
			kind == SNIFF_WEBM ? "WebM" : "MP4 or MOV");
	return STATUS_INVALID;
}

void source_close(struct source *source)
{
	avformat_close_input(&source->format);
	if (source->io)
		av_freep(&source->io->buffer);
	avio_context_free(&source->io);
}
