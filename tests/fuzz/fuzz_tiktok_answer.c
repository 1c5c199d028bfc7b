/* TikTok's answers: any bytes to any parser, and what is understood is whole. The first byte chooses. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "remote/tiktok.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static bool is_decimal(const char *id)
{
	return *id && strspn(id, "0123456789") == strlen(id);
}

static void check_status(const struct tiktok_status *status)
{
	must(*status->word && status->public_id_count <= 64);
	must(status->uploaded_bytes >= -1 && status->downloaded_bytes >= -1);
	for (size_t i = 0; i < status->public_id_count; i++)
		must(is_decimal(status->public_ids[i]));
}

static void check_videos(const struct tiktok_video_list *list)
{
	must(list->count <= 64);
	for (size_t i = 0; i < list->count; i++) {
		const struct tiktok_video *video = &list->videos[i];
		must(is_decimal(video->id) && video->create_time > 0);
		must(video->description && video->title && video->share_url);
		must(!*video->share_url || strncmp(video->share_url, "https://", 8) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_error error = { 0 };
	struct tiktok_tokens tokens;
	struct tiktok_user user;
	struct tiktok_creator_info info;
	struct tiktok_init init;
	struct tiktok_status status;
	struct tiktok_video_list list;
	if (size == 0)
		return 0;
	struct http_answer answer = {
		.status = 200,
		.body = arena_strndup(&arena, (const char *)data + 1, size - 1),
		.length = size - 1,
	};
	enum status st = STATUS_BROKEN;
	switch (data[0] % 9) {
	case 0:
		st = tiktok_tokens_parse(&arena, &answer, &tokens, &error);
		must(st != STATUS_OK || (tokens.access_token.length > 0 && *tokens.open_id));
		break;
	case 1:
		st = tiktok_revoke_parse(&arena, &answer, &error);
		break;
	case 2:
		st = tiktok_user_parse(&arena, &answer, &user, &error);
		break;
	case 3:
		st = tiktok_creator_info_parse(&arena, &answer, &info, &error);
		must(st != STATUS_OK || info.privacy_option_count <= 64);
		break;
	case 4:
		st = tiktok_init_parse(&arena, &answer, &init, &error);
		must(st != STATUS_OK || (*init.publish_id && init.upload_url.length > 0));
		break;
	case 5:
		st = tiktok_pull_parse(&arena, &answer, &init, &error);
		must(st != STATUS_OK || (*init.publish_id && init.upload_url.length == 0));
		break;
	case 6:
		st = tiktok_status_parse(&arena, &answer, &status, &error);
		if (st == STATUS_OK)
			check_status(&status);
		break;
	case 7:
		st = tiktok_cancel_parse(&arena, &answer, &error);
		break;
	default:
		st = tiktok_video_list_parse(&arena, &answer, &list, &error);
		if (st == STATUS_OK)
			check_videos(&list);
		break;
	}
	must(error.code && error.meaning);
	must((st == STATUS_OK) == (strcmp(error.code, "ok") == 0));
	return 0;
}
