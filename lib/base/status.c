/* Names of the statuses. */
#include "base/status.h"

const char *status_name(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "ok";
	case STATUS_INVALID:
		return "invalid";
	case STATUS_DENIED:
		return "denied";
	case STATUS_NOT_FOUND:
		return "not_found";
	case STATUS_CONFLICT:
		return "conflict";
	case STATUS_RETRY:
		return "retry";
	case STATUS_REFUSED:
		return "refused";
	case STATUS_BROKEN:
		return "broken";
	}
	return "unknown";
}
