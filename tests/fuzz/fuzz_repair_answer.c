/* What the media process says during a repair: any bytes, cut anywhere, come to the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "media/repair.h"
#include "media/repair_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status take_in_steps(struct repair_answer *answer, const uint8_t *data, size_t size,
				 size_t step)
{
	for (size_t at = 0; at < size; at += step) {
		size_t length = size - at < step ? size - at : step;
		if (repair_answer_take(answer, data + at, length) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repair_answer whole = { 0 }, cut = { 0 };
	enum status st = repair_answer_take(&whole, data, size);
	size_t step = size > 0 ? data[size - 1] % 7 + 1u : 1;
	if (take_in_steps(&cut, data, size, step) != st)
		abort();
	if (whole.percent < 0 || whole.percent > 100 || whole.failure > REPAIR_FAILURE_LAST ||
	    !repair_failure_code(whole.failure) ||
	    (whole.done && whole.failure != REPAIR_NO_FAILURE))
		abort();
	if (st == STATUS_OK && (whole.percent != cut.percent || whole.done != cut.done ||
				whole.failure != cut.failure))
		abort();
	return 0;
}
