/*
 * Functions that the project does not use, as compile errors. Force-included by the build. tests/lint knows
 * some more, rand and srand among them: libcrypto's headers have parameters of that name.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros in fortified builds with clang, which will not poison a macro. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gmtime localtime ctime asctime atoi atol  \
	system popen
