/*
 * spgctl, the operator's tool: looks at users, accounts and posts, tells what is not well, reads and proves the record.
 * Started by root it becomes the user spg_ctl, whose database role sees no token, upload address or session. What it is
 * asked stands in the audit trail before it shows anything.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/operator.h"
#include "base/process.h"
#include "base/token.h"
#include "spgctl/ctl.h"
#include "store/db.h"

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_FOUND = 3 };

static const struct ctl_group *const groups[] = {
	&ctl_users,  &ctl_accounts, &ctl_posts,	    &ctl_deletions, &ctl_support,
	&ctl_events, &ctl_keys,	    &ctl_retention, &ctl_inventory, &ctl_health,
};

static struct config config; /* as long as the process, as its strings */

static void help(void)
{
	fputs("usage: spgctl [--json] GROUP [ACTION] [ARGUMENTS]\n\n", stdout);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (size_t k = 0; k < groups[i]->count; k++) {
			const struct ctl_command *command = &groups[i]->commands[k];
			CLEANUP(arena) struct arena arena = { 0 };
			const char *call = arena_printf(
				&arena, "%s%s%s%s%s", groups[i]->name, command->action ? " " : "",
				command->action ? command->action : "",
				command->arguments ? " " : "",
				command->arguments ? command->arguments : "");
			fprintf(stdout, strlen(call) > 38 ? "  %s\n  %-40s%s\n" : "  %-40s%s%s\n",
				call, "", command->purpose);
		}
	fputs("\nEach command but health, inventory, retention and keys make is written down in "
	      "the record. "
	      "Exit: 0 ok, 1 failed or "
	      "not well,\n"
	      "2 wrong usage, 3 no such thing.\n",
	      stdout);
}

static const struct ctl_group *group_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (strcmp(groups[i]->name, name) == 0)
			return groups[i];
	return NULL;
}

/* The command that argv names after the options; how many of its words that took. */
static const struct ctl_command *command_find(const struct ctl_group *group, int argc, char **argv,
					      int *ret_words)
{
	*ret_words = 1;
	if (group->commands[0].action == NULL)
		return &group->commands[0];
	*ret_words = 2;
	for (size_t i = 0; argc > 1 && i < group->count; i++)
		if (strcmp(group->commands[i].action, argv[1]) == 0)
			return &group->commands[i];
	if (argc > 1)
		ctl_complain("%s has no action '%s'; there are:", group->name, argv[1]);
	else
		ctl_complain("%s needs an action; there are:", group->name);
	for (size_t i = 0; i < group->count; i++)
		fprintf(stderr, "  spgctl %s %s %s\n", group->name, group->commands[i].action,
			group->commands[i].arguments ? group->commands[i].arguments : "");
	return NULL;
}

enum status ctl_record(struct ctl *ctl)
{
	enum status st = audit_write(ctl->db, ctl->arena, &ctl->event);
	ctl->recorded = st == STATUS_OK;
	return st;
}

/* What could not be done is written down as well. */
static enum status record(struct ctl *ctl, enum status result)
{
	if (ctl->command->unrecorded || ctl->recorded || result == STATUS_INVALID)
		return result;
	if (result != STATUS_OK && !ctl->event.code)
		ctl->event.code = status_name(result);
	enum status st = ctl_record(ctl);
	if (st != STATUS_OK)
		ctl_complain("nothing is shown, as it cannot be recorded");
	return st == STATUS_OK ? result : st;
}

static int exit_of(const struct ctl *ctl, enum status st)
{
	switch (st) {
	case STATUS_OK:
		return ctl->failed ? EXIT_FAILED : EXIT_FINE;
	case STATUS_INVALID:
		return EXIT_USAGE;
	case STATUS_NOT_FOUND:
		ctl_complain("there is no such thing");
		return EXIT_NOT_FOUND;
	case STATUS_DENIED:
	case STATUS_CONFLICT:
	case STATUS_RETRY:
	case STATUS_REFUSED:
	case STATUS_BROKEN:
		break;
	}
	ctl_complain("failed: %s", status_name(st));
	return EXIT_FAILED;
}

static int run(struct ctl *ctl)
{
	const struct ctl_command *command = ctl->command;
	if (!command->own_rights) {
		/* Root for good; anybody else stays who they are, and the database decides. */
		if (ctl_become("spg_ctl") != STATUS_OK ||
		    config_load(config_path(), &config) != STATUS_OK ||
		    db_open(config.database, "spgctl", &ctl->db) != STATUS_OK)
			return EXIT_FAILED;
		ctl->config = &config;
	}
	enum status st = command->run(ctl);
	if (!command->own_rights)
		st = record(ctl, st);
	if (st == STATUS_OK && ctl->answer && !ctl_show(ctl)) {
		ctl_complain("cannot write the answer: %s", strerror(errno));
		st = STATUS_BROKEN;
	}
	int code = exit_of(ctl, st);
	if (ctl->answer)
		json_object_put(ctl->answer);
	db_close(ctl->db);
	return code;
}

int main(int argc, char **argv)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct ctl ctl = { .arena = &arena };
	int at = 1, words;
	log_open("spgctl");
	token_init();
	process_hide();
	for (; at < argc && strncmp(argv[at], "-", 1) == 0; at++) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
			help();
			return EXIT_FINE;
		}
		if (strcmp(argv[at], "--json") != 0) {
			ctl_complain("unknown option '%s'; spgctl --help tells all", argv[at]);
			return EXIT_USAGE;
		}
		ctl.json = true;
	}
	if (at == argc) {
		ctl_complain("a command is missing; spgctl --help lists them");
		return EXIT_USAGE;
	}
	const struct ctl_group *group = group_find(argv[at]);
	if (!group) {
		ctl_complain("there is no '%s'; spgctl --help lists what there is", argv[at]);
		return EXIT_USAGE;
	}
	ctl.group = group->name;
	ctl.command = command_find(group, argc - at, argv + at, &words);
	if (!ctl.command)
		return EXIT_USAGE;
	ctl.argc = argc - at - words;
	ctl.argv = argv + at + words;
	ctl.event.actor = operator_name(&arena);
	ctl.event.event = ctl.command->action ? arena_printf(&arena, "operator_%s_%s", group->name,
							     ctl.command->action)
					      : arena_printf(&arena, "operator_%s", group->name);
	return run(&ctl);
}
