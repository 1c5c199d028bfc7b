/*
 * Which network addresses are anybody's: those of the internet at large. All that leads into this
 * machine, its networks or a translator's, and all that no host may have, is not (RFC 6890 and the
 * registries of special-purpose addresses).
 */
#pragma once
#include <stdbool.h>

struct sockaddr;

/* True for an IPv4 or IPv6 address of the public internet. False for other families. */
bool public_address_is(const struct sockaddr *address);

/* True for 127.0.0.0/8 and ::1. */
bool public_address_is_loopback(const struct sockaddr *address);
