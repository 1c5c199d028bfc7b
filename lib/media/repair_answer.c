/* Pairs of bytes. */
#include "media/repair_answer.h"

static enum status take_pair(struct repair_answer *answer, unsigned char kind, unsigned char value)
{
	if (answer->done || answer->failure != REPAIR_NO_FAILURE)
		return STATUS_INVALID;
	if (kind == REPAIR_PERCENT && value <= 100) {
		answer->percent = value > answer->percent ? value : answer->percent;
		return STATUS_OK;
	}
	if (kind == REPAIR_DONE && value == 0) {
		answer->done = true;
		return STATUS_OK;
	}
	if (kind == REPAIR_FAILED && value > REPAIR_NO_FAILURE && value <= REPAIR_FAILURE_LAST) {
		answer->failure = (enum repair_failure)value;
		return STATUS_OK;
	}
	return STATUS_INVALID;
}

enum status repair_answer_take(struct repair_answer *answer, const unsigned char *bytes,
			       size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!answer->has_half) {
			answer->half = bytes[i];
			answer->has_half = true;
			continue;
		}
		answer->has_half = false;
		if (take_pair(answer, answer->half, bytes[i]) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}
