/* The words. */
#include "base/words.h"

#include <stddef.h>
#include <string.h>

#include "base/status.h"

/* clang-format off */
#define RECONNECT "reconnect", { \
	"Reconnect the TikTok account; the post then goes on by itself.", \
	"Подключите аккаунт TikTok заново, и публикация продолжится сама." }
#define ALL_TICKED "reconnect", { \
	"Reconnect the TikTok account and leave all permissions ticked.", \
	"Подключите аккаунт TikTok заново и оставьте все разрешения отмеченными." }
#define AUTOMATIC "automatic", { \
	"Nothing to do: it is tried again by itself.", \
	"Делать ничего не нужно: попытка повторится сама." }
#define IN_ITS_TURN "automatic", { \
	"Nothing to do: it goes out in its turn.", \
	"Делать ничего не нужно: публикация выйдет в свою очередь." }
#define EDIT "edit", { \
	"Edit the post and schedule it again.", \
	"Измените публикацию и запланируйте её снова." }
#define NEW_VIDEO "replace_video", { \
	"Upload a corrected video and use it in this post.", \
	"Загрузите исправленное видео и выберите его в этой публикации." }
#define SHORTER_VIDEO "replace_video", { \
	"Upload a shorter video and use it in this post.", \
	"Загрузите видео короче и выберите его в этой публикации." }
#define OPERATOR "operator", { \
	"The operator of this site must correct its TikTok settings.", \
	"Администратор этого сайта должен исправить его настройки TikTok." }
#define LOOK "check_tiktok", { \
	"Look at the TikTok account to see whether the post is there.", \
	"Посмотрите в аккаунте TikTok, появилась ли там публикация." }
#define NOTHING "none", { \
	"Nothing can be done about this post here.", \
	"С этой публикацией здесь уже ничего сделать нельзя." }

#define OTHER_ADDRESS "other_address", { \
	"Check the address in a browser: it must begin with https:// and lead straight to the file.", \
	"Проверьте адрес в браузере: он должен начинаться с https:// и вести прямо к файлу." }
#define OTHER_FILE "other_file", { \
	"Export the video as MP4 and put that file into the folder.", \
	"Сохраните видео в формате MP4 и положите в папку этот файл." }
#define MAKE_ROOM "make_room", { \
	"Delete videos that you no longer need, or finish or cancel uploads, then try again.", \
	"Удалите ненужные видео, завершите или отмените загрузки и попробуйте снова." }

#define NOT_ACCEPTED { \
	"TikTok no longer accepts this connection.", \
	"TikTok больше не принимает это подключение." }
#define MALFORMED { \
	"TikTok found the request malformed.", \
	"TikTok счёл запрос этого сайта неправильным." }
#define REFUSED { \
	"TikTok refused the request as malformed.", \
	"TikTok отклонил запрос как неправильный." }
#define THEIR_ERROR { \
	"TikTok had an internal error.", \
	"В TikTok произошла внутренняя ошибка." }

static const struct words table[] = {
	{ "ok", WORDS_NOBODY, { "All is well.", "Всё в порядке." }, "none", { "", "" } },

	/* the consent page and its callback (1.4) */
	{ "access_denied", WORDS_CREATOR,
	  { "Access was not granted.", "Доступ не был разрешён." }, RECONNECT },
	{ "non_sandbox_target", WORDS_OPERATOR,
	  { "This site's TikTok app is in test mode, and this account is not on its list.",
	    "Приложение этого сайта в TikTok работает в тестовом режиме, и этого аккаунта нет в его списке." },
	  "operator",
	  { "The operator of this site must add the account to the list.",
	    "Администратор этого сайта должен добавить аккаунт в список." } },
	{ "client_key", WORDS_OPERATOR,
	  { "TikTok does not let this site's app sign people in.",
	    "TikTok не разрешает приложению этого сайта подключать аккаунты." }, OPERATOR },

	/* OAuth (1.10) */
	{ "invalid_grant", WORDS_CREATOR, NOT_ACCEPTED, RECONNECT },
	{ "invalid_client", WORDS_OPERATOR,
	  { "TikTok does not accept this site's client key or secret.",
	    "TikTok не принимает ключ или секрет этого сайта." }, OPERATOR },
	{ "invalid_request", WORDS_OPERATOR, MALFORMED, OPERATOR },
	{ "invalid_scope", WORDS_OPERATOR,
	  { "This site's TikTok app does not have a permission it asks for.",
	    "У приложения этого сайта в TikTok нет разрешения, которое оно запрашивает." }, OPERATOR },
	{ "unauthorized_client", WORDS_OPERATOR,
	  { "This site's TikTok app is not live.",
	    "Приложение этого сайта в TikTok ещё не запущено." }, OPERATOR },
	{ "unsupported_grant_type", WORDS_OPERATOR, MALFORMED, OPERATOR },
	{ "unsupported_response_type", WORDS_OPERATOR, MALFORMED, OPERATOR },
	{ "server_error", WORDS_TIKTOK, THEIR_ERROR, AUTOMATIC },
	{ "temporarily_unavailable", WORDS_TIKTOK,
	  { "TikTok is overloaded.", "TikTok перегружен." }, AUTOMATIC },

	/* any call (1.10) */
	{ "access_token_invalid", WORDS_CREATOR, NOT_ACCEPTED, RECONNECT },
	{ "scope_not_authorized", WORDS_CREATOR,
	  { "The creator has not granted the permission that this needs.",
	    "Автор не дал разрешения, которое для этого нужно." }, ALL_TICKED },
	{ "scope_permission_missed", WORDS_CREATOR,
	  { "The creator has not granted a permission that this needs.",
	    "Автор не дал одного из разрешений, которые для этого нужны." }, ALL_TICKED },
	{ "invalid_param", WORDS_CREATOR, REFUSED, EDIT },
	{ "invalid_params", WORDS_CREATOR, REFUSED, EDIT },
	{ "invalid_file_upload", WORDS_CREATOR,
	  { "The file breaks TikTok's requirements.", "Файл не соответствует требованиям TikTok." },
	  NEW_VIDEO },
	{ "rate_limit_exceeded", WORDS_NOBODY,
	  { "Too many requests for this account within a minute.",
	    "Слишком много запросов для этого аккаунта за минуту." }, AUTOMATIC },
	{ "internal_error", WORDS_TIKTOK, THEIR_ERROR, AUTOMATIC },

	/* posting (3.1-3.4, 3.7, 3.8) */
	{ "spam_risk_too_many_posts", WORDS_NOBODY,
	  { "TikTok's daily limit of posts by apps is reached for this account.",
	    "Для этого аккаунта исчерпан суточный лимит TikTok на публикации через приложения." },
	  "automatic",
	  { "It is tried again each hour, or post it from the TikTok app.",
	    "Попытка повторяется каждый час; можно опубликовать и из приложения TikTok." } },
	{ "spam_risk_user_banned_from_posting", WORDS_CREATOR,
	  { "TikTok has banned this account from posting.",
	    "TikTok запретил этому аккаунту публиковать." },
	  "appeal",
	  { "See the notice in the TikTok app; this site cannot lift it.",
	    "Посмотрите уведомление в приложении TikTok: этот сайт снять запрет не может." } },
	{ "reached_active_user_cap", WORDS_OPERATOR,
	  { "This site's daily number of posting creators at TikTok is used up.",
	    "Исчерпано число авторов, которым этот сайт может публиковать в TikTok за сутки." },
	  "automatic",
	  { "It is tried again by itself; the operator may ask TikTok for a higher number.",
	    "Попытка повторится сама; администратор может попросить TikTok увеличить это число." } },
	{ "unaudited_client_can_only_post_to_private_accounts", WORDS_CREATOR,
	  { "This site's TikTok app is not audited yet, so it may only post to private accounts.",
	    "Приложение этого сайта ещё не прошло проверку TikTok и может публиковать только в закрытые аккаунты." },
	  "make_private",
	  { "Make the TikTok account private in its settings, then schedule the post again.",
	    "Сделайте аккаунт закрытым в настройках TikTok и запланируйте публикацию снова." } },
	{ "url_ownership_unverified", WORDS_OPERATOR,
	  { "TikTok does not know this site's media address as verified.",
	    "Адрес, с которого этот сайт отдаёт видео, не подтверждён в TikTok." }, OPERATOR },
	{ "privacy_level_option_mismatch", WORDS_CREATOR,
	  { "The chosen audience is not available for this account now.",
	    "Выбранная аудитория сейчас недоступна для этого аккаунта." },
	  "edit",
	  { "Edit the post, choose who may see it, and schedule it again.",
	    "Измените публикацию: выберите, кто её увидит, и запланируйте снова." } },
	{ "spam_risk_too_many_pending_share", WORDS_CREATOR,
	  { "Too many drafts wait in this creator's TikTok inbox.",
	    "Во входящих TikTok у этого автора ждёт слишком много черновиков." },
	  "finish_drafts",
	  { "Post or discard drafts in the TikTok app; it is tried again each hour.",
	    "Опубликуйте или удалите черновики в приложении TikTok; попытка повторяется каждый час." } },
	{ "app_version_check_failed", WORDS_CREATOR,
	  { "The creator's TikTok app is too old for this.",
	    "Приложение TikTok у автора слишком старое для этого." },
	  "update_app",
	  { "Update the TikTok app (31.8 or newer), then schedule the post again.",
	    "Обновите приложение TikTok (до 31.8 или новее) и запланируйте публикацию снова." } },
	{ "invalid_publish_id", WORDS_CREATOR,
	  { "TikTok no longer knows this upload.", "TikTok больше не знает этой загрузки." }, LOOK },
	{ "token_not_authorized_for_specified_publish_id", WORDS_CREATOR,
	  { "TikTok says that this upload belongs to another account.",
	    "TikTok сообщает, что эта загрузка принадлежит другому аккаунту." }, LOOK },
	{ "publish_not_cancellable", WORDS_NOBODY,
	  { "It is too late to cancel.", "Отменять уже поздно." }, NOTHING },

	/* fail_reason (3.7) */
	{ "file_format_check_failed", WORDS_CREATOR,
	  { "TikTok does not take this file format.", "TikTok не принимает файлы такого формата." },
	  NEW_VIDEO },
	{ "duration_check_failed", WORDS_CREATOR,
	  { "The video is longer or shorter than TikTok allows for this account.",
	    "Видео длиннее или короче, чем TikTok разрешает этому аккаунту." }, NEW_VIDEO },
	{ "frame_rate_check_failed", WORDS_CREATOR,
	  { "TikTok takes 23 to 60 frames a second, and this video has another rate.",
	    "TikTok принимает от 23 до 60 кадров в секунду, а у этого видео другая частота." }, NEW_VIDEO },
	{ "picture_size_check_failed", WORDS_CREATOR,
	  { "TikTok takes pictures of 360 to 4096 points a side.",
	    "TikTok принимает видео, у которых каждая сторона кадра от 360 до 4096 точек." }, NEW_VIDEO },
	{ "internal", WORDS_TIKTOK,
	  { "TikTok had an internal error while processing.",
	    "При обработке в TikTok произошла внутренняя ошибка." }, AUTOMATIC },
	{ "video_pull_failed", WORDS_OPERATOR,
	  { "TikTok could not fetch the video from this site.",
	    "TikTok не смог забрать видео с этого сайта." }, AUTOMATIC },
	{ "photo_pull_failed", WORDS_OPERATOR,
	  { "TikTok could not fetch a picture from this site.",
	    "TikTok не смог забрать фотографию с этого сайта." }, AUTOMATIC },
	{ "publish_cancelled", WORDS_CREATOR,
	  { "The upload was cancelled.", "Загрузка была отменена." }, EDIT },
	{ "auth_removed", WORDS_CREATOR,
	  { "The creator has removed this site's access to the TikTok account.",
	    "Автор отозвал доступ этого сайта к аккаунту TikTok." }, RECONNECT },
	{ "spam_risk_text", WORDS_CREATOR,
	  { "TikTok considers the caption risky.", "TikTok счёл подпись рискованной." },
	  "edit",
	  { "Change the caption and schedule the post again.",
	    "Измените подпись и запланируйте публикацию снова." } },
	{ "spam_risk", WORDS_NOBODY,
	  { "TikTok considers this post risky.", "TikTok счёл эту публикацию рискованной." }, NOTHING },

	/* our own: what waits by itself */
	{ "rate_limit", WORDS_NOBODY,
	  { "TikTok's limit of calls per minute is used up for this account.",
	    "Для этого аккаунта исчерпан лимит запросов к TikTok в минуту." },
	  "automatic",
	  { "Nothing to do: it goes out at the next allowed moment.",
	    "Делать ничего не нужно: публикация выйдет, как только лимит позволит." } },
	{ "daily_post_limit", WORDS_NOBODY,
	  { "The number of posts that TikTok takes from apps in a day is used up for this account.",
	    "Для этого аккаунта исчерпано число публикаций, которое TikTok принимает от приложений за сутки." },
	  "automatic",
	  { "Nothing to do: it goes out when the limit allows it. From the TikTok app you can post at once.",
	    "Делать ничего не нужно: публикация выйдет, когда лимит позволит. Из приложения TikTok можно "
	    "опубликовать сразу." } },
	{ "pending_draft_limit", WORDS_CREATOR,
	  { "As many drafts as TikTok allows wait in the TikTok inbox already.",
	    "Во входящих TikTok уже ждёт столько черновиков, сколько TikTok разрешает." },
	  "finish_drafts",
	  { "Post or discard drafts in the TikTok app; this one then follows by itself.",
	    "Опубликуйте или удалите черновики в приложении TikTok, и этот придёт следом сам." } },
	{ "active_creator_limit", WORDS_OPERATOR,
	  { "This site's daily number of posting creators at TikTok is used up.",
	    "Исчерпано число авторов, которым этот сайт может публиковать в TikTok за сутки." },
	  "automatic",
	  { "It goes out by itself when the number allows it; the operator may ask TikTok for a higher one.",
	    "Публикация выйдет сама, когда число позволит; администратор может попросить TikTok его увеличить." } },
	{ "account_busy", WORDS_NOBODY,
	  { "Other posts of this account are being sent.",
	    "Сейчас отправляются другие публикации этого аккаунта." }, IN_ITS_TURN },
	{ "tiktok_unavailable", WORDS_TIKTOK,
	  { "TikTok did not answer.", "TikTok не ответил." }, AUTOMATIC },
	{ "tiktok_down", WORDS_TIKTOK,
	  { "TikTok does not answer.", "TikTok не отвечает." },
	  "automatic",
	  { "Posts wait and go out in order when it is back; nothing is lost.",
	    "Публикации ждут и выйдут по порядку, когда он снова ответит; ничего не потеряно." } },
	{ "catching_up", WORDS_NOBODY,
	  { "TikTok answers again after an outage, and the posts that waited go out one after the other.",
	    "TikTok снова отвечает после сбоя, и накопившиеся публикации выходят одна за другой." },
	  IN_ITS_TURN },
	{ "interrupted", WORDS_NOBODY,
	  { "Sending was interrupted before anything was sent.",
	    "Отправка прервалась раньше, чем что-либо было отправлено." }, AUTOMATIC },

	/* our own: what somebody must help with */
	{ "missed", WORDS_CREATOR,
	  { "Its time passed while this site could not send it.",
	    "Время публикации прошло, пока этот сайт не мог её отправить." },
	  "reschedule",
	  { "Choose a new time, or now.", "Выберите новое время или опубликуйте сейчас." } },
	{ "outcome_unknown", WORDS_CREATOR,
	  { "TikTok has not said whether this was published.",
	    "TikTok не сообщил, вышла ли эта публикация." },
	  "check_tiktok",
	  { "Look at the TikTok account: the post may be there. It is never sent again by itself.",
	    "Посмотрите в аккаунте TikTok: публикация могла выйти. Сама она повторно не отправляется." } },
	{ "upload_incomplete", WORDS_CREATOR,
	  { "The upload broke off at its very end; TikTok says that it is not complete.",
	    "Загрузка оборвалась в самом конце; TikTok сообщает, что она неполная." },
	  "check_tiktok",
	  { "Look at the TikTok account: if the post is not there, schedule it again.",
	    "Посмотрите в аккаунте TikTok: если публикации там нет, запланируйте её снова." } },
	{ "may_be_public", WORDS_CREATOR,
	  { "Cancelled while its outcome was unknown: it may be public on TikTok.",
	    "Отменена, когда исход был неизвестен: публикация может быть видна в TikTok." },
	  "look_on_tiktok",
	  { "Look at your profile on TikTok, and delete it there if you do not want it.",
	    "Посмотрите свой профиль в TikTok и удалите её там, если она не нужна." } },
	{ "video_missing", WORDS_CREATOR,
	  { "The video of this post is no longer there, or its file is damaged.",
	    "Видео этой публикации больше нет, или его файл повреждён." },
	  "replace_video",
	  { "Choose another video for this post and schedule it again.",
	    "Выберите для публикации другое видео и запланируйте её снова." } },
	/* repairs of videos */
	{ "repair_unreadable", WORDS_CREATOR,
	  { "The file is damaged: it could not be converted.",
	    "Файл повреждён: преобразовать его не удалось." },
	  "replace_video",
	  { "Export the video again as MP4 with H.264, then upload that file.",
	    "Экспортируйте видео заново в MP4 с H.264 и загрузите этот файл." } },
	{ "repair_codec_unknown", WORDS_CREATOR,
	  { "The picture or the sound is coded in a way that this site cannot read.",
	    "Изображение или звук закодированы так, что этот сайт не может их прочитать." },
	  "replace_video",
	  { "Export the video again as MP4 with H.264 and AAC, then upload that file.",
	    "Экспортируйте видео заново в MP4 с H.264 и AAC и загрузите этот файл." } },
	{ "repair_shape", WORDS_CREATOR,
	  { "The picture is so long and narrow that no size of that shape is within 360 to 4096 pixels.",
	    "Кадр так вытянут, что при его форме стороны не укладываются в 360-4096 пикселей." },
	  "replace_video",
	  { "Crop the video, then upload it again.", "Обрежьте видео и загрузите его снова." } },
	{ "repair_too_large", WORDS_CREATOR,
	  { "Converting this video takes more memory, time or space than there is.",
	    "Для преобразования этого видео не хватает памяти, времени или места." },
	  "replace_video",
	  { "Export it in a smaller size, then upload that file.",
	    "Экспортируйте его в меньшем размере и загрузите этот файл." } },
	{ "repair_too_long", WORDS_CREATOR,
	  { "The video lasts longer than the 10 minutes that TikTok takes.",
	    "Видео длиннее 10 минут, которые принимает TikTok." },
	  "replace_video",
	  { "Make it shorter, then upload it again.", "Сделайте его короче и загрузите снова." } },
	{ "repair_no_room", WORDS_OPERATOR,
	  { "The disk of this site is full.", "На диске этого сайта кончилось место." },
	  "operator",
	  { "Ask for the conversion again when the operator has made room.",
	    "Запросите преобразование снова, когда администратор освободит место." } },
	{ "duration_over_account_limit", WORDS_CREATOR,
	  { "The video is longer than TikTok allows for this account.",
	    "Видео длиннее, чем TikTok разрешает этому аккаунту." }, SHORTER_VIDEO },
	{ "reconnect", WORDS_CREATOR, NOT_ACCEPTED, RECONNECT },
	{ "refresh_ends_soon", WORDS_CREATOR,
	  { "The connection to TikTok ends before the time of this post.",
	    "Подключение к TikTok закончится раньше, чем наступит время публикации." },
	  "reconnect",
	  { "Reconnect the TikTok account before that time.",
	    "Подключите аккаунт TikTok заново до этого времени." } },
	{ "account_disconnected", WORDS_CREATOR,
	  { "You disconnected the TikTok account of this post.",
	    "Вы отключили аккаунт TikTok этой публикации." },
	  "choose_account",
	  { "Connect the account again or choose another one, then choose a new time.",
	    "Подключите аккаунт заново или выберите другой, затем выберите новое время." } },
	{ "quota_ahead", WORDS_CREATOR,
	  { "More posts are planned for that day than TikTok takes for this account.",
	    "На этот день запланировано больше публикаций, чем TikTok принимает для этого аккаунта." },
	  "reschedule",
	  { "Choose another day for some of them; else this one goes out later, when TikTok allows it.",
	    "Перенесите часть из них на другой день; иначе эта выйдет позже, когда TikTok разрешит." } },
	{ "draft_waits", WORDS_CREATOR,
	  { "The draft is in your TikTok inbox.", "Черновик лежит во входящих TikTok." },
	  "finish_in_tiktok",
	  { "Finish it in TikTok: open the inbox notification in the TikTok app and post it from there.",
	    "Завершите его в TikTok: откройте уведомление во входящих приложения TikTok и опубликуйте оттуда." } },
	{ "erasure", WORDS_NOBODY,
	  { "Its user asked for erasure.", "Пользователь попросил удалить свои данные." },
	  "none",
	  { "Nothing was published.", "Ничего не было опубликовано." } },
	{ "erasure_waiting", WORDS_CREATOR,
	  { "You have asked for all your data to be erased.",
	    "Вы попросили удалить все свои данные." },
	  "undo",
	  { "To have it published, keep your data: take the request back on the page Delete my data.",
	    "Чтобы публикация вышла, сохраните данные: отзовите запрос на странице «Удалить мои данные»." } },
	{ "token_unreadable", WORDS_OPERATOR,
	  { "This site cannot open the account's access token.",
	    "Этот сайт не может открыть ключ доступа к аккаунту." },
	  "operator",
	  { "The operator must check the token keys (see the log).",
	    "Администратор должен проверить ключи шифрования (подробности в журнале)." } },
	{ "upload_address_refused", WORDS_OPERATOR,
	  { "TikTok named an upload address that is not TikTok's.",
	    "TikTok назвал адрес загрузки, который ему не принадлежит." },
	  "operator",
	  { "The operator must look at the log; nothing was sent.",
	    "Администратор должен посмотреть журнал; ничего не было отправлено." } },
	{ "crashed_repeatedly", WORDS_OPERATOR,
	  { "Sending this post broke off several times without a trace of why.",
	    "Отправка этой публикации несколько раз обрывалась, и неизвестно почему." },
	  "operator",
	  { "The operator must look at the log; then schedule it again.",
	    "Администратор должен посмотреть журнал; затем запланируйте её снова." } },

	/* our own: videos that are fetched from an address or taken from a folder */
	{ "import_off", WORDS_OPERATOR,
	  { "This site does not fetch videos from addresses.",
	    "Этот сайт не загружает видео по адресам." },
	  "operator",
	  { "Upload the file from your computer.",
	    "Загрузите файл с компьютера." } },
	{ "import_address", WORDS_CREATOR,
	  { "The address, or one that it leads to, does not begin with https://, or it names a user, a password "
	    "or a port.",
	    "Этот адрес или тот, на который он перенаправляет, не начинается с https:// или содержит имя, пароль "
	    "или номер порта." }, OTHER_ADDRESS },
	{ "import_not_public", WORDS_CREATOR,
	  { "The address, or one that it leads to, is not on the public internet.",
	    "Этот адрес или тот, на который он перенаправляет, находится не в открытом интернете." }, OTHER_ADDRESS },
	{ "import_unreachable", WORDS_CREATOR,
	  { "The server of this address cannot be reached.",
	    "Сервер по этому адресу недоступен." },
	  "automatic",
	  { "It is tried again by itself, up to five times; what has come is kept.",
	    "Попытка повторится сама, до пяти раз; полученная часть сохраняется." } },
	{ "import_tls", WORDS_CREATOR,
	  { "The server of this address does not prove by its certificate that it is the right one.",
	    "Сервер по этому адресу не подтвердил сертификатом, что он тот самый." }, OTHER_ADDRESS },
	{ "import_redirects", WORDS_CREATOR,
	  { "The address leads on to others too many times.",
	    "Адрес слишком много раз перенаправляет на другие." }, OTHER_ADDRESS },
	{ "import_not_found", WORDS_CREATOR,
	  { "There is no file at this address.",
	    "По этому адресу нет файла." }, OTHER_ADDRESS },
	{ "import_denied", WORDS_CREATOR,
	  { "The server of this address gives the file only to people who have signed in there.",
	    "Сервер по этому адресу отдаёт файл только тем, кто на нём авторизован." },
	  "other_address",
	  { "Share the file so that everybody with the link can download it, or upload it from your computer.",
	    "Откройте доступ к файлу всем, у кого есть ссылка, или загрузите его с компьютера." } },
	{ "import_http_error", WORDS_CREATOR,
	  { "The server of this address refused to give the file.",
	    "Сервер по этому адресу отказался отдать файл." }, OTHER_ADDRESS },
	{ "import_server_error", WORDS_CREATOR,
	  { "The server of this address had an error or is overloaded.",
	    "На сервере по этому адресу произошла ошибка, или он перегружен." },
	  "automatic",
	  { "It is tried again by itself, up to five times; what has come is kept.",
	    "Попытка повторится сама, до пяти раз; полученная часть сохраняется." } },
	{ "import_web_page", WORDS_CREATOR,
	  { "This address shows a web page, not a video file.",
	    "По этому адресу открывается веб-страница, а не видеофайл." },
	  "other_address",
	  { "Copy the address of the download itself, which leads straight to the file.",
	    "Скопируйте адрес самой загрузки, который ведёт прямо к файлу." } },
	{ "import_encoded", WORDS_CREATOR,
	  { "The server of this address sends the file compressed, which was not asked for.",
	    "Сервер по этому адресу отдаёт файл в сжатом виде, хотя его об этом не просили." }, OTHER_ADDRESS },
	{ "import_malformed", WORDS_CREATOR,
	  { "The server of this address gave an answer that cannot be understood.",
	    "Ответ сервера по этому адресу понять нельзя." }, OTHER_ADDRESS },
	{ "import_too_large", WORDS_CREATOR,
	  { "The file is larger than 4 GB (4,000,000,000 bytes).",
	    "Файл больше 4 ГБ (4 000 000 000 байт)." },
	  "other_file",
	  { "Export the video with a lower bit rate.",
	    "Сохраните видео с меньшим битрейтом." } },
	{ "import_empty", WORDS_CREATOR,
	  { "The file is empty.",
	    "Файл пуст." },
	  "other_file",
	  { "Check the file where it comes from, then try again.",
	    "Проверьте файл там, откуда он взят, и попробуйте снова." } },
	{ "import_too_slow", WORDS_CREATOR,
	  { "The server of this address sent next to nothing for a while.",
	    "Сервер по этому адресу долго почти ничего не присылал." },
	  "automatic",
	  { "It is tried again by itself, up to five times; what has come is kept.",
	    "Попытка повторится сама, до пяти раз; полученная часть сохраняется." } },
	{ "import_timeout", WORDS_CREATOR,
	  { "Fetching the file took longer than this site waits.",
	    "Загрузка файла длилась дольше, чем этот сайт ждёт." },
	  "other_address",
	  { "Ask for it once more, or upload the file from your computer.",
	    "Запросите его ещё раз или загрузите файл с компьютера." } },
	{ "import_broke_off", WORDS_CREATOR,
	  { "The server of this address broke off before the end of the file.",
	    "Сервер по этому адресу оборвал передачу до конца файла." },
	  "automatic",
	  { "It is tried again by itself, up to five times; what has come is kept.",
	    "Попытка повторится сама, до пяти раз; полученная часть сохраняется." } },
	{ "export_no_room", WORDS_OPERATOR,
	  { "There is not enough room on this server for an archive with your data.",
	    "На этом сервере не хватает места для архива с вашими данными." },
	  "operator",
	  { "Ask the operator of this site, or download your data without videos.",
	    "Обратитесь к администратору сайта или скачайте данные без видео." } },
	{ "export_interrupted", WORDS_NOBODY,
	  { "Making the archive was interrupted several times.",
	    "Подготовка архива несколько раз прерывалась." },
	  "none",
	  { "Ask for it again in an hour; tell the operator of this site if that does not help.",
	    "Запросите его снова через час; если не поможет, сообщите администратору сайта." } },
	{ "import_interrupted", WORDS_NOBODY,
	  { "Fetching was interrupted on this site.",
	    "Загрузка прервалась на этом сайте." },
	  "automatic",
	  { "It is tried again by itself, up to five times; what has come is kept.",
	    "Попытка повторится сама, до пяти раз; полученная часть сохраняется." } },
	{ "import_disk_full", WORDS_OPERATOR,
	  { "This site has no room for the file at the moment.",
	    "На этом сайте сейчас нет места для файла." },
	  "operator",
	  { "Try again later; the operator must make room.",
	    "Попробуйте позже; администратор должен освободить место." } },
	{ "import_limit_unfinished", WORDS_CREATOR,
	  { "You have as many unfinished uploads as this site allows.",
	    "У вас столько незавершённых загрузок, сколько разрешает этот сайт." }, MAKE_ROOM },
	{ "import_limit_bytes", WORDS_CREATOR,
	  { "With this video you would have more stored than this site allows.",
	    "С этим видео у вас будет занято больше места, чем разрешает этот сайт." }, MAKE_ROOM },
	{ "import_limit_videos", WORDS_CREATOR,
	  { "You have as many videos as this site allows.",
	    "У вас столько видео, сколько разрешает этот сайт." }, MAKE_ROOM },
	{ "import_limit_per_day", WORDS_CREATOR,
	  { "You have begun as many uploads today as this site allows in a day.",
	    "Сегодня вы начали столько загрузок, сколько этот сайт разрешает за сутки." },
	  "automatic",
	  { "Try again tomorrow.", "Попробуйте завтра." } },
	{ "drop_not_a_file", WORDS_CREATOR,
	  { "Only files are taken from the folder, not links, folders or anything else.",
	    "Из папки берутся только файлы, а не ссылки, папки или что-то иное." }, OTHER_FILE },
	{ "drop_not_video", WORDS_CREATOR,
	  { "The name does not end like that of a video: .mp4, .m4v, .mov, .qt, .webm or .mkv.",
	    "Имя оканчивается не так, как у видео: .mp4, .m4v, .mov, .qt, .webm или .mkv." }, OTHER_FILE },
	{ "drop_name", WORDS_CREATOR,
	  { "The name of the file is too long.",
	    "Имя файла слишком длинное." },
	  "other_file",
	  { "Give the file a shorter name.", "Дайте файлу имя покороче." } },
	{ "drop_unreadable", WORDS_OPERATOR,
	  { "This site may not read the file.",
	    "Этому сайту не разрешено читать файл." },
	  "operator",
	  { "Make the file readable for the group of the folder, or ask the operator.",
	    "Разрешите чтение файла группе папки или спросите администратора." } },
};

const struct words words_unknown = {
	"unknown", WORDS_CREATOR,
	{ "TikTok gave a reason that is not known here.",
	  "TikTok назвал причину, которая здесь неизвестна." },
	"check_tiktok",
	{ "Look at the TikTok account, then schedule the post again or ask the operator.",
	  "Посмотрите в аккаунте TikTok, затем запланируйте публикацию снова или спросите администратора." },
};

/* For a remedy that is not the usual one of its cause. */
static const struct {
	const char *code;
	struct words_text text;
} remedies[] = {
	{ RECONNECT },
	{ AUTOMATIC },
	{ EDIT },
	{ NEW_VIDEO },
	{ LOOK },
	{ NOTHING },
	{ OTHER_ADDRESS },
	{ OTHER_FILE },
	{ MAKE_ROOM },
	{ "operator", { "The operator of this site must help.", "Нужна помощь администратора этого сайта." } },
	{ "reschedule", { "Choose a new time, or now.", "Выберите новое время или опубликуйте сейчас." } },
	{ "make_private",
	  { "Make the TikTok account private in its settings, then schedule the post again.",
	    "Сделайте аккаунт закрытым в настройках TikTok и запланируйте публикацию снова." } },
	{ "appeal", { "See the notice in the TikTok app.", "Посмотрите уведомление в приложении TikTok." } },
	{ "finish_drafts",
	  { "Post or discard drafts in the TikTok app.",
	    "Опубликуйте или удалите черновики в приложении TikTok." } },
	{ "finish_in_tiktok",
	  { "Finish it in TikTok: open the inbox notification in the TikTok app and post it from there.",
	    "Завершите его в TikTok: откройте уведомление во входящих приложения TikTok и опубликуйте оттуда." } },
	{ "update_app", { "Update the TikTok app.", "Обновите приложение TikTok." } },
	{ "look_on_tiktok", { "Look at your profile on TikTok.", "Посмотрите свой профиль в TikTok." } },
	{ "choose_account",
	  { "Connect the account again or choose another one, then choose a new time.",
	    "Подключите аккаунт заново или выберите другой, затем выберите новое время." } },
};
/* clang-format on */

const struct words *words_find(const char *code)
{
	for (size_t i = 0; code && i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].code, code) == 0)
			return &table[i];
	}
	return &words_unknown;
}

const struct words_text *words_remedy(const char *remedy_code)
{
	for (size_t i = 0; remedy_code && i < ARRAY_SIZE(remedies); i++) {
		if (strcmp(remedies[i].code, remedy_code) == 0)
			return &remedies[i].text;
	}
	return NULL;
}

enum words_language words_language(const char *name)
{
	return name && strcmp(name, "ru") == 0 ? WORDS_RU : WORDS_EN;
}

const char *words_in(struct words_text text, enum words_language language)
{
	switch (language) {
	case WORDS_EN:
		return text.en;
	case WORDS_RU:
		return text.ru;
	}
	return text.en;
}

const char *words_who_name(enum words_who who)
{
	switch (who) {
	case WORDS_CREATOR:
		return "creator";
	case WORDS_OPERATOR:
		return "operator";
	case WORDS_TIKTOK:
		return "tiktok";
	case WORDS_NOBODY:
		return "nobody";
	}
	return "nobody";
}
