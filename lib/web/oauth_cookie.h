/*
 * The cookie that binds a sign-in to the browser that began it. It is Lax, because TikTok's
 * redirect back is a navigation from another site, and stays for all sign-ins that this browser has
 * under way.
 */
#pragma once

struct request;
struct response;

/* The word in it; NULL when there is none, or none of ours. */
const char *oauth_cookie_read(struct request *req);

/* Set it, for as long as a sign-in may take. */
void oauth_cookie_set(struct response *res, const char *word);
void oauth_cookie_clear(struct response *res);
