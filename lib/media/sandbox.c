/* Namespaces, limits and the system call filter of the child that reads a stranger's file. */
#include "media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#ifndef WITH_SANITIZER
#define WITH_SANITIZER 0
#endif

enum { SAFE_DESCRIPTOR = 10, LOWEST_PRIORITY = 19 };

/* What a cell has. */
struct cell {
	int connection, file, output; /* output: -1 for none */
	rlim_t cpu_seconds;
	rlim_t address_bytes;
	rlim_t data_bytes; /* memory that is not the program's or the libraries' files */
	rlim_t file_bytes; /* that the output may grow to */
};

static enum status failed(const char *what)
{
	log_error("sandbox_failed step=%s errno=%d", what, errno);
	return STATUS_BROKEN;
}

/* First out of the way of the standard numbers, then to their places. */
static bool place_descriptors(const struct cell *cell)
{
	int connection = fcntl(cell->connection, F_DUPFD, SAFE_DESCRIPTOR);
	int file = fcntl(cell->file, F_DUPFD, SAFE_DESCRIPTOR);
	int output = cell->output < 0 ? -1 : fcntl(cell->output, F_DUPFD, SAFE_DESCRIPTOR);
	return connection >= 0 && file >= 0 && (cell->output < 0 || output >= 0) &&
	       dup2(connection, SANDBOX_CONNECTION) >= 0 && dup2(file, SANDBOX_FILE) >= 0 &&
	       (output < 0 || dup2(output, SANDBOX_OUTPUT) >= 0);
}

static int last_descriptor(const struct cell *cell)
{
	return cell->output < 0 ? SANDBOX_FILE : SANDBOX_OUTPUT;
}

static bool set_limits(const struct cell *cell)
{
	const rlim_t descriptors = (rlim_t)last_descriptor(cell) + 1;
	const struct {
		__rlimit_resource_t resource;
		rlim_t soft, hard;
	} limits[] = {
		{ RLIMIT_CPU, cell->cpu_seconds, cell->cpu_seconds + 1 },
		{ RLIMIT_AS, cell->address_bytes, cell->address_bytes },
		{ RLIMIT_DATA, cell->data_bytes, cell->data_bytes },
		{ RLIMIT_FSIZE, cell->file_bytes, cell->file_bytes },
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_NPROC, 0, 0 },
		{ RLIMIT_MEMLOCK, 0, 0 },
		{ RLIMIT_NOFILE, descriptors, descriptors },
	};
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (WITH_SANITIZER &&
		    (limits[i].resource == RLIMIT_AS || limits[i].resource == RLIMIT_DATA ||
		     limits[i].resource == RLIMIT_NOFILE))
			continue;
		if (setrlimit(limits[i].resource,
			      &(struct rlimit){ limits[i].soft, limits[i].hard }) < 0)
			return false;
	}
	return true;
}

#if WITH_SANITIZER

/* The sanitizer needs much of the kernel: only the ways out are shut. */
static scmp_filter_ctx make_filter(const struct cell *cell)
{
	(void)cell;
	static const int forbidden[] = {
		SCMP_SYS(execve),  SCMP_SYS(execveat), SCMP_SYS(socket),
		SCMP_SYS(connect), SCMP_SYS(ptrace),   SCMP_SYS(kill),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	for (size_t i = 0; filter && i < ARRAY_SIZE(forbidden); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_KILL_THREAD, forbidden[i], 0) < 0) {
			seccomp_release(filter);
			return NULL;
		}
	}
	return filter;
}

#else

#define LOW_32 UINT64_C(0xffffffff)

/* Memory, time, locks between nobody, the end. */
static bool allow_always(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(brk),		SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(madvise),	SCMP_SYS(futex),  SCMP_SYS(clock_gettime),
		SCMP_SYS(gettimeofday), SCMP_SYS(exit),	  SCMP_SYS(exit_group),
	};
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) < 0)
			return false;
	}
	return true;
}

/* Reading the one file, writing to the one connection, memory that is never code. */
static bool allow_with_arguments(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp the_file = SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, SANDBOX_FILE);
	const struct scmp_arg_cmp the_connection =
		SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, SANDBOX_CONNECTION);
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp no_file = SCMP_A4(SCMP_CMP_MASKED_EQ, LOW_32, LOW_32);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pread64), 1, the_file) >= 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, the_connection) >= 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_code, no_file) >= 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) >= 0;
}

/* The result of a repair, by offset, and what of it has to be moved. */
static bool allow_output(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp the_output = SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_32, SANDBOX_OUTPUT);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pread64), 1, the_output) >= 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pwrite64), 1, the_output) >= 0;
}

/*
 * Under a service manager's own filter libseccomp may be unable to ask whether a whole process can
 * be killed. Killing the only thread is the same death.
 */
static scmp_filter_ctx make_filter(const struct cell *cell)
{
	static const uint32_t deaths[] = { SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD };
	for (size_t i = 0; i < ARRAY_SIZE(deaths); i++) {
		scmp_filter_ctx filter = seccomp_init(deaths[i]);
		if (!filter)
			continue;
		if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, deaths[i]) >= 0 &&
		    allow_always(filter) && allow_with_arguments(filter) &&
		    (cell->output < 0 || allow_output(filter)))
			return filter;
		seccomp_release(filter);
	}
	return NULL;
}

#endif

static enum status enter(const struct cell *cell)
{
	/* Containers may refuse some of these; the filter alone already forbids what they hide. */
	static const int namespaces[] = { CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC };
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		(void)unshare(namespaces[i]);

	if (!place_descriptors(cell))
		return failed("descriptors");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return failed("dumpable");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return failed("no_new_privs");
	scmp_filter_ctx filter = make_filter(cell);
	if (!filter)
		return failed("filter");
	if (!set_limits(cell))
		return failed("limits");
	/* Standard error goes too, its reader trusts lines: nothing can be logged from here. */
	if (!WITH_SANITIZER && close_range((unsigned)last_descriptor(cell) + 1, ~0U, 0) < 0)
		return failed("close");
	if (seccomp_load(filter) < 0)
		return STATUS_BROKEN;
	/* The filter's own memory stays: a few kilobytes, gone with the process. */
	return STATUS_OK;
}

enum status sandbox_enter(int connection, int file)
{
	const struct cell cell = {
		.connection = connection,
		.file = file,
		.output = -1,
		.cpu_seconds = 8,
		.address_bytes = (rlim_t)512 << 20,
		.data_bytes = (rlim_t)208 << 20,
	};
	return enter(&cell);
}

enum status sandbox_enter_repair(int connection, int file, int output)
{
	const struct cell cell = {
		.connection = connection,
		.file = file,
		.output = output,
		.cpu_seconds = 4 * 3600,
		.address_bytes = (rlim_t)1536 << 20,
		.data_bytes = (rlim_t)1536 << 20,
		.file_bytes = 4000000000,
	};
	/* A service manager may forbid it, and then has said itself who goes first. */
	(void)setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	return enter(&cell);
}
