/*
 * Many slow senders in one process: COUNT requests at once, BYTES_PER_SECOND each, for SECONDS. For upload_slow.py.
 *
 *   slow_senders PORT BYTES_PER_SECOND SECONDS < requests
 *
 * Standard input has one request head for each, ended by a line with a dot alone ("\r\n" is added). Prints "sending N"
 * when all have sent their head and a first piece, and at the end "sent BYTES lost CONNECTIONS".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/status.h"

enum { SENDERS_MAX = 4096, TICK_MS = 100, LINE_MAX_BYTES = 8192 };

static int sockets[SENDERS_MAX];
static int count, lost;
static long long sent;
static char piece[1 << 20];

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void lose(int i)
{
	close(sockets[i]);
	sockets[i] = -1;
	lost++;
}

/* Send what the socket takes; a slow reader on the other side makes us slower, as it would a client. */
static void send_some(int i, const char *bytes, size_t size)
{
	ssize_t done =
		sockets[i] < 0 ? 0 : send(sockets[i], bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done > 0)
		sent += done;
	else if (done < 0 && errno != EAGAIN)
		lose(i);
}

static int connect_to(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((unsigned short)port) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		perror("connect");
		exit(1);
	}
	return fd;
}

static void begin_all(int port)
{
	static char line[LINE_MAX_BYTES];
	struct buf head = BUF_INIT(64 * 1024);
	while (count < SENDERS_MAX && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, ".") != 0) {
			buf_printf(&head, "%s\r\n", line);
			continue;
		}
		buf_puts(&head, "\r\n");
		sockets[count] = connect_to(port);
		send_some(count, buf_text(&head), head.length);
		count++;
		buf_release(&head);
		head = (struct buf)BUF_INIT(64 * 1024);
	}
	buf_release(&head);
}

int main(int argc, char **argv)
{
	int64_t port, rate, seconds;
	if (argc != 4 || number_parse(argv[1], 1, 65535, &port) != STATUS_OK ||
	    number_parse(argv[2], 1, 1000000000, &rate) != STATUS_OK ||
	    number_parse(argv[3], 1, 3600, &seconds) != STATUS_OK)
		return 2;
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ SENDERS_MAX + 64, SENDERS_MAX + 64 });
	begin_all((int)port);
	sent = 0;
	size_t each = (size_t)(rate * TICK_MS / 1000);
	long long began = now_ms();
	for (int64_t tick = 0; tick * TICK_MS < seconds * 1000; tick++) {
		for (int i = 0; i < count; i++)
			send_some(i, piece, each < sizeof(piece) ? each : sizeof(piece));
		if (tick == 0) {
			printf("sending %d\n", count - lost);
			fflush(stdout);
		}
		int64_t left = began + (tick + 1) * TICK_MS - now_ms();
		if (left > 0)
			poll(NULL, 0, (int)left);
	}
	printf("sent %lld lost %d seconds %.1f\n", sent, lost, (double)(now_ms() - began) / 1000);
	return 0;
}
