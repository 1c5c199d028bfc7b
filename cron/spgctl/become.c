/* Who spgctl runs as. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "spgctl/ctl.h"

enum status ctl_become(const char *user)
{
	if (geteuid() != 0)
		return STATUS_OK;
	const struct passwd *entry = getpwnam(user);
	if (!entry) {
		ctl_complain("there is no user %s: systemd-sysusers makes it", user);
		return STATUS_BROKEN;
	}
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid;
	if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0) {
		ctl_complain("cannot become %s: %s", user, strerror(errno));
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}
