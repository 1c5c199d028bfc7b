/* Decoders for coding a file anew: the library's own, by name, on one thread. */
#pragma once
#include <libavcodec/avcodec.h>

struct source;

/* NULL: coded in a way we do not know, or there is nothing to open. The caller closes. */
AVCodecContext *decoder_open_picture(const struct source *source);
AVCodecContext *decoder_open_sound(const struct source *source);

/* NULL is fine. */
void decoder_close(AVCodecContext **decoder);
