/* The one error type of the project, and the macros every file needs. */
#pragma once

#define MUST_CHECK	  __attribute__((warn_unused_result))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/*
 * CLEANUP(fn) on a variable calls fn on it when it leaves scope; DEFINE_CLEANUP derives the handler
 * from a release function that takes the handle. Initialise such a variable on its own line.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn##_cleanup)))
#define DEFINE_CLEANUP(type, fn)                                                                   \
	static inline void fn##_cleanup(type *handle)                                              \
	{                                                                                          \
		if (*handle)                                                                       \
			fn(*handle);                                                               \
	}

/* Hand a cleanup pointer out of its scope. */
#define TAKE_POINTER(pointer)                                                                      \
	({                                                                                         \
		__auto_type taken_ = (pointer);                                                    \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

enum status {
	STATUS_OK,
	STATUS_INVALID,	  /* the caller's input; safe to tell the user */
	STATUS_DENIED,	  /* not signed in, not theirs, bad signature */
	STATUS_NOT_FOUND, /* no such thing, or not one the caller may see */
	STATUS_CONFLICT,  /* state moved on under us */
	STATUS_RETRY,	  /* temporary: network, 5xx, rate limit, lost connection */
	STATUS_REFUSED,	  /* the remote said no for good */
	STATUS_BROKEN,	  /* our fault or the system's */
};

/* The status as a lower-case word, for logs. Never NULL. */
const char *status_name(enum status status);
