/* The words of README.txt. A test holds every field that is exported against them. */
#include "export/guide.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/status.h"
#include "store/inventory.h"

enum { GUIDE_BYTES_MAX = 256 * 1024 };

/* clang-format off */
static const struct {
	const char *kind, *title, *fields; /* fields: a line each */
} guides[] = {
	{ "sessions", "Sign-ins that are not over",
	  "  created_at: when it began\n"
	  "  last_seen_at: last request, to the minute\n"
	  "  expires_at: when it ends at the latest\n"
	  "  purpose: all; or erase: only to have data erased\n" },
	{ "tiktok_messages", "Messages of TikTok about your accounts and posts",
	  "  id: number\n"
	  "  event: TikTok's name for it\n"
	  "  open_id: TikTok's id of the account\n"
	  "  publish_id: TikTok's id of an upload\n"
	  "  public_id: TikTok's id of a post\n"
	  "  reason: TikTok's reason\n"
	  "  sent_at: by TikTok\n"
	  "  received_at: here\n" },
	{ "timelines", "What happened to your posts",
	  "  id: number\n"
	  "  post_id: in posts.json\n"
	  "  at: when\n"
	  "  kind: state: it changed; call: TikTok was asked; note\n"
	  "  name: the new state, or what was asked\n"
	  "  from_state: the state before\n"
	  "  code: outcome\n"
	  "  message: the same in words\n"
	  "  http_status: of TikTok's answer\n"
	  "  log_id: TikTok's number for its answer\n"
	  "  bytes: that were sent\n" },
	{ "attempts", "Tries to send your posts to TikTok",
	  "  id: number\n"
	  "  post_id: in posts.json\n"
	  "  account_id: in accounts.json\n"
	  "  mode: direct or draft\n"
	  "  transfer: file_upload or pull_from_url\n"
	  "  intent_at: when it began\n"
	  "  publish_id: TikTok's id of it\n"
	  "  publish_id_at: when TikTok gave that\n"
	  "  bytes_total: of the video\n"
	  "  bytes_acked: that TikTok has confirmed\n"
	  "  closed_at: when it ended\n"
	  "  outcome: how\n" },
	{ "posts", "Your posts",
	  "  id: number\n"
	  "  account_id: in accounts.json\n"
	  "  video_id: in videos.json\n"
	  "  mode: direct: posted; draft: sent to TikTok's inbox\n"
	  "  state: draft, scheduled, publishing, processing, published, delivered, failed, held or cancelled\n"
	  "  due_at: when it is planned for\n"
	  "  time_zone: in which it was planned\n"
	  "  caption: text\n"
	  "  privacy_level: who may see it, as TikTok calls it\n"
	  "  allow_comment: comments allowed\n"
	  "  allow_duet: duets allowed\n"
	  "  allow_stitch: stitches allowed\n"
	  "  your_brand: marked as your brand's\n"
	  "  branded_content: marked as paid for\n"
	  "  is_aigc: marked as made by AI\n"
	  "  cover_ms: moment of the cover, milliseconds\n"
	  "  consent_at: when you agreed to its publication\n"
	  "  consent: to what\n"
	  "  reason_code: why it stands where it stands\n"
	  "  reason_message: the same in words\n"
	  "  remedy_code: what helps\n"
	  "  remedy_message: the same in words\n"
	  "  warning_code: what would fail\n"
	  "  warning_message: the same in words\n"
	  "  publish_id: TikTok's id of the upload\n"
	  "  public_ids: TikTok's ids of the post\n"
	  "  public_url: where it can be seen\n"
	  "  sent_at: when TikTok had all of it\n"
	  "  finished_at: when it was over\n"
	  "  created_at: when it was made\n"
	  "  updated_at: last change\n" },
	{ "repairs", "Repairs of your videos",
	  "  id: number\n"
	  "  video_id: of the original, in videos.json\n"
	  "  result_id: of the new video\n"
	  "  state: waiting, running, done or failed\n"
	  "  percent: done\n"
	  "  reason_code: why it failed\n"
	  "  reason_message: the same in words\n"
	  "  asked_at: when you asked\n"
	  "  ended_at: when it was over\n" },
	{ "imports", "Videos fetched from addresses or taken from your drop folder",
	  "  id: number\n"
	  "  video_id: what it became, in videos.json\n"
	  "  source: url or drop\n"
	  "  address: where from, or the file's name\n"
	  "  name: of the file\n"
	  "  state: waiting, running, done or failed\n"
	  "  received: bytes\n"
	  "  total: bytes\n"
	  "  reason_code: why it failed or waits\n"
	  "  reason_message: the same in words\n"
	  "  asked_at: when you asked\n"
	  "  ended_at: when it was over\n" },
	{ "videos", "Your videos",
	  "  id: number; manifest.json names its file in this archive\n"
	  "  name: as you call it\n"
	  "  size: bytes\n"
	  "  sha256: of the file\n"
	  "  state: checking, ready or refused\n"
	  "  reason_code: why it was refused\n"
	  "  reason_message: the same in words\n"
	  "  container: kind of file\n"
	  "  codec: of the picture\n"
	  "  audio_codec: of the sound\n"
	  "  width: points\n"
	  "  height: points\n"
	  "  rotation: degrees\n"
	  "  fps_milli: frames in 1000 seconds\n"
	  "  fps_variable: frames at unequal distances\n"
	  "  duration_ms: milliseconds\n"
	  "  has_location: the file says where it was recorded\n"
	  "  has_device: the file names the camera\n"
	  "  repairable: coding it anew would mend it\n"
	  "  repair_of: the video that it was made from by repair\n"
	  "  tags: that you gave it\n"
	  "  created_at: when it came\n"
	  "  missing_at: since when its file is lost\n"
	  "  deleted_at: when you deleted it; it is forgotten a day later\n" },
	{ "uploads", "Uploads that are not over or were of late",
	  "  name: of the file\n"
	  "  length: bytes, or the most it may become\n"
	  "  kind: whole, partial or final\n"
	  "  source: tus (browser), url, drop or repair\n"
	  "  created_at: when it began\n"
	  "  expires_at: when it is forgotten\n"
	  "  finished_at: when all had come\n"
	  "  video_id: what it became, in videos.json\n" },
	{ "upload_days", "Uploads begun in the last days, counted",
	  "  day: UTC\n"
	  "  uploads: begun\n" },
	{ "creator_info", "What TikTok said last about what your accounts may post",
	  "  account_id: in accounts.json\n"
	  "  asked_at: when\n"
	  "  privacy_options: audiences to choose from\n"
	  "  comment_disabled: no comments\n"
	  "  duet_disabled: no duets\n"
	  "  stitch_disabled: no stitches\n"
	  "  max_duration_s: longest video, seconds\n" },
	{ "token_dates", "Dates of this site's access to your accounts (the tokens themselves are never given out)",
	  "  account_id: in accounts.json\n"
	  "  access_expires_at: when the access token ends\n"
	  "  refresh_expires_at: when access ends unless you connect anew\n"
	  "  refreshed_at: when it was last renewed\n" },
	{ "accounts", "Your TikTok accounts",
	  "  id: number\n"
	  "  open_id: TikTok's id of it for this site\n"
	  "  display_name: name\n"
	  "  username: user name\n"
	  "  avatar_url: picture\n"
	  "  scopes: permissions that you gave\n"
	  "  state: connected, reconnect, disconnecting or disconnected\n"
	  "  state_reason: why\n"
	  "  connected_at: last connected\n"
	  "  created_at: first connected\n"
	  "  erase_after: when its data is erased, after access was taken away at TikTok\n" },
	{ "support", "What you wrote to support, and the answers",
	  "  id: number\n"
	  "  kind: question or deletion\n"
	  "  tiktok_name: the account that you named\n"
	  "  email: address that you gave\n"
	  "  subject: subject\n"
	  "  state: open, answered or closed\n"
	  "  created_at: first message\n"
	  "  updated_at: last change\n"
	  "  closed_at: when it was closed\n"
	  "  messages: list of\n"
	  "  author: user or operator\n"
	  "  body: text\n" },
	{ "exports", "Your exports",
	  "  id: number\n"
	  "  state: waiting, running, ready, failed, expired or cancelled\n"
	  "  with_videos: videos included\n"
	  "  size: bytes of the archive\n"
	  "  reason_code: why it failed\n"
	  "  reason_message: the same in words\n"
	  "  asked_at: when you asked\n"
	  "  ended_at: when it was over\n"
	  "  expires_at: until when it could be fetched\n"
	  "  fetched_at: when it was last fetched, to the hour\n" },
	{ "consents", "Texts that you agreed to",
	  "  version: of privacy policy and terms\n"
	  "  language: in which you read them\n"
	  "  how: connect: when connecting; page: on a page of its own\n"
	  "  consented_at: when\n" },
	{ "events", "The security record: what was done in your name",
	  "  id: number\n"
	  "  at: when\n"
	  "  program: which part of the site\n"
	  "  event: what\n"
	  "  account_id: in accounts.json\n"
	  "  post_id: in posts.json\n"
	  "  subject_id: number of what else it was about\n"
	  "  code: outcome\n"
	  "  log_id: TikTok's number for its answer\n"
	  "  address: where the request came from; shortened after a while\n" },
	{ "receipts", "Your requests to erase your data",
	  "  id: number\n"
	  "  state: grace, waiting, done or undone\n"
	  "  origin: who asked: user, reconnect, operator, webhook or restored\n"
	  "  requested_at: when\n"
	  "  grace_until: until when it can be taken back\n"
	  "  finished_at: when it was done\n"
	  "  reason_code: TikTok's reason\n" },
	{ "settings", "Your settings",
	  "  id: your number here\n"
	  "  created_at: since when you are here\n"
	  "  time_zone: in which times are shown\n"
	  "  language: of explanations\n"
	  "  keep_posted_days: after so many days posted videos are removed; null: as the site does\n" },
};
/* clang-format on */

static const char about[] =
	"Your data\n"
	"=========\n\n"
	"This archive holds what this site keeps about you, as JSON (RFC 8259, UTF-8), and your "
	"videos as you\n"
	"uploaded them.\n\n"
	"  README.txt        this text\n"
	"  data/KIND.json    {\"kind\", \"title\", \"items\": [...], \"count\"}, one file for each "
	"kind below\n"
	"  videos/           the files of your videos, named by number and name\n"
	"  manifest.json     {\"format\": 1, \"files\": [...]}: path, size in bytes and sha256 of "
	"each file, and\n"
	"                    video_id for videos. A video without a path is not in the archive, "
	"and problem says\n"
	"                    why: file_missing (it was deleted meanwhile, or is lost), "
	"size_differs (the file is\n"
	"                    not what was uploaded). damaged: its sha256 is not what it was when "
	"it came.\n\n"
	"All rows are of one moment, when the archive was begun. Times are RFC 3339, UTC; ids are "
	"text; null means\n"
	"that there is none or that it is not known. New fields may be added; format changes when "
	"one goes.\n\n";

static const char without_videos[] =
	"You asked for this archive without videos; data/videos.json describes them.\n\n";

const char *guide_title(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(guides); i++)
		if (strcmp(guides[i].kind, kind) == 0)
			return guides[i].title;
	return kind;
}

static const char *fields_of(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(guides); i++)
		if (strcmp(guides[i].kind, kind) == 0)
			return guides[i].fields;
	return "";
}

const char *guide_text(struct arena *arena, bool with_videos)
{
	CLEANUP(buf) struct buf text = BUF_INIT(GUIDE_BYTES_MAX);
	buf_puts(&text, about);
	if (!with_videos)
		buf_puts(&text, without_videos);
	buf_puts(&text, "What is in data/\n----------------\n\n");
	for (size_t i = 0; i < inventory_count; i++) {
		const char *kind = inventory[i].name;
		if (inventory[i].export_sql)
			buf_printf(&text, "%s.json: %s\n%s\n", kind, guide_title(kind),
				   fields_of(kind));
	}
	buf_puts(&text, "What is not in this archive\n---------------------------\n\n");
	for (size_t i = 0; i < inventory_count; i++) {
		if (!inventory[i].export_sql)
			buf_printf(&text, "%s: %s\n", inventory[i].name, inventory[i].withheld);
	}
	if (!buf_ok(&text))
		log_die("guide_too_long");
	return arena_strdup(arena, buf_text(&text));
}
