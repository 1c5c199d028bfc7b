# Words, paths and small helpers that every part of the quick start uses.
# Set by deploy/quickstart: repo (checkout), dir (state directory), build (build directory).

tool_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
pg_bin=/usr/lib/postgresql/15/bin
started_at=$EPOCHREALTIME

# seconds since the quick start began, with one digit
elapsed() {
	local now=${EPOCHREALTIME/[.,]/} then=${started_at/[.,]/}
	local tenths=$(((now - then) / 100000))
	printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# One line of what is being done, with the time it began.
step() {
	printf '[%6s s] %s\n' "$(elapsed)" "$*"
}

# Ends the quick start: what is wrong, then what to do about it, one argument a line.
die() {
	printf 'quickstart: %s\n' "$1" >&2
	shift
	[[ $# -eq 0 ]] || printf '  %s\n' "$@" >&2
	exit 1
}

# run_logged NAME LOG COMMAND...: runs a long command with its output in LOG, shows its last line
# every few seconds, and the end of LOG if it fails.
run_logged() {
	local name=$1 log=$2 job began=$SECONDS shown=0
	shift 2
	"$@" >> "$log" 2>&1 </dev/null &
	job=$!
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.2
		if ((SECONDS - began >= shown + 10)); then
			shown=$((SECONDS - began))
			printf '             %s, %d s: %.70s\n' "$name" "$shown" "$(tail -n 1 "$log" | tr -d '\r')"
		fi
	done
	if ! wait "$job"; then
		tail -n 40 "$log" >&2
		die "$name failed" "the whole output is in $log"
	fi
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; false when time is up.
wait_until() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# as_user_args USER: sets as_user_command to the words that, before a command, run it as that user with
# its groups and no other privilege; the process itself becomes the command.
as_user_args() {
	as_user_command=(/usr/bin/setpriv "--reuid=$1" "--regid=$1" --init-groups --inh-caps=-all --no-new-privs --)
}

# as_user USER COMMAND...
as_user() {
	local as_user_command user=$1
	shift
	as_user_args "$user"
	(cd / && "${as_user_command[@]}" "$@")
}

# write_file MODE OWNER PATH: replaces a file by standard input, at once and only if it differs.
write_file() {
	local new
	new=$(mktemp "$3.XXXXXX")
	cat > "$new"
	chown "$2" "$new"
	chmod "$1" "$new"
	if cmp -s "$new" "$3"; then
		chown "$2" "$3"
		chmod "$1" "$3"
		rm -f "$new"
	else
		mv -f "$new" "$3"
	fi
}

# copy_file FROM TO: like write_file for a program or a data file; a running copy stays whole.
copy_file() {
	cmp -s "$1" "$2" && return
	cp "$1" "$2.new"
	if [[ -x $1 ]]; then chmod 0755 "$2.new"; else chmod 0644 "$2.new"; fi
	mv -f "$2.new" "$2"
}

# copy_folder FROM TO: makes TO a readable copy of FROM, files that FROM lost removed.
copy_folder() {
	rm -rf "$2.new"
	mkdir -p "$2.new"
	cp -rL "$1/." "$2.new/"
	chmod -R u=rwX,go=rX "$2.new"
	if diff -rq "$2.new" "$2" >/dev/null 2>&1; then
		rm -rf "$2.new"
		return
	fi
	rm -rf "$2.old"
	[[ ! -e $2 ]] || mv "$2" "$2.old"
	mv "$2.new" "$2"
	rm -rf "$2.old"
}

# port_answers PORT: whether something accepts connections there on loopback.
port_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# http_status METHOD PATH: the status of an empty request to the site, 000 when there is no answer.
http_status() {
	local line=
	{
		exec 3<>"/dev/tcp/127.0.0.1/$port" &&
			printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
				"$1" "$2" "$port" >&3 &&
			IFS= read -r -t 5 line <&3
	} 2>/dev/null
	{ exec 3>&-; } 2>/dev/null
	[[ $line =~ ^HTTP/1\.1\ ([0-9]{3}) ]] && echo "${BASH_REMATCH[1]}" || echo 000
}
