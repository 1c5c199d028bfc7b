/* The cell from inside: each way out, tried from where a taken-over reader would stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <cmocka.h>

#include "media/sandbox.h"

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

enum { CHILD_LIVES = 7 };

/* What a hardened service unit already forbids, politely, before the sandbox is entered. */
static bool is_hardened;
/* The cell of a repair, which has one file more. */
static bool is_repair;

static void harden(void)
{
#define REFUSE(call)                                                                               \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                                     \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		REFUSE(seccomp),
		REFUSE(unshare),
		REFUSE(setrlimit),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(2);
}

/*
 * How a child ends that enters the sandbox and calls action, as from waitpid(). It exits with
 * CHILD_LIVES when action returns. What it has written to the connection is in ret_said.
 */
static int run_inside(void (*action)(void), char ret_said[16])
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	int file = open("/proc/self/exe", O_RDONLY);
	assert_true(file >= 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (is_hardened)
			harden();
		enum status st =
			is_repair ? sandbox_enter_repair(pair[1], file, memfd_create("output", 0))
				  : sandbox_enter(pair[1], file);
		if (st != STATUS_OK)
			_exit(1);
		action();
		_exit(CHILD_LIVES);
	}
	close(pair[1]);
	close(file);
	int result = 0;
	assert_int_equal(waitpid(child, &result, 0), child);
	memset(ret_said, 0, 16);
	ssize_t said = recv(pair[0], ret_said, 15, 0);
	assert_true(said >= 0);
	close(pair[0]);
	return result;
}

static void try_openat2(void)
{
	syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0);
}

static void try_openat(void)
{
	syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void try_stat(void)
{
	syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", NULL, 0);
}

static void try_unlink(void)
{
	syscall(SYS_unlinkat, AT_FDCWD, "/nonexistent", 0);
}

static void try_socket(void)
{
	syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static void try_connect(void)
{
	syscall(SYS_connect, SANDBOX_CONNECTION, "", 0);
}

static void try_receive_descriptor(void)
{
	syscall(SYS_recvmsg, SANDBOX_CONNECTION, NULL, 0);
}

static void try_send_descriptor(void)
{
	syscall(SYS_sendmsg, SANDBOX_CONNECTION, NULL, 0);
}

static void try_execve(void)
{
	syscall(SYS_execve, "/bin/true", NULL, NULL);
}

static void try_clone(void)
{
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void try_clone3(void)
{
	syscall(SYS_clone3, NULL, 0);
}

static void try_kill(void)
{
	syscall(SYS_kill, 1, 0);
}

static void try_ptrace(void)
{
	syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static void try_prctl(void)
{
	syscall(SYS_prctl, 4, 1, 0, 0, 0);
}

static void try_raise_limits(void)
{
	syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, NULL);
}

static void try_cancel_alarm(void)
{
	syscall(SYS_setitimer, 0, NULL, NULL);
}

static void try_block_signals(void)
{
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 8);
}

static void try_io_uring(void)
{
	syscall(SYS_io_uring_setup, 1, NULL);
}

static void try_code_memory(void)
{
	syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_turn_memory_into_code(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}

static void try_map_the_file(void)
{
	syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, SANDBOX_FILE, 0);
}

static void try_write_the_file(void)
{
	syscall(SYS_write, SANDBOX_FILE, "x", 1);
}

static void try_write_the_file_by_offset(void)
{
	syscall(SYS_pwrite64, SANDBOX_FILE, "x", 1, 0);
}

static void try_write_the_output_as_a_stream(void)
{
	syscall(SYS_write, SANDBOX_OUTPUT, "x", 1);
}

static void try_cut_the_output(void)
{
	syscall(SYS_ftruncate, SANDBOX_OUTPUT, 0);
}

static void try_map_the_output(void)
{
	syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, SANDBOX_OUTPUT, 0);
}

static void try_read_the_connection(void)
{
	char byte;
	syscall(SYS_read, SANDBOX_CONNECTION, &byte, 1);
}

/* Calls of the old 32-bit interface have other numbers: a filter that forgot them is no filter. */
static void try_32_bit_calls(void)
{
#if defined(__x86_64__)
	int result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(0), "c"(0), "d"(0) : "memory");
#else
	abort();
#endif
}

static void every_way_out_is_death(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		void (*action)(void);
		bool with_sanitizer;
	} ways[] = {
		{ "openat2", try_openat2, false },
		{ "openat", try_openat, false },
		{ "stat", try_stat, false },
		{ "unlink", try_unlink, false },
		{ "socket", try_socket, true },
		{ "connect", try_connect, true },
		{ "recvmsg", try_receive_descriptor, false },
		{ "sendmsg", try_send_descriptor, false },
		{ "execve", try_execve, true },
		{ "clone", try_clone, false },
		{ "clone3", try_clone3, false },
		{ "kill", try_kill, true },
		{ "ptrace", try_ptrace, true },
		{ "prctl", try_prctl, false },
		{ "prlimit", try_raise_limits, false },
		{ "alarm", try_cancel_alarm, false },
		{ "sigprocmask", try_block_signals, false },
		{ "io_uring", try_io_uring, false },
		{ "mmap code", try_code_memory, false },
		{ "mprotect code", try_turn_memory_into_code, false },
		{ "mmap file", try_map_the_file, false },
		{ "write file", try_write_the_file, false },
		{ "pwrite file", try_write_the_file_by_offset, false },
		{ "write output", try_write_the_output_as_a_stream, false },
		{ "truncate output", try_cut_the_output, false },
		{ "mmap output", try_map_the_output, false },
		{ "read connection", try_read_the_connection, false },
		{ "32-bit call", try_32_bit_calls, false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (WITH_SANITIZER && !ways[i].with_sanitizer)
			continue;
		char said[16];
		int result = run_inside(ways[i].action, said);
		if (!WIFSIGNALED(result) || WTERMSIG(result) != SIGSYS)
			fail_msg("%s: no SIGSYS but 0x%x", ways[i].name, (unsigned int)result);
	}
}

static void do_the_work(void)
{
	char magic[4];
	void *volatile memory = malloc(50 << 20);
	if (pread(SANDBOX_FILE, magic, sizeof(magic), 0) == 4 && memory &&
	    write(SANDBOX_CONNECTION, magic, sizeof(magic)) == 4)
		free(memory);
}

static void the_work_itself_is_possible(void **state)
{
	(void)state;
	char said[16];
	int result = run_inside(do_the_work, said);
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), CHILD_LIVES);
	assert_memory_equal(said,
			    "\x7f"
			    "ELF",
			    5);
}

static void write_the_output(void)
{
	char back[2];
	if (pwrite(SANDBOX_OUTPUT, "ok", 2, 5) == 2 && pread(SANDBOX_OUTPUT, back, 2, 5) == 2 &&
	    write(SANDBOX_CONNECTION, back, 2) == 2)
		return;
	_exit(1);
}

static void a_repair_writes_its_output_and_that_alone(void **state)
{
	char said[16];
	is_repair = true;
	int result = run_inside(write_the_output, said);
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), CHILD_LIVES);
	assert_string_equal(said, "ok");
	every_way_out_is_death(state);
	is_repair = false;
}

#if !WITH_SANITIZER
static void try_output_of_a_probe(void)
{
	syscall(SYS_pwrite64, SANDBOX_OUTPUT, "x", 1, 0);
}

static void a_probe_has_no_output(void **state)
{
	(void)state;
	char said[16];
	int result = run_inside(try_output_of_a_probe, said);
	assert_true(WIFSIGNALED(result));
	assert_int_equal(WTERMSIG(result), SIGSYS);
}
#endif

/* Sanitizers take more memory than the limit: there it is not set. */
#if !WITH_SANITIZER
static void take_memory(void)
{
	for (int i = 0; i < 9; i++) {
		void *volatile memory = malloc(64 << 20);
		if (!memory) {
			ssize_t ignored = write(SANDBOX_CONNECTION, "no", 2);
			(void)ignored;
			return;
		}
	}
}

static void memory_ends(void **state)
{
	(void)state;
	char said[16];
	int result = run_inside(take_memory, said);
	assert_true(WIFEXITED(result));
	assert_string_equal(said, "no");
}
#endif

static int set_hardened(void **state)
{
	(void)state;
	is_hardened = true;
	return 0;
}

static int clear_hardened(void **state)
{
	(void)state;
	is_hardened = false;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_way_out_is_death, set_hardened,
						clear_hardened),
		cmocka_unit_test_setup_teardown(the_work_itself_is_possible, set_hardened,
						clear_hardened),
		/* After those: libseccomp keeps what it has once found out, and children inherit.
		 */
		cmocka_unit_test(every_way_out_is_death),
		cmocka_unit_test(the_work_itself_is_possible),
		cmocka_unit_test(a_repair_writes_its_output_and_that_alone),
#if !WITH_SANITIZER
		cmocka_unit_test(a_probe_has_no_output),
		cmocka_unit_test(memory_ends),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
