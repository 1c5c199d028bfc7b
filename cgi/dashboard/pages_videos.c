/* The pages of videos: the library, and one video with all that is known of it. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "dashboard/video_filter.h"
#include "store/import_list.h"
#include "store/post_list.h"
#include "store/storage.h"
#include "templates.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_library.h"

enum { TAGS_SHOWN_MAX = 40, IMPORTS_SHOWN_MAX = 10, POSTS_SHOWN_MAX = 100 };

static const char *with(struct request *req, const char *query, const char *name, const char *value)
{
	if (!value)
		return query;
	return arena_printf(req->arena, "%s%s%s=%s", query, *query ? "&" : "", name,
			    form_encode(req->arena, value));
}

/* The filter as a query that reads back as the same. */
static const char *query_of(struct request *req, const struct video_filter *filter)
{
	const char *query = with(req, "", "q", filter->text);
	query = with(req, query, "tag", filter->tag);
	query = with(req, query, "state", filter->state);
	if (filter->use != VIDEO_ANY_USE)
		query = with(req, query, "used", filter->use == VIDEO_USED ? "yes" : "no");
	if (filter->duplicates)
		query = with(req, query, "duplicates", "yes");
	if (filter->sort != VIDEO_NEWEST)
		query = with(req, query, "sort", video_sort_name(filter->sort));
	return query;
}

static void push_link(struct request *req, struct json_object *links, const char *label,
		      const struct video_filter *filter, bool is_current)
{
	struct json_object *link = json_object_new_object();
	json_add_string(link, "label", label);
	json_add_string(link, "query", query_of(req, filter));
	json_add_bool(link, "is_current", is_current);
	json_array_push(links, link);
}

/* The choices that exclude each other; search, tag and order stay. */
static struct json_object *kinds(struct request *req, const struct video_filter *now)
{
	static const struct {
		const char *label;
		struct video_filter filter;
	} choices[] = {
		{ "All", { 0 } },
		{ "Ready", { .state = "ready" } },
		{ "Never used", { .use = VIDEO_NEVER_USED } },
		{ "Duplicates", { .duplicates = true } },
		{ "Refused", { .state = "refused" } },
	};
	struct json_object *links = json_object_new_array();
	const char *current = query_of(req, now);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		struct video_filter filter = choices[i].filter;
		filter.text = now->text;
		filter.tag = now->tag;
		filter.sort = now->sort;
		push_link(req, links, choices[i].label, &filter,
			  strcmp(query_of(req, &filter), current) == 0);
	}
	return links;
}

static struct json_object *orders(struct request *req, const struct video_filter *now)
{
	static const char *const labels[] = { "Newest first", "Largest first", "By name" };
	struct json_object *links = json_object_new_array();
	for (enum video_sort sort = VIDEO_NEWEST; sort < VIDEO_SORT_COUNT; sort++) {
		struct video_filter filter = *now;
		filter.sort = sort;
		push_link(req, links, labels[sort], &filter, sort == now->sort);
	}
	return links;
}

/* The link of the tag that is chosen leads back to all of them. */
static enum status add_tags(struct request *req, struct db *db, struct json_object *view,
			    const struct video_filter *now)
{
	struct video_tag *tags;
	size_t count;
	enum status st = video_tags(db, req->arena, req->user_id, TAGS_SHOWN_MAX, &tags, &count);
	if (st != STATUS_OK)
		return st;
	struct json_object *links = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct video_filter filter = *now;
		bool is_current = now->tag && strcmp(now->tag, tags[i].tag) == 0;
		filter.tag = is_current ? NULL : tags[i].tag;
		push_link(req, links, tags[i].tag, &filter, is_current);
	}
	json_add(view, "tag_choices", links);
	return STATUS_OK;
}

static enum status add_imports(struct request *req, struct db *db, struct json_object *view)
{
	struct import_item *imports;
	size_t count;
	enum status st =
		import_list(db, req->arena, req->user_id, 0, IMPORTS_SHOWN_MAX, &imports, &count);
	if (st != STATUS_OK)
		return st;
	json_add(view, "imports", view_imports(req->arena, imports, count, VIEW_PAGE));
	json_add_bool(view, "import_from_url", req->config->import_from_url);
	return STATUS_OK;
}

static enum status add_storage(struct request *req, struct db *db, struct json_object *view)
{
	struct storage storage;
	enum status st = storage_read(db, req->arena, req->user_id, &storage);
	if (st == STATUS_OK)
		json_add(view, "storage",
			 view_storage(req->arena, req->config, &storage, VIEW_PAGE));
	return st;
}

static void add_choices(struct request *req, struct json_object *view,
			const struct video_filter *filter)
{
	struct video_filter all = { .sort = filter->sort };
	json_add(view, "kinds", kinds(req, filter));
	json_add(view, "orders", orders(req, filter));
	json_add_string(view, "q", filter->text);
	json_add_string(view, "tag", filter->tag);
	json_add_string(view, "state", filter->state);
	json_add_string(view, "used",
			filter->use == VIDEO_ANY_USE ? NULL
			: filter->use == VIDEO_USED  ? "yes"
						     : "no");
	json_add_bool(view, "duplicates_only", filter->duplicates);
	json_add_string(view, "sort", video_sort_name(filter->sort));
	json_add_bool(view, "is_filtered", strcmp(query_of(req, filter), query_of(req, &all)) != 0);
}

enum status page_videos(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct video_filter filter;
	struct video_item *videos;
	size_t count;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = video_filter_read(req, &paging, &filter);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = video_list(db, req->arena, req->user_id, &filter, &videos, &count);
	if (st == STATUS_OK)
		st = add_tags(req, db, view, &filter);
	if (st == STATUS_OK)
		st = add_imports(req, db, view);
	if (st == STATUS_OK)
		st = add_storage(req, db, view);
	if (st != STATUS_OK)
		return st;
	add_choices(req, view, &filter);
	bool has_more = paging_trim(&paging, &count);
	json_add_string(view, "next_query",
			has_more ? with(req, query_of(req, &filter), "cursor",
					paging_cursor(req->arena, videos[count - 1].id))
				 : NULL);
	json_add(view, "items", view_videos(req->arena, videos, count, VIEW_PAGE));
	return response_page(req, res, 200, "Videos", videos_html, view);
}

/* The original and what was made of it, side by side; null where one of them is not there. */
static enum status add_compared(struct request *req, struct db *db, struct json_object *view,
				const struct video_item *video)
{
	struct video_item other;
	bool is_original = video->repair.video_id != 0;
	int64_t other_id = is_original ? video->repair.video_id : video->repair_of;
	json_add(view, "compared", NULL);
	if (!other_id)
		return STATUS_OK;
	enum status st = video_get(db, req->arena, req->user_id, other_id, &other);
	if (st != STATUS_OK)
		return st == STATUS_NOT_FOUND ? STATUS_OK : st;
	struct json_object *compared = json_object_new_object();
	json_add(compared, "before",
		 view_video(req->arena, is_original ? video : &other, VIEW_PAGE));
	json_add(compared, "after",
		 view_video(req->arena, is_original ? &other : video, VIEW_PAGE));
	json_add(view, "compared", compared);
	return STATUS_OK;
}

enum status page_video(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	struct video_item video;
	struct post_filter filter = { .limit = POSTS_SHOWN_MAX };
	struct post *posts;
	size_t count;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = video_get(db, req->arena, req->user_id, id, &video);
	filter.video_id = id;
	if (st == STATUS_OK)
		st = post_list(db, req->arena, req->user_id, &filter, &posts, &count);
	if (st == STATUS_OK)
		st = add_compared(req, db, view, &video);
	if (st != STATUS_OK)
		return st;
	json_add(view, "video", view_video(req->arena, &video, VIEW_PAGE));
	json_add(view, "posts_of_it", view_posts(req->arena, posts, count, VIEW_PAGE));
	return response_page(req, res, 200, video.name, video_html, view);
}
