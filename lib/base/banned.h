/* Functions that the project does not use, as compile errors. Force-included by the build. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros in fortified builds with clang, which will not poison a macro. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gmtime localtime ctime asctime atoi atol  \
	system popen rand srand
