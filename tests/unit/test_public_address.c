/* Addresses of the internet, and those that look like some. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "remote/public_address.h"

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		memcpy(&storage, &v4, sizeof(v4));
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		memcpy(&storage, &v6, sizeof(v6));
	else
		fail_msg("%s is no address", text);
	return storage;
}

static bool is_public(const char *text)
{
	struct sockaddr_storage storage = address(text);
	return public_address_is((const struct sockaddr *)&storage);
}

static void check_all(const char *const *texts, size_t count, bool wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (is_public(texts[i]) != wanted)
			fail_msg("%s", texts[i]);
	}
}

static void addresses_of_the_internet_are_public(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"1.1.1.1",	   "8.8.8.8",	      "9.255.255.255",	 "11.0.0.0",
		"100.63.255.255",  "100.128.0.0",     "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0",     "172.15.255.255",	 "172.32.0.0",
		"192.0.1.0",	   "192.167.255.255", "192.169.0.0",	 "198.17.255.255",
		"198.20.0.0",	   "198.51.99.255",   "203.0.112.255",	 "223.255.255.255",
		"2606:4700::1111", "2a00:1450::8a",   "2001:200::1",	 "2001:4860:4860::8888",
		"2400:cb00::1",	   "2003::1",	      "3ffd:ffff::1",	 "2620:4f:7fff::1",
	};
	check_all(texts, ARRAY_SIZE(texts), true);
}

static void addresses_of_this_machine_and_its_networks_are_not(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"0.0.0.0",
		"0.255.255.255",
		"10.0.0.1",
		"10.255.255.255",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.0.0",
		"169.254.169.254",
		"172.16.0.0",
		"172.31.255.255",
		"192.168.0.0",
		"192.168.255.255",
		"100.64.0.0",
		"100.127.255.255",
		"100.100.100.200",
		"198.18.0.0",
		"198.19.255.255",
		"::",
		"::1",
		"fc00::1",
		"fd00:ec2::254",
		"fe80::1",
		"febf::1",
		"fec0::1",
		"::ffff:0:0:1",
	};
	check_all(texts, ARRAY_SIZE(texts), false);
}

static void addresses_that_no_host_has_are_not(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"192.0.0.1", "192.0.2.1",	"192.88.99.1",	"198.51.100.7",	    "203.0.113.7",
		"224.0.0.1", "239.255.255.255", "240.0.0.1",	"255.255.255.255",  "ff02::1",
		"ff0e::1",   "100::1",		"2001:db8::1",	"2001:dbf:ffff::1", "3fff::1",
		"3ffe::1",   "4000::1",		"1fff::1",	"2001:10::1",	    "2001:2::1",
		"5f00::1",   "2620:4f:8000::1", "192.175.48.1", "192.31.196.1",	    "192.52.193.1",
	};
	/* What lies beside the documentation's block is public. */
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		bool beside = strcmp(texts[i], "2001:dbf:ffff::1") == 0;
		if (is_public(texts[i]) != beside)
			fail_msg("%s", texts[i]);
	}
}

static void an_ipv4_address_inside_another_is_not(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"::ffff:127.0.0.1",
		"::ffff:8.8.8.8", /* mapped */
		"::127.0.0.1",
		"::8.8.8.8", /* compatible */
		"64:ff9b::127.0.0.1",
		"64:ff9b::8.8.8.8",
		"64:ff9b:1::10.0.0.1", /* NAT64 */
		"2002:7f00:1::1",
		"2002:808:808::1", /* 6to4 */
		"2001:0:808:808::1",
		"2001::1", /* Teredo */
		"2a00:1450::5efe:10.0.0.1",
		"2a00:1450::200:5efe:127.0.0.1", /* ISATAP */
		"::ffff:0:127.0.0.1",		 /* translated (RFC 2765) */
	};
	check_all(texts, ARRAY_SIZE(texts), false);
}

static void other_families_are_not(void **state)
{
	(void)state;
	struct sockaddr_storage storage = { .ss_family = AF_UNIX };
	assert_false(public_address_is((const struct sockaddr *)&storage));
	storage.ss_family = AF_UNSPEC;
	assert_false(public_address_is((const struct sockaddr *)&storage));
	assert_false(public_address_is_loopback((const struct sockaddr *)&storage));
}

static void loopback_is_known(void **state)
{
	(void)state;
	static const char *const yes[] = { "127.0.0.1", "127.1.2.3", "::1" };
	static const char *const no[] = { "128.0.0.1", "::", "::2", "::ffff:127.0.0.1",
					  "10.0.0.1" };
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		struct sockaddr_storage storage = address(yes[i]);
		assert_true(public_address_is_loopback((const struct sockaddr *)&storage));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		struct sockaddr_storage storage = address(no[i]);
		assert_false(public_address_is_loopback((const struct sockaddr *)&storage));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_internet_are_public),
		cmocka_unit_test(addresses_of_this_machine_and_its_networks_are_not),
		cmocka_unit_test(addresses_that_no_host_has_are_not),
		cmocka_unit_test(an_ipv4_address_inside_another_is_not),
		cmocka_unit_test(other_families_are_not),
		cmocka_unit_test(loopback_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
