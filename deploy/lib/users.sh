# Unix users and groups: those of production (sysusers.conf) and two of the quick start's own.

# One quick start at a time: two that start together would both make the same missing user.
users_ensure() {
	local kind name group rest lock
	exec {lock}< /etc
	flock "$lock"
	while read -r kind name group rest; do
		case $kind in
		g) group_ensure "$name" ;;
		u) user_ensure "$name" ;;
		m) member_ensure "$name" "$group" ;;
		esac
	done < "$repo/deploy/sysusers.conf"
	user_ensure spg_postgres
	user_ensure spg_sandbox
	member_ensure spg_sandbox spg-secret
	exec {lock}>&-
}

group_ensure() {
	getent group "$1" >/dev/null || groupadd --system "$1"
}

user_ensure() {
	group_ensure "$1"
	id -u "$1" >/dev/null 2>&1 ||
		useradd --system --gid "$1" --no-create-home --home-dir /nonexistent \
			--shell /usr/sbin/nologin "$1"
}

member_ensure() {
	local members
	members=$(getent group "$2" | cut -d: -f4)
	[[ ,$members, == *",$1,"* ]] || usermod -a -G "$2" "$1"
}
