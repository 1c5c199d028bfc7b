/* Public addresses: what is left when the special ones are taken away. */
#include "remote/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/status.h"

struct block4 {
	uint8_t bytes[4];
	int bits;
};

/* IANA IPv4 Special-Purpose Address Registry, multicast and reserved space included. */
static const struct block4 special4[] = {
	{ { 0, 0, 0, 0 }, 8 },	    /* "this network" */
	{ { 10, 0, 0, 0 }, 8 },	    /* private */
	{ { 100, 64, 0, 0 }, 10 },  /* carrier-grade NAT */
	{ { 127, 0, 0, 0 }, 8 },    /* loopback */
	{ { 169, 254, 0, 0 }, 16 }, /* link-local: metadata services too */
	{ { 172, 16, 0, 0 }, 12 },  /* private */
	{ { 192, 0, 0, 0 }, 24 },   /* protocol assignments */
	{ { 192, 0, 2, 0 }, 24 },   /* documentation */
	{ { 192, 31, 196, 0 }, 24 }, { { 192, 52, 193, 0 }, 24 }, /* AS112, AMT */
	{ { 192, 88, 99, 0 }, 24 },				  /* 6to4 relays */
	{ { 192, 168, 0, 0 }, 16 },				  /* private */
	{ { 192, 175, 48, 0 }, 24 },				  /* AS112 */
	{ { 198, 18, 0, 0 }, 15 },				  /* benchmarks */
	{ { 198, 51, 100, 0 }, 24 }, { { 203, 0, 113, 0 }, 24 },  /* documentation */
	{ { 224, 0, 0, 0 }, 4 },				  /* multicast */
	{ { 240, 0, 0, 0 }, 4 },				  /* reserved, broadcast */
};

struct block6 {
	uint8_t bytes[16];
	int bits;
};

/*
 * Global unicast is 2000::/3 alone; of it these are special. What lies outside needs no list: ::1,
 * v4-mapped and v4-compatible, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), discard-only, ULA,
 * link-local, site-local, multicast.
 */
static const struct block6 special6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 },		/* protocol assignments; Teredo, ORCHID */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },		/* documentation */
	{ { 0x20, 0x02 }, 16 },				/* 6to4: embeds an IPv4 address */
	{ { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, 48 }, /* AS112 */
	{ { 0x3f, 0xfe }, 16 },				/* the former 6bone */
	{ { 0x3f, 0xff, 0x00 }, 20 },			/* documentation */
};

static bool is_within(const uint8_t *address, const uint8_t *block, int bits)
{
	int whole = bits / 8, rest = bits % 8;
	if (memcmp(address, block, (size_t)whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ block[whole]) >> (8 - rest) == 0;
}

static bool is_public4(const uint8_t *address)
{
	for (size_t i = 0; i < ARRAY_SIZE(special4); i++) {
		if (is_within(address, special4[i].bytes, special4[i].bits))
			return false;
	}
	return true;
}

/* ISATAP and the like put an IPv4 address into the host part, behind 0000:5efe or 0200:5efe. */
static bool has_isatap(const uint8_t *address)
{
	return (address[8] & 0xfc) == 0 && address[9] == 0 && address[10] == 0x5e &&
	       address[11] == 0xfe;
}

static bool is_public6(const uint8_t *address)
{
	if ((address[0] & 0xe0) != 0x20 || has_isatap(address))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(special6); i++) {
		if (is_within(address, special6[i].bytes, special6[i].bits))
			return false;
	}
	return true;
}

/* The bytes of the address; NULL for other families. Copied, as callers' structures may be cut. */
static const uint8_t *bytes_of(const struct sockaddr *address, uint8_t copy[static 16])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	switch (address->sa_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof(v4));
		memcpy(copy, &v4.sin_addr, 4);
		return copy;
	case AF_INET6:
		memcpy(&v6, address, sizeof(v6));
		memcpy(copy, &v6.sin6_addr, 16);
		return copy;
	default:
		return NULL;
	}
}

bool public_address_is(const struct sockaddr *address)
{
	uint8_t copy[16];
	const uint8_t *bytes = bytes_of(address, copy);
	if (!bytes)
		return false;
	return address->sa_family == AF_INET ? is_public4(bytes) : is_public6(bytes);
}

bool public_address_is_loopback(const struct sockaddr *address)
{
	static const uint8_t one[16] = { [15] = 1 };
	uint8_t copy[16];
	const uint8_t *bytes = bytes_of(address, copy);
	if (!bytes)
		return false;
	return address->sa_family == AF_INET ? bytes[0] == 127 : memcmp(bytes, one, 16) == 0;
}
