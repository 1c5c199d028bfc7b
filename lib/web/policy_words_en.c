/* The inventory in English. */
#include "web/policy_words.h"

#include "base/status.h"

static const char acts[] = "It stands for your permission: whoever has it could act in your name.";
static const char no_use[] = "Random numbers and counters that say nothing about you.";
static const char elsewhere[] = "It stands in the other parts of the archive.";

const struct policy_words policy_words_en[] = {
	{ "oauth_codes", "Sign-in codes",
	  "The code that TikTok hands over when you have agreed on its page.",
	  "It is exchanged for tokens, once.",
	  "Never stored: gone as soon as the request has ended.", acts },
	{ "oauth_states", "Sign-ins that were begun",
	  "A random number, in a form from which it cannot be recovered, and the page to return "
	  "to.",
	  "So that nobody else can finish the sign-in for you.",
	  "Good for {state_minutes}; removed {oauth_states} after that.", no_use },
	{ "sessions", "Sessions",
	  "A random word, in a form from which it cannot be recovered; when you signed in and were "
	  "last here.",
	  "So that you stay signed in, and can be signed out.",
	  "A session ends after {session_idle_hours} without use, and {session_absolute_days} "
	  "after signing in at the "
	  "latest; its row is removed {sessions_expired} after its end, one that was not used "
	  "{sessions_idle} after it was "
	  "used last.",
	  NULL },
	{ "tiktok_messages", "Messages from TikTok",
	  "What TikTok tells us about posts (published, failed) and about accounts that took "
	  "access away.",
	  "So that you see what came of a post, and access that was taken away ends here too.",
	  "{webhook_events}; about accounts that are not connected here, "
	  "{webhook_events_of_unknown}.",
	  NULL },
	{ "request_keys", "Keys of repeated requests",
	  "A hash of a random word that your browser sends along.",
	  "So that a request sent twice is done once.", "{idempotency_keys}.", no_use },
	{ "timelines", "Timelines of posts",
	  "When a post was sent, what TikTok answered, why it waits or failed.",
	  "So that you can see what happened, to the end.",
	  "{post_events}, once the post has ended.", NULL },
	{ "attempts", "Attempts to post",
	  "When we began to send a post, how many bytes TikTok has, how it ended.",
	  "So that a post never goes out twice.", "As long as the post.", NULL },
	{ "posts", "Posts",
	  "Captions, times, time zones, your choices for each post, and that you agreed to it.",
	  "It is the job you gave us.", "Until you erase your data.", NULL },
	{ "repairs", "Conversions of videos",
	  "That you asked to have a file converted, and how that went.",
	  "So that a file TikTok would not take can be posted.", "As long as the video.", NULL },
	{ "imports", "Videos from addresses and drop folders",
	  "The address or file name that you had a video taken from, and how that went.",
	  "So that you see what was taken, and why something was not.", "{imports}.", NULL },
	{ "videos", "Videos",
	  "The file as you uploaded it, its name, tags and notes, and technical facts read from "
	  "it: length, size, format. A "
	  "video file may itself hold more, such as the place where it was filmed; it goes to "
	  "TikTok as you uploaded it.",
	  "To post it when you said.",
	  "Until you delete it. By itself, after its last post went out: {posted_videos}; you can "
	  "choose a shorter period in "
	  "the settings. The file of a deleted video goes within an hour, its name "
	  "{deleted_videos} after that unless a post "
	  "shows it. A file that TikTok would not take and that nobody can mend goes within an "
	  "hour, others {refused_videos} "
	  "after they came.",
	  NULL },
	{ "frames", "Preview pictures", "Pictures taken from your videos.",
	  "So that you can tell your videos apart.", "As long as the video.",
	  "Made from your videos, which are in the archive." },
	{ "uploads", "Uploads that are under way",
	  "The parts that have arrived, the file's name and size.",
	  "So that an upload goes on after a lost connection.",
	  "{retention_uploads_days} after the last piece arrived.", NULL },
	{ "upload_days", "Uploads a day", "How many uploads you began on a day.",
	  "So that nobody fills the storage of all.", "{upload_days}.", NULL },
	{ "creator_info", "What an account may post",
	  "What TikTok says: audiences, longest video, interactions.",
	  "TikTok asks that you choose from what your account may do.",
	  "Until TikTok is asked again, at the latest as long as the account.", NULL },
	{ "call_times", "Times of the last calls to TikTok",
	  "When we last asked TikTok something for an account.", "To stay within TikTok's limits.",
	  "Until the next call, at the latest as long as the account.", no_use },
	{ "access_tokens", "Access tokens",
	  "A key from TikTok, good for a day, sealed as it arrives.",
	  "It is what lets us post for you.",
	  "Until it is renewed, you disconnect the account, access is taken away, or you erase "
	  "your data.",
	  acts },
	{ "refresh_tokens", "Refresh tokens",
	  "A key from TikTok to renew the first one, sealed as it arrives.",
	  "So that posts planned for next week can go out without you.",
	  "Until it is renewed, you disconnect the account, access is taken away, or you erase "
	  "your data.",
	  acts },
	{ "token_dates", "Dates of tokens",
	  "When each token was renewed and until when it is good.",
	  "To renew it in time, and to tell you when you must connect again.",
	  "As long as the tokens.", NULL },
	{ "open_ids", "Identifiers of accounts",
	  "What TikTok calls you with this app (the \"open id\").",
	  "To know you again when you come back.", "Until you erase your data; see Accounts.",
	  elsewhere },
	{ "scopes", "Permissions", "Which of the permissions you gave on TikTok's page.",
	  "To do only what you allowed.", "Until you disconnect the account; see Accounts.",
	  elsewhere },
	{ "accounts", "Accounts",
	  "Display name, user name and the address of the profile picture, where you allowed them; "
	  "whether it is connected.",
	  "To show you which account you post to.",
	  "Names until you disconnect the account, the rest until you erase your data. If you take "
	  "our access away at "
	  "TikTok, {retention_removed_days} after that; at once if the TikTok account is gone.",
	  NULL },
	{ "support", "Messages to support",
	  "What you wrote, our answers, and the address you gave for them.", "To answer you.",
	  "{retention_support_days} after the conversation was closed; it is closed by itself "
	  "{support_silent} after an answer.",
	  NULL },
	{ "exports", "Archives of your data", "The archive that you asked for, and when.",
	  "So that you can take your data with you.",
	  "The file {export_hours} after it is ready; that it was made, {exports}.", NULL },
	{ "consents", "Consent",
	  "Which version of these texts you agreed to, when, in which language.",
	  "To show that you agreed.", "Until you erase your data.", NULL },
	{ "telegram", "Telegram", "Nothing: no number, name or message of Telegram is stored.",
	  "This site stores nothing about Telegram.", "Not stored.",
	  "Nothing about Telegram is stored." },
	{ "addresses", "Network addresses in the record of events",
	  "The address from which you signed in, asked for an erasure, and the like.",
	  "So that you and we can see when somebody else uses your account.",
	  "Shortened {retention_addresses_days} after the event, so that they no longer name a "
	  "connection.",
	  elsewhere },
	{ "log_addresses", "Logs",
	  "Time, network address, method, path and result of each request, without what follows "
	  "the question mark; what the "
	  "programs did, in numbers and codes. No tokens, cookies, captions or messages.",
	  "To find faults and to fend off attacks.", "{retention_logs_days}.",
	  "Logs are not sorted by person." },
	{ "events", "Record of events",
	  "Who did what and when, in numbers and codes: sign-in, connect, erasure, changes by the "
	  "operator. No names.",
	  "To find misuse, and to prove what was done and what was not.", "{audit_events}.", NULL },
	{ "receipts", "Receipts of erasure",
	  "The steps of an erasure, how much went, and, where the operator has set up a key for "
	  "it, a keyed hash of the "
	  "TikTok identifier, which names nobody without that key.",
	  "To prove that and when it was erased.", "{receipts}.", NULL },
	{ "settings", "Your settings",
	  "Time zone, language, your period for posted videos, when you first came.",
	  "To show times as you know them.", "Until you erase your data.", NULL },
};
const size_t policy_words_en_count = ARRAY_SIZE(policy_words_en);
