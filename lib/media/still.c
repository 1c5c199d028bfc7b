/* Scale, turn, encode. The picture's own shape of pixels and its colours are honoured. */
#include "media/still.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>

#include "base/status.h"

enum {
	QUALITY = 4, /* 2 is the best and largest, 31 the worst */
	SIDE_MIN = 16,
	SHAPE_MAX = 8,
};

void still_cleanup(AVFrame **frame)
{
	av_frame_free(frame);
}

static void packet_cleanup(AVPacket **packet)
{
	av_packet_free(packet);
}

static void encoder_cleanup(AVCodecContext **encoder)
{
	avcodec_free_context(encoder);
}

DEFINE_CLEANUP(struct SwsContext *, sws_freeContext)

static int even_side(double side, int max)
{
	int rounded = (int)(side / 2 + 0.5) * 2;
	return rounded < SIDE_MIN ? SIDE_MIN : rounded > max ? max : rounded;
}

void still_fit(const AVFrame *frame, int box_width, int box_height, int *ret_width, int *ret_height)
{
	double width = frame->width, height = frame->height;
	AVRational shape = frame->sample_aspect_ratio;
	if (shape.num > 0 && shape.den > 0 && shape.num / SHAPE_MAX < shape.den &&
	    shape.den / SHAPE_MAX < shape.num)
		width = width * shape.num / shape.den;
	double scale = 1;
	if (width * scale > box_width)
		scale = box_width / width;
	if (height * scale > box_height)
		scale = box_height / height;
	*ret_width = even_side(width * scale, box_width);
	*ret_height = even_side(height * scale, box_height);
}

AVFrame *still_new(enum AVPixelFormat format, int width, int height)
{
	AVFrame *frame = av_frame_alloc();
	if (!frame)
		return NULL;
	frame->format = format;
	frame->color_range = format == AV_PIX_FMT_YUVJ420P ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
	frame->width = width;
	frame->height = height;
	if (av_frame_get_buffer(frame, /* align= */ 0) < 0)
		av_frame_free(&frame);
	return frame;
}

static int colour_space(const AVFrame *frame)
{
	switch ((int)frame->colorspace) {
	case AVCOL_SPC_BT709:
		return SWS_CS_ITU709;
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_BT2020_CL:
		return SWS_CS_BT2020;
	case AVCOL_SPC_UNSPECIFIED:
		return frame->height >= 720 || frame->width >= 1280 ? SWS_CS_ITU709 : SWS_CS_ITU601;
	default:
		return SWS_CS_ITU601;
	}
}

/* To full-range BT.601, which is what JPEG is. */
AVFrame *still_scale(const AVFrame *frame, int width, int height)
{
	CLEANUP(sws_freeContext)
	struct SwsContext *scaler =
		sws_getContext(frame->width, frame->height, (enum AVPixelFormat)frame->format,
			       width, height, AV_PIX_FMT_YUVJ420P, SWS_AREA, NULL, NULL, NULL);
	CLEANUP(still) AVFrame *small = still_new(AV_PIX_FMT_YUVJ420P, width, height);
	if (!scaler || !small)
		return NULL;
	sws_setColorspaceDetails(scaler, sws_getCoefficients(colour_space(frame)),
				 frame->color_range == AVCOL_RANGE_JPEG,
				 sws_getCoefficients(SWS_CS_ITU601), /* dstRange= */ 1,
				 /* brightness= */ 0, /* contrast= */ 1 << 16,
				 /* saturation= */ 1 << 16);
	if (sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
		      frame->height, small->data, small->linesize) != height)
		return NULL;
	return TAKE_POINTER(small);
}

/* Where the pixel (x, y) of the turned plane comes from. */
static void turn_plane(const AVFrame *from, AVFrame *to, int plane, int width, int height,
		       int rotation)
{
	int turned_width = rotation % 180 ? height : width;
	int turned_height = rotation % 180 ? width : height;
	for (int y = 0; y < turned_height; y++) {
		uint8_t *row = to->data[plane] + (ptrdiff_t)y * to->linesize[plane];
		for (int x = 0; x < turned_width; x++) {
			int from_x = rotation == 90    ? y
				     : rotation == 180 ? width - 1 - x
						       : width - 1 - y;
			int from_y = rotation == 90    ? height - 1 - x
				     : rotation == 180 ? height - 1 - y
						       : x;
			row[x] = from->data[plane]
					   [(ptrdiff_t)from_y * from->linesize[plane] + from_x];
		}
	}
}

AVFrame *still_turn(const AVFrame *frame, int rotation)
{
	bool is_side = rotation % 180 != 0;
	AVFrame *turned =
		still_new((enum AVPixelFormat)frame->format, is_side ? frame->height : frame->width,
			  is_side ? frame->width : frame->height);
	for (int plane = 0; turned && plane < 3; plane++)
		turn_plane(frame, turned, plane, plane ? frame->width / 2 : frame->width,
			   plane ? frame->height / 2 : frame->height, rotation);
	return turned;
}

bool still_encode(AVFrame *frame, uint8_t **ret_jpeg, size_t *ret_size)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("mjpeg");
	CLEANUP(encoder) AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	if (!encoder || !packet)
		return false;
	encoder->thread_count = 1;
	encoder->width = frame->width;
	encoder->height = frame->height;
	encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
	encoder->color_range = AVCOL_RANGE_JPEG;
	encoder->time_base = (AVRational){ 1, 25 };
	encoder->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
	encoder->global_quality = FF_QP2LAMBDA * QUALITY;
	frame->quality = encoder->global_quality;
	frame->pts = 0;
	if (avcodec_open2(encoder, codec, NULL) < 0 || avcodec_send_frame(encoder, frame) < 0 ||
	    avcodec_receive_packet(encoder, packet) < 0 || packet->size <= 0)
		return false;
	uint8_t *jpeg = av_memdup(packet->data, (size_t)packet->size);
	if (!jpeg)
		return false;
	*ret_jpeg = jpeg;
	*ret_size = (size_t)packet->size;
	return true;
}

AVFrame *still_make(const AVFrame *frame, int rotation, int box_width, int box_height)
{
	bool is_side = rotation % 180 != 0;
	int width, height;
	still_fit(frame, is_side ? box_height : box_width, is_side ? box_width : box_height, &width,
		  &height);
	AVFrame *small = still_scale(frame, width, height);
	if (!small || rotation == 0)
		return small;
	AVFrame *turned = still_turn(small, rotation);
	av_frame_free(&small);
	return turned;
}
