# Long-running processes of one DIR. Each is the leader of a session of its own and recorded in
# DIR/run/services/NAME as "PID START": the kernel's start time tells the process from a later one
# with the same number. NAME.print holds a fingerprint of what it was started from.

# service_start NAME FINGERPRINT LOG COMMAND...: leaves a running service of the same fingerprint
# alone, replaces any other.
service_start() {
	local name=$1 fingerprint=$2 log=$3 records=$dir/run/services
	shift 3
	if service_is_running "$name"; then
		[[ $(cat "$records/$name.print" 2>/dev/null) != "$fingerprint" ]] || return 0
		step "restarting $name: it has changed"
	fi
	service_stop "$name"
	echo "$fingerprint" > "$records/$name.print"
	# The new process records itself before it becomes the service, so that a quick start that
	# is killed here leaves nothing behind that --stop would not find.
	setsid "$BASH" -c '
		umask 0077
		record=$1
		shift
		read -r stat < /proc/self/stat
		fields=(${stat##*) })
		echo "$$ ${fields[19]}" > "$record.new" && mv "$record.new" "$record" && exec "$@"
		' service "$records/$name" env -i "PATH=$tool_path" LANG=C.UTF-8 "$@" \
		>> "$log" 2>&1 </dev/null {lock_fd}>&- &
	disown
}

# The kernel's start time of a process, empty when there is none.
process_start() {
	local stat fields
	read -r stat 2>/dev/null < "/proc/$1/stat" || return 0
	read -r -a fields <<< "${stat##*) }"
	[[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}

service_is_running() {
	local pid start
	read -r pid start 2>/dev/null < "$dir/run/services/$1" || return 1
	[[ -n $start && $(process_start "$pid") == "$start" ]]
}

# Processes of the session that a service led, itself included: one that outlived its leader too.
service_members() {
	local pid start stat fields path
	read -r pid start 2>/dev/null < "$dir/run/services/$1" || return 0
	for path in /proc/[0-9]*/stat; do
		read -r stat 2>/dev/null < "$path" || continue
		read -r -a fields <<< "${stat##*) }"
		# state, parent, group, session, ...: a member is never older than its leader
		if [[ ${fields[3]} == "$pid" && ${fields[0]} != Z && ${fields[19]} -ge $start ]]; then
			path=${path#/proc/}
			echo "${path%/stat}"
		fi
	done
}

service_is_gone() {
	[[ -z $(service_members "$1") ]]
}

# service_stop NAME [SIGNAL]: asks the leader to end, then all that is left, then insists.
service_stop() {
	local name=$1 signal=${2:-TERM} pid start
	if service_is_running "$name"; then
		read -r pid start < "$dir/run/services/$name"
		kill -s "$signal" "$pid" 2>/dev/null || true
		wait_until 10 service_is_gone "$name" || true
	fi
	if [[ -f $dir/run/services/$name ]] && ! service_is_gone "$name"; then
		service_members "$name" | xargs -r kill -TERM 2>/dev/null || true
		wait_until 5 service_is_gone "$name" ||
			service_members "$name" | xargs -r kill -KILL 2>/dev/null || true
		wait_until 5 service_is_gone "$name" || step "$name does not end"
	fi
	rm -f "$dir/run/services/$name" "$dir/run/services/$name.print"
}

# Ends everything of this DIR, those who ask before those who answer.
services_stop_all() {
	local record name
	[[ -d $dir/run/services ]] || return 0
	service_stop cron
	service_stop nginx QUIT
	for record in "$dir"/run/services/*; do
		name=$(basename "$record" .print)
		case $name in
		sandbox | postgresql | '*' | *.new) ;;
		*) service_stop "$name" ;;
		esac
	done
	service_stop sandbox
	service_stop postgresql INT
}
