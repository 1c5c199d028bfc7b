/*
 * token_keys --public FILE --secret FILE: makes the key pair that seals tokens, once for each
 * installation. Whoever has the public key can only seal; keep the secret one from web programs and
 * apart from backups of the database. Existing files are never overwritten.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "base/token.h"

static void usage(FILE *out)
{
	fputs("usage: token_keys --public FILE --secret FILE\n"
	      "Makes the key pair that seals TikTok tokens. FILEs must not exist yet.\n",
	      out);
}

static int complain(const char *what, const char *path)
{
	fprintf(stderr, "token_keys: %s %s: %s\n", what, path, strerror(errno));
	return -1;
}

/* Make the file new, with exactly this mode, and its content safe on disk; -1 after a message. */
static int write_key(const char *path, mode_t mode, const char *text)
{
	CLEANUP(fd_close)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain("cannot create", path);
	if (fchmod(fd, mode) == 0 && file_write_all(fd, text, strlen(text)) == 0 && fsync(fd) == 0)
		return 0;
	complain("cannot write", path);
	unlink(path);
	return -1;
}

static int make_keys(const char *public_path, const char *secret_path)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *public_key, *secret_key;
	secretbox_generate(&arena, &public_key, &secret_key);
	if (write_key(secret_path, 0600, secret_key) != 0)
		return 1;
	if (write_key(public_path, 0644, public_key) != 0) {
		/* Half a pair is of no use, and would stand in the way of the next try. */
		unlink(secret_path);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "public", required_argument, NULL, 'p' },
		{ "secret", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *public_path = NULL, *secret_path = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			public_path = optarg;
			break;
		case 's':
			secret_path = optarg;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (!public_path || !secret_path || optind != argc) {
		usage(stderr);
		return 2;
	}
	log_open("token_keys");
	token_init();
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
	return make_keys(public_path, secret_path);
}
