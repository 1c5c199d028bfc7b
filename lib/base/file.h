/* Descriptors and whole-buffer reads and writes. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* For CLEANUP(fd_close) on an int that starts at -1. */
void fd_close_cleanup(int *fd);

/* Read until size bytes or the end; the count, or -1 with errno. */
ssize_t file_read_all(int fd, void *bytes, size_t size);

/* Write all of it; 0, or -1 with errno. */
int file_write_all(int fd, const void *bytes, size_t size);
