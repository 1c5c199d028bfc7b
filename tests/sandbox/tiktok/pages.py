"""The HTML of the sandbox: consent page, error page, overview. Element ids are for tests."""
import html
import time

from aiohttp import web

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #161823; background: #f4f4f6; margin: 0 }
#sandbox-notice { background: #fff3cd; border-bottom: 1px solid #e0c97a; padding: .6em 1.2em }
main { background: #fff; max-width: 34em; margin: 2em auto; padding: 1.2em 2em 2em; border-radius: 8px;
  box-shadow: 0 1px 4px #0002; overflow-wrap: anywhere }
fieldset { border: 1px solid #ddd; border-radius: 6px; margin: 1em 0 }
label { display: flex; gap: .6em; align-items: center; padding: .3em 0; cursor: pointer }
img { width: 40px; height: 40px; border-radius: 50% }
button { font: inherit; padding: .5em 1.6em; border-radius: 4px; border: 1px solid #bbb; background: #fff }
button.main { background: #fe2c55; border-color: #fe2c55; color: #fff }
small { color: #5b5c66 }
"""
SCOPE_TEXT = {
    "user.info.basic": "Read your profile picture and name",
    "user.info.profile": "Read your username, bio and verification",
    "user.info.stats": "Read your follower, following, like and video counts",
    "video.list": "Read your public videos",
    "video.upload": "Send drafts to your inbox",
    "video.publish": "Post content to your account",
}
escape = html.escape


def page(title, body, status=200):
    text = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)} - sandbox</title><style>{STYLE}</style></head><body>
<div id="sandbox-notice"><strong>Sandbox.</strong> This page stands for TikTok. The accounts are
made up and nothing leaves this machine.</div>
<main>{body}</main></body></html>"""
    return web.Response(text=text, status=status, content_type="text/html",
                        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def wrong(parameter):
    """TikTok's own error page; the application never hears of it."""
    return page("Something went wrong", f"""<h1 id="error-title">Something went wrong</h1>
<p>We couldn't log in with TikTok. This may be due to specific app settings.</p>
<p>If you're a developer, correct the following and try again:</p>
<ul><li id="error-parameter">{escape(parameter)}</li></ul>""", status=400)


def consent(box, scopes, avatar_url):
    accounts = "".join(f"""
<label><input type="radio" name="account" required id="account-{escape(account["username"])}"
 value="{escape(account["open_id"])}"{" checked" if index == 0 else ""}>
<img src="{escape(avatar_url(box, account, 100))}" alt="">
<span>{escape(account["display_name"])} <small>@{escape(account["username"])}{
    ", private account" if account["private"] else ""}</small></span></label>"""
                       for index, account in enumerate(by_name(box)))
    ticks = "".join(f"""
<label><input type="checkbox" name="scope" id="scope-{scope.replace(".", "-")}" value="{scope}"
 checked{" disabled" if scope == "user.info.basic" else ""}>
<span>{SCOPE_TEXT[scope]} <small>{scope}</small></span></label>""" for scope in scopes)
    return page("Authorize", f"""<h1>Continue with TikTok</h1>
<p><strong id="client-key">{escape(box.client_key)}</strong> would like to:</p>
<form method="post" id="consent"><fieldset><legend>Access</legend>{ticks}</fieldset>
<fieldset><legend>Account</legend>{accounts}</fieldset>
<button class="main" id="authorize" name="action" value="authorize">Authorize</button>
<button id="cancel" name="action" value="cancel" formnovalidate>Cancel</button></form>""")


def by_name(box):
    """Accounts as the page lists them: the first made comes first."""
    order = ["sample_creator", "private_creator", "no_duet"]
    names = {name: index for index, name in enumerate(order)}
    return sorted(box.accounts.values(), key=lambda a: (names.get(a["username"], 9), a["username"]))


def overview(box):
    """What the accounts would show on their profiles, for people who try the quick start."""
    parts = ["<h1>Sandbox accounts</h1>"]
    for account in by_name(box):
        parts.append(f"<h2>{escape(account['display_name'])} "
                     f"<small>@{escape(account['username'])}</small></h2><ul>")
        rows = sorted(box.publishes_of(account["open_id"]), key=lambda p: -p["created_at"])
        for publish in rows[:50]:
            parts.append(f"<li>{line(publish)}</li>")
        parts.append("</ul>" if rows else "</ul><p><small>nothing posted yet</small></p>")
    return page("Accounts", "".join(parts))


def line(publish):
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(publish["created_at"]))
    title = publish["post_info"].get("title") or "(no caption)"
    state = publish["fail_reason"] or publish["status"]
    level = ", ".join("public" if p["public"] else p["privacy_level"] for p in publish["posts"])
    return (f"{escape(title)}<br><small>{when} UTC, {escape(state)}"
            f"{', ' + level if level else ''}, {publish['received']} bytes</small>")
